//! One party as a server, from its configuration to its last answer.
//!
//! Read in this order: `wiring` (how the features become one) with `secretariat`, `about` (what is said of their interfaces), `listen` (connections come in), `table` (how many
//! there may be, and which are over time) with `connection`, `edge` (what every request has in common), `pages` (what every page has in common), `operations`
//! (metrics, health, readiness) with `metrics` and `process`, `telemetry` (the trace).

use std::{path::Path, sync::Arc, time::Duration};

use base::{Clock, limits};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::{
    io::AsyncReadExt,
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    task::JoinSet,
    time::MissedTickBehavior,
};

use crate::{Failure, clock::SystemClock, config::Config, keys, mail};

mod about;
mod connection;
mod edge;
mod listen;
mod metrics;
mod operations;
mod pages;
mod process;
mod secretariat;
mod table;
mod telemetry;
mod wiring;

use edge::Edge;
use metrics::Metrics;
use operations::Operations;
pub(crate) use secretariat::forum;
use table::{Bounds, Table};
pub(crate) use wiring::{log, log_at, login, migrate, migrations, open, register, trusted_issuers};

/// How often what is over is erased.
const ERASE_EVERY: Duration = Duration::from_mins(1);
/// Connections of the listener for operation.
const OPERATIONS_CONNECTIONS: usize = 64;
/// File descriptors that are not for connections: the database, the trace, fetches, what is closing.
const DESCRIPTORS_KEPT: usize = 512;

/// Runs the party of `file` until it is told to stop.
pub(crate) async fn run(file: &Path, until_input_ends: bool) -> Result<(), Failure> {
    let config = Config::read(file)?;
    let started = SystemClock.now();
    let metrics = Arc::new(Metrics::new());
    // Writes what is left of the trace when it is dropped, which is last.
    let _writing = telemetry::start(&metrics)?;
    let mut stop = Stop::listen()?;
    let bounds = bounds(&config)?;
    let store = open(&config).await?;
    let secret = keys::server_secret(&config)?;
    let limits = web::Limits::open(store.clone(), Arc::new(SystemClock), &secret, config.limits).await?;
    let wiring::Party { routes, issuer, ask, forum, sessions, login, log } =
        wiring::party(&config, store.clone()).await?;
    let operations =
        Arc::new(Operations::new(store, migrations(), Arc::clone(&metrics), started, log.clone()));
    let router = routes
        .merge(operations::health(&operations))
        .merge(web::design::routes())
        .merge(web::preferences::routes(crate::clock::of(&config)))
        .documented(&about::about(&config))
        .fallback(web::problem::no_such_address)
        .method_not_allowed_fallback(web::problem::no_such_method);
    let listener = bind(&config.listen).await?;
    let (stopping, stopped) = watch::channel(false);
    let mut serving = JoinSet::new();
    if let Some(address) = &config.operations_listen {
        let bounds = Bounds {
            connections: OPERATIONS_CONNECTIONS,
            per_address: OPERATIONS_CONNECTIONS,
            trusted: Vec::new(),
        };
        // Not counted with what the public asks.
        let apart = Arc::new(Metrics::new());
        let table = Arc::new(Table::new(bounds, Arc::clone(&apart)));
        let edge = Arc::new(Edge::new(operations::router(&operations), apart, Vec::new()));
        serving.spawn(listen::serve(bind(address).await?, edge, table, ended(stopped.clone())));
    }
    tracing::info!(
        identifier = config.identifier,
        listen = config.listen,
        connections = bounds.connections,
        "ready"
    );
    // Ends when it is dropped, which is when the server has stopped.
    let mut erasing = JoinSet::new();
    let counted = limits.clone();
    erasing.spawn(erase(move || {
        let counted = counted.clone();
        async move { counted.erase_expired().await }
    }));
    erasing.spawn(async move { log.run().await });
    let signed_in = sessions.clone();
    erasing.spawn(erase(move || {
        let signed_in = signed_in.clone();
        async move { signed_in.erase_expired().await }
    }));
    if let Some(login) = login {
        erasing.spawn(erase(move || {
            let login = login.clone();
            async move { login.each_minute().await }
        }));
    }
    if let Some(issuer) = issuer {
        erasing.spawn(erase(move || {
            let issuer = issuer.clone();
            async move { issuer.erase_expired().await }
        }));
    }
    if let Some(ask) = ask {
        erasing.spawn(erase(move || {
            let ask = ask.clone();
            async move { ask.erase_expired().await }
        }));
    }
    if let Some(forum) = forum {
        let post = config.mail.as_ref().map(|told| mail::Post::new(told, &config.identifier)).transpose()?;
        operations.counts_mail(forum.clone(), post.as_ref().map(|post| Arc::clone(&post.counts)));
        if let Some(post) = post {
            erasing.spawn(mail::run(forum.clone(), Arc::new(post), crate::clock::of(&config)));
        }
        erasing.spawn(erase(move || {
            let forum = forum.clone();
            async move {
                // Once a minute will do: it is noted, and decides nothing.
                forum.note_passages().await?;
                Ok(forum.erase_drafts().await?.saturating_add(forum.erase_notices().await?))
            }
        }));
    }
    let trusted = bounds.trusted.clone();
    let table = Arc::new(Table::new(bounds, Arc::clone(&metrics)));
    let edge =
        Edge::new(router, metrics, trusted).limited(limits).with_pages(&pages::site(&config, sessions)?);
    serving.spawn(listen::serve(listener, Arc::new(edge), table, ended(stopped)));
    tokio::select! {
        () = stop.told() => {}
        () = input_ends(), if until_input_ends => {}
        // A listener ends only when it is told to.
        _ = serving.join_next() => tracing::error!("a listener ended by itself"),
    }
    let _ = stopping.send(true);
    while serving.join_next().await.is_some() {}
    tracing::info!("stopped");
    Ok(())
}

