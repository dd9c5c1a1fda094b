//! Begin to sign in, and come back.

use ::store::{Error, Tx};
use ask::{AskRefusal, AskRequest, Device, Outcome, Progress, RedeemRefusal};
use base::{
    Texts,
    limits::{CLOCK_STEP_S, LOGIN_LIFETIME_S, STAFF_SESSIONS_CHECKED},
};
use crypto::random_array;
use formats::vp::{Prefix, ResponseMode};
use futures_util::future::{join, join_all};
use web::session::{Begun, NewSession};

use super::{
    InvitationId, Login, LoginId,
    query::{Who, who},
    staff::InvitationRefusal,
    store::{self, KeptLogin, NewLogin},
};

/// Who asks, as it is kept with the request: no member of the staff reads it.
const ASKER: &str = "login";
/// Of how many sessions it is asked at once whether what they began with was revoked.
const ASKED_AT_ONCE: usize = 32;

/// How somebody begins.
#[derive(Debug)]
pub(super) struct Begin {
    /// Why, for the wallet to show.
    pub(super) purpose: Texts,
    /// Where the wallet sends the person back, where it is on this device.
    pub(super) same_device: Option<String>,
    /// Where they go when they are signed in: a path of ours.
    pub(super) return_to: String,
    /// What they take up.
    pub(super) invitation: Option<InvitationId>,
}

/// Somebody has begun.
pub(super) struct Begins {
    /// What goes into the cookie: the secret that only this browser has, and the page on which it waits.
    pub(super) cookie: String,
    /// The page on which they wait, a path.
    pub(super) wait: String,
}

/// Somebody comes back.
pub(super) enum Back {
    /// They are signed in, and go there.
    SignedIn(Box<Begun>, String),
    /// There is no answer yet: they go on waiting there.
    Wait(String),
}

