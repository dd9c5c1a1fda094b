//! Lists: where they begin, and how much of them is read at once.

use axum::body::{Body, Bytes};
use base::{Instant, limits::FILE_PART_BYTES};
use futures_util::StreamExt as _;
use http::{Request, StatusCode};
use store::Tx;
use tower::ServiceExt as _;
use web::ClientAddress;

use super::{get, pages, secret};
use crate::{
    Answer, Policy, QuestionId, file,
    fixture::{new_call, secretary, submission},
    tests::each,
};

/// Whoever knows the name of a submission does not find out from where lists begin whether there is one, or in which call.
#[tokio::test]
async fn a_list_begins_after_what_can_be_read_of_its_own_call() {
    each(async |world| {
        world.open("S", Policy::SealedUntilClose).await;
        world.forum.draft_call(&secretary(), new_call("T", Policy::AtOnce)).await.unwrap();
        world.forum.announce_call(&secretary(), "T").await.unwrap();
        let sealed = world.receive(secret("S", 1)).await.id.to_string();
        let public = world.receive(secret("T", 2)).await.id.to_string();
        for (call, after, status) in [
            ("T", public.as_str(), StatusCode::OK),
            ("S", &sealed, StatusCode::BAD_REQUEST),
            ("S", "sub_0000000000000001", StatusCode::BAD_REQUEST),
            ("T", &sealed, StatusCode::BAD_REQUEST),
            ("S", &public, StatusCode::BAD_REQUEST),
        ] {
            let got = get(&world, &format!("/forum/v1/calls/{call}/submissions?after={after}")).await;
            assert_eq!(got.status, status, "{call} {after}: {}", got.body);
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_goes_out_a_part_at_a_time() {
    each(async |world| {
        let content: Vec<u8> =
            (0..FILE_PART_BYTES * 2 + 7).map(|n| b'a' + u8::try_from(n % 26).unwrap()).collect();
        let taken = file::take("long.txt", None, content.clone()).unwrap();
        let path = format!("/files/{}", taken.file.digest_hex());
        let (digest, until) = (taken.file.digest, Instant::from_ms(i64::MAX));
        let keep = async move |tx: &mut Tx<'_>| {
            file::store::insert(tx, &digest, "text/plain", &taken.bytes, until).await?;
            file::store::publish(tx, &digest, "long.txt").await
        };
        world.forum.store.write(keep).await.map_err(|e: store::Error| e).unwrap();
        let response = pages(&world).oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.headers()["content-length"], content.len().to_string());
        let parts: Vec<_> = response.into_body().into_data_stream().map(|part| part.unwrap()).collect().await;
        assert_eq!(parts.iter().map(Bytes::len).collect::<Vec<_>>(), [FILE_PART_BYTES, FILE_PART_BYTES, 7]);
        assert_eq!(parts.concat(), content);
    })
    .await;
}

/// Whoever takes an export in slowly has others wait for the other place, not for ever.
#[tokio::test]
async fn one_address_is_given_one_export_at_a_time() {
    each(async |world| {
        world.open("S", Policy::AtOnce).await;
        world.receive(secret("S", 1)).await;
        world.clock.set(super::ENDS);
        world.forum.publish_call(&secretary(), "S").await.unwrap();
        world.forum.log().step().await.unwrap();
        let export = async |address: &str| {
            let address = ClientAddress(address.parse().unwrap());
            let request = Request::get("/calls/S/export.tar").extension(address).body(Body::empty());
            pages(&world).oneshot(request.unwrap()).await.unwrap()
        };
        let slow = export("2001:db8:0:9::1").await;
        assert_eq!(slow.status(), StatusCode::OK);
        assert_eq!(export("2001:db8:0:9::2").await.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(export("192.0.2.9").await.status(), StatusCode::OK);
        drop(slow);
        assert_eq!(export("2001:db8:0:9::2").await.status(), StatusCode::OK);
    })
    .await;
}

/// Many who read slowly do not fill the memory with what is long.
#[tokio::test]
async fn what_is_long_goes_out_a_little_at_a_time() {
    each(async |world| {
        world.open("S", Policy::AtOnce).await;
        let long = Answer::Text("長".repeat(20_000));
        let questions = ["q1", "q2"].map(|id| QuestionId::new(id).unwrap());
        for n in 1..=9 {
            let mut new = submission("S", &format!("party {n}"), n);
            new.answers = questions.clone().into_iter().map(|q| (q, long.clone())).collect();
            world.receive(new).await;
        }
        for end in ["json", "csv"] {
            let request = Request::get(format!("/calls/S/submissions.{end}")).body(Body::empty()).unwrap();
            let mut body = pages(&world).oneshot(request).await.unwrap().into_body().into_data_stream();
            let (mut all, mut longest) = (Vec::new(), 0);
            while let Some(part) = body.next().await {
                let part = part.unwrap();
                longest = longest.max(part.len());
                all.extend_from_slice(&part);
            }
            let all = String::from_utf8(all).unwrap();
            assert_eq!(all.matches("party ").count(), 9, "{end}");
            assert!(all.len() > 1_000_000 && longest < 500_000, "{end}: {longest} of {}", all.len());
        }
    })
    .await;
}
