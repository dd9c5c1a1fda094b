//! What a consultation costs: its publication, its export and the check of that, with ten thousand submissions; and its
//! page, as it grows.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, to_bytes},
};
use base::{Clock as _, time::ManualClock};
use crypto::SystemRandom;
use forum::{
    Forum, Policy, fixture,
    fixture::{CLOSES, GRACE_MS, OPENS, secretary, wallet::Wallet},
};
use http::Request;
use store::{Config, Store};
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use crate::{
    load::{Client, p99, slice},
    row::{Bar, Context, Failure, Row},
    served::wait,
    weight::{As, heaviest, heaviest_served},
};

/// The rows.
pub(crate) const ROWS: &[Row] = &[
    Row { name: PUBLISH, unit: "ms", bar: Bar::AtMost(2_000.0), function: |c| consultation(c, PUBLISH) },
    Row { name: EXPORT, unit: "ms", bar: Bar::AtMost(10_000.0), function: |c| consultation(c, EXPORT) },
    Row { name: VERIFY, unit: "ms", bar: Bar::AtMost(10_000.0), function: |c| consultation(c, VERIFY) },
    Row { name: PAGE, unit: "ms", bar: Bar::AtMost(50.0), function: |c| pages(c, PAGE) },
    Row { name: GROW, unit: "ratio", bar: Bar::AtMost(2.0), function: |c| pages(c, GROW) },
    Row { name: WEIGHT, unit: "KB", bar: Bar::AtMost(20.0), function: |c| pages(c, WEIGHT) },
];

const PUBLISH: &str = "publish_10k_ms";
const EXPORT: &str = "export_10k_ms";
const VERIFY: &str = "verify_10k_ms";
const PAGE: &str = "call_page_ms";
const GROW: &str = "call_page_grow";
const WEIGHT: &str = "page_kb_max";

const CALL: &str = "OTT-2017";
/// How many submissions are published, exported and verified: all of them signed.
const MANY: u64 = 10_000;
/// How many submissions the page has, and how many when it has grown.
const FEW: u64 = 2_000;
const GROWN: u64 = 100_000;
/// How many write at once while a call is filled.
const WRITERS: u64 = 64;
/// How many read the page at once, and how often in all.
const READERS: usize = 8;
const READS: usize = 800;

/// A forum with a call that received so many and was published; how long that took.
async fn filled(folder: &Path, count: u64, signed: bool) -> Result<(Forum, Duration), Failure> {
    let config = Config::Sqlite { path: folder.join("forum.sqlite") };
    Store::migrate(&config, &fixture::migrations()).await?;
    store::bench::careless(true);
    let store = Store::open(&config, &fixture::migrations()).await?;
    let clock = Arc::new(ManualClock::new(OPENS.plus_secs(-86_400)));
    let forum = fixture::forum(&store, clock.clone(), Arc::new(SystemRandom)).await;
    let wallet = Wallet::with_card();
    let anchors = wallet.anchors().to_owned();
    let forum = forum.with_anchors(anchors.clone());
    forum.draft_call(&secretary(), fixture::new_call(CALL, Policy::AtClose)).await?;
    forum.announce_call(&secretary(), CALL).await?;
    clock.set(OPENS);
    let begun = Instant::now();
    let (wallet, mut writers) = (Arc::new(wallet), JoinSet::new());
    for writer in 0..WRITERS {
        let (forum, wallet, clock) = (forum.clone(), Arc::clone(&wallet), Arc::clone(&clock));
        writers.spawn(async move {
            for n in (writer..count).step_by(usize::try_from(WRITERS).unwrap_or(1)) {
                let mut new = fixture::submission(CALL, &format!("Party {n}"), n);
                if signed {
                    let address = forum.call_address(CALL);
                    let digest = forum::submission::canonical::digest(&address, &new);
                    let evidence = wallet.approve(&address, &digest, clock.now());
                    new = fixture::signed(&forum, new, &evidence);
                }
                forum.receive(new).await?;
            }
            Ok::<_, Failure>(())
        });
    }
    while let Some(done) = writers.join_next().await {
        done??;
    }
    while !matches!(forum.log().step().await?, log::Stepped::Idle | log::Stepped::Dated) {}
    store::bench::careless(false);
    drop(forum);
    drop(store);
    // What was filled fast is all in the write-ahead log still, where each page is looked for in many tables. A server in
    // service moves it to the database as it goes.
    store::bench::bytes(&config).await?;
    let store = Store::open(&config, &fixture::migrations()).await?;
    let forum = fixture::forum(&store, clock.clone(), Arc::new(SystemRandom)).await;
    let forum = forum.with_anchors(anchors);
    eprintln!("{count} submissions received in {:.0} s", begun.elapsed().as_secs_f64());
    clock.set(CLOSES.plus_ms(GRACE_MS));
    let begun = Instant::now();
    forum.publish_call(&secretary(), CALL).await?;
    // With proofs: once the log's checkpoint holds the act.
    forum.log().step().await?;
    Ok((forum, begun.elapsed()))
}

/// Beside the binary: on a disk, not in memory.
fn folder(context: &Context) -> Result<tempfile::TempDir, Failure> {
    let binary = context.binary()?;
    Ok(tempfile::tempdir_in(binary.parent().unwrap_or(Path::new(".")))?)
}

