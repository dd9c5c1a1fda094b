//! The texts of this crate's pages, compiled from `texts/` by the crate `texts`.

include!(concat!(env!("OUT_DIR"), "/texts.rs"));
