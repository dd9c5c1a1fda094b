//! OpenID4VCI: offers, metadata, tokens, credential requests, proofs.

use crypto::{SecretKey, SeededRandom};
use formats::{
    json,
    jws::Jws,
    vci::{
        AuthorizationServerMetadata, CredentialOffer, CredentialRequest, CredentialResponse, ErrorBody,
        GrantRequest, IssuerMetadata, NonceResponse, OfferLink, RefreshRequest, TokenRefusal, TokenRequest,
        TokenResponse,
        credential::Selector,
        offer::{InputMode, TxCode, link_by_reference},
        proof,
    },
};
use serde_json::{Value, json};

use super::words::changed_text;
use crate::{
    Dice, Reached, Target, json as trees,
    signed::changed_jws,
    text,
    world::{ISSUER, NOW, PID, WORLD},
};

fn offers() -> Vec<CredentialOffer> {
    let tx_code = TxCode {
        input_mode: Some(InputMode::Numeric),
        length: Some(6),
        description: Some("From the letter".into()),
    };
    vec![
        CredentialOffer::pre_authorized(ISSUER, "pid", "code-1", Some(tx_code)),
        CredentialOffer::pre_authorized(ISSUER, "pid", "code-2", None),
    ]
}

/// Offers.
pub static OFFER: Target = Target::new(
    ("offer", "credential offers"),
    3_000,
    || offers().iter().map(|offer| offer.to_json().unwrap().into_bytes()).collect(),
    trees::spoilt_text,
    |input| {
        if json::parse(input).is_err() {
            return Reached::Refused;
        }
        let read = CredentialOffer::parse(input);
        if let Ok(read) = &read {
            let again = CredentialOffer::parse(read.to_json().unwrap().as_bytes());
            assert_eq!(again.as_ref(), Ok(read), "written and read again");
        }
        Reached::read(read.is_ok())
    },
);

/// Links that a wallet is opened with.
pub static OFFER_LINK: Target = Target::new(
    ("offer_link", "links to credential offers, by value and by reference"),
    3_000,
    || {
        let by_value = offers().into_iter().map(|offer| offer.link_by_value().unwrap());
        by_value
            .chain([link_by_reference("https://issuer.example/offers/1")])
            .map(String::into_bytes)
            .collect()
    },
    |input, dice| {
        let text = String::from_utf8_lossy(input);
        let Some((before, query)) = text.split_once('?').filter(|_| !dice.percent(5)) else {
            return changed_text(input, dice);
        };
        let query = text::changed_form(query.as_bytes(), dice, |name, value, dice| {
            let changed = (name == "credential_offer").then(|| trees::spoilt_text(value.as_bytes(), dice))?;
            Some(String::from_utf8_lossy(&changed).into_owned())
        });
        format!("{before}?{}", String::from_utf8_lossy(&query)).into_bytes()
    },
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        let read = OfferLink::parse(text);
        match &read {
            Ok(OfferLink::Value(offer)) => {
                assert_eq!(OfferLink::parse(&offer.link_by_value().unwrap()), read, "written and read again");
            }
            Ok(OfferLink::Reference(uri)) => {
                assert_eq!(OfferLink::parse(&link_by_reference(uri)), read, "written and read again");
            }
            Err(_) if url::Url::parse(text.trim()).is_err() => return Reached::Refused,
            Err(_) => {}
        }
        Reached::read(read.is_ok())
    },
);

pub(super) fn issuer_metadata() -> Value {
    json!({
        "credential_issuer": ISSUER,
        "authorization_servers": [ISSUER],
        "credential_endpoint": "https://issuer.example/credential",
        "nonce_endpoint": "https://issuer.example/nonce",
        "notification_endpoint": "https://issuer.example/notification",
        "batch_credential_issuance": { "batch_size": 2 },
        "display": [{ "name": "The State", "locale": "en" }, { "name": "L'État", "locale": "fr" }],
        "credential_configurations_supported": { "pid": {
            "format": "dc+sd-jwt", "vct": PID, "scope": "pid",
            "cryptographic_binding_methods_supported": ["jwk"],
            "credential_signing_alg_values_supported": ["ES256"],
            "proof_types_supported": { "jwt": { "proof_signing_alg_values_supported": ["ES256"] } },
            "credential_metadata": {
                "display": [{ "name": "Identity card", "locale": "en", "background_color": "#12107c", "text_color": "#fff" }],
                "claims": [
                    { "path": ["family_name"], "mandatory": true, "display": [{ "name": "Name", "locale": "en" }] },
                    { "path": ["degrees", null, "type"] }, { "path": ["nationalities", 0] },
                ],
            },
        } },
    })
}

