//! Refresh tokens: the digest of each that may be used or was, by family.

use ::store::{Error, Row, Tx, params};
use base::Instant;

use crate::model::{CredentialId, Offer, OfferId, OfferState, RefreshToken};

/// A family is all the tokens that one redeemed offer led to; its id is that of the offer. What a refreshed access
/// token is good for is an accepted offer of its own, which remembers the family.
pub(super) const TABLES: &str = "
CREATE TABLE issue_refresh (
    digest BYTEA PRIMARY KEY,
    family BIGINT NOT NULL,
    issuer TEXT NOT NULL,
    credential BIGINT,
    by_identifier BIGINT NOT NULL,
    used BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX issue_refresh_family ON issue_refresh (family);
CREATE INDEX issue_refresh_ends_at ON issue_refresh (ends_at);
ALTER TABLE issue_offer ADD COLUMN family BIGINT;
CREATE INDEX issue_offer_family ON issue_offer (family) WHERE family IS NOT NULL;
";

::store::statements! {
    INSERT = "INSERT INTO issue_refresh (digest, family, issuer, credential, by_identifier, used, ends_at)
        VALUES ($1, $2, $3, $4, $5, 0, $6)";
    BY_DIGEST = "SELECT family, credential, by_identifier, used, ends_at FROM issue_refresh
        WHERE digest = $1 AND issuer = $2";
    USE = "UPDATE issue_refresh SET used = 1 WHERE digest = $1 AND used = 0";
    COUNT = "SELECT count(*) FROM issue_refresh WHERE family = $1";
    BIND = "UPDATE issue_refresh SET credential = $2, ends_at = $3 WHERE family = $1 AND used = 0";
    END = "DELETE FROM issue_refresh WHERE family = $1";
    END_ACCESS = "UPDATE issue_offer SET ends_at = $2 WHERE (id = $1 OR family = $1) AND ends_at > $2";
    DELETE_OLD = "DELETE FROM issue_refresh WHERE digest IN (
        SELECT digest FROM issue_refresh WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2)";
    INSERT_REFRESHED = "INSERT INTO issue_offer
        (id, person, type, form, code, tries, access, by_identifier, responses, credential, created_by, created_at,
            ends_at, issuer, family)
        VALUES ($1, $2, $3, '{}', $4, 0, $4, $5, 0, $6, $7, $8, $9, $10, $11)";
    MOVE_EXPIRY = "UPDATE issue_credential SET expires_at = $2 WHERE id = $1 AND expires_at < $2";
}

fn token(row: &Row) -> Result<RefreshToken, Error> {
    Ok(RefreshToken {
        family: OfferId::from_i64(row.int(0)?),
        credential: row.opt_int(1)?.map(CredentialId::from_i64),
        by_identifier: row.int(2)? != 0,
        used: row.int(3)? != 0,
        ends_at: Instant::from_ms(row.int(4)?),
    })
}

/// Keeps a token that was not used yet.
pub(crate) async fn insert(
    tx: &mut Tx<'_>,
    issuer: &str,
    digest: &[u8; 32],
    token: &RefreshToken,
) -> Result<(), Error> {
    let values = params![digest, token.family, issuer, token.credential, token.by_identifier, token.ends_at];
    tx.execute(&INSERT, values).await.map(drop)
}

pub(crate) async fn by_digest(
    tx: &mut Tx<'_>,
    issuer: &str,
    digest: &[u8; 32],
) -> Result<Option<RefreshToken>, Error> {
    tx.optional(&BY_DIGEST, params![digest, issuer]).await?.as_ref().map(token).transpose()
}

/// Whether the token was unused until now.
pub(crate) async fn consume(tx: &mut Tx<'_>, digest: &[u8; 32]) -> Result<bool, Error> {
    Ok(tx.execute(&USE, params![digest]).await? == 1)
}

/// How many tokens of a family are kept, used ones included.
pub(crate) async fn count(tx: &mut Tx<'_>, family: OfferId) -> Result<i64, Error> {
    tx.one(&COUNT, params![family]).await?.int(0)
}

/// Binds the family's unused token to what was issued, and lets it end with that.
pub(crate) async fn bind(
    tx: &mut Tx<'_>,
    family: OfferId,
    credential: CredentialId,
    ends_at: Instant,
) -> Result<(), Error> {
    tx.execute(&BIND, params![family, credential, ends_at]).await.map(drop)
}

/// Ends a family: its refresh tokens and its access tokens.
pub(crate) async fn end(tx: &mut Tx<'_>, family: OfferId, now: Instant) -> Result<(), Error> {
    tx.execute(&END, params![family]).await?;
    tx.execute(&END_ACCESS, params![family, now]).await.map(drop)
}

/// Deletes `rows` tokens that ended by `before`; answers how many there were.
pub(crate) async fn delete_old(tx: &mut Tx<'_>, before: Instant, rows: i64) -> Result<u64, Error> {
    tx.execute(&DELETE_OLD, params![before, rows]).await
}

/// Keeps what a refreshed access token is good for. It has no code: the digest of the token stands there, which no
/// code has.
pub(crate) async fn insert_refreshed(
    tx: &mut Tx<'_>,
    issuer: &str,
    offer: &Offer,
    access: &[u8; 32],
) -> Result<(), Error> {
    let OfferState::Accepted { by_identifier, credential, .. } = offer.state else { return Ok(()) };
    let (by, at, ends_at) = (&offer.created_by, offer.created_at, offer.ends_at);
    let values = params![
        offer.id,
        offer.person,
        offer.type_id,
        access,
        by_identifier,
        credential,
        by,
        at,
        ends_at,
        issuer,
        offer.family
    ];
    tx.execute(&INSERT_REFRESHED, values).await.map(drop)
}

/// Moves the end of a credential, only ever later.
pub(crate) async fn move_expiry(tx: &mut Tx<'_>, id: CredentialId, to: Instant) -> Result<(), Error> {
    tx.execute(&MOVE_EXPIRY, params![id, to]).await.map(drop)
}
