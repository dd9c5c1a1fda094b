//! What types publish at their addresses, that credentials mean exactly that, and parts that are shown alone.

use base::Clock;
use crypto::Signer;
use formats::{
    dcql::ClaimPath,
    jwk::Jwk,
    sd_jwt::SdJwt,
    sd_jwt_vc::{self, KeyBinding, KeyBindingClaims, TransactionData, VerifyContext},
    type_metadata::{Chain, Color, Error, Integrity, Sd, TypeMetadata, View, best},
};

use super::{ten::forms, *};
use crate::{CredentialType, MIGRATIONS};

/// A credential of each type as it was issued, with its type.
async fn issued(app: &App) -> Vec<(CredentialType, String)> {
    let forms = forms();
    let types = Types::embedded().unwrap().at(IDENTIFIER);
    let mut all = Vec::new();
    for (t, seed) in types.iter().zip(300..) {
        let body = json!({ "person": ANA, "type": t.id, "claims": forms[&t.id], "tx_code": false });
        let offer = app.staff_post("/staff/v1/offers", &body).await.json();
        let token = app.redeem(&offer).await.json()["access_token"].as_str().unwrap().to_owned();
        let proof = app.proof(&key(seed)).await;
        let answer = app.credential(&token, &request(&t.id, &[&proof])).await.json();
        all.push((t.clone(), answer["credentials"][0]["credential"].as_str().unwrap().to_owned()));
    }
    all
}

fn integrity(credential: &SdJwt) -> Option<&str> {
    credential.payload().get("vct#integrity").map(|v| v.as_str().unwrap())
}

#[tokio::test]
async fn each_type_is_published_and_its_credentials_keep_to_it() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let all = issued(&app).await;
        assert_eq!(all.len(), 10);
        for (t, text) in &all {
            let credential = SdJwt::parse(text).unwrap();
            let Some(path) = t.vct.strip_prefix(IDENTIFIER) else {
                assert_eq!((t.id.as_str(), integrity(&credential)), ("pid", None), "a name has no document");
                continue;
            };
            let answer = app.get(path).await;
            assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"), "{path}");
            assert_eq!(answer.header("cache-control"), "public, max-age=300");
            assert_eq!(answer.header("access-control-allow-origin"), "*");
            assert_eq!(app.get(path).await.text, answer.text);

            let meant = integrity(&credential);
            assert!(meant.unwrap().starts_with("sha256-"));
            let chain = Chain::start(&t.vct, meant, answer.text.as_bytes()).unwrap();
            chain.resolve().unwrap().check(&credential, View::Whole).unwrap();
            // One letter of it, and it is no longer what the credential means.
            let altered = answer.text.replacen("\"label\":\"", "\"label\":\"x", 1);
            assert_ne!(altered, answer.text);
            assert_eq!(Chain::start(&t.vct, meant, altered.as_bytes()).unwrap_err(), Error::Integrity);
        }
        assert_eq!(app.issuer.type_addresses().count(), 9);
        for nowhere in ["/types/pid/1", "/types/diploma/2", "/types/diploma"] {
            assert_eq!(app.get(nowhere).await.status, 404, "{nowhere}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_document_says_what_the_type_file_says() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let read = async |path: &str| TypeMetadata::parse(app.get(path).await.text.as_bytes()).unwrap();
        let diploma = read("/types/diploma/1").await;
        let display = diploma.display.unwrap();
        assert_eq!(display.len(), 6);
        let french = best(&display, "fr-CH").unwrap();
        let types = Types::embedded().unwrap();
        let file = types.get("diploma").unwrap();
        assert_eq!(french.name, file.name.get(Lang::Fr));
        assert_eq!(french.description.as_deref(), Some(file.description.get(Lang::Fr)));
        let simple = french.simple.as_ref().unwrap();
        assert_eq!(simple.background_color, Color::parse(&file.background_color));
        assert_eq!(simple.text_color, Color::parse(&file.text_color));
        for claim in &file.claims {
            let published = diploma.claims.iter().find(|c| c.path == ClaimPath::top(&claim.name)).unwrap();
            let sd = if claim.selectively_disclosable { Sd::Always } else { Sd::Never };
            assert_eq!((published.sd, published.mandatory), (Some(sd), Some(claim.mandatory)));
            assert_eq!(published.display.len(), 6);
            assert_eq!(best(&published.display, "ar").unwrap().label, claim.label.get(Lang::Ar));
        }
        // Elements of lists have their members' labels; what is shown with its list has no rule of its own.
        let licence = read("/types/driving-licence/1").await;
        let code = json!(["driving_privileges", null, "vehicle_category_code"]);
        let code = licence.claims.iter().find(|c| c.path == ClaimPath::from_value(&code).unwrap()).unwrap();
        assert_eq!((code.sd, code.mandatory, code.display.len()), (None, Some(true), 6));
        // The parts of the identity card, which has no address, would be published like this.
        let pid = types.get("pid").unwrap().metadata();
        let country = json!(["address", "country"]);
        let country = pid.claims.iter().find(|c| c.path == ClaimPath::from_value(&country).unwrap()).unwrap();
        assert_eq!((country.sd, country.mandatory), (Some(Sd::Always), Some(false)));
    })
    .await;
}