/// Issuers' metadata, which a wallet fetches.
pub static ISSUER_METADATA: Target = Target::new(
    ("issuer_metadata", "credential issuer metadata"),
    2_000,
    || vec![issuer_metadata().to_string().into_bytes()],
    trees::spoilt_text,
    |input| {
        let Ok(value) = json::parse(input) else { return Reached::Refused };
        let identifier = value.get("credential_issuer").and_then(Value::as_str).unwrap_or_default();
        let read = IssuerMetadata::parse(input, identifier);
        if let Ok(read) = &read {
            assert_eq!(read.credential_issuer, identifier);
            let text = serde_json::to_string(read).unwrap();
            assert_eq!(
                IssuerMetadata::parse(text.as_bytes(), identifier).as_ref(),
                Ok(read),
                "written and read again"
            );
            for hint in [None, Some(ISSUER), Some("")] {
                let _ = read.authorization_server(hint);
            }
            assert!(IssuerMetadata::parse(input, "https://another.example/").is_err(), "another's metadata");
        }
        Reached::read(read.is_ok())
    },
);

pub(super) fn server_metadata() -> Value {
    json!({
        "issuer": ISSUER, "token_endpoint": "https://issuer.example/token", "response_types_supported": ["code"],
        "grant_types_supported": ["urn:ietf:params:oauth:grant-type:pre-authorized_code"],
        "pre-authorized_grant_anonymous_access_supported": true,
    })
}

/// Authorization servers' metadata.
pub static SERVER_METADATA: Target = Target::new(
    ("server_metadata", "authorization server metadata"),
    3_000,
    || vec![server_metadata().to_string().into_bytes()],
    trees::spoilt_text,
    |input| {
        let Ok(value) = json::parse(input) else { return Reached::Refused };
        let issuer = value.get("issuer").and_then(Value::as_str).unwrap_or_default();
        let read = AuthorizationServerMetadata::parse(input, issuer);
        if let Ok(read) = &read {
            let text = serde_json::to_string(read).unwrap();
            let again = AuthorizationServerMetadata::parse(text.as_bytes(), issuer);
            assert_eq!(again.as_ref(), Ok(read), "written and read again");
        }
        Reached::read(read.is_ok())
    },
);

/// Requests for a token: forms.
pub static TOKEN_REQUEST: Target = Target::new(
    ("token_request", "token requests"),
    3_000,
    || {
        let request = TokenRequest {
            pre_authorized_code: "code-1".into(),
            tx_code: Some("123456".into()),
            authorization_details: Some(vec!["pid".into(), "diploma".into()]),
        };
        let refresh = RefreshRequest { refresh_token: "token-1".into() };
        vec![request.to_form().unwrap().into_bytes(), refresh.to_form().into_bytes()]
    },
    |input, dice| {
        text::changed_form(input, dice, |name, value, dice| match name {
            "authorization_details" => {
                Some(String::from_utf8_lossy(&trees::spoilt_text(value.as_bytes(), dice)).into_owned())
            }
            // Another grant is refused, and nothing else is looked at.
            "grant_type" if dice.percent(80) => Some(value.to_owned()),
            _ => None,
        })
    },
    |input| {
        if web::FormPairs::parse(input).is_err() {
            return Reached::Refused;
        }
        let read = granted(input);
        if let Ok(read) = &read {
            let form = match read {
                GrantRequest::PreAuthorizedCode(request) => request.to_form().unwrap(),
                GrantRequest::Refresh(request) => request.to_form(),
            };
            assert_eq!(granted(form.as_bytes()).as_ref(), Ok(read), "written and read again");
        }
        Reached::read(read.is_ok())
    },
);

