//! SD-JWT, credentials, what is published of their types, and what `sahihi verify` is given.

use base::limits;
use formats::{
    evidence::{self, Evidence, Finding, StatusCopy, Trust},
    json,
    sd_jwt::SdJwt,
    sd_jwt_vc::{self, KeyBinding, TransactionData, VerifyContext},
    type_metadata::{self, Chain, TypeMetadata, View},
    vp::{VpToken, verify_answer},
};
use serde_json::{Value, json};

use super::words::changed_text;
use crate::{
    Dice, Reached, Target, json as trees,
    signed::{changed_jws, changed_sd_jwt},
    text,
    world::{HOST, NOW, PID, STATUS_URI, WORLD},
};

/// SD-JWT with disclosures at every level.
pub static SD_JWT: Target = Target::new(
    ("sd_jwt", "SD-JWT: disclosures and where they belong"),
    1_000,
    || WORLD.credentials.iter().map(|text| text.clone().into_bytes()).collect(),
    sd_jwt_change,
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        let Ok(sd_jwt) = SdJwt::parse(text) else { return Reached::Refused };
        assert_eq!(sd_jwt.as_str(), text, "kept as received");
        assert!(sd_jwt.disclosures().len() <= limits::DISCLOSURES_MAX);
        let claims = sd_jwt.process();
        if let Ok(claims) = &claims {
            let read = |text: &str| SdJwt::parse(text).unwrap();
            let paths = sd_jwt.disclosed_paths().unwrap();
            let all = read(&sd_jwt.select_paths(&paths).unwrap());
            assert_eq!(all.process().as_ref(), Ok(claims), "all that can be selected is all that there is");
            assert_eq!(read(&sd_jwt.select(|_| true)).process().as_ref(), Ok(claims));
            let bare = read(&sd_jwt.select(|_| false));
            assert!(
                bare.disclosures().is_empty() && bare.process().is_ok(),
                "nothing is shown that is not selected"
            );
            for path in paths.iter().take(4) {
                let one = read(&sd_jwt.select_paths(std::slice::from_ref(path)).unwrap());
                assert!(one.process().is_ok(), "what is selected can be read");
            }
        }
        Reached::read(claims.is_ok())
    },
);

pub(super) fn sd_jwt_change(input: &[u8], dice: &mut Dice) -> Vec<u8> {
    let text = String::from_utf8_lossy(input);
    changed_sd_jwt(&text, WORLD.issuer.signer.signer.as_ref(), WORLD.holder.as_ref(), dice).into_bytes()
}

/// Presentations, to their last check.
pub static SD_JWT_VC: Target = Target::new(
    ("sd_jwt_vc", "presentations of SD-JWT VC"),
    1_000,
    || {
        let request = WORLD.requests.first().unwrap();
        WORLD.credentials.iter().map(|text| WORLD.presentation(text, request).into_bytes()).collect()
    },
    sd_jwt_change,
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        if SdJwt::parse(text).is_err() {
            return Reached::Refused;
        }
        let request = WORLD.requests.first().unwrap();
        let aud = request.client_id.to_string();
        let expected = KeyBinding::Required {
            nonce: &request.nonce,
            aud: &aud,
            transaction_data: TransactionData::default(),
        };
        let context = VerifyContext { anchors: &WORLD.issuer.anchors, now: NOW, expected };
        let verified = sd_jwt_vc::verify(text, &context);
        if let Ok(verified) = &verified {
            let again = sd_jwt_vc::verify(text, &context).unwrap();
            assert_eq!(again.claims, verified.claims, "what verified once verifies again");
            let other = text::one_sign_changed(text, &mut Dice::of(input));
            assert!(sd_jwt_vc::verify(&other, &context).is_err(), "a changed presentation verifies");
            let strangers = VerifyContext { anchors: &WORLD.asker.anchors, ..context };
            assert!(sd_jwt_vc::verify(text, &strangers).is_err(), "a stranger's credential verifies");
        }
        let key = crypto::Signer::public_key(WORLD.holder.as_ref()).into();
        let _ = sd_jwt_vc::verify_received(text, &WORLD.issuer.anchors, NOW, Some(&key));
        Reached::read(verified.is_ok())
    },
);

