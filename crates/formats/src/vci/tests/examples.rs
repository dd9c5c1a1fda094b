//! The examples of OpenID4VCI 1.0 (final) that we read or write, by section; line breaks that are only of the printing
//! are taken out of values, and what other formats have inside is shortened. Not among them: what belongs to the
//! authorization endpoint (section 5), to deferred issuance (section 9, but for its answers) and to attestations
//! (appendices D and E), which are not spoken here; nor the notifications of section 11, which the `issue` crate reads.

mod metadata;

use serde_json::Value;

use super::*;
use crate::{jws, sd_jwt::SdJwt, testing::Examples};

/// How many examples there are at least.
const EXAMPLES_MIN: usize = 47;
const STANDARD_ISSUER: &str = "https://credential-issuer.example.com";
const PROOFS_MAX: usize = 4;

#[test]
fn examples_of_the_standard() {
    let mut examples = Examples::new("OpenID4VCI 1.0");
    offers(&mut examples);
    token_requests(&mut examples);
    token_responses(&mut examples);
    credential_requests(&mut examples);
    credential_responses(&mut examples);
    errors(&mut examples);
    metadata::issuer_metadata(&mut examples);
    metadata::metadata_of_formats(&mut examples);
    key_proofs(&mut examples);
    examples.at_least(EXAMPLES_MIN);
}

