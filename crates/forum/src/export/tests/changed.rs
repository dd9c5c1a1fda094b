//! One thing changed at a time, first by somebody careless, then by somebody who writes the list of files anew.

use super::*;
use crate::export::layout::Sums;

/// As it is.
async fn good(world: &World) -> Tree {
    world.publish().await;
    let tree = world.export().await.unwrap();
    assert_eq!(faults(&tree), []);
    tree
}

/// The same with a list that fits.
pub(super) fn listed(mut tree: Tree) -> Tree {
    tree.remove(layout::SUMS);
    let sums = tree.iter().map(|(path, bytes)| (path.clone(), crypto::sha256(bytes))).collect();
    tree.insert(layout::SUMS.to_owned(), Sums(sums).to_text().into_bytes());
    tree
}

fn with(tree: &Tree, path: &str, change: impl Fn(String) -> String) -> Tree {
    let mut tree = tree.clone();
    let text = String::from_utf8(tree[path].clone()).unwrap();
    let changed = change(text.clone());
    assert_ne!(changed, text, "{path}");
    tree.insert(path.to_owned(), changed.into_bytes());
    tree
}

fn first(tree: &Tree, file: &str) -> String {
    tree.keys().find(|path| path.ends_with(file)).unwrap().clone()
}

#[tokio::test]
async fn a_byte_changed_in_any_file_is_noticed() {
    each(async |world| {
        let tree = good(&world).await;
        for (path, bytes) in &tree {
            // Everywhere in what is short, here and there in what is long.
            let step = (bytes.len() / 9).max(1);
            for at in (0..bytes.len()).step_by(step).chain(bytes.len().checked_sub(1)) {
                let mut other = tree.clone();
                let byte = other.get_mut(path).and_then(|bytes| bytes.get_mut(at)).unwrap();
                *byte ^= 1;
                assert_ne!(faults(&other), [], "{path} {at}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn files_that_are_missing_and_files_too_many() {
    each(async |world| {
        let tree = good(&world).await;
        for path in tree.keys() {
            let mut other = tree.clone();
            other.remove(path);
            let found = faults(&other);
            assert!(found.contains(&("file_missing".to_owned(), path.clone())), "{path} {found:?}");
        }
        for path in ["more.txt", "submissions/sub_0000000000000001/submission.json"] {
            let mut other = tree.clone();
            other.insert(path.to_owned(), b"more".to_vec());
            let found = faults(&other);
            assert!(found.contains(&("file_extra".to_owned(), path.to_owned())), "{path} {found:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_list_written_anew_hides_nothing_that_the_log_knows() {
    each(async |world| {
        let tree = good(&world).await;
        let check = |name: &str, changed: Tree, expected: &[&str]| {
            let found = codes(&listed(changed));
            assert_eq!(found, expected, "{name}");
        };
        check("readme", with(&tree, layout::README, |t| t + "more"), &["file_other"]);
        check("a title", with(&tree, layout::CALL, |t| t.replace("A call", "A row")), &["file_other"]);
        check("whom to trust", with(&tree, layout::ANCHORS, |t| t + "\n"), &["file_other"]);

        // One with a signature and a file.
        let submission = first(&tree, "/evidence.json").replace("evidence.json", "submission.json");
        check(
            "a word",
            with(&tree, &submission, |t| t.replacen("Answer", "answer", 1)),
            &["submission_changed"],
        );

        let folder = submission.strip_suffix("/submission.json").unwrap().to_owned();
        let id = folder.strip_prefix("submissions/").unwrap().to_owned();
        let mut removed = tree.clone();
        removed.retain(|path, _| !path.starts_with(&folder));
        check("a submission without its line", removed.clone(), &["file_missing", "file_unexpected"]);
        let line_of = |text: &str, id: &str| {
            let all: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
            let left: Vec<_> = all.into_iter().filter(|one| one["id"] != *id).collect();
            String::from_utf8(formats::json::canonical(&left.into())).unwrap()
        };
        let removed = with(&removed, layout::SUBMISSIONS, |t| line_of(&t, &id));
        check("a submission", removed.clone(), &["count_wrong", "file_unexpected", "list_other"]);
        let fewer = |t: String| {
            t.replace("\"received\":8", "\"received\":7").replace("\"published\":4", "\"published\":3")
        };
        check(
            "and its count",
            with(&removed, layout::COUNTS, fewer),
            &["count_wrong", "file_unexpected", "list_other"],
        );

        check(
            "a count",
            with(&tree, layout::COUNTS, |t| t.replace("\"withheld\":1", "\"withheld\":0")),
            &["count_wrong"],
        );
        let standing = |t: String| t.replacen("\"standing\":\"signed\"", "\"standing\":\"unsigned\"", 1);
        check(
            "said to be unsigned",
            with(&tree, layout::SUBMISSIONS, standing),
            &["file_unexpected", "list_other", "standing_other"],
        );

        let reason = |t: String| t.replace("It names a child.", "It is worth nothing.");
        check("another reason", with(&tree, layout::SUBMISSIONS, reason), &["list_other", "reason_other"]);

        // A good proof of another leaf.
        let receipts: Vec<String> = tree.keys().filter(|p| p.ends_with("/received.proof")).cloned().collect();
        let signed: Vec<&String> = receipts
            .iter()
            .filter(|path| tree.contains_key(&path.replace("received.proof", "evidence.json")))
            .collect();
        let mut other = tree.clone();
        other.insert(signed[0].clone(), tree[signed[1]].clone());
        check("another's receipt", other, &["proof_of_another"]);
        let mut other = tree.clone();
        let act = first(&tree, "call_announced.proof");
        other.insert(layout::PUBLICATION.to_owned(), tree[&act].clone());
        check("another's publication", other, &["proof_of_another"]);

        // A good signature of something else.
        let evidence = |n: usize| signed[n].replace("received.proof", "evidence.json");
        let mut other = tree.clone();
        other.insert(evidence(0), tree[&evidence(1)].clone());
        check("another's signature", other, &["evidence_other", "signature_of_another"]);
        let mut other = tree.clone();
        other.remove(&evidence(0));
        check("no signature", other, &["signature_missing"]);

        let attached = tree.keys().find(|path| path.starts_with("files/")).unwrap().clone();
        let mut other = tree.clone();
        other.remove(&attached);
        check("no attachment", other, &["attachment_missing"]);
        check("an attachment", with(&tree, &attached, |t| t + "x"), &["file_changed"]);
        check(
            "no form",
            {
                let mut t = tree.clone();
                t.remove("forms/1.json");
                t
            },
            &["file_missing"],
        );
        let other = |t: String| t.replace("What do", "What did");
        check("another form", with(&tree, "forms/1.json", other), &["file_other"]);
    })
    .await;
}

#[tokio::test]
async fn the_key_says_whose_log_it_is() {
    each(async |world| {
        let tree = good(&world).await;
        let present: BTreeSet<String> = tree.keys().filter(|path| *path != layout::SUMS).cloned().collect();
        let codes_by = |key: Option<&log::VerifierKey>, anchors: &TrustAnchors| {
            let given = Given { key, anchors, now: CLOSES };
            let faults = match check(&InMemory(&tree), &present, &given, 2) {
                Ok(report) => report.faults,
                Err(faults) => faults,
            };
            let mut codes: Vec<String> = faults.into_iter().map(|f| f.code).collect();
            codes.dedup();
            codes
        };
        let none = TrustAnchors::default();
        assert_eq!(codes_by(Some(world.forum.log.key()), &none), [""; 0]);
        let other = crypto::Ed25519SecretKey::from_seed(&[8; 32]).unwrap();
        let other = log::VerifierKey::new("forum.example/log", crypto::Signer::public_key(&other)).unwrap();
        assert_eq!(codes_by(Some(&other), &none), ["key_unknown"]);
        // Trusting somebody else than the export says.
        let stranger = wallet::stranger();
        assert_eq!(codes_by(None, &stranger), ["asker_untrusted"]);
    })
    .await;
}

/// When each came, whether that was in the grace and what replaced it: of what is published in the record of its receipt,
/// of what is not in that of the act by which it is not.
#[tokio::test]
async fn when_each_came_and_what_replaced_it_is_in_the_log() {
    each(async |world| {
        let tree = good(&world).await;
        let lines: Vec<serde_json::Value> = serde_json::from_slice(&tree[layout::SUBMISSIONS]).unwrap();
        let check = |state: &str, file: &str, field: &str, value: serde_json::Value| {
            let at = lines.iter().position(|line| line["state"] == state).unwrap();
            let other = with(&tree, layout::SUBMISSIONS, |_| {
                let mut lines = lines.clone();
                lines[at][field] = value.clone();
                String::from_utf8(formats::json::canonical(&lines.into())).unwrap()
            });
            let place = layout::of_submission(lines[at]["id"].as_str().unwrap(), file);
            let expected = [
                ("list_other".to_owned(), layout::SUBMISSIONS.to_owned()),
                (format!("{field}_other"), place),
            ];
            let mut found = faults(&listed(other));
            found.sort();
            let mut expected = expected.to_vec();
            expected.sort();
            assert_eq!(found, expected, "{state} {field}");
        };
        for (state, file) in [
            ("published", layout::RECEIVED),
            ("inadmissible", layout::DECIDED),
            ("withheld", layout::DECIDED),
            ("withdrawn", layout::DECIDED),
            ("superseded", layout::DECIDED),
        ] {
            let line = lines.iter().find(|line| line["state"] == state).unwrap();
            let at = Instant::parse_rfc3339(line["received_at"].as_str().unwrap()).unwrap();
            check(state, file, "received_at", at.plus_ms(1).rfc3339().into());
            check(state, file, "in_grace", true.into());
        }
        let other = lines.iter().find(|line| line["state"] == "published").unwrap();
        check("superseded", layout::DECIDED, "superseded_by", other["id"].clone());
        check("withheld", layout::DECIDED, "superseded_by", other["id"].clone());
    })
    .await;
}

/// A submission counted twice by a forum that has its log say so: under another id by the same leaf, or twice under its own.
#[tokio::test]
async fn one_leaf_is_one_submission() {
    ::store::fixture::each_engine(&fixture::migrations(), async |store: Store| {
        let world = World::new(&store, Policy::NeverWithCounts).await;
        world.fill().await;
        let before = good(&world).await;
        // The line of one that is only counted, once more.
        let twin = "sub_7fffffffffffffff";
        let again = |tree: &Tree, change: fn(&mut serde_json::Value)| {
            with(tree, layout::SUBMISSIONS, |text| {
                let mut all: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
                let at = all.iter().position(|one| one["state"] == "counted").unwrap();
                let mut twin = all[at].clone();
                change(&mut twin);
                all.insert(at + 1, twin);
                String::from_utf8(formats::json::canonical(&all.into())).unwrap()
            })
        };
        let more = |text: String| {
            text.replace("\"received\":8", "\"received\":9").replace("\"counted\":4", "\"counted\":5")
        };
        let lied = again(&before, |one| one["id"] = "sub_7fffffffffffffff".into());
        let proof = String::from_utf8(before[layout::PUBLICATION].clone()).unwrap();
        let record = log::ProofFile::parse(&proof).unwrap().extra.record().unwrap().to_vec();
        let mut record: serde_json::Value =
            serde_json::from_str(&more(String::from_utf8(record).unwrap())).unwrap();
        record["files"][layout::SUBMISSIONS] =
            layout::hex(&crypto::sha256(&lied[layout::SUBMISSIONS])).into();
        let record = formats::json::canonical(&record);
        let forum = world.forum.clone();
        let append = async move |tx: &mut Tx<'_>| {
            let act = log::Act { kind: "forum_call_published", record: &record };
            forum.log.append(tx, &act).await.map(|receipt| receipt.leaf)
        };
        let leaf: log::LeafId = world.forum.store.write(append).await.unwrap();
        world.forum.log.step().await.unwrap();
        let mut tree = world.export().await.unwrap();
        let proof = world.forum.log.proof(leaf).await.unwrap().unwrap();
        tree.insert(layout::PUBLICATION.to_owned(), proof.into_bytes());
        let tree = with(&tree, layout::COUNTS, more);
        let mut other = again(&tree, |one| one["id"] = "sub_7fffffffffffffff".into());
        assert_eq!(other[layout::SUBMISSIONS], lied[layout::SUBMISSIONS]);
        let list: Vec<serde_json::Value> = serde_json::from_slice(&other[layout::SUBMISSIONS]).unwrap();
        let first = list.iter().find(|one| one["state"] == "counted").unwrap()["id"].as_str().unwrap();
        let proof = other[&layout::of_submission(first, layout::RECEIVED)].clone();
        let place = layout::of_submission(twin, layout::RECEIVED);
        other.insert(place.clone(), proof);
        assert_eq!(faults(&listed(other)), [("leaf_twice".to_owned(), place)]);
        let later = again(&tree, |one| {
            let at = Instant::parse_rfc3339(one["received_at"].as_str().unwrap()).unwrap();
            one["received_at"] = at.plus_secs(1).rfc3339().into();
        });
        assert_eq!(codes(&listed(later)), ["file_malformed"]);
    })
    .await;
}
