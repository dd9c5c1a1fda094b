//! Whether the database can do its work: it takes a write, and it has the form that the program needs.

use crate::{Error, Migration, Store, Tx, migrate};

/// The one row that each check changes. That nothing changes would not show that the disk is full.
pub(crate) const MIGRATION: Migration = Migration {
    name: "store_002_ready",
    sql: "CREATE TABLE store_ready (id BIGINT PRIMARY KEY, checks BIGINT NOT NULL);
          INSERT INTO store_ready (id, checks) VALUES (1, 0);",
};

crate::statements! {
    CHECK = "UPDATE store_ready SET checks = checks + 1 WHERE id = 1";
}

impl Store {
    /// Writes one row, durably, and compares the migrations that were applied with these.
    pub async fn check(&self, migrations: &[Migration]) -> Result<(), Error> {
        self.write(async |tx: &mut Tx<'_>| tx.execute(&CHECK, &[]).await.map(drop)).await?;
        migrate::refuse_unmigrated(self, migrations).await
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
