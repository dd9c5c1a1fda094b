//! Where a request comes from.

use std::net::IpAddr;

/// The client's address, as far as it can be believed: the peer's, or what a trusted proxy says of its peer. The server
/// puts it into each request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);
