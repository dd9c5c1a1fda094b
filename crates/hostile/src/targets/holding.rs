//! The wallet: its file, and its two flows against parties that answer with anything.

use std::{collections::BTreeMap, sync::LazyLock};

use crypto::{PassphraseParams, SeededRandom};
use formats::{
    sd_jwt_vc::{self, Credential},
    vci::proof,
    vp::{REQUEST_MEDIA_TYPE, RequestObject},
    x509::certificate_to_pem,
};
use serde_json::{Value, json};
use wallet::{
    Context, Issuance, Presentation, Step, Vault, Wallet,
    contents::Trust,
    http::{JSON, Request, Response},
    issuance, presentation,
    step::Event,
};
use zeroize::Zeroizing;

use super::issuing::{issuer_metadata, server_metadata};
use crate::{
    Dice, Reached, Target, json as trees, signed, text,
    world::{self, HOST, ISSUER, NOW, PID, WORLD},
};

/// How many requests a flow may make: whoever is asked for ever is not helped.
const REQUESTS_MAX: usize = 64;
/// The cheapest that there is: many are tried.
const CHEAP: PassphraseParams = PassphraseParams { memory_kib: 8, passes: 1, lanes: 1 };

fn empty() -> Wallet {
    let pem = |der: &[u8]| vec![certificate_to_pem(der).unwrap()];
    Wallet::new(Trust { issuers: pem(&WORLD.issuer.root), askers: pem(&WORLD.asker.root) })
}

fn context<'a>(wallet: &'a Wallet, random: &'a SeededRandom) -> Context<'a> {
    Context { wallet, now: NOW, random, insecure_loopback: false }
}

/// A wallet that has fetched one card.
static WITH_CARD: LazyLock<String> = LazyLock::new(|| {
    let mut wallet = empty();
    assert_eq!(issue(&issuance_records(), &mut wallet).0, Reached::Accepted, "the valid flow ends well");
    serde_json::to_string(&wallet).unwrap()
});

fn with_card() -> Wallet {
    serde_json::from_str(&WITH_CARD).unwrap()
}

/// What the issuer says, in the order of the flow; the last two are the claims that it signs, and the answer with `@n`
/// where the credential for the n-th key belongs.
fn issuance_records() -> Vec<Vec<u8>> {
    let offer = json!({
        "credential_issuer": ISSUER, "credential_configuration_ids": ["pid"],
        "grants": { "urn:ietf:params:oauth:grant-type:pre-authorized_code": {
            "pre-authorized_code": "code-1", "tx_code": { "length": 6 } } },
    });
    let mut metadata = issuer_metadata();
    let at = "/credential_configurations_supported/pid/vct";
    *metadata.pointer_mut(at).unwrap() = "https://issuer.example/types/pid".into();
    let published = json!({
        "vct": "https://issuer.example/types/pid", "name": "PID",
        "display": [{ "locale": "en", "name": "Identity card" }],
        "claims": [{ "path": ["family_name"], "display": [{ "locale": "en", "label": "Name" }] }],
    });
    let token = json!({ "access_token": "t", "token_type": "Bearer", "refresh_token": "r" });
    let answer = json!({ "credentials": [{ "credential": "@0" }, { "credential": "@1" }] });
    [
        offer,
        metadata,
        server_metadata(),
        token,
        json!({ "c_nonce": "nonce-1" }),
        published,
        world::claims(),
        answer,
    ]
    .iter()
    .map(|value| value.to_string().into_bytes())
    .collect()
}

/// The first of an address's places among the records.
const PLACES: [(&str, usize); 6] = [
    ("/offers/1", 0),
    ("/.well-known/openid-credential-issuer/state", 1),
    ("/.well-known/oauth-authorization-server/state", 2),
    ("/token", 3),
    ("/nonce", 4),
    ("/types/pid", 5),
];

/// What the issuer answers. Whatever status or media type a hostile one may give, it gains nothing that it could not
/// have by a body; so these are right.
fn issuers_answer(request: &Request, records: &[Vec<u8>]) -> Response {
    let path = request.url.path();
    let known = PLACES.iter().find(|(known, _)| *known == path).and_then(|(_, at)| records.get(*at));
    let body = match known {
        Some(body) => body.clone(),
        None if path == "/credential" => deliver(request, records).unwrap_or_default(),
        None => return Response { status: 404, content_type: JSON.into(), body: Vec::new() },
    };
    Response { status: status_of(&body), content_type: JSON.into(), body }
}

/// What says that it is an error comes as one.
fn status_of(body: &[u8]) -> u16 {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    if said.get("error").or_else(|| said.get("code")).is_some() { 400 } else { 200 }
}

