//! Who is signed in: a cookie with a secret, of which the table `web_session` keeps the digest.
//!
//! Read in this order: [`Session`] and what it is made of ([`Subject`], [`Role`], [`PartyClaim`]), [`Sessions`] (the handle:
//! begins, finds, ends), [`Visitor`] (what is known of who sends a request), then `store.rs`.
//!
//! A session ends when its holder ends it, when it was not used for `SESSION_IDLE_S` seconds, and in any case
//! `SESSION_LIFETIME_S` seconds after signing in: the first of these, computed from the clock when it is looked at.
//! Signing in always makes a new secret, so nobody can plant one beforehand. How somebody proves who they are is not
//! said here: that is the feature's that signs them in.

pub(crate) mod store;
mod visitor;

use std::sync::Arc;

use ::store::{Error, Store, Tx};
use base::{
    Clock, Instant,
    limits::{CLOCK_STEP_S, SESSION_ERASE_ROWS, SESSION_IDLE_S, SESSION_LIFETIME_S},
};
use crypto::{Random, hmac_sha256, random_array};
use formats::b64;
use http::{HeaderMap, HeaderValue, header};
use serde::{Deserialize, Serialize};

pub use self::visitor::Visitor;
use crate::Problem;

base::ids! {
    /// That somebody is signed in.
    SessionKind = "ses";
}
/// The id of a session: no secret.
pub type SessionId = base::Id<SessionKind>;

/// What somebody of the staff may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Says who belongs to the staff, and as what.
    Administrator,
    /// Keeps the register and issues.
    Clerk,
    /// Runs consultations.
    Secretary,
    /// Asks people for proofs.
    Asker,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Administrator, Self::Clerk, Self::Secretary, Self::Asker];

    /// Its name in the configuration, in the database and in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Clerk => "clerk",
            Self::Secretary => "secretary",
            Self::Asker => "asker",
        }
    }

    /// By its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// All roles: what a staff token has whose configuration names none.
pub fn all_roles() -> Vec<Role> {
    Role::ALL.to_vec()
}

/// Somebody, as this party alone recognises them: a keyed digest of who issued what they showed, its type, and the claims
/// that tell them apart. 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject(String);

impl Subject {
    /// As it was kept.
    pub const fn from_kept(text: String) -> Self {
        Self(text)
    }

    /// 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 16 of them: what people see where there is no name. Nobody finds another with the same (2^64).
    pub fn short(&self) -> &str {
        self.0.get(..16).unwrap_or(&self.0)
    }
}

/// For whom somebody acts, as their mandate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyClaim {
    /// The organisation's identifier.
    pub organisation_id: String,
    /// Its name.
    pub organisation_name: String,
    /// In which capacity they act for it.
    pub capacity: String,
    /// Where the authority is that says so, ISO 3166-1 alpha-2.
    pub country: Option<String>,
}

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Who.
    pub subject: Subject,
    /// The name to show, where they showed one.
    pub shown_name: Option<String>,
    /// What they may do; nothing for who is not of the staff.
    pub roles: Vec<Role>,
    /// For whom they act, where they signed in with a mandate.
    pub party: Option<PartyClaim>,
    /// When they signed in.
    pub signed_in_at: Instant,
    /// When they were last here, to the minute.
    pub seen_at: Instant,
    /// When the session ends at the latest.
    pub expires_at: Instant,
}

impl Session {
    /// Whether they have this role.
    pub fn may(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether they belong to the staff.
    pub fn is_staff(&self) -> bool {
        !self.roles.is_empty()
    }

    /// When it ends if nobody uses it any more.
    pub fn ends_at(&self) -> Instant {
        self.expires_at.min(self.seen_at.plus_secs(SESSION_IDLE_S))
    }

    /// Whether it is over. What a clock made that was far ahead is over too.
    pub fn is_over(&self, now: Instant) -> bool {
        now >= self.ends_at() || self.signed_in_at > now.plus_secs(CLOCK_STEP_S)
    }
}

/// A session to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// Who.
    pub subject: Subject,
    /// The name to show.
    pub shown_name: Option<String>,
    /// What they may do.
    pub roles: Vec<Role>,
    /// For whom they act.
    pub party: Option<PartyClaim>,
    /// When what they showed ends, if before the session would.
    pub until: Option<Instant>,
}

/// Whose sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// Of this subject.
    Subject(Subject),
    /// Of everybody who signed in with a mandate of this organisation in this capacity.
    Mandate {
        /// The organisation's identifier.
        organisation_id: String,
        /// The capacity.
        capacity: String,
    },
}