fn offers(examples: &mut Examples) {
    let read = |body: &Value| CredentialOffer::parse(body.to_string().as_bytes()).unwrap();
    let pre_authorized = |ids: &[&str], code: &str, tx_code: Value| {
        json!({
            "credential_issuer": STANDARD_ISSUER,
            "credential_configuration_ids": ids,
            "grants": { GRANT_PRE_AUTHORIZED_CODE: { "pre-authorized_code": code, "tx_code": tx_code } },
        })
    };
    let mut check = |section: &str, ids: &[&str], code: &str, tx_code: Value, expected: &TxCode| {
        examples.seen(section);
        let body = pre_authorized(ids, code, tx_code);
        let offer = read(&body);
        assert_eq!(offer.credential_issuer, STANDARD_ISSUER);
        assert_eq!(offer.credential_configuration_ids, ids);
        let grant = offer.pre_authorized_code().unwrap();
        assert_eq!((grant.pre_authorized_code.as_str(), grant.tx_code.as_ref()), (code, Some(expected)));
        assert_eq!(serde_json::to_value(&offer).unwrap(), body, "ours has the same form");
        let link = offer.link_by_value().unwrap();
        assert_eq!(OfferLink::parse(&link), Ok(OfferLink::Value(Box::new(offer))));
    };
    let described = "Please provide the one-time code that was sent via e-mail";
    check(
        "4.1.1",
        &["UniversityDegreeCredential", "org.iso.18013.5.1.mDL"],
        "oaKazRN8I0IbtZ0C7JuMn5",
        json!({ "length": 4, "input_mode": "numeric", "description": described }),
        &TxCode {
            input_mode: Some(InputMode::Numeric),
            length: Some(4),
            description: Some(described.to_owned()),
        },
    );
    check("4.1.3", &["UniversityDegree_LDP_VC"], "adhjhdjajkdkhjhdj", json!({}), &TxCode::default());
    let described = "Please provide the one-time code which was sent to your mobile phone via SMS";
    check(
        "4.1.3, beside it",
        &["UniversityDegreeCredential"],
        "adhjhdjajkdkhjhdj",
        json!({ "description": described }),
        &TxCode { description: Some(described.to_owned()), ..TxCode::default() },
    );

    examples.seen("4.1.3, authorization code");
    let body = json!({
        "credential_issuer": STANDARD_ISSUER,
        "credential_configuration_ids": ["UniversityDegreeCredential"],
        "grants": { "authorization_code": { "issuer_state": "eyJhbGciOiJSU0Et...FYUaBy" } },
    });
    let offer = read(&body);
    assert_eq!(offer.pre_authorized_code(), None);
    let grant = offer.grants.as_ref().unwrap().authorization_code.as_ref().unwrap();
    assert_eq!(grant.issuer_state.as_deref(), Some("eyJhbGciOiJSU0Et...FYUaBy"));
    assert_eq!(serde_json::to_value(&offer).unwrap(), body);

    // The first is for a wallet's own address, which is not read here; what it carries is.
    let by_value = [
        (
            concat!(
                "%7B%22credential_issuer%22:%22https://credential-issuer.example.com%22,%22credential_configur",
                "ation_ids%22:%5B%22UniversityDegree_JWT%22,%22org.iso.18013.5.1.mDL%22%5D,%22grants%22:%7B%22",
                "urn:ietf:params:oauth:grant-type:pre-authorized_code%22:%7B%22pre-authorized_code%22:%22oaKaz",
                "RN8I0IbtZ0C7JuMn5%22,%22tx_code%22:%7B%7D%7D%7D%7D",
            ),
            &["UniversityDegree_JWT", "org.iso.18013.5.1.mDL"][..],
            TxCode::default(),
        ),
        (
            concat!(
                "%7B%22credential_issuer%22:%22https://credential-issuer.example.com%22,%22credential_configur",
                "ation_ids%22:%5B%22org.iso.18013.5.1.mDL%22%5D,%22grants%22:%7B%22urn:ietf:params:oauth:grant",
                "-type:pre-authorized_code%22:%7B%22pre-authorized_code%22:%22oaKazRN8I0IbtZ0C7JuMn5%22,%22tx_",
                "code%22:%7B%22input_mode%22:%22text%22,%22description%22:%22Please%20enter%20the%20serial%20n",
                "umber%20of%20your%20physical%20drivers%20license%22%7D%7D%7D%7D",
            ),
            &["org.iso.18013.5.1.mDL"][..],
            TxCode {
                input_mode: Some(InputMode::Text),
                length: None,
                description: Some(
                    "Please enter the serial number of your physical drivers license".to_owned(),
                ),
            },
        ),
    ];
    for (encoded, ids, tx_code) in by_value {
        examples.seen("4.1.2");
        let link =
            OfferLink::parse(&format!("openid-credential-offer://?credential_offer={encoded}")).unwrap();
        let body = pre_authorized(ids, "oaKazRN8I0IbtZ0C7JuMn5", serde_json::to_value(tx_code).unwrap());
        assert_eq!(link, OfferLink::Value(Box::new(read(&body))));
    }
    let own = OfferLink::parse("https://server.example.com/credential_offer?credential_offer=%7B%7D");
    assert_eq!(own, Err(Error::NotAnOfferLink));

    examples.seen("4.1.3, link");
    let uri = "https://server.example.com/credential-offer/GkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM";
    let link = concat!(
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fserver%2Eexample%2Ecom%2Fcredential-offer",
        "%2FGkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM",
    );
    assert_eq!(OfferLink::parse(link), Ok(OfferLink::Reference(uri.to_owned())));
    assert_eq!(OfferLink::parse(&link_by_reference(uri)), Ok(OfferLink::Reference(uri.to_owned())));
}

fn token_request(form: &str) -> Result<TokenRequest, TokenRefusal> {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    TokenRequest::from_pairs(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))
}

