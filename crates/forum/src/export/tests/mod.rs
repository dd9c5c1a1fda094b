//! An export of everything that there can be in one, checked as it is, and with one thing changed at a time.

mod changed;
mod forged;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ::store::{Store, Tx, params};
use base::{Instant, time::ManualClock};
use crypto::SeededRandom;
use formats::x509::TrustAnchors;

use super::{
    check::{Came, Files, Given, check},
    layout,
    write::{Entry, ExportRefusal},
};
use crate::{
    FileRef, Forum, Policy, Standing, SubmissionId, file,
    fixture::{
        self, CLOSES, GRACE_MS, OPENS, party, secretary, submission,
        wallet::{self, Wallet},
    },
};

::store::statements! {
    FORGET = "UPDATE forum_submission SET commitment = NULL";
}

const CALL: &str = "OTT-2017";
/// What stands in a contact, and must be nowhere else.
const MAIL: &str = "nerida@reach-me.example";

/// The files of an export, by path.
type Tree = BTreeMap<String, Vec<u8>>;

struct InMemory<'a>(&'a Tree);

impl Files for InMemory<'_> {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.0.get(path).cloned()
    }
}

/// A forum with a call that was published, and an asker whose signatures are judged.
struct World {
    forum: Forum,
    clock: Arc<ManualClock>,
    wallet: Wallet,
}

impl World {
    async fn new(store: &Store, policy: Policy) -> Self {
        let clock = fixture::clock();
        let wallet = Wallet::with_card();
        let forum = fixture::forum(store, clock.clone(), Arc::new(SeededRandom::new(1))).await;
        let forum = forum.with_anchors(wallet.anchors().to_owned());
        forum.draft_circular(&secretary(), fixture::new_circular("CL-1")).await.unwrap();
        let mut call = fixture::new_call(CALL, policy);
        call.circular = Some("CL-1".to_owned());
        forum.draft_call(&secretary(), call).await.unwrap();
        forum.send_circular(&secretary(), "CL-1").await.unwrap();
        clock.set(OPENS);
        Self { forum, clock, wallet }
    }

    /// Signed as a wallet signs; with a file.
    async fn sign(&self, name: &str, n: u64) -> SubmissionId {
        self.clock.advance_secs(60);
        let bytes = format!("%PDF-1.7 of {name}").into_bytes();
        let digest = crypto::sha256(&bytes);
        let keep = async move |tx: &mut Tx<'_>| {
            file::store::insert(tx, &digest, "application/pdf", &bytes, Instant::from_ms(i64::MAX)).await
        };
        self.forum.store.write(keep).await.map_err(|e: ::store::Error| e).unwrap();
        let size = i64::try_from(format!("%PDF-1.7 of {name}").len()).unwrap();
        let mut new = submission(CALL, name, n);
        new.files = vec![FileRef {
            digest,
            name: "annex.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            size,
        }];
        new.summary = Some("In short.".to_owned());
        new.contact = Some(crate::Contact { mail: MAIL.to_owned(), lang: base::Lang::Fr });
        let now = base::Clock::now(&*self.clock);
        let address = self.forum.call_address(CALL);
        let digest = crate::submission::canonical::digest(&address, &new);
        let evidence = self.wallet.approve(&address, &digest, now);
        self.forum.receive(fixture::signed(&self.forum, new, &evidence)).await.unwrap().id
    }

    async fn send(&self, name: &str, n: u64) -> SubmissionId {
        self.clock.advance_secs(60);
        let mut new = submission(CALL, name, n);
        new.contact = Some(crate::Contact { mail: MAIL.to_owned(), lang: base::Lang::Fr });
        self.forum.receive(new).await.unwrap().id
    }

    /// One of each kind and state, published.
    async fn fill(&self) {
        self.sign("Nerida", 1).await;
        self.sign("Tarik", 2).await;
        let first = self.send("Ulmira", 3).await;
        self.clock.advance_secs(60);
        let mut again = submission(CALL, "Ulmira", 4);
        again.supersedes = Some(first);
        self.forum.receive(again).await.unwrap();
        let mut paper = submission(CALL, "Zola", 5);
        paper.standing = Standing::paper(&secretary(), &party("Zola"), [9; 32]);
        self.forum.receive(paper).await.unwrap();
        let refused = self.send("Spam", 6).await;
        let withheld = self.sign("Held", 7).await;
        let back = self.send("Back", 8).await;
        let by = crate::Withdrawing::Staff(&secretary());
        self.forum.withdraw_submission(by, back, Some("They asked for it.")).await.unwrap();
        self.clock.set(CLOSES.plus_ms(GRACE_MS));
        self.forum.refuse(&secretary(), refused, "It answers nothing.").await.unwrap();
        self.forum.withhold(&secretary(), withheld, "It names a child.").await.unwrap();
    }

    async fn publish(&self) {
        self.clock.set(CLOSES.plus_ms(GRACE_MS));
        self.forum.publish_call(&secretary(), CALL).await.unwrap();
        self.forum.log.step().await.unwrap();
    }

    async fn export(&self) -> Result<Tree, ExportRefusal> {
        let mut export = self.forum.export(CALL).await?;
        let mut tree = Tree::new();
        while let Some(entries) = export.next().await? {
            for Entry { path, bytes } in entries {
                assert!(layout::is_path(&path), "{path}");
                assert!(tree.insert(path.clone(), bytes).is_none(), "{path} twice");
            }
        }
        Ok(tree)
    }
}

