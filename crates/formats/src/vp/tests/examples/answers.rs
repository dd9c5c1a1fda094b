//! What wallets answer (section 8, appendix B).

use crypto::EphemeralKey;

use super::*;
use crate::{
    jwe::Jwe,
    sd_jwt::SdJwt,
    vp::response::{ResponseRefusal, encrypt_response},
};

pub(super) fn vp_tokens(examples: &mut Examples) {
    let mut read = |section: &str, body: &Value| {
        examples.seen(section);
        VpToken::parse(&body.to_string()).map_err(ResponseRefusal::code)
    };
    for (section, id, presentations) in [
        ("8.1.1", "my_credential", vec!["eyJhbGci...QMA"]),
        ("8.1.1, several", "my_credential", vec!["eyJhbGci...QMA", "eyJhbGci...QMA"]),
        ("B.1.3.1.5", "example_jwt_vc", vec!["eY...QMA"]),
        ("B.2.5", "my_credential", vec!["<base64url-encoded DeviceResponse>"]),
    ] {
        let body = json!({ id: presentations });
        let token = read(section, &body).unwrap();
        assert_eq!(token.presentations()[id], presentations);
        let presentations = presentations.into_iter().map(str::to_owned).collect();
        assert_eq!(VpToken::new([(id.to_owned(), presentations)].into()), token, "ours has the same form");
    }
    // A presentation that is an object: formats for which we never ask.
    let presentation = json!({
        "@context": ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/security/data-integrity/v2"],
        "type": ["VerifiablePresentation"],
        "id": "ebc6f1c2",
        "holder": "did:example:holder",
    });
    let refused = read("B.1.3.2.5", &json!({ "example_ldp_vc": [presentation] }));
    assert_eq!(refused, Err("vp_token_malformed"));
}

