//! Being trusted for one type is not being trusted for all.

use std::{collections::BTreeSet, sync::Arc};

use axum::http::StatusCode;
use crypto::{Ed25519SecretKey, SeededRandom};
use formats::{fixture::Party, x509::Purpose};
use serde_json::json;

use super::world::{NOW, World, worlds, worlds_trusting};
use crate::{TrustedIssuers, Types};

fn only(types: &[&str]) -> Types {
    Types::Only(types.iter().map(|t| (*t).to_owned()).collect::<BTreeSet<_>>())
}

#[tokio::test]
async fn an_issuer_answers_for_its_types_only() {
    let school = Party::new(30, NOW);
    let school_anchors = school.anchors();
    let trusted = move |state: &Party| {
        vec![
            TrustedIssuers { anchors: state.anchors(), types: only(&["urn:eudi:pid:1"]) },
            TrustedIssuers { anchors: school_anchors.clone(), types: only(&["urn:example:diploma:1"]) },
        ]
    };
    let signer = school.signer(Purpose::CredentialSigning, "school.example");
    worlds_trusting(trusted, async |world: World| {
        let (asked, request) = world.asked(|_| ()).await;
        let forged = world.present(&request, |s| s.issuer = signer.clone());
        let refused = world.answer(&request, &[("pid", &[forged])]).await;
        assert_eq!(
            (refused.status, refused.code()),
            (StatusCode::BAD_REQUEST, "issuer_not_for_type"),
            "{}",
            refused.text
        );
        assert_eq!(world.state(&asked).await["result"]["reason"], "issuer_not_for_type");
        assert!(world.network.calls.lock().unwrap().is_empty(), "nobody is called for it");
        let shown = world.present(&request, |_| ());
        assert_eq!(world.answer(&request, &[("pid", &[shown])]).await.status, StatusCode::OK);
        let (_, request) = world
            .asked(|b| {
                b["dcql_query"]["credentials"][0]["meta"]["vct_values"] = json!(["urn:example:diploma:1"]);
            })
            .await;
        let shown = world.present(&request, |s| {
            s.issuer = signer.clone();
            s.credential.vct = "urn:example:diploma:1";
            s.credential.status = None;
        });
        assert_eq!(world.answer(&request, &[("pid", &[shown])]).await.status, StatusCode::OK);
        let shown = world.present(&request, |s| s.credential.vct = "urn:example:diploma:1");
        assert_eq!(world.answer(&request, &[("pid", &[shown])]).await.code(), "already_answered");
    })
    .await;
}

/// An anchor that is listed twice may issue what either entry says.
#[tokio::test]
async fn one_entry_is_enough() {
    let trusted = |state: &Party| {
        vec![
            TrustedIssuers { anchors: state.anchors(), types: only(&["urn:other:1"]) },
            TrustedIssuers { anchors: state.anchors(), types: only(&["urn:eudi:pid:1"]) },
        ]
    };
    worlds_trusting(trusted, async |world: World| {
        let (_, request) = world.asked(|_| ()).await;
        let shown = world.present(&request, |_| ());
        assert_eq!(world.answer(&request, &[("pid", &[shown])]).await.status, StatusCode::OK);
    })
    .await;
}

/// Issuers sign by whichever algorithm their certificate's key is for; requests say which we take.
#[tokio::test]
async fn an_issuer_may_sign_by_another_algorithm() {
    worlds(async |world: World| {
        let key = Arc::new(Ed25519SecretKey::generate(&SeededRandom::new(50)));
        let signer =
            world.parties.state.leaf_with(key, Purpose::CredentialSigning, &["state.example"], NOW, 300);
        let (asked, request) = world.asked(|_| ()).await;
        let formats = request.to_value()["client_metadata"]["vp_formats_supported"]["dc+sd-jwt"].clone();
        assert_eq!(formats["sd-jwt_alg_values"], json!(["ES256", "ES384", "EdDSA", "Ed25519"]));
        assert_eq!(formats["kb-jwt_alg_values"], json!(["ES256"]));
        let shown = world.present(&request, |s| s.issuer = signer);
        let good = world.answer(&request, &[("pid", &[shown])]).await;
        assert_eq!(good.status, StatusCode::OK, "{}", good.text);
        assert_eq!(world.state(&asked).await["result"]["outcome"], "valid");
    })
    .await;
}
