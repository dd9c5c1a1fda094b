//! What is taken as an answer, and what is refused: each by its exact code, beside its good twin, and the request stays
//! open for the person whom it was meant for.

use std::sync::Arc;

use axum::http::StatusCode;
use base::limits::{CLOCK_SKEW_S, KEY_BINDING_AGE_MAX_S, REQUEST_LIFETIME_S};
use crypto::{SecretKey, SeededRandom, Signer};
use formats::{
    b64,
    evidence::{Trust, check},
    fixture::Party,
    vp::{RequestObject, TransactionData},
    x509::Purpose,
};
use serde_json::{Value, json};

use super::world::{Answer, CLINIC, NOW, Shown, World, agreement, worlds};

#[tokio::test]
async fn an_answer_is_verified_and_leaves_evidence() {
    worlds(async |world: World| {
        let (asked, request) = world.asked(|b| b["transaction_data"] = agreement()).await;
        assert_eq!(world.state(&asked).await["state"], "waiting");
        let answer = world.answer(&request, &[("pid", &[world.present(&request, |_| ())])]).await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, "{}"));
        let state = world.state(&asked).await;
        assert_eq!(state["state"], "answered");
        let result = &state["result"];
        assert_eq!((&result["outcome"], &result["reason"]), (&json!("valid"), &Value::Null));
        let shown = json!({ "family_name": "Évora", "birthdate": "1994-03-08" });
        assert_eq!(result["credentials"]["pid"][0]["claims"], shown);
        assert_eq!(result["credentials"]["pid"][0]["issuer"]["name"], "Utopia");
        assert_eq!(result["approved"][0]["payload"], agreement()[0]["payload"]);
        let evidence = world.get(state["evidence"].as_str().unwrap()).await;
        let anchors = world.parties.state.anchors().merged(&world.parties.asker.anchors());
        let years_later = NOW.plus_secs(86_400 * 3_000);
        let trust = Trust { anchors: &anchors, now: years_later, chosen: false };
        let report = check(evidence.text.as_bytes(), &trust).unwrap();
        assert!(report.is_right(), "{report:?}");
    })
    .await;
}

/// Answers a request badly, then well: the bad answer has its code, changes nothing, and the good one is taken.
async fn check_code(world: &World, change: impl FnOnce(&mut Shown), expected: &str) {
    check_text(world, |world, request| world.present(request, change), expected).await;
}

async fn check_text(world: &World, bad: impl FnOnce(&World, &RequestObject) -> String, expected: &str) {
    let (asked, request) = world.asked(|b| b["transaction_data"] = agreement()).await;
    let bad = bad(world, &request);
    let refused = world.answer(&request, &[("pid", &[bad])]).await;
    assert_refused(&refused, expected);
    let state = world.state(&asked).await;
    assert_eq!(state["state"], "waiting", "{expected}");
    let result = &state["result"];
    assert_eq!((&result["outcome"], &result["reason"]), (&json!("invalid"), &json!(expected)));
    assert_eq!(
        (&result["credentials"], &state["evidence"]),
        (&json!({}), &Value::Null),
        "nothing of it is kept"
    );
    let good = world.present(&request, |_| ());
    assert_eq!(world.answer(&request, &[("pid", &[good])]).await.status, StatusCode::OK, "{expected}");
    assert_eq!(world.state(&asked).await["result"]["outcome"], "valid", "{expected}");
}

fn assert_refused(answer: &Answer, expected: &str) {
    assert_eq!(answer.code(), expected, "{}", answer.text);
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.json()["error"], "invalid_request");
}

