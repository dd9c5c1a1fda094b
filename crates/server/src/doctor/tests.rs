//! Each finding, with the fault and without.

use std::{
    fs,
    io::{Seek, SeekFrom, Write},
    os::unix::fs::PermissionsExt,
};

use axum::{Router, http::StatusCode, routing::get};
use store::{Tx, copy, fixture::Database};

use super::*;
use crate::serve;

mod log;

/// A party with keys and an empty database of the form that is needed, without a server.
struct Party {
    folder: tempfile::TempDir,
    file: PathBuf,
}

impl Party {
    async fn new() -> Self {
        Self::at("http://localhost:9", "sqlite:state.sqlite", "insecure_loopback = true\n").await
    }

    async fn at(identifier: &str, database: &str, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        let token = "0".repeat(64);
        let text = format!(
            "name = {{ en = \"A\", fr = \"A\", es = \"A\", ru = \"A\", ar = \"A\", zh = \"A\" }}\norganisation = \"A\"\n\
             country = \"XZ\"\nidentifier = \"{identifier}\"\nlisten = \"127.0.0.1:9\"\ndatabase = \"{database}\"\n\
             keys = \"keys\"\n{more}[[staff]]\nname = \"a\"\nsha256 = \"{token}\"\n[issue]\n"
        );
        fs::write(&file, text).unwrap();
        let party = Self { folder, file };
        crate::keys::init(&party.config()).unwrap();
        serve::migrate(&party.config()).await.unwrap();
        party
    }

