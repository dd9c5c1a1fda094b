//! What is for whoever operates the server: `/metrics`, `/healthz`, `/readyz`.
//!
//! `/healthz` says that the process answers; `/readyz` that it can do its work: the database takes a write, and
//! exactly our migrations were applied to it. Metrics are only on the listener of their own (`operations_listen`).

use std::{
    sync::{Arc, OnceLock, atomic::Ordering},
    time::Duration,
};

use axum::{Router, extract::State, response::IntoResponse};
use base::{Clock, Instant, limits::READY_CHECK_MS};
use http::{StatusCode, header};
use store::{Migration, Store};
use tokio::{sync::Mutex, time::Instant as Moment};
use web::{Operation, Problem, Routes, openapi::Shape};

use super::{
    metrics::{Metrics, Text},
    process,
};
use crate::{clock::SystemClock, mail};

/// How long one check counts, so that asking often costs little.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// What can be asked.
pub(crate) struct Operations {
    store: Store,
    migrations: Vec<Migration>,
    metrics: Arc<Metrics>,
    started: Instant,
    checked: Mutex<Option<(Moment, bool)>>,
    /// Who has mail to send, and what came of it since the server runs, where it sends any.
    mail: OnceLock<Mail>,
    log: log::Log,
}

struct Mail {
    forum: forum::Forum,
    sent: Option<Arc<mail::Counts>>,
}

/// For the public listener.
pub(crate) fn health(operations: &Arc<Operations>) -> Routes {
    let text = "text/plain";
    Routes::new()
        .add(
            Operation::get("/healthz", "isAlive").says(TAG, "Whether the process answers", "").answers_as(
                StatusCode::OK,
                "It does.",
                text,
                Shape::text("`ok`"),
            ),
            async || "ok\n",
        )
        .add(
            Operation::get("/readyz", "isReady")
                .says(
                    TAG,
                    "Whether it can do its work",
                    "The database takes a write, and exactly our migrations were applied to it.",
                )
                .answers_as(StatusCode::OK, "It can.", text, Shape::text("`ready`")),
            ready,
        )
        .with_state(Arc::clone(operations))
}

const TAG: &str = "Operation";

/// For the listener of its own.
pub(crate) fn router(operations: &Arc<Operations>) -> Router {
    let prometheus = "text/plain; version=0.0.4; charset=utf-8";
    let metrics_are_read = Operation::get("/metrics", "showMetrics")
        .says(TAG, "What is counted", "Prometheus text format 0.0.4.")
        .answers_as(StatusCode::OK, "The counts.", prometheus, Shape::text("Samples."));
    Routes::new()
        .add(metrics_are_read, metrics)
        .with_state(Arc::clone(operations))
        .merge(health(operations))
        .into_router()
        .fallback(web::problem::no_such_address)
        .method_not_allowed_fallback(web::problem::no_such_method)
}

async fn ready(State(operations): State<Arc<Operations>>) -> Result<&'static str, Problem> {
    if operations.is_ready().await { Ok("ready\n") } else { Err(Problem::unavailable()) }
}

async fn metrics(State(operations): State<Arc<Operations>>) -> impl IntoResponse {
    let mut text = Text::default();
    process::write(&mut text, operations.started);
    operations.metrics.write(&mut text);
    operations.write_store(&mut text);
    operations.write_log(&mut text).await;
    operations.write_mail(&mut text).await;
    (StatusCode::OK, [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text.0)
}

impl Operations {
    pub(crate) fn new(
        store: Store,
        migrations: Vec<Migration>,
        metrics: Arc<Metrics>,
        started: Instant,
        log: log::Log,
    ) -> Self {
        Self { store, migrations, metrics, started, checked: Mutex::default(), mail: OnceLock::new(), log }
    }

    /// Has mails counted: those that wait, and where the party sends any, what came of those that were sent.
    pub(crate) fn counts_mail(&self, forum: forum::Forum, sent: Option<Arc<mail::Counts>>) {
        // Told once, while the server starts.
        let _ = self.mail.set(Mail { forum, sent });
    }

    /// Whether the database takes a write within its time. Callers that come together share one check.
    async fn is_ready(&self) -> bool {
        let mut checked = self.checked.lock().await;
        if let Some((at, ready)) = *checked
            && at.elapsed() < CHECK_EVERY
        {
            return ready;
        }
        let limit = Duration::from_millis(READY_CHECK_MS);
        let ready = match tokio::time::timeout(limit, self.store.check(&self.migrations)).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "not ready");
                false
            }
            Err(_) => {
                tracing::warn!("not ready: the database did not answer in time");
                false
            }
        };
        *checked = Some((Moment::now(), ready));
        ready
    }

    async fn write_mail(&self, text: &mut Text) {
        let Some(Mail { forum, sent }) = self.mail.get() else { return };
        if let Some(counts) = sent {
            let name = "sahihi_mail_total";
            text.family(name, "counter", "Mails that this instance tried to send, by what came of it.");
            for (outcome, counter) in [("sent", &counts.sent), ("failed", &counts.failed)] {
                text.sample(name, &[("outcome", outcome)], counter.load(Ordering::Relaxed));
            }
            let down = u64::from(counts.down.load(Ordering::Relaxed));
            text.one("sahihi_mail_server_down", "gauge", "Whether the mail server did not answer.", down);
        }
        let limit = Duration::from_millis(READY_CHECK_MS);
        // Of a database that does not answer the rest is still told.
        let Ok(Ok((waiting, given_up))) = tokio::time::timeout(limit, forum.mails_waiting()).await else {
            return;
        };
        let help = "Mails that wait to be sent, of all instances.";
        text.one("sahihi_mail_waiting", "gauge", help, waiting);
        let help = "Mails that were given up, of all instances.";
        text.one("sahihi_mail_given_up", "gauge", help, given_up);
    }

    /// A log that nobody signs is seen by how long something waits.
    async fn write_log(&self, text: &mut Text) {
        let limit = Duration::from_millis(READY_CHECK_MS);
        let Ok(Ok((size, waiting, oldest))) = tokio::time::timeout(limit, self.log.standing()).await else {
            return;
        };
        let waited = oldest.map_or(0, |since| SystemClock.now().secs().saturating_sub(since.secs()).max(0));
        text.one("sahihi_log_leaves", "gauge", "Leaves of the log's tree.", size);
        text.one("sahihi_log_waiting", "gauge", "Acts that wait to be in it.", waiting);
        let help = "How long the one waits that waits longest.";
        text.one("sahihi_log_waiting_seconds", "gauge", help, u64::try_from(waited).unwrap_or_default());
    }

    fn write_store(&self, text: &mut Text) {
        let counts = self.store.counts();
        let engine = [("engine", self.store.engine_name())];
        for (name, help, value) in [
            ("sahihi_store_commits_total", "Writing transactions that were committed.", self.store.commits()),
            (
                "sahihi_store_writes_total",
                "Writes that were queued; several may share a commit.",
                counts.writes,
            ),
            ("sahihi_store_reads_total", "Reads that were queued.", counts.reads),
            ("sahihi_store_refused_total", "Writes and reads that the full queue refused.", counts.refused),
        ] {
            text.family(name, "counter", help);
            text.sample(name, &engine, value);
        }
    }
}
