//! The examples of OpenID4VP 1.0 (final) that we read or write, by section. Where one leaves a value out (`...`), the
//! query of section 7.4 stands for it; queries by themselves are in the tests of `dcql`. Not among them: requests to
//! and answers of the Digital Credentials API but for how they are refused, metadata of wallets, mdoc handovers, `SIOPv2`.

mod answers;

use super::*;
use crate::{
    jwe::Enc,
    jwk::EncryptionJwk,
    testing::Examples,
    vp::{Posted, ResponseEncryption},
};

/// How many examples there are at least.
const EXAMPLES_MIN: usize = 53;
const NONCE: &str = "n-0S6_WzA2Mj";
const STATE: &str = "eyJhb...6-sVA";

#[test]
fn examples_of_the_standard() {
    let mut examples = Examples::new("OpenID4VP 1.0");
    links(&mut examples);
    requests_by_value(&mut examples);
    client_identifiers(&mut examples);
    request_objects(&mut examples);
    parameters(&mut examples);
    supported_formats(&mut examples);
    queries(&mut examples);
    answers::vp_tokens(&mut examples);
    answers::forms(&mut examples);
    answers::encrypted(&mut examples);
    answers::presentations(&mut examples);
    examples.at_least(EXAMPLES_MIN);
}

fn query() -> Value {
    json!({ "credentials": [{
        "id": "my_credential",
        "format": "dc+sd-jwt",
        "meta": { "vct_values": ["https://credentials.example.com/identity_credential"] },
        "claims": [
            { "path": ["family_name"] }, { "path": ["given_name"] }, { "path": ["address", "street_address"] },
        ],
    }] })
}

fn links(examples: &mut Examples) {
    examples.seen("5.4, request_uri");
    let text = concat!(
        "https://wallet.example.com/authorize?client_id=x509_san_dns%3Aclient.example.org",
        "&request_uri=https%3A%2F%2Fclient.example.org%2Frequest%2Fvapof4ql2i7m41m68uep&request_uri_method=post",
    );
    let link = Link {
        client_id: "x509_san_dns:client.example.org".to_owned(),
        request_uri: "https://client.example.org/request/vapof4ql2i7m41m68uep".to_owned(),
        request_uri_method: Some("post".to_owned()),
    };
    assert_eq!(Link::parse(text), Ok(link.clone()));
    assert_eq!(Link::parse(&link.to_string()), Ok(link));

    // The link is read; its asker has no prefix, and is refused before anything is fetched.
    examples.seen("8.2, request_uri");
    let text = concat!(
        "https://wallet.example.com?client_id=https%3A%2F%2Fclient.example.org%2Fcb",
        "&request_uri=https%3A%2F%2Fclient.example.org%2F567545564",
    );
    let link = Link::parse(text).unwrap();
    assert_eq!(link.request_uri, "https://client.example.org/567545564");
    assert_eq!((link.request_uri_method, link.client_id.parse::<ClientId>()), (None, Err(UnknownPrefix)));

    // Request objects are fetched, never taken from links.
    examples.seen("5.4, request");
    let text = concat!(
        "https://wallet.example.com/authorize?client_id=redirect_uri%3Ahttps%3A%2F%2Fclient.example.org%2Fcb",
        "&request=eyJrd",
    );
    assert_eq!(Link::parse(text).map_err(NotALink::code), Err("request_by_value_unsupported"));
    let by_value = RequestObject::from_link(text, false).unwrap_err();
    assert_eq!(by_value.code(), "request_by_value_and_object");
}

fn by_value(parameters: &[(&str, &str)]) -> Result<RequestObject, ByValueRefusal> {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    RequestObject::from_link(&format!("https://wallet.example.org/universal-link?{query}"), false)
}

