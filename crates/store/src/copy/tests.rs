use std::{
    collections::HashMap,
    io::{Cursor, Write},
    sync::{Arc, Mutex},
};

use super::*;
use crate::{fixture::Database, params};

const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "copied_001",
        sql: "
CREATE TABLE copied_b (id BIGINT PRIMARY KEY, parent BIGINT NOT NULL REFERENCES copied_z (id), note TEXT);
",
    },
    Migration { name: "copied_002", sql: "ALTER TABLE copied_b ADD COLUMN bytes BYTEA" },
];
/// Referred to, and after what refers to it by name.
const FIRST: Migration = Migration {
    name: "copied_000",
    sql: "CREATE TABLE copied_z (id BIGINT PRIMARY KEY);
          CREATE TABLE copied_pair (word TEXT NOT NULL, bytes BYTEA NOT NULL, n BIGINT, PRIMARY KEY (word, bytes));",
};

crate::statements! { @ pub(super),
    INSERT_Z = "INSERT INTO copied_z (id) VALUES ($1)";
    INSERT_B = "INSERT INTO copied_b (id, parent, note, bytes) VALUES ($1, $2, $3, $4)";
    INSERT_PAIR = "INSERT INTO copied_pair (word, bytes, n) VALUES ($1, $2, $3)";
    COUNT_Z = "SELECT count(*) FROM copied_z";
}

fn migrations() -> Vec<Migration> {
    [&[FIRST], MIGRATIONS].concat()
}

