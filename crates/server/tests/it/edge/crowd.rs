//! Many connections: idle ones, and more than the system has descriptors for.

use std::process::Stdio;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::{net::TcpSocket, task::JoinSet};

use super::*;
use crate::party::PROGRAM;

/// Idle connections in `cargo xtask test`; `cargo xtask soak` says more.
const IDLE: u32 = 2_000;
/// Of one address, fewer than it may have.
const OF_ONE_ADDRESS: u32 = 200;

/// Opens connections that send nothing, from as many addresses as it takes.
async fn idle(to: SocketAddr, n: u32) -> Vec<TcpStream> {
    let mut opened = Vec::new();
    for i in 0..n {
        let socket = TcpSocket::new_v4().unwrap();
        let [high, low] = u16::try_from(i / OF_ONE_ADDRESS + 2).unwrap().to_be_bytes();
        socket.bind(SocketAddr::from(([127, 1, high, low], 0))).unwrap();
        let connect = tokio::time::timeout(PATIENCE, socket.connect(to)).await;
        opened.push(connect.unwrap_or_else(|_| panic!("nobody accepts")).unwrap());
    }
    opened
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_keep_nobody_out() {
    let n: u32 = std::env::var("SAHIHI_SOAK_IDLE").ok().and_then(|n| n.parse().ok()).unwrap_or(IDLE);
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).unwrap();
    assert!(hard > u64::from(n) + 500, "the system allows only {hard} file descriptors: `ulimit -Hn`");
    let (mut state, operations) = state("");
    state.start().await;
    let to = socket(&state);
    let crowd = idle(to, n).await;
    let accepted = metric(&operations, "sahihi_http_connections_total{outcome=\"accepted\"}").await.unwrap();
    assert!(accepted >= f64::from(n), "{accepted} of {n} were let in");
    let open = metric(&operations, "sahihi_http_connections").await.unwrap();
    assert!(open >= f64::from(n.min(4_000)) && open <= 4_200.0, "{open} of {n} are open");
    // Others are answered, many at once, some of them new and some of them again.
    let mut others = JoinSet::new();
    for _ in 0..16 {
        let caller = state.caller();
        others.spawn(async move {
            for _ in 0..10 {
                let attributes = serde_json::json!({ "attributes": crate::holder::attributes() });
                assert_eq!(caller.staff_post("/staff/v1/people", &attributes).await.unwrap().0, 201);
            }
        });
    }
    while let Some(ended) = others.join_next().await {
        ended.unwrap();
    }
    // Nobody was cut off who had just been answered, and the idle ones go when they go.
    drop(crowd);
    let begun = Instant::now();
    while metric(&operations, "sahihi_http_connections").await.unwrap() > 32.0 {
        assert!(begun.elapsed() < PATIENCE, "places are not given back");
    }
    assert_eq!(statuses(&send(to, GOOD.as_bytes()).await), [200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_descriptors_it_goes_on() {
    let (mut state, operations) = state("");
    let mut few = std::process::Command::new("sh");
    few.args(["-c", "ulimit -n 48; exec \"$0\" serve --config \"$1\"", PROGRAM]);
    few.arg(state.folder().join("config.toml")).env("SAHIHI_LOG", "error").stdin(Stdio::null());
    state.start_by(few).await;
    let to = socket(&state);
    for _ in 0..3 {
        let crowd = idle(to, 150).await;
        assert_eq!(statuses(&send(to, GOOD.as_bytes()).await), [200]);
        drop(crowd);
    }
    let failed = metric(&operations, "sahihi_http_connections_total{outcome=\"failed\"}").await.unwrap();
    assert!(failed > 0.0, "there were descriptors enough");
    let attributes = serde_json::json!({ "attributes": crate::holder::attributes() });
    assert_eq!(state.caller().staff_post("/staff/v1/people", &attributes).await.unwrap().0, 201);
}