fn requests_by_value(examples: &mut Examples) {
    let query = query().to_string();
    // These two are to be answered by a redirect, which is not spoken here.
    let cb = "https://client.example.org/cb";
    let redirected = [
        ("response_type", "vp_token"),
        ("client_id", "redirect_uri:https://client.example.org/cb"),
        ("redirect_uri", cb),
        ("dcql_query", &query),
        ("nonce", NONCE),
    ];
    let transaction =
        r#"["eyJ0eXBlIjoiZXhhbXBsZV90eXBlIiwiY3JlZGVudGlhbF9pZHMiOlsiaWRfY2FyZF9jcmVkZW50aWFsIl19"]"#;
    let metadata = concat!(
        r#"{"vp_formats_supported":{"dc+sd-jwt":{"sd-jwt_alg_values":["ES256"],"#,
        r#""kb-jwt_alg_values":["ES256"]}}}"#,
    );
    for (section, more) in [
        ("5.4, parameters", ("transaction_data", transaction)),
        ("5.9.3, redirect_uri", ("client_metadata", metadata)),
    ] {
        examples.seen(section);
        let refused = by_value(&[&redirected[..], &[more]].concat()).unwrap_err();
        assert_eq!(refused.code(), "response_uri");
    }

    examples.seen("5.5, scope");
    let refused = by_value(&[
        ("response_type", "vp_token"),
        ("client_id", cb),
        ("redirect_uri", cb),
        ("scope", "com.example.healthCardCredential_presentation"),
        ("nonce", NONCE),
    ]);
    assert_eq!(refused.unwrap_err().code(), "client_id_prefix");

    // Posted, and so taken.
    examples.seen("8.2, direct_post");
    let post = "https://client.example.org/post";
    let parameters = [
        ("client_id", "redirect_uri:https://client.example.org/post"),
        ("response_uri", post),
        ("response_type", "vp_token"),
        ("response_mode", "direct_post"),
        ("dcql_query", &query),
        ("nonce", NONCE),
        ("state", STATE),
    ];
    let request = by_value(&parameters).unwrap();
    assert_eq!(request.client_id, ClientId::redirect_uri(post));
    assert_eq!((request.response_uri.as_str(), request.response_mode()), (post, ResponseMode::DirectPost));
    assert_eq!((request.nonce.as_str(), request.state.as_deref()), (NONCE, Some(STATE)));
    assert_eq!(request.query.to_value().to_string(), query);
    let ours: BTreeMap<_, _> = link::pairs(&request.to_link()).unwrap().into_iter().collect();
    for (name, value) in parameters {
        assert_eq!(ours[name], value, "ours has the same form");
    }
    assert_eq!(
        ours.keys().filter(|name| parameters.iter().all(|(p, _)| p != name)).collect::<Vec<_>>(),
        ["client_metadata"]
    );
}

fn client_identifiers(examples: &mut Examples) {
    for (text, expected) in [
        ("redirect_uri:https://client.example.org/cb", Some(Prefix::RedirectUri)),
        ("x509_san_dns:client.example.org", Some(Prefix::X509SanDns)),
        ("x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk", Some(Prefix::X509Hash)),
        ("openid_federation:https://federation-verifier.example.com", None),
        ("verifier_attestation:verifier.example", None),
        ("decentralized_identifier:did:example:123", None),
        ("origin:https://verifier.example.com/", None),
    ] {
        examples.seen("5.9.3");
        let read = text.parse::<ClientId>().ok();
        assert_eq!(read.as_ref().map(ClientId::prefix), expected, "{text}");
        assert!(read.is_none_or(|read| read.to_string() == text));
    }
}

/// Signs `claims` as the asker of most examples, and verifies them as a wallet that posted the nonce of section 5.10.
fn signed(
    claims: &Value,
    client_id: &str,
    wallet_nonce: Option<&str>,
) -> Result<RequestObject, RequestRefusal> {
    let party = Party::new(2, NOW);
    let signer = party.signer(Purpose::RequestSigning, "client.example.org");
    let header = json!({ "typ": REQUEST_TYP, "x5c": signer.x5c() });
    let text = jws::sign(&header, claims.to_string().as_bytes(), &signer).unwrap();
    let anchors = party.anchors();
    let context = RequestContext { wallet_nonce, ..context(&anchors, client_id) };
    verify_request(&text, &context).map(|verified| verified.request)
}

/// Section 5.10.1; `aud`, which the example does not have, is demanded by section 5.8.
fn request_object() -> Value {
    json!({
        "aud": AUDIENCE_STATIC,
        "client_id": "x509_san_dns:client.example.org",
        "response_uri": "https://client.example.org/post",
        "response_type": "vp_token",
        "response_mode": "direct_post",
        "dcql_query": query(),
        "nonce": NONCE,
        "wallet_nonce": "qPmxiNFCR3QTm19POc8u",
        "state": STATE,
    })
}

/// [`request_object`] with `name` changed.
fn with(name: &str, value: Value) -> Value {
    let mut claims = request_object();
    claims[name] = value;
    claims
}

