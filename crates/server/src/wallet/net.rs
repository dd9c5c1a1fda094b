//! Carries out the requests of a wallet's flow.

use reqwest::Method;
use wallet::{
    Event,
    http::{self, Request, Response},
};

use crate::{
    Failure,
    outgoing::{Message, Outgoing, Reach},
};

/// A client for one command.
pub(super) struct Net(Outgoing);

impl Net {
    pub(super) fn new(insecure_loopback: bool) -> Result<Self, Failure> {
        Outgoing::new(Reach { loopback: insecure_loopback, ..Reach::default() }).map(Self)
    }

    /// Sends the request; whatever goes wrong on the way is [`Event::Unreachable`].
    pub(super) async fn send<A>(&self, request: Request) -> Event<A> {
        let bearer = request
            .bearer
            .as_ref()
            .map(|token| zeroize::Zeroizing::new(format!("Bearer {}", token.as_str())));
        let mut headers = vec![("accept", request.accept)];
        headers.extend(request.content_type.map(|media_type| ("content-type", media_type)));
        headers.extend(bearer.as_ref().map(|value| ("authorization", value.as_str())));
        let (method, body) = match request.method {
            http::Method::Get => (Method::GET, None),
            http::Method::Post => (Method::POST, Some(request.body.to_vec())),
        };
        let message = Message { method, headers: &headers, body, ..Message::default() };
        match self.0.send(request.url.as_str(), message, request.response_bytes_max).await {
            Ok(answer) => Event::Response(Response {
                status: answer.status,
                content_type: answer.media_type,
                body: answer.body,
            }),
            Err(_) => Event::Unreachable,
        }
    }
}