/// Why nobody can begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BeginRefusal {
    /// The request was not made.
    #[error("{0}")]
    Ask(#[from] AskRefusal),
    /// The database failed.
    #[error("{0}")]
    Store(#[from] Error),
}

/// Why somebody who comes back is not signed in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackRefusal {
    /// This browser has not begun, or too long ago.
    #[error("nobody began to sign in here, or too long ago")]
    NotBegun,
    /// The wallet's way back ended in another browser: the answer is rejected for good.
    #[error("the answer came back in another session")]
    WrongSession,
    /// The code of the wallet's way back is unknown, used or too old.
    #[error("the code of the answer cannot be used")]
    Code,
    /// The time to answer is over.
    #[error("the time to answer is over")]
    Expired,
    /// The answer does not count.
    #[error("the answer was not accepted: {0}")]
    Invalid(String),
    /// It could not be found out whether what was shown is still good.
    #[error("the status of what was shown could not be had: {0}")]
    Undetermined(String),
    /// The invitation gives nothing.
    #[error("{0}")]
    Invitation(InvitationRefusal),
    /// The database failed.
    #[error("{0}")]
    Store(#[from] Error),
}

impl From<RedeemRefusal> for BackRefusal {
    fn from(refusal: RedeemRefusal) -> Self {
        match refusal {
            RedeemRefusal::WrongSession => Self::WrongSession,
            RedeemRefusal::Store(error) => Self::Store(error),
            _ => Self::Code,
        }
    }
}

impl Login {
    /// Begins: makes the request, and keeps who asked for it.
    pub(super) async fn begin(&self, begin: Begin) -> Result<Begins, BeginRefusal> {
        let secret = self.sessions.token();
        let is_same_device = begin.same_device.is_some();
        let device = match begin.same_device {
            Some(return_to) => Device::Same { return_to, session: secret.clone() },
            None => Device::CrossThen { continue_to: "/login/back".to_owned() },
        };
        let prepared = self.ask.prepare(&AskRequest {
            purpose: begin.purpose,
            query: (*self.query).clone(),
            transactions: Vec::new(),
            device,
            prefix: Prefix::X509Hash,
            response_mode: ResponseMode::DirectPostJwt,
            asked_by: ASKER.to_owned(),
        })?;
        let asked = prepared.asked().clone();
        let now = self.clock.now();
        let row = NewLogin {
            id: LoginId::from_random(random_array(self.random.as_ref())),
            secret_sha256: crypto::sha256(secret.as_bytes()),
            request: asked.id,
            is_same_device,
            return_to: begin.return_to,
            invitation: begin.invitation,
            began_at: now,
            expires_at: now.plus_secs(LOGIN_LIFETIME_S),
        };
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                prepared.keep(tx).await?;
                store::insert_login(tx, &row).await
            })
            .await?;
        let wait = asked.waiting_page.strip_prefix(self.sessions.identifier()).unwrap_or("/login").to_owned();
        let token = wait.rsplit('/').next().unwrap_or_default();
        Ok(Begins { cookie: format!("{secret}.{token}"), wait })
    }

    /// Somebody comes back, with the cookie that they were given when they began, and, from a wallet on the same device,
    /// with its code.
    pub(super) async fn back(&self, cookie: Option<&str>, code: Option<&str>) -> Result<Back, BackRefusal> {
        let now = self.clock.now();
        let (secret, wait) = cookie.and_then(|c| c.split_once('.')).unwrap_or_default();
        let digest = crypto::sha256(secret.as_bytes());
        let read = async move |tx: &mut Tx<'_>| store::login(tx, &digest).await;
        let latest = now.plus_secs(LOGIN_LIFETIME_S + CLOCK_STEP_S);
        let is_live = |login: &KeptLogin| now < login.expires_at && login.expires_at <= latest;
        let login = self.store.read(read).await?.filter(is_live);
        let state = match (&login, code) {
            // Redeemed with whatever this browser has: in another than the one that began, it is rejected for good.
            (_, Some(code)) => Some(self.ask.redeem(ASKER, code, secret).await?),
            (None, None) => return Err(BackRefusal::NotBegun),
            (Some(login), None) => self.ask.state(login.request).await?,
        };
        let login = login.ok_or(BackRefusal::NotBegun)?;
        let state = state.filter(|state| state.id == login.request).ok_or(BackRefusal::NotBegun)?;
        // On the same device only the way back over the wallet's code counts, the first time.
        let proof = match state.progress {
            Progress::Answered(Outcome::Valid(proof)) if login.is_same_device == code.is_some() => proof,
            Progress::Answered(Outcome::Valid(_)) => return Err(BackRefusal::Code),
            Progress::Answered(Outcome::Invalid(code)) => return Err(BackRefusal::Invalid(code)),
            Progress::Answered(Outcome::Undetermined(code, _)) => {
                return Err(BackRefusal::Undetermined(code));
            }
            Progress::Expired(_) => return Err(BackRefusal::Expired),
            Progress::Waiting(_) | Progress::Returning => return Ok(Back::Wait(format!("/ask/wait/{wait}"))),
        };
        let who = who(&proof, &self.sessions).ok_or_else(|| BackRefusal::Invalid("claims".to_owned()))?;
        if !who.is_now(now) {
            return Err(BackRefusal::Invalid("mandate_time".to_owned()));
        }
        let begun = self.sign_in(login.clone(), who).await?;
        Ok(Back::SignedIn(Box::new(begun), login.return_to))
    }

    /// One write: the login is over, an invitation is taken up, the session begins with the roles that there are then.
    async fn sign_in(&self, login: KeptLogin, who: Who) -> Result<Begun, BackRefusal> {
        let (now, this) = (self.clock.now(), self.clone());
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                if !store::end_login(tx, login.id).await? {
                    return Err(BackRefusal::NotBegun);
                }
                if let Some(invitation) = login.invitation {
                    this.take_up(tx, invitation, &who, now).await?.map_err(BackRefusal::Invitation)?;
                }
                let staff = store::staff_of(tx, &who.subject, who.office.as_ref()).await?;
                let roles: std::collections::BTreeSet<_> =
                    staff.iter().flat_map(|m| m.roles.iter().copied()).collect();
                let begun = this.sessions.begin(NewSession {
                    subject: who.subject.clone(),
                    shown_name: who.shown_name.clone(),
                    roles: roles.into_iter().collect(),
                    party: who.office.as_ref().map(|office| office.party.clone()),
                    until: who.until,
                });
                web::Sessions::keep(tx, &begun).await?;
                if begun.session.is_staff() {
                    store::insert_shown(tx, &begun.session, login.request).await?;
                }
                Ok(begun)
            })
            .await
    }

    /// What is due each minute: [`Self::end_revoked`] and [`Self::erase_expired`], beside each other, as the first asks others,
    /// which may take long or fail; how many ended or were erased.
    ///
    /// # Errors
    /// The database's.
    pub async fn each_minute(&self) -> Result<u64, Error> {
        let (ended, erased) = join(self.end_revoked(), self.erase_expired()).await;
        Ok(ended?.saturating_add(erased?))
    }

    /// Ends the sessions of the staff whose mandate, or whatever they signed in with, was revoked or suspended since; how
    /// many. While that is not known they go on. A session outlasts what it rests on by a minute and by the time for which a
    /// status list may be kept.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_revoked(&self) -> Result<u64, Error> {
        let now = self.clock.now();
        let read = async move |tx: &mut Tx<'_>| store::shown_with(tx, now, STAFF_SESSIONS_CHECKED).await;
        let all = self.store.read(read).await?;
        let mut ended = 0;
        // Some at once: a list that does not answer keeps the next ones waiting for seconds.
        for some in all.chunks(ASKED_AT_ONCE) {
            let codes = join_all(some.iter().map(|(_, request)| self.ask.over_since(*request))).await;
            for ((session, _), code) in some.iter().copied().zip(codes) {
                let Some(code) = code? else { continue };
                tracing::info!(code, "a session of the staff ends: what it began with counts no more");
                let end = async move |tx: &mut Tx<'_>| {
                    store::forget_shown(tx, session).await?;
                    web::Sessions::end_one(tx, session).await
                };
                ended += u64::from(self.store.write(end).await?);
            }
        }
        Ok(ended)
    }
}
