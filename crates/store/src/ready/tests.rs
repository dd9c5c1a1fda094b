use super::*;
use crate::{ErrorKind, fixture::each_engine};

#[tokio::test]
async fn a_database_is_ready_that_takes_a_write_and_has_our_form() {
    each_engine(&[], async |store: Store| {
        let (commits, counts) = (store.commits(), store.counts());
        store.check(&[]).await.unwrap();
        assert_eq!(store.commits(), commits + 1, "nothing was committed");
        assert_eq!((store.counts().writes, store.counts().refused), (counts.writes + 1, 0));
        let newer = Migration { name: "a_001_b", sql: "CREATE TABLE a_b (id BIGINT PRIMARY KEY)" };
        assert_eq!(store.check(&[newer]).await.unwrap_err().kind(), ErrorKind::NotMigrated);
    })
    .await;
}
