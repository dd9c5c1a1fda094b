//! The tables of the issuer: SQL in, domain out. The only file of this crate with SQL.
//!
//! Credentials are the many: their rows and indexes are kept small. A copy repeats the status of its credential unless that is valid, so
//! that a status list is made from the partial index of what is not valid, however many are. Times are milliseconds.

#[cfg(test)]
pub(crate) mod fill;
mod place;
pub(crate) mod refresh;
pub(crate) mod restore;

use ::store::{Error, Migration, Row, Tx, params};
use base::Instant;
use serde_json::Value;

use self::place::{index, place};
use crate::model::{
    Credential, CredentialId, Event, Notification, Offer, OfferId, OfferState, PersonId, Status,
    StatusChange, StatusIndex,
};

/// The tables of this feature.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "issue_001_credentials",
        sql: "
CREATE TABLE issue_offer (
    id BIGINT PRIMARY KEY,
    person BIGINT NOT NULL,
    type TEXT NOT NULL,
    form TEXT,
    code BYTEA NOT NULL UNIQUE,
    tx_code BYTEA,
    tries BIGINT NOT NULL,
    access BYTEA UNIQUE,
    by_identifier BIGINT NOT NULL,
    responses BIGINT NOT NULL,
    credential BIGINT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX issue_offer_ends_at ON issue_offer (ends_at);
CREATE INDEX issue_offer_form ON issue_offer (ends_at) WHERE form IS NOT NULL;
CREATE TABLE issue_list (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL
);
CREATE TABLE issue_credential (
    id BIGINT PRIMARY KEY,
    person BIGINT NOT NULL,
    type TEXT NOT NULL,
    status BIGINT NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    issued_by TEXT NOT NULL
);
CREATE INDEX issue_credential_person ON issue_credential (person);
CREATE TABLE issue_copy (
    list BIGINT NOT NULL REFERENCES issue_list (id),
    idx BIGINT NOT NULL,
    credential BIGINT NOT NULL REFERENCES issue_credential (id),
    status BIGINT NOT NULL,
    PRIMARY KEY (list, idx)
);
CREATE INDEX issue_copy_credential ON issue_copy (credential);
CREATE INDEX issue_copy_not_valid ON issue_copy (list, idx, status) WHERE status <> 0;
CREATE TABLE issue_status_change (
    credential BIGINT NOT NULL REFERENCES issue_credential (id),
    n BIGINT NOT NULL,
    status BIGINT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (credential, n)
);
CREATE TABLE issue_nonce (
    digest BYTEA PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX issue_nonce_expires_at ON issue_nonce (expires_at);
",
    },
    Migration {
        // The key identifier of the root whose leaves sign the list; lists from before are of the first root there was.
        name: "issue_002_roots",
        sql: "ALTER TABLE issue_list ADD COLUMN root BYTEA",
    },
    Migration {
        name: "issue_003_notifications",
        sql: "
CREATE TABLE issue_notification (
    credential BIGINT NOT NULL REFERENCES issue_credential (id),
    notification BYTEA NOT NULL,
    event TEXT NOT NULL,
    description TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (credential, notification, event)
);
",
    },
    Migration {
        // Which of the installation's issuers a row is of: its handle, empty for the one without.
        name: "issue_004_issuers",
        sql: "
ALTER TABLE issue_offer ADD COLUMN issuer TEXT NOT NULL DEFAULT '';
ALTER TABLE issue_list ADD COLUMN issuer TEXT NOT NULL DEFAULT '';
ALTER TABLE issue_credential ADD COLUMN issuer TEXT NOT NULL DEFAULT '';
",
    },
    Migration { name: "issue_005_refresh", sql: refresh::TABLES },
    Migration { name: "issue_006_restored", sql: restore::TABLES },
    Migration { name: "issue_007_places", sql: place::TABLES },
];