/// Every kind of value: nothing, nothing long, much, both ends of the numbers, every plane of Unicode.
async fn fill(store: &Store) {
    store
        .write(async |tx: &mut Tx<'_>| {
            for id in [i64::MIN, -1, 0, 1, i64::MAX] {
                tx.execute(&INSERT_Z, params![id]).await?;
            }
            let long = "ż".repeat(300_000);
            let texts = [
                None,
                Some(""),
                Some("Nerida Évora"),
                Some("\u{1}\t\n\"'\\"),
                Some("李明 😀 \u{10ffff}"),
                Some(&long),
            ];
            for (n, text) in (0_i64..).zip(texts) {
                let bytes = match n {
                    0 => None,
                    1 => Some(vec![]),
                    2 => Some(vec![0, 255, 0]),
                    _ => Some((0..=255).cycle().take(100_000).collect::<Vec<u8>>()),
                };
                tx.execute(&INSERT_B, params![n - 3, i64::MIN, text, bytes]).await?;
            }
            // In an order that neither engine keeps them in, with words that order differently in most languages.
            for (n, word) in (0_i64..).zip(["ä", "z", "B", "a", "", "\u{10ffff}", "\u{ffff}"]) {
                for bytes in [&b"\xff"[..], b"", b"\x00", b"\x00\x01"] {
                    tx.execute(&INSERT_PAIR, params![word, bytes, n]).await?;
                }
            }
            // More than are written at once.
            for n in 10_i64..1_210 {
                tx.execute(&INSERT_Z, params![n]).await?;
            }
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
}

type Files = Arc<Mutex<HashMap<String, Vec<u8>>>>;

struct File(Files, String);

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().entry(self.1.clone()).or_default().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn exported(config: &Config) -> (Summary, Files) {
    let files = Files::default();
    let into = files.clone();
    let open = move |table: &Table| {
        into.lock().unwrap().insert(table.name.clone(), Vec::new());
        Ok(File(into.clone(), table.name.clone()))
    };
    (export(config, &migrations(), open).await.unwrap(), files)
}

async fn loaded(config: &Config, expected: Summary, files: &Files) -> Result<Vec<Contents>, CopyError> {
    let files = files.clone();
    let open = move |table: &Table| Ok(Cursor::new(files.lock().unwrap()[&table.name].clone()));
    load(config, &migrations(), expected, open).await
}

async fn finished(config: &Config) -> Result<(), Error> {
    finish(config, &migrations(), async |_: &mut Tx<'_>| Ok(())).await
}

/// Every pair of engines.
async fn each_pair(test: impl AsyncFn(&Database, &Database)) {
    for n in 0..4 {
        let from = if n < 2 { Database::sqlite() } else { Database::postgres().await };
        let to = if n % 2 == 0 { Database::sqlite() } else { Database::postgres().await };
        test(&from, &to).await;
    }
}

#[tokio::test]
async fn what_is_written_out_and_read_in_is_the_same_on_every_pair_of_engines() {
    each_pair(async |from, to| {
        let store = from.open(&migrations()).await;
        store.prepare_check(STATEMENTS).await.unwrap();
        fill(&store).await;
        let (summary, files) = exported(from.config()).await;
        let names: Vec<_> = summary.tables.iter().map(|c| (c.table.name.as_str(), c.rows)).collect();
        assert_eq!(names, [("copied_pair", 28), ("copied_z", 1_205), ("copied_b", 6), ("store_job", 0)]);
        assert_eq!(loaded(to.config(), summary.clone(), &files).await.unwrap(), summary.tables);
        // Nobody opens it before the end.
        let early = Store::open(to.config(), &migrations()).await.unwrap_err();
        assert_eq!(early.kind(), ErrorKind::Unfinished);
        assert_eq!(exported(from.config()).await.0, summary);
        finished(to.config()).await.unwrap();
        Store::open(to.config(), &migrations()).await.unwrap();
        assert_eq!(exported(to.config()).await.0, summary);
        assert_eq!(super::summary(to.config()).await.unwrap(), summary);
        // A second time it is not empty.
        let again = loaded(to.config(), summary, &files).await.unwrap_err();
        assert!(matches!(&again, CopyError::NotEmpty(table) if table == "copied_b"), "{again}");
    })
    .await;
}

#[tokio::test]
async fn a_move_leaves_the_source_closed_and_the_destination_whole() {
    each_pair(async |from, to| {
        let store = from.open(&migrations()).await;
        fill(&store).await;
        let before = summary(from.config()).await.unwrap();
        let moving = async || transfer(from.config(), to.config(), &migrations()).await;
        // While somebody has it open.
        let refused = moving().await.unwrap_err();
        assert!(matches!(refused, CopyError::InUse(Place::Source)), "{refused}");
        close(store, from).await;
        assert_eq!(moving().await.unwrap(), before.tables);
        // The source is closed, and the destination is not open yet: who dies here does it again.
        let closed = Store::open(from.config(), &migrations()).await.unwrap_err();
        assert_eq!(closed.kind(), ErrorKind::Moved);
        assert!(closed.to_string().contains(&to.config().name()), "{closed}");
        assert_eq!(Store::migrate(from.config(), &migrations()).await.unwrap_err().kind(), ErrorKind::Moved);
        let early = Store::open(to.config(), &migrations()).await.unwrap_err();
        assert_eq!(early.kind(), ErrorKind::Unfinished);
        assert_eq!(moving().await.unwrap(), before.tables);
        finished(to.config()).await.unwrap();
        assert_eq!(summary(to.config()).await.unwrap(), before);
        assert_eq!(summary(from.config()).await.unwrap(), before);
        assert!(matches!(moving().await, Err(CopyError::Moved(_))));
        Store::open(to.config(), &migrations()).await.unwrap();
    })
    .await;
}

/// Drops a store and waits until its threads have let go of the database.
async fn close(store: Store, of: &Database) {
    drop(store);
    let free = |config: Config| alone(move || Side::open_alone(&config, Place::Source).map(drop));
    while free(of.config().clone()).await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_half_filled_database_is_refused_and_can_be_begun_again() {
    each_pair(async |from, to| {
        fill(&from.open(&migrations()).await).await;
        let (summary, files) = exported(from.config()).await;
        let whole = files.lock().unwrap().clone();
        // The last byte of the last table is missing, or is another: what came before it was written already.
        for broken in [
            &(|b: &mut Vec<u8>| b.truncate(b.len() - 1)) as &dyn Fn(&mut Vec<u8>),
            &|b: &mut Vec<u8>| *b.last_mut().unwrap() ^= 1,
            &Vec::clear,
        ] {
            broken(files.lock().unwrap().get_mut("copied_b").unwrap());
            let refused = loaded(to.config(), summary.clone(), &files).await.unwrap_err();
            assert!(matches!(&refused, CopyError::Damaged(table) if table == "copied_b"), "{refused}");
            let half = Store::open(to.config(), &migrations()).await.unwrap_err();
            assert_eq!(half.kind(), ErrorKind::Unfinished);
            let half = Store::migrate(to.config(), &migrations()).await.unwrap_err();
            assert_eq!(half.kind(), ErrorKind::Unfinished);
            *files.lock().unwrap() = whole.clone();
        }
        assert_eq!(loaded(to.config(), summary.clone(), &files).await.unwrap(), summary.tables);
        // What has to be true before anybody uses it failed: it is as unfinished as before.
        let last = async |tx: &mut Tx<'_>| {
            tx.execute(&INSERT_Z, params![5_000]).await?;
            tx.execute(&INSERT_Z, params![5_000]).await.map(drop)
        };
        let failed = finish(to.config(), &migrations(), last).await.unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::UniqueViolation);
        assert_eq!(super::summary(to.config()).await.unwrap(), summary);
        let half = Store::open(to.config(), &migrations()).await.unwrap_err();
        assert_eq!(half.kind(), ErrorKind::Unfinished);
        finished(to.config()).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn rows_from_an_older_program_come_under_its_migrations_first() {
    each_pair(async |from, to| {
        let older = &migrations()[..2];
        drop(from.open(older).await);
        let z = Migration { name: "copied_003", sql: "INSERT INTO copied_z (id) VALUES (7)" };
        let newer = [&migrations()[..], &[z]].concat();
        let open = |_: &Table| Ok(io::sink());
        let refused = export(from.config(), &newer, open).await.unwrap_err();
        assert!(matches!(&refused, CopyError::Store(e) if e.kind() == ErrorKind::NotMigrated), "{refused}");
        let summary = export(from.config(), older, open).await.unwrap();
        load(to.config(), &newer, summary.clone(), |_: &Table| Ok(io::empty())).await.unwrap();
        finish(to.config(), &newer, async |_: &mut Tx<'_>| Ok::<_, Error>(())).await.unwrap();
        let store = Store::open(to.config(), &newer).await.unwrap();
        let count = async |tx: &mut Tx<'_>| tx.one(&COUNT_Z, &[]).await?.int(0);
        assert_eq!(store.read(count).await.unwrap(), 1);
        // And a newer program's are refused by an older one.
        let mut unknown = summary;
        unknown.migrations.push(("copied_009".to_owned(), [0; 32]));
        let there = Database::sqlite();
        let refused = load(there.config(), &newer, unknown, |_: &Table| Ok(io::empty())).await.unwrap_err();
        assert!(matches!(&refused, CopyError::Migration(name) if name == "copied_009"), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn a_copy_with_other_tables_is_refused() {
    let from = Database::sqlite();
    fill(&from.open(&migrations()).await).await;
    let (summary, files) = exported(from.config()).await;
    let check = async |change: &dyn Fn(&mut Summary), table: Option<&str>| {
        let to = Database::sqlite();
        let mut changed = summary.clone();
        change(&mut changed);
        match (loaded(to.config(), changed, &files).await, table) {
            (Ok(_), None) => {}
            (Err(CopyError::TablesDiffer(found)), Some(table)) => assert_eq!(found, table),
            (other, _) => panic!("{other:?}"),
        }
    };
    check(&|_| {}, None).await;
    check(&|s| drop(s.tables.remove(0)), Some("copied_pair")).await;
    check(&|s| drop(s.tables[1].table.columns.pop()), Some("copied_z")).await;
    check(&|s| s.tables[0].table.key.reverse(), Some("copied_pair")).await;
    let extra = |s: &mut Summary| {
        let mut more = s.tables[0].clone();
        more.table.name = "copied_more".to_owned();
        s.tables.push(more);
    };
    check(&extra, Some("copied_more")).await;
}

#[tokio::test]
async fn nobody_comes_in_while_it_is_held_alone() {
    for database in [Database::sqlite(), Database::postgres().await] {
        drop(database.open(&migrations()).await);
        close(database.open(&migrations()).await, &database).await;
        let config = database.config().clone();
        let (held, is_held) = tokio::sync::oneshot::channel();
        let (let_go, go) = std::sync::mpsc::channel::<()>();
        let holder = tokio::spawn(alone(move || {
            let side = Side::open_alone(&config, Place::Source)?;
            held.send(()).unwrap();
            go.recv().unwrap();
            drop(side);
            Ok(())
        }));
        is_held.await.unwrap();
        assert_eq!(Store::open(database.config(), &migrations()).await.unwrap_err().kind(), ErrorKind::Busy);
        let_go.send(()).unwrap();
        holder.await.unwrap().unwrap();
        Store::open(database.config(), &migrations()).await.unwrap();
    }
}

#[test]
fn an_address_is_named_without_its_password() {
    let name = |url: &str| Config::Postgres { url: url.to_owned() }.name();
    assert_eq!(
        name("postgres://ana:geheim@db.example:5433/sahihi?sslmode=disable"),
        "postgres://db.example:5433/sahihi"
    );
    assert_eq!(name("postgresql://db.example/sahihi"), "postgres://db.example/sahihi");
}
