//! Wire types without IO: JOSE, SD-JWT VC, DCQL, status lists, OpenID4VCI and OpenID4VP messages, X.509 profiles.
//!
//! Time and randomness are arguments; what was signed is kept as it was received; whatever comes from outside is
//! hostile and read by [`json`] first.
//! Read in this order: [`json`] and [`b64`] (strict reading), [`jwk`], [`jws`] and [`jwe`] (keys, signatures,
//! encryption), [`sd_jwt`] (selective disclosure), [`sd_jwt_vc`] (the credential: issue, present, verify),
//! [`type_metadata`] (what a type says of its claims), [`status_list`] (suspended, revoked); for tests, of other crates
//! too, `fixture`.

pub mod b64;
pub mod dcql;
pub mod evidence;
#[cfg(any(test, feature = "fixture"))]
pub mod fixture;
pub mod json;
pub mod jwe;
pub mod jwk;
pub mod jws;
pub mod sd_jwt;
pub mod sd_jwt_vc;
pub mod status_list;
#[cfg(test)]
mod testing;
pub mod type_metadata;
pub mod vci;
pub mod vp;
pub mod x509;
