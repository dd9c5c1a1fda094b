mod examples;
mod vectors;

use std::sync::Arc;

use crypto::{SecretKey, SeededRandom, Signer as _};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    jws,
    testing::{mutate, pick, seeded},
    x509::{
        CertifiedSigner, Purpose, TrustAnchors,
        make::{MakeLeaf, MakeRoot, make_leaf, make_root},
    },
};
use base::{
    Instant,
    limits::{CLOCK_SKEW_S, STATUS_AGGREGATION_MAX},
};

#[test]
fn indices_and_values() {
    let mut list = StatusList::new(Bits::Two, 5);
    assert_eq!((list.entries(), list.as_bytes().len()), (8, 2));
    assert_eq!(list.set(7, Status::Suspended), Ok(()));
    assert_eq!(list.get(7), Ok(Status::Suspended));
    assert_eq!(list.set(7, Status::Invalid), Ok(()));
    assert_eq!(list.get(7), Ok(Status::Invalid));
    assert_eq!(list.get(6), Ok(Status::Valid));
    for outside in [8, 1 << 40, u64::MAX] {
        assert_eq!(list.get(outside).map_err(Error::code), Err("status_out_of_range"));
        assert_eq!(list.set(outside, Status::Valid), Err(Error::OutOfRange));
    }
    assert_eq!(list.set(0, Status::Other(3)), Ok(()));
    assert_eq!(list.set(0, Status::Other(4)).map_err(Error::code), Err("status_value"));
    assert_eq!(StatusList::new(Bits::One, 8).set(0, Status::Suspended), Err(Error::Value));
    assert_eq!(StatusList::new(Bits::One, 0).get(0), Err(Error::OutOfRange));
}

#[test]
fn inflation_is_bounded_and_whole() {
    let read =
        |bytes: &[u8]| StatusList::from_lst(Bits::One, &b64::encode(bytes)).map(|l| l.as_bytes().len());
    let max = STATUS_LIST_INFLATED_BYTES_MAX;
    assert_eq!(read(&deflate(&vec![0; max])), Ok(max));
    let bomb = deflate(&vec![0; max + 1]);
    assert!(bomb.len() < 64 * 1024, "a small text that inflates beyond the limit");
    assert_eq!(read(&bomb).map_err(Error::code), Err("status_list_too_long"));
    assert_eq!(read(&deflate(&vec![0; 4 * max])), Err(Error::TooLong));
    let good = deflate(&[1, 2, 3]);
    assert_eq!(read(&good), Ok(3));
    assert_eq!(read(&good[..good.len() - 1]).map_err(Error::code), Err("status_list_malformed"), "cut");
    assert_eq!(read(&[&good[..], b"x"].concat()), Err(Error::Malformed), "followed by something");
    let mut broken = good.clone();
    *broken.last_mut().unwrap() ^= 1;
    assert_eq!(read(&broken), Err(Error::Malformed), "another checksum");
    assert_eq!(read(b""), Err(Error::Malformed));
    assert_eq!(read(&good[2..]), Err(Error::Malformed), "bare DEFLATE");
    assert_eq!(StatusList::from_lst(Bits::One, "!"), Err(Error::Malformed));
}

const NOW: Instant = Instant::from_secs(1_795_300_200);
const URI: &str = "https://state.example/status/1";

fn a_root() -> MakeRoot {
    MakeRoot {
        country: "UT".to_owned(),
        organisation: "State of Utopia".to_owned(),
        common_name: "Root".to_owned(),
        path_len: 0,
        days: 3_650,
    }
}

fn parties() -> (CertifiedSigner, CertifiedSigner, TrustAnchors) {
    let random = SeededRandom::new(20);
    let [root_key, key, other] = std::array::from_fn(|_| SecretKey::generate(&random));
    let root = make_root(&a_root(), &root_key, &random, NOW).unwrap();
    let certified = |key: SecretKey, purpose| {
        let leaf = MakeLeaf {
            purpose,
            common_name: "Signer".to_owned(),
            organisation: None,
            country: None,
            dns_names: vec!["state.example".to_owned()],
            days: 300,
        };
        let leaf = make_leaf(&leaf, &key.public_key(), &root, &root_key, &random, NOW).unwrap();
        CertifiedSigner::new(Arc::new(key), vec![leaf]).unwrap()
    };
    let anchors = TrustAnchors::from_der(&root).unwrap();
    (certified(key, Purpose::CredentialSigning), certified(other, Purpose::RequestSigning), anchors)
}

