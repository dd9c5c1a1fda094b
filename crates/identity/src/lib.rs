//! The register of people: who exists, what is known of them, who changed it and why.
//!
//! Read in this order: `people/model.rs` (what may be said of a person), `people/ops.rs` (register, amend,
//! find), `people/api.rs` (the staff interface), `people/store.rs` (its tables).
//!
//! Nothing here issues, asks or logs a person in. Other features get attributes through a trait that they
//! declare and the server wires to [`Register::attributes`].

mod people;

pub use people::{
    model::{Attributes, Invalid},
    ops::{AmendError, Person, Register, RegisterError, Search, Version},
    store::{MIGRATIONS, STATEMENTS},
};

base::ids! {
    /// A person in the register.
    PersonKind = "per";
}

/// The id of a person.
pub type PersonId = base::Id<PersonKind>;
