//! The export of a call, as somebody brings it who made it or changed it.
//!
//! An input is a JSON object: what lies in the directory, by path. Half of what is changed gets a list of files that fits,
//! so that what is behind the list is reached.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use ::store::fixture::Database;
use base::{Clock as _, Instant};
use crypto::SeededRandom;
use formats::{json, x509::TrustAnchors};
use forum::{
    Policy, Standing,
    export::{
        check::{self, Files, Given},
        layout::{self, Sums},
        write::Entry,
    },
    fixture::{self, CLOSES, GRACE_MS, OPENS, secretary, submission},
};
use log::VerifierKey;
use serde_json::{Map, Value};

use crate::{Reached, Target, json as trees, text};

const CALL: &str = "OTT";

type Tree = BTreeMap<String, String>;

struct Directory<'a>(&'a Tree);

impl Files for Directory<'_> {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.0.get(path).map(|text| text.clone().into_bytes())
    }
}

/// What a forum exports of a call with a submission of each kind: unsigned, on paper, replaced, refused and withdrawn. One
/// whose signature is right is known to the tests of the forum.
async fn exported() -> (Tree, VerifierKey, Instant) {
    let database = Database::sqlite();
    let store = database.open(&fixture::migrations()).await;
    let clock = fixture::clock();
    let forum = fixture::forum(&store, clock.clone(), std::sync::Arc::new(SeededRandom::new(1))).await;
    forum.draft_circular(&secretary(), fixture::new_circular("CL-1")).await.unwrap();
    let mut call = fixture::new_call(CALL, Policy::AtClose);
    call.circular = Some("CL-1".to_owned());
    forum.draft_call(&secretary(), call).await.unwrap();
    forum.send_circular(&secretary(), "CL-1").await.unwrap();
    clock.set(OPENS);
    let first = forum.receive(submission(CALL, "Ulmira", 1)).await.unwrap().id;
    clock.advance_secs(60);
    let mut again = submission(CALL, "Ulmira", 2);
    again.supersedes = Some(first);
    forum.receive(again).await.unwrap();
    let mut paper = submission(CALL, "Zola", 3);
    paper.standing = Standing::paper(&secretary(), &fixture::party("Zola"), [9; 32]);
    forum.receive(paper).await.unwrap();
    let refused = forum.receive(submission(CALL, "Spam", 4)).await.unwrap().id;
    clock.set(CLOSES.plus_ms(GRACE_MS));
    forum.refuse(&secretary(), refused, "It answers nothing.").await.unwrap();
    forum.publish_call(&secretary(), CALL).await.unwrap();
    forum.log().step().await.unwrap();
    let mut export = forum.export(CALL).await.unwrap();
    let mut tree = Tree::new();
    while let Some(entries) = export.next().await.unwrap() {
        for Entry { path, bytes } in entries {
            tree.insert(path, String::from_utf8(bytes).unwrap());
        }
    }
    let key = VerifierKey::parse(tree.get(layout::LOG_KEY).unwrap().trim_end()).unwrap();
    (tree, key, clock.now())
}

static EXPORTED: LazyLock<(Tree, VerifierKey, Instant)> = LazyLock::new(|| {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(exported())
});

fn bytes(tree: &Tree) -> Vec<u8> {
    let members = tree.iter().map(|(path, text)| (path.clone(), Value::from(text.as_str())));
    json::canonical(&Value::Object(members.collect::<Map<_, _>>()))
}

fn tree(input: &[u8]) -> Option<Tree> {
    serde_json::from_slice(input).ok()
}

/// The list of files as it should be.
fn listed(tree: &mut Tree) {
    tree.remove(layout::SUMS);
    let sums = tree.iter().map(|(path, text)| (path.clone(), crypto::sha256(text.as_bytes()))).collect();
    tree.insert(layout::SUMS.to_owned(), Sums(sums).to_text());
}

/// A directory.
pub static EXPORT: Target = Target::new(
    ("export", "the export of a call"),
    2_000,
    || vec![bytes(&EXPORTED.0)],
    |input, dice| {
        let Some(mut tree) = tree(input) else { return text::changed_bytes(input, dice) };
        if dice.percent(5) {
            return text::changed_bytes(input, dice);
        }
        let paths: Vec<String> = tree.keys().cloned().collect();
        let Some(path) = paths.get(dice.below(paths.len())).cloned() else { return bytes(&tree) };
        let was = tree.get(&path).cloned().unwrap_or_default();
        match dice.below(8) {
            0 => drop(tree.remove(&path)),
            1 => drop(tree.insert(text::changed(&path, dice), was)),
            2 => {
                let other = paths.get(dice.below(paths.len())).and_then(|path| tree.get(path).cloned());
                tree.insert(path, other.unwrap_or_default());
            }
            3..=5 => match json::parse(was.as_bytes()) {
                Ok(value) => {
                    let changed = json::canonical(&trees::changed(&value, dice));
                    tree.insert(path, String::from_utf8_lossy(&changed).into_owned());
                }
                Err(_) => drop(tree.insert(path, text::changed(&was, dice))),
            },
            _ => drop(tree.insert(path, text::changed(&was, dice))),
        }
        if dice.percent(60) {
            listed(&mut tree);
        }
        bytes(&tree)
    },
    |input| {
        let Some(tree) = tree(input) else { return Reached::Refused };
        let (good, key, now) = &*EXPORTED;
        let present: BTreeSet<String> = tree.keys().filter(|path| *path != layout::SUMS).cloned().collect();
        let anchors = TrustAnchors::default();
        let given = Given { key: Some(key), anchors: &anchors, now: *now };
        // Without the key it is read just the same.
        let alone = Given { key: None, ..given };
        let by_itself = check::check(&Directory(&tree), &present, &alone, 1);
        match check::check(&Directory(&tree), &present, &given, 1) {
            Err(faults) => {
                assert!(!faults.is_empty(), "refused for nothing");
                Reached::Refused
            }
            Ok(report) => {
                let accepted = report.faults.is_empty();
                if accepted {
                    // Nothing was done with the call after its publication, so nothing can be left out.
                    assert_eq!(&tree, good, "something else was published");
                    assert!(by_itself.is_ok_and(|report| report.faults.is_empty()));
                }
                Reached::read(accepted)
            }
        }
    },
);