/// Type metadata, of a type and of one that it extends.
pub static TYPE_METADATA: Target = Target::new(
    ("type_metadata", "SD-JWT VC type metadata, and types that extend others"),
    2_000,
    || {
        let base = json!({
            "vct": "urn:base", "name": "Base",
            "claims": [{ "path": ["family_name"], "sd": "always" }, { "path": ["degrees", null, "type"] }],
        });
        let own = json!({
            "vct": PID, "name": "PID", "description": "d", "extends": "urn:base",
            "display": [
                { "locale": "en", "name": "Identity", "description": "who", "rendering": { "simple": {
                    "logo": { "uri": "https://a.example/l.png", "alt_text": "logo" },
                    "background_color": "#12107c", "text_color": "#ffffff" } } },
                { "locale": "fr-CH", "name": "Identité" },
            ],
            "claims": [
                { "path": ["family_name"], "display": [{ "locale": "en", "label": "Name" }], "mandatory": true, "svg_id": "n" },
                { "path": ["sex"], "sd": "never" },
                { "path": ["nationalities", 0] },
            ],
        });
        let mut alone = own.clone();
        alone.as_object_mut().unwrap().remove("extends");
        [[alone, base.clone()], [own, base]]
            .iter()
            .map(|two| text::records(&two.each_ref().map(Value::to_string)))
            .collect()
    },
    |input, dice| text::changed_record(input, dice, |_, text, dice| trees::spoilt_text(text, dice)),
    |input| {
        let documents = text::split(input);
        let Some(Ok(first)) = documents.first().map(|document| TypeMetadata::parse(document)) else {
            let outer = documents.first().is_some_and(|document| json::parse(document).is_ok());
            return if outer { Reached::Read } else { Reached::Refused };
        };
        assert_eq!(TypeMetadata::parse(&first.to_document()).as_ref(), Ok(&first), "written and read again");
        for wanted in ["fr-CA", "", "en-Latn-US-x-a", "-"] {
            let all = first.display.as_deref().unwrap_or_default();
            assert_eq!(type_metadata::best(all, wanted).is_some(), !all.is_empty());
        }
        let resolved = resolved(&first.vct, &documents);
        if let Ok(resolved) = &resolved {
            for text in &WORLD.credentials {
                let sd_jwt = SdJwt::parse(text).unwrap();
                let whole = resolved.check(&sd_jwt, View::Whole);
                let presented = resolved.check(&sd_jwt, View::Presented);
                assert!(
                    whole.is_err() || presented.is_ok(),
                    "what holds of the whole holds of what is shown"
                );
            }
        }
        Reached::read(resolved.is_ok())
    },
);

fn resolved(vct: &str, documents: &[&[u8]]) -> Result<type_metadata::ResolvedType, type_metadata::Error> {
    let mut documents = documents.iter();
    let mut chain = Chain::start(vct, None, documents.next().copied().unwrap_or_default())?;
    for document in documents {
        if chain.missing().is_none() {
            break;
        }
        chain.add(document)?;
    }
    chain.resolve()
}

fn evidence_seeds() -> Vec<Vec<u8>> {
    let credentials = WORLD.credentials.iter();
    let all = WORLD.requests.iter().flat_map(|request| credentials.clone().map(move |text| (request, text)));
    all.map(|(request, credential)| {
        let presentation = WORLD.presentation(credential, request);
        let vp_token = VpToken::new([("pid".to_owned(), vec![presentation])].into());
        let answer = verify_answer(request, &vp_token, &WORLD.issuer.anchors, NOW).unwrap();
        let both = WORLD.issuer.anchors.merged(&WORLD.asker.anchors);
        let evidence = Evidence {
            asker: format!("https://{HOST}"),
            time: NOW,
            request: request.sign(&WORLD.asker.signer).unwrap(),
            vp_token: vp_token.as_str().to_owned(),
            status_tokens: vec![StatusCopy { uri: STATUS_URI.into(), token: WORLD.status_token.clone() }],
            anchors: evidence::fingerprints(&both),
            result: Finding::new(&answer, None),
        };
        evidence.to_bytes()
    })
    .collect()
}

