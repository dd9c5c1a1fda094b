//! What everybody reads: JSON, forms, addresses, ids, times, languages.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base::{Id, Instant, Lang, limits, time::is_civil_date};
use formats::{json, vci, vp};
use serde_json::{Value, json};
use wallet::http;
use web::{
    FormPairs,
    client_address::{Network, client},
};

use crate::{Dice, Reached, Target, json as trees, text, world};

/// Anything in JSON.
pub static JSON: Target =
    Target::new(("json", "JSON of any kind"), 4_000, json_seeds, trees::spoilt_text, json_run);

fn json_seeds() -> Vec<Vec<u8>> {
    let deep = (0..28).fold(json!(1), |inner, _| json!([inner]));
    [world::query(), world::claims(), json!([deep, 1.5, -0.25, 4_294_967_296_i64, "\u{0}é😀", {}, []])]
        .iter()
        .map(|value| value.to_string().into_bytes())
        .collect()
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(depth).max().unwrap_or(0).saturating_add(1),
        Value::Object(members) => members.values().map(depth).max().unwrap_or(0).saturating_add(1),
        _ => 0,
    }
}

fn json_run(input: &[u8]) -> Reached {
    let Ok(value) = json::parse(input) else { return Reached::Refused };
    assert!(
        input.len() <= limits::JSON_BYTES_MAX && depth(&value) <= limits::JSON_DEPTH_MAX,
        "within the limits"
    );
    assert_eq!(serde_json::from_slice::<Value>(input).unwrap(), value, "a lenient reader reads the same");
    let canonical = json::canonical(&value);
    let again = json::parse_within(&canonical, usize::MAX).unwrap();
    assert_eq!(json::canonical(&again), canonical, "the canonical form has itself as canonical form");
    Reached::Accepted
}

/// A form, `application/x-www-form-urlencoded`.
pub static FORM: Target = Target::new(
    ("form", "bodies of the form `application/x-www-form-urlencoded`"),
    4_000,
    || vec![b"grant_type=refresh_token&refresh_token=a%20b+c&empty=&%C3%A9=%F0%9F%98%80".to_vec()],
    |input, dice| text::changed_form(input, dice, |_, _, _| None),
    |input| {
        let Ok(form) = FormPairs::parse(input) else { return Reached::Refused };
        let pairs = text::pairs(input);
        for (name, value) in &pairs {
            let expected = Some(value.as_str()).filter(|value| !value.is_empty());
            assert_eq!(form.get(name), expected, "each name has one value");
        }
        assert_eq!(
            FormPairs::parse(text::form(&pairs).as_bytes()),
            Ok(form),
            "written again it reads the same"
        );
        Reached::Accepted
    },
);

/// Addresses of others, as each of the three places reads them that call one.
pub static ADDRESS: Target = Target::new(
    ("address", "addresses of other parties"),
    4_000,
    || {
        let all = [
            "https://issuer.example/state?a=b&c=%20",
            "https://issuer.example:8443/",
            "http://localhost:8000/a/b",
            "http://[::1]:8000/",
            "http://127.0.0.1/",
            "https://xn--e1afmkfd.example/a#b",
        ];
        all.iter().map(|text| text.as_bytes().to_vec()).collect()
    },
    |input, dice| {
        if dice.percent(60) {
            return changed_text(input, dice);
        }
        // What follows the host can be anything, if it is coded.
        let tail = text::form(&[(text::fragment(dice), text::fragment(dice))]);
        [input, dice.one(&["/", "?", "/a/../", "//", ";"]).as_bytes(), tail.as_bytes()].concat()
    },
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        for loopback in [false, true] {
            let callable = vp::is_callable(text, loopback);
            let acceptable = vci::is_acceptable_url(text, loopback);
            let reached = http::address(text, loopback);
            if let Ok(url) = &reached {
                assert!(
                    acceptable || url.host_str().is_some_and(|host| host.ends_with(".localhost")),
                    "{url}"
                );
                assert!(url.scheme() == "https" || loopback, "{url}");
                assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
                assert_eq!(http::address(url.as_str(), loopback).ok().as_ref(), Some(url), "as it is asked");
            }
            if callable || acceptable {
                assert!(
                    loopback || text.trim().get(..5).is_some_and(|s| s.eq_ignore_ascii_case("https")),
                    "{text}"
                );
            }
        }
        for name in ["openid-credential-issuer", "oauth-authorization-server"] {
            if let Ok(at) = vci::well_known_url(text, name) {
                assert!(at.contains("/.well-known/"), "{at}");
            }
        }
        if url::Url::parse(text).is_err() {
            return Reached::Refused;
        }
        Reached::read(http::address(text, true).is_ok())
    },
);

/// Ids in paths and bodies.
pub static IDS: Target = Target::new(
    ("ids", "ids of people, organisations, mandates, imports, offers, credentials"),
    4_000,
    || {
        vec![
            b"per_00000000000000a1".to_vec(),
            b"org_7fffffffffffffff".to_vec(),
            b"mnd_0123456789abcdef".to_vec(),
        ]
    },
    |input, dice| {
        let mut bytes = input.to_vec();
        let at = dice.below(bytes.len());
        if dice.percent(80) {
            // Most ids are as long as they should be, and of digits; the first of them is below 8.
            if let Some(byte) = bytes.get_mut(5 + at % 15) {
                *byte = dice.one(b"0123456789abcdef");
            }
            return bytes;
        }
        text::changed(&String::from_utf8_lossy(&bytes), dice).into_bytes()
    },
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        let reached = [
            id::<identity::PersonKind>(text),
            id::<identity::OrganisationKind>(text),
            id::<identity::MandateKind>(text),
            id::<identity::ImportKind>(text),
        ];
        assert!(reached.iter().filter(|r| **r).count() <= 1, "an id is of one kind: {text}");
        if reached.contains(&true) { Reached::Accepted } else { Reached::Refused }
    },
);

