//! What is counted, and how it is written for whoever measures (Prometheus text format 0.0.4).
//!
//! The encoder is our own: the text is a few lines, and counting a request is three atomic additions without a lock
//! or an allocation, where the crates for it look up each set of labels under a lock. Every set of labels is bounded:
//! a route is a pattern of the router (or [`UNMATCHED`]), methods and statuses are those of the lists here.

use std::{
    fmt::Write as _,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::{Method, StatusCode};

use super::connection::Ended;

/// The label of requests that no route answers, and of routes beyond [`ROUTES_MAX`].
pub(crate) const UNMATCHED: &str = "-";
/// For how many routes there is room; a power of two.
const ROUTES_MAX: usize = 256;
/// The upper ends of the histogram's buckets, microseconds, as they are written in seconds.
const BUCKETS: [(u64, &str); 14] = [
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (500_000, "0.5"),
    (1_000_000, "1"),
    (2_500_000, "2.5"),
    (5_000_000, "5"),
    (10_000_000, "10"),
];
const METHODS: [&str; 7] = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "other"];
/// What we answer; anything else is counted as `other`.
const STATUSES: [u16; 27] = [
    200, 201, 202, 204, 302, 303, 304, 400, 401, 403, 404, 405, 406, 408, 409, 410, 412, 413, 414, 415, 422,
    429, 500, 502, 503, 504, 0,
];

/// The reasons for which the server ends connections, as they are written.
const ENDS: [(Ended, &str); 5] = [
    (Ended::Idle, "idle"),
    (Ended::SlowRequest, "slow_request"),
    (Ended::SlowReader, "slow_reader"),
    (Ended::Shed, "shed"),
    (Ended::Stopping, "stopping"),
];

/// Something that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The requests of one route.
#[derive(Debug)]
pub(crate) struct Route {
    pattern: Box<str>,
    counts: [[Counter; STATUSES.len()]; METHODS.len()],
    /// One more than [`BUCKETS`]: what took longer than the last.
    buckets: [Counter; BUCKETS.len() + 1],
    sum_us: Counter,
}

impl Route {
    fn new(pattern: &str) -> Self {
        Self {
            pattern: pattern.into(),
            counts: Default::default(),
            buckets: Default::default(),
            sum_us: Counter::default(),
        }
    }

    /// The pattern, never an address.
    pub(crate) fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Counts a request that was answered; its method as it is shown.
    pub(crate) fn count(&self, method: &Method, status: StatusCode, took: Duration) -> &'static str {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let at = METHODS.iter().position(|m| *m == method.as_str()).unwrap_or(METHODS.len() - 1);
        let status = STATUSES.iter().position(|s| *s == status.as_u16()).unwrap_or(STATUSES.len() - 1);
        if let Some(count) = self.counts.get(at).and_then(|statuses| statuses.get(status)) {
            count.add(1);
        }
        if let Some(bucket) = self.buckets.get(BUCKETS.partition_point(|(end, _)| *end < us)) {
            bucket.add(1);
        }
        self.sum_us.add(us);
        METHODS.get(at).copied().unwrap_or_default()
    }
}

/// Something that grows and shrinks.
#[derive(Debug, Default)]
pub(crate) struct Gauge(AtomicU64);