#[tokio::test]
async fn what_the_holder_signed_is_checked() {
    worlds(async |world: World| {
        let stranger = Arc::new(SecretKey::generate(&SeededRandom::new(77)));
        let world = &world;
        check_code(world, |s| s.nonce = "another".into(), "nonce").await;
        check_code(world, |s| s.aud = "localhost".into(), "aud").await;
        check_code(world, |s| s.aud = "x509_san_dns:localhost".into(), "aud").await;
        check_code(world, |s| s.iat = NOW.plus_secs(CLOCK_SKEW_S + 1), "iat_window").await;
        check_code(world, |s| s.iat = NOW.plus_secs(-KEY_BINDING_AGE_MAX_S - CLOCK_SKEW_S - 1), "iat_window")
            .await;
        check_code(world, |s| s.transactions.clear(), "transaction_data_not_approved").await;
        check_code(world, |s| s.transactions[0].push('A'), "transaction_data_hashes").await;
        check_code(world, |s| s.transactions.push("more".into()), "transaction_data_hashes").await;
        let twice = |s: &mut Shown| s.transactions.push(s.transactions[0].clone());
        check_code(world, twice, "transaction_data_hashes").await;
        // The credential of one person, presented with the key of another.
        let theirs = |world: &World, request: &RequestObject| {
            let text = world.present(request, |s| {
                s.credential.holder_key = Some(stranger.public_key().into());
                s.key = stranger.clone();
            });
            let own = world.present(request, |_| ());
            format!("{}~{}", own.rsplit_once('~').unwrap().0, text.rsplit_once('~').unwrap().1)
        };
        check_text(world, theirs, "key_binding_signature").await;
        let without = |world: &World, request: &RequestObject| {
            let own = world.present(request, |_| ());
            format!("{}~", own.rsplit_once('~').unwrap().0)
        };
        check_text(world, without, "key_binding_missing").await;
        // One disclosure taken away, or one of another credential put in, after the holder signed.
        let fewer = |world: &World, request: &RequestObject| {
            let own = world.present(request, |_| ());
            let (shown, bound) = own.rsplit_once('~').unwrap();
            format!("{}~{bound}", shown.rsplit_once('~').unwrap().0)
        };
        check_text(world, fewer, "sd_hash").await;
        let unused = |world: &World, request: &RequestObject| {
            let own = world.present(request, |_| ());
            let (shown, bound) = own.rsplit_once('~').unwrap();
            let extra = b64::encode(br#"["c2FsdHNhbHRzYWx0c2FsdA","sex",2]"#);
            format!("{shown}~{extra}~{bound}")
        };
        check_text(world, unused, "disclosure_unused").await;
    })
    .await;
}

#[tokio::test]
async fn skew_within_the_window_is_forgiven() {
    worlds(async |world: World| {
        for iat in [NOW.plus_secs(CLOCK_SKEW_S), NOW.plus_secs(-KEY_BINDING_AGE_MAX_S - CLOCK_SKEW_S)] {
            let (_, request) = world.asked(|_| ()).await;
            let shown = world.present(&request, |s| s.iat = iat);
            assert_eq!(world.answer(&request, &[("pid", &[shown])]).await.status, StatusCode::OK);
        }
    })
    .await;
}

#[tokio::test]
async fn what_the_issuer_signed_is_checked() {
    worlds(async |world: World| {
        let world = &world;
        let elsewhere = Party::new(8, NOW).signer(Purpose::CredentialSigning, "x.example");
        check_code(world, |s| s.issuer = elsewhere, "issuer_untrusted").await;
        let for_requests = world.parties.state.signer(Purpose::RequestSigning, "state.example");
        check_code(world, |s| s.issuer = for_requests, "issuer_untrusted").await;
        check_code(world, |s| s.credential.exp = Some(NOW.plus_secs(-CLOCK_SKEW_S)), "expired").await;
        check_code(world, |s| s.credential.nbf = Some(NOW.plus_secs(CLOCK_SKEW_S + 1)), "not_yet_valid")
            .await;
        check_code(world, |s| s.credential.vct = "urn:other:1", "vct_not_asked").await;
        check_code(world, |s| s.names.push("given_name"), "claim_not_asked").await;
        check_code(world, |s| s.names.truncate(1), "claim_missing").await;
        // A leaf that signed itself, with the root's own names.
        let self_signed = |world: &World, request: &RequestObject| {
            let x5c = [b64::encode_std(&world.parties.state.root)];
            resign(world, request, |header| header["x5c"] = json!(x5c))
        };
        check_text(world, self_signed, "issuer_untrusted").await;
        check_text(world, |w, r| resign(w, r, |header| header["typ"] = json!("JWT")), "typ").await;
        let tampered = |world: &World, request: &RequestObject| {
            let own = world.present(request, |_| ());
            let (jwt, rest) = own.split_once('~').unwrap();
            let parts: Vec<&str> = jwt.split('.').collect();
            let payload = String::from_utf8(b64::decode(parts[1]).unwrap())
                .unwrap()
                .replace("urn:eudi:pid:1", "urn:eudi:pid:2");
            format!("{}.{}.{}~{rest}", parts[0], b64::encode(payload.as_bytes()), parts[2])
        };
        check_text(world, tampered, "issuer_signature").await;
        let none = |world: &World, request: &RequestObject| {
            let own = world.present(request, |_| ());
            let (jwt, rest) = own.split_once('~').unwrap();
            let payload = jwt.split('.').nth(1).unwrap();
            format!("{}.{payload}.~{rest}", b64::encode(br#"{"alg":"none","typ":"dc+sd-jwt"}"#))
        };
        check_text(world, none, "alg_none").await;
    })
    .await;
}

/// The issuer-signed part under another header; the key binding no longer fits, but that is looked at later.
fn resign(world: &World, request: &RequestObject, change: impl FnOnce(&mut Value)) -> String {
    let own = world.present(request, |_| ());
    let (jwt, rest) = own.split_once('~').unwrap();
    let parts: Vec<&str> = jwt.split('.').collect();
    let mut header: Value = formats::json::parse(&b64::decode(parts[0]).unwrap()).unwrap();
    change(&mut header);
    let payload = b64::decode(parts[1]).unwrap();
    let jwt = formats::jws::sign(&header, &payload, &world.parties.issuer).unwrap();
    format!("{jwt}~{rest}")
}

#[tokio::test]
async fn an_answer_fits_the_query() {
    worlds(async |world: World| {
        let (_, request) = world.asked(|_| ()).await;
        let one = world.present(&request, |_| ());
        let pair = [one.clone(), one.clone()];
        assert_refused(&world.answer(&request, &[("pid", &pair)]).await, "answer_count");
        assert_refused(&world.answer(&request, &[("other", &pair[..1])]).await, "answer_unknown_id");
        assert_refused(&world.answer(&request, &[("pid", &[])]).await, "vp_token_malformed");
        assert_eq!(world.answer(&request, &[("pid", &pair[..1])]).await.status, StatusCode::OK);

        let second =
            json!({ "id": "again", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:eudi:pid:1"] } });
        let (_, request) =
            world.asked(|b| b["dcql_query"]["credentials"].as_array_mut().unwrap().push(second)).await;
        let (one, bare) = (world.present(&request, |_| ()), world.present(&request, |s| s.names.clear()));
        assert_refused(
            &world.answer(&request, &[("pid", std::slice::from_ref(&one))]).await,
            "credential_missing",
        );
        let both = [("pid", [one].to_vec()), ("again", [bare].to_vec())];
        let both = both.each_ref().map(|(id, list)| (*id, list.as_slice()));
        assert_eq!(world.answer(&request, &both).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn an_answer_belongs_to_one_request_and_counts_once() {
    worlds(async |world: World| {
        let (asked, request) = world.asked(|_| ()).await;
        let (_, other) = world.asked(|_| ()).await;
        let shown = [world.present(&request, |_| ())];
        // Replayed to another request of the same asker.
        assert_refused(&world.answer(&other, &[("pid", &shown)]).await, "nonce");
        let form = |state: Option<&str>| {
            let token = json!({ "pid": shown }).to_string();
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.append_pair("vp_token", &token);
            state.map(|state| form.append_pair("state", state));
            form.finish()
        };
        assert_refused(&world.post_form(&request.response_uri, form(None)).await, "state");
        assert_refused(&world.post_form(&request.response_uri, form(Some("other"))).await, "state");
        assert_eq!(
            world.post_form(&request.response_uri, form(request.state.as_deref())).await.status,
            StatusCode::OK
        );
        let before = world.state(&asked).await;
        assert_refused(&world.answer(&request, &[("pid", &shown)]).await, "already_answered");
        assert_eq!(world.state(&asked).await, before, "the first answer stays");
    })
    .await;
}

#[tokio::test]
async fn of_answers_that_arrive_together_one_wins() {
    worlds(async |world: World| {
        let (asked, request) = world.asked(|_| ()).await;
        let shown = [world.present(&request, |_| ())];
        let presentations = [("pid", shown.as_slice())];
        let send = || world.answer(&request, &presentations);
        let answers: [Answer; 4] = tokio::join!(send(), send(), send(), send()).into();
        let mut codes: Vec<u16> = answers.iter().map(|a| a.status.as_u16()).collect();
        codes.sort_unstable();
        assert_eq!(codes, [200, 400, 400, 400]);
        for refused in answers.iter().filter(|a| a.status != StatusCode::OK) {
            assert_refused(refused, "already_answered");
        }
        let result = &world.state(&asked).await["result"];
        assert_eq!((&result["outcome"], &result["reason"]), (&json!("valid"), &Value::Null));
    })
    .await;
}

#[tokio::test]
async fn a_request_can_be_answered_until_it_expires() {
    worlds(async |world: World| {
        let (_, request) = world.asked(|_| ()).await;
        let (asked, late) = world.asked(|_| ()).await;
        world.clock.set(NOW.plus_secs(REQUEST_LIFETIME_S - 1));
        let shown = world.present(&request, |_| ());
        assert_eq!(world.answer(&request, &[("pid", &[shown])]).await.status, StatusCode::OK);
        world.clock.set(NOW.plus_secs(REQUEST_LIFETIME_S));
        let shown = world.present(&late, |_| ());
        assert_refused(&world.answer(&late, &[("pid", &[shown])]).await, "request_expired");
        let state = world.state(&asked).await;
        assert_eq!((&state["state"], &state["result"]), (&json!("expired"), &Value::Null));
    })
    .await;
}

#[tokio::test]
async fn a_wallet_may_say_no_and_a_stranger_cannot() {
    worlds(async |world: World| {
        let (asked, request) = world.asked(|_| ()).await;
        let state = request.state.clone().unwrap();
        let no = |state: &str, error: &str| {
            url::form_urlencoded::Serializer::new(String::new())
                .append_pair("error", error)
                .append_pair("state", state)
                .finish()
        };
        assert_refused(&world.post_form(&request.response_uri, no("x", "access_denied")).await, "state");
        assert_eq!(world.state(&asked).await.get("declined"), None);
        assert_eq!(
            world.post_form(&request.response_uri, no(&state, "access_denied")).await.status,
            StatusCode::OK
        );
        let seen = world.state(&asked).await;
        assert_eq!(
            (&seen["state"], &seen["declined"]["error"]),
            (&json!("waiting"), &json!("access_denied"))
        );
        assert_eq!(
            world.post_form(&request.response_uri, no(&state, "<script>")).await.status,
            StatusCode::OK
        );
        assert_eq!(world.state(&asked).await["declined"]["error"], "unknown_error");
        let shown = world.present(&request, |_| ());
        assert_eq!(world.answer(&request, &[("pid", &[shown])]).await.status, StatusCode::OK);
        assert_eq!(world.state(&asked).await["state"], "answered");
    })
    .await;
}

#[tokio::test]
async fn bad_input_is_refused_at_the_door() {
    worlds(async |world: World| {
        let (_, request) = world.asked(|_| ()).await;
        let state = request.state.clone().unwrap();
        let token = |token: &str| {
            url::form_urlencoded::Serializer::new(String::new())
                .append_pair("vp_token", token)
                .append_pair("state", &state)
                .finish()
        };
        let address = &request.response_uri;
        let deep = format!("{{\"pid\":{}{}}}", "[".repeat(99), "]".repeat(99));
        for bad in ["", "[]", "{\"pid\":\"x\"}", "{\"pid\":[1]}", "{\"pid\":[\"a\"],\"pid\":[\"b\"]}", &deep]
        {
            let code = if bad.is_empty() { "response_incomplete" } else { "vp_token_malformed" };
            assert_refused(&world.post_form(address, token(bad)).await, code);
        }
        assert_refused(
            &world.post_form(address, token(&json!({ "pid": ["x"] }).to_string())).await,
            "sd_jwt_malformed",
        );
        let long = json!({ "pid": [format!("{}~", "a".repeat(base::limits::SD_JWT_BYTES_MAX))] }).to_string();
        assert_refused(&world.post_form(address, token(&long)).await, "vp_token_malformed");
        let huge = world.post_form(address, token(&"a".repeat(base::limits::BODY_BYTES_MAX))).await;
        assert_eq!((huge.status, huge.code()), (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"));
        assert_refused(&world.post_form(address, "state=a&state=b".into()).await, "response_form");
        assert_refused(&world.post_json(&address.replace(CLINIC, ""), &json!({})).await, "content_type");
        let unknown = world.post_form("/ask/response/unknown", token("{}")).await;
        assert_eq!((unknown.status, unknown.code()), (StatusCode::NOT_FOUND, "request_unknown"));
        let shown = world.present(&request, |_| ());
        assert_eq!(world.answer(&request, &[("pid", &[shown])]).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_transaction_is_approved_word_for_word() {
    worlds(async |world: World| {
        let (_, request) = world.asked(|b| b["transaction_data"] = agreement()).await;
        let asked = &request.transaction_data[0];
        let mut payload = asked.payload().unwrap().clone();
        payload.insert("text".into(), json!("I agree to pay."));
        let other = TransactionData::new(asked.kind(), asked.credential_ids(), &payload);
        let shown = world.present(&request, |s| s.transactions = vec![other.as_str().to_owned()]);
        assert_refused(&world.answer(&request, &[("pid", &[shown])]).await, "transaction_data_hashes");
        // Approving what was not asked for is no answer either.
        let (_, plain) = world.asked(|_| ()).await;
        let shown = world.present(&plain, |s| s.transactions = vec![other.as_str().to_owned()]);
        assert_refused(&world.answer(&plain, &[("pid", &[shown])]).await, "transaction_data_hashes");
        let shown = world.present(&request, |_| ());
        assert_eq!(world.answer(&request, &[("pid", &[shown])]).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn nobody_is_trusted_by_default() {
    worlds(async |world: World| {
        let mut config = world.ask.inner.config.clone();
        config.issuers.clear();
        let ask = crate::Ask::new(
            config,
            world.ask.inner.store.clone(),
            world.clock.clone(),
            world.ask.inner.random.clone(),
            world.network.clone(),
        );
        let (_, request) = world.asked(|_| ()).await;
        let vp_token = json!({ "pid": [world.present(&request, |_| ())] }).to_string();
        let form = formats::vp::WalletResponse::Presentation {
            vp_token: formats::vp::VpToken::parse(&vp_token).unwrap(),
            state: request.state.clone(),
        };
        let token = request.response_uri.rsplit_once('/').unwrap().1;
        let refusal = ask.respond(token, form.to_form().as_bytes()).await.unwrap_err();
        assert_eq!(refusal.code(), "issuer_untrusted");
        assert!(world.network.calls.lock().unwrap().is_empty(), "an untrusted issuer makes us call nobody");
    })
    .await;
}

/// The same text twice is to be approved twice; in which order the hashes come means nothing.
#[tokio::test]
async fn each_of_several_transactions_is_approved() {
    worlds(async |world: World| {
        let (a, b) = (agreement()[0].clone(), {
            let mut other = agreement()[0].clone();
            other["payload"]["text"] = json!("And to pay.");
            other
        });
        let (_, request) = world.asked(|body| body["transaction_data"] = json!([a, a, b])).await;
        let check = async |change: fn(&mut Vec<String>), code: &str| {
            let shown = world.present(&request, |s| change(&mut s.transactions));
            assert_refused(&world.answer(&request, &[("pid", &[shown])]).await, code);
        };
        check(|t| t.truncate(2), "transaction_data_not_approved").await;
        check(|t| t.swap_remove(0).clear(), "transaction_data_hashes").await;
        check(|t| t[1] = t[2].clone(), "transaction_data_hashes").await;
        check(Vec::clear, "transaction_data_not_approved").await;
        let reordered = world.present(&request, |s| s.transactions.reverse());
        assert_eq!(world.answer(&request, &[("pid", &[reordered])]).await.status, StatusCode::OK);
    })
    .await;
}

/// An answer to one asker is none to another, though the same wallet trusts both, and whatever name it is given.
#[tokio::test]
async fn an_answer_to_one_asker_is_none_to_another() {
    worlds(async |world: World| {
        let (_, request) = world.asked(|b| b["client_id_prefix"] = json!("x509_san_dns")).await;
        for aud in [
            "x509_san_dns:LOCALHOST",
            "x509_san_dns:localhost.",
            "x509_hash:localhost",
            "localhost",
            "x509_san_dns:evil.example",
            "decentralized_identifier:x509_san_dns:localhost",
            "http://localhost:8002",
        ] {
            let shown = world.present(&request, |s| s.aud = aud.to_owned());
            assert_refused(&world.answer(&request, &[("pid", &[shown])]).await, "aud");
        }
        let shown = world.present(&request, |_| ());
        assert_eq!(world.answer(&request, &[("pid", &[shown])]).await.status, StatusCode::OK);
    })
    .await;
}

/// Escapes, empty names and parameters that other response modes have change nothing.
#[tokio::test]
async fn the_shape_of_an_answer_is_taken_literally() {
    worlds(async |world: World| {
        let (_, request) = world.asked(|_| ()).await;
        let shown = world.present(&request, |_| ());
        let form = |vp_token: &str, more: &[(&str, &str)]| {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.append_pair("vp_token", vp_token);
            form.append_pair("state", request.state.as_deref().unwrap());
            form.extend_pairs(more);
            form.finish()
        };
        let check = async |vp_token: &str, more: &[(&str, &str)], code: &str| {
            assert_refused(&world.post_form(&request.response_uri, form(vp_token, more)).await, code);
        };
        let good = json!({ "pid": [shown] }).to_string();
        check(&format!("{{\"pid\":[\"{shown}\"],\"p\\u0069d\":[\"{shown}\"]}}"), &[], "vp_token_malformed")
            .await;
        check(&json!({ "pid": [shown], "": [shown] }).to_string(), &[], "answer_unknown_id").await;
        check(&json!({ "PID": [shown] }).to_string(), &[], "answer_unknown_id").await;
        check(&json!({ "pid": [shown, ""] }).to_string(), &[], "answer_count").await;
        check(&json!({ "pid": [{ "sd_jwt": shown }] }).to_string(), &[], "vp_token_malformed").await;
        check(&json!({ "pid": [[shown]] }).to_string(), &[], "vp_token_malformed").await;
        check(&json!([shown]).to_string(), &[], "vp_token_malformed").await;
        check(&json!(shown).to_string(), &[], "vp_token_malformed").await;
        check(&shown, &[], "vp_token_malformed").await;
        check("{}", &[], "vp_token_malformed").await;
        check(&format!("{good}x"), &[], "vp_token_malformed").await;
        check(&good, &[("error", "access_denied")], "response_incomplete").await;
        check(&good, &[("vp_token", &good)], "response_form").await;
        check(&good, &[("state", "other")], "response_form").await;
        assert_refused(
            &world.post_form(&request.response_uri, "response=a.b.c.d.e".into()).await,
            "response_encrypted",
        );
        let answer =
            world.post_form(&request.response_uri, form(&good, &[("presentation_submission", "{}")])).await;
        assert_eq!(answer.status, StatusCode::OK, "what is unknown is ignored: {}", answer.text);
    })
    .await;
}