fn token_requests(examples: &mut Examples) {
    // There is no authorization endpoint, so there are no codes of that kind.
    examples.seen("6.1, authorization code");
    let form = concat!(
        "grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA",
        "&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "&redirect_uri=https%3A%2F%2Fwallet.example.org%2Fcb",
        "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer",
        "&client_assertion=eyJhbGciOiJSU",
    );
    assert_eq!(token_request(form).unwrap_err().code.code(), "unsupported_grant_type");

    examples.seen("6.1.1");
    let form = concat!(
        "grant_type=urn:ietf:params:oauth:grant-type:pre-authorized_code",
        "&pre-authorized_code=SplxlOBeZQQYbYS6WxSbIA&tx_code=493536",
        "&authorization_details=%5B%7B%22type%22%3A%20%22openid_credential%22%2C%20%22",
        "credential_configuration_id%22%3A%20%22UniversityDegreeCredential%22%7D%5D",
    );
    let request = TokenRequest {
        pre_authorized_code: "SplxlOBeZQQYbYS6WxSbIA".to_owned(),
        tx_code: Some("493536".to_owned()),
        authorization_details: Some(vec!["UniversityDegreeCredential".to_owned()]),
    };
    assert_eq!(token_request(form), Ok(request.clone()));
    assert_eq!(token_request(&request.to_form().unwrap()), Ok(request));

    // Of the authorization endpoint; in token requests they have the same form. `claims` and `locations` are ignored:
    // a whole credential is given, and there is one issuer.
    let mut check = |section: &str, details: &Value, ids: &[&str]| {
        examples.seen(section);
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", GRANT_PRE_AUTHORIZED_CODE)
            .append_pair("pre-authorized_code", "c")
            .append_pair("authorization_details", &details.to_string())
            .finish();
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!(token_request(&form).unwrap().authorization_details, Some(ids), "{details}");
    };
    let kind = AUTHORIZATION_DETAILS_TYPE;
    let degree = "UniversityDegreeCredential";
    check("5.1.1", &json!([{ "type": kind, "credential_configuration_id": degree }]), &[degree]);
    check(
        "5.1.1, locations",
        &json!([{ "type": kind, "locations": [STANDARD_ISSUER], "credential_configuration_id": degree }]),
        &[degree],
    );
    let mdl = "org.iso.18013.5.1.mDL";
    check(
        "5.1.1, two",
        &json!([
            { "type": kind, "credential_configuration_id": degree },
            { "type": kind, "credential_configuration_id": mdl },
        ]),
        &[degree, mdl],
    );
    let subject = |name: &str| json!({ "path": ["credentialSubject", name] });
    let of_subject = json!([subject("given_name"), subject("family_name"), subject("degree")]);
    let of_mdl = json!([
        { "path": [mdl.trim_end_matches(".mDL"), "given_name"] },
        { "path": [mdl.trim_end_matches(".mDL"), "family_name"] },
        { "path": [mdl.trim_end_matches(".mDL"), "birth_date"] },
        { "path": ["org.iso.18013.5.1.aamva", "organ_donor"] },
    ]);
    for (section, id, claims) in [
        ("A.1.1.3", degree, of_subject.clone()),
        ("A.1.2.3", "UniversityDegree_LDP_VC", of_subject),
        ("A.2.3", mdl, of_mdl),
        ("A.3.3", "PID_SD_JWT_VC", json!([{ "path": ["given_name"] }, { "path": ["family_name"] }])),
    ] {
        check(
            section,
            &json!([{ "type": kind, "credential_configuration_id": id, "claims": claims }]),
            &[id],
        );
    }
}

fn token_responses(examples: &mut Examples) {
    examples.seen("6.2");
    let body = json!({
        "access_token": "eyJhbGciOiJSUzI1NiIsInR5cCI6Ikp..sHQ",
        "token_type": "Bearer",
        "expires_in": 86400,
        "authorization_details": [{
            "type": "openid_credential",
            "credential_configuration_id": "UniversityDegreeCredential",
            "credential_identifiers": ["CivilEngineeringDegree-2023", "ElectricalEngineeringDegree-2023"],
        }],
    });
    let response = TokenResponse::parse(body.to_string().as_bytes()).unwrap();
    assert_eq!(response.access_token, "eyJhbGciOiJSUzI1NiIsInR5cCI6Ikp..sHQ");
    assert_eq!(response.expires_in, Some(86400));
    let first = Selector::Identifier("CivilEngineeringDegree-2023".to_owned());
    assert_eq!(response.selector("UniversityDegreeCredential"), first);
    assert_eq!(serde_json::to_value(&response).unwrap(), body);

    examples.seen("7.2");
    let body = json!({ "c_nonce": "wKI4LT17ac15ES9bw8ac4" });
    let response = NonceResponse::parse(body.to_string().as_bytes()).unwrap();
    assert_eq!(response.c_nonce, "wKI4LT17ac15ES9bw8ac4");
    assert_eq!(serde_json::to_value(&response).unwrap(), body);
}

