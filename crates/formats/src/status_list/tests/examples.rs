//! The examples of draft-ietf-oauth-status-list-14 in JSON and as JWT, by section; the long test vectors are in
//! `vectors`. Those in CBOR and as CWT are not spoken here.

use super::*;
use crate::{
    sd_jwt::SdJwt,
    sd_jwt_vc::{Credential, StatusRef, issue},
    testing::Examples,
};

/// How many examples there are at least.
const EXAMPLES_MIN: usize = 11;
const STANDARD_URI: &str = "https://example.com/statuslists/1";

#[test]
fn examples_of_the_standard() {
    let mut examples = Examples::new("draft-ietf-oauth-status-list-14");
    tokens(&mut examples);
    references(&mut examples);
    aggregations(&mut examples);
    examples.at_least(EXAMPLES_MIN);
}

fn values(list: &StatusList) -> Vec<u8> {
    (0..list.entries()).map(|idx| list.get(u64::try_from(idx).unwrap()).unwrap().into()).collect()
}

fn tokens(examples: &mut Examples) {
    let (signer, _, anchors) = parties();
    let verified = |claims: &Value| {
        let header = json!({ "typ": TYP, "x5c": signer.x5c() });
        let text = jws::sign(&header, claims.to_string().as_bytes(), &signer).unwrap();
        verify_token(&text, STANDARD_URI, &anchors, NOW).map_err(Refusal::code)
    };
    let one = json!({ "bits": 1, "lst": "eNrbuRgAAhcBXQ" });
    let two = json!({ "bits": 2, "lst": "eNo76fITAAPfAgc" });
    for (lst, expected) in [
        (&one, &[1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1][..]),
        (&two, &[1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3][..]),
    ] {
        examples.seen("4.1");
        examples.seen("4.2");
        let token =
            verified(&json!({ "sub": STANDARD_URI, "iat": 1_686_920_170, "status_list": lst })).unwrap();
        assert_eq!(values(&token.list), expected);
    }

    examples.seen("5.1");
    let claims = json!({
        "exp": 2_291_720_170_i64,
        "iat": 1_686_920_170,
        "status_list": one,
        "sub": STANDARD_URI,
        "ttl": 43200,
    });
    let token = verified(&claims).unwrap();
    let (iat, exp) = (Instant::from_secs(1_686_920_170), Instant::from_secs(2_291_720_170));
    assert_eq!((token.sub.as_str(), token.iat, token.exp), (STANDARD_URI, iat, Some(exp)));
    assert_eq!((token.ttl_s, token.aggregation_uri), (Some(43200), None));
    let ours = sign_token(STANDARD_URI, iat, exp, 43200, &token.list, &signer).unwrap();
    let mut ours = jws::Jws::parse(&ours).unwrap().claims().unwrap();
    let ours_lst = ours["status_list"]["lst"].take();
    assert_eq!(StatusList::from_lst(Bits::One, ours_lst.as_str().unwrap()), Ok(token.list));
    // Compressed by another library, perhaps in other words.
    ours["status_list"]["lst"] = json!("eNrbuRgAAhcBXQ");
    assert_eq!(Value::Object(ours), claims, "ours has the same form");

    // It names its key and has no certificates: HAIP 1.0, section 6.1, asks for those. `iss` is ignored.
    examples.seen("8.2");
    examples.seen("8.4");
    assert_eq!(
        verify_token(RAW, STANDARD_URI, &anchors, NOW).map_err(Refusal::code).unwrap_err(),
        "x5c_missing"
    );
    let raw = jws::Jws::parse(RAW).unwrap();
    assert_eq!(Value::Object(raw.header_value().clone()), json!({ "alg": "ES256", "kid": "12", "typ": TYP }));
    let raw = Value::Object(raw.claims().unwrap());
    let mut with_iss = claims;
    with_iss["iss"] = json!("https://example.com");
    assert_eq!(raw, with_iss);
    assert_eq!(verified(&raw).unwrap().ttl_s, Some(43200));
}

fn references(examples: &mut Examples) {
    examples.seen("6.2");
    let status = json!({ "status_list": { "idx": 0, "uri": STANDARD_URI } });
    let (signer, _, _) = parties();
    let credential = Credential {
        vct: "urn:example",
        status: Some(StatusRef { uri: STANDARD_URI.to_owned(), idx: 0 }),
        ..Credential::default()
    };
    let ours = issue(&credential, |_| true, &signer, &SeededRandom::new(30)).unwrap();
    assert_eq!(SdJwt::parse(&ours).unwrap().process().unwrap()["status"], status, "ours has the same form");

    examples.seen("6.2, SD-JWT");
    examples.seen("6.2, payload");
    let claims = SdJwt::parse(SD_JWT).unwrap().process().unwrap();
    let expected = json!({
        "iss": "https://example.com/issuer",
        "iat": 1_683_000_000,
        "exp": 1_883_000_000,
        "sub": "6c5c0a49-b589-431d-bae7-219122a9ec2c",
        "status": status,
        "address": {
            "street_address": "Schulstr. 12",
            "locality": "Schulpforta",
            "region": "Sachsen-Anhalt",
            "country": "DE",
        },
    });
    assert_eq!(Value::Object(claims), expected);
}