fn request_objects(examples: &mut Examples) {
    let client_id = "x509_san_dns:client.example.org";
    let code = |claims: &Value, client_id: &str| signed(claims, client_id, None).unwrap_err().code();

    examples.seen("5.10.1");
    let wallet_nonce = Some("qPmxiNFCR3QTm19POc8u");
    let request = signed(&request_object(), client_id, wallet_nonce).unwrap();
    assert_eq!(request.response_uri, "https://client.example.org/post");
    assert_eq!((request.nonce.as_str(), request.state.as_deref()), (NONCE, Some(STATE)));
    assert_eq!((request.wallet_nonce.as_deref(), request.query.to_value()), (wallet_nonce, query()));
    let ours = request.to_value();
    assert!(request_object().as_object().unwrap().iter().all(|(name, value)| ours[name] == *value));
    let mut bare = request_object();
    bare.as_object_mut().unwrap().remove("aud");
    assert_eq!(signed(&bare, client_id, wallet_nonce).unwrap_err().code(), "request_aud");
    assert_eq!(signed(&request_object(), client_id, Some("other")).unwrap_err().code(), "wallet_nonce");

    // A request object under `redirect_uri`: such requests cannot be signed (section 5.9.3), and it is of a redirect.
    examples.seen("5.4, request object");
    let claims = json!({
        "iss": "redirect_uri:https://client.example.org/cb",
        "aud": "https://self-issued.me/v2",
        "response_type": "vp_token",
        "client_id": "redirect_uri:https://client.example.org/cb",
        "redirect_uri": "https//client.example.org/cb",
        "dcql_query": query(),
        "nonce": NONCE,
    });
    assert_eq!(code(&claims, "redirect_uri:https://client.example.org/cb"), "client_id_prefix");

    // Keys of decentralised identifiers are not looked up.
    examples.seen("5.9.3, decentralized_identifier, header");
    examples.seen("5.9.3, decentralized_identifier, body");
    let metadata = json!({ "vp_formats_supported": { "dc+sd-jwt": {
        "sd-jwt_alg_values": ["ES256", "ES384"], "kb-jwt_alg_values": ["ES256", "ES384"],
    } } });
    let claims = json!({
        "client_id": "decentralized_identifier:did:example:123",
        "response_type": "vp_token",
        "redirect_uri": "https://client.example.org/callback",
        "nonce": NONCE,
        "dcql_query": query(),
        "client_metadata": metadata,
    });
    assert_eq!(code(&claims, "decentralized_identifier:did:example:123"), "client_id_prefix");
    let header = json!({ "typ": "oauth-authz-req+jwt", "alg": "RS256", "kid": "did:example:123#1" });
    let header = b64::encode(header.to_string().as_bytes());
    let text = format!("{header}.{}.AAAA", b64::encode(claims.to_string().as_bytes()));
    let anchors = Party::new(2, NOW).anchors();
    let refused = verify_request(&text, &context(&anchors, "decentralized_identifier:did:example:123"));
    assert_eq!(refused.unwrap_err().code(), "asker_certificate_missing");

    // Of the Digital Credentials API: there is no address to which to answer, and another way to answer.
    examples.seen("A.3.2.1");
    let keys = json!({ "jwks": { "keys": [{
        "kty": "EC",
        "crv": "P-256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        "kid": "1",
    }] } });
    let mut claims = json!({
        "expected_origins": ["https://origin1.example.com", "https://origin2.example.com"],
        "client_id": client_id,
        "client_metadata": keys,
        "response_type": "vp_token",
        "response_mode": "dc_api",
        "nonce": NONCE,
        "dcql_query": query(),
    });
    assert_eq!(code(&claims, client_id), "response_uri");
    claims["response_uri"] = json!("https://client.example.org/post");
    claims["aud"] = json!(AUDIENCE_STATIC);
    assert_eq!(code(&claims, client_id), "response_mode");
    // Nor is that key, which has no `alg`, one to encrypt to (section 8.3).
    claims["response_mode"] = json!("direct_post.jwt");
    assert_eq!(code(&claims, client_id), "response_encryption");
}

fn parameters(examples: &mut Examples) {
    let client_id = "x509_san_dns:client.example.org";
    examples.seen("5.1, transaction_data");
    let mut asked = query();
    asked["credentials"][0]["id"] = json!("id_card_credential");
    let content = json!({ "type": "example_type", "credential_ids": ["id_card_credential"] });
    let encoded = b64::encode(content.to_string().as_bytes());
    let mut claims = with("dcql_query", asked);
    claims["transaction_data"] = json!([encoded]);
    let request = signed(&claims, client_id, None).unwrap();
    let [transaction] = request.transaction_data.as_slice() else { unreachable!("{request:?}") };
    assert_eq!(
        (transaction.kind(), transaction.credential_ids()),
        ("example_type", &["id_card_credential".to_owned()][..])
    );
    assert_eq!(request.transactions_for("id_card_credential").count(), 1);
    // Of a credential that is not asked for.
    let refused = signed(&with("transaction_data", json!([encoded])), client_id, None);
    assert_eq!(refused.unwrap_err().code(), "transaction_data_credential_ids");

    // Ignored, as it is no purpose of ours (section 5.11).
    examples.seen("5.1, verifier_info");
    let attested = json!([{
        "format": "jwt", "data": "eyJhbGciOiJFUzI1...EF0RBtvPClL71TWHlIQ", "credential_ids": ["id_card"],
    }]);
    let request = signed(&with("verifier_info", attested), client_id, None).unwrap();
    assert_eq!(request.purpose, None);
}

