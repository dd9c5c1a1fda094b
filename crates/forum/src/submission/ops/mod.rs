//! The use cases of submissions.

pub mod decide;
pub mod join;
pub mod read;
pub mod receive;
