//! The log's rows.
//!
//! `log_leaf` has every leaf; one without an index waits for its place. `log_record` has what leaves commit to, until
//! it is erased. `log_tile` has tiles and bundles of entries, the rightmost of each level as far as it is filled;
//! `log_state` the newest checkpoint and who may sign the next one.

use ::store::{Error, Migration, Row, Tx, params};
use base::Instant;

use crate::LeafId;

/// The tables.
pub const MIGRATIONS: &[Migration] = &[Migration {
    name: "log_001_log",
    sql: "
CREATE TABLE log_leaf (
    id BIGINT PRIMARY KEY,
    commitment BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    merge_by BIGINT NOT NULL,
    idx BIGINT
);
CREATE INDEX log_leaf_waiting ON log_leaf (id) WHERE idx IS NULL;
CREATE UNIQUE INDEX log_leaf_idx ON log_leaf (idx) WHERE idx IS NOT NULL;
CREATE TABLE log_record (
    leaf BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    salt BYTEA NOT NULL,
    record BYTEA NOT NULL
);
CREATE TABLE log_tile (
    level BIGINT NOT NULL,
    n BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (level, n)
);
CREATE TABLE log_state (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    begun BIGINT NOT NULL,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    checkpoint TEXT,
    signed_at BIGINT NOT NULL,
    holder BIGINT NOT NULL,
    lease_until BIGINT NOT NULL
);
",
}];

::store::statements! {
    INSERT_LEAF = "INSERT INTO log_leaf (id, commitment, received_at, merge_by) VALUES ($1, $2, $3, $4)
        ON CONFLICT (id) DO NOTHING";
    INSERT_RECORD = "INSERT INTO log_record (leaf, kind, salt, record) VALUES ($1, $2, $3, $4)";
    ERASE_RECORD = "DELETE FROM log_record WHERE leaf = $1";
    LEAF = "SELECT l.commitment, l.received_at, l.merge_by, l.idx, r.salt, r.record
        FROM log_leaf l LEFT JOIN log_record r ON r.leaf = l.id WHERE l.id = $1";
}

/// A leaf as it is kept.
pub(crate) struct Leaf {
    pub(crate) commitment: [u8; 32],
    pub(crate) received_at: Instant,
    pub(crate) merge_by: Instant,
    pub(crate) index: Option<i64>,
    pub(crate) opened: Option<([u8; 32], Vec<u8>)>,
}

impl Leaf {
    fn read(row: &Row) -> Result<Self, Error> {
        let opened = match row.opt_bytes(4)? {
            Some(_) => Some((row.array(4)?, row.bytes(5)?.to_vec())),
            None => None,
        };
        Ok(Self {
            commitment: row.array(0)?,
            received_at: row.instant(1)?,
            merge_by: row.instant(2)?,
            index: row.opt_int(3)?,
            opened,
        })
    }
}

/// Keeps a leaf that waits; `false` if there is one of this id.
pub(crate) async fn insert(
    tx: &mut Tx<'_>,
    id: LeafId,
    commitment: &[u8; 32],
    received_at: Instant,
    merge_by: Instant,
) -> Result<bool, Error> {
    Ok(tx.execute(&INSERT_LEAF, params![id, commitment, received_at, merge_by]).await? == 1)
}

/// Keeps what a leaf commits to.
pub(crate) async fn insert_record(
    tx: &mut Tx<'_>,
    id: LeafId,
    kind: &str,
    salt: &[u8; 32],
    record: &[u8],
) -> Result<(), Error> {
    tx.execute(&INSERT_RECORD, params![id, kind, salt, record]).await.map(drop)
}

/// Forgets what a leaf commits to; `false` if there was nothing.
pub(crate) async fn erase(tx: &mut Tx<'_>, id: LeafId) -> Result<bool, Error> {
    Ok(tx.execute(&ERASE_RECORD, params![id]).await? == 1)
}

/// A leaf by its id.
pub(crate) async fn leaf(tx: &mut Tx<'_>, id: LeafId) -> Result<Option<Leaf>, Error> {
    tx.optional(&LEAF, params![id]).await?.map(|row| Leaf::read(&row)).transpose()
}