fn supported_formats(examples: &mut Examples) {
    let mut check = |section: &str, formats: Value, expected: Option<&str>| {
        examples.seen(section);
        let claims = with("client_metadata", json!({ "vp_formats_supported": formats }));
        let got = signed(&claims, "x509_san_dns:client.example.org", None);
        assert_eq!(got.as_ref().err().map(RequestRefusal::code), expected);
    };
    let none_of_ours = Some("vp_formats_not_supported");
    let algs = json!(["ES256", "ES384"]);
    check("B.3.4", json!({ "dc+sd-jwt": { "sd-jwt_alg_values": algs, "kb-jwt_alg_values": algs } }), None);
    check("B.1.3.1.3", json!({ "jwt_vc_json": { "alg_values": algs } }), none_of_ours);
    let suites = json!({
        "proof_type_values": ["DataIntegrityProof", "Ed25519Signature2020"],
        "cryptosuite_values": ["ecdsa-rdfc-2019", "ecdsa-sd-2023", "ecdsa-jcs-2019", "bbs-2023"],
    });
    check("B.1.3.2.3", json!({ "ldp_vc": suites }), none_of_ours);
    let algs = json!({ "issuerauth_alg_values": [-9, -50], "deviceauth_alg_values": [-9, -50] });
    check("B.2.2", json!({ "mso_mdoc": algs }), none_of_ours);
}

/// Those that the tests of `dcql` do not have.
fn queries(examples: &mut Examples) {
    examples.seen("7.3");
    let claims = json!({
        "name": "Arthur Dent",
        "address": { "street_address": "42 Market Street", "locality": "Milliways", "postal_code": "12345" },
        "degrees": [
            { "type": "Bachelor of Science", "university": "University of Betelgeuse" },
            { "type": "Master of Science", "university": "University of Betelgeuse" },
        ],
        "nationalities": ["British", "Betelgeusian"],
    });
    let held = dcql::Held {
        format: dcql::Format::SdJwtVc,
        vct: "https://credentials.example.com/identity_credential",
        claims: claims.as_object().unwrap(),
        holder_bound: true,
        authority_key_ids: &[],
    };
    for (path, selected) in [
        (json!(["name"]), json!([["name"]])),
        (json!(["address"]), json!([["address"]])),
        (json!(["address", "street_address"]), json!([["address", "street_address"]])),
        (json!(["degrees", null, "type"]), json!([["degrees", 0, "type"], ["degrees", 1, "type"]])),
        (json!(["nationalities", 1]), json!([["nationalities", 1]])),
    ] {
        let mut asked = query();
        asked["credentials"][0]["claims"] = json!([{ "path": path }]);
        let asked = dcql::Query::from_value(&asked).unwrap();
        let disclosed = &asked.select(std::slice::from_ref(&held))[0].candidates[0].disclose;
        assert_eq!(disclosed.iter().map(dcql::ClaimPath::to_value).collect::<Value>(), selected);
    }

    for (kind, value) in [
        ("aki", "s9tIpPmhxdiuNkHMEWNpYim8S8Y"),
        ("etsi_tl", "https://lotl.example.com"),
        ("openid_federation", "https://trustanchor.example.com"),
    ] {
        examples.seen("6.1.1");
        let mut asked = query();
        asked["credentials"][0]["trusted_authorities"] = json!([{ "type": kind, "values": [value] }]);
        let request = signed(&with("dcql_query", asked.clone()), "x509_san_dns:client.example.org", None);
        assert_eq!(request.unwrap().query.to_value(), asked);
    }
    let subject = |name: &str| json!({ "path": ["credentialSubject", name] });
    for (section, format) in [("B.1.3.1.4", "jwt_vc_json"), ("B.1.3.2.4", "ldp_vc")] {
        examples.seen(section);
        let asked = json!({ "credentials": [{
            "id": format!("example_{format}"),
            "format": format,
            "meta": { "type_values": [["IDCredential"]] },
            "claims": [subject("family_name"), subject("given_name")],
        }] });
        let refused = signed(&with("dcql_query", asked), "x509_san_dns:client.example.org", None);
        assert_eq!(refused.unwrap_err().code(), "dcql_unsupported");
    }
}
