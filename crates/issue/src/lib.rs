//! The issuer: credential types, OpenID4VCI, status.
