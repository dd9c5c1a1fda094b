//! Many who send at once, and somebody who sends slowly so that nobody else can.

use axum::{body::Body, extract::Request};
use base::limits::{BODY_BYTES_MAX, UPLOADS_MAX};
use futures_util::{FutureExt as _, stream};
use http::{StatusCode, header};
use web::ClientAddress;

use super::world::{World, worlds};
use crate::answer::multipart;

/// A form of that many bytes from that address, or one that never ends.
fn form(address: &str, length: Option<usize>) -> Request {
    let request = Request::builder()
        .method("POST")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=B")
        .extension(ClientAddress(address.parse().unwrap()));
    let Some(length) = length else {
        let never = stream::pending::<Result<Vec<u8>, std::io::Error>>();
        let request = request.header(header::CONTENT_LENGTH, BODY_BYTES_MAX + 1);
        return request.body(Body::from_stream(never)).unwrap();
    };
    let mut body = b"--B\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n".to_vec();
    let end = b"\r\n--B--\r\n";
    body.resize(length - end.len(), b'x');
    body.extend(end);
    request.header(header::CONTENT_LENGTH, length).body(Body::from(body)).unwrap()
}

/// What becomes of it: 403 if it was read, since nobody's form has no token.
async fn sent(world: &World, address: &str, length: usize) -> StatusCode {
    let read = multipart::read(&world.forum, form(address, Some(length))).await;
    StatusCode::from_u16(read.err().unwrap().status()).unwrap()
}

#[tokio::test]
async fn who_sends_slowly_keeps_nobody_else_out() {
    worlds(async |world: World| {
        let (slow, other) = ("2001:db8:0:7::1", "192.0.2.7");
        let (small, large) = (BODY_BYTES_MAX, BODY_BYTES_MAX + 1);
        let mut reading: Vec<_> =
            (0..UPLOADS_MAX / 2).map(|_| Box::pin(multipart::read(&world.forum, form(slow, None)))).collect();
        for one in &mut reading {
            assert!(one.as_mut().now_or_never().is_none());
        }
        // Another address of the same network is the same client.
        assert_eq!(sent(&world, "2001:db8:0:7::2", large).await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(sent(&world, other, large).await, StatusCode::FORBIDDEN);
        // However many send files: who sends none is read.
        let rest = world.forum.uploads.try_acquire_many(u32::try_from(UPLOADS_MAX / 2).unwrap()).unwrap();
        assert_eq!(sent(&world, other, large).await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(sent(&world, other, small).await, StatusCode::FORBIDDEN);
        assert_eq!(sent(&world, slow, small).await, StatusCode::FORBIDDEN);
        drop((reading, rest));
        assert_eq!(sent(&world, slow, large).await, StatusCode::FORBIDDEN);
    })
    .await;
}