fn credential_requests(examples: &mut Examples) {
    let mut read = |section: &str, body: &Value| {
        examples.seen(section);
        CredentialRequest::parse(body.to_string().as_bytes(), PROOFS_MAX)
            .map_err(|refusal| refusal.code.code())
    };
    let by_key_id = concat!(
        "eyJraWQiOiJkaWQ6ZXhhbXBsZTplYmZlYjFmNzEyZWJjNmYxYzI3NmUxMmVjMjEva2V5cy8x",
        "IiwiYWxnIjoiRVMyNTYiLCJ0eXAiOiJKV1QifQ",
    );
    let (by_key, _) = PROOF.split_once('.').unwrap();
    let mdl = Selector::Configuration("org.iso.18013.5.1.mDL".to_owned());
    let degree = Selector::Identifier("CivilEngineeringDegree-2023".to_owned());
    for (member, selector, proofs) in [
        ("credential_configuration_id", mdl, vec![by_key_id.to_owned()]),
        ("credential_identifier", degree, vec![by_key.to_owned(), by_key_id.to_owned()]),
    ] {
        let (Selector::Configuration(id) | Selector::Identifier(id)) = &selector;
        let body = json!({ member: id, "proofs": { "jwt": proofs } });
        let request = read("8.2", &body).unwrap();
        assert_eq!(request, CredentialRequest { selector, proofs });
        assert_eq!(json::parse(request.to_json().as_bytes()).unwrap(), body);
    }

    // Other proof types than `jwt` are not taken.
    let presentation = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiablePresentation"],
        "holder": "did:key:z6MkvrFpBNCoYewiaeBLgjUDvLxUtnK5R6mqh5XPvLsrPsro",
        "proof": [{
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-2022",
            "proofPurpose": "authentication",
            "created": "2023-03-01T14:56:29.280619Z",
            "challenge": "82d4cb36-11f6-4273-b9c6-df1ac0ff17e9",
            "domain": "did:web:audience.company.com",
        }],
    });
    for (section, proofs) in [
        ("8.2, di_vp", json!({ "di_vp": [presentation] })),
        ("F.2", json!({ "di_vp": [presentation] })),
        ("F.3", json!({ "attestation": ["<key attestation in JWT format>"] })),
    ] {
        let body = json!({ "credential_identifier": "CivilEngineeringDegree-2023", "proofs": proofs });
        assert_eq!(read(section, &body), Err("invalid_proof"));
    }

    // As drafts had it: `format` says what is asked for. It is published beside the final examples.
    let body = json!({
        "format": "mso_mdoc",
        "doctype": "org.iso.18013.5.1.mDL",
        "proofs": { "jwt": ["eyJraWQiOiJkaWQ6ZXhhbXBsZ...KPxgihac0aW9EkL1nOzM"] },
    });
    assert_eq!(read("A.2, of a draft", &body), Err("invalid_credential_request"));
}

