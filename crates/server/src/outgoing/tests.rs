use std::time::Duration;

use axum::{Router, body::Body, response::Redirect, routing::any};
use tokio::net::TcpListener;

use super::{Message, Outgoing, Reach};
use crate::Failure;

/// A server of somebody else, hostile in many ways. It stops with the test's runtime.
async fn elsewhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    // The same server under another name is another origin.
    let other = at.replace("127.0.0.1", "localhost");
    let endless = || futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b'x'; 1_000]));
    let router = Router::new()
        .route("/good", any(async || "good"))
        .route("/near", any(async || Redirect::temporary("/good")))
        .route("/far", any(async move || Redirect::temporary(&format!("{other}/good"))))
        .route("/round", any(async || Redirect::temporary("/round")))
        .route("/never", any(std::future::pending::<()>))
        .route("/endless", any(async move || Body::from_stream(endless())));
    tokio::spawn(async { axum::serve(listener, router).await });
    at
}

async fn get(outgoing: &Outgoing, url: &str) -> Result<(u16, String), Failure> {
    let answer = outgoing.send(url, Message::default(), 10_000).await?;
    Ok((answer.status, String::from_utf8(answer.body).unwrap()))
}

fn here() -> Outgoing {
    let reach = Reach { loopback: true, ..Reach::default() };
    Outgoing::with_timeout(reach, Duration::from_secs(2)).unwrap()
}

#[tokio::test]
async fn a_redirect_is_followed_within_the_origin_alone() {
    let (at, outgoing) = (elsewhere().await, here());
    assert_eq!(get(&outgoing, &format!("{at}/good")).await.unwrap(), (200, "good".into()));
    assert_eq!(get(&outgoing, &format!("{at}/near")).await.unwrap(), (200, "good".into()));
    assert_eq!(get(&outgoing, &format!("{at}/far")).await.unwrap().0, 307);
    assert_eq!(get(&outgoing, &format!("{at}/round")).await.unwrap().0, 307, "an endless round");
    let post = Message { method: reqwest::Method::POST, ..Message::default() };
    assert_eq!(outgoing.send(&format!("{at}/near"), post, 100).await.unwrap().status, 307);
}

#[tokio::test]
async fn slow_and_endless_answers_are_given_up() {
    let (at, outgoing) = (elsewhere().await, here());
    for (path, code) in [("never", "unreachable"), ("endless", "too_large")] {
        let refused = get(&outgoing, &format!("{at}/{path}")).await.unwrap_err();
        assert_eq!(refused.code, code, "{refused}");
    }
    assert_eq!(get(&outgoing, &format!("{at}/good")).await.unwrap().0, 200);
}

#[tokio::test]
async fn private_addresses_are_not_called() {
    let at = elsewhere().await;
    let outside = Outgoing::new(Reach::default()).unwrap();
    for (url, code) in [
        (at.as_str(), "insecure_address"),
        ("https://127.0.0.1/", "private_address"),
        ("https://[::1]/", "private_address"),
        ("https://169.254.169.254/latest", "private_address"),
        ("https://0x7f.1/", "private_address"),
        // A name is looked at when it is resolved.
        ("https://localhost/", "private_address"),
        ("ftp://localhost/", "insecure_address"),
        ("nothing", "address"),
    ] {
        assert_eq!(get(&outside, url).await.unwrap_err().code, code, "{url}");
    }
    assert_eq!(get(&here(), &format!("{at}/good")).await.unwrap().0, 200);
}