::store::statements! {
    INSERT_OFFER = "INSERT INTO issue_offer
        (id, person, type, form, code, tx_code, tries, by_identifier, responses, created_by, created_at, ends_at,
            issuer)
        VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, $7, $8, $9, $10)";
    OFFER = "SELECT id, person, type, form, tx_code, tries, access, by_identifier, responses, created_by, created_at,
        ends_at, credential, family FROM issue_offer WHERE id = $1 AND issuer = $2";
    OFFER_BY_CODE = "SELECT id, person, type, form, tx_code, tries, access, by_identifier, responses, created_by,
        created_at, ends_at, credential, family FROM issue_offer WHERE code = $1 AND issuer = $2";
    OFFER_BY_ACCESS = "SELECT id, person, type, form, tx_code, tries, access, by_identifier, responses, created_by,
        created_at, ends_at, credential, family FROM issue_offer WHERE access = $1 AND issuer = $2";
    COUNT_TRY = "UPDATE issue_offer
        SET tries = tries + 1, form = CASE WHEN tries + 1 >= $2 THEN NULL ELSE form END
        WHERE id = $1 AND access IS NULL";
    ACCEPT_OFFER = "UPDATE issue_offer SET access = $2, by_identifier = $3, ends_at = $4
        WHERE id = $1 AND access IS NULL";
    COUNT_RESPONSE = "UPDATE issue_offer
        SET responses = responses + 1, form = CASE WHEN responses + 1 >= $2 THEN NULL ELSE form END,
            credential = COALESCE(credential, CAST($4 AS BIGINT))
        WHERE id = $1 AND access IS NOT NULL AND responses < $2 AND ends_at > $3 RETURNING credential";
    ERASE_FORMS = "UPDATE issue_offer SET form = NULL WHERE id IN (
        SELECT id FROM issue_offer WHERE ends_at <= $1 AND form IS NOT NULL ORDER BY ends_at LIMIT $2)";
    DELETE_OFFERS = "DELETE FROM issue_offer WHERE id IN (
        SELECT id FROM issue_offer WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2)";
    INSERT_NONCE = "INSERT INTO issue_nonce (digest, expires_at)
        SELECT CAST($1 AS BYTEA), CAST($2 AS BIGINT)
        WHERE NOT EXISTS (SELECT 1 FROM issue_restored WHERE nonces_until >= $2)
        ON CONFLICT (digest) DO NOTHING";
    DELETE_NONCES = "DELETE FROM issue_nonce WHERE digest IN (
        SELECT digest FROM issue_nonce WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
    NEWEST_LIST = "SELECT id FROM issue_list WHERE root = $1 AND issuer = $2 ORDER BY id DESC LIMIT 1";
    LAST_LIST = "SELECT COALESCE(MAX(id), 0) FROM issue_list";
    INSERT_LIST = "INSERT INTO issue_list (id, version, root, issuer) VALUES ($1, 1, $2, $3)
        ON CONFLICT (id) DO NOTHING";
    LISTS = "SELECT id, root FROM issue_list WHERE issuer = $2 ORDER BY id DESC LIMIT $1";
    LIST = "SELECT version, root FROM issue_list WHERE id = $1 AND issuer = $2";
    BUMP_LISTS = "UPDATE issue_list SET version = version + 1
        WHERE id IN (SELECT place / 16777216 FROM issue_copy WHERE credential = $1)";
    COUNT_TAKEN = "SELECT count(*) FROM issue_copy WHERE place >= $1 AND place < $2";
    IS_TAKEN = "SELECT 1 FROM issue_copy WHERE place = $1";
    STATUSES = "SELECT place, status FROM issue_copy
        WHERE status IS NOT NULL AND place > $1 AND place < $2 ORDER BY place LIMIT $3";
    INSERT_CREDENTIAL = "INSERT INTO issue_credential
        (id, person, type, status, issued_at, expires_at, issued_by, issuer)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    INSERT_COPY = "INSERT INTO issue_copy (place, credential) VALUES ($1, $2) ON CONFLICT (place) DO NOTHING";
    CREDENTIAL = "SELECT id, person, type, status, issued_at, expires_at, issued_by
        FROM issue_credential WHERE id = $1 AND issuer = $2";
    CREDENTIALS_OF = "SELECT id, person, type, status, issued_at, expires_at, issued_by
        FROM issue_credential WHERE person = $1 AND id > $2 AND issuer = $4 ORDER BY id LIMIT $3";
    COPIES = "SELECT place FROM issue_copy WHERE credential = $1 ORDER BY place";
    COPIES_OF = "SELECT issue_copy.credential, issue_copy.place
        FROM issue_credential JOIN issue_copy ON issue_copy.credential = issue_credential.id
        WHERE issue_credential.person = $1 AND issue_credential.id > $2 AND issue_credential.id <= $3
            AND issue_credential.issuer = $4
        ORDER BY issue_copy.place";
    SET_STATUS = "UPDATE issue_credential SET status = $2 WHERE id = $1";
    SET_STATUS_OF_COPIES = "UPDATE issue_copy SET status = NULLIF(CAST($2 AS BIGINT), 0) WHERE credential = $1";
    INSERT_CHANGE = "INSERT INTO issue_status_change (credential, n, status, reason, actor, at)
        SELECT CAST($1 AS BIGINT), COALESCE(MAX(n), 0) + 1, CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS TEXT),
            CAST($5 AS BIGINT)
        FROM issue_status_change WHERE credential = $1";
    INSERT_NOTIFICATION = "INSERT INTO issue_notification (credential, notification, event, description, at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (credential, notification, event) DO NOTHING";
    NOTIFICATIONS = "SELECT event, description, at FROM issue_notification WHERE credential = $1
        ORDER BY at, notification, event";
    CHANGES = "SELECT status, reason, actor, at FROM issue_status_change WHERE credential = $1 ORDER BY n";
}

