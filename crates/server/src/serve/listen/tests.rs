//! The loop, driven in this process: connections are pipes, and time is simulated.

use std::{collections::VecDeque, net::Ipv4Addr};

use axum::{
    Router,
    body::Bytes,
    routing::{get, post},
};
use tokio::{
    io::{AsyncReadExt, DuplexStream, duplex},
    sync::{mpsc, oneshot},
    time::{Instant as Moment, sleep},
};

use super::*;
use crate::serve::{metrics::Metrics, table::Bounds};

/// How much a pipe holds: as a socket's buffers do, in small.
const PIPE: usize = 1_024;
const GOOD: &str = "GET /good HTTP/1.1\r\nhost: a\r\n\r\n";
const LARGE: usize = 300_000;

/// Where connections come from in these tests: the system's part.
struct Pipes {
    coming: mpsc::UnboundedReceiver<(DuplexStream, IpAddr)>,
    failing: VecDeque<io::ErrorKind>,
}

impl Accept for Pipes {
    type Stream = DuplexStream;
    async fn accept(&mut self) -> io::Result<(DuplexStream, IpAddr)> {
        if let Some(kind) = self.failing.pop_front() {
            return Err(kind.into());
        }
        match self.coming.recv().await {
            Some(connection) => Ok(connection),
            None => std::future::pending().await,
        }
    }
}

struct Server {
    comes: mpsc::UnboundedSender<(DuplexStream, IpAddr)>,
    metrics: Arc<Metrics>,
    table: Arc<Table>,
    stop: Option<oneshot::Sender<()>>,
    serving: tokio::task::JoinHandle<()>,
}

impl Server {
    fn start() -> Self {
        Self::with(Bounds { connections: 100, per_address: 100, trusted: Vec::new() }, &[])
    }

    fn with(bounds: Bounds, failing: &[io::ErrorKind]) -> Self {
        let routes = Router::new()
            .route("/good", get(async || "good"))
            .route("/echo", post(async |body: Bytes| body))
            .route("/large", get(async || vec![b'x'; LARGE]))
            .route(
                "/slow/{s}",
                get(async |s: axum::extract::Path<u64>| sleep(Duration::from_secs(s.0)).await),
            )
            .route("/from", get(async |from: axum::Extension<web::ClientAddress>| from.0.0.to_string()))
            .route("/panic", get(panics));
        let metrics = Arc::new(Metrics::new());
        let (comes, coming) = mpsc::unbounded_channel();
        let trusted = bounds.trusted.clone();
        let table = Arc::new(Table::new(bounds, Arc::clone(&metrics)));
        let edge = Arc::new(Edge::new(routes, Arc::clone(&metrics), trusted));
        let (stop, stopped) = oneshot::channel();
        let pipes = Pipes { coming, failing: failing.iter().copied().collect() };
        let serving = tokio::spawn(serve(pipes, edge, Arc::clone(&table), async {
            let _ = stopped.await;
        }));
        Self { comes, metrics, table, stop: Some(stop), serving }
    }

    fn connect_from(&self, n: u8) -> DuplexStream {
        let (ours, theirs) = duplex(PIPE);
        self.comes.send((theirs, Ipv4Addr::new(203, 0, 113, n).into())).unwrap();
        ours
    }

    fn connect(&self) -> DuplexStream {
        self.connect_from(1)
    }

    /// A new connection is answered.
    async fn answers(&self) {
        let mut connection = self.connect_from(250);
        assert_eq!(ask(&mut connection, GOOD).await, "HTTP/1.1 200 OK");
    }
}

#[expect(clippy::panic, reason = "what is tested")]
async fn panics() {
    panic!("a secret");
}

/// Sends a request and reads its answer's head and, if there is one, the body that it announces; the first line.
async fn ask(connection: &mut DuplexStream, request: &str) -> String {
    connection.write_all(request.as_bytes()).await.unwrap();
    answer(connection).await.0
}

/// An answer's first line, and its body.
async fn answer(connection: &mut DuplexStream) -> (String, Vec<u8>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(connection.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |n| n.parse().unwrap())];
    connection.read_exact(&mut body).await.unwrap();
    (head.lines().next().unwrap().to_owned(), body)
}

/// Reads until the server closes; how long that took, and what came.
async fn closed(connection: &mut DuplexStream) -> (Duration, String) {
    let begun = Moment::now();
    let mut rest = Vec::new();
    // An error would be a reset, which is as good.
    let _ = connection.read_to_end(&mut rest).await;
    (begun.elapsed(), String::from_utf8_lossy(&rest).into_owned())
}

/// Whether a time is what a limit says, up to how often the table is looked over.
fn check_time(took: Duration, limit_ms: u64) {
    let limit = Duration::from_millis(limit_ms);
    assert!(took >= limit && took <= limit + Duration::from_secs(1), "{took:?} instead of {limit:?}");
}

