//! The log with its database: through the handle, on both engines.

use std::sync::{Arc, Mutex};

use ::store::{Store, Tx, fixture::each_engine};
use base::{
    Instant,
    limits::{LOG_IDLE_S, LOG_LEASE_MS, LOG_MERGE_S},
    time::ManualClock,
};
use crypto::SeededRandom;

use crate::{
    Act, Fault, Head, LeafId, Log, LogConfig, MIGRATIONS, ProofFile, Receipt, ReceiptFile, StepError,
    Stepped, after_restore, erase, store as sql,
    testing::{AT, Noted, ORIGIN, key, signer},
    verify::{Audit, Seen, Sound, Whole},
};

mod noted;

/// A log in a database, with its clock.
struct Party {
    log: Log,
    clock: Arc<ManualClock>,
}

async fn party(store: &Store, seed: u64, head: Option<Arc<dyn Head>>) -> Party {
    let clock = Arc::new(ManualClock::new(AT));
    let config = LogConfig { origin: ORIGIN.to_owned(), signer: signer(1), head };
    let random = Arc::new(SeededRandom::new(seed));
    let log = Log::open(config, store.clone(), clock.clone(), random).await.unwrap();
    Party { log, clock }
}

async fn append(store: &Store, log: &Log, from: usize, count: usize) -> Vec<Receipt> {
    let log = log.clone();
    let write = async move |tx: &mut Tx<'_>| {
        let mut receipts = Vec::new();
        for n in from..from + count {
            let record = format!("{{\"act\":{n}}}");
            receipts.push(log.append(tx, &Act { kind: "test", record: record.as_bytes() }).await?);
        }
        Ok::<_, ::store::Error>(receipts)
    };
    store.write(write).await.unwrap()
}

/// The whole log as it is published, checked.
async fn sound(log: &Log) -> Result<Sound, Fault> {
    let mut whole = Whole::new(&log.checkpoint().await.unwrap().unwrap(), log.key())?;
    while let Some(tile) = whole.wanted() {
        whole.take(log.tile(tile).await.unwrap().as_deref())?;
    }
    whole.finish()
}

async fn audit(log: &Log, seen: Option<Seen>) -> Result<Seen, Fault> {
    let mut audit = Audit::new(log.key(), seen, &log.checkpoint().await.unwrap().unwrap())?;
    while let Some(tile) = audit.wanted() {
        audit.take(log.tile(tile).await.unwrap().as_deref())?;
    }
    audit.finish()
}

#[tokio::test]
async fn an_act_is_receipted_at_once_and_proven_after_a_step() {
    each_engine(MIGRATIONS, async |store: Store| {
        let Party { log, .. } = party(&store, 1, None).await;
        let receipts = append(&store, &log, 0, 3).await;
        let file = receipts[1].to_file();
        let receipt = ReceiptFile::parse(&file).unwrap();
        receipt.verify(&key(1)).unwrap();
        assert_eq!(receipt.extra.record(), Some(&b"{\"act\":1}"[..]));
        assert_eq!(receipt.promise.merge_by, AT.plus_secs(LOG_MERGE_S));
        assert_eq!(log.proof(receipts[1].leaf).await.unwrap(), None);
        assert_eq!(log.waiting_since().await.unwrap(), Some(AT));
        assert_eq!(log.standing().await.unwrap(), (0, 3, Some(AT)));
        assert_eq!(log.step().await.unwrap(), Stepped::Placed(3));
        assert_eq!(log.step().await.unwrap(), Stepped::Idle);
        assert_eq!(log.waiting_since().await.unwrap(), None);
        assert_eq!(log.standing().await.unwrap(), (3, 0, None));
        let ids: Vec<_> = receipts.iter().map(|receipt| receipt.leaf).collect();
        for (receipt, proof) in receipts.iter().zip(log.proofs(&ids).await.unwrap()) {
            let text = proof.unwrap();
            let proof = ProofFile::parse(&text).unwrap();
            let proven = proof.verify(&key(1), Some(&receipt.commitment)).unwrap();
            assert_eq!((proven.checkpoint.size, proven.dated), (3, Some(AT)));
            assert!(proof.extra.record().is_some());
        }
        let public = log.public_proof(ids[0]).await.unwrap().unwrap();
        let public = ProofFile::parse(&public).unwrap();
        assert_eq!(public.extra.record(), None);
        public.verify(&key(1), None).unwrap();
        // What was given once is given again.
        assert_eq!(log.receipt(ids[1]).await.unwrap().unwrap().to_file(), file);
        let unknown: LeafId = "lef_0123456789abcdef".parse().unwrap();
        assert!(log.receipt(unknown).await.unwrap().is_none());
        assert_eq!(log.proof(unknown).await.unwrap(), None);
        assert_eq!(sound(&log).await.unwrap().checkpoint.size, 3);
    })
    .await;
}