/// Changed, and brought to canonical form again; a text within that is signed is signed again, and what is computed of
/// others is often left.
fn evidence_change(input: &[u8], dice: &mut Dice) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(input) else { return changed_text(input, dice) };
    let signed = dice.below(8);
    let text =
        |value: &Value, pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let mut put = |pointer: &str, text: String| value.pointer_mut(pointer).map(|place| *place = text.into());
    match signed {
        0 => {
            let request = WORLD.asker.signer.signer.as_ref();
            let old =
                text(&serde_json::from_slice(input).unwrap_or_default(), "/request").unwrap_or_default();
            put("/request", changed_jws(&old, request, dice));
        }
        1 => {
            let token = WORLD.issuer.signer.signer.as_ref();
            let old = text(&serde_json::from_slice(input).unwrap_or_default(), "/status_tokens/0/token");
            put("/status_tokens/0/token", changed_jws(&old.unwrap_or_default(), token, dice));
        }
        2 | 3 => {
            let old = text(&serde_json::from_slice(input).unwrap_or_default(), "/answer/vp_token");
            let new = super::asking::vp_token_change(old.unwrap_or_default().as_bytes(), dice);
            put("/answer/vp_token", String::from_utf8_lossy(&new).into_owned());
        }
        4 => return trees::spoilt(&value, dice),
        _ => value = trees::changed(&value, dice),
    }
    json::canonical(&value)
}

fn trust(anchors: &formats::x509::TrustAnchors) -> Trust<'_> {
    Trust { anchors, now: NOW, chosen: false }
}

/// Evidence documents.
pub static EVIDENCE: Target =
    Target::new(("evidence", "evidence documents"), 600, evidence_seeds, evidence_change, |input| {
        if json::parse_within(input, limits::EVIDENCE_BYTES_MAX).is_err() {
            return Reached::Refused;
        }
        let both = WORLD.issuer.anchors.merged(&WORLD.asker.anchors);
        let report = evidence::check_evidence(input, &trust(&both));
        let parsed = Evidence::parse(input);
        if let Ok(evidence) = &parsed {
            assert_eq!(
                Evidence::parse(&evidence.to_bytes()).as_ref(),
                Ok(evidence),
                "written and read again"
            );
        } else {
            assert!(!report.is_right(), "what is no evidence is not right");
        }
        if report.is_right() {
            assert!(evidence::check_evidence(input, &trust(&both)).is_right(), "right once, right again");
            assert!(
                !evidence::check_evidence(input, &trust(&WORLD.asker.anchors)).is_right(),
                "a stranger's"
            );
        }
        Reached::read(report.is_right())
    });

/// Whatever `sahihi verify` is given.
pub static VERIFY: Target = Target::new(
    ("verify", "the input of `sahihi verify`: a credential, a status list token, an evidence document"),
    600,
    || {
        let mut seeds = evidence_seeds();
        seeds.truncate(2);
        seeds.extend(WORLD.credentials.iter().map(|text| text.clone().into_bytes()));
        seeds.push(
            WORLD
                .presentation(WORLD.credentials.first().unwrap(), WORLD.requests.first().unwrap())
                .into_bytes(),
        );
        seeds.push(WORLD.status_token.clone().into_bytes());
        seeds
    },
    |input, dice| match input {
        [b'{', ..] => evidence_change(input, dice),
        input if input.contains(&b'~') => sd_jwt_change(input, dice),
        input => {
            let text = String::from_utf8_lossy(input);
            changed_jws(&text, WORLD.issuer.signer.signer.as_ref(), dice).into_bytes()
        }
    },
    |input| {
        let both = WORLD.issuer.anchors.merged(&WORLD.asker.anchors);
        let Some(report) = evidence::check(input, &trust(&both)) else { return Reached::Refused };
        assert!(!report.parts.is_empty(), "something is said");
        let nobody = evidence::check(input, &trust(&formats::x509::TrustAnchors::default())).unwrap();
        assert!(!nobody.is_right(), "nothing is right by nobody's word");
        Reached::read(report.is_right())
    },
);