async fn bind(address: &str) -> Result<TcpListener, Failure> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|e| Failure::new("listen", format!("cannot listen on {address}: {e}")))
}

async fn ended(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// How many connections the party may have, by our limits and by the system's, which is raised as far as it goes.
fn bounds(config: &Config) -> Result<Bounds, Failure> {
    let kind = Resource::RLIMIT_NOFILE;
    let allowed = getrlimit(kind).map(|(soft, hard)| match setrlimit(kind, hard, hard) {
        Ok(()) => hard,
        Err(_) => soft,
    });
    let allowed = allowed.ok().and_then(|n| usize::try_from(n).ok()).unwrap_or(1_024);
    let connections = limits::CONNECTIONS_MAX.min(allowed - DESCRIPTORS_KEPT.min(allowed / 2));
    if connections < limits::CONNECTIONS_MAX {
        tracing::warn!(
            allowed,
            connections,
            "the system allows few file descriptors (RLIMIT_NOFILE), so there will be fewer connections"
        );
    }
    Ok(Bounds {
        connections,
        per_address: limits::CONNECTIONS_PER_ADDRESS_MAX,
        trusted: config.trusted_proxies()?,
    })
}

/// Listens for SIGTERM and SIGINT from when it is made, so that none is missed while a party starts.
pub(crate) struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    pub(crate) fn listen() -> Result<Self, Failure> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Returns when this process is told to stop.
    pub(crate) async fn told(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

async fn input_ends() {
    let mut byte = [0];
    while tokio::io::stdin().read(&mut byte).await.is_ok_and(|n| n > 0) {}
}

/// Erases what is over, again and again.
async fn erase<F>(expired: impl Fn() -> F)
where
    F: Future<Output = Result<u64, store::Error>>,
{
    let mut due = tokio::time::interval(ERASE_EVERY);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        due.tick().await;
        if let Err(error) = expired().await {
            tracing::warn!(%error, "not everything that is over was erased; it will be tried again");
        }
    }
}
