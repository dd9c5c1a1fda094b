//! OpenID4VP: queries, links, requests, answers.

use std::collections::BTreeMap;

use base::limits;
use formats::{
    dcql::{Format, Held, Presented, Query},
    json,
    jws::Jws,
    sd_jwt::SdJwt,
    vp::{
        Acknowledgement, ClientId, Link, Posted, RequestContext, RequestObject, TransactionData, VpToken,
        WalletResponse, verify_answer, verify_request,
    },
};
use serde_json::{Value, json};

use super::{
    credentials::sd_jwt_change,
    jose::{changed_jwe, signed_anew},
    words::changed_text,
};
use crate::{
    Dice, Reached, Target, json as trees,
    signed::{changed_jws, opened},
    text,
    world::{self, NOW, PID, RESPONSE_URI, WORLD},
};

/// Queries, against a wallet that holds two credentials.
pub static DCQL: Target =
    Target::new(("dcql", "DCQL queries"), 1_500, dcql_seeds, trees::spoilt_text, |input| {
        let Ok(value) = json::parse(input) else { return Reached::Refused };
        let Ok(query) = Query::from_value(&value) else { return Reached::Read };
        assert!(query.credentials.len() <= limits::DCQL_CREDENTIALS_MAX);
        assert_eq!(Query::from_value(&query.to_value()).as_ref(), Ok(&query), "written and read again");
        let held: Vec<SdJwt> = WORLD.credentials.iter().map(|text| SdJwt::parse(text).unwrap()).collect();
        Reached::read(answered(&query, &held))
    });

/// Whether the query can be answered with what is held; what is shown then must satisfy it.
fn answered(query: &Query, held: &[SdJwt]) -> bool {
    let claims: Vec<json::Object> = held.iter().map(|sd_jwt| sd_jwt.process().unwrap()).collect();
    let cards: Vec<Held<'_>> = claims
        .iter()
        .map(|claims| Held {
            format: Format::SdJwtVc,
            vct: PID,
            claims,
            holder_bound: true,
            authority_key_ids: &[],
        })
        .collect();
    let selections = query.select(&cards);
    let Some(answerable) = query.answerable(&selections) else { return false };
    let wanted = answerable.required();
    let mut shown = BTreeMap::new();
    for selection in selections.iter().filter(|selection| wanted.contains(selection.query.id.as_str())) {
        let candidate = selection.candidates.first().unwrap();
        let sd_jwt = held.get(candidate.held).unwrap();
        let text = sd_jwt.select_paths(&candidate.disclose).unwrap();
        shown.insert(selection.query.id.clone(), SdJwt::parse(&text).unwrap());
    }
    if shown.is_empty() || query.check_before_asking().is_err() {
        return false;
    }
    let read: BTreeMap<&String, (json::Object, Vec<_>)> = shown
        .iter()
        .map(|(id, sd_jwt)| (id, (sd_jwt.process().unwrap(), sd_jwt.disclosed_paths().unwrap())))
        .collect();
    let presented = read
        .iter()
        .map(|(id, (claims, disclosed))| {
            let one = Presented {
                format: Format::SdJwtVc,
                vct: PID,
                claims,
                disclosed,
                holder_bound: true,
                authority_key_ids: &[],
            };
            ((*id).clone(), vec![one])
        })
        .collect();
    assert_eq!(
        query.check_answer(&presented),
        Ok(()),
        "what a holder selects satisfies the query: {query:?}"
    );
    true
}

fn dcql_seeds() -> Vec<Vec<u8>> {
    let card = |id: &str, path: Value| json!({ "id": id, "format": "dc+sd-jwt", "meta": { "vct_values": [PID, "urn:other"] }, "claims": [{ "path": path }] });
    let sets = json!({
        "credentials": [card("a", json!(["birthdate"])), card("b", json!(["address", "geo", "lat"])), card("c", json!(["x"]))],
        "credential_sets": [{ "options": [["c"], ["a", "b"]] }, { "options": [["b"]], "required": false }],
    });
    let mut others = json!({ "credentials": [card("a", json!(["degrees", null, "type"]))] });
    let first = others.pointer_mut("/credentials/0").and_then(Value::as_object_mut).unwrap();
    first.insert("trusted_authorities".into(), json!([{ "type": "aki", "values": ["AQID"] }]));
    first.insert("multiple".into(), json!(true));
    first.insert("require_cryptographic_holder_binding".into(), json!(false));
    let mdoc = json!({ "credentials": [{
        "id": "m", "format": "mso_mdoc", "meta": { "doctype_value": "org.iso.18013.5.1.mDL" },
        "claims": [{ "path": ["org.iso.18013.5.1", "given_name"], "intent_to_retain": true }],
    }] });
    [world::query(), sets, others, mdoc].iter().map(|query| query.to_string().into_bytes()).collect()
}

