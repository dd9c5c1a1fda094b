//! What an address says: the names in it, and what stands behind its question mark.

use axum::extract::{self, FromRequestParts, Path};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::Problem;

/// The names in an address. One that is not even text is an address that does not exist: 404 (`not_found`).
#[derive(Debug)]
pub struct Names<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Names<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(names) =
            Path::from_request_parts(parts, state).await.map_err(|_| Problem::not_found("address"))?;
        Ok(Self(names))
    }
}

/// What stands behind the question mark. What cannot be read as `T`, such as what is there twice, is refused as everything
/// else is: 400 (`query`), a page where somebody reads.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let refused =
            |_| Problem::bad_request("query", "What stands behind the question mark cannot be read.");
        extract::Query::try_from_uri(&parts.uri).map(|extract::Query(read)| Self(read)).map_err(refused)
    }
}
