//! The log's rows.
//!
//! `log_leaf` has every leaf; one without an index waits for its place. `log_record` has what leaves commit to, until
//! it is erased. `log_tile` has tiles and bundles of entries, the rightmost of each level as far as it is filled;
//! `log_state` the newest checkpoint and who may sign the next one.

use ::store::{Error, Migration, Row, Tx, Value, params};
use base::Instant;

use crate::{
    LeafId,
    tile::{Kind, Tile},
};

/// The tables.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
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
    },
    Migration { name: "log_002_once", sql: "CREATE TABLE log_once (digest BYTEA PRIMARY KEY);" },
];

::store::statements! {
    INSERT_LEAF = "INSERT INTO log_leaf (id, commitment, received_at, merge_by) VALUES ($1, $2, $3, $4)
        ON CONFLICT (id) DO NOTHING";
    INSERT_RECORD = "INSERT INTO log_record (leaf, kind, salt, record) VALUES ($1, $2, $3, $4)";
    ERASE_RECORD = "DELETE FROM log_record WHERE leaf = $1";
    LEAF = "SELECT l.commitment, l.received_at, l.merge_by, l.idx, r.salt, r.record
        FROM log_leaf l LEFT JOIN log_record r ON r.leaf = l.id WHERE l.id = $1";
    INSERT_ONCE = "INSERT INTO log_once (digest) VALUES ($1) ON CONFLICT (digest) DO NOTHING";
    WAITING = "SELECT id, commitment FROM log_leaf WHERE idx IS NULL ORDER BY id LIMIT $1";
    LISTED = "SELECT l.id, l.idx, l.received_at, r.kind FROM log_leaf l LEFT JOIN log_record r ON r.leaf = l.id
        WHERE l.idx >= $1 ORDER BY l.idx LIMIT $2";
    OLDEST_WAITING = "SELECT received_at, merge_by FROM log_leaf WHERE idx IS NULL ORDER BY id LIMIT 1";
    WAITING_COUNT = "SELECT count(*) FROM log_leaf WHERE idx IS NULL";
    COUNTS = "SELECT count(*), count(idx) FROM log_leaf";
    FROM_PLACE = "SELECT idx, commitment FROM log_leaf WHERE idx >= $1 ORDER BY idx LIMIT $2";
    PLACE = "UPDATE log_leaf SET idx = $2 WHERE id = $1 AND idx IS NULL";
    PLACE_SIXTEEN = "UPDATE log_leaf SET idx = placed.column2 FROM (VALUES
        (CAST($1 AS BIGINT), CAST($2 AS BIGINT)),
        ($3, $4), ($5, $6), ($7, $8), ($9, $10), ($11, $12), ($13, $14), ($15, $16), ($17, $18),
        ($19, $20), ($21, $22), ($23, $24), ($25, $26), ($27, $28), ($29, $30), ($31, $32)
        ) AS placed WHERE log_leaf.id = placed.column1 AND log_leaf.idx IS NULL";
    FIRST_STATE = "INSERT INTO log_state (id, begun, size, root, signed_at, holder, lease_until)
        VALUES (1, $1, 0, $2, 0, 0, 0) ON CONFLICT (id) DO NOTHING";
    STATE = "SELECT begun, size, root, checkpoint, signed_at, holder, lease_until FROM log_state WHERE id = 1";
    ADVANCE = "UPDATE log_state SET size = $1, root = $2, checkpoint = $3, signed_at = $4, holder = $5, lease_until = $6
        WHERE id = 1 AND begun = $7 AND size = $8 AND root = $9
        AND (holder = $5 OR lease_until <= $4 OR lease_until > $10)";
    TILE = "SELECT content FROM log_tile WHERE level = $1 AND n = $2";
    PUT_TILE = "INSERT INTO log_tile (level, n, content) VALUES ($1, $2, $3)
        ON CONFLICT (level, n) DO UPDATE SET content = excluded.content";
    FORGET_TILES = "DELETE FROM log_tile";
    FORGET_PLACES = "UPDATE log_leaf SET idx = NULL WHERE idx IS NOT NULL";
    BEGIN_ANEW = "UPDATE log_state SET begun = $1, size = 0, root = $2, checkpoint = NULL, signed_at = 0, holder = 0,
        lease_until = 0 WHERE id = 1";
}

/// How many leaves one statement places.
const AT_ONCE: usize = 16;
/// The level under which bundles of entries are kept.
const ENTRIES: i64 = -1;

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

/// Leaves that wait for a place, about in the order in which they came.
pub(crate) async fn waiting(tx: &mut Tx<'_>, max: i64) -> Result<Vec<(LeafId, [u8; 32])>, Error> {
    tx.all(&WAITING, params![max]).await?.iter().map(|row| Ok((row.id(0)?, row.array(1)?))).collect()
}

/// Since when the leaf waits that waits longest, and until when it may.
pub(crate) async fn oldest_waiting(tx: &mut Tx<'_>) -> Result<Option<(Instant, Instant)>, Error> {
    let row = tx.optional(&OLDEST_WAITING, params![]).await?;
    row.map(|row| Ok((row.instant(0)?, row.instant(1)?))).transpose()
}

/// How many leaves wait.
pub(crate) async fn waiting_count(tx: &mut Tx<'_>) -> Result<i64, Error> {
    tx.one(&WAITING_COUNT, params![]).await?.int(0)
}

/// How many leaves there are, and how many of them have places.
pub(crate) async fn counts(tx: &mut Tx<'_>) -> Result<(i64, i64), Error> {
    let row = tx.one(&COUNTS, params![]).await?;
    Ok((row.int(0)?, row.int(1)?))
}

