//! Submitting by program.

use http::{Request, StatusCode};
use serde_json::{Value, json};
use web::fixture::{Answer, sent};

use super::world::{SYMBOL, World, participant, worlds};

fn body(text: &str) -> Value {
    json!({
        "form_version": 1,
        "lang": "en",
        "answers": { "long": { "text": text } },
        "party": { "class": "individual", "name": "Nerida" },
    })
}

async fn post(world: &World, symbol: &str, body: &Value) -> Answer {
    let address = format!("/forum/v1/calls/{symbol}/submissions");
    send(world, &address, "application/json", body.to_string()).await
}

async fn send(world: &World, address: &str, kind: &str, body: impl Into<axum::body::Body>) -> Answer {
    let request = Request::post(address).header("content-type", kind).body(body.into());
    sent(&world.router, request.unwrap()).await
}

/// Has a signature of this text asked for: what was answered, and the secret to ask what came of it.
pub(super) async fn signing(world: &World, symbol: &str, text: &str) -> (Value, String) {
    let mut body = body(text);
    body["form_version"] = world.forum.call(symbol).await.unwrap().unwrap().said.form.version.into();
    let asked = post(world, symbol, &body).await;
    assert_eq!(asked.status, StatusCode::CREATED, "{}", asked.text);
    let token = asked.json()["token"].as_str().unwrap().to_owned();
    (asked.json(), token)
}

pub(super) async fn state(world: &World, token: &str) -> Value {
    let state = world.browser().get(&format!("/forum/v1/signings/{token}")).await;
    assert_eq!(state.status, StatusCode::OK, "{}", state.text);
    state.json()
}

#[tokio::test]
async fn a_program_has_a_wallet_sign_and_is_told_the_receipt() {
    worlds(async |world: World| {
        let (asked, token) = signing(&world, SYMBOL, "Let us agree.").await;
        let digest =
            base16ct::lower::encode_string(&crypto::sha256(asked["canonical"].as_str().unwrap().as_bytes()));
        assert_eq!(asked["digest"], json!(digest));
        assert_eq!(
            state(&world, &token).await,
            json!({ "state": "waiting", "submission": null, "receipt": null, "code": null })
        );
        let posted = world.sign(&participant("quiet-river"), asked["link"].as_str().unwrap()).await;
        assert_eq!(posted.status, StatusCode::OK);
        let done = state(&world, &token).await;
        assert_eq!(done["state"], "received");
        let receipt = done["receipt"].as_str().unwrap();
        let file = log::ReceiptFile::parse(receipt).unwrap();
        file.verify(world.forum.log.key()).unwrap();
        let record = String::from_utf8(file.extra.record().unwrap().to_vec()).unwrap();
        assert!(
            record.contains(&digest) && record.contains(done["submission"].as_str().unwrap()),
            "{record}"
        );
        assert_eq!(world.received().await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_not_as_asked_is_refused_before_anybody_signs() {
    worlds(async |world: World| {
        let refused = async |change: fn(&mut Value), status: u16, code: &str| {
            let mut body = body("Let us agree.");
            change(&mut body);
            let answer = post(&world, SYMBOL, &body).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{}", answer.text);
        };
        refused(|b| b["answers"] = json!({}), 400, "answers").await;
        refused(|b| b["answers"]["other"] = json!({ "text": "x" }), 400, "answers").await;
        refused(|b| b["answers"]["long"] = json!({ "text": "x\u{202e}y" }), 400, "answers").await;
        refused(|b| b["form_version"] = json!(2), 409, "form_version").await;
        refused(|b| b["party"]["name"] = json!("Ner\u{200b}ida"), 400, "submission").await;
        refused(|b| b["lang"] = json!("1"), 400, "submission").await;
        refused(|b| b["party"]["class"] = json!("academia"), 201, "").await;
        refused(|b| b["more"] = json!(1), 400, "invalid_json").await;
        let unknown = |b: &mut Value| {
            b["files"] = json!([{ "sha256": "0".repeat(64), "name": "a.pdf", "proof": "0" }]);
        };
        refused(unknown, 409, "no_such_file").await;
        refused(
            |b| {
                b["party"]["class"] = json!("academia");
                b["party"]["country"] = json!("DE");
            },
            409,
            "no_credential",
        )
        .await;
        assert_eq!(post(&world, "NONE-1", &body("x")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(world.received().await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_file_is_sent_first_and_named_then() {
    worlds(async |world: World| {
        let send = async |name: &str, kind: &str, bytes: &[u8]| {
            send(&world, &format!("/forum/v1/files?name={name}"), kind, bytes.to_vec()).await
        };
        let lies = send("a.pdf", "application/pdf", b"<script>").await;
        assert_eq!((lies.status, lies.code()), (StatusCode::BAD_REQUEST, "file_lies"));
        let large = send("a.pdf", "application/pdf", &vec![0; base::limits::FILE_BYTES_MAX + 1]).await;
        assert_eq!((large.status, large.code()), (StatusCode::PAYLOAD_TOO_LARGE, "file_too_large"));
        let taken = send("a.txt", "text/plain", b"one page").await;
        assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.text);
        let sha256 = taken.json()["sha256"].as_str().unwrap().to_owned();
        let file = format!("/files/{sha256}");
        assert_eq!(world.browser().get(&file).await.status, StatusCode::NOT_FOUND, "nobody's yet");
        let mut with_file = body("See the file.");
        with_file["answers"]["paper"] = json!({ "files": [sha256] });
        // Who knows the digest alone learns nothing of the file, and has it published for nobody.
        let other = send("b.txt", "text/plain", b"another").await.json();
        for proof in [json!(""), other["proof"].clone()] {
            with_file["files"] = json!([{ "sha256": sha256, "name": "a.txt", "proof": proof }]);
            let refused = post(&world, SYMBOL, &with_file).await;
            assert_eq!(
                (refused.status, &refused.json()["code"]),
                (StatusCode::CONFLICT, &json!("no_such_file"))
            );
        }
        with_file["files"] = json!([{ "sha256": sha256, "name": "a.txt", "proof": taken.json()["proof"] }]);
        let asked = post(&world, SYMBOL, &with_file).await;
        assert_eq!(asked.status, StatusCode::CREATED, "{}", asked.text);
        world.sign(&participant("quiet-river"), asked.json()["link"].as_str().unwrap()).await;
        let served = world.browser().get(&file).await;
        assert_eq!((served.status, served.text.as_str()), (StatusCode::OK, "one page"));
        assert_eq!(served.header("content-security-policy"), "default-src 'none'; sandbox");
        assert!(served.header("content-disposition").starts_with("attachment; filename=\"a.txt\""));
        assert_eq!(served.header("x-content-type-options"), "nosniff");
        // Years later it is still there.
        world.clock.advance_secs(400 * 86_400);
        world.forum.erase_drafts().await.unwrap();
        assert_eq!(world.browser().get(&file).await.status, StatusCode::OK);
    })
    .await;
}