/// How many rows a status list is read by.
const STATUSES_AT_ONCE: i64 = 5_000;

fn offer(row: &Row) -> Result<Offer, Error> {
    let form = row.opt_text(3)?.map(|text| serde_json::from_str(text).unwrap_or_default());
    let state = if row.opt_bytes(6)?.is_some() {
        OfferState::Accepted {
            responses: row.int(8)?,
            by_identifier: row.int(7)? != 0,
            credential: row.opt_int(12)?.map(CredentialId::from_i64),
        }
    } else {
        OfferState::Open { tx_code: row.opt_bytes(4)?.map(<[u8]>::to_vec), tries: row.int(5)? }
    };
    Ok(Offer {
        id: OfferId::from_i64(row.int(0)?),
        person: PersonId::from_i64(row.int(1)?),
        type_id: row.text(2)?.to_owned(),
        form,
        created_by: row.text(9)?.to_owned(),
        created_at: Instant::from_ms(row.int(10)?),
        ends_at: Instant::from_ms(row.int(11)?),
        family: row.opt_int(13)?.map(OfferId::from_i64),
        state,
    })
}

/// Our own column, written by us from the enum; anything else counts as revoked, never as valid.
fn status(value: i64) -> Status {
    Status::from_i64(value).unwrap_or(Status::Revoked)
}

fn credential(row: &Row) -> Result<Credential, Error> {
    Ok(Credential {
        id: CredentialId::from_i64(row.int(0)?),
        person: PersonId::from_i64(row.int(1)?),
        type_id: row.text(2)?.to_owned(),
        status: status(row.int(3)?),
        issued_at: Instant::from_ms(row.int(4)?),
        expires_at: Instant::from_ms(row.int(5)?),
        issued_by: row.text(6)?.to_owned(),
    })
}

/// Keeps a new offer under the digests of its code and its transaction code.
pub(crate) async fn insert_offer(
    tx: &mut Tx<'_>,
    issuer: &str,
    offer: &Offer,
    code: &[u8; 32],
    tx_code: Option<&[u8; 32]>,
) -> Result<(), Error> {
    let form = offer.form.clone().unwrap_or_default();
    let form = Value::Object(form).to_string();
    tx.execute(
        &INSERT_OFFER,
        params![
            offer.id,
            offer.person,
            offer.type_id,
            form,
            code,
            tx_code,
            offer.created_by,
            offer.created_at,
            offer.ends_at,
            issuer
        ],
    )
    .await
    .map(drop)
}

pub(crate) async fn offer_by_id(tx: &mut Tx<'_>, issuer: &str, id: OfferId) -> Result<Option<Offer>, Error> {
    tx.optional(&OFFER, params![id, issuer]).await?.as_ref().map(offer).transpose()
}

pub(crate) async fn offer_by_code(
    tx: &mut Tx<'_>,
    issuer: &str,
    digest: &[u8; 32],
) -> Result<Option<Offer>, Error> {
    tx.optional(&OFFER_BY_CODE, params![digest, issuer]).await?.as_ref().map(offer).transpose()
}

pub(crate) async fn offer_by_access(
    tx: &mut Tx<'_>,
    issuer: &str,
    digest: &[u8; 32],
) -> Result<Option<Offer>, Error> {
    tx.optional(&OFFER_BY_ACCESS, params![digest, issuer]).await?.as_ref().map(offer).transpose()
}

/// Counts a wrong transaction code; the `tries_max`-th erases what the clerk entered.
pub(crate) async fn count_try(tx: &mut Tx<'_>, id: OfferId, tries_max: i64) -> Result<(), Error> {
    tx.execute(&COUNT_TRY, params![id, tries_max]).await.map(drop)
}

/// Whether the offer was open and is accepted now.
pub(crate) async fn accept_offer(
    tx: &mut Tx<'_>,
    id: OfferId,
    access: &[u8; 32],
    by_identifier: bool,
    ends_at: Instant,
) -> Result<bool, Error> {
    Ok(tx.execute(&ACCEPT_OFFER, params![id, access, by_identifier, ends_at]).await? == 1)
}

