//! What staff do with issued credentials: list, look at, suspend, reinstate, revoke.

use ::store::Tx;
use base::limits::{PAGE_ROWS_MAX, REASON_CHARS_MAX};

use crate::{
    Issuer,
    model::{Change, Credential, CredentialId, DoesNotFit, PersonId, StatusChange},
    store as sql,
};

/// Why a status was not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    #[error("there is no such credential")]
    NoSuchCredential,
    #[error("a change of status needs a reason of at most {REASON_CHARS_MAX} characters")]
    Reason,
    #[error(transparent)]
    DoesNotFit(#[from] DoesNotFit),
    #[error(transparent)]
    Store(#[from] ::store::Error),
}

impl Issuer {
    /// A credential with the changes of its status, the first one first.
    pub(crate) async fn credential(
        &self,
        id: CredentialId,
    ) -> Result<Option<(Credential, Vec<StatusChange>)>, ::store::Error> {
        let read = async move |tx: &mut Tx<'_>| {
            let Some(credential) = sql::credential_by_id(tx, id).await? else { return Ok(None) };
            Ok(Some((credential, sql::changes(tx, id).await?)))
        };
        self.0.store.read(read).await
    }

    /// A person's credentials after the one with the id `after`: at most [`PAGE_ROWS_MAX`].
    pub(crate) async fn credentials_of(
        &self,
        person: PersonId,
        after: Option<CredentialId>,
    ) -> Result<Vec<Credential>, ::store::Error> {
        let after = after.map_or(0, CredentialId::as_i64);
        let read = async move |tx: &mut Tx<'_>| sql::credentials_of(tx, person, after, PAGE_ROWS_MAX).await;
        self.0.store.read(read).await
    }

    /// Changes a status: the row, why and by whom, and the list's version in one write.
    pub(crate) async fn change_status(
        &self,
        actor: &str,
        id: CredentialId,
        change: Change,
        reason: &str,
    ) -> Result<(Credential, Vec<StatusChange>), ChangeError> {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX || reason.contains('\0') {
            return Err(ChangeError::Reason);
        }
        let (reason, actor, at) = (reason.to_owned(), actor.to_owned(), self.0.now());
        self.0
            .store
            .write(async move |tx: &mut Tx<'_>| {
                let mut credential =
                    sql::credential_by_id(tx, id).await?.ok_or(ChangeError::NoSuchCredential)?;
                let status = change.applied_to(credential.status)?;
                let made = StatusChange { status, reason: reason.clone(), actor: actor.clone(), at };
                sql::set_status(tx, &credential, &made).await?;
                credential.status = status;
                Ok::<_, ChangeError>((credential, sql::changes(tx, id).await?))
            })
            .await
    }
}
