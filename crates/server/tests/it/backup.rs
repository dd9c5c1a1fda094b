//! `sahihi backup` of a state that works, and `sahihi restore`.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::{Value, json};
use store::{Config, copy, fixture::Database};
use tokio::task::JoinSet;

use crate::{
    doctor::examined,
    operating::{
        Life, check_life, copy_folder, empty_again, good, live, offered, present, refusal, run, statuses,
    },
    party::{ASKS, Call, Setup, State},
};

/// How many clients work while a backup is made.
const CLIENTS: usize = 4;
/// How many lives there are before the backup is begun.
const LIVES: usize = 12;

pub(crate) fn backup(state: &State, to: &Path, arguments: &[&str]) -> Command {
    let mut command = state.command(&["backup"]);
    command.arg("--to").arg(to).args(arguments);
    command
}

pub(crate) fn restore(state: &State, from: &Path, arguments: &[&str]) -> Command {
    let mut command = state.command(&["restore"]);
    command.arg("--from").arg(from).args(arguments);
    command
}

/// Folder, and a passphrase in a file beside it.
pub(crate) fn place() -> (tempfile::TempDir, PathBuf, String) {
    let folder = tempfile::tempdir().unwrap();
    let passphrase = folder.path().join("passphrase");
    fs::write(&passphrase, "a passphrase of a test\n").unwrap();
    let (backup, passphrase) = (folder.path().join("backup"), passphrase.display().to_string());
    (folder, backup, passphrase)
}

async fn digests(state: &State) -> copy::Summary {
    copy::summary(&state.database()).await.unwrap()
}

fn manifest(backup: &Path) -> Value {
    serde_json::from_slice(&fs::read(backup.join("manifest.json")).unwrap()).unwrap()
}