fn list() -> StatusList {
    let mut list = StatusList::new(Bits::Two, 1_000);
    list.set(17, Status::Invalid).unwrap();
    list.set(18, Status::Suspended).unwrap();
    list
}

#[test]
fn tokens_are_signed_and_verified() {
    let (signer, _, anchors) = parties();
    let text = sign_token(URI, NOW, NOW.plus_secs(86_400), 300, &list(), &signer).unwrap();
    let token = verify_token(&text, URI, &anchors, NOW).unwrap();
    assert_eq!((token.sub.as_str(), token.iat, token.exp), (URI, NOW, Some(NOW.plus_secs(86_400))));
    assert_eq!((token.ttl_s, &token.list), (Some(300), &list()));
    assert_eq!(
        [16, 17, 18, 1_000].map(|idx| token.list.get(idx)),
        [Ok(Status::Valid), Ok(Status::Invalid), Ok(Status::Suspended), Err(Error::OutOfRange)]
    );
    assert_eq!(token.issuer.sha256, signer.leaf_sha256());
}

/// A token that is kept is refused when its text would be.
#[test]
fn tokens_that_are_kept() {
    let (signer, _, anchors) = parties();
    // Its validity ends with its signer's certificate, and not before.
    let far = NOW.plus_secs(900 * 86_400);
    let strangers = TrustAnchors::from_der(
        &make_root(&a_root(), &SecretKey::generate(&SeededRandom::new(9)), &SeededRandom::new(9), NOW)
            .unwrap(),
    );
    let strangers = strangers.unwrap();
    for exp in [NOW.plus_secs(86_400), far] {
        let iat = NOW.plus_secs(3_600);
        let text = sign_token(URI, iat, exp, 300, &list(), &signer).unwrap();
        let kept = verify_token(&text, URI, &anchors, iat).unwrap();
        let mut seen = Vec::new();
        let mut check = |uri: &str, anchors: &TrustAnchors, now: Instant| {
            let again = kept.check_again(uri, anchors, now).map(|issuer| issuer.sha256);
            let anew = verify_token(&text, uri, anchors, now).map(|token| token.issuer.sha256);
            assert_eq!(again, anew, "{now:?}");
            seen.push(again.map_or_else(Refusal::code, |_| "ok"));
        };
        check(URI, &anchors, iat);
        check("https://state.example/status/2", &anchors, iat);
        check(URI, &strangers, iat);
        check(URI, &anchors, iat.plus_secs(-CLOCK_SKEW_S));
        check(URI, &anchors, iat.plus_secs(-CLOCK_SKEW_S - 1));
        check(URI, &anchors, NOW.plus_secs(86_400 + CLOCK_SKEW_S - 1));
        check(URI, &anchors, NOW.plus_secs(86_400 + CLOCK_SKEW_S));
        check(URI, &anchors, NOW.plus_secs(300 * 86_400 - 61));
        check(URI, &anchors, NOW.plus_secs(300 * 86_400 - 60));
        let (past, end) = if exp == far { ("ok", "ok") } else { ("expired", "expired") };
        assert_eq!(
            seen,
            ["ok", "sub", "status_untrusted", "ok", "iat_future", "ok", past, end, "status_untrusted"],
            "{exp:?}"
        );
    }
}