fn credential_responses(examples: &mut Examples) {
    let of = |texts: &[&str]| texts.iter().map(|text| json!({ "credential": text })).collect::<Value>();
    let (first, second) =
        ("LUpixVCWJk0eOt4CXQe1NXK....WZwmhmn9OQp6YxX0a2L", "YXNkZnNhZGZkamZqZGFza23....29tZTIzMjMyMzIzMjMy");
    let two = json!({ "credentials": of(&[first, second]), "notification_id": "3fwe98js" });
    for (section, body, count) in [
        ("8.3", json!({ "credentials": of(&[first]) }), 1),
        ("8.3, two", two.clone(), 2),
        ("8.3, later", json!({ "transaction_id": "8xLOxBtZp8", "interval": 3600 }), 0),
        ("9.2", two, 2),
        ("9.2, later", json!({ "transaction_id": "8xLOxBtZp8", "interval": 86400 }), 0),
        ("A.1.1.4", json!({ "credentials": of(&[JWT_VC]) }), 1),
        ("A.2.4", json!({ "credentials": of(&["omppc3N1ZXJBdXRohEOhASahG...ArQwggKwMIICVqADAgEC"]) }), 1),
        ("A.3.4", json!({ "credentials": of(&[SD_JWT_VC]) }), 1),
    ] {
        examples.seen(section);
        let response = CredentialResponse::parse(body.to_string().as_bytes()).unwrap();
        assert_eq!(response.credentials.len(), count, "{section}");
        assert_eq!(response.transaction_id.is_some(), count == 0);
        assert_eq!(response.notification_id.as_deref(), (count == 2).then_some("3fwe98js"));
        assert_eq!(serde_json::to_value(&response).unwrap(), body);
    }
    let claims = SdJwt::parse(SD_JWT_VC).unwrap().process().unwrap();
    assert_eq!(claims["vct"], "https://credentials.example.com/identity_credential");
    assert_eq!(claims["address"]["locality"], "Anytown");
    assert_eq!(claims["is_over_65"], true);
    assert!(SdJwt::parse(JWT_VC).is_err(), "read as an answer, and refused as a credential");

    // A credential that is an object: formats of which we ask for none.
    examples.seen("A.1.2.4");
    let body = json!({ "credentials": [{ "credential": {
        "@context": [
            "https://www.w3.org/2018/credentials/v1",
            "https://www.w3.org/2018/credentials/examples/v1",
        ],
        "id": "http://example.edu/credentials/3732",
        "type": ["VerifiableCredential", "UniversityDegreeCredential"],
        "issuer": "https://example.edu/issuers/565049",
        "issuanceDate": "2010-01-01T00:00:00Z",
    } }] });
    let refused = CredentialResponse::parse(body.to_string().as_bytes());
    assert_eq!(refused, Err(json::Error::Shape.into()));
}

fn errors(examples: &mut Examples) {
    for (section, code) in [
        ("6.3", TokenErrorCode::InvalidRequest.code()),
        ("8.3.1.2", CredentialErrorCode::UnknownCredentialConfiguration.code()),
        ("9.3", "invalid_transaction_id"),
        ("11.3", "invalid_notification_id"),
    ] {
        examples.seen(section);
        let body = json!({ "error": code });
        let read = ErrorBody::parse(body.to_string().as_bytes()).unwrap();
        assert_eq!(read, ErrorBody { error: code.to_owned(), error_description: None });
        assert_eq!(serde_json::to_value(&read).unwrap(), body);
    }
}

