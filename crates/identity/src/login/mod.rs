//! Signing in with a wallet: whoever shows a credential that this party accepts is recognised by it; whoever is of the staff
//! gets the roles that an administrator gave.
//!
//! Read in this order: this file ([`Login`] and what it is told), `query` (what is asked for, and who an answer is), `ops`
//! (begin, come back), `staff` (who belongs to the staff, invitations), `store`, then the pages: `page` (signing in, one's
//! own sessions) and `people` (the administrators').
//!
//! There are no passwords. Nothing is approved when somebody signs in: the request has no transaction data. It needs no
//! [`Register`](crate::Register): a party that only asks has people sign in too.
//!
//! # What binds the answer to the browser
//!
//! Beginning sets a cookie with a secret. On the same device the wallet's answer counts once its code comes back together
//! with that cookie (OpenID4VP 1.0, section 14.2); anywhere else it is rejected for good. On another device nothing ties the
//! wallet to the screen, so somebody can be talked into scanning a stranger's code; the wallet shows who asks and that it is
//! to sign in. Either way the session goes to the browser that began, under a secret that is made only then.

mod ops;
mod page;
mod people;
mod query;
pub(crate) mod staff;
pub(crate) mod store;
#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;

use std::sync::Arc;

use ::store::{Error, Store, Tx};
use ask::Ask;
use base::{
    Clock,
    limits::{LOGIN_ERASE_ROWS, LOGIN_LIFETIME_S},
};
use crypto::Random;
use formats::dcql;
use web::{Problem, Role, Routes, Sessions};

pub use self::{
    ops::{BackRefusal, BeginRefusal},
    staff::{Binds, Invitation, InvitationRefusal, Invited, StaffRefusal},
};

base::ids! {
    /// Somebody who is signing in.
    LoginKind = "lgn";
    /// Somebody who belongs to the staff, or an office whose holders do.
    StaffKind = "stf";
    /// An invitation to the staff.
    InvitationKind = "inv";
    /// A change of the staff.
    StaffActKind = "sta";
}

pub(crate) type LoginId = base::Id<LoginKind>;
/// The id of an entry of the staff.
pub type StaffId = base::Id<StaffKind>;
/// The id of an invitation.
pub type InvitationId = base::Id<InvitationKind>;

/// With which types of credentials people sign in at a party. Whose, the asker is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoginConfig {
    /// Types of mandates: somebody acts for an organisation.
    pub mandate: Vec<String>,
    /// Types of participants' cards: a pseudonym.
    pub participant: Vec<String>,
    /// Types of identity documents.
    pub pid: Vec<String>,
}

/// Signing in at one party. Clones share everything.
#[derive(Clone)]
pub struct Login {
    pub(crate) config: Arc<LoginConfig>,
    query: Arc<dcql::Query>,
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) ask: Ask,
    pub(crate) sessions: Sessions,
    pub(crate) log: Option<log::Log>,
    /// The pages of its secretaries.
    desk: Option<&'static str>,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Login").field(&self.config).finish()
    }
}

impl Login {
    /// Signing in at the party that asks with `ask` and keeps `sessions`.
    ///
    /// # Errors
    /// The types cannot be asked for, or there are none.
    pub fn new(
        config: &LoginConfig,
        store: Store,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        ask: Ask,
        sessions: Sessions,
    ) -> Result<Self, dcql::Error> {
        let query = Arc::new(config.query()?);
        Ok(Self {
            config: Arc::new(config.clone()),
            query,
            store,
            clock,
            random,
            ask,
            sessions,
            log: None,
            desk: None,
        })
    }

    /// The same, where changes of the staff become leaves of this log.
    #[must_use]
    pub fn with_log(self, log: log::Log) -> Self {
        Self { log: Some(log), ..self }
    }

    /// The same at a party that has pages for secretaries there.
    #[must_use]
    pub fn with_desk(self, path: &'static str) -> Self {
        Self { desk: Some(path), ..self }
    }

    /// Its pages.
    pub fn routes(&self) -> Routes {
        page::routes().merge(people::routes()).with_state(self.clone())
    }

    /// Erases what is over: who did not come back, invitations that nobody took up.
    ///
    /// # Errors
    /// The database's.
    pub async fn erase_expired(&self) -> Result<u64, Error> {
        let now = self.clock.now();
        let mut all = 0;
        loop {
            let erase = async move |tx: &mut Tx<'_>| {
                store::erase(tx, now, now.plus_secs(LOGIN_LIFETIME_S), LOGIN_ERASE_ROWS).await
            };
            let erased = self.store.write(erase).await?;
            all += erased;
            if i64::try_from(erased).is_ok_and(|rows| rows < LOGIN_ERASE_ROWS) {
                return Ok(all);
            }
        }
    }
}

/// Ends what may have been used since the backup was made, in the write that opens the restored database: logins that were
/// begun, and invitations.
///
/// # Errors
/// The database's.
pub async fn after_restore(tx: &mut Tx<'_>) -> Result<(), Error> {
    store::end_all(tx).await
}

fn unavailable(error: &Error) -> Problem {
    if error.is_busy() || error.is_unavailable() { Problem::unavailable() } else { Problem::internal(error) }
}

/// Roles, as they are kept.
fn roles_text(roles: &[Role]) -> String {
    roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(" ")
}

fn roles_of(text: &str) -> Vec<Role> {
    text.split_whitespace().filter_map(Role::from_name).collect()
}
