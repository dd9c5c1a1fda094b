//! Who may act for an organisation, in which capacity, from when until when, and who recorded it why.
//!
//! Read `ops.rs` first. A mandate holds from its first day to the end of its last, in UTC, unless it was ended before;
//! which is the case is computed when asked. A person shows a mandate as a credential that is made from
//! [`crate::Register::mandate_attributes`].

pub(crate) mod api;
pub(crate) mod ops;
pub(crate) mod store;
