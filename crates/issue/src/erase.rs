//! What is over is erased: what clerks entered in offers that ended, nonces and refresh tokens that
//! expired, and later the offers.

use ::store::Tx;
use base::limits::{CLOCK_STEP_S, OFFER_KEPT_S};

use crate::{Issuer, store as sql};

/// How many rows of a kind one write erases, so that nobody waits long behind it.
const ROWS_AT_ONCE: i64 = 500;

impl Issuer {
    /// Erases what is over. Nothing else does: call it about once a minute. Several instances may do so at once. A
    /// future that is dropped has erased a part, and the next call the rest. Answers how many rows it erased.
    ///
    /// # Errors
    /// The database. What was erased before stays erased.
    pub async fn erase_expired(&self) -> Result<u64, ::store::Error> {
        let now = self.0.now();
        let offers_before = now.plus_secs(-OFFER_KEPT_S);
        // After a step of the clock, or by an instance whose clock is behind ours, a used nonce would be taken for fresh if
        // its digest were gone.
        let nonces_before = now.plus_secs(-CLOCK_STEP_S);
        let mut all = 0;
        loop {
            let erase = async move |tx: &mut Tx<'_>| {
                let forms = sql::erase_forms(tx, now, ROWS_AT_ONCE).await?;
                let nonces = sql::delete_nonces(tx, nonces_before, ROWS_AT_ONCE).await?;
                let offers = sql::delete_offers(tx, offers_before, ROWS_AT_ONCE).await?;
                let tokens = sql::refresh::delete_old(tx, now, ROWS_AT_ONCE).await?;
                Ok::<_, ::store::Error>([forms, nonces, offers, tokens])
            };
            let erased = self.0.store.write(erase).await?;
            all += erased.iter().sum::<u64>();
            if erased.iter().all(|rows| i64::try_from(*rows).is_ok_and(|rows| rows < ROWS_AT_ONCE)) {
                return Ok(all);
            }
        }
    }
}
