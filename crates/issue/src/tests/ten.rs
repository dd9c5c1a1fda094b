//! Each of the ten types through the router: with a good form, and without what is mandatory.

use base::Clock;
use crypto::Signer;
use formats::{jwk::Jwk, sd_jwt_vc};

use super::*;
use crate::{
    MIGRATIONS,
    types::{ClaimType, Source},
};

/// A good form for each type; the server's tests use them too.
pub(super) fn forms() -> Value {
    serde_json::from_str(include_str!("forms.json")).unwrap()
}

async fn offered(app: &App, type_id: &str, form: &Value) -> Answer {
    let body = json!({ "person": ANA, "type": type_id, "claims": form, "tx_code": false });
    app.staff_post("/staff/v1/offers", &body).await
}

/// Fetches what was offered, one copy a key.
async fn fetched(app: &App, type_id: &str, offer: &Value, seed: u64) -> sd_jwt_vc::VerifiedCredential {
    let token = app.redeem(offer).await.json()["access_token"].as_str().unwrap().to_owned();
    copy(app, type_id, &token, seed).await
}

async fn copy(app: &App, type_id: &str, token: &str, seed: u64) -> sd_jwt_vc::VerifiedCredential {
    let key = key(seed);
    let answer = app.credential(token, &request(type_id, &[&app.proof(&key).await])).await;
    assert_eq!(answer.status, 200, "{type_id}: {}", answer.text);
    let text = answer.json()["credentials"][0]["credential"].as_str().unwrap().to_owned();
    let own = Jwk::from(&key.public_key());
    sd_jwt_vc::verify_received(&text, &app.anchors, app.clock.now(), Some(&own)).unwrap()
}

#[tokio::test]
async fn each_type_is_issued_with_a_good_form_and_refused_without_what_is_mandatory() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let types = Types::embedded().unwrap();
        let forms = forms();
        assert_eq!(types.iter().count(), 10);
        for (t, seed) in types.iter().zip(200..) {
            let form = &forms[&t.id];
            assert!(form.is_object(), "{}", t.id);
            let offer = offered(&app, &t.id, form).await;
            assert_eq!(offer.status, 201, "{}: {}", t.id, offer.text);
            let verified = fetched(&app, &t.id, &offer.json(), seed).await;
            assert_eq!(verified.vct, types.at(IDENTIFIER).get(&t.id).unwrap().vct);
            for claim in t.claims.iter().filter(|c| c.mandatory) {
                assert!(verified.claims.contains_key(&claim.name), "{} {}", t.id, claim.name);
            }
            for (name, value) in form.as_object().unwrap() {
                assert_eq!(verified.claims[name], *value, "{} {name}", t.id);
            }

            let asked = |c: &&ClaimType| c.mandatory && c.source == Source::Form;
            for claim in t.claims.iter().filter(asked) {
                let mut form = form.clone();
                form.as_object_mut().unwrap().remove(&claim.name);
                let refusal = offered(&app, &t.id, &form).await.refusal();
                assert_eq!(refusal, (400, "claim_missing".into()), "{} {}", t.id, claim.name);
            }
            for claim in &t.claims {
                let Source::Register(attribute) = &claim.source else { continue };
                let kept = app.people.0.lock().unwrap().get_mut(&ANA).unwrap().remove(attribute);
                let answer = offered(&app, &t.id, form).await;
                if claim.mandatory {
                    assert_eq!(answer.refusal(), (409, "register_incomplete".into()), "{}", t.id);
                } else {
                    assert_eq!(answer.status, 201, "{}: {}", t.id, answer.text);
                }
                if let Some(kept) = kept {
                    app.people.0.lock().unwrap().get_mut(&ANA).unwrap().insert(attribute.clone(), kept);
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_credential_ends_with_what_it_says() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let mut form = forms()["mandate"].clone();
        let offer = offered(&app, "mandate", &form).await.json();
        let exp = fetched(&app, "mandate", &offer, 220).await.exp.unwrap();
        assert_eq!(exp.rfc3339(), "2027-02-01T00:00:00.000Z");
        // No longer than a year, less what is begun of the first day.
        form["valid_until"] = json!("2029-01-31");
        let offer = offered(&app, "mandate", &form).await.json();
        let exp = fetched(&app, "mandate", &offer, 221).await.exp.unwrap();
        assert_eq!(exp.rfc3339(), "2027-11-21T00:00:00.000Z");
        form["valid_until"] = json!("2026-11-20");
        assert_eq!(offered(&app, "mandate", &form).await.refusal(), (400, "claim_ended".into()));
    })
    .await;
}

#[tokio::test]
async fn a_participant_has_one_pseudonym_an_offer() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let mut pseudonyms = std::collections::BTreeSet::new();
        for seed in [230, 240] {
            let offer = offered(&app, "participant", &json!({})).await.json();
            let token = app.redeem(&offer).await.json()["access_token"].as_str().unwrap().to_owned();
            let first = copy(&app, "participant", &token, seed).await.claims;
            assert_eq!(first.keys().collect::<Vec<_>>(), ["pseudonym"]);
            assert_eq!(
                first,
                copy(&app, "participant", &token, seed + 1).await.claims,
                "an answer that got lost"
            );
            pseudonyms.insert(first["pseudonym"].as_str().unwrap().to_owned());
        }
        assert_eq!(pseudonyms.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_pseudonym_is_offered_to_nobody_in_particular_and_nothing_else_is() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let offered = app.issuer.offer_to_nobody("forum", "participant").await.unwrap();
        let offer = json!({ "credential_offer": offered.offer });
        let claims = fetched(&app, "participant", &offer, 250).await.claims;
        assert_eq!(claims.keys().collect::<Vec<_>>(), ["pseudonym"]);
        assert_eq!(app.redeem(&offer).await.status, 400, "once");
        let types = Types::embedded().unwrap();
        for other in types.iter().filter(|t| t.id != "participant") {
            let refused = app.issuer.offer_to_nobody("forum", &other.id).await;
            assert!(matches!(refused, Err(crate::OfferError::NoSuchPerson)), "{}", other.id);
        }
        let unknown = app.issuer.offer_to_nobody("forum", "none").await;
        assert!(matches!(unknown, Err(crate::OfferError::NoSuchType)));
        // No address and no body names nobody.
        let body = json!({ "person": "per_0000000000000000", "type": "participant", "claims": {}, "tx_code": false });
        assert_eq!(app.staff_post("/staff/v1/offers", &body).await.status, 400);
    })
    .await;
}