#[tokio::test(start_paused = true)]
async fn who_sends_nothing_or_no_more_is_closed() {
    let server = Server::start();
    let mut silent = server.connect();
    check_time(closed(&mut silent).await.0, limits::REQUEST_HEAD_MS);
    // Kept for further requests, but not for ever.
    let mut idle = server.connect();
    for _ in 0..3 {
        assert_eq!(ask(&mut idle, GOOD).await, "HTTP/1.1 200 OK");
        sleep(Duration::from_millis(limits::KEEP_ALIVE_MS - 1_000)).await;
    }
    assert_eq!(ask(&mut idle, GOOD).await, "HTTP/1.1 200 OK");
    check_time(closed(&mut idle).await.0, limits::KEEP_ALIVE_MS);
    server.answers().await;
}

#[tokio::test(start_paused = true)]
async fn a_byte_a_second_is_cut_off() {
    let server = Server::start();
    let body = format!("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n{}", "x".repeat(1_000));
    let head_bytes = body.find("\r\n\r\n").unwrap() + 4;
    for (at_once, limit_ms) in [(0, limits::REQUEST_HEAD_MS), (head_bytes, limits::TRANSFER_GRACE_MS)] {
        let (before, after) = body.split_at(at_once);
        let mut slow = server.connect();
        slow.write_all(before.as_bytes()).await.unwrap();
        let begun = Moment::now();
        for byte in after.as_bytes() {
            sleep(Duration::from_secs(1)).await;
            if slow.write_u8(*byte).await.is_err() {
                break;
            }
        }
        let took = begun.elapsed();
        assert!(took <= Duration::from_millis(limit_ms + 3_000), "{took:?}");
        assert_eq!(closed(&mut slow).await.1, "", "a half request was answered");
        server.answers().await;
    }
    // The same bytes in time are answered.
    let mut quick = server.connect();
    assert_eq!(ask(&mut quick, &body).await, "HTTP/1.1 200 OK");
}

#[tokio::test(start_paused = true)]
async fn a_large_answer_has_to_be_taken() {
    let server = Server::start();
    let request = "GET /large HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut stalled = server.connect();
    stalled.write_all(request.as_bytes()).await.unwrap();
    sleep(Duration::from_millis(limits::TRANSFER_GRACE_MS + 1_000)).await;
    let (_, taken) = closed(&mut stalled).await;
    assert!(taken.len() <= PIPE, "{} bytes went out after the end", taken.len());
    // A byte a second would hold it for days.
    let mut slow = server.connect();
    slow.write_all(request.as_bytes()).await.unwrap();
    let begun = Moment::now();
    for _ in 0..10_000 {
        sleep(Duration::from_secs(1)).await;
        if slow.read_u8().await.is_err() {
            break;
        }
    }
    assert!(begun.elapsed() < Duration::from_secs(5_000), "{:?}", begun.elapsed());
    // Slow, but not too slow: 4,000 bytes a second, for 75 seconds.
    let mut patient = server.connect();
    patient.write_all(request.as_bytes()).await.unwrap();
    let mut taken = 0;
    let mut bytes = [0; 400];
    while taken < LARGE {
        sleep(Duration::from_millis(100)).await;
        taken += patient.read_exact(&mut bytes).await.unwrap();
    }
    server.answers().await;
}

