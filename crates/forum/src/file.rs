//! Files: kept by digest, never served as what runs.

use web::Routes;

use crate::Forum;

/// What it serves.
pub(crate) fn routes() -> Routes<Forum> {
    Routes::new()
}