/// Counts an answer with copies; the last one erases what the clerk entered. Answers the offer's credential, which is
/// `credential` if it had none until now; `None` if there was no answer left.
pub(crate) async fn count_response(
    tx: &mut Tx<'_>,
    id: OfferId,
    responses_max: i64,
    now: Instant,
    credential: CredentialId,
) -> Result<Option<CredentialId>, Error> {
    let counted = tx.optional(&COUNT_RESPONSE, params![id, responses_max, now, credential]).await?;
    Ok(counted.map(|row| row.int(0)).transpose()?.map(CredentialId::from_i64))
}

/// Erases what clerks entered in `rows` offers that ended by `before`; answers how many there were, as the next two do.
pub(crate) async fn erase_forms(tx: &mut Tx<'_>, before: Instant, rows: i64) -> Result<u64, Error> {
    tx.execute(&ERASE_FORMS, params![before, rows]).await
}

pub(crate) async fn delete_nonces(tx: &mut Tx<'_>, before: Instant, rows: i64) -> Result<u64, Error> {
    tx.execute(&DELETE_NONCES, params![before, rows]).await
}

pub(crate) async fn delete_offers(tx: &mut Tx<'_>, before: Instant, rows: i64) -> Result<u64, Error> {
    tx.execute(&DELETE_OFFERS, params![before, rows]).await
}

/// Whether the nonce was unused until now.
pub(crate) async fn use_nonce(
    tx: &mut Tx<'_>,
    digest: &[u8; 32],
    expires_at: Instant,
) -> Result<bool, Error> {
    Ok(tx.execute(&INSERT_NONCE, params![digest, expires_at]).await? == 1)
}

/// The issuer's newest list under this root.
pub(crate) async fn newest_list(tx: &mut Tx<'_>, issuer: &str, root: &[u8]) -> Result<Option<i64>, Error> {
    tx.optional(&NEWEST_LIST, params![root, issuer]).await?.map(|row| row.int(0)).transpose()
}

/// The number of the newest list of all, 0 if there is none.
pub(crate) async fn last_list(tx: &mut Tx<'_>) -> Result<i64, Error> {
    tx.one(&LAST_LIST, params![]).await?.int(0)
}

pub(crate) async fn insert_list(tx: &mut Tx<'_>, issuer: &str, list: i64, root: &[u8]) -> Result<(), Error> {
    tx.execute(&INSERT_LIST, params![list, root, issuer]).await.map(drop)
}

/// The numbers and roots of the issuer's newest lists.
pub(crate) async fn lists(
    tx: &mut Tx<'_>,
    issuer: &str,
    limit: i64,
) -> Result<Vec<(i64, Option<Vec<u8>>)>, Error> {
    let rows = tx.all(&LISTS, params![limit, issuer]).await?;
    rows.iter().map(|row| Ok((row.int(0)?, row.opt_bytes(1)?.map(<[u8]>::to_vec)))).collect()
}

/// A list's version, and the key identifier of its root unless it is from before lists remembered that.
pub(crate) async fn list(
    tx: &mut Tx<'_>,
    issuer: &str,
    list: i64,
) -> Result<Option<(i64, Option<Vec<u8>>)>, Error> {
    let Some(row) = tx.optional(&LIST, params![list, issuer]).await? else { return Ok(None) };
    Ok(Some((row.int(0)?, row.opt_bytes(1)?.map(<[u8]>::to_vec))))
}

/// How many indices of a list from `from` up to and without `to` are taken.
pub(crate) async fn count_taken(tx: &mut Tx<'_>, list: i64, from: i64, to: i64) -> Result<i64, Error> {
    tx.one(&COUNT_TAKEN, params![place(list, from), place(list, to)]).await?.int(0)
}

pub(crate) async fn is_taken(tx: &mut Tx<'_>, list: i64, idx: i64) -> Result<bool, Error> {
    Ok(tx.optional(&IS_TAKEN, params![place(list, idx)]).await?.is_some())
}

/// Every index of a list that is not valid.
pub(crate) async fn statuses(tx: &mut Tx<'_>, list: i64) -> Result<Vec<(i64, Status)>, Error> {
    let mut all = Vec::new();
    loop {
        let after = all.last().map_or(-1, |(idx, _)| *idx);
        let rows =
            tx.all(&STATUSES, params![place(list, after), place(list + 1, 0), STATUSES_AT_ONCE]).await?;
        for row in &rows {
            all.push((index(row.int(0)?).idx, status(row.int(1)?)));
        }
        if i64::try_from(rows.len()).is_ok_and(|n| n < STATUSES_AT_ONCE) {
            return Ok(all);
        }
    }
}

