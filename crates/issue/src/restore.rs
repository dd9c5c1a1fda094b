//! After a restore: what happened after the backup is not known any more, and must not happen a second time.

use ::store::Tx;
use base::{Instant, limits::NONCE_LIFETIME_S};

use crate::store::restore as sql;

/// Ends what may have been used since the backup was made, in the write that opens the restored database:
///
/// - Offers, codes and access tokens are over, refresh tokens are gone: one that was used would be good again.
/// - Nonces that were given before now count as used.
/// - Status lists are closed, and new ones begun under numbers that were never given. An index of a closed list that
///   no known credential has is shown as revoked: it may be of a credential that was issued, and perhaps revoked, since.
///
/// # Errors
/// The database.
pub async fn after_restore(tx: &mut Tx<'_>, now: Instant) -> Result<(), ::store::Error> {
    sql::end_tokens(tx, now).await?;
    sql::use_every_nonce(tx, now, now.plus_secs(NONCE_LIFETIME_S)).await?;
    sql::fresh_lists(tx, now).await
}
