//! The one way to register a route.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    handler::Handler,
    response::IntoResponse,
    routing::{MethodFilter, on},
};
use http::{HeaderValue, Method, StatusCode, header};

use super::{About, Arguments, Operation, Shape, document};

/// Routes, each with its operation.
#[derive(Clone)]
pub struct Routes<S = ()> {
    router: Router<S>,
    operations: Vec<Operation>,
    pages: Vec<(Method, String)>,
}

impl<S> std::fmt::Debug for Routes<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.operations).finish()
    }
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self { router: Router::new(), operations: Vec::new(), pages: Vec::new() }
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Has `handler` do what `operation` says.
    #[must_use]
    pub fn add<H, T>(mut self, operation: Operation, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: Arguments + 'static,
    {
        // Every method that an operation can be made with is one that axum knows.
        let filter = MethodFilter::try_from(operation.method.clone()).unwrap_or(MethodFilter::GET);
        self.router = self.router.route(&operation.path, on(filter, handler));
        self.operations.push(T::describe(operation));
        self
    }

    /// Has `handler` answer with a page, which is for people and is not described: `/calls/{symbol}`, without a language.
    #[must_use]
    pub fn page<H, T>(mut self, method: Method, path: &str, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
        self.router = self.router.route(path, on(filter, handler));
        self.pages.push((method, path.to_owned()));
        self
    }

    /// These and those.
    #[must_use]
    pub fn merge(mut self, others: Self) -> Self {
        self.router = self.router.merge(others.router);
        self.operations.extend(others.operations);
        self.pages.extend(others.pages);
        self
    }

    /// Puts something before all of them.
    #[must_use]
    pub fn map(mut self, layer: impl FnOnce(Router<S>) -> Router<S>) -> Self {
        self.router = layer(self.router);
        self
    }

    /// The same with their state.
    pub fn with_state(self, state: S) -> Routes {
        Routes { router: self.router.with_state(state), operations: self.operations, pages: self.pages }
    }

    /// What they do.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The pages: by which method, at which address.
    pub fn pages(&self) -> &[(Method, String)] {
        &self.pages
    }

    /// The routes alone.
    pub fn into_router(self) -> Router<S> {
        self.router
    }
}

impl Routes {
    /// The routes, and `/openapi.json`, which describes all of them and itself, and names the pages.
    pub fn documented(self, about: &About) -> Router {
        let operation = Operation::get("/openapi.json", "describeInterfaces")
            .says("Operation", "This document", "OpenAPI 3.1.1.")
            .answers_as(
                StatusCode::OK,
                "What this party serves.",
                "application/json",
                Shape::Given(
                    serde_json::json!({ "type": "object", "required": ["openapi", "info", "paths"] }),
                ),
            );
        // Written once, when somebody first wants it: most starts are for something else.
        let written: Arc<std::sync::OnceLock<Bytes>> = Arc::default();
        let about = about.clone();
        let operations: Arc<[Operation]> =
            self.operations.iter().cloned().chain([operation.clone()]).collect();
        let read = self.pages.iter().filter(|(method, _)| method == Method::GET);
        let pages: BTreeSet<String> = read.map(|(_, path)| path.clone()).collect();
        let pages: Arc<[String]> = pages.into_iter().collect();
        let handler = async move || {
            let text = written.get_or_init(|| {
                let document = document(&about, &operations, &pages);
                serde_json::to_vec(&document).unwrap_or_default().into()
            });
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
                (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
            ];
            (headers, text.clone()).into_response()
        };
        self.add(operation, handler).into_router()
    }
}
