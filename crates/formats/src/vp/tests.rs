//! Every refusal beside the same message without the fault.

mod by_value;
mod encrypting;
mod examples;
mod judging;

use std::{collections::BTreeMap, sync::Arc};

use base::{Instant, Lang, Texts};
use crypto::{HashAlg, SecretKey, SeededRandom, Signer};
use serde_json::{Map, Value, json};

use super::*;
use crate::{
    b64, dcql,
    fixture::Party,
    jws,
    sd_jwt_vc::{self, Credential, KeyBindingClaims, StatusRef, TransactionDataHashes},
    status_list::{self, Bits, Status, StatusList},
    x509::{
        CertifiedSigner, Purpose, TrustAnchors,
        make::{MakeLeaf, make_leaf},
    },
};

pub(crate) const NOW: Instant = Instant::from_secs(1_795_300_200);
pub(crate) const STATUS_URI: &str = "https://state.example/status/1";
const ASKER: &str = "https://clinic.example";

/// A state, a clinic, a person: what most tests need.
pub(crate) struct Scene {
    pub(crate) state: Party,
    pub(crate) clinic: Party,
    pub(crate) issuer: CertifiedSigner,
    pub(crate) asker: CertifiedSigner,
    pub(crate) holder: SecretKey,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let (state, clinic) = (Party::new(1, NOW), Party::new(2, NOW));
        let issuer = state.signer(Purpose::CredentialSigning, "state.example");
        let asker = clinic.signer(Purpose::RequestSigning, "clinic.example");
        Self { state, clinic, issuer, asker, holder: SecretKey::generate(&SeededRandom::new(3)) }
    }

    pub(crate) fn trusted(&self) -> TrustAnchors {
        self.state.anchors().merged(&self.clinic.anchors())
    }

    pub(crate) fn request() -> RequestObject {
        let query = json!({ "credentials": [{
            "id": "pid", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:eudi:pid:1"] },
            "claims": [{ "path": ["family_name"] }, { "path": ["birthdate"] }],
        }] });
        let texts: BTreeMap<Lang, String> = Lang::ALL.into_iter().map(|l| (l, format!("why {l}"))).collect();
        RequestObject {
            client_id: ClientId::san_dns("clinic.example"),
            response_uri: format!("{ASKER}/ask/response/1"),
            encryption: None,
            nonce: "n-0S6_WzA2Mj".into(),
            state: Some("s~1".into()),
            query: dcql::Query::from_value(&query).unwrap(),
            transaction_data: Vec::new(),
            purpose: Texts::try_from(texts).ok(),
            wallet_nonce: None,
            iat: Some(NOW),
            exp: Some(NOW.plus_secs(600)),
        }
    }

    pub(crate) fn credential(&self) -> String {
        let claims = json!({ "family_name": "Évora", "given_name": "Nerida", "birthdate": "1994-03-08" });
        let credential = Credential {
            vct: "urn:eudi:pid:1",
            exp: Some(NOW.plus_secs(86_400)),
            status: Some(StatusRef { uri: STATUS_URI.into(), idx: 7 }),
            holder_key: Some(self.holder.public_key().into()),
            claims: claims.as_object().unwrap().clone(),
            ..Credential::default()
        };
        sd_jwt_vc::issue(&credential, |_| true, &self.issuer, &SeededRandom::new(4)).unwrap()
    }

    pub(crate) fn answer(&self, request: &RequestObject) -> VpToken {
        let texts: Vec<String> = request.transaction_data.iter().map(|t| t.as_str().to_owned()).collect();
        let hashes = (!texts.is_empty()).then(|| TransactionDataHashes::of(&texts, &[HashAlg::Sha256]));
        let claims = KeyBindingClaims {
            nonce: &request.nonce,
            aud: &request.client_id.to_string(),
            iat: NOW,
            transaction_data_hashes: hashes,
        };
        let shown =
            sd_jwt_vc::present(&self.credential(), |n| n != "given_name", &claims, &self.holder).unwrap();
        VpToken::new([("pid".to_owned(), vec![shown])].into())
    }

    pub(crate) fn status_token(&self, status: Status) -> String {
        self.status_token_until(NOW.plus_secs(3_600), status)
    }

    pub(crate) fn status_token_until(&self, exp: Instant, status: Status) -> String {
        status_token(&self.issuer, exp, status)
    }
}