fn granted(form: &[u8]) -> Result<GrantRequest, TokenRefusal> {
    let pairs = text::pairs(form);
    GrantRequest::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// What token endpoints answer.
pub static TOKEN_RESPONSE: Target = Target::new(
    ("token_response", "token responses and errors"),
    3_000,
    || {
        let token = json!({
            "access_token": "a", "token_type": "Bearer", "expires_in": 300, "refresh_token": "r",
            "authorization_details": [{ "type": "openid_credential", "credential_configuration_id": "pid",
                "credential_identifiers": ["pid-1"] }],
        });
        let error = json!({ "error": "invalid_grant", "error_description": "d" });
        [token, error].iter().map(|value| value.to_string().into_bytes()).collect()
    },
    trees::spoilt_text,
    |input| {
        if json::parse(input).is_err() {
            return Reached::Refused;
        }
        let (token, error) = (TokenResponse::parse(input), ErrorBody::parse(input));
        if let Ok(token) = &token {
            let text = serde_json::to_string(token).unwrap();
            assert_eq!(TokenResponse::parse(text.as_bytes()).as_ref(), Ok(token), "written and read again");
            let _ = token.selector("pid");
        }
        if let Ok(error) = &error {
            let text = serde_json::to_string(error).unwrap();
            assert_eq!(ErrorBody::parse(text.as_bytes()).as_ref(), Ok(error), "written and read again");
        }
        Reached::read(token.is_ok() || error.is_ok())
    },
);

fn proofs() -> Vec<String> {
    let random = SeededRandom::new(41);
    (0..2)
        .map(|_| proof::build(&SecretKey::generate(&random), ISSUER, Some("nonce-1"), NOW).unwrap())
        .collect()
}

/// Requests for a credential.
pub static CREDENTIAL_REQUEST: Target = Target::new(
    ("credential_request", "credential requests"),
    2_000,
    || {
        let by_id = CredentialRequest { selector: Selector::Identifier("pid-1".into()), proofs: proofs() };
        let by_type =
            CredentialRequest { selector: Selector::Configuration("pid".into()), proofs: Vec::new() };
        vec![by_id.to_json().into_bytes(), by_type.to_json().into_bytes()]
    },
    trees::spoilt_text,
    |input| {
        if json::parse(input).is_err() {
            return Reached::Refused;
        }
        let read = CredentialRequest::parse(input, 4);
        if let Ok(read) = &read {
            assert!(read.proofs.len() <= 4);
            assert_eq!(
                CredentialRequest::parse(read.to_json().as_bytes(), 4).as_ref(),
                Ok(read),
                "written and read again"
            );
        }
        Reached::read(read.is_ok())
    },
);

/// What the nonce and credential endpoints answer.
pub static CREDENTIAL_RESPONSE: Target = Target::new(
    ("credential_response", "credential responses and nonces"),
    3_000,
    || {
        let delivered = CredentialResponse::of(vec!["a~".into(), "b~".into()]);
        let all = [
            serde_json::to_value(delivered).unwrap(),
            json!({ "transaction_id": "t", "interval": 5 }),
            json!({ "credentials": [{ "credential": "a~" }], "notification_id": "n" }),
            json!({ "c_nonce": "n" }),
        ];
        all.iter().map(|value| value.to_string().into_bytes()).collect()
    },
    trees::spoilt_text,
    |input| {
        if json::parse(input).is_err() {
            return Reached::Refused;
        }
        let (response, nonce) = (CredentialResponse::parse(input), NonceResponse::parse(input));
        if let Ok(response) = &response {
            let text = serde_json::to_string(response).unwrap();
            assert_eq!(
                CredentialResponse::parse(text.as_bytes()).as_ref(),
                Ok(response),
                "written and read again"
            );
        }
        Reached::read(response.is_ok() || nonce.is_ok())
    },
);

/// Key proofs.
pub static PROOF: Target = Target::new(
    ("proof", "key proofs"),
    1_500,
    || vec![proof::build(WORLD.holder.as_ref(), ISSUER, Some("nonce-1"), NOW).unwrap().into_bytes()],
    |input, dice| {
        let text = String::from_utf8_lossy(input);
        changed_jws(&text, WORLD.holder.as_ref(), dice).into_bytes()
    },
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        if Jws::parse(text).is_err() {
            return Reached::Refused;
        }
        let read = proof::verify(text, ISSUER, NOW);
        if let Ok(read) = &read {
            assert!(!read.nonce.is_empty());
            assert_eq!(
                proof::verify(text, ISSUER, NOW).as_ref(),
                Ok(read),
                "what verified once verifies again"
            );
            let other = text::one_sign_changed(text, &mut Dice::of(input));
            assert!(proof::verify(&other, ISSUER, NOW).is_err(), "a changed proof verifies");
        }
        Reached::read(read.is_ok())
    },
);
