//! What happens to a request before and after the routes: whose it is, how long it may take, that it is counted.

use std::{
    convert::Infallible,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::{Duration, Instant as Moment},
};

use axum::{
    Router,
    body::Body,
    extract::MatchedPath,
    response::{IntoResponse, Response},
};
use base::limits;
use http::{Request, StatusCode};
use hyper::body::Incoming;
use tower::{Layer, Service};
use web::{Limits, Problem, client_address::Network};

use super::{
    connection::{Arriving, Connection, Leaving, Phase},
    metrics::Metrics,
};

/// The routes of a listener, and what every request to them has in common.
pub(crate) struct Edge {
    routes: Router,
    pub(crate) metrics: Arc<Metrics>,
    trusted: Vec<Network>,
    limits: Option<Limits>,
    working: AtomicUsize,
}

/// A request that is being worked on; it counts until this is dropped.
struct Working<'a>(&'a AtomicUsize);

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Edge {
    pub(crate) fn new(routes: Router, metrics: Arc<Metrics>, trusted: Vec<Network>) -> Self {
        let routes = routes.layer(NoteRoute(Arc::clone(&metrics)));
        Self { routes, metrics, trusted, limits: None, working: AtomicUsize::new(0) }
    }

    /// The same, where so much may be tried and no more.
    pub(crate) fn limited(self, limits: Limits) -> Self {
        Self { limits: Some(limits), ..self }
    }

    /// The same with pages.
    pub(crate) fn with_pages(self, site: &web::Site) -> Self {
        Self { routes: site.wrap(self.routes), ..self }
    }

    /// Answers one request.
    pub(crate) async fn answer(
        edge: Arc<Self>,
        connection: Arc<Connection>,
        request: Request<Incoming>,
    ) -> Result<Response<Leaving>, Infallible> {
        let begun = Moment::now();
        let method = request.method().clone();
        connection.route.store(0, Relaxed);
        let response = edge.route(&connection, request).await;
        connection.enter(Phase::Answer);
        let route = edge.metrics.at(connection.route.load(Relaxed));
        let took = begun.elapsed();
        let method = route.count(&method, response.status(), took);
        // The route's pattern, never the address, which can hold a handle.
        tracing::info!(
            method,
            route = route.pattern(),
            status = response.status().as_u16(),
            us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        );
        Ok(response.map(|body| Leaving { body, connection }))
    }

    async fn route(&self, connection: &Arc<Connection>, request: Request<Incoming>) -> Response {
        if request
            .uri()
            .path_and_query()
            .is_some_and(|p| p.as_str().len() > limits::REQUEST_ADDRESS_BYTES_MAX)
        {
            return too_long().into_response();
        }
        let before = self.working.fetch_add(1, Relaxed);
        let _working = Working(&self.working);
        if before >= limits::REQUESTS_MAX {
            self.metrics.too_many.add(1);
            return Problem::unavailable().into_response();
        }
        let mut request =
            request.map(|body| Body::new(Arriving { body, connection: Arc::clone(connection) }));
        let client = web::client_address::client(connection.peer, request.headers(), &self.trusted);
        request.extensions_mut().insert(client);
        if let Some(limits) = &self.limits {
            request.extensions_mut().insert(limits.clone());
        }
        request.extensions_mut().insert(Arc::clone(connection));
        // `Router` is always ready.
        let mut routed = pin!(self.routes.clone().call(request));
        let caught = poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| routed.as_mut().poll(cx))) {
            Ok(poll) => poll.map(|Ok(response)| response),
            // The hook has counted it and said where it was.
            Err(_panic) => Poll::Ready(Problem::panicked().into_response()),
        });
        let in_time = tokio::time::timeout(Duration::from_millis(limits::REQUEST_MS), caught).await;
        in_time.unwrap_or_else(|_| {
            self.metrics.too_long.add(1);
            Problem::outcome_unknown().into_response()
        })
    }
}

fn too_long() -> Problem {
    Problem::new(StatusCode::URI_TOO_LONG, "address_too_long", "The address of the request is too long.")
}

/// Notes which route answers, which only the router knows.
#[derive(Clone)]
struct NoteRoute(Arc<Metrics>);

impl<S> Layer<S> for NoteRoute {
    type Service = Noted<S>;
    fn layer(&self, inner: S) -> Noted<S> {
        Noted { inner, metrics: Arc::clone(&self.0) }
    }
}

#[derive(Clone)]
struct Noted<S> {
    inner: S,
    metrics: Arc<Metrics>,
}

impl<S: Service<Request<Body>>> Service<Request<Body>> for Noted<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> S::Future {
        let extensions = request.extensions();
        if let (Some(connection), Some(matched)) =
            (extensions.get::<Arc<Connection>>(), extensions.get::<MatchedPath>())
        {
            connection.route.store(self.metrics.index(matched.as_str()), Relaxed);
        }
        self.inner.call(request)
    }
}