/// Keeps a new credential, which has no copies yet.
pub(crate) async fn insert_credential(tx: &mut Tx<'_>, issuer: &str, c: &Credential) -> Result<(), Error> {
    let status = c.status as i64;
    let values = params![c.id, c.person, c.type_id, status, c.issued_at, c.expires_at, c.issued_by, issuer];
    tx.execute(&INSERT_CREDENTIAL, values).await.map(drop)
}

/// Whether the status index was free and is that of a valid copy of the credential now.
pub(crate) async fn insert_copy(
    tx: &mut Tx<'_>,
    id: CredentialId,
    index: StatusIndex,
) -> Result<bool, Error> {
    Ok(tx.execute(&INSERT_COPY, params![place(index.list, index.idx), id]).await? == 1)
}

pub(crate) async fn credential_by_id(
    tx: &mut Tx<'_>,
    issuer: &str,
    id: CredentialId,
) -> Result<Option<Credential>, Error> {
    tx.optional(&CREDENTIAL, params![id, issuer]).await?.as_ref().map(credential).transpose()
}

/// A person's credentials with ids after `after`, in the order of their ids.
pub(crate) async fn credentials_of(
    tx: &mut Tx<'_>,
    issuer: &str,
    person: PersonId,
    after: i64,
    limit: i64,
) -> Result<Vec<Credential>, Error> {
    tx.all(&CREDENTIALS_OF, params![person, after, limit, issuer]).await?.iter().map(credential).collect()
}

/// The status indices of a credential's copies.
pub(crate) async fn copies(tx: &mut Tx<'_>, id: CredentialId) -> Result<Vec<StatusIndex>, Error> {
    let rows = tx.all(&COPIES, params![id]).await?;
    rows.iter().map(|row| Ok(index(row.int(0)?))).collect()
}

/// The same of all the credentials of a person with ids after `after` up to `last`.
pub(crate) async fn copies_of(
    tx: &mut Tx<'_>,
    issuer: &str,
    person: PersonId,
    after: i64,
    last: CredentialId,
) -> Result<Vec<(CredentialId, StatusIndex)>, Error> {
    let rows = tx.all(&COPIES_OF, params![person, after, last, issuer]).await?;
    rows.iter().map(|row| Ok((CredentialId::from_i64(row.int(0)?), index(row.int(1)?)))).collect()
}

/// Sets the status of a credential and all its copies, keeps why, and gives every list they are on a new version.
pub(crate) async fn set_status(
    tx: &mut Tx<'_>,
    id: CredentialId,
    change: &StatusChange,
) -> Result<(), Error> {
    let status = change.status as i64;
    tx.execute(&SET_STATUS, params![id, status]).await?;
    tx.execute(&SET_STATUS_OF_COPIES, params![id, status]).await?;
    tx.execute(&INSERT_CHANGE, params![id, status, change.reason, change.actor, change.at]).await?;
    tx.execute(&BUMP_LISTS, params![id]).await.map(drop)
}

pub(crate) async fn changes(tx: &mut Tx<'_>, id: CredentialId) -> Result<Vec<StatusChange>, Error> {
    let rows = tx.all(&CHANGES, params![id]).await?;
    rows.iter()
        .map(|row| {
            Ok(StatusChange {
                status: status(row.int(0)?),
                reason: row.text(1)?.to_owned(),
                actor: row.text(2)?.to_owned(),
                at: Instant::from_ms(row.int(3)?),
            })
        })
        .collect()
}

/// Keeps what a wallet says under the digest of the `notification_id`, once.
pub(crate) async fn insert_notification(
    tx: &mut Tx<'_>,
    credential: CredentialId,
    digest: &[u8; 32],
    said: &Notification,
) -> Result<(), Error> {
    let event = said.event.name();
    let values = params![credential, digest, event, said.description, said.at];
    tx.execute(&INSERT_NOTIFICATION, values).await.map(drop)
}

pub(crate) async fn notifications(
    tx: &mut Tx<'_>,
    credential: CredentialId,
) -> Result<Vec<Notification>, Error> {
    let mut all = Vec::new();
    for row in tx.all(&NOTIFICATIONS, params![credential]).await? {
        // Our own column, written by us from the enum.
        let Some(event) = Event::from_name(row.text(0)?) else { continue };
        let description = row.opt_text(1)?.map(str::to_owned);
        all.push(Notification { event, description, at: Instant::from_ms(row.int(2)?) });
    }
    Ok(all)
}