fn deliver(request: &Request, records: &[Vec<u8>]) -> Option<Vec<u8>> {
    let claims: Value = serde_json::from_slice(records.get(6)?).ok()?;
    let mut answer = String::from_utf8(records.get(7)?.clone()).ok()?;
    let asked: Value = serde_json::from_slice(&request.body).ok()?;
    let random = SeededRandom::new(51);
    for (n, text) in asked.pointer("/proofs/jwt")?.as_array()?.iter().enumerate() {
        let proven = proof::verify(text.as_str()?, ISSUER, NOW).ok()?;
        let credential = Credential {
            vct: "https://issuer.example/types/pid",
            iat: Some(NOW.start_of_day()),
            exp: Some(NOW.plus_secs(86_400)),
            holder_key: Some(proven.key),
            claims: claims.as_object()?.clone(),
            ..Credential::default()
        };
        let issued =
            sd_jwt_vc::issue(&credential, |name| name != "sex", &WORLD.issuer.signer, &random).ok()?;
        answer = answer.replace(&format!("@{n}"), &issued);
    }
    Some(answer.into_bytes())
}

fn issue(records: &[Vec<u8>], wallet: &mut Wallet) -> (Reached, usize) {
    let random = SeededRandom::new(52);
    let link = "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fissuer.example%2Foffers%2F1";
    let (mut flow, mut step) = Issuance::start(link, &context(wallet, &random));
    let (mut requests, mut reached) = (0, Reached::Refused);
    let before = wallet.cards.len();
    loop {
        let event = match step {
            Step::Request(request) => {
                requests += 1;
                assert!(requests <= REQUESTS_MAX, "the flow does not end");
                assert_eq!(request.url.scheme(), "https", "asked in the open");
                Event::Response(issuers_answer(&request, records))
            }
            Step::Ask(_) => {
                reached = Reached::Read;
                Event::Answer(issuance::Answer::Accept { tx_code: Some(Zeroizing::new("123456".into())) })
            }
            Step::Store(change) => {
                wallet.apply(*change);
                Event::Stored
            }
            Step::Done(ids) => {
                assert_eq!(wallet.cards.len(), before + ids.len(), "what is done is stored");
                return (Reached::Accepted, requests);
            }
            Step::Failed(_) => {
                assert_eq!(wallet.cards.len(), before, "what failed stored nothing");
                return (reached, requests);
            }
        };
        step = flow.handle(event, &context(wallet, &random));
    }
}

/// From an offer to a card, with an issuer who answers with anything.
pub static WALLET_ISSUANCE: Target = Target::new(
    ("wallet_issuance", "what an issuer answers to a wallet"),
    400,
    || {
        let refusing = |at: usize, code: &str| {
            let mut records = issuance_records();
            if let Some(record) = records.get_mut(at) {
                *record = json!({ "error": code, "error_description": "d" }).to_string().into_bytes();
            }
            text::records(&records)
        };
        let good = || text::records(&issuance_records());
        vec![good(), good(), good(), refusing(3, "invalid_grant"), refusing(7, "invalid_nonce")]
    },
    |input, dice| text::changed_record(input, dice, |_, text, dice| trees::spoilt_text(text, dice)),
    |input| {
        let records: Vec<Vec<u8>> = text::split(input).into_iter().map(<[u8]>::to_vec).collect();
        issue(&records, &mut empty()).0
    },
);

/// The claims of a request, the header that they are signed under, what the asker answers in the end, and what it
/// publishes of a type of transaction.
fn presentation_seeds() -> Vec<Vec<u8>> {
    let header =
        json!({ "typ": "oauth-authz-req+jwt", "alg": "ES256", "x5c": WORLD.asker.signer.x5c() }).to_string();
    let answer = json!({ "redirect_uri": "https://clinic.example/done#response_code=1" }).to_string();
    let claims = |request: &RequestObject| {
        let text = request.to_value().to_string();
        text.replace(PID, "https://issuer.example/types/pid")
    };
    WORLD
        .requests
        .iter()
        .map(|request| text::records(&[claims(request), header.clone(), answer.clone()]))
        .collect()
}

fn askers_answer(request: &Request, records: &[&[u8]]) -> Response {
    let record = |at: usize| records.get(at).copied().unwrap_or_default();
    let (content_type, body) = match request.url.path() {
        "/request/1" => {
            let text = signed::sealed(record(1), record(0), WORLD.asker.signer.signer.as_ref());
            (REQUEST_MEDIA_TYPE, text.into_bytes())
        }
        "/types/agreement/1" => (JSON, record(3).to_vec()),
        _ => (JSON, record(2).to_vec()),
    };
    Response { status: status_of(&body), content_type: content_type.into(), body }
}

