//! The register as a whole: what its operations need, and its routes.

use std::sync::Arc;

use axum::Router;
use base::Clock;
use crypto::Random;
use store::Store;
use web::StaffTokens;

use crate::{OrganisationKind, PersonKind, organisations::mandates, record};

/// The register of one party.
#[derive(Clone)]
pub struct Register {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    staff: StaffTokens,
}

impl axum::extract::FromRef<Register> for StaffTokens {
    fn from_ref(register: &Register) -> Self {
        register.staff.clone()
    }
}

impl Register {
    /// The register kept in `store`, open to `staff`.
    pub fn new(store: Store, clock: Arc<dyn Clock>, random: Arc<dyn Random>, staff: StaffTokens) -> Self {
        Self { store, clock, random, staff }
    }

    /// Its staff interface, under `/staff/v1/people`, `/organisations` and `/mandates`.
    pub fn router(self) -> Router {
        Router::new()
            .merge(record::api::routes::<PersonKind>())
            .merge(record::api::routes::<OrganisationKind>())
            .merge(mandates::api::routes())
            .with_state(self)
    }
}