fn key_proofs(examples: &mut Examples) {
    let now = Instant::from_secs(1_701_960_444);
    examples.seen("F.1, jwt");
    examples.seen("F.1, decoded");
    let verified = proof::verify(PROOF, STANDARD_ISSUER, now).unwrap();
    let key = json!({
        "kty": "EC",
        "crv": "P-256",
        "x": "nUWAoAv3XZith8E7i19OdaxOLYFOwM-Z2EuM02TirT4",
        "y": "HskHU8BjUi1U9Xqi7Swmj8gwAK_0xkcDjEW_71SosEY",
    });
    assert_eq!(verified.key.to_value(), key);
    assert_eq!((verified.nonce.as_str(), verified.issued_at), ("LarRGSbmUPYtRYO6BQ4yn8", now));
    let members = |text: &str| {
        let jws = jws::Jws::parse(text).unwrap();
        let header: Vec<String> = jws.header_value().keys().cloned().collect();
        (header, jws.claims().unwrap().keys().cloned().collect::<Vec<_>>())
    };
    let own = SecretKey::generate(&SeededRandom::new(2));
    let ours = proof::build(&own, STANDARD_ISSUER, Some("LarRGSbmUPYtRYO6BQ4yn8"), now).unwrap();
    assert_eq!(members(&ours), members(PROOF), "ours has the same form");

    // With a key attestation, by reference to a key in it: key attestations are not taken.
    examples.seen("F.1, key attestation");
    let header =
        json!({ "typ": proof::TYP, "kid": "0", "key_attestation": "<key attestation in JWT format>" });
    let claims = json!({
        "iss": "s6BhdRkqt3", "aud": "https://server.example.com", "iat": 1_659_145_924, "nonce": "tZignsnFbp",
    });
    let text = jws::sign(&header, claims.to_string().as_bytes(), &own).unwrap();
    let verified = proof::verify(&text, "https://server.example.com", Instant::from_secs(1_659_145_924));
    assert_eq!(verified, Err(ProofError::Key));
}

/// Appendix F.1.
const PROOF: &str = concat!(
    "eyJ0eXAiOiJvcGVuaWQ0dmNpLXByb29mK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwiY3J2IjoiUC0yNTYi",
    "LCJ4IjoiblVXQW9BdjNYWml0aDhFN2kxOU9kYXhPTFlGT3dNLVoyRXVNMDJUaXJUNCIsInkiOiJIc2tIVThCalVpMVU5WHFpN1N3",
    "bWo4Z3dBS18weGtjRGpFV183MVNvc0VZIn19.eyJhdWQiOiJodHRwczovL2NyZWRlbnRpYWwtaXNzdWVyLmV4YW1wbGUuY29tIiw",
    "iaWF0IjoxNzAxOTYwNDQ0LCJub25jZSI6IkxhclJHU2JtVVBZdFJZTzZCUTR5bjgifQ.-a3EDsxClUB4O3LeDD5DVGEnNMT01FCQ",
    "W4P6-2-BNBqc_Zxf0Qw4CWayLEpqkAomlkLb9zioZoipdP-jvh1WlA",
);

