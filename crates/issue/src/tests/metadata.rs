//! What the issuer publishes.

use base::Clock;
use formats::{
    jws::Jws,
    vci::{AuthorizationServerMetadata, IssuerMetadata},
    x509,
};

use super::*;
use crate::{ConfigError, MIGRATIONS};

#[tokio::test]
async fn metadata_are_as_they_were() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let issuer = app.get("/.well-known/openid-credential-issuer").await;
        assert_eq!((issuer.status, issuer.header("content-type")), (200, "application/json"));
        IssuerMetadata::parse(issuer.text.as_bytes(), IDENTIFIER).unwrap();
        assert_eq!(issuer.json(), serde_json::from_str::<Value>(include_str!("issuer.json")).unwrap());
        let server = app.get("/.well-known/oauth-authorization-server").await;
        AuthorizationServerMetadata::parse(server.text.as_bytes(), IDENTIFIER).unwrap();
        let known = include_str!("authorization_server.json");
        assert_eq!(server.json(), serde_json::from_str::<Value>(known).unwrap());
    })
    .await;
}

#[tokio::test]
async fn signed_metadata_come_only_when_they_are_asked_for() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let path = "/.well-known/openid-credential-issuer";
        for (accept, media_type) in [
            ("", "application/json"),
            ("*/*", "application/json"),
            ("text/html", "application/json"),
            ("application/json", "application/json"),
            ("application/json, application/jwt", "application/json"),
            ("application/jwt;q=0", "application/json"),
            ("application/jwt; Q=0.1, application/json;q=0.2", "application/json"),
            ("application/jwt;q=nan", "application/json"),
            ("application/jwt;q=0.5, application/json", "application/json"),
            ("application/jwt, application/json", "application/jwt"),
            ("application/jwt", "application/jwt"),
        ] {
            let answer = app.send("GET", path, &[("accept", accept)], "").await;
            assert_eq!((answer.status, answer.header("content-type")), (200, media_type), "{accept}");
            assert_eq!(answer.header("vary"), "accept", "a cache must not give one for the other");
        }
        let signed = app.send("GET", path, &[("accept", "application/jwt")], "").await;
        let jws = Jws::parse(&signed.text).unwrap();
        assert_eq!(jws.header.typ.as_deref(), Some("openidvci-issuer-metadata+jwt"));
        let now = app.clock.now();
        let chain = jws.header.x5c.clone().unwrap();
        let leaf = x509::validate(&chain, &app.anchors, now, Purpose::CredentialSigning).unwrap();
        jws.verify(&leaf.public_key, crypto::Algorithm::Es256).unwrap();
        let mut claims = jws.claims().unwrap();
        assert_eq!(claims.remove("sub"), Some(IDENTIFIER.into()));
        assert_eq!(claims.remove("iat"), Some(now.secs().into()));
        assert_eq!(Value::Object(claims), app.get(path).await.json());
    })
    .await;
}

#[tokio::test]
async fn an_identifier_with_a_path_has_its_well_known_names_inserted() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let identifier = "https://state.example/issuers/1";
        let app = app_at(store, identifier, 5);
        let metadata = app.get("/.well-known/openid-credential-issuer/issuers/1").await;
        let metadata = IssuerMetadata::parse(metadata.text.as_bytes(), identifier).unwrap();
        assert_eq!(metadata.credential_endpoint, "https://state.example/issuers/1/credential");
        assert_eq!(app.get("/.well-known/oauth-authorization-server/issuers/1").await.status, 200);
        assert_eq!(app.get("/.well-known/openid-credential-issuer").await.status, 404);
        assert_eq!(app.send("POST", "/issuers/1/nonce", &[], "").await.status, 200);
        assert_eq!(app.send("POST", "/nonce", &[], "").await.status, 404);

        let build = |change: &dyn Fn(&mut IssuerConfig)| {
            let (mut config, _) = config(identifier, app.clock.now());
            change(&mut config);
            let random = Arc::new(SeededRandom::new(1));
            Issuer::new(config, app.store.clone(), app.clock.clone(), random, app.people.clone()).err()
        };
        assert_eq!(build(&|_| {}), None);
        for bad in [
            "",
            "state.example",
            "https://state.example/",
            "https://state.example/a//b",
            "https://state.example?x",
            "https://state.example#x",
            "https://state.example/a/../b",
            "https://a@state.example",
            "ftp://state.example",
        ] {
            assert_eq!(build(&|c| c.identifier = bad.into()), Some(ConfigError::Identifier), "{bad}");
        }
        for (handle, refused) in
            [("state-2", None), ("a/b", Some(ConfigError::Handle)), ("A", Some(ConfigError::Handle))]
        {
            assert_eq!(build(&|c| c.handle = handle.into()), refused, "{handle}");
        }
        assert_eq!(build(&|c| c.handle = "a".repeat(41)), Some(ConfigError::Handle));
        assert_eq!(build(&|c| c.country = "Utopia".into()), Some(ConfigError::Country));
        assert_eq!(build(&|c| c.authority = " ".into()), Some(ConfigError::Authority));
        assert_eq!(build(&|c| c.status_ttl_s = -1), Some(ConfigError::StatusTtl));
    })
    .await;
}

#[tokio::test]
async fn wallets_in_browsers_may_call() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        for path in [
            "/.well-known/openid-credential-issuer",
            "/.well-known/oauth-authorization-server",
            "/offers/x",
            "/token",
            "/nonce",
            "/credential",
            "/notification",
            "/status",
            "/status/1",
        ] {
            let preflight = app.send("OPTIONS", path, &[("origin", "https://wallet.example")], "").await;
            assert_eq!(
                (preflight.status, preflight.header("access-control-allow-origin")),
                (204, "*"),
                "{path}"
            );
            assert!(preflight.header("access-control-allow-headers").contains("authorization"));
            for method in ["GET", "POST"] {
                assert_eq!(
                    app.send(method, path, &[], "").await.header("access-control-allow-origin"),
                    "*",
                    "{path}"
                );
            }
        }
    })
    .await;
}