/// One on each engine, with everything in it.
async fn each(test: impl AsyncFn(World)) {
    ::store::fixture::each_engine(&fixture::migrations(), async |store: Store| {
        let world = World::new(&store, Policy::AtClose).await;
        world.fill().await;
        test(world).await;
    })
    .await;
}

/// What is wrong with it: codes and places.
fn faults(tree: &Tree) -> Vec<(String, String)> {
    let present: BTreeSet<String> = tree.keys().filter(|path| *path != layout::SUMS).cloned().collect();
    let given = Given { key: None, anchors: &TrustAnchors::default(), now: CLOSES.plus_secs(86_400) };
    let found = match check(&InMemory(tree), &present, &given, 2) {
        Ok(report) => report.faults,
        Err(faults) => faults,
    };
    found.into_iter().map(|fault| (fault.code, fault.at)).collect()
}

fn codes(tree: &Tree) -> Vec<String> {
    let mut codes: Vec<String> = faults(tree).into_iter().map(|(code, _)| code).collect();
    codes.dedup();
    codes
}

#[tokio::test]
async fn what_was_published_is_proven_and_nothing_else_is_said() {
    each(async |world| {
        assert!(matches!(world.export().await, Err(ExportRefusal::NotPublished)));
        world.publish().await;
        let tree = world.export().await.unwrap();
        assert_eq!(faults(&tree), []);
        let present = tree.keys().filter(|path| *path != layout::SUMS).cloned().collect();
        let given = Given { key: None, anchors: &TrustAnchors::default(), now: CLOSES };
        let report = check(&InMemory(&tree), &present, &given, 1).unwrap();
        let came = [(Came::Signed, 2), (Came::Unsigned, 1), (Came::Paper, 1), (Came::Closed, 4)];
        assert_eq!(report.came, BTreeMap::from(came));
        let counts = [
            ("received", 8),
            ("published", 4),
            ("counted", 0),
            ("withheld", 1),
            ("inadmissible", 1),
            ("superseded", 1),
            ("withdrawn", 1),
        ];
        assert_eq!(report.opened.counts, counts.map(|(state, n)| (state.to_owned(), n)).into());
        // Of the two that are published with a file each, and not of the one that is withheld.
        assert_eq!(tree.keys().filter(|path| path.starts_with("files/")).count(), 2);
        // The same again, byte for byte.
        assert_eq!(world.export().await.unwrap(), tree);
    })
    .await;
}

/// What was received before submissions had a column for the entry of the log is published and proven all the same.
#[tokio::test]
async fn what_the_log_alone_knows_the_entry_of_is_published() {
    each(async |world| {
        let forget = async |tx: &mut Tx<'_>| tx.execute(&FORGET, params![]).await;
        assert_eq!(world.forum.store.write(forget).await.map_err(|e: ::store::Error| e).unwrap(), 8);
        world.publish().await;
        assert_eq!(faults(&world.export().await.unwrap()), []);
    })
    .await;
}

#[tokio::test]
async fn how_to_reach_people_is_nowhere_and_neither_is_what_is_not_published() {
    each(async |world| {
        world.publish().await;
        let tree = world.export().await.unwrap();
        let all: Vec<u8> = tree.iter().flat_map(|(path, bytes)| [path.as_bytes(), bytes].concat()).collect();
        let has = |word: &str| all.windows(word.len()).any(|part| part == word.as_bytes());
        assert!(has("Nerida") && has("Zola"));
        for word in [MAIL, "Held", "Spam", "Back"] {
            assert!(!has(word), "{word}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_withheld_later_was_published_then() {
    each(async |world| {
        world.publish().await;
        let before = world.export().await.unwrap();
        let one = before.keys().find_map(|path| path.strip_suffix("/evidence.json")).unwrap();
        let id: SubmissionId = one.strip_prefix("submissions/").unwrap().parse().unwrap();
        world.forum.withhold(&secretary(), id, "A court said so.").await.unwrap();
        assert!(matches!(world.export().await, Err(ExportRefusal::NotLogged)));
        world.forum.log.step().await.unwrap();
        let after = world.export().await.unwrap();
        assert_eq!(faults(&after), []);
        assert!(!after.contains_key(&format!("{one}/submission.json")));
        // Without the act it would be one that was left out.
        let mut without = after;
        without.remove(&format!("{one}/decided.proof"));
        assert!(codes(&without).contains(&"list_other".to_owned()), "{:?}", codes(&without));
    })
    .await;
}

#[tokio::test]
async fn of_a_call_that_publishes_nothing_there_are_counts() {
    ::store::fixture::each_engine(&fixture::migrations(), async |store: Store| {
        let world = World::new(&store, Policy::NeverWithCounts).await;
        world.fill().await;
        world.publish().await;
        let tree = world.export().await.unwrap();
        assert_eq!(faults(&tree), []);
        assert!(!tree.keys().any(|path| path.ends_with("submission.json") || path.starts_with("files/")));
        let text = String::from_utf8(tree[layout::COUNTS].clone()).unwrap();
        assert!(text.contains("\"counted\":4") && text.contains("\"received\":8"), "{text}");
    })
    .await;
}
