//! What staff do with issued credentials: list, look at, suspend, reinstate, revoke.

use std::collections::BTreeMap;

use ::store::Tx;
use base::limits::{PAGE_ROWS_MAX, REASON_CHARS_MAX};

use log::{Act, record};
use serde_json::json;

use crate::{
    Issuer,
    model::{Change, CredentialId, DoesNotFit, Managed, PersonId, StatusChange},
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
    /// A credential with the changes of its status.
    pub(crate) async fn credential(&self, id: CredentialId) -> Result<Option<Managed>, ::store::Error> {
        let handle = self.0.config.handle.clone();
        self.0.store.read(async move |tx: &mut Tx<'_>| managed(tx, &handle, id).await).await
    }

    /// A person's credentials after the one with the id `after`: at most [`PAGE_ROWS_MAX`].
    pub(crate) async fn credentials_of(
        &self,
        person: PersonId,
        after: Option<CredentialId>,
    ) -> Result<Vec<Managed>, ::store::Error> {
        let after = after.map_or(0, CredentialId::as_i64);
        let handle = self.0.config.handle.clone();
        let read = async move |tx: &mut Tx<'_>| {
            let credentials = sql::credentials_of(tx, &handle, person, after, PAGE_ROWS_MAX).await?;
            let Some(last) = credentials.last() else { return Ok(Vec::new()) };
            let mut copies: BTreeMap<_, Vec<_>> = BTreeMap::new();
            for (id, index) in sql::copies_of(tx, &handle, person, after, last.id).await? {
                copies.entry(id).or_default().push(index);
            }
            let managed = credentials.into_iter().map(|credential| {
                let copies = copies.remove(&credential.id).unwrap_or_default();
                Managed { credential, copies, changes: None, notifications: Vec::new() }
            });
            Ok(managed.collect())
        };
        self.0.store.read(read).await
    }

    /// Changes a status: the credential, all its copies, why and by whom, and the lists' versions in one write.
    pub(crate) async fn change_status(
        &self,
        actor: &str,
        id: CredentialId,
        change: Change,
        reason: &str,
    ) -> Result<Managed, ChangeError> {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX || reason.contains('\0') {
            return Err(ChangeError::Reason);
        }
        let handle = self.0.config.handle.clone();
        let (reason, actor, at) = (reason.to_owned(), actor.to_owned(), self.0.now());
        let log = self.0.log.get().cloned();
        self.0
            .store
            .write(async move |tx: &mut Tx<'_>| {
                let credential =
                    sql::credential_by_id(tx, &handle, id).await?.ok_or(ChangeError::NoSuchCredential)?;
                let status = change.applied_to(credential.status)?;
                let made = StatusChange { status, reason: reason.clone(), actor: actor.clone(), at };
                sql::set_status(tx, id, &made).await?;
                if let Some(log) = &log {
                    let record = record(&json!({
                        "type": "urn:sahihi:act:status_change:1",
                        "credential": id,
                        "status": made.status.name(),
                        "reason_sha256": base16ct::lower::encode_string(&crypto::sha256(made.reason.as_bytes())),
                        "by": made.actor,
                        "at": made.at.rfc3339(),
                    }));
                    log.append(tx, &Act { kind: "status_change", record: &record }).await?;
                }
                managed(tx, &handle, id).await?.ok_or(ChangeError::NoSuchCredential)
            })
            .await
    }
}

async fn managed(tx: &mut Tx<'_>, issuer: &str, id: CredentialId) -> Result<Option<Managed>, ::store::Error> {
    let Some(credential) = sql::credential_by_id(tx, issuer, id).await? else { return Ok(None) };
    let copies = sql::copies(tx, id).await?;
    let changes = Some(sql::changes(tx, id).await?);
    Ok(Some(Managed { credential, copies, changes, notifications: sql::notifications(tx, id).await? }))
}
