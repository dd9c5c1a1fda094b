//! What must not happen twice after the rows were brought back from a backup.

use base::Instant;
use store::{Error, Tx, params};

store::statements! {
    END_REQUESTS = "UPDATE ask_request SET expires_at = $1 WHERE expires_at > $1";
    END_CODES = "UPDATE ask_answer SET code_expires_at = $1
        WHERE code_expires_at > $1 AND redeemed_at IS NULL AND rejected_at IS NULL";
}

/// Ends what may have been used since the backup was made, in the write that opens the restored database: requests
/// that may have been answered, and codes that may have been redeemed.
///
/// # Errors
/// The database.
pub async fn after_restore(tx: &mut Tx<'_>, now: Instant) -> Result<(), Error> {
    tx.execute(&END_REQUESTS, params![now]).await?;
    tx.execute(&END_CODES, params![now]).await.map(drop)
}
