//! The names in an address.

use axum::extract::{FromRequestParts, Path};
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