/// Links that a wallet is opened with, by reference and by value.
pub static REQUEST_LINK: Target = Target::new(
    ("request_link", "links to presentation requests, and requests in a link"),
    2_500,
    || {
        let link = Link {
            client_id: "x509_san_dns:clinic.example".into(),
            request_uri: "https://clinic.example/request/1".into(),
            request_uri_method: Some("post".into()),
        };
        let by_value = |request: &RequestObject| {
            RequestObject { client_id: ClientId::redirect_uri(RESPONSE_URI), ..request.clone() }.to_link()
        };
        let mut seeds = vec![link.to_string()];
        seeds.extend(WORLD.requests.iter().map(by_value));
        seeds.into_iter().map(String::into_bytes).collect()
    },
    |input, dice| {
        let text = String::from_utf8_lossy(input);
        let Some((before, query)) = text.split_once('?').filter(|_| !dice.percent(5)) else {
            return changed_text(input, dice);
        };
        let query = text::changed_form(query.as_bytes(), dice, |name, value, dice| {
            let json = ["dcql_query", "client_metadata", "transaction_data"].contains(&name);
            json.then(|| String::from_utf8_lossy(&trees::spoilt_text(value.as_bytes(), dice)).into_owned())
        });
        format!("{before}?{}", String::from_utf8_lossy(&query)).into_bytes()
    },
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        let (link, request) = (Link::parse(text), RequestObject::from_link(text, true));
        if let Ok(link) = &link {
            assert_eq!(Link::parse(&link.to_string()).as_ref(), Ok(link), "written and read again");
        }
        if let Ok(request) = &request {
            assert!(request.purpose.is_none() && link.is_err(), "nobody known gives no purpose");
            // A link grows when what was read leniently is written strictly.
            let again = request.to_link();
            if again.len() <= limits::LINK_BYTES_MAX {
                let again = RequestObject::from_link(&again, true).unwrap();
                assert_eq!(
                    (&again.query, &again.nonce),
                    (&request.query, &request.nonce),
                    "written and read again"
                );
            }
        }
        if url::Url::parse(text.trim()).is_err() {
            return Reached::Refused;
        }
        Reached::read(link.is_ok() || request.is_ok())
    },
);

/// Signed requests, as a wallet verifies them.
pub static REQUEST_OBJECT: Target = Target::new(
    ("request_object", "request objects: client metadata, queries, transaction data, verifier_info"),
    1_000,
    || WORLD.requests.iter().map(|request| request.sign(&WORLD.asker.signer).unwrap().into_bytes()).collect(),
    |input, dice| {
        let text = String::from_utf8_lossy(input);
        let signer = WORLD.asker.signer.signer.as_ref();
        if dice.percent(20)
            && let Some((header, mut payload)) = opened(&text)
            && let Some(data) = payload.pointer_mut("/transaction_data/0")
        {
            let changed = transaction_change(data.as_str().unwrap_or_default().as_bytes(), dice);
            *data = String::from_utf8_lossy(&changed).into();
            return signed_anew(&header, payload.to_string().as_bytes(), signer).into_bytes();
        }
        changed_jws(&text, signer, dice).into_bytes()
    },
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        let Ok(jws) = Jws::parse(text) else { return Reached::Refused };
        let _ = RequestObject::read_unverified(text);
        let claims = jws.claims().unwrap_or_default();
        let client_id = claims.get("client_id").and_then(Value::as_str).unwrap_or_default();
        let context = RequestContext {
            client_id,
            anchors: &WORLD.asker.anchors,
            now: NOW,
            wallet_nonce: None,
            insecure_loopback: false,
        };
        let verified = verify_request(text, &context);
        if let Ok(verified) = &verified {
            assert_eq!(verified.request.client_id.to_string(), client_id);
            assert!(
                verified.request.response_uri.trim().starts_with("https:")
                    || !verified.request.response_uri.is_ascii()
                    || verified.request.response_uri.to_ascii_lowercase().contains("https")
            );
            assert!(verify_request(text, &context).is_ok(), "what verified once verifies again");
            let other = text::one_sign_changed(text, &mut Dice::of(input));
            assert!(verify_request(&other, &context).is_err(), "a changed request verifies");
            let again = verified.request.sign(&WORLD.asker.signer).unwrap();
            let again = verify_request(&again, &context).unwrap().request;
            assert_eq!(again, verified.request, "signed anew it says the same");
        } else if let Err(refusal) = &verified {
            assert!(!refusal.code().is_empty());
        }
        Reached::read(verified.is_ok())
    },
);