pub(super) fn forms(examples: &mut Examples) {
    examples.seen("8.2, answer");
    let form = "vp_token=%7B%22my_credential%22%3A%5B%22eyJhbGci...QMA%22%5D%7D&state=eyJhb...6-sVA";
    let answer = WalletResponse::from_form(form.as_bytes()).unwrap();
    let vp_token = VpToken::parse(r#"{"my_credential":["eyJhbGci...QMA"]}"#).unwrap();
    assert_eq!(answer, WalletResponse::Presentation { vp_token, state: Some(STATE.to_owned()) });
    assert_eq!(answer.to_form(), form);

    examples.seen("8.2, error");
    let form = "error=invalid_request&error_description=unsupported%20client_id_prefix&state=eyJhb...6-sVA";
    let answer = WalletResponse::from_form(form.as_bytes()).unwrap();
    let refusal = WalletResponse::Error {
        error: "invalid_request".to_owned(),
        description: Some("unsupported client_id_prefix".to_owned()),
        state: Some(STATE.to_owned()),
    };
    assert_eq!(answer, refusal);
    assert_eq!(answer.to_form().replace('+', "%20"), form);

    examples.seen("8.2, redirect_uri");
    let uri = "https://client.example.org/cb#response_code=091535f699ea575c7937fa5f0f454aee";
    let body = json!({ "redirect_uri": uri });
    let acknowledged = Acknowledgement::parse(body.to_string().as_bytes()).unwrap();
    assert_eq!(acknowledged.redirect_uri.as_deref(), Some(uri));
    assert_eq!(acknowledged.to_value(), body);

    // Nobody can read this one; that it is encrypted is seen.
    examples.seen("8.3.1");
    let posted = Posted::from_form(b"response=eyJra...9t2LQ").unwrap();
    assert_eq!(posted, Posted::Encrypted("eyJra...9t2LQ".to_owned()));
    assert_eq!(posted.open(None, None).map_err(ResponseRefusal::code), Err("response_encrypted"));
}

/// Section 8.3.
const JWE: &str = concat!(
    "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTEyOEdDTSIsImtpZCI6ImFjIiwiZXBrIjp7Imt0eSI6IkVDIiwieCI6Im5ubVZwbTNWM2piaGN",
    "hZlFhUkJrU1ZOSGx3Wkh3dC05ck9wSnVmeVlJdWsiLCJ5Ijoi",
    "cjRmakRxd0p5czlxVU9QLV9iM21SNVNaRy0tQ3dPMm1pYzVWU05UWU45ZyIsImNydiI6IlAtMjU2In19..uAYcHRUSSn2X0WPX.",
    "yVzlGSYG4qbg0bq18JcUiDRw56yVnbKR8E7S7YlEtzT00RqE3Pw5oTpUG3hdLN4taHZ9gC1kwak8JOnJgQ.1wR024_3-qtAlx1oFIUpQQ",
);

pub(super) fn encrypted(examples: &mut Examples) {
    examples.seen("8.3, request");
    let key = json!({
        "kty": "EC", "kid": "ac", "use": "enc", "crv": "P-256", "alg": "ECDH-ES",
        "x": "YO4epjifD-KWeq1sL2tNmm36BhXnkJ0He-WqMYrp9Fk",
        "y": "Hekpm0zfK7C-YccH5iBjcIXgf6YdUvNUac_0At55Okk",
    });
    let metadata = json!({
        "jwks": { "keys": [
            key,
            {
                "kty": "OKP", "kid": "jc", "use": "enc", "crv": "X25519", "alg": "ECDH-ES",
                "x": "WPX7wnwq10hFNK9aDSyG1QlLswE_CJY14LdhcFUIVVc",
            },
            {
                "kty": "EC", "kid": "lc", "use": "enc", "crv": "P-384", "alg": "ECDH-ES",
                "x": "iHytgLNtXjEyYMAIGwfgjINZRmLfObYbmjPhkaPD8OiTkJtRHjegTNdH31Mxg4nV",
                "y": "MizXWSqNB7sSt_SNjg3spvaJnmjB-LpxsPpLUaea33rvINL3Mq-gEaANErRQpbLx",
            },
            {
                "kty": "OKP", "kid": "bc", "use": "enc", "crv": "X448", "alg": "ECDH-ES",
                "x": "pK5IRpLlX-8XcsRYWHejpzkfsHoDOmAYuBzAC7aTpewWOw_QFHSa64t9p2kuommI8JQQLohS2AIA",
            },
        ] },
        "encrypted_response_enc_values_supported": ["A128GCM", "A128CBC-HS256"],
    });
    let mut claims = with("client_metadata", metadata);
    claims["response_mode"] = json!("direct_post.jwt");
    let request = signed(&claims, "x509_san_dns:client.example.org", None).unwrap();
    let asked =
        ResponseEncryption { key: EncryptionJwk::from_value(&key).unwrap(), encs: vec![Enc::A128Gcm] };
    assert_eq!(request.encryption.as_ref(), Some(&asked), "the one key, and the one way, that we can use");
    // As it stands there, it is of the Digital Credentials API.
    claims["response_mode"] = json!("dc_api.jwt");
    let refused = signed(&claims, "x509_san_dns:client.example.org", None);
    assert_eq!(refused.unwrap_err().code(), "response_mode");

    examples.seen("8.3, private key");
    let scalar = b64::decode("Et-3ce0omz8_TuZ96Df9lp0GAaaDoUnDe6X-CRO7Aww").unwrap();
    let private = EphemeralKey::from_scalar(&scalar.try_into().unwrap()).unwrap();
    assert_eq!(crypto::KeyAgreement::public_key(&private), *asked.key.public_key());

    examples.seen("8.3, header");
    let jwe = Jwe::parse(JWE).unwrap();
    let header = json!({
        "alg": "ECDH-ES",
        "enc": "A128GCM",
        "kid": "ac",
        "epk": {
            "kty": "EC",
            "x": "nnmVpm3V3jbhcafQaRBkSVNHlwZHwt-9rOpJufyYIuk",
            "y": "r4fjDqwJys9qUOP-_b3mR5SZG--CwO2mic5VSNTYN9g",
            "crv": "P-256",
        },
    });
    assert_eq!(Value::Object(jwe.header_value().clone()), header);

    examples.seen("8.3, response");
    examples.seen("8.3, payload");
    let form = format!("response={JWE}");
    let open = |form: &str| Posted::from_form(form.as_bytes()).unwrap().open(Some(&asked), Some(&private));
    let answer = open(&form).unwrap();
    let vp_token = VpToken::parse(r#"{"example_credential_id":["eyJhb...YMetA"]}"#).unwrap();
    assert_eq!(answer, WalletResponse::Presentation { vp_token, state: None });
    let ours = answer.to_form_for(&request, &SeededRandom::new(41)).unwrap();
    assert_eq!(open(&ours), Ok(answer));
    let ours = Jwe::parse(ours.strip_prefix("response=").unwrap()).unwrap();
    assert!(ours.header_value().keys().eq(jwe.header_value().keys()), "ours has the same form");

    examples.seen("8.3.1, payload");
    let payload = json!({ "vp_token": { "example_jwt_vc": ["eY...QMA"] } });
    let form =
        encrypt_response(payload.as_object().unwrap(), &asked, Enc::A128Gcm, &SeededRandom::new(42)).unwrap();
    let vp_token = VpToken::parse(r#"{"example_jwt_vc":["eY...QMA"]}"#).unwrap();
    assert_eq!(open(&form), Ok(WalletResponse::Presentation { vp_token, state: None }));

    // Of mdocs, but keys of requests for SD-JWT VC are the same.
    examples.seen("B.2.6.1, key");
    let key = json!({
        "kty": "EC",
        "crv": "P-256",
        "x": "DxiH5Q4Yx3UrukE2lWCErq8N8bqC9CHLLrAwLz5BmE0",
        "y": "XtLM4-3h5o3HUH0MHVJV0kyq0iBlrBwlh8qEDMZ4-Pc",
        "use": "enc",
        "alg": "ECDH-ES",
        "kid": "1",
    });
    let read = EncryptionJwk::from_value(&key).unwrap();
    assert_eq!(read.to_value(), key);
    let thumbprint = "4283ec927ae0f208daaa2d026a814f2b22dca52cf85ffa8f3f8626c6bd669047";
    let byte = |at: usize| u8::from_str_radix(&thumbprint[2 * at..2 * at + 2], 16).unwrap();
    assert_eq!(read.thumbprint(), std::array::from_fn(byte));
}

pub(super) fn presentations(examples: &mut Examples) {
    examples.seen("B.3.2, claims");
    examples.seen("B.3.2, credential");
    let holder = json!({
        "kty": "EC",
        "crv": "P-256",
        "x": "TCAER19Zvu3OHF4j4W4vfSVoHIP1ILilDls7vCeGemc",
        "y": "ZxjiWWbZMQGHVWKVQ4hbSIirsVfuecCE6t4jT9F2HZQ",
    });
    let payload = json!({
        "_sd": [
            "3oUCnaKt7wqDKuyh-LgQozzfhgb8gO5Ni-RCWsWW2vA", "8z8z9X9jUtb99gjejCwFAGz4aqlHf-sCqQ6eM_qmpUQ",
            "Cxq4872UXXngGULT_kl8fdwVFkyK6AJfPZLy7L5_0kI", "TGf4oLbgwd5JQaHyKVQZU9UdGE0w5rtDsrZzfUaomLo",
            "jsu9yVulwQQlhFlM_3JlzMaSFzglhQG0DpfayQwLUK4", "sFcViHN-JG3eTUyBmU4fkwusy5I1SLBhe1jNvKxP5xM",
            "tiTngp9_jhC389UP8_k67MXqoSfiHq3iK6o9un4we_Y", "xsKkGJXD1-e3I9zj0YyKNv-lU5YqhsEAF9NhOr8xga4",
        ],
        "iss": "https://example.com/issuer",
        "iat": 1_683_000_000,
        "exp": 1_883_000_000,
        "vct": "https://credentials.example.com/identity_credential",
        "_sd_alg": "sha-256",
        "cnf": { "jwk": holder },
    });
    let key = SecretKey::generate(&SeededRandom::new(43));
    let jwt = jws::sign(&json!({ "typ": "dc+sd-jwt" }), payload.to_string().as_bytes(), &key).unwrap();
    let disclosures = [
        ("given_name", "John", "WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3IiwgImdpdmVuX25hbWUiLCAiSm9obiJd"),
        ("family_name", "Doe", "WyJlbHVWNU9nM2dTTklJOEVZbnN4QV9BIiwgImZhbWlseV9uYW1lIiwgIkRvZSJd"),
        (
            "birthdate",
            "1940-01-01",
            "WyI2SWo3dE0tYTVpVlBHYm9TNXRtdlZBIiwgImJpcnRoZGF0ZSIsICIxOTQwLTAxLTAxIl0",
        ),
    ];
    let text = format!("{jwt}~{}~", disclosures.map(|(_, _, disclosure)| disclosure).join("~"));
    let claims = SdJwt::parse(&text).unwrap().process().unwrap();
    for (name, value, _) in disclosures {
        examples.seen("B.3.2, disclosure");
        assert_eq!(claims[name], value);
    }
    assert_eq!(claims["vct"], "https://credentials.example.com/identity_credential");

    // The proof that a wallet of ours makes for such a request has the members of the example, and no others.
    examples.seen("B.3.6");
    let example = json!({
        "nonce": NONCE,
        "aud": "x509_san_dns:client.example.org",
        "iat": 1_709_838_604,
        "sd_hash": "Dy-RYwZfaaoC3inJbLslgPvMp09bH-clYP_3qbRqtW4",
        "transaction_data_hashes": ["fOBUSQvo46yQO-wRwXBcGqvnbKIueISEL961_Sjd4do"],
    });
    let scene = Scene::new();
    let claims = KeyBindingClaims {
        nonce: NONCE,
        aud: "x509_san_dns:client.example.org",
        iat: Instant::from_secs(1_709_838_604),
        transaction_data_hashes: Some(TransactionDataHashes::of(&["e30".to_owned()], &[])),
    };
    let shown = sd_jwt_vc::present(&scene.credential(), |_| true, &claims, &scene.holder).unwrap();
    let (_, proof) = shown.rsplit_once('~').unwrap();
    let ours = jws::Jws::parse(proof).unwrap().claims().unwrap();
    assert!(ours.keys().eq(example.as_object().unwrap().keys()));
    for name in ["nonce", "aud", "iat"] {
        assert_eq!(ours[name], example[name]);
    }
}
