use axum::{
    Router,
    body::Body,
    extract::FromRef,
    routing::{get, post},
};
use http::{Request, StatusCode, header};
use serde::Deserialize;

use crate::{
    Actor, FormPairs, JsonBody, Role, StaffTokens,
    body::FormError,
    fixture, open_cors, page, qr,
    staff::{BadStaffToken, StaffToken},
};

#[derive(Clone)]
struct App(StaffTokens);
impl FromRef<App> for StaffTokens {
    fn from_ref(app: &App) -> Self {
        app.0.clone()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    n: i64,
}

fn app() -> Router {
    let routes = Router::new()
        .route("/n", post(async |JsonBody(i): JsonBody<Input>| i.n.to_string()))
        .route("/me", get(async |actor: Actor| actor.name().to_owned()));
    open_cors(routes).with_state(App(fixture::staff("amina", "s3cret")))
}

async fn send(request: Request<Body>) -> (StatusCode, http::HeaderMap, String) {
    let answer = fixture::sent(&app(), request).await;
    (answer.status, answer.headers, answer.text)
}

async fn check_json(content_type: &str, body: &str, status: u16, contains: &str) {
    let request = Request::post("/n").header(header::CONTENT_TYPE, content_type);
    let (got, _, text) = send(request.body(Body::from(body.to_owned())).unwrap()).await;
    assert_eq!(got.as_u16(), status, "{body}: {text}");
    assert!(text.contains(contains), "{body}: {text}");
}

#[tokio::test]
async fn json_is_strict() {
    check_json("application/json", r#"{"n":1}"#, 200, "1").await;
    check_json("application/json; charset=utf-8", r#"{"n":1}"#, 200, "1").await;
    check_json("text/plain", r#"{"n":1}"#, 415, "content_type").await;
    for bad in [r#"{"n":1,"n":2}"#, r#"{"n":1} x"#, r#"{"n":1,"m":2}"#, r#"{"n":"1"}"#, ""] {
        check_json("application/json", bad, 400, "invalid_json").await;
    }
    let deep = format!("{{\"n\":{}1{}}}", "[".repeat(99), "]".repeat(99));
    check_json("application/json", &deep, 400, "invalid_json").await;
    check_json("application/json", &format!("{{\"n\":1{}}}", " ".repeat(300_000)), 413, "body_too_large")
        .await;
}

#[test]
fn a_whole_number_is_one_however_it_is_written() {
    let check = |text: &str, expected: Option<i64>| {
        let number = serde_json::from_str(text).unwrap();
        assert_eq!(crate::body::whole_number(&number), expected, "{text}");
    };
    check("7", Some(7));
    check("-1335.0", Some(-1335));
    check("1e3", Some(1_000));
    check("9007199254740991.0", Some(9_007_199_254_740_991));
    for none in ["0.5", "1e300", "9007199254740993.0"] {
        check(none, None);
    }
}

#[tokio::test]
async fn only_a_configured_token_names_an_actor() {
    for (authorization, status) in [
        (Some("Bearer s3cret"), 200),
        (Some("bearer s3cret"), 200),
        (Some("Bearer s3crets"), 401),
        (Some("Basic s3cret"), 401),
        (Some("Bearer "), 401),
        (None, 401),
    ] {
        let mut request = Request::get("/me");
        if let Some(value) = authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        let (got, headers, text) = send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(got.as_u16(), status, "{authorization:?}");
        assert_eq!(headers.contains_key(header::WWW_AUTHENTICATE), status == 401);
        assert!(text.contains(if status == 200 { "amina" } else { "unauthorized" }));
    }
    let short = StaffToken { name: "x".into(), sha256: "abcd".into(), roles: vec![] };
    assert_eq!(StaffTokens::new(&[short]).unwrap_err(), BadStaffToken("x".into()));
}

#[tokio::test]
async fn an_interface_is_for_who_has_its_role() {
    let token = |name: &str, roles: &[Role]| StaffToken {
        name: name.into(),
        sha256: base16ct::lower::encode_string(&crypto::sha256(name.as_bytes())),
        roles: roles.to_vec(),
    };
    let tokens = [
        token("clerk", &[Role::Clerk]),
        token("several", &[Role::Asker, Role::Clerk]),
        token("asker", &[Role::Asker]),
        token("nothing", &[]),
    ];
    let tokens = StaffTokens::new(&tokens).unwrap().needing(Role::Clerk);
    let router =
        Router::new().route("/me", get(async |actor: Actor| actor.name().to_owned())).with_state(App(tokens));
    for (name, status) in [("clerk", 200), ("several", 200), ("asker", 403), ("nothing", 403), ("who", 401)] {
        let request = Request::get("/me").header(header::AUTHORIZATION, format!("Bearer {name}"));
        let answer = fixture::sent(&router, request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status.as_u16(), status, "{name}");
    }
    assert_eq!(Actor::system("x").require(Role::Clerk), Ok(()));
}

#[tokio::test]
async fn a_wallet_in_a_browser_may_call() {
    let preflight = Request::options("/n").header(header::ORIGIN, "https://wallet.example");
    let (status, headers, _) = send(preflight.body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert!(!headers.contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
    let (status, headers, _) = send(Request::get("/me").body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
}

#[test]
fn a_form_names_each_parameter_once() {
    let form = FormPairs::parse(b"a=1&b=%E2%82%AC&c=").unwrap();
    assert_eq!((form.get("a"), form.get("b"), form.get("c")), (Some("1"), Some("€"), None));
    assert_eq!(FormPairs::parse(b"a=1&a=1"), Err(FormError::Repeated));
    assert_eq!(FormPairs::parse(b"a=%ff"), Err(FormError::Malformed));
}

#[test]
fn text_is_escaped_and_codes_are_drawn() {
    assert_eq!(page::escape(r#"<a href="x">'&"#), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
    assert!(qr::svg("openid4vp://?client_id=x").unwrap().contains("<svg"));
    assert!(qr::svg(&"x".repeat(4_000)).is_none());
}