/// A backup while clients issue and revoke, restored to another engine or the same.
async fn under_load(database: Option<String>, restored_to: Option<String>) {
    let more = format!("status_ttl_s = 0\n{ASKS}");
    let mut state = State::with(Setup { database, more: more.clone(), ..Setup::default() });
    state.start().await;
    let lives: Arc<Mutex<Vec<Life>>> = Arc::default();
    let over = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    for n in 0..CLIENTS {
        let (caller, lives, over) = (state.caller(), lives.clone(), over.clone());
        clients.spawn(async move {
            let mut begun = n;
            while !over.load(Ordering::SeqCst) {
                begun += 1;
                let life = live(&caller, begun.is_multiple_of(2)).await;
                lives.lock().unwrap().push(life);
            }
        });
    }
    let enough = |n: usize| {
        let lives = lives.clone();
        async move {
            while lives.lock().unwrap().len() < n {
                tokio::task::yield_now().await;
            }
        }
    };
    enough(LIVES).await;
    let (_folder, to, passphrase) = place();
    // What was answered before the backup was begun has to be in it.
    let confirmed = lives.lock().unwrap().len();
    let command = backup(&state, &to, &["--with-keys", "--passphrase-file", &passphrase]);
    let made = tokio::task::spawn_blocking(|| run(command)).await.unwrap().unwrap();
    let during = lives.lock().unwrap().len();
    enough(during + CLIENTS).await;
    over.store(true, Ordering::SeqCst);
    while let Some(ended) = clients.join_next().await {
        ended.unwrap();
    }
    state.kill();
    println!("{confirmed} lives before the backup, {} while it was made, {made}", during - confirmed);

    let mut second = empty_again(&state, restored_to, &more);
    let command =
        restore(&second, &to, &["--with-keys", "--passphrase-file", &passphrase, "--nothing-since"]);
    let said = run(command).unwrap();
    assert_eq!(said["rows"], made["rows"]);
    // Table by table what the manifest says, which is what was read.
    let summary = digests(&second).await;
    for table in manifest(&to)["tables"].as_array().unwrap() {
        let there = summary.tables.iter().find(|c| c.table.name == table["name"]).unwrap();
        let sha256 = base16ct::lower::encode_string(&there.sha256);
        assert_eq!((json!(there.rows), json!(sha256)), (table["rows"].clone(), table["sha256"].clone()));
    }
    // The log is of the same instant as everything else. Whether leaves were placed later is as it happened to be; what was
    // copied is all in the log that is begun then.
    let (_, findings) = examined(&second);
    for code in ["log_key", "log_leaves"] {
        let found = findings.iter().find(|(found, _)| found == code).unwrap();
        assert_eq!(found.1, "ok", "{code}");
    }
    run(second.command(&["log", "begin"])).unwrap();
    second.start().await;
    let caller = second.caller();
    let leaves =
        manifest(&to)["tables"].as_array().unwrap().iter().find(|t| t["name"] == "log_leaf").unwrap()["rows"]
            .clone();
    let (key, checkpoint) = log_of(&caller, &second).await;
    let signed = log::Checkpoint::open(&checkpoint, &key).unwrap().0;
    assert!(signed.size >= leaves.as_u64().unwrap(), "{} of {leaves}", signed.size);
    let lives = std::mem::take(&mut *lives.lock().unwrap());
    for life in &lives[..confirmed] {
        check_life(&caller, &second, life).await;
    }
    // Of what was not confirmed before, nothing is half there: whoever has a status index has a person.
    let mut whole = 0;
    for life in &lives[confirmed..] {
        let person = Call::staff_get(&format!("/staff/v1/people/{}", life.person));
        let list = Call::staff_get(&format!("/staff/v1/credentials?person={}", life.person));
        let there = caller.send(&person).await.unwrap().status == 200;
        let credentials = good(&caller, &list, 200).await;
        let credentials = credentials["credentials"].as_array().unwrap().clone();
        assert!(there || credentials.is_empty());
        assert!(credentials.iter().all(|c| c["copies"] == 2), "{credentials:?}");
        whole += usize::from(!credentials.is_empty());
    }
    println!("{whole} of the later lives are in it");
    assert_eq!(present(&caller, &second, &lives[0].held).await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_holds_everything_that_was_confirmed() {
    under_load(None, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_postgresql_under_load_is_restored_to_sqlite() {
    let database = Database::postgres().await;
    let Config::Postgres { url } = database.config().clone() else { panic!("not PostgreSQL") };
    under_load(Some(url), None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_sqlite_under_load_is_restored_to_postgresql() {
    let database = Database::postgres().await;
    let Config::Postgres { url } = database.config().clone() else { panic!("not PostgreSQL") };
    under_load(None, Some(url)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restore_nothing_of_the_lost_time_happens_again() {
    let more = format!("status_ttl_s = 0\n{ASKS}");
    let mut state = State::with(Setup { more: more.clone(), ..Setup::default() });
    state.start().await;
    let caller = state.caller();
    let before = live(&caller, false).await;
    let unused = offered(&caller, &before.person).await;
    let redeemed_since = offered(&caller, &before.person).await;
    let (_folder, to, _) = place();
    run(backup(&state, &to, &[])).unwrap();
    // Lost: a redeemed code, and a credential.
    good(&caller, &Call::token(&redeemed_since), 200).await;
    let since = live(&caller, true).await;
    let (old_key, old) = log_of(&caller, &state).await;
    state.kill();

    let mut second = empty_again(&state, None, &more);
    assert_eq!(run(restore(&second, &to, &[])).unwrap_err(), "keys_missing");
    copy_folder(&state.folder().join("keys"), &second.folder().join("keys"));
    run(restore(&second, &to, &[])).unwrap();
    second.start().await;
    let caller = second.caller();
    check_life(&caller, &second, &before).await;
    for code in [unused, redeemed_since] {
        let over = refusal(&caller, &Call::token(&code)).await;
        assert_eq!(over, (400, "invalid_grant".to_owned()));
    }
    // The revoked credential that is not known any more is not valid again; indices of now are others than any of before.
    let lost = statuses(&caller, &second, &since.held).await;
    assert_eq!(lost, [formats::status_list::Status::Invalid; 2]);
    let after = live(&caller, false).await;
    check_life(&caller, &second, &after).await;
    let addresses =
        |life: &Life| life.held.statuses().into_iter().map(|(uri, _)| uri).collect::<BTreeSet<_>>();
    assert!(addresses(&after).is_disjoint(&addresses(&before)));
    assert_eq!(present(&caller, &second, &before.held).await, (200, "valid".to_owned()));
    assert_eq!(present(&caller, &second, &since.held).await, (400, "status_revoked".to_owned()));
    // Leaves of the lost time are not known: another log has begun, by another name, and what the old one signed stays good.
    let (new_key, new) = log_of(&caller, &second).await;
    assert!(new_key.name().starts_with(&format!("{}/", old_key.name())), "{}", new_key.name());
    assert!(log::Checkpoint::open(&new, &new_key).unwrap().0.size > 0);
    assert_eq!(log::Checkpoint::open(&new, &old_key), Err(log::Fault::KeyUnknown));
    assert!(log::Checkpoint::open(&old, &old_key).is_ok());
}

/// The key of a state's log, and its checkpoint once it has a leaf.
pub(crate) async fn log_of(caller: &crate::party::Caller, state: &State) -> (log::VerifierKey, String) {
    let get = async |path: &str| caller.text(&format!("{}/log/{path}", state.address)).await.unwrap();
    let key = log::VerifierKey::parse(get("key").await.trim()).unwrap();
    for _ in 0..600 {
        let checkpoint = get("checkpoint").await;
        if log::Checkpoint::open(&checkpoint, &key).is_ok_and(|(checkpoint, _)| checkpoint.size > 0) {
            return (key, checkpoint);
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the log is not signed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_private_and_never_in_the_place_of_another() {
    let state = State::new();
    let (folder, to, passphrase) = place();
    run(backup(&state, &to, &["--with-keys", "--passphrase-file", &passphrase])).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&to), 0o700);
    let mut files = BTreeSet::new();
    for entry in fs::read_dir(&to).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        files.insert(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    assert!(
        files.is_superset(&["manifest.json", "manifest.sha256", "keys.sealed"].map(str::to_owned).into())
    );
    // The manifest names every table with its rows, and says that the keys are in it.
    assert_eq!(manifest(&to)["keys"]["sealed_in"], "keys.sealed");
    // None of the secrets stands in it as it is.
    let secret = fs::read(state.folder().join("keys/secret")).unwrap();
    let sealed = fs::read(to.join("keys.sealed")).unwrap();
    assert!(!sealed.windows(secret.len()).any(|w| w == secret));
    assert_eq!(run(backup(&state, &to, &[])).unwrap_err(), "backup_exists");
    // Nothing else is left beside it.
    let beside = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(beside, 2);
    let second = folder.path().join("second");
    run(backup(&state, &second, &[])).unwrap();
    assert_eq!(manifest(&second)["keys"], Value::Null);
    assert!(!second.join("keys.sealed").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_backup_is_refused_whichever_file_it_is() {
    let mut state = State::new();
    state.start().await;
    live(&state.caller(), true).await;
    let (folder, to, passphrase) = place();
    run(backup(&state, &to, &["--with-keys", "--passphrase-file", &passphrase])).unwrap();
    state.kill();
    let second = empty_again(&state, None, "");
    let broken = folder.path().join("broken");
    let check = |change: &dyn Fn(&Path)| {
        let _ = fs::remove_dir_all(&broken);
        copy_folder(&to, &broken);
        change(&broken);
        run(restore(&second, &broken, &["--check-only", "--with-keys", "--passphrase-file", &passphrase]))
    };
    assert!(check(&|_| {}).is_ok());
    for entry in fs::read_dir(&to).unwrap() {
        let name = entry.unwrap().file_name().to_str().unwrap().to_owned();
        let bytes = fs::read(to.join(&name)).unwrap();
        for at in [0, bytes.len() / 2, bytes.len().saturating_sub(1)] {
            let mut flipped = bytes.clone();
            match flipped.get_mut(at) {
                Some(byte) => *byte ^= 1,
                None => flipped.push(0),
            }
            let refused = check(&|folder: &Path| fs::write(folder.join(&name), &flipped).unwrap());
            assert_eq!(refused.unwrap_err(), "backup_damaged", "{name} at {at}");
        }
        let refused = check(&|folder: &Path| fs::remove_file(folder.join(&name)).unwrap());
        assert_eq!(refused.unwrap_err(), "backup_incomplete", "{name}");
    }
    let refused = check(&|folder: &Path| fs::write(folder.join("more.rows"), b"").unwrap());
    assert_eq!(refused.unwrap_err(), "backup_unknown_file");

    // A manifest that fits its digest, and says something else than what this program knows.
    let rewritten = |change: &dyn Fn(&mut Value)| {
        check(&|folder: &Path| {
            let mut value = manifest(folder);
            change(&mut value);
            let text = value.to_string();
            let digest = base16ct::lower::encode_string(&crypto::sha256(text.as_bytes()));
            fs::write(folder.join("manifest.json"), text).unwrap();
            fs::write(folder.join("manifest.sha256"), format!("{digest}\n")).unwrap();
        })
    };
    assert!(rewritten(&|_| {}).is_ok());
    let refused = |change: &dyn Fn(&mut Value)| rewritten(change).unwrap_err();
    assert_eq!(refused(&|m| m["format"] = json!(2)), "backup_format");
    assert_eq!(refused(&|m| m["identifier"] = json!("http://localhost:1")), "identifier_differs");
    assert_eq!(refused(&|m| m["more"] = json!(1)), "backup_damaged");
    assert_eq!(refused(&|m| drop(m["tables"].as_array_mut().unwrap().remove(0))), "backup_unknown_file");
    assert_eq!(refused(&|m| m["keys"] = Value::Null), "backup_unknown_file");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_is_refused_where_it_would_mix() {
    let mut state = State::new();
    state.start().await;
    live(&state.caller(), false).await;
    let (folder, to, passphrase) = place();
    run(backup(&state, &to, &["--with-keys", "--passphrase-file", &passphrase])).unwrap();
    // Into itself, while it runs and after.
    assert_eq!(run(restore(&state, &to, &[])).unwrap_err(), "not_empty");
    state.kill();
    assert_eq!(run(restore(&state, &to, &[])).unwrap_err(), "not_empty");

    let second = empty_again(&state, None, "");
    let with_keys = ["--with-keys", "--passphrase-file", &passphrase];
    let wrong = folder.path().join("wrong");
    fs::write(&wrong, "another").unwrap();
    let refused = run(restore(&second, &to, &["--with-keys", "--passphrase-file", wrong.to_str().unwrap()]));
    assert_eq!(refused.unwrap_err(), "wrong_passphrase");
    assert!(!second.folder().join("state.sqlite").exists());
    // Other keys where they should be.
    run(second.command(&["keys", "init"])).unwrap();
    assert_eq!(run(restore(&second, &to, &[])).unwrap_err(), "keys_differ");
    assert_eq!(run(restore(&second, &to, &with_keys)).unwrap_err(), "keys_differ");
    fs::remove_dir_all(second.folder().join("keys")).unwrap();
    let without = folder.path().join("without");
    run(backup(&state, &without, &[])).unwrap();
    assert_eq!(run(restore(&second, &without, &with_keys)).unwrap_err(), "keys_not_included");
    run(restore(&second, &to, &with_keys)).unwrap();
    let same = |file: &str| {
        let [here, there] = [&state, &second].map(|s| fs::read(s.folder().join("keys").join(file)).unwrap());
        assert_eq!(here, there);
        fs::metadata(second.folder().join("keys").join(file)).unwrap().permissions().mode() & 0o777
    };
    assert_eq!([same("secret"), same("root.key.pem"), same("root.pem")], [0o600, 0o600, 0o644]);
    assert_eq!(run(restore(&second, &to, &with_keys)).unwrap_err(), "not_empty");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_was_killed_leaves_nothing_that_looks_whole() {
    let mut state = State::new();
    state.start().await;
    live(&state.caller(), true).await;
    let (folder, to, _) = place();
    run(backup(&state, &to, &[])).unwrap();
    state.kill();
    let mut second = empty_again(&state, None, "");
    copy_folder(&state.folder().join("keys"), &second.folder().join("keys"));
    let database = second.folder().join("state.sqlite");
    for (n, table) in manifest(&to)["tables"].as_array().unwrap().iter().enumerate() {
        // A copy whose file of this table is a pipe: it is read once to be checked, and once to be loaded.
        let copy = folder.path().join(format!("copy-{n}"));
        copy_folder(&to, &copy);
        let pipe = copy.join(format!("{}.rows", table["name"].as_str().unwrap()));
        let rows = fs::read(&pipe).unwrap();
        fs::remove_file(&pipe).unwrap();
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for file in ["state.sqlite", "state.sqlite-wal", "state.sqlite-shm"] {
            let _ = fs::remove_file(second.folder().join(file));
        }
        let mut running = restore(&second, &copy, &[]).spawn().unwrap();
        fs::write(&pipe, &rows).unwrap();
        // It has been checked when there is a database; what opens it then for reading is the load.
        while !database.exists() {
            assert!(running.try_wait().unwrap().is_none(), "it ended before it was killed");
            std::thread::yield_now();
        }
        drop(fs::OpenOptions::new().write(true).open(&pipe).unwrap());
        // Whether it is still waiting for rows or has found that they are not all there: it is not through.
        running.kill().unwrap();
        running.wait().unwrap();
        for command in ["migrate", "serve"] {
            let refused = second.command(&[command]).output().unwrap();
            assert!(String::from_utf8(refused.stderr).unwrap().ends_with("(unfinished)\n"), "{table}");
        }
        assert_eq!(run(backup(&second, &folder.path().join("never"), &[])).unwrap_err(), "unfinished");
    }
    // And the next is whole.
    run(restore(&second, &to, &[])).unwrap();
    second.start().await;
    live(&second.caller(), false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keys_of_every_issuer_are_in_it() {
    let texts = "{ en = \"U\", fr = \"U\", es = \"U\", ru = \"U\", ar = \"U\", zh = \"U\" }";
    let identifier = format!("http://localhost:{}", crate::party::free_port());
    let more = format!(
        "[[issue.issuer]]\nidentifier = \"{identifier}/university\"\nname = {texts}\norganisation = \"U\"\n\
         keys = \"keys-university\"\ntypes = [\"diploma\"]\n"
    );
    let setup = Setup { identifier: Some(identifier), more: more.clone(), ..Setup::default() };
    let state = State::with(setup);
    let mut rotate = state.command(&["keys", "rotate", "--issuer", "university"]);
    assert!(rotate.stdout(std::process::Stdio::null()).status().unwrap().success());
    let (_folder, to, passphrase) = place();
    let with_keys = ["--with-keys", "--passphrase-file", &passphrase];
    run(backup(&state, &to, &with_keys)).unwrap();
    let second = empty_again(&state, None, &more);
    // One of the two folders is there already, with other keys.
    assert_eq!(run(restore(&second, &to, &with_keys)).unwrap_err(), "keys_differ");
    fs::remove_dir_all(second.folder().join("keys-university")).unwrap();
    run(restore(&second, &to, &with_keys)).unwrap();
    for file in ["keys/root.pem", "keys-university/secret", "keys-university/retired/001/credential.key.pem"]
    {
        let [here, there] = [&state, &second].map(|s| fs::read(s.folder().join(file)).unwrap());
        assert_eq!(here, there, "{file}");
    }
}
