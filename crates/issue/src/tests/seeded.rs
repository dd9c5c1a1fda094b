//! What measurements put into the database is what issuing leaves there.

use ::store::{Row, Sql, params};

use super::*;
use crate::{
    MIGRATIONS,
    seed::{Seed, credentials},
};

static LEFT: Sql = Sql::__registered(
    "t",
    "SELECT c.*, p.*, r.* FROM issue_credential c JOIN issue_copy p ON p.credential = c.id
     JOIN issue_refresh r ON r.credential = c.id ORDER BY p.place",
);

/// Of three tables, the columns that are of one row alone: ids, the place in a list. Digests are as long as each other.
const OWN: &[usize] = &[0, 8, 9, 12, 14];

fn cells(row: &Row) -> Vec<String> {
    let cell = |i| {
        let int = row.opt_int(i).map(|v| format!("{v:?}"));
        let text = int.or_else(|_| row.opt_text(i).map(|v| format!("{v:?}")));
        text.or_else(|_| row.opt_bytes(i).map(|v| format!("{:?} bytes", v.map(<[u8]>::len)))).ok()
    };
    (0..).map_while(cell).collect()
}

#[tokio::test]
async fn seeded_rows_are_as_issued_ones_in_every_column() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store.clone());
        let offer = app.offer(false).await;
        let token = app.redeem(&offer).await.json();
        app.fetched(token["access_token"].as_str().unwrap(), &key(1)).await;
        let left = async || {
            let rows = store.read(async |tx: &mut Tx<'_>| tx.all(&LEFT, params![]).await).await.unwrap();
            rows.iter().map(cells).collect::<Vec<_>>()
        };
        let issued = left().await.remove(0);
        let instant = |column: usize| {
            Instant::from_ms(issued[column].replace(['S', 'o', 'm', 'e', '(', ')'], "").parse().unwrap())
        };
        let seed = Seed {
            type_id: "pid".into(),
            issued_at: instant(4),
            expires_at: instant(5),
            issued_by: "amina".into(),
            refreshable: true,
        };
        credentials(&store, Arc::new(SeededRandom::new(9)), seed, vec![ANA], 2).await.unwrap();
        let all = left().await;
        assert_eq!((all.len(), issued.len()), (3, 18));
        for seeded in &all[1..] {
            assert_eq!(seeded.len(), issued.len());
            for (column, (a, b)) in issued.iter().zip(seeded).enumerate() {
                assert!(a == b || OWN.contains(&column), "column {column}: {a} issued, {b} seeded");
            }
        }
        // Staff see them, and a new credential goes to the list that was begun last.
        assert_eq!(app.kept().await, 3);
        let text = app.fetched(&app.access_token().await, &key(2)).await;
        assert!(!text.is_empty());
    })
    .await;
}
