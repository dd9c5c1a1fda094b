//! The register: which people and organisations exist, what is known of them, who changed it and why, and who may
//! act for which organisation.
//!
//! Read in this order: `record/` (what both have in common: rules of attributes, versions, search, the staff
//! interface), `people/` and `organisations/` (what is particular to each), `organisations/mandates/` (who may act
//! for an organisation), `import/` (people from a file, all or nothing), `migrations.rs` (the tables). Apart from the register
//! stands `login/`: people sign in with a wallet, and some of them are staff.
//!
//! Nothing here issues. Other features get attributes through a trait that they
//! declare and the server wires to [`Register::attributes`] and [`Register::mandate_attributes`].

#[cfg(feature = "fixture")]
pub mod fixture;
mod import;
mod login;
mod migrations;
mod official;
mod organisations;
mod people;
mod record;
mod register;
#[cfg(test)]
mod testing;
mod texts;

pub use import::ops::{Import, ImportError, Reported, State as ImportState};
pub use login::{
    BackRefusal, BeginRefusal, Binds, Invitation, InvitationId, InvitationRefusal, Invited, Login,
    LoginConfig, StaffId, StaffRefusal, after_restore,
};
pub use migrations::MIGRATIONS;
pub use organisations::mandates::ops::{Mandate, MandateError, NewMandate};
pub use record::{
    model::{Attributes, Invalid, Known, Subject},
    ops::{AmendError, Record, RegisterError, Search, Version},
    store::Statements,
};
pub use register::Register;

/// Every statement of this crate.
pub static STATEMENTS: &[&[&store::Sql]] = &[
    people::store::STATEMENTS,
    organisations::store::STATEMENTS,
    organisations::mandates::store::STATEMENTS,
    import::store::STATEMENTS,
    login::store::STATEMENTS,
];

base::ids! {
    /// A person in the register.
    PersonKind = "per";
    /// An organisation in the register.
    OrganisationKind = "org";
    /// That a person may act for an organisation.
    MandateKind = "mnd";
    /// An import of people.
    ImportKind = "imp";
}

/// The id of a person.
pub type PersonId = base::Id<PersonKind>;
/// The id of an organisation.
pub type OrganisationId = base::Id<OrganisationKind>;
/// The id of a mandate.
pub type MandateId = base::Id<MandateKind>;
/// The id of an import.
pub type ImportId = base::Id<ImportKind>;
