//! A server that somebody guesses at.

use crate::party::{Setup, State, TOKEN};

async fn types(state: &State, token: &str) -> u16 {
    let request = reqwest::Client::new().get(format!("{}/staff/v1/types", state.address)).bearer_auth(token);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_guesses_at_a_server_is_stopped_and_stays_so_when_it_starts_again() {
    let mut state =
        State::with(Setup { more: "[limits]\nwrong_secrets = 3\n".to_owned(), ..Setup::default() });
    state.start().await;
    for (token, status) in [("wrong", 401), ("wrong", 401), (TOKEN, 200), ("wrong", 401), (TOKEN, 429)] {
        assert_eq!(types(&state, token).await, status);
    }
    state.kill();
    state.start().await;
    assert_eq!(types(&state, TOKEN).await, 429);
    // What needs no secret is there for everybody.
    let metadata = format!("{}/.well-known/openid-credential-issuer", state.address);
    assert_eq!(reqwest::get(metadata).await.unwrap().status().as_u16(), 200);
}
