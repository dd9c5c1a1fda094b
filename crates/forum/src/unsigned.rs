//! Submitting without a wallet, confirmed by a link sent by mail.

use web::Routes;

use crate::Forum;

/// What it serves.
pub(crate) fn routes() -> Routes<Forum> {
    Routes::new()
}
