//! A call on the disk, as somebody would check it.

use std::sync::Arc;

use crypto::SeededRandom;
use forum::{Policy, fixture as forums};
use log::VerifierKey;
use store::{Config, Store};

use super::*;

/// A published call in a folder, and the key of its log.
async fn exported(folder: &Path) -> String {
    let database = Config::Sqlite { path: folder.join("forum.sqlite") };
    Store::migrate(&database, &forums::migrations()).await.unwrap();
    let store = Store::open(&database, &forums::migrations()).await.unwrap();
    let clock = forums::clock();
    let forum = forums::forum(&store, clock.clone(), Arc::new(SeededRandom::new(1))).await;
    let secretary = forums::secretary();
    forum.draft_call(&secretary, forums::new_call("OTT", Policy::AtClose)).await.unwrap();
    forum.announce_call(&secretary, "OTT").await.unwrap();
    clock.set(forums::OPENS);
    for n in 0..3 {
        forum.receive(forums::submission("OTT", "Nerida", n)).await.unwrap();
    }
    clock.set(forums::CLOSES.plus_ms(forums::GRACE_MS));
    forum.publish_call(&secretary, "OTT").await.unwrap();
    forum.log().step().await.unwrap();
    let mut export = forum.export("OTT").await.unwrap();
    while let Some(entries) = export.next().await.unwrap() {
        for entry in entries {
            let path = folder.join("export").join(&entry.path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, entry.bytes).unwrap();
        }
    }
    forum.log().key().to_string()
}

#[tokio::test]
async fn an_export_is_checked_and_what_is_wrong_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let key = exported(folder.path()).await;
    let export = folder.path().join("export");
    let check = |file: &Path, keys: &[&str]| {
        told(file, &keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>(), &[], None, NOW)
    };
    let report = check(&export, &[&key]).unwrap();
    assert_eq!(report.outcome(), Outcome::Right, "{}", as_text(&report));
    let text = as_text(&report);
    for part in
        ["call_export, judged for", "which was given", "3 published, 3 received", "3 confirmed by mail"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }

    // By the key that it names itself it agrees with itself, and so would one that was forged with a key of its own.
    let alone = check(&export, &[]).unwrap();
    assert_eq!(alone.outcome(), Outcome::Undetermined);
    let (text, json) = (as_text(&alone), as_json(&alone));
    assert!(
        text.contains("which the export itself names") && text.contains("It agrees with itself."),
        "{text}"
    );
    assert_eq!(json["ok"], false);
    // Of several keys the one that it names counts, and a file may hold them.
    let [other, another] = ["forum.example/log", "other.example/log"].map(|name| {
        let key = crypto::Ed25519SecretKey::from_seed(&[9; 32]).unwrap();
        VerifierKey::new(name, key.public_key()).unwrap().to_string()
    });
    let known = folder.path().join("known-keys");
    fs::write(&known, format!("# of the logs that I follow\n{another}\n\n{other}\n{key}\n")).unwrap();
    let known = known.display().to_string();
    for keys in [&[other.as_str(), &key][..], &[&known]] {
        assert_eq!(check(&export, keys).unwrap().outcome(), Outcome::Right);
    }
    let of_others = check(&export, &[&other, &another]).unwrap();
    assert_eq!(of_others.outcome(), Outcome::Wrong);
    fs::write(&known, "# none\n").unwrap();
    assert_eq!(check(&export, &[&known]).unwrap_err().code, "key");

    // One proof of it alone, by the same key and by none.
    let proof = export.join("log/publication.proof");
    for keys in [&[key.as_str()][..], &[&other, &key]] {
        assert_eq!(check(&proof, keys).unwrap().outcome(), Outcome::Right);
    }
    let without = check(&proof, &[]).unwrap();
    assert_eq!(without.parts[0].verdict, Verdict::Undetermined("key_missing".into()));
    assert_eq!(without.outcome(), Outcome::Undetermined);
    assert!(!as_text(&without).contains("It agrees with itself."));
    assert_eq!(check(&proof, &[&other]).unwrap().outcome(), Outcome::Wrong);
    assert_eq!(check(&proof, &["not a key"]).unwrap_err().code, "key");

    fs::write(export.join("more"), "more").unwrap();
    let wrong = check(&export, &[&key]).unwrap();
    assert_eq!(wrong.more, ["more – file_extra"]);
    assert_eq!(wrong.parts[0].verdict, Verdict::Wrong("file_extra".into()));
    fs::remove_file(export.join("more")).unwrap();
    // A link to a file elsewhere is no file of the export.
    let counts = export.join("counts.json");
    fs::rename(&counts, folder.path().join("counts.json")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("counts.json"), &counts).unwrap();
    assert_eq!(check(&export, &[&key]).unwrap().more, ["counts.json – file_missing"]);

    let empty = tempfile::tempdir().unwrap();
    assert_eq!(check(empty.path(), &[]).unwrap().more, ["SHA256SUMS – file_missing"]);
}