/// Leaves from a place on, with their places, at most so many.
pub(crate) async fn from_place(tx: &mut Tx<'_>, from: i64, max: i64) -> Result<Vec<(i64, [u8; 32])>, Error> {
    tx.all(&FROM_PLACE, params![from, max])
        .await?
        .iter()
        .map(|row| Ok((row.int(0)?, row.array(1)?)))
        .collect()
}

/// Gives leaves their places, from `first` on; `false` if one of them has a place already.
pub(crate) async fn place(tx: &mut Tx<'_>, leaves: &[(LeafId, [u8; 32])], first: i64) -> Result<bool, Error> {
    let numbered: Vec<(i64, i64)> = leaves.iter().map(|(id, _)| id.as_i64()).zip(first..).collect();
    let (groups, rest) = numbered.as_chunks::<AT_ONCE>();
    let mut placed = 0;
    for group in groups {
        let pairs: Vec<Value<'_>> =
            group.iter().flat_map(|(id, index)| [Value::Int(*id), Value::Int(*index)]).collect();
        placed += tx.execute(&PLACE_SIXTEEN, &pairs).await?;
    }
    for (id, index) in rest {
        placed += tx.execute(&PLACE, params![*id, *index]).await?;
    }
    Ok(usize::try_from(placed).is_ok_and(|placed| placed == leaves.len()))
}

/// How far the log is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    /// 0, or when this log was begun after another was lost: seconds since 1970.
    pub(crate) begun: i64,
    pub(crate) size: i64,
    pub(crate) root: [u8; 32],
    pub(crate) checkpoint: Option<String>,
    pub(crate) signed_at: Instant,
    pub(crate) holder: i64,
    pub(crate) lease_until: Instant,
}

/// How far the log is; `None` before it was first opened.
pub(crate) async fn state(tx: &mut Tx<'_>) -> Result<Option<State>, Error> {
    let Some(row) = tx.optional(&STATE, params![]).await? else { return Ok(None) };
    Ok(Some(State {
        begun: row.int(0)?,
        size: row.int(1)?,
        root: row.array(2)?,
        checkpoint: row.opt_text(3)?.map(str::to_owned),
        signed_at: row.instant(4)?,
        holder: row.int(5)?,
        lease_until: row.instant(6)?,
    }))
}

/// Begins the log, if it is not.
pub(crate) async fn first_state(tx: &mut Tx<'_>, begun: i64, root: &[u8; 32]) -> Result<(), Error> {
    tx.execute(&FIRST_STATE, params![begun, root]).await.map(drop)
}

/// Moves the log from one state to the next; `false` if it is not in the first any more, or another holds the lease.
/// A lease that ends later than `plausible` was taken by somebody with a wrong clock, and does not count.
pub(crate) async fn advance(
    tx: &mut Tx<'_>,
    from: &State,
    to: &State,
    plausible: Instant,
) -> Result<bool, Error> {
    let State { size, root, checkpoint, signed_at, holder, lease_until, .. } = to;
    let moved = params![
        size,
        root,
        checkpoint,
        signed_at,
        holder,
        lease_until,
        from.begun,
        from.size,
        from.root,
        plausible
    ];
    Ok(tx.execute(&ADVANCE, moved).await? == 1)
}

fn level(kind: Kind) -> i64 {
    match kind {
        Kind::Entries => ENTRIES,
        Kind::Hashes(level) => i64::from(level),
    }
}

/// What is kept of a tile or bundle, as far as it is filled.
pub(crate) async fn tile(tx: &mut Tx<'_>, kind: Kind, n: u64) -> Result<Option<Vec<u8>>, Error> {
    let Ok(n) = i64::try_from(n) else { return Ok(None) };
    tx.optional(&TILE, params![level(kind), n]).await?.map(|row| Ok(row.bytes(0)?.to_vec())).transpose()
}

/// Keeps a tile or bundle.
pub(crate) async fn put_tile(tx: &mut Tx<'_>, tile: Tile, content: &[u8]) -> Result<(), Error> {
    let n = i64::try_from(tile.n).unwrap_or(i64::MAX);
    tx.execute(&PUT_TILE, params![level(tile.kind), n, content]).await.map(drop)
}

/// Takes every leaf out of the tree, so that another log can begin with them.
pub(crate) async fn begin_anew(tx: &mut Tx<'_>, begun: i64, root: &[u8; 32]) -> Result<(), Error> {
    tx.execute(&FORGET_TILES, params![]).await?;
    tx.execute(&FORGET_PLACES, params![]).await?;
    first_state(tx, begun, root).await?;
    tx.execute(&BEGIN_ANEW, params![begun, root]).await.map(drop)
}

/// Notes that what has this digest was appended; `false` if it was before.
pub(crate) async fn once(tx: &mut Tx<'_>, digest: &[u8; 32]) -> Result<bool, Error> {
    Ok(tx.execute(&INSERT_ONCE, params![digest]).await? == 1)
}

/// A leaf that has its place, as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub leaf: LeafId,
    /// Its place, from 0.
    pub index: i64,
    /// When it was appended.
    pub received_at: Instant,
    /// Which kind of act it is of; `None` if its record was erased.
    pub kind: Option<String>,
}

/// Leaves from a place on, at most so many.
pub(crate) async fn listed(tx: &mut Tx<'_>, from: i64, max: i64) -> Result<Vec<Listed>, Error> {
    let listed = |row: &Row| {
        let kind = row.opt_text(3)?.map(str::to_owned);
        Ok(Listed { leaf: row.id(0)?, index: row.int(1)?, received_at: row.instant(2)?, kind })
    };
    tx.all(&LISTED, params![from, max]).await?.iter().map(listed).collect()
}
