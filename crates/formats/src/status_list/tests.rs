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
use base::{Instant, limits::CLOCK_SKEW_S};

/// draft-ietf-oauth-status-list-14, sections 4.1 and 4.2: 16 entries of one bit, 12 of two.
#[test]
fn small_lists_of_the_standard() {
    let one = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1];
    let two = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3];
    for (bits, values, bytes, compressed) in [
        (Bits::One, &one[..], &[0xb9, 0xa3][..], "eNrbuRgAAhcBXQ"),
        (Bits::Two, &two[..], &[0xc9, 0x44, 0xf9][..], "eNo76fITAAPfAgc"),
    ] {
        let mut list = StatusList::new(bits, values.len());
        for (idx, value) in (0..).zip(values) {
            list.set(idx, Status::from(*value)).unwrap();
        }
        assert_eq!(list.as_bytes(), bytes);
        assert_eq!(StatusList::from_lst(bits, compressed), Ok(list.clone()));
        assert_eq!(StatusList::from_lst(bits, &list.to_lst()), Ok(list));
    }
}

/// draft-ietf-oauth-status-list-14, appendix "Test vectors for Status List encoding": 2^20 entries.
#[test]
fn large_lists_of_the_standard() {
    let check = |bits, compressed: &str, set: &[(u64, u8)]| {
        let list = StatusList::from_lst(bits, compressed).unwrap();
        assert_eq!(list.entries(), 1 << 20);
        let mut expected = StatusList::new(bits, 1 << 20);
        for (idx, value) in set {
            assert_eq!(list.get(*idx), Ok(Status::from(*value)), "{idx}");
            expected.set(*idx, Status::from(*value)).unwrap();
        }
        assert!(list == expected, "all others are valid");
    };
    let one = "eNrt3AENwCAMAEGogklACtKQPg9LugC9k_ACvreiogEAAKkeCQAAAAAAAAAAAAAAAAAAAIBylgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAXG9IAAAAAAAAAPwsJAAAAAAAAAAAAAAAvhsSAAAAAAAAAAAA7KpLAAAAAAAAAAAAAAAAAAAAAJsLCQAAAAAAAAAAADjelAAAAAAAAAAAKjDMAQAAAACAZC8L2AEb";
    check(
        Bits::One,
        one,
        &[0, 1993, 25460, 159_495, 495_669, 554_353, 645_645, 723_232, 854_545, 934_534, 1_000_345]
            .map(|idx| (idx, 1)),
    );
    let two = "eNrt2zENACEQAEEuoaBABP5VIO01fCjIHTMStt9ovGVIAAAAAABAbiEBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEB5WwIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAID0ugQAAAAAAAAAAAAAAAAAQG12SgAAAAAAAAAAAAAAAAAAAAAAAAAAAOCSIQEAAAAAAAAAAAAAAAAAAAAAAAD8ExIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwJEuAQAAAAAAAAAAAAAAAAAAAAAAAMB9SwIAAAAAAAAAAAAAAAAAAACoYUoAAAAAAAAAAAAAAEBqH81gAQw";
    check(
        Bits::Two,
        two,
        &[
            (0, 1),
            (1993, 2),
            (25460, 1),
            (159_495, 3),
            (495_669, 1),
            (554_353, 1),
            (645_645, 2),
            (723_232, 1),
            (854_545, 1),
            (934_534, 2),
            (1_000_345, 3),
        ],
    );
}

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