impl Gauge {
    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub(crate) fn sub(&self, n: u64) {
        self.0.fetch_sub(n, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What the server counts while it runs.
#[derive(Debug)]
pub(crate) struct Metrics {
    routes: Vec<OnceLock<Route>>,
    unmatched: Route,
    /// Connections that are open.
    pub(crate) open: Gauge,
    /// Connections that were let in.
    pub(crate) accepted: Counter,
    /// Connections for which there was no place.
    pub(crate) refused_full: Counter,
    /// Connections of an address that had enough.
    pub(crate) refused_address: Counter,
    /// Times that the system gave no connection.
    pub(crate) accept_errors: Counter,
    ended: [Counter; ENDS.len()],
    /// Requests refused because too many were being worked on.
    pub(crate) too_many: Counter,
    /// Requests that took too long.
    pub(crate) too_long: Counter,
    /// Lines of the trace that were dropped because nobody took them.
    pub(crate) lines_dropped: Counter,
    /// Panics that were caught, of handlers and of anything else.
    pub(crate) panics: Counter,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            routes: std::iter::repeat_with(OnceLock::new).take(ROUTES_MAX).collect(),
            unmatched: Route::new(UNMATCHED),
            open: Gauge::default(),
            accepted: Counter::default(),
            refused_full: Counter::default(),
            refused_address: Counter::default(),
            accept_errors: Counter::default(),
            ended: Default::default(),
            too_many: Counter::default(),
            too_long: Counter::default(),
            lines_dropped: Counter::default(),
            panics: Counter::default(),
        }
    }

    /// The server ended a connection.
    pub(crate) fn ended(&self, why: Ended) {
        if let Some((_, counter)) = ENDS.iter().zip(&self.ended).find(|((end, _), _)| *end == why) {
            counter.add(1);
        }
    }

    /// Where requests of a route are counted; 0 is for those without one.
    pub(crate) fn at(&self, index: usize) -> &Route {
        index
            .checked_sub(1)
            .and_then(|i| self.routes.get(i))
            .and_then(OnceLock::get)
            .unwrap_or(&self.unmatched)
    }

    /// The number of a route's place. The table only grows, so that looking needs no lock.
    pub(crate) fn index(&self, pattern: &str) -> usize {
        // FNV-1a; patterns are our own, nobody chooses them to collide.
        let hash = pattern.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let start = usize::try_from(hash % ROUTES_MAX as u64).unwrap_or_default();
        for index in (start..ROUTES_MAX).chain(0..start) {
            let route = self.routes.get(index).map(|place| place.get_or_init(|| Route::new(pattern)));
            if route.is_some_and(|route| route.pattern() == pattern) {
                return index + 1;
            }
        }
        0
    }

    /// Writes the requests.
    pub(crate) fn write(&self, text: &mut Text) {
        let routes = || self.routes.iter().filter_map(OnceLock::get).chain([&self.unmatched]);
        text.family("sahihi_http_requests_total", "counter", "Requests that were answered.");
        for route in routes() {
            for (method, statuses) in METHODS.iter().zip(&route.counts) {
                for (status, count) in STATUSES.iter().zip(statuses).filter(|(_, count)| count.get() > 0) {
                    let status = if *status == 0 { "other".to_owned() } else { status.to_string() };
                    let labels = [("route", route.pattern()), ("method", method), ("status", &status)];
                    text.sample("sahihi_http_requests_total", &labels, count.get());
                }
            }
        }
        text.family(
            "sahihi_http_request_seconds",
            "histogram",
            "How long it took from a request's head to its answer's.",
        );
        for route in routes().filter(|route| route.buckets.iter().any(|b| b.get() > 0)) {
            let mut below = 0;
            let ends = BUCKETS.iter().map(|(_, end)| *end).chain(["+Inf"]);
            for (end, bucket) in ends.zip(&route.buckets) {
                below += bucket.get();
                let labels = [("route", route.pattern()), ("le", end)];
                text.sample("sahihi_http_request_seconds_bucket", &labels, below);
            }
            let labels = [("route", route.pattern())];
            text.sample("sahihi_http_request_seconds_sum", &labels, seconds(route.sum_us.get()));
            text.sample("sahihi_http_request_seconds_count", &labels, below);
        }
        self.write_connections(text);
        text.one("sahihi_panics_total", "counter", "Panics that were caught.", self.panics.get());
        let help = "Lines of the trace that were dropped because nobody took them.";
        text.one("sahihi_trace_lines_dropped_total", "counter", help, self.lines_dropped.get());
    }

    fn write_connections(&self, text: &mut Text) {
        text.one("sahihi_http_connections", "gauge", "Connections that are open.", self.open.get());
        let name = "sahihi_http_connections_total";
        text.family(name, "counter", "Connections that came, by what became of them at once.");
        for (outcome, counter) in [
            ("accepted", &self.accepted),
            ("refused_full", &self.refused_full),
            ("refused_address", &self.refused_address),
            ("failed", &self.accept_errors),
        ] {
            text.sample(name, &[("outcome", outcome)], counter.get());
        }
        let name = "sahihi_http_connections_ended_total";
        text.family(name, "counter", "Connections that the server ended, by the reason.");
        for ((_, reason), counter) in ENDS.iter().zip(&self.ended) {
            text.sample(name, &[("reason", reason)], counter.get());
        }
        let name = "sahihi_http_requests_cut_total";
        text.family(name, "counter", "Requests answered 503 by the edge, by the reason.");
        for (reason, counter) in [("too_many", &self.too_many), ("too_long", &self.too_long)] {
            text.sample(name, &[("reason", reason)], counter.get());
        }
    }
}

/// Microseconds as seconds, exactly.
pub(crate) fn seconds(us: u64) -> String {
    format!("{}.{:06}", us / 1_000_000, us % 1_000_000)
}

/// A text that is being written.
#[derive(Debug, Default)]
pub(crate) struct Text(pub(crate) String);

impl Text {
    pub(crate) fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    pub(crate) fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        self.0.push_str(name);
        for (i, (label, of)) in labels.iter().enumerate() {
            let of = of.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.0, "{}{label}=\"{of}\"", if i == 0 { '{' } else { ',' });
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }

    /// A family of one.
    pub(crate) fn one(&mut self, name: &str, kind: &str, help: &str, value: impl std::fmt::Display) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
