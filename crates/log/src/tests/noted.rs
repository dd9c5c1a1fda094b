//! What is noted beside the key, outside of the database.

use super::*;

#[tokio::test]
async fn every_tree_is_noted_before_it_is_shown() {
    each_engine(MIGRATIONS, async |store: Store| {
        let noted = Arc::new(Noted::default());
        let Party { log, .. } = party(&store, 1, Some(noted.clone())).await;
        // Twice within a second: a database of between the two is not continued.
        for n in 0..2 {
            append(&store, &log, n, 1).await;
            log.step().await.unwrap();
            let shown = log.checkpoint().await.unwrap();
            assert_eq!(noted.load().unwrap(), shown);
        }
        each_engine(MIGRATIONS, async |between: Store| {
            let Party { log, .. } = party(&between, 1, None).await;
            append(&between, &log, 0, 1).await;
            log.step().await.unwrap();
            let again = party(&between, 3, Some(noted.clone())).await;
            assert!(
                matches!(again.log.step().await, Err(StepError::Behind)),
                "nothing waits, and it is said"
            );
            // The same if nothing was lost.
            let first = Arc::new(Noted::default());
            first.keep(&log.checkpoint().await.unwrap().unwrap()).unwrap();
            let again = party(&between, 4, Some(first)).await;
            assert_eq!(again.log.step().await.unwrap(), Stepped::Idle);
        })
        .await;
        // What cannot be noted is not shown, and shown as soon as it is.
        let last = append(&store, &log, 2, 1).await;
        noted.set_full(true);
        for _ in 0..2 {
            assert!(matches!(log.step().await, Err(StepError::Head(_))));
            assert_eq!(log.checkpoint().await.unwrap(), None);
            assert_eq!(log.proof(last[0].leaf).await.unwrap(), None);
        }
        noted.set_full(false);
        assert_eq!(log.step().await.unwrap(), Stepped::Idle, "it is signed already");
        assert_eq!(noted.load().unwrap(), log.checkpoint().await.unwrap());
        assert_eq!(sound(&log).await.unwrap().checkpoint.size, 3);
        assert!(log.proof(last[0].leaf).await.unwrap().is_some());
    })
    .await;
}

/// Each machine has a file of its own, and any of them may be the next to sign.
#[tokio::test]
async fn who_does_not_sign_notes_what_others_signed() {
    each_engine(MIGRATIONS, async |store: Store| {
        let (here, there) = (Arc::new(Noted::default()), Arc::new(Noted::default()));
        let (one, two) =
            (party(&store, 1, Some(here.clone())).await, party(&store, 2, Some(there.clone())).await);
        append(&store, &one.log, 0, 1).await;
        assert_eq!(one.log.step().await.unwrap(), Stepped::Placed(1));
        assert_eq!(there.load().unwrap(), None);
        assert_eq!(two.log.step().await.unwrap(), Stepped::Idle);
        assert_eq!(there.load().unwrap(), here.load().unwrap());
        assert!(there.load().unwrap().is_some());
    })
    .await;
}

/// Two that share a folder: who is late does not put back what the other noted meanwhile.
#[tokio::test]
async fn what_is_noted_is_never_followed_by_what_came_before() {
    each_engine(MIGRATIONS, async |store: Store| {
        let noted = Arc::new(Noted::default());
        let one = party(&store, 1, Some(noted.clone())).await;
        let two = party(&store, 2, Some(noted.clone())).await;
        append(&store, &one.log, 0, 1).await;
        one.log.step().await.unwrap();
        let read = async |tx: &mut Tx<'_>| Ok::<_, ::store::Error>(sql::state(tx).await?.unwrap());
        let first = store.read(read).await.unwrap();
        append(&store, &one.log, 1, 1).await;
        one.log.step().await.unwrap();
        let second = noted.load().unwrap();
        assert_ne!(second, first.checkpoint);
        two.log.note(&first).await.unwrap();
        assert_eq!(noted.load().unwrap(), second);
        // What it saw first is noted where nothing is.
        noted.forget();
        party(&store, 3, Some(noted.clone())).await.log.note(&first).await.unwrap();
        assert_eq!(noted.load().unwrap(), first.checkpoint);
    })
    .await;
}