/// One transaction to approve.
pub static TRANSACTION_DATA: Target = Target::new(
    ("transaction_data", "transaction data"),
    3_000,
    || {
        WORLD
            .requests
            .iter()
            .flat_map(|r| &r.transaction_data)
            .map(|t| t.as_str().as_bytes().to_vec())
            .collect()
    },
    transaction_change,
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        let read = TransactionData::from_encoded(text);
        if let Ok(read) = &read {
            assert_eq!(read.as_str(), text, "kept as received");
            assert!(!read.credential_ids().is_empty() && !read.kind().is_empty());
        }
        let outer = formats::b64::decode(text).is_ok_and(|bytes| json::parse(&bytes).is_ok());
        if outer { Reached::read(read.is_ok()) } else { Reached::Refused }
    },
);

fn transaction_change(input: &[u8], dice: &mut Dice) -> Vec<u8> {
    match formats::b64::decode(&String::from_utf8_lossy(input)) {
        Ok(bytes) if dice.percent(95) => formats::b64::encode(&trees::spoilt_text(&bytes, dice)).into_bytes(),
        _ => changed_text(input, dice),
    }
}

/// What a wallet posts: as it is, or encrypted.
pub static RESPONSE: Target = Target::new(
    ("response", "answers by `direct_post` and `direct_post.jwt`"),
    1_500,
    || {
        let random = crypto::SeededRandom::new(31);
        let credential = WORLD.credentials.first().unwrap();
        let mut seeds = Vec::new();
        for request in &WORLD.requests {
            let vp_token =
                VpToken::new([("pid".to_owned(), vec![WORLD.presentation(credential, request)])].into());
            let shown = WalletResponse::Presentation { vp_token, state: request.state.clone() };
            let error = WalletResponse::Error {
                error: "access_denied".into(),
                description: Some("No.".into()),
                state: None,
            };
            seeds.extend([shown, error].map(|r| r.to_form_for(request, &random).unwrap().into_bytes()));
        }
        seeds
    },
    |input, dice| {
        text::changed_form(input, dice, |name, value, dice| {
            let bytes = match name {
                "vp_token" => vp_token_change(value.as_bytes(), dice),
                "response" => changed_jwe(value.as_bytes(), dice),
                _ => return None,
            };
            Some(String::from_utf8_lossy(&bytes).into_owned())
        })
    },
    |input| {
        let Ok(posted) = Posted::from_form(input) else { return Reached::Refused };
        let asked = WORLD.requests.iter().find_map(|request| request.encryption.as_ref());
        let encrypted = matches!(posted, Posted::Encrypted(_));
        let strict = posted.clone().open(asked, Some(&WORLD.opener));
        if let Ok(response) = &strict {
            let error = matches!(response, WalletResponse::Error { .. });
            assert!(
                encrypted || error,
                "an answer in the open was taken where an encrypted one was asked for"
            );
        }
        let plain = posted.open(None, None);
        assert!(
            !(encrypted && plain.is_ok()),
            "an encrypted answer was taken where a plain one was asked for"
        );
        for response in plain.iter().chain(&strict) {
            let again = WalletResponse::from_form(response.to_form().as_bytes());
            let odd = |text: &str| text.is_empty() || text.contains('\u{fffd}');
            let plain = match response {
                WalletResponse::Presentation { vp_token, state } => {
                    !odd(vp_token.as_str()) && !state.as_deref().is_some_and(odd)
                }
                WalletResponse::Error { error, description, state } => {
                    !odd(error) && ![description, state].into_iter().flatten().any(|text| odd(text))
                }
            };
            // In a form an empty text is none, and what is longer than a body is refused.
            if plain && response.to_form().len() <= limits::BODY_BYTES_MAX {
                assert_eq!(again.as_ref(), Ok(response), "written and read again");
            }
        }
        Reached::read(plain.is_ok() || strict.is_ok())
    },
);

