//! A credential's whole life.

use base::Clock;
use crypto::Signer;
use formats::{
    jwk::Jwk,
    sd_jwt_vc, status_list,
    vci::{CredentialOffer, OfferLink},
};

use super::*;
use crate::{
    MIGRATIONS, OfferId,
    model::{Offer, OfferState},
    store as sql,
};

#[tokio::test]
async fn a_credential_is_offered_accepted_and_verified() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let offer = app.offer(true).await;

        // The four ways to the same offer.
        let by_value = OfferLink::parse(offer["link_by_value"].as_str().unwrap()).unwrap();
        let OfferLink::Reference(uri) = OfferLink::parse(offer["link"].as_str().unwrap()).unwrap() else {
            panic!()
        };
        assert_eq!(uri, offer["credential_offer_uri"].as_str().unwrap());
        let path = uri.strip_prefix(IDENTIFIER).unwrap();
        let fetched = app.get(path).await;
        assert_eq!((fetched.status, fetched.header("content-type")), (200, "application/json"));
        let fetched = CredentialOffer::parse(fetched.text.as_bytes()).unwrap();
        assert_eq!(by_value, OfferLink::Value(Box::new(fetched.clone())));
        assert_eq!(serde_json::to_value(&fetched).unwrap(), offer["credential_offer"]);
        let qr = app.get(&format!("{path}/qr.svg")).await;
        assert_eq!((qr.status, qr.header("content-type")), (200, "image/svg+xml"));
        assert_eq!(offer["tx_code"].as_str().unwrap().len(), 6);
        assert_eq!(offer["credential_offer"]["grants"][GRANT_PRE_AUTHORIZED_CODE]["tx_code"]["length"], 6);
        assert_eq!(offer["expires_at"], "2026-11-21T10:45:15.000Z");

        let token = app.redeem(&offer).await;
        assert_eq!((token.status, token.header("cache-control")), (200, "no-store"), "{}", token.text);
        let token = token.json();
        assert_eq!((&token["token_type"], &token["expires_in"]), (&json!("Bearer"), &json!(300)));
        assert_eq!(
            app.get(path).await.refusal(),
            (404, "not_found".into()),
            "an accepted offer is not shown again"
        );

        let key = key(11);
        let text = app.fetched(token["access_token"].as_str().unwrap(), &key).await;
        let now = app.clock.now();
        let own = Jwk::from(&key.public_key());
        let verified = sd_jwt_vc::verify_received(&text, &app.anchors, now, Some(&own)).unwrap();
        assert_eq!(verified.vct, "urn:eudi:pid:1");
        assert_eq!(verified.issuer.organisation.as_deref(), Some("Utopia"));
        assert_eq!(verified.claims["given_name"], "Ana");
        assert_eq!(verified.claims["place_of_birth"], json!({ "locality": "Port Amity", "country": "UT" }));
        assert_eq!(verified.claims["issuing_authority"], "Civil Registry of Utopia");
        assert_eq!(verified.claims["sex"], 2);
        assert!(!verified.claims.contains_key("email"));
        for instant in [verified.iat, verified.nbf, verified.exp] {
            let instant = instant.unwrap();
            assert_eq!(instant, instant.start_of_day(), "times do not betray the moment of issuance");
        }
        assert_eq!(verified.exp.unwrap().date(), "2027-11-21");
        let status = verified.status.unwrap();
        let list = app.get(status.uri.strip_prefix(IDENTIFIER).unwrap()).await;
        assert_eq!(list.header("content-type"), "application/statuslist+jwt");
        let list = status_list::verify_token(&list.text, &status.uri, &app.anchors, now).unwrap();
        assert_eq!(list.list.get(status.idx).unwrap(), status_list::Status::Valid);

        let kept = app.staff_get(&format!("/staff/v1/credentials?person={ANA}")).await.json();
        let kept = &kept["credentials"][0];
        assert_eq!((&kept["status"], &kept["issued_by"]), (&json!("valid"), &json!("amina")));
        assert_eq!(kept["status_lists"], json!([{ "uri": status.uri, "idx": status.idx }]));
        let shown =
            app.staff_get(&format!("/staff/v1/offers/{}", offer["id"].as_str().unwrap())).await.json();
        assert_eq!((&shown["state"], &shown["credential"]), (&json!("issued"), &kept["id"]));
    })
    .await;
}

