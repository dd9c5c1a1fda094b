//! Wire types without IO: JOSE, SD-JWT VC, DCQL, status lists, OpenID4VCI and OpenID4VP messages, X.509 profiles.