/// Appendix A.3.4.
const SD_JWT_VC: &str = concat!(
    "eyJhbGciOiAiRVMyNTYiLCAidHlwIjogImRjK3NkLWp3dCIsICJraWQiOiAiZG9jLXNpZ25lci0wNS0yNS0yMDIyIn0.eyJfc2Qi",
    "OiBbIjA5dktySk1PbHlUV00wc2pwdV9wZE9CVkJRMk0xeTNLaHBINTE1blhrcFkiLCAiMnJzakdiYUMwa3k4bVQwcEpyUGlvV1Rx",
    "MF9kYXcxc1g3NnBvVWxnQ3diSSIsICJFa084ZGhXMGRIRUpidlVIbEVfVkNldUM5dVJFTE9pZUxaaGg3WGJVVHRBIiwgIklsRHpJ",
    "S2VpWmREd3BxcEs2WmZieXBoRnZ6NUZnbldhLXNONndxUVhDaXciLCAiSnpZakg0c3ZsaUgwUjNQeUVNZmVadTZKdDY5dTVxZWha",
    "bzdGN0VQWWxTRSIsICJQb3JGYnBLdVZ1Nnh5bUphZ3ZrRnNGWEFiUm9jMkpHbEFVQTJCQTRvN2NJIiwgIlRHZjRvTGJnd2Q1SlFh",
    "SHlLVlFaVTlVZEdFMHc1cnREc3JaemZVYW9tTG8iLCAiamRyVEU4WWNiWTRFaWZ1Z2loaUFlX0JQZWt4SlFaSUNlaVVRd1k5UXF4",
    "SSIsICJqc3U5eVZ1bHdRUWxoRmxNXzNKbHpNYVNGemdsaFFHMERwZmF5UXdMVUs0Il0sICJpc3MiOiAiaHR0cHM6Ly9leGFtcGxl",
    "LmNvbS9pc3N1ZXIiLCAiaWF0IjogMTY4MzAwMDAwMCwgImV4cCI6IDE4ODMwMDAwMDAsICJ2Y3QiOiAiaHR0cHM6Ly9jcmVkZW50",
    "aWFscy5leGFtcGxlLmNvbS9pZGVudGl0eV9jcmVkZW50aWFsIiwgIl9zZF9hbGciOiAic2hhLTI1NiIsICJjbmYiOiB7Imp3ayI6",
    "IHsia3R5IjogIkVDIiwgImNydiI6ICJQLTI1NiIsICJ4IjogIlRDQUVSMTladnUzT0hGNGo0VzR2ZlNWb0hJUDFJTGlsRGxzN3ZD",
    "ZUdlbWMiLCAieSI6ICJaeGppV1diWk1RR0hWV0tWUTRoYlNJaXJzVmZ1ZWNDRTZ0NGpUOUYySFpRIn19fQ.dVjA0sh4xGD32uPqc",
    "9h4WHiEL3A08kiKNE08IIrtn3PJvljLU7n19LBTtuzPFZoc_GoPuS97SIDbz96K8pkZew~WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STj",
    "l3IiwgImdpdmVuX25hbWUiLCAiSm9obiJd~WyJlbHVWNU9nM2dTTklJOEVZbnN4QV9BIiwgImZhbWlseV9uYW1lIiwgIkRvZSJd~",
    "WyI2SWo3dE0tYTVpVlBHYm9TNXRtdlZBIiwgImVtYWlsIiwgImpvaG5kb2VAZXhhbXBsZS5jb20iXQ~WyJlSThaV205UW5LUHBOU",
    "GVOZW5IZGhRIiwgInBob25lX251bWJlciIsICIrMS0yMDItNTU1LTAxMDEiXQ~WyJRZ19PNjR6cUF4ZTQxMmExMDhpcm9BIiwgIm",
    "FkZHJlc3MiLCB7InN0cmVldF9hZGRyZXNzIjogIjEyMyBNYWluIFN0IiwgImxvY2FsaXR5IjogIkFueXRvd24iLCAicmVnaW9uIj",
    "ogIkFueXN0YXRlIiwgImNvdW50cnkiOiAiVVMifV0~WyJBSngtMDk1VlBycFR0TjRRTU9xUk9BIiwgImJpcnRoZGF0ZSIsICIxOT",
    "QwLTAxLTAxIl0~WyJQYzMzSk0yTGNoY1VfbEhnZ3ZfdWZRIiwgImlzX292ZXJfMTgiLCB0cnVlXQ~WyJHMDJOU3JRZmpGWFE3SW8",
    "wOXN5YWpBIiwgImlzX292ZXJfMjEiLCB0cnVlXQ~WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgImlzX292ZXJfNjUiLCB0cnVl",
    "XQ~",
);

