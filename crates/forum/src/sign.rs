//! Signing a submission with a wallet.

use web::Routes;

use crate::Forum;

/// What it serves.
pub(crate) fn routes() -> Routes<Forum> {
    Routes::new()
}