#[tokio::test]
async fn an_act_that_is_not_kept_leaves_no_leaf() {
    each_engine(MIGRATIONS, async |store: Store| {
        let Party { log, .. } = party(&store, 1, None).await;
        assert_eq!(log.step().await.unwrap(), Stepped::Dated, "the empty tree is signed");
        let appended = log.clone();
        let failed = store
            .write(async move |tx: &mut Tx<'_>| {
                let act = Act { kind: "test", record: b"{}" };
                appended.append(tx, &act).await?;
                // A second first state is no failure; a statement that finds no row is.
                tx.one(&sql::TILE, ::store::params![0_i64, 0_i64]).await.map(drop)
            })
            .await;
        assert!(failed.is_err());
        assert_eq!(log.step().await.unwrap(), Stepped::Idle);
    })
    .await;
}

#[tokio::test]
async fn a_log_grows_over_tiles_and_goes_on_from_what_was_seen() {
    each_engine(MIGRATIONS, async |store: Store| {
        let Party { log, clock } = party(&store, 1, None).await;
        let (mut seen, mut all) = (None, Vec::new());
        for count in [1, 254, 1, 1, 300, 5_000] {
            all.extend(append(&store, &log, all.len(), count).await);
            while log.step().await.unwrap() != Stepped::Idle {}
            clock.advance_secs(1);
            let sound = sound(&log).await.unwrap();
            assert_eq!(usize::try_from(sound.checkpoint.size).unwrap(), all.len());
            seen = Some(audit(&log, seen).await.unwrap());
        }
        let ids: Vec<_> = all.iter().map(|receipt| receipt.leaf).collect();
        let mut indices = Vec::new();
        for (receipt, proof) in all.iter().zip(log.proofs(&ids).await.unwrap()) {
            let text = proof.unwrap();
            let proof = ProofFile::parse(&text).unwrap();
            proof.verify(&key(1), Some(&receipt.commitment)).unwrap();
            indices.push(proof.index);
        }
        indices.sort_unstable();
        assert!(indices.iter().copied().eq(0..5_557), "no gap and nothing twice");
    })
    .await;
}

#[tokio::test]
async fn when_nothing_happens_the_tree_is_dated_once_an_hour() {
    each_engine(MIGRATIONS, async |store: Store| {
        let Party { log, clock } = party(&store, 1, None).await;
        append(&store, &log, 0, 1).await;
        log.step().await.unwrap();
        clock.set(AT.plus_secs(LOG_IDLE_S - 1));
        assert_eq!(log.step().await.unwrap(), Stepped::Idle);
        clock.set(AT.plus_secs(LOG_IDLE_S));
        assert_eq!(log.step().await.unwrap(), Stepped::Dated);
        assert_eq!(sound(&log).await.unwrap().dated, Some(AT.plus_secs(LOG_IDLE_S)));
    })
    .await;
}

#[tokio::test]
async fn what_is_erased_is_gone_and_the_log_stays_sound() {
    each_engine(MIGRATIONS, async |store: Store| {
        let Party { log, .. } = party(&store, 1, None).await;
        let receipts = append(&store, &log, 0, 4).await;
        log.step().await.unwrap();
        let before = audit(&log, None).await.unwrap();
        let leaf = receipts[2].leaf;
        let forget = move || async move |tx: &mut Tx<'_>| erase(tx, leaf).await;
        assert!(store.write(forget()).await.unwrap());
        assert!(!store.write(forget()).await.unwrap());
        let text = log.proof(leaf).await.unwrap().unwrap();
        let proof = ProofFile::parse(&text).unwrap();
        assert_eq!(proof.extra.record(), None);
        proof.verify(&key(1), Some(&receipts[2].commitment)).unwrap();
        assert_eq!(
            ReceiptFile::parse(&log.receipt(leaf).await.unwrap().unwrap().to_file()).unwrap().extra.record(),
            None
        );
        append(&store, &log, 4, 1).await;
        log.clone().step().await.unwrap();
        assert_eq!(sound(&log).await.unwrap().checkpoint.size, 5);
        assert_eq!(audit(&log, Some(before)).await.unwrap().size(), 5);
    })
    .await;
}

