//! The texts of this crate, compiled from `texts/` by the crate `texts`.

include!(concat!(env!("OUT_DIR"), "/texts.rs"));