/// A `vp_token` as an answer has it.
pub static VP_TOKEN: Target = Target::new(
    ("vp_token", "vp_token: presentations by the id of their query"),
    1_000,
    vp_token_seeds,
    vp_token_change,
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        if json::parse(input).is_err() {
            return Reached::Refused;
        }
        let read = VpToken::parse(text);
        if let Ok(read) = &read {
            assert_eq!(read.as_str(), text, "kept as received");
            let again = VpToken::new(read.presentations().clone());
            assert_eq!(again.presentations(), read.presentations());
        }
        Reached::read(read.is_ok())
    },
);

fn vp_token_seeds() -> Vec<Vec<u8>> {
    let request = WORLD.requests.first().unwrap();
    let texts: Vec<String> = WORLD.credentials.iter().map(|text| WORLD.presentation(text, request)).collect();
    let each = texts.iter().map(|text| json!({ "pid": [text] }).to_string().into_bytes());
    each.chain([json!({ "pid": texts, "b": ["x"] }).to_string().into_bytes()]).collect()
}

/// Mostly what is in a presentation; sometimes what is around them.
pub(super) fn vp_token_change(input: &[u8], dice: &mut Dice) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(input) else { return changed_text(input, dice) };
    if dice.percent(25) {
        return trees::spoilt(&value, dice);
    }
    let presentation =
        value.as_object_mut().and_then(|o| o.values_mut().next()).and_then(|list| list.get_mut(0));
    if let Some(place) = presentation {
        let changed = sd_jwt_change(place.as_str().unwrap_or_default().as_bytes(), dice);
        *place = String::from_utf8_lossy(&changed).into();
    }
    value.to_string().into_bytes()
}

/// An answer, with everything that the asker checks of it.
pub static ANSWER: Target = Target::new(
    ("answer", "answers to a presentation request, to the last check"),
    1_000,
    || {
        let request = WORLD.requests.last().unwrap();
        let texts = WORLD.credentials.iter().map(|text| WORLD.presentation(text, request));
        texts.map(|text| json!({ "pid": [text] }).to_string().into_bytes()).collect()
    },
    vp_token_change,
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        let Ok(vp_token) = VpToken::parse(text) else { return Reached::Refused };
        let request = WORLD.requests.last().unwrap();
        let verify = |vp_token: &VpToken, anchors| verify_answer(request, vp_token, anchors, NOW);
        let answer = verify(&vp_token, &WORLD.issuer.anchors);
        if let Ok(answer) = &answer {
            assert_eq!(answer.approved.len(), request.transaction_data.len(), "each transaction is approved");
            assert!(verify(&vp_token, &WORLD.issuer.anchors).is_ok(), "what verified once verifies again");
            assert!(verify(&vp_token, &WORLD.asker.anchors).is_err(), "a stranger's answer verifies");
            // The same answer to another request.
            let other = RequestObject { nonce: "another".into(), ..request.clone() };
            assert!(
                verify_answer(&other, &vp_token, &WORLD.issuer.anchors, NOW).is_err(),
                "a replayed answer verifies"
            );
        }
        Reached::read(answer.is_ok())
    },
);

/// What an asker says when it has the answer.
pub static ACKNOWLEDGEMENT: Target = Target::new(
    ("acknowledgement", "what a response endpoint answers"),
    3_000,
    || {
        let redirect =
            Acknowledgement { redirect_uri: Some("https://clinic.example/done#response_code=a".into()) };
        [redirect, Acknowledgement::default()].iter().map(|a| a.to_value().to_string().into_bytes()).collect()
    },
    trees::spoilt_text,
    |input| {
        if json::parse(input).is_err() {
            return Reached::Refused;
        }
        let read = Acknowledgement::parse(input);
        if let Ok(read) = &read {
            let again = Acknowledgement::parse(read.to_value().to_string().as_bytes());
            assert_eq!(again.as_ref(), Ok(read), "written and read again");
        }
        Reached::read(read.is_ok())
    },
);
