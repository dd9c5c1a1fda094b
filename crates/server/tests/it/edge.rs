//! What comes to the listener that is no well-formed request of a patient client, over real sockets. Each case is
//! followed by a good request, which is answered. Timeouts are tested in simulated time, beside the code.

mod crowd;
mod unavailable;

use std::{
    fs,
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::party::{Setup, State, free_port};

/// Longer than the server needs to make up its mind on a slow machine; reached, it fails the test.
const PATIENCE: Duration = Duration::from_mins(1);
const GOOD: &str = "GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

/// A state with a listener for operation; its configuration begins with `more`.
fn state(more: &str) -> (State, String) {
    let state = State::with(Setup { more: crate::party::ASKS.to_owned(), ..Setup::default() });
    let operations = format!("127.0.0.1:{}", free_port());
    let file = state.folder().join("config.toml");
    let config = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("operations_listen = \"{operations}\"\n{more}\n{config}")).unwrap();
    (state, operations)
}

fn socket(state: &State) -> SocketAddr {
    state.address.replace("http://localhost", "127.0.0.1").parse().unwrap()
}

/// Sends bytes on a connection of their own and reads until it ends, or until there is an answer to each request.
async fn send(to: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(to).await.unwrap();
    exchange(&mut stream, bytes).await
}

async fn exchange(stream: &mut TcpStream, bytes: &[u8]) -> String {
    // It may be refused before all of it was sent.
    let _ = stream.write_all(bytes).await;
    let mut all = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut all)).await;
    assert!(read.is_ok(), "the connection was left open after {}", String::from_utf8_lossy(&all));
    String::from_utf8_lossy(&all).into_owned()
}

/// The statuses of the answers in what came.
fn statuses(text: &str) -> Vec<u16> {
    text.match_indices("HTTP/1.1 ")
        .map(|(at, start)| text[at + start.len()..][..3].parse().unwrap())
        .collect()
}

