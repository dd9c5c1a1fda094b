//! What everybody reads.

use web::Routes;

use crate::Forum;

/// What it serves.
pub(crate) fn routes() -> Routes<Forum> {
    Routes::new()
}