#[test]
fn tokens_that_are_refused() {
    let (signer, for_requests, anchors) = parties();
    let good_header = json!({ "typ": TYP, "x5c": signer.x5c() });
    let good = json!({
        "sub": URI, "iat": NOW.secs(), "exp": NOW.secs() + 100, "ttl": 300,
        "status_list": { "bits": 2, "lst": list().to_lst() },
    });
    let read = |text: &str| verify_token(text, URI, &anchors, NOW).map(|_| ()).map_err(Refusal::code);
    let text =
        |header: &Value, claims: &Value| jws::sign(header, claims.to_string().as_bytes(), &signer).unwrap();
    let claims = |pointer: &str, value: Value, expected: Result<(), &str>| {
        let mut claims = good.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let members = claims.pointer_mut(parent).and_then(Value::as_object_mut).unwrap();
        members.remove(name);
        if !value.is_null() {
            members.insert(name.to_owned(), value.clone());
        }
        assert_eq!(read(&text(&good_header, &claims)), expected, "{pointer} {value}");
    };
    claims("/foreign", json!(1), Ok(()));
    claims("/status_list/aggregation_uri", json!("u"), Ok(()));
    claims("/status_list/aggregation_uri", json!(1), Err("claim_malformed"));
    claims("/sub", json!("https://state.example/status/2"), Err("sub"));
    claims("/sub", json!(null), Err("claim_malformed"));
    claims("/iat", json!(null), Err("claim_malformed"));
    claims("/iat", json!(NOW.secs() + CLOCK_SKEW_S), Ok(()));
    claims("/iat", json!(NOW.secs() + CLOCK_SKEW_S + 1), Err("iat_future"));
    claims("/exp", json!(null), Ok(()));
    claims("/exp", json!(NOW.secs() - CLOCK_SKEW_S + 1), Ok(()));
    claims("/exp", json!(NOW.secs() - CLOCK_SKEW_S), Err("expired"));
    claims("/exp", json!("never"), Err("claim_malformed"));
    claims("/ttl", json!(null), Ok(()));
    claims("/ttl", json!(0), Err("claim_malformed"));
    claims("/ttl", json!(-1), Err("claim_malformed"));
    claims("/ttl", json!("300"), Err("claim_malformed"));
    claims("/status_list", json!(null), Err("claim_malformed"));
    for bad in [json!(3), json!(0), json!(16), json!("2"), json!(null)] {
        claims("/status_list/bits", bad, Err("claim_malformed"));
    }
    claims("/status_list/bits", json!(8), Ok(()));
    claims("/status_list/lst", json!(1), Err("claim_malformed"));
    claims("/status_list/lst", json!("AAAA"), Err("status_list_malformed"));
    let bomb = b64::encode(&deflate(&vec![0; STATUS_LIST_INFLATED_BYTES_MAX + 1]));
    claims("/status_list/lst", json!(bomb), Err("status_list_too_long"));

    let header = |header: Value, expected: Result<(), &str>| {
        assert_eq!(read(&text(&header, &good)), expected, "{header}");
    };
    header(good_header.clone(), Ok(()));
    header(json!({ "typ": "JWT", "x5c": signer.x5c() }), Err("typ"));
    header(json!({ "x5c": signer.x5c() }), Err("typ"));
    header(json!({ "typ": TYP }), Err("x5c_missing"));
    header(json!({ "typ": TYP, "x5c": for_requests.x5c() }), Err("status_untrusted"));
    let by_another = jws::sign(&good_header, good.to_string().as_bytes(), &for_requests).unwrap();
    assert_eq!(read(&by_another), Err("signature"));
    let unsigned =
        format!("{}.{}.", b64::encode(br#"{"alg":"none","typ":"statuslist+jwt"}"#), b64::encode(b"{}"));
    assert_eq!(read(&unsigned), Err("alg_none"));
    assert_eq!(read(""), Err("jws_malformed"));
    let other_root = SecretKey::generate(&SeededRandom::new(21));
    let foreign = make_root(&a_root(), &other_root, &SeededRandom::new(22), NOW).unwrap();
    let foreign = TrustAnchors::from_der(&foreign).unwrap();
    let refused = verify_token(&text(&good_header, &good), URI, &foreign, NOW).map(|_| ());
    assert_eq!(refused.map_err(Refusal::code), Err("status_untrusted"));
}

#[test]
fn a_list_of_our_size_is_signed_and_read() {
    // As bad as it gets: every entry at random.
    let mut list = StatusList::new(Bits::Two, 1 << 17);
    let random = SeededRandom::new(23);
    for idx in 0..1 << 17 {
        list.set(idx, Status::from(u8::try_from(pick(&random, 4)).unwrap())).unwrap();
    }
    let (signer, _, anchors) = parties();
    let text = sign_token(URI, NOW, NOW.plus_secs(100), 300, &list, &signer).unwrap();
    assert!(verify_token(&text, URI, &anchors, NOW).unwrap().list == list);
}

#[test]
fn tokens_of_each_size() {
    let (signer, _, anchors) = parties();
    let aggregation_uri = Some("https://state.example/status");
    for (bits, most) in [(Bits::One, 1), (Bits::Two, 3), (Bits::Four, 15), (Bits::Eight, 255)] {
        let mut list = StatusList::new(bits, 1_000);
        list.set(0, Status::Other(most)).unwrap();
        list.set(999, Status::Invalid).unwrap();
        let exp = NOW.plus_secs(100);
        let new = NewToken { sub: URI, iat: NOW, exp, ttl_s: 300, aggregation_uri, list: &list };
        let token = verify_token(&new.sign(&signer).unwrap(), URI, &anchors, NOW).unwrap();
        assert_eq!(token.aggregation_uri.as_deref(), aggregation_uri);
        assert_eq!(token.list.bits(), bits);
        assert_eq!([0, 1, 999].map(|idx| token.list.get(idx).map(u8::from)), [Ok(most), Ok(0), Ok(1)]);
    }
}

/// draft-ietf-oauth-status-list-14, section "Status List Aggregation Data Structure".
#[test]
fn aggregations() {
    let check = |document: &str, expected: Result<&[&str], &str>| {
        let read = Aggregation::parse(document.as_bytes()).map_err(AggregationError::code);
        let owned = expected.map(|lists| lists.iter().map(|&list| list.to_owned()).collect::<Vec<_>>());
        assert_eq!(read.map(|aggregation| aggregation.status_lists), owned, "{document}");
    };
    let lists = [1, 2, 3].map(|n| format!("https://example.com/statuslists/{n}"));
    let of_the_standard = json!({ "status_lists": lists });
    check(&of_the_standard.to_string(), Ok(&lists.each_ref().map(String::as_str)));
    let aggregation = Aggregation { status_lists: lists.to_vec() };
    assert_eq!(Aggregation::parse(&aggregation.to_document()), Ok(aggregation));
    check(r#"{"status_lists":[]}"#, Ok(&[]));
    check(r#"{"status_lists":["a"],"foreign":1}"#, Ok(&["a"]));
    check("{}", Err("status_aggregation_malformed"));
    check(r#"{"status_lists":"a"}"#, Err("status_aggregation_malformed"));
    check(r#"{"status_lists":["a",1]}"#, Err("status_aggregation_malformed"));
    check(r#"{"status_lists":[""]}"#, Err("status_aggregation_malformed"));
    check("[]", Err("json_shape"));
    check(r#"{"status_lists":["a"],"status_lists":[]}"#, Err("json_duplicate_member"));
    let many = |count| json!({ "status_lists": vec!["a"; count] }).to_string();
    let read = |count| Aggregation::parse(many(count).as_bytes()).map(|a| a.status_lists.len());
    assert_eq!(read(STATUS_AGGREGATION_MAX), Ok(STATUS_AGGREGATION_MAX));
    let refused = read(STATUS_AGGREGATION_MAX + 1).map_err(AggregationError::code);
    assert_eq!(refused, Err("status_aggregation_too_many"));
}

proptest! {
    #![proptest_config(seeded(128))]

    #[test]
    fn what_is_set_is_read_back(
        bits in prop::sample::select(&[Bits::One, Bits::Two, Bits::Four, Bits::Eight][..]),
        entries in 1_usize..300,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..60),
    ) {
        let mut list = StatusList::new(bits, entries);
        let mut model = vec![0; entries];
        for (idx, value) in changes {
            let (idx, value) = (idx.index(entries), value & bits.mask());
            model[idx] = value;
            prop_assert_eq!(list.set(idx as u64, value.into()), Ok(()));
        }
        let read = StatusList::from_lst(bits, &list.to_lst()).unwrap();
        prop_assert_eq!(&read, &list);
        for (idx, value) in (0..).zip(model) {
            prop_assert_eq!(read.get(idx).map(u8::from), Ok(value));
        }
    }

    #[test]
    fn any_bytes_are_inflated_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..80), zlib in any::<bool>()) {
        let bytes = if zlib { [&[0x78, 0xda][..], &bytes].concat() } else { bytes };
        let _ = StatusList::from_lst(Bits::Two, &b64::encode(&bytes));
    }
}

/// Mutated claims, rightly signed: at least half get past the signature.
#[test]
fn mutated_tokens_are_verified_or_refused() {
    const CASES: usize = 1_000;
    let (signer, _, anchors) = parties();
    let random = SeededRandom::new(24);
    let (mut read_on, mut verified) = (0, 0);
    for _ in 0..CASES {
        let mut claims = json!({
            "sub": URI, "iat": NOW.secs(), "exp": NOW.secs() + 100, "ttl": 300, "aud": ["a", {"b": 1}],
            "status_list": { "bits": 2, "lst": list().to_lst(), "aggregation_uri": "u" },
        });
        mutate(&mut claims, &random);
        let header = json!({ "typ": TYP, "x5c": signer.x5c() });
        let text = jws::sign(&header, claims.to_string().as_bytes(), &signer).unwrap();
        let read = verify_token(&text, URI, &anchors, NOW);
        read_on += usize::from(!matches!(read, Err(Refusal::Jws(_))));
        verified += usize::from(read.is_ok());
    }
    println!("{CASES} mutated tokens: {read_on} past the signature, {verified} verified");
    assert!(read_on * 2 >= CASES, "{read_on} of {CASES} got past the signature");
    assert!(verified > 0 && verified < read_on, "{verified}");
}