pub(super) fn status_token(signer: &CertifiedSigner, exp: Instant, status: Status) -> String {
    let mut list = StatusList::new(Bits::Two, 64);
    list.set(7, status).unwrap();
    status_list::sign_token(STATUS_URI, NOW, exp, 300, &list, signer).unwrap()
}

pub(crate) fn transaction(text: &str) -> TransactionData {
    let payload: Map<String, Value> = json!({ "text": text }).as_object().unwrap().clone();
    TransactionData::new("https://clinic.example/types/agreement/1", &["pid".to_owned()], &payload)
}

fn context<'a>(anchors: &'a TrustAnchors, client_id: &'a str) -> RequestContext<'a> {
    RequestContext { client_id, anchors, now: NOW, wallet_nonce: None, insecure_loopback: false }
}

#[test]
fn a_request_is_signed_and_verified() {
    let scene = Scene::new();
    let anchors = scene.clinic.anchors();
    let mut request = Scene::request();
    request.transaction_data = vec![transaction("yes")];
    let text = request.sign(&scene.asker).unwrap();
    let verified = verify_request(&text, &context(&anchors, "x509_san_dns:clinic.example")).unwrap();
    assert_eq!(verified.request, request);
    assert_eq!(verified.asker.subject_name, "Party 2");
    assert_eq!(RequestObject::read_unverified(&text).unwrap(), request);
    assert_eq!(request.transactions_for("pid").count(), 1);

    request.client_id = ClientId::hash(&scene.asker.leaf_sha256());
    let text = request.sign(&scene.asker).unwrap();
    let client_id = request.client_id.to_string();
    assert!(verify_request(&text, &context(&anchors, &client_id)).is_ok());
}

/// Changes the claims of a good request, signs them, and expects this code.
fn check(change: impl FnOnce(&mut Value), expected: Option<&str>) {
    let scene = Scene::new();
    let anchors = scene.clinic.anchors();
    let mut claims = Scene::request().to_value();
    change(&mut claims);
    let header = json!({ "typ": REQUEST_TYP, "x5c": scene.asker.x5c() });
    let text = jws::sign(&header, claims.to_string().as_bytes(), &scene.asker).unwrap();
    let got = verify_request(&text, &context(&anchors, "x509_san_dns:clinic.example"));
    assert_eq!(got.as_ref().err().map(RequestRefusal::code), expected, "{claims}");
}