/// What the sessions of a party are told.
#[derive(Clone)]
pub struct SessionsConfig {
    /// The party's short name, which is part of its cookies' names: a-z, 0-9 and `_`.
    pub party: String,
    /// Its identifier: the origin of its pages.
    pub identifier: String,
    /// What keys digests and tokens: the same on every instance that shares the database.
    pub server_secret: [u8; 32],
}

/// The sessions of one party. Clones share everything.
#[derive(Clone)]
pub struct Sessions(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    party: String,
    identifier: String,
    subject_key: [u8; 32],
    csrf_key: [u8; 32],
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sessions({})", self.0.party)
    }
}

/// A session that has begun, and the secret that goes into its cookie.
#[derive(Clone)]
pub struct Begun {
    /// The session.
    pub session: Session,
    token: String,
}

impl std::fmt::Debug for Begun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Begun").field(&self.session.id).finish()
    }
}

impl Sessions {
    /// The sessions kept in `store`.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        config: &SessionsConfig,
    ) -> Self {
        let key = |what: &[u8]| hmac_sha256(&config.server_secret, what);
        Self(Arc::new(Inner {
            store,
            clock,
            random,
            party: config.party.clone(),
            identifier: config.identifier.clone(),
            subject_key: key(b"sahihi web subject"),
            csrf_key: key(b"sahihi web csrf"),
        }))
    }

    /// The party's origin.
    pub fn identifier(&self) -> &str {
        &self.0.identifier
    }

    /// The name of this party's cookie for `what`.
    pub fn cookie_name(&self, what: &str) -> String {
        crate::site::cookie_name(&self.0.identifier, &self.0.party, what)
    }

    /// A cookie that no script reads and no other site's form brings along; until the browser is closed, or for
    /// `seconds` (0 removes it).
    pub fn cookie(&self, what: &str, value: &str, seconds: Option<i64>) -> HeaderValue {
        let name = self.cookie_name(what);
        let secure = if self.0.identifier.starts_with("https:") { "; Secure" } else { "" };
        let age = seconds.map_or_else(String::new, |s| format!("; Max-Age={s}"));
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
    }

    /// The value of this party's cookie for `what`, if there is exactly one.
    pub fn cookie_value<'a>(&self, headers: &'a HeaderMap, what: &str) -> Option<&'a str> {
        let name = self.cookie_name(what);
        let pairs = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
        let mut values = pairs
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(n, _)| *n == name)
            .map(|(_, value)| value);
        match (values.next(), values.next()) {
            (Some(one), None) => Some(one),
            _ => None,
        }
    }

    /// A new secret that nobody guesses: 256 bits in base64url.
    pub fn token(&self) -> String {
        b64::encode(&random_array::<32>(self.0.random.as_ref()))
    }

    /// Who this is, to this party: `anchor_sha256` is the trust anchor of who issued it, `vct` its type, `identifying` the
    /// claims that tell its holders apart.
    pub fn subject(&self, anchor_sha256: &[u8; 32], vct: &str, identifying: &[&str]) -> Subject {
        let mut text = anchor_sha256.to_vec();
        for part in std::iter::once(&vct).chain(identifying) {
            // With its length, so that no two lists are the same text.
            text.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            text.extend_from_slice(part.as_bytes());
        }
        Subject(base16ct::lower::encode_string(&hmac_sha256(&self.0.subject_key, &text)))
    }

    /// Who sends a request with these headers. A cookie of a session that is over, or never was, counts as none.
    ///
    /// # Errors
    /// 503 where the database does not say.
    pub async fn visitor(&self, headers: &HeaderMap) -> Result<Visitor, Problem> {
        let brought = self.cookie_value(headers, "session");
        let session = match brought {
            Some(token) => self.find(token).await.map_err(|error| unavailable(&error))?,
            None => None,
        };
        let forget = brought.is_some() && session.is_none();
        Ok(Visitor::new(self.clone(), session, forget, self.cookie_value(headers, "csrf")))
    }

    /// The session whose secret this is, if it is not over; that it was used is kept to the minute.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(&self, token: &str) -> Result<Option<Session>, Error> {
        let now = self.0.clock.now();
        let digest = crypto::sha256(token.as_bytes());
        let read = async move |tx: &mut Tx<'_>| store::find(tx, &digest).await;
        let Some(mut session) = self.0.store.read(read).await?.filter(|session| !session.is_over(now)) else {
            return Ok(None);
        };
        if store::is_worth_noting(session.seen_at, now) {
            let id = session.id;
            self.0.store.write(async move |tx: &mut Tx<'_>| store::seen(tx, id, now).await).await?;
            session.seen_at = now;
        }
        Ok(Some(session))
    }

    /// A session that begins now, with a new secret; [`Sessions::keep`] keeps it in the write of who signs somebody in.
    pub fn begin(&self, new: NewSession) -> Begun {
        let now = self.0.clock.now();
        let latest = now.plus_secs(SESSION_LIFETIME_S);
        let session = Session {
            id: SessionId::from_random(random_array(self.0.random.as_ref())),
            subject: new.subject,
            shown_name: new.shown_name,
            roles: new.roles,
            party: new.party,
            signed_in_at: now,
            seen_at: now,
            expires_at: new.until.map_or(latest, |until| until.min(latest)),
        };
        Begun { session, token: self.token() }
    }

    /// Keeps a session that begins.
    ///
    /// # Errors
    /// The database's.
    pub async fn keep(tx: &mut Tx<'_>, begun: &Begun) -> Result<(), Error> {
        store::insert(tx, &begun.session, &crypto::sha256(begun.token.as_bytes())).await
    }

    /// The cookies that go with the answer to who has just signed in: the session's, and none of what was before.
    pub fn signed_in(&self, begun: &Begun) -> [HeaderValue; 2] {
        [self.cookie("session", &begun.token, None), self.cookie("csrf", "", Some(0))]
    }

    /// The cookies that go with the answer to who has just signed out.
    pub fn signed_out(&self) -> [HeaderValue; 2] {
        [self.cookie("session", "", Some(0)), self.cookie("csrf", "", Some(0))]
    }

    /// The sessions of one person that are not over, the latest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn of(&self, subject: &Subject) -> Result<Vec<Session>, Error> {
        let now = self.0.clock.now();
        let subject = subject.clone();
        let mut all =
            self.0.store.read(async move |tx: &mut Tx<'_>| store::of_subject(tx, &subject).await).await?;
        all.retain(|session| !session.is_over(now));
        Ok(all)
    }

    /// Ends a session, if it is this person's; whether it was.
    ///
    /// # Errors
    /// The database's.
    pub async fn end(&self, subject: &Subject, id: SessionId) -> Result<bool, Error> {
        let subject = subject.clone();
        self.0.store.write(async move |tx: &mut Tx<'_>| store::end(tx, &subject, id).await).await
    }

    /// Ends a session, whoever's it is, in the write of whoever decides it; whether there was one.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_one(tx: &mut Tx<'_>, id: SessionId) -> Result<bool, Error> {
        store::end_one(tx, id).await
    }

    /// Ends all sessions of these, in the write of whoever decides it.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_all(tx: &mut Tx<'_>, holder: &Holder) -> Result<u64, Error> {
        store::end_all(tx, holder).await
    }

    /// Erases sessions that are over, some hundred a write; answers how many there were.
    ///
    /// # Errors
    /// The database's.
    pub async fn erase_expired(&self) -> Result<u64, Error> {
        let now = self.0.clock.now();
        let mut all = 0;
        loop {
            let erase = async move |tx: &mut Tx<'_>| store::erase(tx, now, SESSION_ERASE_ROWS).await;
            let erased = self.0.store.write(erase).await?;
            all += erased;
            if i64::try_from(erased).is_ok_and(|rows| rows < SESSION_ERASE_ROWS) {
                return Ok(all);
            }
        }
    }

    pub(crate) fn csrf_key(&self) -> &[u8; 32] {
        &self.0.csrf_key
    }

    pub(crate) fn random(&self) -> &dyn Random {
        self.0.random.as_ref()
    }
}

/// Ends every session, in the write that opens a restored database: one that was ended after the backup would be good again.
///
/// # Errors
/// The database's.
pub async fn after_restore(tx: &mut Tx<'_>) -> Result<(), Error> {
    store::end_everyone(tx).await
}

fn unavailable(error: &Error) -> Problem {
    if error.is_busy() || error.is_unavailable() { Problem::unavailable() } else { Problem::internal(error) }
}

/// `path` if it is an address of our own to which somebody may be sent: a path, with a query perhaps, that no browser reads
/// as another host.
pub fn own_path(path: &str) -> Option<&str> {
    let plain = |c: char| !c.is_control() && !c.is_whitespace() && c != '\\';
    let fits = path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= base::limits::RETURN_BYTES_MAX
        && path.chars().all(plain);
    fits.then_some(path)
}

#[cfg(test)]
mod tests;