    fn config(&self) -> Config {
        Config::read(&self.file).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn rewrite(&self, from: &str, to: &str) {
        let text = fs::read_to_string(&self.file).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(&self.file, text.replace(from, to)).unwrap();
    }

    async fn findings_at(&self, now: Instant) -> Vec<Finding> {
        examine(&self.file, now).await
    }

    /// How the finding of this code is; the worst, if there are several.
    async fn state_at(&self, code: &str, now: Instant) -> Option<State> {
        let findings = self.findings_at(now).await;
        for f in &findings {
            assert_eq!(f.mend.is_none(), f.state == State::Ok, "{f:?}");
            assert!(!f.found.is_empty(), "{f:?}");
        }
        findings.iter().filter(|f| f.code == code).map(|f| f.state).max()
    }

    /// Well before the change, and like this after it.
    async fn check(&self, code: &str, change: impl FnOnce(), expected: State) {
        let now = SystemClock.now();
        assert_eq!(self.state_at(code, now).await, Some(State::Ok), "{code} before");
        change();
        let found = self.findings_at(now).await;
        assert_eq!(self.state_at(code, now).await, Some(expected), "{code} after: {found:?}");
    }
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn a_configuration_that_cannot_be_read_or_used() {
    let party = Party::new().await;
    party.check("config", || party.rewrite("country = \"XZ\"", "country = \"Xz\""), State::Failure).await;
    assert_eq!(party.findings_at(SystemClock.now()).await.len(), 1);
    party.rewrite("country = \"Xz\"", "country = \"XZ\"");
    let ask = || party.rewrite("[issue]\n", "[issue]\n[ask]\ncredential_anchors = [\"nowhere.pem\"]\n");
    party.check("config", ask, State::Failure).await;
    party.rewrite("nowhere.pem", "keys/root.pem");
    let nobody = || {
        let text = fs::read_to_string(&party.file).unwrap();
        let (before, after) = text.split_once("[[staff]]").unwrap();
        let (_, after) = after.split_once("[issue]").unwrap();
        fs::write(&party.file, format!("{before}[issue]{after}")).unwrap();
    };
    party.check("config", nobody, State::Warning).await;
    let gone = examine(&party.path("none.toml"), SystemClock.now()).await;
    assert_eq!(gone.iter().map(|f| (f.code, f.state)).collect::<Vec<_>>(), [("config", State::Failure)]);
}

#[tokio::test]
async fn a_forum_whose_notices_wait() {
    let mail = "[mail]\nsmtp = \"smtp://localhost:25\"\nfrom = \"forum@a.example\"\n";
    let forum = "[ask]\ncredential_anchors = [\"keys/root.pem\"]\n[forum]\ncontact = \"forum@a.example\"\n";
    let party = Party::new().await;
    assert_eq!(party.state_at("mail_configured", SystemClock.now()).await, None);
    party.rewrite("[issue]\n", &format!("[issue]\n{forum}{mail}"));
    party.check("mail_configured", || party.rewrite(mail, ""), State::Warning).await;
    party.rewrite(forum, &format!("{forum}{}", mail.replace("smtp://", "http://")));
    assert_eq!(party.state_at("mail_configured", SystemClock.now()).await, Some(State::Failure));
}

#[tokio::test]
async fn keys_that_are_missing_open_to_others_or_not_of_their_certificates() {
    let party = Party::new().await;
    for file in
        ["root.pem", "credential.key.pem", "credential.pem", "request.key.pem", "request.pem", "secret"]
    {
        let path = party.path("keys").join(file);
        let bytes = fs::read(&path).unwrap();
        party.check("keys_present", || fs::remove_file(&path).unwrap(), State::Failure).await;
        fs::write(&path, &bytes).unwrap();
        mode(&path, 0o600);
    }
    for file in ["keys/secret", "keys/root.key.pem", "keys/request.key.pem", "keys/log.key"] {
        party.check("keys_private", || mode(&party.path(file), 0o640), State::Failure).await;
        mode(&party.path(file), 0o600);
    }
    party.check("keys_private", || mode(&party.path("keys"), 0o777), State::Failure).await;
    mode(&party.path("keys"), 0o700);

    let other = Party::new().await;
    let swap = |file: &str| {
        fs::copy(other.path(file), party.path(file)).unwrap();
    };
    let back = fs::read(party.path("keys/credential.key.pem")).unwrap();
    party.check("keys_match", || swap("keys/credential.key.pem"), State::Failure).await;
    fs::write(party.path("keys/credential.key.pem"), back).unwrap();
    party
        .check("keys_match", || fs::write(party.path("keys/secret"), b"short").unwrap(), State::Failure)
        .await;
    swap("keys/secret");
    party.check("keys_chain", || swap("keys/root.pem"), State::Failure).await;

    fs::remove_dir_all(other.path("keys")).unwrap();
    assert_eq!(other.state_at("keys_present", SystemClock.now()).await, Some(State::Failure));
}

#[tokio::test]
async fn certificates_that_end_have_ended_or_have_not_begun() {
    let party = Party::new().await;
    let now = SystemClock.now();
    for (code, days) in
        [("certificate_credential", 397), ("certificate_request", 397), ("certificate_root", 3_650)]
    {
        for (after_days, expected) in [
            (0, State::Ok),
            (days - 32, State::Ok),
            (days - 29, State::Warning),
            (days - 1, State::Warning),
            (days + 1, State::Failure),
            (-2, State::Failure),
        ] {
            let found = party.state_at(code, now.plus_secs(after_days * 86_400)).await;
            assert_eq!(found, Some(expected), "{code} after {after_days} days");
        }
    }
}

#[tokio::test]
async fn a_clock_of_long_ago_or_before_what_was_written() {
    let party = Party::new().await;
    let now = SystemClock.now();
    let long_ago = Instant::parse_rfc3339("2026-11-21T23:59:59Z").unwrap();
    assert_eq!(party.state_at("clock_plausible", now).await, Some(State::Ok));
    assert_eq!(party.state_at("clock_plausible", long_ago).await, Some(State::Failure));

    let store = serve::open(&party.config()).await.unwrap();
    let write = async move |tx: &mut Tx<'_>| issue::after_restore(tx, now).await;
    store.write::<_, store::Error, _>(write).await.unwrap();
    for (earlier_s, expected) in
        [(0, State::Ok), (60, State::Ok), (61, State::Failure), (3_600, State::Failure)]
    {
        let found = party.state_at("clock_database", now.plus_secs(-earlier_s)).await;
        assert_eq!(found, Some(expected), "{earlier_s}");
    }
}

#[tokio::test]
async fn a_database_that_is_missing_old_moved_unfinished_or_newer() {
    let party = Party::new().await;
    let there = party.path("there.sqlite");
    party.check("database_open", || party.rewrite("state.sqlite", "there.sqlite"), State::Failure).await;
    fs::write(&there, b"").unwrap();
    assert_eq!(party.state_at("database_migrated", SystemClock.now()).await, Some(State::Failure));
    party.rewrite("there.sqlite", "state.sqlite");

    let (from, to) = (party.config().database().unwrap(), store::Config::Sqlite { path: there });
    fs::remove_file(party.path("there.sqlite")).unwrap();
    copy::transfer(&from, &to, &serve::migrations()).await.unwrap();
    let found = party.findings_at(SystemClock.now()).await;
    let migrated = |found: &[Finding]| {
        let finding = found.iter().find(|f| f.code == "database_migrated").unwrap().clone();
        (finding.state, finding.mend.unwrap_or_default())
    };
    let (state, mend) = migrated(&found);
    assert!(state == State::Failure && mend.starts_with("set `database`"), "{mend}");
    // Where it was moved to nobody has finished it yet.
    party.rewrite("state.sqlite", "there.sqlite");
    let (state, mend) = migrated(&party.findings_at(SystemClock.now()).await);
    assert!(state == State::Failure && mend.contains("interrupted"), "{mend}");
    copy::finish(&to, &serve::migrations(), async |_: &mut Tx<'_>| Ok::<_, store::Error>(())).await.unwrap();
    let more = store::Migration { name: "zzz_001", sql: "CREATE TABLE zzz_new (id BIGINT PRIMARY KEY)" };
    assert_eq!(party.state_at("database_migrated", SystemClock.now()).await, Some(State::Ok));
    store::Store::migrate(&to, &[&serve::migrations()[..], &[more]].concat()).await.unwrap();
    let (state, mend) = migrated(&party.findings_at(SystemClock.now()).await);
    assert!(state == State::Failure && mend.starts_with("use the release"), "{mend}");
}

#[tokio::test]
async fn a_file_that_is_damaged_open_to_others_or_without_its_log() {
    let party = Party::new().await;
    let file = party.path("state.sqlite");
    party.check("database_private", || mode(&file, 0o644), State::Failure).await;
    // What SQLite keeps beside it has its mode, and is there until the last of its connections is closed: as the finding
    // says, all of them are mended.
    mode(&file, 0o600);
    for beside in ["state.sqlite-wal", "state.sqlite-shm"] {
        drop(fs::set_permissions(party.path(beside), fs::Permissions::from_mode(0o600)));
    }
    party.check("database_private", || mode(party.folder.path(), 0o777), State::Failure).await;
    mode(party.folder.path(), 0o700);
    // Bytes 18 and 19 of a database say how it is written: 1 with a rollback journal, 2 with a write-ahead log
    // (sqlite.org/fileformat2.html, section 1.3.3).
    let overwrite = |at: u64, bytes: &[u8]| {
        let mut open = fs::OpenOptions::new().write(true).open(&file).unwrap();
        open.seek(SeekFrom::Start(at)).unwrap();
        open.write_all(bytes).unwrap();
    };
    party.check("database_durable", || overwrite(18, &[1, 1]), State::Failure).await;
    overwrite(18, &[2, 2]);
    // A page of the middle.
    let pages = fs::metadata(&file).unwrap().len() / 4_096;
    party.check("database_sound", || overwrite(pages / 2 * 4_096, &[0x5a; 4_096]), State::Failure).await;
    overwrite(0, b"this is no database at all");
    assert_eq!(party.state_at("database_open", SystemClock.now()).await, Some(State::Failure));
}

#[tokio::test]
async fn a_cluster_that_forgets_what_it_confirmed() {
    let database = Database::postgres().await;
    let store::Config::Postgres { url } = database.config().clone() else { panic!("not PostgreSQL") };
    let party = Party::at("http://localhost:9", &url, "insecure_loopback = true\n").await;
    let now = SystemClock.now();
    // The tests' own cluster does not wait for the disk.
    assert_eq!(party.state_at("database_durable", now).await, Some(State::Failure));
    assert_eq!(party.state_at("database_open", now).await, Some(State::Ok));
    assert_eq!(party.state_at("database_version", now).await, Some(State::Ok));
    assert_eq!(party.state_at("database_migrated", now).await, Some(State::Ok));
    assert_eq!(party.state_at("log_key", now).await, Some(State::Ok), "it is looked at all the same");
    let mut old = store::inspect::inspect(&party.config().database().unwrap()).await.unwrap();
    old.version_will_do = false;
    assert_eq!(database::version(&old).state, State::Failure);
    let nobody = "postgres://postgres@127.0.0.1:9/nothing";
    party.check("database_open", || party.rewrite(&url, nobody), State::Failure).await;
}

#[tokio::test]
async fn jobs_that_were_given_up() {
    let party = Party::new().await;
    assert_eq!(party.state_at("database_jobs", SystemClock.now()).await, Some(State::Ok));
    let store = serve::open(&party.config()).await.unwrap();
    let mut now = SystemClock.now();
    let job = store::NewJob { kind: "test", payload: b"", not_before: now, unique_key: "" };
    let enqueue = async move |tx: &mut Tx<'_>| tx.enqueue(&job).await;
    store.write::<_, store::Error, _>(enqueue).await.unwrap();
    for _ in 0..base::limits::JOB_TRIES_MAX {
        now = now.plus_secs(base::limits::JOB_BACKOFF_MAX_S);
        for job in store.claim_jobs("test", now, 1).await.unwrap() {
            store.fail_job(&job, now, "test").await.unwrap();
        }
    }
    assert_eq!(party.state_at("database_jobs", SystemClock.now()).await, Some(State::Warning));
}

#[tokio::test]
async fn a_disk_that_is_nearly_full_or_full() {
    use base::limits::{DISK_FREE_BYTES_MIN, DISK_FREE_BYTES_WANTED};
    for code in ["disk_keys", "disk_database"] {
        for (free, expected) in [
            (DISK_FREE_BYTES_WANTED, State::Ok),
            (DISK_FREE_BYTES_WANTED - 1, State::Warning),
            (DISK_FREE_BYTES_MIN, State::Warning),
            (DISK_FREE_BYTES_MIN - 1, State::Failure),
        ] {
            assert_eq!(disk::of_room(code, Path::new("/"), free).state, expected);
        }
        // Nothing can be written there, and the system says so.
        assert_eq!(disk::room(code, Path::new("/proc/keys-of-a-test")).state, State::Failure);
        let party = Party::new().await;
        assert!(party.state_at(code, SystemClock.now()).await.unwrap() < State::Unknown);
    }
}

/// Answers at an address of its own, with this time and this metadata.
async fn answering(date: &'static str, issuer: Option<&'static str>, status: u16) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let identifier = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let status = StatusCode::from_u16(status).unwrap();
    let own = identifier.clone();
    let metadata = move || async move {
        let named = issuer.map_or(own, str::to_owned);
        ([("content-type", "application/json")], format!("{{\"credential_issuer\":\"{named}\"}}"))
    };
    let router = Router::new()
        .route("/healthz", get(move || async move { (status, [("date", date)], "ok\n") }))
        .route("/.well-known/openid-credential-issuer", get(metadata));
    tokio::spawn(async move { axum::serve(listener, router).await });
    identifier
}

#[tokio::test]
async fn addresses_where_nobody_or_somebody_else_answers() {
    let now = Instant::parse_rfc3339("2026-12-01T10:00:00Z").unwrap();
    let date = "Tue, 01 Dec 2026 10:00:00 GMT";
    let check = async |identifier: String, code: &str, expected: State| {
        let party = Party::at(&identifier, "sqlite:state.sqlite", "insecure_loopback = true\n").await;
        assert_eq!(party.state_at(code, now).await, Some(expected), "{code}");
    };
    let good = answering(date, None, 200).await;
    for code in ["address_answers", "address_metadata", "address_resolves", "clock_address"] {
        check(good.clone(), code, State::Ok).await;
    }
    check("http://localhost:9".to_owned(), "address_answers", State::Unknown).await;
    check(answering(date, None, 502).await, "address_answers", State::Failure).await;
    check(answering(date, Some("http://localhost:1"), 200).await, "address_metadata", State::Failure).await;
    for (date, expected) in [
        ("Tue, 01 Dec 2026 10:01:00 GMT", State::Ok),
        ("Tue, 01 Dec 2026 10:01:01 GMT", State::Failure),
        ("Tue, 01 Dec 2026 08:59:59 GMT", State::Failure),
        ("yesterday", State::Unknown),
    ] {
        check(answering(date, None, 200).await, "clock_address", expected).await;
    }
    check(good, "address_https", State::Warning).await;
    let real = Party::at("https://state.invalid", "sqlite:state.sqlite", "").await;
    assert_eq!(real.state_at("address_https", now).await, Some(State::Ok));
    assert_eq!(real.state_at("address_resolves", now).await, Some(State::Failure));
    assert_eq!(real.state_at("address_answers", now).await, Some(State::Unknown));
}

#[test]
fn what_is_not_well_says_how_it_is_mended() {
    let text = report(&[
        Finding::ok("keys_match", "every key is that of its certificate"),
        Finding::failure("database_open", "there is none", "make one"),
    ]);
    let expected = "ok       keys_match             every key is that of its certificate\n\
                    FAILURE  database_open          there is none\n                              -> make one\n";
    assert_eq!(text, expected);
}