#[tokio::test]
async fn one_of_several_instances_signs_and_another_takes_over() {
    each_engine(MIGRATIONS, async |store: Store| {
        let (one, two) = (party(&store, 1, None).await, party(&store, 2, None).await);
        append(&store, &one.log, 0, 1).await;
        assert_eq!(one.log.step().await.unwrap(), Stepped::Placed(1));
        append(&store, &two.log, 1, 1).await;
        assert_eq!(two.log.step().await.unwrap(), Stepped::Others);
        assert_eq!(one.log.step().await.unwrap(), Stepped::Placed(1));
        append(&store, &two.log, 2, 1).await;
        two.clock.set(AT.plus_ms(LOG_LEASE_MS));
        assert_eq!(two.log.step().await.unwrap(), Stepped::Placed(1));
        append(&store, &two.log, 3, 1).await;
        assert_eq!(one.log.step().await.unwrap(), Stepped::Others);
        // A lease from a clock that is hours ahead keeps nobody out.
        two.clock.set(AT.plus_secs(7_200));
        assert_eq!(two.log.step().await.unwrap(), Stepped::Placed(1));
        append(&store, &one.log, 4, 1).await;
        assert_eq!(one.log.step().await.unwrap(), Stepped::Placed(1));
        assert_eq!(sound(&one.log).await.unwrap().checkpoint.size, 5);
    })
    .await;
}

/// Several instances append and sign at once, each with a clock by which every lease is over: only the database decides.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn instances_that_all_believe_to_be_the_one_use_no_place_twice() {
    each_engine(MIGRATIONS, async |store: Store| {
        let mut running = tokio::task::JoinSet::new();
        for seed in 0..4_u64 {
            let store = store.clone();
            running.spawn(async move {
                let Party { log, clock } = party(&store, seed, None).await;
                let (mut ids, mut placed) = (Vec::new(), 0);
                for round in 0..12 {
                    let now = AT.plus_secs(i64::try_from(seed).unwrap() * 100_000 + round * 1_000);
                    clock.set(now);
                    ids.extend(append(&store, &log, 0, 7).await.into_iter().map(|receipt| receipt.leaf));
                    if let Stepped::Placed(count) = log.step().await.unwrap() {
                        placed += count;
                    }
                }
                (ids, placed)
            });
        }
        let (mut ids, mut placed) = (Vec::new(), 0);
        while let Some(ended) = running.join_next().await {
            let (some, count) = ended.unwrap();
            ids.extend(some);
            placed += count;
        }
        let Party { log, clock } = party(&store, 9, None).await;
        clock.set(AT.plus_secs(10_000_000));
        while let Stepped::Placed(count) = log.step().await.unwrap() {
            placed += count;
        }
        assert_eq!((ids.len(), placed), (4 * 12 * 7, 4 * 12 * 7));
        assert_eq!(usize::try_from(sound(&log).await.unwrap().checkpoint.size).unwrap(), ids.len());
        let mut indices = Vec::new();
        for proof in log.proofs(&ids).await.unwrap() {
            indices.push(ProofFile::parse(&proof.unwrap()).unwrap().index);
        }
        indices.sort_unstable();
        assert!(indices.into_iter().eq(0..4 * 12 * 7));
    })
    .await;
}

