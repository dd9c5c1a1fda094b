//! A whole call as a directory that verifies offline.

use web::Routes;

use crate::Forum;

/// What it serves.
pub(crate) fn routes() -> Routes<Forum> {
    Routes::new()
}