/// The value of a metric, all its labels written out.
async fn metric(operations: &str, name: &str) -> Option<f64> {
    let text =
        send(operations.parse().unwrap(), b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            .await;
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

#[tokio::test]
async fn what_is_no_good_request_is_refused_and_the_next_is_answered() {
    let (mut state, _) = state("");
    state.start().await;
    let to = socket(&state);
    let close = "connection: close\r\n";
    let get = |more: &str| format!("GET /healthz HTTP/1.1\r\nhost: a\r\n{close}{more}\r\n");
    let post = |more: &str, body: &str| {
        format!("POST /nonce HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{more}\r\n{body}")
    };
    let open = "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n";
    let many = "x: 1\r\n".repeat(200);
    let staff = |length: usize| {
        let head = "POST /staff/v1/people HTTP/1.1\r\nhost: a\r\nauthorization: Bearer token of a test\r\n\
                    content-type: application/json\r\nconnection: close\r\n";
        format!("{head}content-length: {length}\r\n\r\n{}", " ".repeat(length))
    };
    let cases: Vec<(&str, String, &[u16])> = vec![
        ("good", get(""), &[200]),
        // Request smuggling (RFC 9112, section 11.2): two readers must not see two different requests.
        ("two lengths that differ", post("content-length: 0\r\ncontent-length: 5\r\n", "GET /"), &[400]),
        ("a list of lengths", post("content-length: 0, 5\r\n", "GET /"), &[400]),
        ("a length with a sign", post("content-length: +0\r\n", ""), &[400]),
        ("a length that is negative", post("content-length: -1\r\n", ""), &[400]),
        ("a length beyond all", post("content-length: 99999999999999999999999\r\n", ""), &[400]),
        // Chunks win over a length (RFC 9112, section 6.3), and what comes after them is the next request.
        (
            "chunks and a length",
            post("transfer-encoding: chunked\r\ncontent-length: 5\r\n", "0\r\n\r\n"),
            &[200],
        ),
        (
            "a length and chunks",
            post("content-length: 5\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n"),
            &[200],
        ),
        ("an unknown coding", post("transfer-encoding: xchunked\r\n", "0\r\n\r\n"), &[400]),
        ("chunks that are not last", post("transfer-encoding: chunked, identity\r\n", "0\r\n\r\n"), &[400]),
        (
            "chunks in HTTP/1.0",
            "POST /nonce HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(),
            &[400],
        ),
        ("a space before the colon", get("x : 1\r\n"), &[400]),
        ("a folded line", get("x: 1\r\n 2\r\n"), &[400]),
        ("a return alone in a value", get("x: 1\r2\r\n"), &[400]),
        ("a return alone in the first line", "GET /healthz\rHTTP/1.1\r\n\r\n".to_owned(), &[400]),
        ("a zero in a value", get("x: 1\0\r\n"), &[400]),
        ("a name that is none", get("(): 1\r\n"), &[400]),
        ("no version", "GET /healthz\r\n\r\n".to_owned(), &[400]),
        ("another version", "GET /healthz HTTP/3.0\r\nhost: a\r\n\r\n".to_owned(), &[400]),
        // Closed: no answer that whoever speaks it would understand.
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), &[]),
        ("TLS", "\x16\x03\x01\x02\0\x01\0\x01\u{7f}\r\n\r\n".to_owned(), &[400]),
        // Sizes.
        ("a long head", get(&format!("x: {}\r\n", "a".repeat(100_000))), &[431]),
        ("many fields", get(&many), &[431]),
        ("a long address", format!("GET /{} HTTP/1.1\r\nhost: a\r\n{close}\r\n", "a".repeat(9_000)), &[414]),
        (
            "a very long address",
            format!("GET /{} HTTP/1.1\r\nhost: a\r\n{close}\r\n", "a".repeat(100_000)),
            &[431],
        ),
        ("a long body", staff(300_000), &[413]),
        // Methods.
        ("another method", format!("DELETE /staff/v1/people HTTP/1.1\r\nhost: a\r\n{close}\r\n"), &[405]),
        ("a method of one's own", format!("ULMIRA /nonce HTTP/1.1\r\nhost: a\r\n{close}\r\n"), &[405]),
        ("a tunnel", format!("CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n{close}\r\n"), &[404]),
        ("everything", format!("OPTIONS * HTTP/1.1\r\nhost: a\r\n{close}\r\n"), &[404]),
        // Several at once are answered in their order.
        (
            "three requests",
            format!("{open}{}{}", "GET /nothing HTTP/1.1\r\nhost: a\r\n\r\n", get("")),
            &[200, 404, 200],
        ),
        ("a good and a bad one", format!("{open}{}", get("x : 1\r\n")), &[200, 400]),
    ];
    let mut wrong = Vec::new();
    for (what, bytes, expected) in cases {
        let found = statuses(&send(to, bytes.as_bytes()).await);
        if found != expected {
            wrong.push(format!("{what}: {found:?} instead of {expected:?}"));
        }
        assert_eq!(statuses(&send(to, GOOD.as_bytes()).await), [200], "after {what}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn refusals_of_the_edge_say_what_they_are() {
    let (mut state, operations) = state("");
    state.start().await;
    let to = socket(&state);
    let close = "host: a\r\nconnection: close\r\n\r\n";
    let refused = send(to, format!("DELETE /staff/v1/people HTTP/1.1\r\n{close}").as_bytes()).await;
    assert!(refused.contains("\r\nallow: "), "{refused}");
    assert!(
        refused.contains("application/problem+json") && refused.contains("\"method_not_allowed\""),
        "{refused}"
    );
    let refused = send(to, format!("GET /{} HTTP/1.1\r\n{close}", "a".repeat(9_000)).as_bytes()).await;
    assert!(refused.contains("\"address_too_long\""), "{refused}");
    // Routes are labels, addresses and methods of somebody's own are not.
    assert_eq!(statuses(&send(to, format!("ULMIRA /Tidjara HTTP/1.1\r\n{close}").as_bytes()).await), [404]);
    let count = "sahihi_http_requests_total{route=\"-\",method=\"other\",status=\"404\"}";
    assert_eq!(metric(&operations, count).await, Some(1.0));
    let counted = "sahihi_http_requests_total{route=\"/staff/v1/people\",method=\"DELETE\",status=\"405\"}";
    assert_eq!(metric(&operations, counted).await, Some(1.0));
}

#[tokio::test]
async fn whoever_operates_it_sees_that_it_lives_works_and_counts() {
    let (mut state, operations) = state("");
    state.start().await;
    let at = operations.parse().unwrap();
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    for path in ["/healthz", "/readyz"] {
        for to in [at, socket(&state)] {
            assert_eq!(statuses(&send(to, get(path).as_bytes()).await), [200], "{path}");
        }
    }
    // Not for the public.
    assert_eq!(statuses(&send(socket(&state), get("/metrics").as_bytes()).await), [404]);
    let writes = "sahihi_store_writes_total{engine=\"sqlite\"}";
    let before = metric(&operations, writes).await.unwrap();
    let attributes = serde_json::json!({ "attributes": crate::holder::attributes() });
    assert_eq!(state.caller().staff_post("/staff/v1/people", &attributes).await.unwrap().0, 201);
    // What is over is erased meanwhile.
    assert!(metric(&operations, writes).await >= Some(before + 1.0));
    for name in ["process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds"] {
        assert!(metric(&operations, name).await.unwrap() > 0.0, "{name}");
    }
    // Of the log: three keys that began to sign, and this person; a moment later nothing waits.
    let log = async || {
        let of = async |name: &str| metric(&operations, &format!("sahihi_log_{name}")).await.unwrap();
        (of("leaves").await, of("waiting").await, of("waiting_seconds").await)
    };
    let begun = Instant::now();
    while log().await != (4.0, 0.0, 0.0) {
        assert!(begun.elapsed() < PATIENCE, "{:?}", log().await);
    }
    let posted = "sahihi_http_requests_total{route=\"/staff/v1/people\",method=\"POST\",status=\"201\"}";
    assert_eq!(metric(&operations, posted).await, Some(1.0));
    let taken = "sahihi_http_request_seconds_bucket{route=\"/staff/v1/people\",le=\"+Inf\"}";
    assert_eq!(metric(&operations, taken).await, Some(1.0));
    // To the microsecond: in steps of a clock tick of 10 ms it would stand still over small work.
    let cpu = || metric(&operations, "process_cpu_seconds_total");
    let (first, begun) = (cpu().await.unwrap(), Instant::now());
    while cpu().await.unwrap() - first <= 0.0 {
        assert!(begun.elapsed() < PATIENCE, "the process uses no time");
    }
    assert!((cpu().await.unwrap() * 100.0).fract() > 0.0 || (cpu().await.unwrap() * 100.0).fract() > 0.0);
}
