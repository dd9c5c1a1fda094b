//! Credentials by the million, as issuing leaves them: for measurements only (feature `fill`).

use ::store::Tx;
use base::limits::STATUS_LIST_ENTRIES;

use crate::{
    CredentialId, Issuer, PersonId,
    model::{Change, Credential, Status, StatusIndex},
    store as sql,
};

/// How many credentials one write keeps.
const AT_ONCE: i64 = 8_192;
/// How many copies a list takes before the next one is begun, as in `status.rs`.
const FULL_AT: i64 = STATUS_LIST_ENTRIES / 2;

impl Issuer {
    /// Keeps so many credentials with so many copies each (a divisor of 65,536), on new lists that are half full like
    /// all but the newest. Their ids are [`filled`]: the first is number 1.
    pub async fn fill(&self, credentials: i64, copies: i64) -> Result<(), ::store::Error> {
        let now = self.0.now();
        let mut done = 0;
        while done < credentials {
            let until = credentials.min(done + AT_ONCE);
            let from = done;
            let (root, handle) = (self.0.signers.root().to_vec(), self.0.config.handle.clone());
            let keep = async move |tx: &mut Tx<'_>| {
                for n in from..until {
                    let credential = Credential {
                        id: filled(n + 1),
                        person: PersonId::from_i64(n + 1),
                        type_id: "pid".to_owned(),
                        status: Status::Valid,
                        issued_at: now,
                        expires_at: now.start_of_day().plus_secs(365 * 86_400),
                        issued_by: "clerk".to_owned(),
                    };
                    sql::insert_credential(tx, &handle, &credential).await?;
                    for copy in n * copies..(n + 1) * copies {
                        let (list, nth) = (copy / FULL_AT + 1, copy % FULL_AT);
                        if nth == 0 {
                            sql::insert_list(tx, &handle, list, &root).await?;
                        }
                        sql::insert_copy(tx, credential.id, StatusIndex { list, idx: nth * 2 }).await?;
                    }
                }
                Ok::<_, ::store::Error>(())
            };
            self.0.store.write(keep).await?;
            done = until;
        }
        Ok(())
    }

    /// Revokes one of them, as staff does. Answers whether it was valid until then.
    pub async fn revoke_filled(&self, nth: i64) -> bool {
        self.change_status("clerk", filled(nth), Change::Revoke, "reported lost").await.is_ok()
    }
}

/// The id of the `nth` credential.
fn filled(nth: i64) -> CredentialId {
    CredentialId::from_i64(nth)
}
