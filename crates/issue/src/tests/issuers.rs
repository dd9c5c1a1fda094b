//! Several issuers in one installation: one database, one register, and nothing of one is seen by another.

use base::Clock;
use formats::{
    sd_jwt_vc,
    status_list::{self, Aggregation},
    vci::IssuerMetadata,
};

use super::*;
use crate::{MIGRATIONS, types::DEFAULT};

const UNIVERSITY: &str = "http://localhost:8000/university";

/// The state, and a university that has its own keys and issues diplomas alone.
fn both(store: &Store) -> (App, App) {
    let mut anchors = None;
    let mut university = app_with(store.clone(), UNIVERSITY, 6, |config| {
        let (own, root) = signer(Instant::parse_rfc3339("2026-11-21T10:30:15Z").unwrap(), 30, 31, 397);
        anchors = Some(root);
        config.handle = "university".into();
        config.signer = own;
        config.server_secret = [8; 32];
        config.types =
            Types::parse(DEFAULT.iter().copied().filter(|(name, _)| *name == "diploma.toml")).unwrap();
    });
    university.anchors = anchors.unwrap();
    let mut state = app(store.clone());
    // One server answers for both.
    let router = state.router.merge(university.router);
    (state.router, university.router) = (router.clone(), router);
    (state, university)
}

async fn offer(app: &App, staff: &str) -> Answer {
    let body = json!({ "person": ANA, "type": "diploma", "claims": diploma_form(), "tx_code": false });
    app.staff_post(&format!("{staff}/offers"), &body).await
}

/// Redeems the offer at the issuer and fetches a copy from it.
async fn fetch(app: &App, issuer: &str, offer: &Value, seed: u64) -> String {
    let path = issuer.strip_prefix(IDENTIFIER).unwrap();
    let pairs = [("grant_type", GRANT_PRE_AUTHORIZED_CODE), ("pre-authorized_code", code_of(offer))];
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let token = app.send("POST", &format!("{path}/token"), &headers, &form).await.json();
    let nonce = app.send("POST", &format!("{path}/nonce"), &[], "").await.json();
    let proof = proof::build(&key(seed), issuer, nonce["c_nonce"].as_str(), app.clock.now()).unwrap();
    let authorization = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
    let body = request("diploma", &[&proof]).to_string();
    // The other issuer does not know this token.
    let other = if path.is_empty() { "/university/credential" } else { "/credential" };
    assert_eq!(app.send("POST", other, &headers, &body).await.refusal(), (401, "invalid_token".into()));
    let answer = app.send("POST", &format!("{path}/credential"), &headers, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["credentials"][0]["credential"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_issues_under_its_own_name_keys_and_addresses() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let (state, university) = both(&store);
        for (path, identifier) in [("", IDENTIFIER), ("/university", UNIVERSITY)] {
            let metadata = state.get(&format!("/.well-known/openid-credential-issuer{path}")).await;
            let metadata = IssuerMetadata::parse(metadata.text.as_bytes(), identifier).unwrap();
            let types = metadata.credential_configurations_supported;
            assert_eq!(types.contains_key("pid"), path.is_empty());
            assert!(types.contains_key("diploma"));
        }
        let now = state.clock.now();
        let mut places = Vec::new();
        for (app, other, identifier, staff) in [
            (&state, &university, IDENTIFIER, "/staff/v1"),
            (&university, &state, UNIVERSITY, "/staff/v1/issuers/university"),
        ] {
            let offered = offer(app, staff).await;
            assert_eq!(offered.status, 201, "{}", offered.text);
            let text = fetch(app, identifier, &offered.json(), 11).await;
            let own = formats::jwk::Jwk::from(&key(11).public_key());
            let verify = |anchors| sd_jwt_vc::verify_received(&text, anchors, now, Some(&own));
            assert!(verify(&other.anchors).is_err());
            let status = verify(&app.anchors).unwrap().status.unwrap();
            assert!(status.uri.starts_with(&format!("{identifier}/status/")));
            let token = app.get(status.uri.strip_prefix(IDENTIFIER).unwrap()).await.text;
            status_list::verify_token(&token, &status.uri, &app.anchors, now).unwrap();
            places.push(status.uri);
        }
        assert_eq!(places, [format!("{IDENTIFIER}/status/1"), format!("{UNIVERSITY}/status/2")]);
        for (path, list) in [("", &places[0]), ("/university", &places[1])] {
            let all = state.get(&format!("{path}/status")).await.text;
            assert_eq!(Aggregation::parse(all.as_bytes()).unwrap().status_lists, std::slice::from_ref(list));
        }
        for other in ["/status/2", "/university/status/1"] {
            assert_eq!(state.get(other).await.refusal(), (404, "not_found".into()), "{other}");
        }
    })
    .await;
}

#[tokio::test]
async fn staff_of_one_address_see_that_issuer_alone() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let (state, university) = both(&store);
        let ours = "/staff/v1/issuers/university";
        let pid = json!({ "person": ANA, "type": "pid" });
        assert_eq!(
            state.staff_post(&format!("{ours}/offers"), &pid).await.refusal(),
            (400, "no_such_type".into())
        );
        let offered = offer(&university, ours).await.json();
        fetch(&university, UNIVERSITY, &offered, 11).await;
        let list = async |staff: &str| {
            let answer = state.staff_get(&format!("{staff}/credentials?person={ANA}")).await;
            answer.json()["credentials"].as_array().unwrap().clone()
        };
        assert!(list("/staff/v1").await.is_empty());
        let [diploma] = list(ours).await.try_into().unwrap();
        let id = diploma["id"].as_str().unwrap();
        let offer_id = offered["id"].as_str().unwrap();
        for path in [format!("offers/{offer_id}"), format!("credentials/{id}")] {
            assert_eq!(state.staff_get(&format!("{ours}/{path}")).await.status, 200, "{path}");
            assert_eq!(state.staff_get(&format!("/staff/v1/{path}")).await.status, 404, "{path}");
        }
        let revoke = async |staff: &str| {
            let body = json!({ "reason": "lost" });
            state.staff_post(&format!("{staff}/credentials/{id}/revoke"), &body).await.status
        };
        assert_eq!(revoke("/staff/v1").await, 404);
        assert_eq!(revoke(ours).await, 200);
        let stranger = state.send("GET", &format!("{ours}/types"), &[], "").await;
        assert_eq!(stranger.status, 401);
    })
    .await;
}
