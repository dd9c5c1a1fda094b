//! For tests: a register behind its router.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use axum::{Router, body::Body};
use base::{Instant, time::ManualClock};
use crypto::SeededRandom;
use http::{Request, header};
use serde_json::Value;
use store::Store;

use crate::Register;

pub(crate) struct App {
    pub(crate) router: Router,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) register: Register,
}

pub(crate) fn app(store: Store) -> App {
    let clock = Arc::new(ManualClock::new(Instant::from_secs(1_790_000_000)));
    let staff = web::fixture::staff("amina", "token");
    let register = Register::new(store, clock.clone(), Arc::new(SeededRandom::new(7)), staff);
    App { router: register.clone().router(), clock, register }
}

impl App {
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        (media_type, body): (&str, Vec<u8>),
    ) -> (u16, Value) {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.header(header::CONTENT_TYPE, media_type).body(Body::from(body)).unwrap();
        let answer = web::fixture::sent(&self.router, request).await;
        (answer.status.as_u16(), serde_json::from_str(&answer.text).unwrap_or(Value::Null))
    }

    pub(crate) async fn json(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        self.send(method, path, Some("token"), ("application/json", body.to_string().into_bytes())).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.json("POST", path, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.json("GET", path, Value::Null).await
    }
}

/// Status and code of an answer, to compare a refusal with.
pub(crate) fn code((status, body): &(u16, Value)) -> (u16, Option<&str>) {
    (*status, body.get("code").and_then(Value::as_str))
}