/// Appendix A.1.1.4: of a format that we do not ask for.
const JWT_VC: &str = concat!(
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiIsImtpZCI6InVybjppZXRmOnBhcmFtczpvYXV0aDpqd2stdGh1bWJwcmludDpzaGEt",
    "MjU2Om1sVXBvZzd2RWV3RkJlbTZVbDA5YzJkdFR3YzhkRnpWcElEWDNzcUdXVzAifQ.eyJ2YyI6eyJAY29udGV4dCI6WyJodHRwc",
    "zovL3d3dy53My5vcmcvMjAxOC9jcmVkZW50aWFscy92MSIsImh0dHBzOi8vd3d3LnczLm9yZy8yMDE4L2NyZWRlbnRpYWxzL2V4Y",
    "W1wbGVzL3YxIl0sImlkIjoiaHR0cHM6Ly9jcmVkZW50aWFsLWlzc3Vlci5leGFtcGxlLmNvbS9jcmVkZW50aWFscy8zNzMyIiwid",
    "HlwZSI6WyJWZXJpZmlhYmxlQ3JlZGVudGlhbCIsIlVuaXZlcnNpdHlEZWdyZWVDcmVkZW50aWFsIl0sImlzc3VlciI6Imh0dHBzO",
    "i8vY3JlZGVudGlhbC1pc3N1ZXIuZXhhbXBsZS5jb20iLCJpc3N1YW5jZURhdGUiOiIyMDI1LTAxLTAxVDAwOjAwOjAwWiIsImNyZ",
    "WRlbnRpYWxTdWJqZWN0Ijp7ImlkIjoiZGlkOmp3azpleUpyYVdRaU9pSjFjbTQ2YVdWMFpqcHdZWEpoYlhNNmIyRjFkR2c2YW5kc",
    "kxYUm9kVzFpY0hKcGJuUTZjMmhoTFRJMU5qcFdZa3BQVTNacWVGVTJURGhETjBkVlR6UmtjMmhKV1ZZemVtSjJSbmRyV1VJME0xb",
    "EtOVXQwZERoRklpd2lhM1I1SWpvaVJVTWlMQ0pqY25ZaU9pSlFMVEkxTmlJc0ltRnNaeUk2SWtWVE1qVTJJaXdpZUNJNklrMWtRe",
    "TFQUzNFMFFWRktabFpEV0RWNmNGRnZURGhxTkZaRlpuWlFXRGs0ZEZVNWFIaGpUbGhIY204aUxDSjVJam9pYm5OWGJtWmlOazVYY",
    "zBzek9VSklMV2hCWVZOclExTmxORUo1YldWT2MyTktSVjl6WVVRelJETmlUU0o5IiwiZGVncmVlIjp7InR5cGUiOiJCYWNoZWxvc",
    "kRlZ3JlZSIsIm5hbWUiOiJCYWNoZWxvciBvZiBTY2llbmNlIGFuZCBBcnRzIn19fSwiaXNzIjoiaHR0cHM6Ly9jcmVkZW50aWFsL",
    "Wlzc3Vlci5leGFtcGxlLmNvbSIsIm5iZiI6MTczNTY4OTYwMCwianRpIjoiaHR0cHM6Ly9jcmVkZW50aWFsLWlzc3Vlci5leGFtc",
    "GxlLmNvbS9jcmVkZW50aWFscy8zNzMyIiwic3ViIjoiZGlkOmp3azpleUpyYVdRaU9pSjFjbTQ2YVdWMFpqcHdZWEpoYlhNNmIyR",
    "jFkR2c2YW5kckxYUm9kVzFpY0hKcGJuUTZjMmhoTFRJMU5qcFdZa3BQVTNacWVGVTJURGhETjBkVlR6UmtjMmhKV1ZZemVtSjJSb",
    "mRyV1VJME0xbEtOVXQwZERoRklpd2lhM1I1SWpvaVJVTWlMQ0pqY25ZaU9pSlFMVEkxTmlJc0ltRnNaeUk2SWtWVE1qVTJJaXdpZ",
    "UNJNklrMWtReTFQUzNFMFFWRktabFpEV0RWNmNGRnZURGhxTkZaRlpuWlFXRGs0ZEZVNWFIaGpUbGhIY204aUxDSjVJam9pYm5OW",
    "GJtWmlOazVYYzBzek9VSklMV2hCWVZOclExTmxORUo1YldWT2MyTktSVjl6WVVRelJETmlUU0o5In0.k13xQCnQIKAIuwQIbg37d",
    "wlNr8D6_2YUQtDTVQCq-ZsjcXxHagGC_VIZtd7RpR8OvBzTBHVwrBRD-_RzoV2Ofg",
);