#[tokio::test]
async fn what_a_clerk_enters_is_in_the_diploma_and_then_erased() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let body = json!({ "person": BO, "type": "diploma", "claims": diploma_form(), "tx_code": false });
        let offer = app.staff_post("/staff/v1/offers", &body).await.json();
        assert_eq!(offer["tx_code"], Value::Null);
        let access = app.redeem(&offer).await.json()["access_token"].as_str().unwrap().to_owned();
        for round in 0..3 {
            let key = key(20 + round);
            let proof = app.proof(&key).await;
            let answer = app.credential(&access, &request("diploma", &[&proof])).await.json();
            let text = answer["credentials"][0]["credential"].as_str().unwrap();
            let verified = sd_jwt_vc::verify_received(
                text,
                &app.anchors,
                app.clock.now(),
                None.or(Some(&Jwk::from(&key.public_key()))),
            );
            assert_eq!(verified.unwrap().claims["field_of_study"], "Hydrology");
        }
        // The last answer that the offer allows erased the form.
        let id = offer["id"].as_str().unwrap().parse().unwrap();
        assert_eq!(app.issuer.offer_by_id(id).await.unwrap().unwrap().form, None);
        let proof = app.proof(&key(30)).await;
        let refused = app.credential(&access, &request("diploma", &[&proof])).await;
        assert_eq!(refused.refusal(), (400, "credential_request_denied".into()));

        // One that nobody fetched is erased once it has ended, and forgotten a day later.
        let offer = app.staff_post("/staff/v1/offers", &body).await.json();
        let id = offer["id"].as_str().unwrap().parse().unwrap();
        app.issuer.erase_expired().await.unwrap();
        assert!(app.issuer.offer_by_id(id).await.unwrap().unwrap().form.is_some());
        app.clock.advance_secs(900);
        app.issuer.erase_expired().await.unwrap();
        assert_eq!(app.issuer.offer_by_id(id).await.unwrap().unwrap().form, None);
        app.clock.advance_secs(86_399);
        app.issuer.erase_expired().await.unwrap();
        assert!(app.issuer.offer_by_id(id).await.unwrap().is_some());
        app.clock.advance_secs(1);
        app.issuer.erase_expired().await.unwrap();
        assert_eq!(app.issuer.offer_by_id(id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn everything_that_is_over_is_erased_however_much_it_is() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let now = app.clock.now();
        let fill = async move |tx: &mut Tx<'_>| {
            for n in 0..1_200_i64 {
                let digest = crypto::sha256(&n.to_be_bytes());
                assert!(sql::use_nonce(tx, &digest, now).await?);
                let offer = Offer {
                    id: OfferId::from_i64(n + 1),
                    person: ANA,
                    type_id: "pid".into(),
                    form: Some(Map::new()),
                    created_by: "amina".into(),
                    created_at: now,
                    ends_at: now,
                    family: None,
                    state: OfferState::Open { tx_code: None, tries: 0 },
                };
                sql::insert_offer(tx, "", &offer, &digest, None).await?;
            }
            Ok::<_, ::store::Error>(())
        };
        app.store.write(fill).await.unwrap();
        assert_eq!(app.issuer.erase_expired().await.unwrap(), 1_200, "the forms");
        // A used nonce is remembered as long as a clock that was set back might take it for fresh.
        app.clock.advance_secs(3_599);
        assert_eq!(app.issuer.erase_expired().await.unwrap(), 0);
        app.clock.advance_secs(1);
        assert_eq!(app.issuer.erase_expired().await.unwrap(), 1_200, "the nonces");
        app.clock.advance_secs(82_800);
        assert_eq!(app.issuer.erase_expired().await.unwrap(), 1_200, "the offers");
    })
    .await;
}

