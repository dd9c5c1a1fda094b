use super::*;

fn check(peer: &str, forwarded: &[&str], expected: &str) {
    let trusted: Vec<Network> =
        ["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"].iter().map(|n| n.parse().unwrap()).collect();
    let mut headers = HeaderMap::new();
    for line in forwarded {
        headers.append("x-forwarded-for", line.parse().unwrap());
    }
    let found = client(peer.parse().unwrap(), &headers, &trusted);
    assert_eq!(found.0, expected.parse::<IpAddr>().unwrap(), "{peer}, {forwarded:?}");
}

#[test]
fn the_client_is_the_right_most_address_that_is_no_proxy_of_ours() {
    // Nobody but a proxy is believed.
    check("203.0.113.5", &["198.51.100.1"], "203.0.113.5");
    check("::ffff:203.0.113.5", &["198.51.100.1"], "203.0.113.5");
    check("10.1.2.3", &[], "10.1.2.3");
    check("10.1.2.3", &["198.51.100.1"], "198.51.100.1");
    check("::ffff:10.1.2.3", &["198.51.100.1"], "198.51.100.1");
    // What the client itself wrote comes first, and is not looked at.
    check("10.1.2.3", &["1.1.1.1, 198.51.100.1"], "198.51.100.1");
    check("10.1.2.3", &["1.1.1.1", "198.51.100.1, 192.0.2.7"], "198.51.100.1");
    check("10.1.2.3", &["1.1.1.1,198.51.100.1,192.0.2.8"], "192.0.2.8");
    check("10.1.2.3", &["198.51.100.1:4711"], "198.51.100.1");
    check("2001:db8::1", &["[2001:beef::7]:443"], "2001:beef::7");
    check("10.1.2.3", &["10.9.9.9, 10.8.8.8"], "10.9.9.9");
    // As far as it can be read.
    check("10.1.2.3", &["198.51.100.1, unknown"], "10.1.2.3");
    check("10.1.2.3", &["198.51.100.1, unknown, 192.0.2.7"], "192.0.2.7");
    check("10.1.2.3", &[""], "10.1.2.3");
    // Found by the fuzz target `client_address`: letters that are not ASCII, left of what the proxy wrote.
    check("10.1.2.3", &["\u{202e}, 198.51.100.1"], "198.51.100.1");
}

#[test]
fn networks_are_read_strictly() {
    for bad in
        ["", "10", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "::/129", "10.0.0.0/8/8", "proxy.example"]
    {
        assert_eq!(bad.parse::<Network>(), Err(BadNetwork), "{bad}");
    }
    let contains =
        |network: &str, address: &str| network.parse::<Network>().unwrap().contains(address.parse().unwrap());
    assert!(contains("0.0.0.0/0", "203.0.113.5"));
    assert!(!contains("0.0.0.0/0", "::1"));
    assert!(contains("::/0", "::1"));
    assert!(contains("10.0.0.0/9", "10.127.255.255"));
    assert!(!contains("10.0.0.0/9", "10.128.0.0"));
    assert!(contains("192.0.2.7", "192.0.2.7"));
    assert!(!contains("192.0.2.7", "192.0.2.6"));
    assert!(contains("2001:db8::/32", "2001:db8:ffff::1"));
    assert!(!contains("2001:db8::/32", "2001:db9::1"));
}

#[test]
fn what_one_host_can_choose_counts_as_one() {
    let counted = |address: &str| ClientAddress(address.parse().unwrap()).counted().to_string();
    assert_eq!(counted("203.0.113.5"), "203.0.113.5");
    assert_eq!(counted("::ffff:203.0.113.5"), "203.0.113.5");
    assert_eq!(counted("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    assert_eq!(format!("{:?}", ClientAddress("203.0.113.5".parse().unwrap())), "ClientAddress");
}