#[test]
fn what_a_request_says_is_checked() {
    check(|_| (), None);
    check(|c| c["unknown"] = json!(1), None);
    check(|c| c["iss"] = json!("anybody"), None);
    check(|c| c["aud"] = json!("https://other.example"), Some("request_aud"));
    check(|c| c["client_id"] = json!("x509_san_dns:other.example"), Some("client_id_mismatch"));
    check(|c| c["client_id"] = json!("clinic.example"), Some("client_id_prefix"));
    check(|c| c["client_id"] = json!("origin:https://clinic.example"), Some("client_id_prefix"));
    check(|c| c["response_uri"] = json!("https://other.example/x"), Some("response_uri"));
    check(|c| c["response_uri"] = json!("http://clinic.example/x"), Some("response_uri"));
    check(
        |c| {
            c.as_object_mut().unwrap().remove("response_uri");
        },
        Some("response_uri"),
    );
    check(|c| c["redirect_uri"] = json!("https://clinic.example/x"), Some("redirect_uri"));
    check(|c| c["response_mode"] = json!("fragment"), Some("response_mode"));
    check(|c| c["response_type"] = json!("vp_token id_token"), Some("response_type"));
    check(
        |c| {
            c.as_object_mut().unwrap().remove("nonce");
        },
        Some("request_nonce"),
    );
    check(|c| c["nonce"] = json!("a b"), Some("request_nonce"));
    check(|c| c["state"] = json!("ä"), Some("request_parameter"));
    check(|c| c["scope"] = json!("x"), Some("request_parameter"));
    check(|c| c["exp"] = json!(NOW.secs() - 61), Some("request_expired"));
    check(|c| c["exp"] = json!(NOW.secs() - 59), None);
    check(|c| c["iat"] = json!(NOW.secs() + 61), Some("request_expired"));
    check(|c| c["dcql_query"] = json!({}), Some("dcql_malformed"));
    check(
        |c| c["client_metadata"] = json!({ "vp_formats_supported": { "mso_mdoc": {} } }),
        Some("vp_formats_not_supported"),
    );
    check(
        |c| c["client_metadata"]["vp_formats_supported"]["dc+sd-jwt"]["sd-jwt_alg_values"] = json!(["RS256"]),
        Some("vp_formats_not_supported"),
    );
    check(
        |c| c["client_metadata"]["vp_formats_supported"]["dc+sd-jwt"]["kb-jwt_alg_values"] = json!(["EdDSA"]),
        Some("vp_formats_not_supported"),
    );
    check(
        |c| c["client_metadata"]["vp_formats_supported"]["dc+sd-jwt"]["sd-jwt_alg_values"] = json!(["EdDSA"]),
        None,
    );
    check(|c| c["transaction_data"] = json!([]), Some("transaction_data_malformed"));
    check(|c| c["transaction_data"] = json!(["!"]), Some("transaction_data_malformed"));
    let foreign = b64::encode(json!({ "type": "x", "credential_ids": ["other"] }).to_string().as_bytes());
    check(|c| c["transaction_data"] = json!([foreign]), Some("transaction_data_credential_ids"));
    let twice = b64::encode(br#"{"type":"x","type":"y","credential_ids":["pid"]}"#);
    check(|c| c["transaction_data"] = json!([twice]), Some("transaction_data_malformed"));
    let alg = b64::encode(
        json!({ "type": "x", "credential_ids": ["pid"], "transaction_data_hashes_alg": ["md5"] })
            .to_string()
            .as_bytes(),
    );
    check(|c| c["transaction_data"] = json!([alg]), Some("transaction_data_hashes_alg"));
}

#[test]
fn who_signed_a_request_is_checked() {
    let scene = Scene::new();
    let anchors = scene.clinic.anchors();
    let check = |text: &str, expected: Option<&str>| {
        let got = verify_request(text, &context(&anchors, "x509_san_dns:clinic.example"));
        assert_eq!(got.as_ref().err().map(RequestRefusal::code), expected);
        if expected.is_some() && expected != Some("request_typ") {
            assert_eq!(got.err().unwrap().oauth_error(), None, "nobody is told who is not known");
        }
    };
    let request = Scene::request();
    let good = request.sign(&scene.asker).unwrap();
    check(&good, None);
    let claims = request.to_value().to_string();
    let signed = |header: Value, by: &CertifiedSigner| jws::sign(&header, claims.as_bytes(), by).unwrap();
    check(&signed(json!({ "typ": "JWT", "x5c": scene.asker.x5c() }), &scene.asker), Some("request_typ"));
    check(&signed(json!({ "typ": REQUEST_TYP }), &scene.asker), Some("asker_certificate_missing"));
    let other_dns = scene.clinic.signer(Purpose::RequestSigning, "other.example");
    check(
        &signed(json!({ "typ": REQUEST_TYP, "x5c": scene.asker.x5c() }), &other_dns),
        Some("request_signature"),
    );
    check(&request.sign(&other_dns).unwrap(), Some("client_id_certificate"));
    let wrong_purpose = scene.clinic.signer(Purpose::CredentialSigning, "clinic.example");
    check(&request.sign(&wrong_purpose).unwrap(), Some("asker_untrusted"));
    check(
        &request.sign(&scene.state.signer(Purpose::RequestSigning, "clinic.example")).unwrap(),
        Some("asker_untrusted"),
    );
    let none = format!(
        "{}.{}.",
        b64::encode(br#"{"alg":"none","typ":"oauth-authz-req+jwt"}"#),
        b64::encode(claims.as_bytes())
    );
    check(&none, Some("alg_none"));
    check("x", Some("request_malformed"));
}

#[test]
fn a_wallets_own_nonce_comes_back() {
    let scene = Scene::new();
    let anchors = scene.clinic.anchors();
    for (sent, asked, good) in [
        (Some("w"), Some("w"), true),
        (Some("w"), Some("v"), false),
        (Some("w"), None, false),
        (None, None, true),
    ] {
        let request = RequestObject { wallet_nonce: asked.map(str::to_owned), ..Scene::request() };
        let text = request.sign(&scene.asker).unwrap();
        let context =
            RequestContext { wallet_nonce: sent, ..context(&anchors, "x509_san_dns:clinic.example") };
        let got = verify_request(&text, &context);
        assert_eq!(got.err().map(|e| e.code()), (!good).then_some("wallet_nonce"));
    }
}

#[test]
fn a_link_is_written_and_read() {
    let link = Link {
        client_id: "x509_san_dns:clinic.example".into(),
        request_uri: "https://clinic.example/ask/request/1?a=b".into(),
        request_uri_method: None,
    };
    assert!(
        link.to_string()
            .starts_with("openid4vp://?client_id=x509_san_dns%3Aclinic.example&request_uri=https%3A")
    );
    assert_eq!(Link::parse(&link.to_string()), Ok(link.clone()));
    let check =
        |text: &str, code: &str| assert_eq!(Link::parse(text).map_err(NotALink::code), Err(code), "{text}");
    check("openid-credential-offer://?client_id=a&request_uri=b", "not_a_request_link");
    check("text", "not_a_request_link");
    check("openid4vp://?client_id=a", "link_incomplete");
    check("openid4vp://?client_id=a&request=x.y.z", "request_by_value_unsupported");
    check("openid4vp://?client_id=a&dcql_query=%7B%7D", "request_by_value_unsupported");
    check("openid4vp://?client_id=a&client_id=b&request_uri=c", "link_parameter_repeated");
    check("openid4vp://?client_id=a&request_uri=b&request_uri_method=put", "invalid_request_uri_method");
    assert!(Link::parse("haip-vp://?client_id=a&request_uri=b&request_uri_method=post").is_ok());
    assert!(Link::parse("https://wallet.example/?client_id=a&request_uri=b").is_ok());
}

#[test]
fn a_response_is_a_form() {
    let token = VpToken::new([("pid".to_owned(), vec!["a.b.c~".to_owned()])].into());
    let presentation = WalletResponse::Presentation { vp_token: token, state: Some("s".into()) };
    let error =
        WalletResponse::Error { error: "access_denied".into(), description: Some("é".into()), state: None };
    for response in [presentation, error] {
        assert_eq!(WalletResponse::from_form(response.to_form().as_bytes()), Ok(response));
    }
    let check = |form: &str, code: &str| {
        assert_eq!(
            WalletResponse::from_form(form.as_bytes()).map_err(response::ResponseRefusal::code),
            Err(code),
            "{form}"
        );
    };
    check("", "response_incomplete");
    check("state=s", "response_incomplete");
    check("error=x&vp_token=%7B%22a%22%3A%5B%22b%22%5D%7D", "response_incomplete");
    check("error=x&error=y", "response_form");
    check("error=%ff", "response_form");
    for token in ["x", "[]", "{}", r#"{"a":"b"}"#, r#"{"a":[]}"#, r#"{"a":[{}]}"#, r#"{"a":["b"],"a":["c"]}"#]
    {
        let form =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("vp_token", token).finish();
        check(&form, "vp_token_malformed");
    }
}

#[test]
fn an_acknowledgement_may_send_the_person_back() {
    let back = Acknowledgement { redirect_uri: Some("https://clinic.example/?c=1".into()) };
    assert_eq!(Acknowledgement::parse(back.to_value().to_string().as_bytes()), Ok(back));
    assert_eq!(Acknowledgement::parse(b"{\"later\":1}"), Ok(Acknowledgement::default()));
    for bad in ["", "[]", r#"{"redirect_uri":1}"#, r#"{"redirect_uri":"/x"}"#] {
        assert!(Acknowledgement::parse(bad.as_bytes()).is_err(), "{bad}");
    }
}

#[test]
fn addresses_that_may_be_called() {
    for (address, insecure, expected) in [
        ("https://clinic.example/x?y", false, true),
        ("http://localhost:8002/x", true, true),
        ("http://127.0.0.1:8002/x", true, true),
        ("http://localhost:8002/x", false, false),
        ("http://clinic.example/x", true, false),
        ("http://localhost.clinic.example/x", true, false),
        ("https://a:b@clinic.example/x", true, false),
        ("https://clinic.example/x#y", true, false),
        ("file:///etc/passwd", true, false),
        // What parsers of URLs pass over: found by the fuzz target `address`.
        ("ht\ttps://clinic.example/x", false, false),
        ("https:\\\\clinic.example/x", false, false),
        ("https://\u{441}linic.example/x", false, false),
        (" https://clinic.example/x", false, false),
        ("x", true, false),
    ] {
        assert_eq!(is_callable(address, insecure), expected, "{address}");
    }
}

#[test]
fn a_hash_is_made_of_the_text_as_received() {
    // A text that nobody would write so: decoded and encoded again it is another one.
    let odd = b64::encode(b"{ \"credential_ids\" : [\"pid\"] , \"type\":\"x\" }");
    let read = TransactionData::from_encoded(&odd).unwrap();
    assert_eq!(read.hash(HashAlg::Sha256), b64::encode(&crypto::sha256(odd.as_bytes())));
    assert_eq!((read.kind(), read.payload(), read.hash_algs()), ("x", None, [].as_slice()));
}

fn check_answer(change: impl FnOnce(&mut RequestObject), code: &str) {
    let scene = Scene::new();
    let mut request = Scene::request();
    request.transaction_data = vec![transaction("yes")];
    let answer = scene.answer(&request);
    let anchors = scene.state.anchors();
    let good = verify_answer(&request, &answer, &anchors, NOW).unwrap();
    assert_eq!(good.approved.iter().map(|a| a.credential_id.as_str()).collect::<Vec<_>>(), ["pid"]);
    assert_eq!(good.credentials["pid"][0].claims.keys().collect::<Vec<_>>(), ["birthdate", "family_name"]);
    change(&mut request);
    let refusal = verify_answer(&request, &answer, &anchors, NOW).unwrap_err();
    assert_eq!(refusal.code(), code);
}

#[test]
fn an_answer_answers_its_own_request_only() {
    check_answer(|r| r.nonce = "other".into(), "nonce");
    check_answer(|r| r.client_id = ClientId::san_dns("other.example"), "aud");
    check_answer(|r| r.transaction_data.clear(), "transaction_data_hashes");
    check_answer(|r| r.transaction_data = vec![transaction("no")], "transaction_data_hashes");
    check_answer(|r| r.transaction_data.push(transaction("more")), "transaction_data_not_approved");
    check_answer(
        |r| {
            r.query.credentials[0].claims.pop();
        },
        "claim_not_asked",
    );
    check_answer(|r| r.query.credentials[0].claims[0].path = dcql::ClaimPath::top("sex"), "claim_missing");
    check_answer(|r| r.query.credentials[0].vct_values = vec!["other".into()], "vct_not_asked");
    check_answer(|r| r.query.credentials[0].id = "other".into(), "answer_unknown_id");
}

#[test]
fn a_status_is_judged_or_left_undetermined() {
    let scene = Scene::new();
    let request = Scene::request();
    let anchors = scene.trusted();
    let answer = verify_answer(&request, &scene.answer(&request), &anchors, NOW).unwrap();
    let credential = &answer.credentials["pid"][0];
    let reference = credential.status.clone().unwrap();
    let judge = |reference: &StatusRef, token: &str, now| {
        judge_status(reference, &credential.issuer, token, &anchors, now)
    };
    for (status, code) in [
        (Status::Valid, None),
        (Status::Invalid, Some("status_revoked")),
        (Status::Suspended, Some("status_suspended")),
        (Status::Other(3), Some("status_value")),
    ] {
        assert_eq!(judge(&reference, &scene.status_token(status), NOW).code(), code);
    }
    let good = scene.status_token(Status::Valid);
    let far = StatusRef { idx: 64, ..reference.clone() };
    assert_eq!(judge(&far, &good, NOW).code(), Some("status_out_of_range"));
    let elsewhere = StatusRef { uri: "https://state.example/status/2".into(), ..reference.clone() };
    assert_eq!(judge(&elsewhere, &good, NOW).code(), Some("status_stale"));
    assert_eq!(judge(&reference, &good, NOW.plus_secs(3_661)).code(), Some("status_stale"));
    assert_eq!(judge(&reference, "<html>", NOW).code(), Some("status_malformed"));
    let broken = format!("{}AAAA", &good[..good.len() - 4]);
    assert_eq!(judge(&reference, &broken, NOW).code(), Some("status_untrusted"));
    // Another issuer, trusted for its own credentials, does not speak for these.
    let other = scene.clinic.signer(Purpose::CredentialSigning, "state.example");
    let list = StatusList::new(Bits::Two, 64);
    let forged = status_list::sign_token(STATUS_URI, NOW, NOW.plus_secs(60), 300, &list, &other).unwrap();
    assert_eq!(judge(&reference, &forged, NOW).code(), Some("status_untrusted"));
}