fn id<K: base::id::Kind>(text: &str) -> bool {
    let Ok(id) = text.parse::<Id<K>>() else { return false };
    assert_eq!(id.to_string(), text, "one text for one id");
    assert!(id.as_i64() > 0, "{text}");
    true
}

/// Instants and dates.
pub static TIMES: Target = Target::new(
    ("times", "instants of RFC 3339 and civil dates"),
    4_000,
    || {
        let all =
            ["2026-11-21T22:30:00.123Z", "1969-12-31T23:59:59+05:30", "2024-02-29", "9999-12-30T21:59:59Z"];
        all.iter().map(|text| text.as_bytes().to_vec()).collect()
    },
    |input, dice| {
        let mut bytes = input.to_vec();
        if dice.percent(80) {
            let digits: Vec<usize> =
                bytes.iter().enumerate().filter(|(_, b)| b.is_ascii_digit()).map(|(at, _)| at).collect();
            if let Some(byte) = bytes.get_mut(dice.one(&digits)) {
                *byte = dice.one(b"0012");
            }
            return bytes;
        }
        text::changed(&String::from_utf8_lossy(&bytes), dice).into_bytes()
    },
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        let date = is_civil_date(text);
        assert!(!date || text.is_ascii(), "{text}");
        let Some(at) = Instant::parse_rfc3339(text) else {
            return if date { Reached::Accepted } else { Reached::Refused };
        };
        assert_eq!(Instant::parse_rfc3339(&at.rfc3339()), Some(at), "shown and read again: {text}");
        let day = at.start_of_day();
        assert!(day <= at && day.start_of_day() == day, "{text}");
        assert!(at.plus_secs(i64::MAX) >= at && at.plus_ms(i64::MIN) <= at, "nothing wraps");
        let _ = (at.date(), at.plus_secs(i64::MIN).rfc3339(), at.plus_ms(i64::MAX).start_of_day());
        Reached::Accepted
    },
);

/// Language tags and `Accept-Language`.
pub static LANGUAGES: Target = Target::new(
    ("languages", "language tags and `Accept-Language`"),
    4_000,
    || vec![b"fr-CH, fr;q=0.9, en;q=0.8, *;q=0.1".to_vec(), b"ar".to_vec(), b"zh-Hans-CN;q=0.333".to_vec()],
    changed_text,
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        let chosen = Lang::negotiate(text);
        assert_eq!(Lang::negotiate(chosen.tag()), chosen);
        if let Ok(lang) = text.parse::<Lang>() {
            assert!(text.get(..2).is_some_and(|tag| tag.eq_ignore_ascii_case(lang.tag())), "{text}");
        }
        Reached::Accepted
    },
);

/// Whom a proxy names.
pub static CLIENT_ADDRESS: Target = Target::new(
    ("client_address", "`X-Forwarded-For`, and the networks of trusted proxies"),
    3_000,
    || {
        let all = [
            "203.0.113.7, 198.51.100.9",
            "2001:db8::1, [2001:db8::2]:443, 10.0.0.1",
            "unknown, 192.0.2.1:80",
            "10.0.0.0/8",
        ];
        all.iter().map(|text| text.as_bytes().to_vec()).collect()
    },
    changed_text,
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        let network = text.parse::<Network>();
        if let Ok(network) = network {
            let _ = network.contains(IpAddr::from([10, 0, 0, 1]));
            let _ = network.contains(IpAddr::from([0_u16; 8]));
        }
        let proxy = IpAddr::from([10, 0, 0, 1]);
        let trusted: Vec<Network> = vec!["10.0.0.0/8".parse().unwrap()];
        let header = |text: &str| HeaderValue::from_str(text).ok().map(|v| HeaderMap::from_iter([(NAME, v)]));
        let Some(headers) = header(text) else { return Reached::Refused };
        let _ = client(proxy, &headers, &trusted).counted();
        let stranger = IpAddr::from([192, 0, 2, 200]);
        assert_eq!(client(stranger, &headers, &trusted).0, stranger, "a stranger names itself");
        let told = header(&format!("{text}, 198.51.100.7, 10.2.3.4")).unwrap();
        assert_eq!(
            client(proxy, &told, &trusted).0,
            IpAddr::from([198, 51, 100, 7]),
            "what a client wrote counts"
        );
        Reached::Accepted
    },
);

const NAME: HeaderName = HeaderName::from_static("x-forwarded-for");

/// For targets whose input is one text.
pub(super) fn changed_text(input: &[u8], dice: &mut Dice) -> Vec<u8> {
    match std::str::from_utf8(input) {
        Ok(text) => text::changed(text, dice).into_bytes(),
        Err(_) => text::changed_bytes(input, dice),
    }
}