fn aggregations(examples: &mut Examples) {
    examples.seen("9.3");
    let lists = ["1", "2", "3"].map(|n| format!("https://example.com/statuslists/{n}"));
    let body = json!({ "status_lists": lists });
    let aggregation = Aggregation::parse(body.to_string().as_bytes()).unwrap();
    assert_eq!(aggregation.status_lists, lists);
    assert_eq!(aggregation.to_document(), body.to_string().into_bytes());
}

/// Section 8.2.
const RAW: &str = concat!(
    "eyJhbGciOiJFUzI1NiIsImtpZCI6IjEyIiwidHlwIjoic3RhdHVzbGlzdCtqd3QifQ.eyJleHAiOjIyOTE3MjAxNzAsImlhdCI6M",
    "TY4NjkyMDE3MCwiaXNzIjoiaHR0cHM6Ly9leGFtcGxlLmNvbSIsInN0YXR1c19saXN0Ijp7ImJpdHMiOjEsImxzdCI6ImVOcmJ1U",
    "mdBQWhjQlhRIn0sInN1YiI6Imh0dHBzOi8vZXhhbXBsZS5jb20vc3RhdHVzbGlzdHMvMSIsInR0bCI6NDMyMDB9.2lKUUNG503R9",
    "htu4aHAYi7vjmr3sgApbfoDvPrl65N3URUO1EYqqQl45Jfzd-Av4QzlKa3oVALpLwOEUOq-U_g",
);

/// Section 6.2.
const SD_JWT: &str = concat!(
    "eyJhbGciOiAiRVMyNTYiLCAidHlwIjogImV4YW1wbGUrc2Qtand0In0.eyJfc2QiOiBbIkh2cktYNmZQVjB2OUtfeUNWRkJpTEZI",
    "c01heGNEXzExNEVtNlZUOHgxbGciXSwgImlzcyI6ICJodHRwczovL2V4YW1wbGUuY29tL2lzc3VlciIsICJpYXQiOiAxNjgzMDAw",
    "MDAwLCAiZXhwIjogMTg4MzAwMDAwMCwgInN1YiI6ICI2YzVjMGE0OS1iNTg5LTQzMWQtYmFlNy0yMTkxMjJhOWVjMmMiLCAic3Rh",
    "dHVzIjogeyJzdGF0dXNfbGlzdCI6IHsiaWR4IjogMCwgInVyaSI6ICJodHRwczovL2V4YW1wbGUuY29tL3N0YXR1c2xpc3RzLzEi",
    "fX0sICJfc2RfYWxnIjogInNoYS0yNTYifQ.-kgS-R-Z4DEDlqb8kb6381_gHHNatsoF1fcVKZk3M06CrnV8F8k9d2w2V_YAOvgcb",
    "0f11FqDFezXBXH30d4vcw~WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3IiwgInN0cmVldF9hZGRyZXNzIiwgIlNjaHVsc3RyLiAxMi",
    "Jd~WyJlbHVWNU9nM2dTTklJOEVZbnN4QV9BIiwgImxvY2FsaXR5IiwgIlNjaHVscGZvcnRhIl0~WyI2SWo3dE0tYTVpVlBHYm9TN",
    "XRtdlZBIiwgInJlZ2lvbiIsICJTYWNoc2VuLUFuaGFsdCJd~WyJlSThaV205UW5LUHBOUGVOZW5IZGhRIiwgImNvdW50cnkiLCAi",
    "REUiXQ~WyJRZ19PNjR6cUF4ZTQxMmExMDhpcm9BIiwgImFkZHJlc3MiLCB7Il9zZCI6IFsiNnZoOWJxLXpTNEdLTV83R3BnZ1ZiW",
    "Xp6dTZvT0dYcm1OVkdQSFA3NVVkMCIsICI5Z2pWdVh0ZEZST0NnUnJ0TmNHVVhtRjY1cmRlemlfNkVyX2o3NmttWXlNIiwgIktVU",
    "kRQaDRaQzE5LTN0aXotRGYzOVY4ZWlkeTFvVjNhM0gxRGEyTjBnODgiLCAiV045cjlkQ0JKOEhUQ3NTMmpLQVN4VGpFeVc1bTV4N",
    "jVfWl8ycm8yamZYTSJdfV0~",
);
