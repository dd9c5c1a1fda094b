//! The register as a whole: what its operations need, and its routes.

use std::sync::{Arc, atomic::AtomicI64};

use axum::{Router, middleware};
use base::Clock;
use crypto::Random;
use store::Store;
use web::{Routes, StaffTokens};

use crate::{OrganisationKind, PersonKind, import, organisations::mandates, record};

/// The register of one party.
#[derive(Clone)]
pub struct Register {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    staff: StaffTokens,
    /// Where changes become leaves.
    pub(crate) log: Option<log::Log>,
    /// When this instance last erased what imports have left, milliseconds.
    pub(crate) erased_at: Arc<AtomicI64>,
}

impl axum::extract::FromRef<Register> for StaffTokens {
    fn from_ref(register: &Register) -> Self {
        register.staff.clone().needing(web::Role::Clerk)
    }
}

impl Register {
    /// The register kept in `store`, open to `staff`.
    pub fn new(store: Store, clock: Arc<dyn Clock>, random: Arc<dyn Random>, staff: StaffTokens) -> Self {
        Self { store, clock, random, staff, log: None, erased_at: Arc::default() }
    }

    /// The same register, whose changes become leaves of `log`.
    #[must_use]
    pub fn with_log(self, log: log::Log) -> Self {
        Self { log: Some(log), ..self }
    }

    /// Its staff interface, under `/staff/v1/people`, `/organisations`, `/mandates` and `/imports`.
    pub fn routes(self) -> Routes {
        Routes::new()
            .merge(record::api::routes::<PersonKind>())
            .merge(record::api::routes::<OrganisationKind>())
            .merge(mandates::api::routes())
            .merge(import::api::routes())
            .map(|router| {
                router.layer(middleware::from_fn_with_state(self.clone(), import::api::erase_sometimes))
            })
            .with_state(self)
    }

    /// The same, without what is said of it.
    pub fn router(self) -> Router {
        self.routes().into_router()
    }
}