/// From a request to an answer, with an asker who says anything.
pub static WALLET_PRESENTATION: Target = Target::new(
    ("wallet_presentation", "what an asker answers to a wallet"),
    300,
    presentation_seeds,
    |input, dice| {
        text::changed_record(input, dice, |at, text, dice| match at {
            // Of the header little can be changed and still be believed.
            1 if dice.percent(70) => text.to_vec(),
            _ => trees::spoilt_text(text, dice),
        })
    },
    |input| {
        let records = text::split(input);
        let claims: Value = records.first().and_then(|r| serde_json::from_slice(r).ok()).unwrap_or_default();
        let client_id = claims.get("client_id").and_then(Value::as_str).unwrap_or(HOST);
        let link = text::form(&[
            ("client_id".into(), client_id.into()),
            ("request_uri".into(), "https://clinic.example/request/1".into()),
        ]);
        let mut wallet = with_card();
        let random = SeededRandom::new(53);
        let (mut flow, mut step) =
            Presentation::start(&format!("openid4vp://?{link}"), &context(&wallet, &random));
        let (mut requests, mut reached, mut asked) = (0, Reached::Refused, false);
        loop {
            let event = match step {
                Step::Request(request) => {
                    requests += 1;
                    assert!(requests <= REQUESTS_MAX, "the flow does not end");
                    assert_eq!(request.url.scheme(), "https", "answered in the open");
                    let body = String::from_utf8_lossy(&request.body);
                    assert!(asked || !body.contains("vp_token"), "shown without being asked");
                    if request.url.path() != "/request/1" {
                        reached = reached.max(Reached::Read);
                    }
                    Event::Response(askers_answer(&request, &records))
                }
                Step::Ask(question) => {
                    (reached, asked) = (Reached::Read, true);
                    drop(format!("{question:?}"));
                    Event::Answer(presentation::Answer::Approve { cards: BTreeMap::new() })
                }
                Step::Store(change) => {
                    reached = reached.max(Reached::Read);
                    wallet.apply(*change);
                    Event::Stored
                }
                Step::Done(answered) => {
                    let redirect = answered.redirect_uri.unwrap_or_default();
                    assert!(redirect.is_empty() || redirect.starts_with("https://"), "{redirect}");
                    return Reached::Accepted;
                }
                Step::Failed(_) => return reached,
            };
            step = flow.handle(event, &context(&wallet, &random));
        }
    },
);

/// The wallet's file: sealed, or (what a holder of the passphrase could write) the JSON that is sealed.
pub static WALLET_FILE: Target = Target::new(
    ("wallet_file", "the wallet's file, sealed, and what is sealed in it"),
    1_000,
    || {
        let random = SeededRandom::new(54);
        let sealed = Vault::create(b"right", CHEAP, &random).unwrap().seal(&with_card(), &random).unwrap();
        vec![WITH_CARD.clone().into_bytes(), WITH_CARD.clone().into_bytes(), sealed]
    },
    |input, dice| match input {
        [b'{', ..] => trees::spoilt_text(input, dice),
        sealed if dice.percent(20) => text::changed_bytes(sealed, dice),
        sealed => {
            let mut bytes = sealed.to_vec();
            text::flip(&mut bytes, dice);
            bytes
        }
    },
    |input| {
        if input.starts_with(b"SAHIHIW1") {
            return sealed(input);
        }
        if serde_json::from_slice::<Value>(input).is_err() {
            return Reached::Refused;
        }
        let Ok(wallet) = serde_json::from_slice::<Wallet>(input) else { return Reached::Read };
        for card in &wallet.cards {
            let _ = (
                card.facts(),
                card.renewal(NOW),
                card.copies_left(),
                card.look.label("family_name", base::Lang::Fr),
            );
            for copy in &card.copies {
                let _ = copy.key.signer();
            }
            let random = SeededRandom::new(55);
            let _ = Issuance::refresh(card.id, &context(&wallet, &random));
        }
        let random = SeededRandom::new(56);
        let vault = Vault::create(b"right", CHEAP, &random).unwrap();
        let bytes = vault.seal(&wallet, &random).unwrap();
        match Vault::open(b"right", &bytes) {
            Ok((_, again)) => {
                let text = |wallet: &Wallet| serde_json::to_string(wallet).unwrap();
                assert_eq!(text(&again), text(&wallet), "sealed and opened");
                Reached::Accepted
            }
            // Of another version.
            Err(_) => Reached::Read,
        }
    },
);

/// A sealed file. What deriving its key would cost is bounded by the program at a gigabyte, and here lower: thousands are
/// tried.
fn sealed(input: &[u8]) -> Reached {
    let cost =
        |at: usize| input.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |n| u32::from_be_bytes(*n));
    if cost(8) > 1_024 || cost(12) > 16 || cost(16) > 16 {
        return Reached::Read;
    }
    let opened = Vault::open(b"right", input);
    if opened.is_ok() {
        let mut other = input.to_vec();
        text::flip(&mut other, &mut Dice::of(input));
        let costly = other.get(8..20) != input.get(8..20);
        assert!(costly || Vault::open(b"right", &other).is_err(), "a changed file was opened");
    }
    Reached::read(opened.is_ok())
}