#[tokio::test]
async fn a_stale_sequencer_moves_nothing() {
    each_engine(MIGRATIONS, async |store: Store| {
        let Party { log, .. } = party(&store, 1, None).await;
        let first = append(&store, &log, 0, 1).await;
        let read = async |tx: &mut Tx<'_>| Ok::<_, ::store::Error>(sql::state(tx).await?.unwrap());
        let stale = store.read(read).await.unwrap();
        log.step().await.unwrap();
        // Whoever read the log before that step, and wakes up now, whatever lease it believes to have.
        let next = sql::State { size: 1, holder: 77, signed_at: AT.plus_secs(99), ..stale.clone() };
        let moved = store
            .write(async move |tx: &mut Tx<'_>| sql::advance(tx, &stale, &next, AT.plus_secs(1_000)).await)
            .await
            .unwrap();
        assert!(!moved);
        let leaf = (first[0].leaf, first[0].commitment);
        let placed =
            store.write(async move |tx: &mut Tx<'_>| sql::place(tx, &[leaf], 1).await).await.unwrap();
        assert!(!placed, "a leaf has one place");
        assert_eq!(sound(&log).await.unwrap().checkpoint.size, 1);
    })
    .await;
}

/// What a log says whose database was spoiled after 300 leaves, when another leaf waits.
async fn spoiled(spoil: &'static ::store::Sql) -> Result<Stepped, String> {
    let result = Arc::new(Mutex::new(None));
    let kept = Arc::clone(&result);
    each_engine(MIGRATIONS, async |store: Store| {
        let Party { log, clock } = party(&store, 1, None).await;
        append(&store, &log, 0, 300).await;
        log.step().await.unwrap();
        store.write(async move |tx: &mut Tx<'_>| tx.execute(spoil, &[]).await).await.unwrap();
        append(&store, &log, 300, 1).await;
        clock.advance_secs(1);
        let stepped = log.step().await.map_err(|error| error.to_string());
        let before = kept.lock().unwrap().replace(stepped.clone());
        assert!(before.is_none_or(|before| before == stepped), "the engines differ");
    })
    .await;
    let stepped = result.lock().unwrap().take();
    stepped.unwrap()
}

::store::statements! {
    NOTHING = "UPDATE log_tile SET content = content WHERE level = 5";
    CUT_SHORT = "UPDATE log_state SET size = 299 WHERE id = 1";
    OTHER_TILE = "UPDATE log_tile SET content = (SELECT content FROM log_tile WHERE level = 0 AND n = 0)
        WHERE level = 0 AND n = 1";
    NO_TILE = "DELETE FROM log_tile WHERE level = 1";
}

#[tokio::test]
async fn a_tree_that_was_touched_is_not_signed() {
    let damaged = |what: &str| {
        Err(StepError::Damaged(match what {
            "tiles" => "the tiles are not of the tree that was signed",
            _ => "the checkpoint is of another tree",
        })
        .to_string())
    };
    assert_eq!(spoiled(&NOTHING).await, Ok(Stepped::Placed(1)));
    assert_eq!(spoiled(&CUT_SHORT).await, damaged("tiles"));
    assert_eq!(spoiled(&OTHER_TILE).await, damaged("tiles"));
    assert_eq!(spoiled(&NO_TILE).await, damaged("tiles"));
}

#[tokio::test]
async fn a_database_of_yesterday_is_not_continued() {
    each_engine(MIGRATIONS, async |store: Store| {
        let head: Arc<dyn Head> = Arc::new(Noted::default());
        let Party { log, .. } = party(&store, 1, Some(head.clone())).await;
        append(&store, &log, 0, 300).await;
        log.step().await.unwrap();
        // The same database goes on under another instance.
        let again = party(&store, 2, Some(head.clone())).await;
        again.clock.set(AT.plus_secs(10));
        append(&store, &again.log, 300, 1).await;
        assert_eq!(again.log.step().await.unwrap(), Stepped::Placed(1));
        // One in which the last leaf never was does not, nor one that took another way.
        each_engine(MIGRATIONS, async |old: Store| {
            let Party { log, clock } = party(&old, 3, Some(head.clone())).await;
            append(&old, &log, 0, 301).await;
            assert!(matches!(log.step().await, Err(StepError::Behind)));
            assert_eq!(log.checkpoint().await.unwrap(), None, "nothing was signed");
            // After a restore another log begins, and has every leaf.
            let now = AT.plus_secs(100);
            old.write(async move |tx: &mut Tx<'_>| after_restore(tx, now).await).await.unwrap();
            assert!(
                matches!(log.step().await, Err(StepError::Damaged(_))),
                "a program that knows the old name"
            );
            let anew = party(&old, 4, Some(head.clone())).await;
            anew.clock.set(now);
            clock.set(now);
            assert_eq!(anew.log.key().name(), format!("{ORIGIN}/{}", now.secs()));
            assert_eq!(anew.log.step().await.unwrap(), Stepped::Placed(301));
            assert_eq!(sound(&anew.log).await.unwrap().checkpoint.size, 301);
            head.keep(&again.log.checkpoint().await.unwrap().unwrap()).unwrap();
        })
        .await;
        // Restored twice within a second: still another name.
        for _ in 0..2 {
            store
                .write(async move |tx: &mut Tx<'_>| after_restore(tx, Instant::from_secs(5)).await)
                .await
                .unwrap();
        }
        assert_eq!(party(&store, 5, None).await.log.key().name(), format!("{ORIGIN}/6"));
    })
    .await;
}

#[tokio::test]
async fn its_files_and_its_page_are_served() {
    use axum::body::{Body, to_bytes};
    use tower::ServiceExt as _;

    each_engine(MIGRATIONS, async |store: Store| {
        let Party { log, .. } = party(&store, 1, None).await;
        let receipts = append(&store, &log, 0, 3).await;
        let router = log.routes().into_router();
        let get = async |path: &str, lang: &str| {
            let request =
                http::Request::get(path).header("accept-language", lang).body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            let (head, body) = response.into_parts();
            let header = |name: &str| head.headers.get(name).map(|v| v.to_str().unwrap().to_owned());
            let body = to_bytes(body, 1 << 20).await.unwrap().to_vec();
            (head.status.as_u16(), header("content-type"), header("cache-control"), body)
        };
        assert_eq!(get("/log/checkpoint", "en").await.0, 503, "nothing is signed yet");
        let receipt = get(&format!("/log/receipts/{}", receipts[0].leaf), "en").await;
        assert!(receipt.3.starts_with(crate::receipt::FIRST.as_bytes()));
        assert!(!receipt.3.windows(6).any(|w| w == b"extra "), "the record is nobody else's");
        log.step().await.unwrap();
        let proof = get(&format!("/log/receipts/{}", receipts[0].leaf), "en").await;
        assert!(proof.3.starts_with(crate::proof::FIRST.as_bytes()));
        let (text, bytes) = ("text/plain; charset=utf-8", "application/octet-stream");
        for (path, media_type, kept) in [
            ("/log/checkpoint", text, "public, max-age=1"),
            ("/log/key", text, "public, max-age=1"),
            ("/log/tile/0/000.p/3", bytes, "public, max-age=31536000, immutable"),
            ("/log/tile/0/000.p/2", bytes, "public, max-age=31536000, immutable"),
            ("/log/tile/entries/000.p/3", bytes, "public, max-age=31536000, immutable"),
        ] {
            let (status, media, cache, _) = get(path, "en").await;
            assert_eq!(
                (status, media.as_deref(), cache.as_deref()),
                (200, Some(media_type), Some(kept)),
                "{path}"
            );
        }
        for path in [
            "/log/tile/0/000.p/4",
            "/log/tile/0/000",
            "/log/tile/1/000.p/1",
            "/log/receipts/lef_0123456789abcdef",
        ] {
            assert_eq!(get(path, "en").await.0, 404, "{path}");
        }
        let mut pages = std::collections::BTreeSet::new();
        for lang in base::Lang::ALL {
            let (status, _, _, page) = get("/log", lang.tag()).await;
            let page = String::from_utf8(page).unwrap();
            assert_eq!(status, 200, "{page}");
            assert!(page.contains(&log.key().to_string()), "{page}");
            pages.insert(page.lines().find(|line| line.starts_with("<h1>")).unwrap().to_owned());
        }
        assert_eq!(pages.len(), 6);
    })
    .await;
}

#[tokio::test]
async fn the_name_of_a_log_is_that_of_a_key() {
    each_engine(MIGRATIONS, async |store: Store| {
        for wrong in ["", "a b", "a+b"] {
            let config = LogConfig { origin: wrong.to_owned(), signer: signer(1), head: None };
            let opened = Log::open(
                config,
                store.clone(),
                Arc::new(ManualClock::new(AT)),
                Arc::new(SeededRandom::new(1)),
            )
            .await;
            assert!(opened.is_err(), "{wrong}");
        }
    })
    .await;
}
