//! Several instances on one database, and many requests at once: whatever the order, each thing happens once.

use base::{Clock, limits::TX_CODE_TRIES_MAX};
use tokio::task::JoinSet;

use super::*;
use crate::MIGRATIONS;

/// How many requests come at once.
const AT_ONCE: u64 = 16;

/// Runs these requests, made from their number and an instance, at once; the answers in the order in which they came.
async fn at_once<F>(instances: &[Arc<App>], request: impl Fn(Arc<App>, u64) -> F) -> Vec<Answer>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let mut running = JoinSet::new();
    for (n, app) in (0..AT_ONCE).zip(instances.iter().cycle()) {
        running.spawn(request(app.clone(), n));
    }
    running.join_all().await
}

fn two(store: Store) -> [Arc<App>; 2] {
    [Arc::new(app(store.clone())), Arc::new(app_at(store, IDENTIFIER, 6))]
}

fn succeeded(answers: &[Answer]) -> usize {
    answers.iter().filter(|a| a.status == 200).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_redeemed_once() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let apps = two(store);
        let offer = apps[0].offer(true).await;
        let answers = at_once(&apps, |app, _| {
            let offer = offer.clone();
            async move { app.redeem(&offer).await }
        })
        .await;
        assert_eq!(succeeded(&answers), 1);
        for refused in answers.iter().filter(|a| a.status != 200) {
            assert_eq!(refused.refusal(), (400, "invalid_grant".into()));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_once_are_counted_one_by_one() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let apps = two(store);
        let offer = apps[0].offer(true).await;
        let code = code_of(&offer).to_owned();
        let right: u64 = offer["tx_code"].as_str().unwrap().parse().unwrap();
        let answers = at_once(&apps, |app, n| {
            let (code, guess) = (code.clone(), format!("{:06}", (right + 1 + n) % 1_000_000));
            async move {
                let grant = ("grant_type", GRANT_PRE_AUTHORIZED_CODE);
                app.token(&[grant, ("pre-authorized_code", &code), ("tx_code", &guess)]).await
            }
        })
        .await;
        let judged = answers.iter().filter(|a| a.text.contains("the transaction code is wrong")).count();
        assert_eq!(
            i64::try_from(judged).unwrap(),
            TX_CODE_TRIES_MAX,
            "no more guesses than these were judged"
        );
        for answer in &answers {
            assert_eq!(answer.refusal(), (400, "invalid_grant".into()));
        }
        assert_eq!(apps[1].redeem(&offer).await.refusal(), (400, "invalid_grant".into()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_proves_once() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let apps = two(store);
        let nonce = apps[0].nonce().await;
        let mut tokens = Vec::new();
        for _ in 0..AT_ONCE {
            tokens.push(apps[0].access_token().await);
        }
        let now = apps[0].clock.now();
        let answers = at_once(&apps, |app, n| {
            let access = tokens[usize::try_from(n).unwrap()].clone();
            let proof = proof::build(&key(n), IDENTIFIER, Some(&nonce), now).unwrap();
            async move { app.credential(&access, &request("pid", &[&proof])).await }
        })
        .await;
        assert_eq!(succeeded(&answers), 1);
        for refused in answers.iter().filter(|a| a.status != 200) {
            assert_eq!(refused.refusal(), (400, "invalid_nonce".into()));
        }
        assert_eq!(apps[0].kept().await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_issued_suspended_and_erased_at_once() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let apps = two(store);
        let mut tokens = Vec::new();
        for _ in 0..AT_ONCE {
            tokens.push(apps[0].access_token().await);
        }
        let answers = at_once(&apps, |app, n| {
            let access = tokens[usize::try_from(n).unwrap()].clone();
            async move {
                let proof = app.proof(&key(n)).await;
                if n % 4 == 0 {
                    app.issuer.erase_expired().await.unwrap();
                }
                app.credential(&access, &request("pid", &[&proof])).await
            }
        })
        .await;
        assert_eq!(succeeded(&answers), answers.len());
        let all = apps[0].staff_get(&format!("/staff/v1/credentials?person={ANA}")).await.json();
        let ids: Vec<_> = all["credentials"].as_array().unwrap().iter().map(|c| c["id"].clone()).collect();
        let suspend = |app: Arc<App>, id: &Value| {
            let path = format!("/staff/v1/credentials/{}/suspend", id.as_str().unwrap());
            async move { app.staff_post(&path, &json!({ "reason": "test" })).await }
        };
        let answers = at_once(&apps, |app, n| suspend(app, &ids[usize::try_from(n).unwrap()])).await;
        assert_eq!(succeeded(&answers), answers.len(), "they are all on one list");

        let answers = at_once(&apps, |app, _| {
            let path = format!("/staff/v1/credentials/{}/reinstate", ids[0].as_str().unwrap());
            async move { app.staff_post(&path, &json!({ "reason": "test" })).await }
        })
        .await;
        assert_eq!(succeeded(&answers), 1);
        for refused in answers.iter().filter(|a| a.status != 200) {
            assert_eq!(refused.refusal(), (409, "not_suspended".into()));
        }
    })
    .await;
}
