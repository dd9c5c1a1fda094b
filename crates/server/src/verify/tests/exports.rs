//! A call on the disk, as somebody would check it.

use std::sync::Arc;

use crypto::SeededRandom;
use forum::{Policy, fixture as forums};
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
    let check = |file: &Path, key: Option<&str>| told(file, key, &[], None, NOW);
    let report = check(&export, Some(&key)).unwrap();
    assert!(report.is_right(), "{}", as_text(&report));
    let text = as_text(&report);
    for part in
        ["call_export, judged for", "which was given", "3 published, 3 received", "3 confirmed by mail"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(as_text(&check(&export, None).unwrap()).contains("which the export itself names"));

    // One proof of it alone, by the same key and by none.
    let proof = export.join("log/publication.proof");
    assert!(check(&proof, Some(&key)).unwrap().is_right());
    let without = check(&proof, None).unwrap();
    assert_eq!(without.parts[0].verdict, Verdict::Undetermined("key_missing".into()));
    assert_eq!(check(&proof, Some("not a key")).unwrap_err().code, "key");

    fs::write(export.join("more"), "more").unwrap();
    let wrong = check(&export, Some(&key)).unwrap();
    assert_eq!(wrong.more, ["more – file_extra"]);
    assert_eq!(wrong.parts[0].verdict, Verdict::Wrong("file_extra".into()));
    fs::remove_file(export.join("more")).unwrap();
    // A link to a file elsewhere is no file of the export.
    let counts = export.join("counts.json");
    fs::rename(&counts, folder.path().join("counts.json")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("counts.json"), &counts).unwrap();
    assert_eq!(check(&export, Some(&key)).unwrap().more, ["counts.json – file_missing"]);

    let empty = tempfile::tempdir().unwrap();
    assert_eq!(check(empty.path(), None).unwrap().more, ["SHA256SUMS – file_missing"]);
}