fn milliseconds(took: Duration) -> f64 {
    took.as_secs_f64() * 1e3
}

fn consultation(context: &mut Context, row: &'static str) -> Result<f64, Failure> {
    let folder = folder(context)?;
    let export = folder.path().join("export");
    let (publish, exported) = wait(async {
        let (forum, publish) = filled(folder.path(), MANY, true).await?;
        let begun = Instant::now();
        let mut made = forum.export(CALL).await?;
        while let Some(entries) = made.next().await? {
            for entry in entries {
                let path = export.join(&entry.path);
                if let Some(parent) = path.parent() {
                    fs::create_dir_all(parent)?;
                }
                fs::write(path, entry.bytes)?;
            }
        }
        Ok((publish, begun.elapsed()))
    })?;
    let begun = Instant::now();
    let mut verify = Command::new(context.binary()?);
    verify.arg("verify").arg(&export).arg("--key").arg(export.join("log/key"));
    let checked = verify.stdin(Stdio::null()).output()?;
    let verified = begun.elapsed();
    if !checked.status.success() {
        return Err(Failure::new(String::from_utf8_lossy(&checked.stdout).into_owned()));
    }
    for (name, took) in [(PUBLISH, publish), (EXPORT, exported), (VERIFY, verified)] {
        context.found(name, milliseconds(took));
    }
    context.value(row)
}

/// Somebody who reads one page again and again.
struct Reader {
    site: Router,
    path: &'static str,
}

impl Client for Reader {
    type Task = ();

    async fn act(&mut self, (): ()) -> Result<(), Failure> {
        fetch(&self.site, self.path).await.map(drop)
    }
}

/// A page; nothing where there is none.
async fn page(site: &Router, path: &str, how: As) -> Result<Option<Vec<u8>>, Failure> {
    let mut request = Request::builder().uri(path);
    for line in how.headers().lines() {
        let (name, value) = line.split_once(": ").unwrap_or_default();
        request = request.header(name, value);
    }
    let answer = site.clone().oneshot(request.body(Body::empty())?).await?;
    let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    let is_one = answer.status().is_success() && kind.is_some_and(|kind| kind.starts_with("text/html"));
    let body = to_bytes(answer.into_body(), 1 << 22).await?.to_vec();
    Ok(is_one.then_some(body))
}

/// A page as a browser gets it, compressed.
async fn fetch(site: &Router, path: &str) -> Result<Vec<u8>, Failure> {
    page(site, path, As::Compressed).await?.ok_or_else(|| Failure::new(format!("{path}: no page")))
}

/// How many bytes the style sheet has, compressed.
async fn style(site: &Router) -> Result<usize, Failure> {
    let request = Request::builder().uri(web::assets::style_address()).header("accept-encoding", "gzip");
    let answer = site.clone().oneshot(request.body(Body::empty())?).await?;
    Ok(to_bytes(answer.into_body(), 1 << 22).await?.len())
}

/// The pages of a forum, in the shell that the server puts them into.
fn site(forum: &Forum) -> Router {
    let site = web::Site::new(web::SiteConfig {
        name: None,
        identifier: "https://forum.example".to_owned(),
        handle: "secretariat".to_owned(),
        thumbprint: [7; 32],
        sessions: None,
        has_log: true,
        has_login: true,
        navigation: Vec::new(),
    });
    site.wrap(forum.clone().router())
}

/// Its publication page, first as everybody opens it, then filtered.
const PATHS: [&str; 2] =
    ["/en/calls/OTT-2017/submissions", "/ar/calls/OTT-2017/submissions?class=private&country=KE"];

/// The time within which 99 of 100 readers have the page.
async fn read(forum: &Forum) -> Result<f64, Failure> {
    let site = site(forum);
    let mut worst = Duration::ZERO;
    for path in PATHS {
        let mut readers: Vec<Reader> = (0..READERS).map(|_| Reader { site: site.clone(), path }).collect();
        slice(&mut readers, vec![(); READERS * 4]).await?;
        worst = worst.max(p99(slice(&mut readers, vec![(); READS]).await?));
    }
    Ok(milliseconds(worst))
}

fn pages(context: &mut Context, row: &'static str) -> Result<f64, Failure> {
    let (few, grown) = (folder(context)?, folder(context)?);
    let (soon, later, weight) = wait(async {
        let (forum, _) = filled(few.path(), FEW, false).await?;
        let soon = read(&forum).await?;
        let site = site(&forum);
        let published = heaviest("/calls", async |path: &str, how| page(&site, path, how).await).await?;
        let weight = published.max(heaviest_served(context).await?) + style(&site).await?;
        let weight = f64::from(u32::try_from(weight)?) / 1_000.0;
        let (forum, _) = filled(grown.path(), GROWN, false).await?;
        Ok((soon, read(&forum).await?, weight))
    })?;
    eprintln!("the publication page: {soon:.1} ms with {FEW}, {later:.1} ms with {GROWN}");
    for (name, value) in [(PAGE, soon), (GROW, later / soon), (WEIGHT, weight)] {
        context.found(name, value);
    }
    context.value(row)
}
