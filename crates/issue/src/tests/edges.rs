//! What nobody sends on purpose: other methods, odd addresses, odd bodies, many headers.

use base::Clock;
use formats::{jwk::Jwk, jws::Jws};

use super::*;
use crate::MIGRATIONS;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");
const STAFF: (&str, &str) = ("authorization", "Bearer staff");

#[tokio::test]
async fn another_method_is_not_allowed() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        for (path, allowed) in [
            ("/.well-known/openid-credential-issuer", "GET,HEAD"),
            ("/.well-known/oauth-authorization-server", "GET,HEAD"),
            ("/offers/x", "GET,HEAD"),
            ("/offers/x/qr.svg", "GET,HEAD"),
            ("/status/1", "GET,HEAD"),
            ("/token", "POST"),
            ("/nonce", "POST"),
            ("/credential", "POST"),
        ] {
            for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
                let answer = app.send(method, path, &[], "").await;
                if allowed.starts_with(method) {
                    assert_ne!(answer.status, 405, "{method} {path}");
                } else {
                    assert_eq!((answer.status, answer.header("allow")), (405, allowed), "{method} {path}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_address_that_is_no_text_is_no_address() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let long = "x".repeat(10_000);
        for name in ["%FF", "%00", "%2F", long.as_str()] {
            for path in ["/offers/{}", "/offers/{}/qr.svg", "/status/{}"] {
                let answer = app.get(&path.replace("{}", name)).await;
                assert_eq!(answer.refusal(), (404, "not_found".into()), "{path} {name}");
                assert_eq!(answer.header("cache-control"), "no-store");
            }
            for path in ["/staff/v1/offers/{}", "/staff/v1/credentials/{}"] {
                let answer = app.staff_get(&path.replace("{}", name)).await;
                assert_eq!(answer.refusal(), (404, "not_found".into()), "{path} {name}");
            }
            for path in ["/staff/v1/credentials/{}/suspend", "/staff/v1/credentials/cred_0000000000000001/{}"]
            {
                let answer = app.staff_post(&path.replace("{}", name), &json!({ "reason": "test" })).await;
                assert_eq!(answer.refusal(), (404, "not_found".into()), "{path} {name}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_offer_is_shown_as_often_as_one_likes_until_it_ends() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let offer = app.offer(true).await;
        let path =
            offer["credential_offer_uri"].as_str().unwrap().strip_prefix(IDENTIFIER).unwrap().to_owned();
        let qr = format!("{path}/qr.svg");
        for _ in 0..3 {
            let shown = app.get(&path).await;
            assert_eq!((shown.status, shown.header("cache-control")), (200, "no-store"));
            assert_eq!(shown.json(), offer["credential_offer"]);
        }
        app.clock.advance_secs(899);
        assert_eq!((app.get(&path).await.status, app.get(&qr).await.status), (200, 200));
        app.clock.advance_secs(1);
        for path in [&path, &qr] {
            let gone = app.get(path).await;
            assert_eq!(gone.refusal(), (404, "not_found".into()));
            assert_eq!(gone.header("cache-control"), "no-store");
        }
    })
    .await;
}

#[tokio::test]
async fn a_token_request_must_be_a_form() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let offer = app.offer(false).await;
        let good = format!("grant_type={GRANT_PRE_AUTHORIZED_CODE}&pre-authorized_code={}", code_of(&offer));
        let oversized = format!("{good}&x={}", "x".repeat(300_000));
        let other_charset = format!("{good}&x=%FF");
        let with_charset = ("content-type", "application/x-www-form-urlencoded; charset=UTF-8");
        for (path, headers, body) in [
            ("/token", &[][..], good.as_str()),
            ("/token", &[JSON], &good),
            ("/token", &[FORM], ""),
            ("/token", &[FORM], &oversized),
            ("/token", &[FORM], &other_charset),
            (&format!("/token?{good}"), &[FORM], ""),
        ] {
            let answer = app.send("POST", path, headers, body).await;
            assert_eq!(answer.refusal(), (400, "invalid_request".into()), "{headers:?}");
            assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
        }
        let nul = good.replace("pre-authorized_code=", "pre-authorized_code=%00");
        assert_eq!(app.send("POST", "/token", &[FORM], &nul).await.refusal(), (400, "invalid_grant".into()));
        let headers = [with_charset, ("accept", "text/html"), ("authorization", "Basic eDp5")];
        assert_eq!(app.send("POST", "/token", &headers, &good).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn one_access_token_comes_in_one_header() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let access = app.access_token().await;
        let body = request("pid", &[&app.proof(&key(1)).await]).to_string();
        let good = format!("bearer {access}");
        for headers in [
            &[][..],
            &[good.as_str(), good.as_str()],
            &["Bearer"],
            &["Bearer "],
            &[access.as_str()],
            &[&format!("Basic {access}")],
        ] {
            let mut all: Vec<_> = headers.iter().map(|value| ("authorization", *value)).collect();
            all.push(JSON);
            let answer = app.send("POST", "/credential", &all, &body).await;
            assert_eq!((answer.status, answer.header("www-authenticate")), (401, "Bearer"), "{headers:?}");
            assert_eq!((answer.header("cache-control"), answer.text.as_str()), ("no-store", ""));
        }
        for value in [format!("Bearer {access}x"), format!("Bearer  {access}"), format!("Bearer {access} x")]
        {
            let answer =
                app.send("POST", "/credential", &[("authorization", value.as_str()), JSON], &body).await;
            assert_eq!(answer.refusal(), (401, "invalid_token".into()), "{value}");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
        assert_eq!(
            app.send("POST", "/credential", &[("authorization", &good), JSON], &body).await.status,
            200
        );
    })
    .await;
}

#[tokio::test]
async fn a_credential_request_must_be_json() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let authorization = format!("Bearer {}", app.access_token().await);
        let authorization = ("authorization", authorization.as_str());
        let good = request("pid", &[&app.proof(&key(1)).await]).to_string();
        let oversized = good.replacen('{', &format!("{{\"x\":\"{}\",", "x".repeat(300_000)), 1);
        let malformed = "invalid_credential_request";
        for (headers, body, code) in [
            (&[authorization][..], good.as_str(), malformed),
            (&[authorization, FORM], &good, malformed),
            (&[authorization, JSON], "", malformed),
            (&[authorization, JSON], "null", malformed),
            (&[authorization, JSON], &format!("\u{feff}{good}"), malformed),
            (&[authorization, JSON], &format!("{good}{good}"), malformed),
            (&[authorization, JSON], &oversized, malformed),
            (
                &[authorization, JSON],
                &good.replace("\"pid\"", "\"p\\u0000d\""),
                "unknown_credential_configuration",
            ),
            (&[authorization, JSON], &good.replace("\"pid\"", "\"\""), "unknown_credential_configuration"),
        ] {
            let answer = app.send("POST", "/credential", headers, body).await;
            assert_eq!(answer.refusal(), (400, code.into()), "{headers:?}");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
        assert_eq!(app.kept().await, 0);
        assert_eq!(app.send("POST", "/credential", &[authorization, JSON], &good).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a_nonce_has_one_text() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let access = app.access_token().await;
        let nonce = app.nonce().await;
        let fetch = async |nonce: &str, seed: u64| {
            let proof = proof::build(&key(seed), IDENTIFIER, Some(nonce), app.clock.now()).unwrap();
            app.credential(&access, &request("pid", &[&proof])).await
        };
        assert_eq!(fetch(&nonce, 1).await.status, 200);
        // Used, it must not come again under another spelling of the same bytes.
        let (rest, last) = nonce.split_at(nonce.len() - 1);
        let others = ('A'..='Z').chain('a'..='z').chain('0'..='9').map(|c| format!("{rest}{c}"));
        let others = others.filter(|text| !text.ends_with(last));
        for text in
            others.chain([nonce.clone(), format!("{nonce}="), format!("{nonce}\n"), format!(" {nonce}")])
        {
            assert_eq!(fetch(&text, 2).await.refusal(), (400, "invalid_nonce".into()), "{text}");
        }
        assert_eq!(fetch(&app.nonce().await, 2).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn nothing_of_the_proof_but_the_key_is_in_the_credential() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let key = key(1);
        let mut jwk = Jwk::from(&key.public_key()).to_value();
        for (name, value) in [("alg", "ES256"), ("use", "sig"), ("kid", "Ana's phone"), ("owner", "Ana")] {
            jwk[name] = value.into();
        }
        let header = json!({ "typ": proof::TYP, "jwk": jwk, "device": "Ana's phone" });
        let claims = json!({ "aud": IDENTIFIER, "iat": app.clock.now().secs(), "nonce": app.nonce().await, "sub": "Ana" });
        let proof = formats::jws::sign(&header, claims.to_string().as_bytes(), &key).unwrap();
        let access = app.access_token().await;
        let answer = app.credential(&access, &request("pid", &[&proof])).await.json();
        let credential = answer["credentials"][0]["credential"].as_str().unwrap();
        let jws = Jws::parse(credential.split('~').next().unwrap()).unwrap();
        let claims = jws.claims().unwrap();
        assert_eq!(claims["cnf"], json!({ "jwk": Jwk::from(&key.public_key()).to_value() }));
        assert_eq!(jws.header.typ.as_deref(), Some("dc+sd-jwt"));
        let header = jws.header_value();
        let names: Vec<_> = header.keys().map(String::as_str).collect();
        assert_eq!(names, ["alg", "typ", "x5c"]);
        let names: Vec<_> = claims.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["_sd", "_sd_alg", "cnf", "exp", "iat", "issuing_authority", "issuing_country", "nbf", "status", "vct"]
        );
    })
    .await;
}

#[tokio::test]
async fn staff_bodies_are_strict_too() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let good = json!({ "person": ANA, "type": "pid" }).to_string();
        let twice = good.replacen('{', "{\"type\":\"diploma\",", 1);
        let oversized = good.replacen('{', &format!("{{{}", " ".repeat(300_000)), 1);
        for (headers, body, expected) in [
            (&[STAFF][..], good.as_str(), (415, "content_type")),
            (&[STAFF, FORM], &good, (415, "content_type")),
            (&[STAFF, JSON], &twice, (400, "invalid_json")),
            (&[STAFF, JSON], &oversized, (413, "body_too_large")),
            (&[STAFF, STAFF, JSON], &good, (401, "unauthorized")),
        ] {
            let answer = app.send("POST", "/staff/v1/offers", headers, body).await;
            assert_eq!(answer.refusal(), (expected.0, expected.1.into()));
        }
        let answer = app.send("POST", "/staff/v1/offers", &[STAFF, JSON], &good).await;
        assert_eq!((answer.status, answer.header("cache-control")), (201, "no-store"));
        for path in ["/staff/v1/types", &format!("/staff/v1/credentials?person={ANA}")] {
            let answer = app.staff_get(path).await;
            assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{path}");
        }
    })
    .await;
}