#[tokio::test(start_paused = true)]
async fn work_that_does_not_end_is_answered() {
    let server = Server::start();
    let mut waits = server.connect();
    let begun = Moment::now();
    waits.write_all(b"GET /slow/3600 HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let (line, body) = answer(&mut waits).await;
    check_time(begun.elapsed(), limits::REQUEST_MS);
    assert_eq!(line, "HTTP/1.1 503 Service Unavailable");
    assert!(String::from_utf8(body).unwrap().contains("\"outcome_unknown\""));
    assert_eq!(server.metrics.too_long.get(), 1);
    // And the connection goes on.
    assert_eq!(ask(&mut waits, GOOD).await, "HTTP/1.1 200 OK");
}

#[tokio::test(start_paused = true)]
async fn too_much_work_at_once_is_refused() {
    let bounds = Bounds { connections: 5_000, per_address: 5_000, trusted: Vec::new() };
    let server = Server::with(bounds, &[]);
    let mut working: Vec<DuplexStream> = (0..limits::REQUESTS_MAX).map(|_| server.connect()).collect();
    for connection in &mut working {
        connection.write_all(b"GET /slow/30 HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    }
    sleep(Duration::from_secs(1)).await;
    let mut one_more = server.connect();
    one_more.write_all(GOOD.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(one_more.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("HTTP/1.1 503 ") && head.contains("retry-after: 1\r\n"), "{head}");
    sleep(Duration::from_secs(30)).await;
    server.answers().await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_answered_and_the_connection_goes_on() {
    let server = Server::start();
    let mut connection = server.connect();
    connection.write_all(b"GET /panic HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let (line, body) = answer(&mut connection).await;
    assert_eq!(line, "HTTP/1.1 500 Internal Server Error");
    let body = String::from_utf8(body).unwrap();
    assert!(body.contains("\"internal\"") && !body.contains("secret"), "{body}");
    assert_eq!(ask(&mut connection, GOOD).await, "HTTP/1.1 200 OK");
}

#[tokio::test(start_paused = true)]
async fn a_system_without_descriptors_is_waited_for() {
    let exhausted = [io::ErrorKind::Other; 20];
    let lost = [io::ErrorKind::ConnectionAborted; 20];
    let bounds = Bounds { connections: 100, per_address: 100, trusted: Vec::new() };
    let begun = Moment::now();
    let server = Server::with(bounds.clone(), &exhausted);
    server.answers().await;
    assert_eq!(begun.elapsed(), REST * 20, "the loop spins");
    assert_eq!(server.metrics.accept_errors.get(), 20);
    let begun = Moment::now();
    Server::with(bounds, &lost).answers().await;
    assert_eq!(begun.elapsed(), Duration::ZERO, "a lost connection holds up the others");
}

#[tokio::test(start_paused = true)]
async fn who_has_no_place_is_told() {
    let server = Server::with(Bounds { connections: 2, per_address: 2, trusted: Vec::new() }, &[]);
    let mut busy: Vec<DuplexStream> = (0..2).map(|n| server.connect_from(n)).collect();
    for connection in &mut busy {
        connection.write_all(b"GET /slow/30 HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    }
    sleep(Duration::from_secs(1)).await;
    let (_, refusal) = closed(&mut server.connect_from(9)).await;
    assert!(refusal.starts_with("HTTP/1.1 503 ") && refusal.contains("\r\nretry-after: 1\r\n"), "{refusal}");
    let body = refusal.split_once("\r\n\r\n").unwrap().1;
    assert!(refusal.contains(&format!("content-length: {}\r\n", body.len())));
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body.get("code").and_then(|code| code.as_str()), Some("unavailable"));
    sleep(Duration::from_secs(30)).await;
    server.answers().await;
}

#[tokio::test(start_paused = true)]
async fn a_request_knows_its_client() {
    let trusted = vec!["203.0.113.7".parse().unwrap()];
    let server = Server::with(Bounds { connections: 9, per_address: 9, trusted }, &[]);
    for (peer, client) in [(1, "203.0.113.1"), (7, "198.51.100.1")] {
        let mut connection = server.connect_from(peer);
        let request = "GET /from HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 1.1.1.1, 198.51.100.1\r\n\r\n";
        connection.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(String::from_utf8(answer(&mut connection).await.1).unwrap(), client);
    }
}

#[tokio::test(start_paused = true)]
async fn who_goes_away_half_way_is_forgotten() {
    let server = Server::start();
    for sent in ["", "GET /go", "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf"] {
        let mut connection = server.connect();
        connection.write_all(sent.as_bytes()).await.unwrap();
        sleep(Duration::from_millis(1)).await;
        assert_eq!(server.table.len(), 1);
        drop(connection);
        sleep(Duration::from_millis(1)).await;
        assert_eq!(server.table.len(), 0, "after {sent:?}");
    }
    server.answers().await;
}

#[tokio::test(start_paused = true)]
async fn requests_finish_before_the_end_but_not_for_ever() {
    for (work_s, answered) in [(5, true), (3_000, false)] {
        let mut server = Server::start();
        let mut idle = server.connect();
        assert_eq!(ask(&mut idle, GOOD).await, "HTTP/1.1 200 OK");
        let mut working = server.connect();
        let request = format!("GET /slow/{work_s} HTTP/1.1\r\nhost: a\r\n\r\n");
        working.write_all(request.as_bytes()).await.unwrap();
        sleep(Duration::from_secs(1)).await;
        let begun = Moment::now();
        server.stop.take().unwrap().send(()).unwrap();
        assert_eq!(closed(&mut idle).await, (Duration::ZERO, String::new()));
        let (_, text) = closed(&mut working).await;
        assert_eq!(text.starts_with("HTTP/1.1 200 OK"), answered, "{text}");
        drop((idle, working));
        server.serving.await.unwrap();
        let took = begun.elapsed();
        assert!(took <= Duration::from_millis(limits::STOPPING_MS + 1_000), "{took:?}");
        assert_eq!(server.table.len(), 0);
    }
}