#[tokio::test]
async fn an_issuer_with_a_path_publishes_under_it() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let identifier = "https://state.example/issuers/1";
        let app = app_at(store, identifier, 5);
        let answer = app.get("/issuers/1/types/diploma/1").await;
        let metadata = TypeMetadata::parse(answer.text.as_bytes()).unwrap();
        assert_eq!(metadata.vct, format!("{identifier}/types/diploma/1"));
        assert_eq!(app.get("/types/diploma/1").await.status, 404);
        let integrity = Integrity::of(answer.text.as_bytes(), crypto::HashAlg::Sha256);
        assert_eq!(app.issuer.0.published.types.integrity(&metadata.vct), Some(integrity.as_str()));
    })
    .await;
}

#[tokio::test]
async fn two_types_are_not_published_at_one_address() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let build = |vct: &str| {
            let (mut config, _) = config(IDENTIFIER, app.clock.now());
            let farmer = include_str!("../../../../types/farmer.toml")
                .replace("\"{identifier}/types/farmer/1\"", &format!("\"{vct}\""));
            let diploma = include_str!("../../../../types/diploma.toml");
            config.types =
                Types::parse([("farmer.toml", farmer.as_str()), ("diploma.toml", diploma)]).unwrap();
            let random = Arc::new(SeededRandom::new(1));
            Issuer::new(config, app.store.clone(), app.clock.clone(), random, app.people.clone())
                .map(|issuer| issuer.router())
                .err()
        };
        assert_eq!(build(&format!("{IDENTIFIER}/types/farmer/1")), None);
        assert_eq!(build(&format!("{IDENTIFIER}/token")), None, "an address of ours, but not of a type");
        let refused = build(&format!("{IDENTIFIER}/types/diploma/1"));
        assert!(matches!(refused, Some(crate::ConfigError::Metadata(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn a_part_of_an_address_is_shown_alone() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let address = json!({ "formatted": "1 Quay, Port Amity", "locality": "Port Amity", "country": "UT" });
        app.people.0.lock().unwrap().get_mut(&ANA).unwrap().insert("address".into(), address.clone());
        let (key, now) = (key(350), app.clock.now());
        let token = app.access_token().await;
        let text = app.fetched(&token, &key).await;
        let own = Jwk::from(&key.public_key());
        let all = sd_jwt_vc::verify_received(&text, &app.anchors, now, Some(&own)).unwrap().claims;
        assert_eq!(all["address"], address);

        let shown = |paths: &[Value]| {
            let paths: Vec<_> = paths.iter().map(|p| ClaimPath::from_value(p).unwrap()).collect();
            let claims =
                KeyBindingClaims { nonce: "n", aud: "x509_hash:a", iat: now, transaction_data_hashes: None };
            let presentation = sd_jwt_vc::present_paths(&text, &paths, &claims, &key).unwrap();
            let expected = KeyBinding::Required {
                nonce: "n",
                aud: "x509_hash:a",
                transaction_data: TransactionData::default(),
            };
            let context = VerifyContext { anchors: &app.anchors, now, expected };
            let mut claims = sd_jwt_vc::verify(&presentation, &context).unwrap().claims;
            claims.retain(|name, _| !name.starts_with("issuing_"));
            Value::Object(claims)
        };
        assert_eq!(shown(&[json!(["address", "country"])]), json!({ "address": { "country": "UT" } }));
        assert_eq!(shown(&[json!(["address"])]), json!({ "address": address }));
        assert_eq!(
            shown(&[json!(["place_of_birth", "country"]), json!(["family_name"])]),
            json!({ "place_of_birth": { "country": "UT" }, "family_name": "Lima" })
        );
    })
    .await;
}
