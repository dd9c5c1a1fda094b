//! Which addresses are public: everything else may be inside somebody's network, and is not called on the word of
//! an outsider (IANA special-purpose address registries, RFC 6890).

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Host;

/// What besides public addresses may be called.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reach {
    /// This machine.
    pub(crate) loopback: bool,
    /// Hosts that may have private addresses, in lower case.
    pub(crate) private_hosts: Arc<BTreeSet<String>>,
    /// Any private address: for calls to what the caller has configured by hand.
    pub(crate) any_private: bool,
}

/// The host has no address that may be called.
#[derive(Debug, thiserror::Error)]
#[error("the host is not at a public address")]
pub(crate) struct PrivateAddress;

impl Reach {
    /// Whether a host given as an address may be called; names are looked at when they are resolved.
    pub(crate) fn allows_host(&self, host: &Host<&str>) -> bool {
        match host {
            Host::Domain(_) => true,
            Host::Ipv4(ip) => self.allows(&ip.to_string(), IpAddr::V4(*ip)),
            Host::Ipv6(ip) => self.allows(&ip.to_string(), IpAddr::V6(*ip)),
        }
    }

    fn allows(&self, host: &str, ip: IpAddr) -> bool {
        is_public(ip)
            || (self.loopback && ip.to_canonical().is_loopback())
            || self.any_private
            || self.private_hosts.contains(&host.to_ascii_lowercase())
    }
}

/// Resolves names as the system does, and keeps the addresses that may be called. The connection goes to these
/// addresses and no others, so a name that changes its address between look-up and call gains nothing.
impl Resolve for Reach {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.clone();
        Box::pin(async move {
            let host = name.as_str();
            let all = tokio::net::lookup_host((host, 0)).await?;
            let allowed: Vec<SocketAddr> = all.filter(|a| reach.allows(host, a.ip())).collect();
            if allowed.is_empty() {
                return Err(PrivateAddress.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether `ip` is reached over the public internet.
fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_unspecified()
        || a == 0
        || ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_multicast()
        || ip.is_documentation()
        // Shared between a provider and its customers (RFC 6598).
        || (a == 100 && (64..128).contains(&b))
        // Protocol assignments (RFC 6890) and benchmarks (RFC 2544).
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b))
        // Reserved (RFC 1112, section 4).
        || a >= 240;
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = ip.segments();
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    // 6to4 (RFC 3056) and NAT64 (RFC 6052) lead to the IPv4 address that they hold.
    if s0 == 0x2002 {
        return is_public_v4(embedded(s1, s2));
    }
    if [s0, s1, s2, s3, s4, s5] == [0x64, 0xff9b, 0, 0, 0, 0] {
        return is_public_v4(embedded(s6, s7));
    }
    // Only 2000::/3 is global unicast; documentation and the special block 2001::/23 lie within it.
    let global = s0 & 0xe000 == 0x2000;
    let documentation = (s0 == 0x2001 && s1 == 0x0db8) || s0 & 0xfff0 == 0x3ff0;
    let special = s0 == 0x2001 && s1 < 0x0200;
    global && !documentation && !special
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_in_all_their_disguises() {
        for public in [
            "8.8.8.8",
            "100.63.255.255",
            "172.32.0.1",
            "2606:4700::1111",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "0.0.0.0",
            "0.1.2.3",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "::10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "3fff::1",
            "100::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }

    #[test]
    fn what_is_configured_may_be_called() {
        let allows = |reach: &Reach, text: &str| match Host::parse(text).unwrap() {
            Host::Ipv4(ip) => reach.allows_host(&Host::Ipv4(ip)),
            Host::Ipv6(ip) => reach.allows_host(&Host::Ipv6(ip)),
            Host::Domain(name) => reach.allows_host(&Host::Domain(&name)),
        };
        let nothing = Reach::default();
        let loopback = Reach { loopback: true, ..Reach::default() };
        let hosts = Arc::new(BTreeSet::from(["10.0.0.7".to_owned()]));
        let one = Reach { private_hosts: hosts, ..Reach::default() };
        for (reach, host, expected) in [
            (&nothing, "127.0.0.1", false),
            (&loopback, "127.0.0.1", true),
            (&loopback, "[::1]", true),
            (&loopback, "[::ffff:127.0.0.1]", true),
            (&loopback, "10.0.0.7", false),
            (&one, "10.0.0.7", true),
            (&one, "10.0.0.8", false),
            // Other ways of writing an address are the same address.
            (&nothing, "0x7f.1", false),
            (&nothing, "2130706433", false),
            (&nothing, "8.8.8.8", true),
        ] {
            assert_eq!(allows(reach, host), expected, "{host}");
        }
    }
}
