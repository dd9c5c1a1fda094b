//! One number for a status list and an index in it: what a copy is kept under.
//!
//! The number, and a status that is NULL while it is valid, make a copy and its indexes a third smaller than list, index
//! and status were.

use crate::model::StatusIndex;

pub(super) const TABLES: &str = "
CREATE TABLE issue_copy_by_place (
    place BIGINT PRIMARY KEY,
    credential BIGINT NOT NULL REFERENCES issue_credential (id),
    status BIGINT
);
INSERT INTO issue_copy_by_place (place, credential, status)
    SELECT list * 16777216 + idx, credential, NULLIF(status, 0) FROM issue_copy;
DROP TABLE issue_copy;
ALTER TABLE issue_copy_by_place RENAME TO issue_copy;
CREATE INDEX issue_copy_credential ON issue_copy (credential);
CREATE INDEX issue_copy_not_valid ON issue_copy (place, status) WHERE status IS NOT NULL;
";

/// How many places a list has, as the statements say too. More than it has entries, so that those may become more.
const PLACES: i64 = 16_777_216;
const _: () = assert!(base::limits::STATUS_LIST_ENTRIES <= PLACES, "an index is in its own list");

/// The number of a list and an index; the index -1 is before the list's first.
pub(super) const fn place(list: i64, idx: i64) -> i64 {
    list * PLACES + idx
}

/// The list and the index of a number.
pub(super) const fn index(place: i64) -> StatusIndex {
    StatusIndex { list: place / PLACES, idx: place % PLACES }
}
