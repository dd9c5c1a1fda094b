//! Asking: an OpenID4VP verifier as the one way to get a person's approval.