#[tokio::test]
async fn a_batch_has_the_same_claims_under_different_keys() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let access = app.access_token().await;
        let nonce = app.nonce().await;
        let keys: Vec<_> = (40..44).map(key).collect();
        let proofs: Vec<_> = keys
            .iter()
            .map(|k| proof::build(k, IDENTIFIER, Some(&nonce), app.clock.now()).unwrap())
            .collect();
        let proofs: Vec<_> = proofs.iter().map(String::as_str).collect();
        let answer = app.credential(&access, &request("pid", &proofs)).await.json();
        let texts = answer["credentials"].as_array().unwrap();
        assert_eq!(texts.len(), 4);
        let (mut indices, mut salts) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
        for (text, key) in texts.iter().zip(&keys) {
            let text = text["credential"].as_str().unwrap();
            let own = Jwk::from(&key.public_key());
            let verified =
                sd_jwt_vc::verify_received(text, &app.anchors, app.clock.now(), Some(&own)).unwrap();
            assert_eq!(verified.claims["family_name"], "Lima");
            indices.insert(verified.status.unwrap().idx);
            salts.extend(text.split('~').skip(1).filter(|d| !d.is_empty()).map(str::to_owned));
        }
        assert_eq!(indices.len(), 4);
        // Eight selectively disclosable claims each, and three parts of two of them; equal claims with equal salts would
        // be equal texts.
        assert_eq!(salts.len(), 4 * 11, "no salt comes twice");
        assert_eq!(app.kept().await, 1, "staff manage them as one");

        // One more proof than the largest batch, and two proofs of one key.
        let access = app.access_token().await;
        let nonce = app.nonce().await;
        let make = |seed| proof::build(&key(seed), IDENTIFIER, Some(&nonce), app.clock.now()).unwrap();
        let many: Vec<_> = (50..55).map(make).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        assert_eq!(
            app.credential(&access, &request("pid", &many)).await.refusal(),
            (400, "invalid_proof".into())
        );
        let same = [make(50), make(50)];
        let same = [same[0].as_str(), same[1].as_str()];
        assert_eq!(
            app.credential(&access, &request("pid", &same)).await.refusal(),
            (400, "invalid_proof".into())
        );
        assert_eq!(app.credential(&access, &request("pid", &many[..1])).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn of_two_who_redeem_or_prove_at_once_one_succeeds() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let offer = app.offer(true).await;
        let (a, b) = tokio::join!(app.redeem(&offer), app.redeem(&offer));
        let (good, bad) = if a.status == 200 { (a, b) } else { (b, a) };
        assert_eq!(good.status, 200, "{}", good.text);
        assert_eq!(bad.refusal(), (400, "invalid_grant".into()));

        let access = good.json()["access_token"].as_str().unwrap().to_owned();
        let body = request("pid", &[&app.proof(&key(60)).await]);
        let (a, b) = tokio::join!(app.credential(&access, &body), app.credential(&access, &body));
        let (good, bad) = if a.status == 200 { (a, b) } else { (b, a) };
        assert_eq!(good.status, 200, "{}", good.text);
        assert_eq!(bad.refusal(), (400, "invalid_nonce".into()));
        assert_eq!(app.kept().await, 1);
    })
    .await;
}

#[tokio::test]
async fn authorization_details_bring_identifiers_that_must_be_used() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let redeem = async |details: &str| {
            let offer = app.offer(false).await;
            let grant = ("grant_type", GRANT_PRE_AUTHORIZED_CODE);
            app.token(&[grant, ("pre-authorized_code", code_of(&offer)), ("authorization_details", details)])
                .await
        };
        let good =
            redeem(r#"[{"type":"openid_credential","credential_configuration_id":"pid"}]"#).await.json();
        let details = &good["authorization_details"][0];
        assert_eq!(details["credential_configuration_id"], "pid");
        let identifier = details["credential_identifiers"][0].as_str().unwrap();
        let access = good["access_token"].as_str().unwrap();
        let proof = app.proof(&key(70)).await;
        let by_identifier = |id: &str| json!({ "credential_identifier": id, "proofs": { "jwt": [&proof] } });
        for (body, code) in [
            (request("pid", &[&proof]), "invalid_credential_request"),
            (by_identifier("pid"), "unknown_credential_identifier"),
        ] {
            assert_eq!(app.credential(access, &body).await.refusal(), (400, code.into()));
        }
        assert_eq!(app.credential(access, &by_identifier(identifier)).await.status, 200);
        for bad in [
            r#"[{"type":"openid_credential","credential_configuration_id":"diploma"}]"#,
            r#"[{"type":"payment","credential_configuration_id":"pid"}]"#,
            "[]",
            "{}",
        ] {
            assert_eq!(redeem(bad).await.refusal(), (400, "invalid_authorization_details".into()), "{bad}");
        }
    })
    .await;
}

#[tokio::test]
async fn every_statement_is_understood_by_both_engines() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        store.prepare_check(&crate::STATEMENTS.concat()).await.unwrap();
    })
    .await;
}
