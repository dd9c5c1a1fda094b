//! The tables of asking: SQL in, what was asked and answered out. The only file of this crate with SQL.

pub(crate) mod restore;

use std::collections::BTreeMap;

use base::{
    Instant,
    limits::{CLOCK_STEP_S, REQUEST_LIFETIME_S},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::{Error, Migration, Row, Sql, Tx, params};

use crate::model::{Approved, Declined, Issuer, Noted, Outcome, Proof, ProvenCredential, RequestId};

/// The tables of this feature.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "ask_001_requests",
        sql: "
CREATE TABLE ask_request (
    id BIGINT PRIMARY KEY,
    request_sha256 BYTEA NOT NULL UNIQUE,
    response_sha256 BYTEA NOT NULL UNIQUE,
    wait_sha256 BYTEA NOT NULL UNIQUE,
    request_object TEXT NOT NULL,
    purpose TEXT NOT NULL,
    return_to TEXT,
    session_sha256 BYTEA,
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    refused_code TEXT,
    refused_at BIGINT,
    declined_error TEXT,
    declined_at BIGINT,
    noted BIGINT NOT NULL
);
CREATE TABLE ask_answer (
    request BIGINT PRIMARY KEY REFERENCES ask_request (id),
    undetermined TEXT,
    result TEXT NOT NULL,
    evidence BYTEA NOT NULL,
    salt BYTEA NOT NULL,
    answered_at BIGINT NOT NULL,
    code_sha256 BYTEA UNIQUE,
    code_expires_at BIGINT,
    redeemed_at BIGINT,
    rejected_at BIGINT
);
CREATE INDEX ask_request_expires_at ON ask_request (expires_at);
CREATE INDEX ask_answer_answered_at ON ask_answer (answered_at);
CREATE INDEX ask_answer_code_expires_at ON ask_answer (code_expires_at);
",
    },
    // The key to which the answer is encrypted, sealed; none where it is not, or once it is over.
    Migration {
        name: "ask_002_response_keys",
        sql: "
ALTER TABLE ask_request ADD COLUMN response_key BYTEA;
",
    },
    // Where the waiting page leads on to.
    Migration { name: "ask_003_continue", sql: "ALTER TABLE ask_request ADD COLUMN continue_to TEXT" },
    // Names of the staff are told apart from those of features.
    Migration {
        name: "ask_004_whose",
        sql: "UPDATE ask_request SET asked_by = 'staff:' || asked_by WHERE asked_by NOT IN ('login', 'forum')",
    },
];

store::statements! {
    INSERT_REQUEST = "INSERT INTO ask_request
        (id, request_sha256, response_sha256, wait_sha256, request_object, purpose, return_to, session_sha256,
         asked_by, asked_at, expires_at, response_key, continue_to, noted)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0)";
    FORGET_RESPONSE_KEY = "UPDATE ask_request SET response_key = NULL WHERE id = $1";
    FORGET_RESPONSE_KEYS = "UPDATE ask_request SET response_key = NULL
        WHERE expires_at <= $1 AND response_key IS NOT NULL";
    REQUEST = "SELECT r.id, r.request_object, r.purpose, r.return_to, r.session_sha256,
        r.expires_at, r.refused_code, r.refused_at, r.declined_error, r.declined_at,
        a.request, a.code_expires_at, a.redeemed_at, a.rejected_at, r.response_key, r.continue_to, r.asked_by
        FROM ask_request r LEFT JOIN ask_answer a ON a.request = r.id WHERE r.id = $1";
    REQUEST_BY_REQUEST_TOKEN = "SELECT r.id, r.request_object, r.purpose, r.return_to, r.session_sha256,
        r.expires_at, r.refused_code, r.refused_at, r.declined_error, r.declined_at,
        a.request, a.code_expires_at, a.redeemed_at, a.rejected_at, r.response_key, r.continue_to, r.asked_by
        FROM ask_request r LEFT JOIN ask_answer a ON a.request = r.id WHERE r.request_sha256 = $1";
    REQUEST_BY_RESPONSE_TOKEN = "SELECT r.id, r.request_object, r.purpose, r.return_to, r.session_sha256,
        r.expires_at, r.refused_code, r.refused_at, r.declined_error, r.declined_at,
        a.request, a.code_expires_at, a.redeemed_at, a.rejected_at, r.response_key, r.continue_to, r.asked_by
        FROM ask_request r LEFT JOIN ask_answer a ON a.request = r.id WHERE r.response_sha256 = $1";
    REQUEST_BY_WAIT_TOKEN = "SELECT r.id, r.request_object, r.purpose, r.return_to, r.session_sha256,
        r.expires_at, r.refused_code, r.refused_at, r.declined_error, r.declined_at,
        a.request, a.code_expires_at, a.redeemed_at, a.rejected_at, r.response_key, r.continue_to, r.asked_by
        FROM ask_request r LEFT JOIN ask_answer a ON a.request = r.id WHERE r.wait_sha256 = $1";
    REQUEST_BY_CODE = "SELECT r.id, r.request_object, r.purpose, r.return_to, r.session_sha256,
        r.expires_at, r.refused_code, r.refused_at, r.declined_error, r.declined_at,
        a.request, a.code_expires_at, a.redeemed_at, a.rejected_at, r.response_key, r.continue_to, r.asked_by
        FROM ask_request r JOIN ask_answer a ON a.request = r.id WHERE a.code_sha256 = $1";
    NOTE_REFUSED = "UPDATE ask_request SET refused_code = $2, refused_at = $3, noted = noted + 1
        WHERE id = $1 AND noted < $4";
    NOTE_DECLINED = "UPDATE ask_request SET declined_error = $2, declined_at = $3, noted = noted + 1
        WHERE id = $1 AND noted < $4";
    INSERT_ANSWER = "INSERT INTO ask_answer
        (request, undetermined, result, evidence, salt, answered_at, code_sha256, code_expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (request) DO NOTHING";
    ANSWER = "SELECT undetermined, result, evidence, salt, answered_at FROM ask_answer WHERE request = $1";
    REDEEM = "UPDATE ask_answer SET redeemed_at = $2
        WHERE request = $1 AND redeemed_at IS NULL AND rejected_at IS NULL";
    REJECT = "UPDATE ask_answer SET rejected_at = $2, result = '', evidence = $3
        WHERE request = $1 AND redeemed_at IS NULL AND rejected_at IS NULL";
    ERASE_ANSWERS = "DELETE FROM ask_answer WHERE answered_at <= $1
        OR (code_expires_at <= $2 AND redeemed_at IS NULL)";
    ERASE_REQUESTS = "DELETE FROM ask_request WHERE expires_at <= $1
        AND NOT EXISTS (SELECT 1 FROM ask_answer a WHERE a.request = ask_request.id)";
}

/// A request to be kept.
#[derive(Debug, Clone)]
pub(crate) struct NewRequest {
    pub(crate) id: RequestId,
    pub(crate) request_sha256: [u8; 32],
    pub(crate) response_sha256: [u8; 32],
    pub(crate) wait_sha256: [u8; 32],
    /// Sealed.
    pub(crate) response_key: Option<Vec<u8>>,
    pub(crate) request_object: String,
    pub(crate) purpose: String,
    pub(crate) return_to: Option<String>,
    pub(crate) session_sha256: Option<[u8; 32]>,
    pub(crate) continue_to: Option<String>,
    pub(crate) asked_by: String,
    pub(crate) asked_at: Instant,
    pub(crate) expires_at: Instant,
}

/// A request as it is kept, and how far it is.
#[derive(Debug, Clone)]
pub(crate) struct KeptRequest {
    pub(crate) id: RequestId,
    pub(crate) request_object: String,
    pub(crate) purpose: String,
    pub(crate) asked_by: String,
    pub(crate) return_to: Option<String>,
    pub(crate) session_sha256: Option<Vec<u8>>,
    /// Where the waiting page leads on to.
    pub(crate) continue_to: Option<String>,
    /// Sealed.
    pub(crate) response_key: Option<Vec<u8>>,
    pub(crate) expires_at: Instant,
    pub(crate) noted: Noted,
    pub(crate) answered: Option<Return>,
}

impl KeptRequest {
    /// Whether it can no longer be answered. What a clock made that was far ahead would not end before that time comes: it
    /// is over too.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        now >= self.expires_at || self.expires_at > now.plus_secs(REQUEST_LIFETIME_S + CLOCK_STEP_S)
    }
}

/// How far the person is on the way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Return {
    /// Nobody has to come back: the answer counts.
    NotNeeded,
    /// Awaited until then.
    Awaited { until: Instant },
    /// Back in the session that asked.
    Redeemed,
    /// Came back in another session.
    Rejected,
}

/// An answer to be kept.
#[derive(Debug, Clone)]
pub(crate) struct NewAnswer {
    pub(crate) request: RequestId,
    pub(crate) undetermined: Option<&'static str>,
    pub(crate) result: String,
    pub(crate) evidence: Vec<u8>,
    pub(crate) salt: [u8; 32],
    pub(crate) answered_at: Instant,
    pub(crate) code: Option<([u8; 32], Instant)>,
}

/// By what a request is found.
#[derive(Debug, Clone)]
pub(crate) enum Find {
    Id(RequestId),
    /// SHA-256 of the token in the address at which a wallet fetches the request.
    RequestToken([u8; 32]),
    /// SHA-256 of the token in the address to which a wallet answers.
    ResponseToken([u8; 32]),
    /// SHA-256 of the token in the address of the waiting page.
    WaitToken([u8; 32]),
    /// SHA-256 of a response code.
    Code([u8; 32]),
}

pub(crate) async fn insert_request(tx: &mut Tx<'_>, r: &NewRequest) -> Result<(), Error> {
    let session = r.session_sha256.as_ref().map(<[u8; 32]>::as_slice);
    tx.execute(
        &INSERT_REQUEST,
        params![
            r.id,
            r.request_sha256,
            r.response_sha256,
            r.wait_sha256,
            r.request_object,
            r.purpose,
            r.return_to,
            session,
            r.asked_by,
            r.asked_at,
            r.expires_at,
            r.response_key.as_deref(),
            r.continue_to
        ],
    )
    .await
    .map(|_| ())
}

pub(crate) async fn find(tx: &mut Tx<'_>, by: &Find) -> Result<Option<KeptRequest>, Error> {
    let (sql, key): (&Sql, store::Value<'_>) = match by {
        Find::Id(id) => (&REQUEST, store::Value::Int(id.as_i64())),
        Find::RequestToken(sha256) => (&REQUEST_BY_REQUEST_TOKEN, store::Value::Bytes(sha256)),
        Find::ResponseToken(sha256) => (&REQUEST_BY_RESPONSE_TOKEN, store::Value::Bytes(sha256)),
        Find::WaitToken(sha256) => (&REQUEST_BY_WAIT_TOKEN, store::Value::Bytes(sha256)),
        Find::Code(sha256) => (&REQUEST_BY_CODE, store::Value::Bytes(sha256)),
    };
    tx.optional(sql, &[key]).await?.as_ref().map(kept_request).transpose()
}

fn kept_request(row: &Row) -> Result<KeptRequest, Error> {
    let at = |column| row.opt_int(column).map(|ms| ms.map(Instant::from_ms));
    let text = |column| row.opt_text(column).map(|t| t.map(str::to_owned));
    let refused = text(6)?.zip(at(7)?);
    let declined = text(8)?.zip(at(9)?).map(|(error, at)| Declined { error, at });
    let answered = match (row.opt_int(10)?, at(11)?, row.opt_int(12)?, row.opt_int(13)?) {
        (None, ..) => None,
        (Some(_), _, _, Some(_)) => Some(Return::Rejected),
        (Some(_), _, Some(_), None) => Some(Return::Redeemed),
        (Some(_), Some(until), None, None) => Some(Return::Awaited { until }),
        (Some(_), None, None, None) => Some(Return::NotNeeded),
    };
    Ok(KeptRequest {
        id: RequestId::from_i64(row.int(0)?),
        request_object: row.text(1)?.to_owned(),
        purpose: row.text(2)?.to_owned(),
        return_to: text(3)?,
        session_sha256: row.opt_bytes(4)?.map(<[u8]>::to_vec),
        response_key: row.opt_bytes(14)?.map(<[u8]>::to_vec),
        continue_to: text(15)?,
        asked_by: row.text(16)?.to_owned(),
        expires_at: Instant::from_ms(row.int(5)?),
        noted: Noted { refused, declined },
        answered,
    })
}

pub(crate) async fn note_refused(
    tx: &mut Tx<'_>,
    id: RequestId,
    code: &str,
    at: Instant,
) -> Result<(), Error> {
    tx.execute(&NOTE_REFUSED, params![id, code, at, base::limits::RESPONSES_NOTED_MAX]).await.map(|_| ())
}

pub(crate) async fn note_declined(
    tx: &mut Tx<'_>,
    id: RequestId,
    error: &str,
    at: Instant,
) -> Result<(), Error> {
    tx.execute(&NOTE_DECLINED, params![id, error, at, base::limits::RESPONSES_NOTED_MAX]).await.map(|_| ())
}

/// Keeps an answer, and forgets the key with which it was read; `false` if there was one already.
pub(crate) async fn insert_answer(tx: &mut Tx<'_>, a: &NewAnswer) -> Result<bool, Error> {
    let (code, until) = a.code.as_ref().map(|(sha256, until)| (sha256.as_slice(), *until)).unzip();
    let kept = tx
        .execute(
            &INSERT_ANSWER,
            params![a.request, a.undetermined, a.result, a.evidence, a.salt, a.answered_at, code, until],
        )
        .await?;
    tx.execute(&FORGET_RESPONSE_KEY, params![a.request]).await?;
    Ok(kept == 1)
}

/// Marks the code of an answer as used; `false` if it was. Of an answer that came back in another session nothing
/// is kept but that there was one.
pub(crate) async fn redeem(
    tx: &mut Tx<'_>,
    request: RequestId,
    at: Instant,
    in_session: bool,
) -> Result<bool, Error> {
    let nothing: &[u8] = &[];
    let changed = if in_session {
        tx.execute(&REDEEM, params![request, at]).await?
    } else {
        tx.execute(&REJECT, params![request, at, nothing]).await?
    };
    Ok(changed == 1)
}

/// Erases answers that arrived until `answers` or whose code ran out until `requests` without being redeemed in its
/// session; then requests that ended until `requests` and have no answer. How many rows. The keys of requests that are over at
/// `now` are forgotten.
pub(crate) async fn erase(
    tx: &mut Tx<'_>,
    requests: Instant,
    answers: Instant,
    now: Instant,
) -> Result<u64, Error> {
    tx.execute(&FORGET_RESPONSE_KEYS, params![now]).await?;
    let erased = tx.execute(&ERASE_ANSWERS, params![answers, requests]).await?;
    Ok(erased.saturating_add(tx.execute(&ERASE_REQUESTS, params![requests]).await?))
}

/// The answer that was kept.
pub(crate) async fn outcome(tx: &mut Tx<'_>, request: RequestId) -> Result<Option<Outcome>, Error> {
    let Some(row) = tx.optional(&ANSWER, params![request]).await? else { return Ok(None) };
    // What cannot be read proves nothing.
    let (Ok(kept), Ok(salt)) =
        (serde_json::from_str::<KeptResult>(row.text(1)?), <[u8; 32]>::try_from(row.bytes(3)?))
    else {
        tracing::error!("an answer that was kept cannot be read");
        return Ok(Some(Outcome::Invalid(UNREADABLE.to_owned())));
    };
    let proof = kept.into_proof(row.bytes(2)?.to_vec(), salt, Instant::from_ms(row.int(4)?));
    Ok(Some(match row.opt_text(0)? {
        None => Outcome::Valid(proof),
        Some(reason) => Outcome::Undetermined(reason.to_owned(), proof),
    }))
}

/// The code of an answer that was kept and cannot be read.
const UNREADABLE: &str = "kept_unreadable";

/// How a proof is written in the column `result`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptResult {
    credentials: BTreeMap<String, Vec<KeptCredential>>,
    approved: Vec<KeptApproval>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptCredential {
    vct: String,
    issuer: String,
    country: Option<String>,
    anchor_sha256: String,
    claims: Map<String, Value>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptApproval {
    kind: String,
    credential_id: String,
    payload: Map<String, Value>,
}

impl KeptResult {
    pub(crate) fn new(credentials: &BTreeMap<String, Vec<ProvenCredential>>, approved: &[Approved]) -> Self {
        let credential = |c: &ProvenCredential| KeptCredential {
            vct: c.vct.clone(),
            issuer: c.issuer.name.clone(),
            country: c.issuer.country.clone(),
            anchor_sha256: formats::b64::encode(&c.issuer.anchor_sha256),
            claims: c.claims.clone(),
        };
        Self {
            credentials: credentials
                .iter()
                .map(|(id, list)| (id.clone(), list.iter().map(credential).collect()))
                .collect(),
            approved: approved
                .iter()
                .map(|a| KeptApproval {
                    kind: a.kind.clone(),
                    credential_id: a.credential_id.clone(),
                    payload: a.payload.clone(),
                })
                .collect(),
        }
    }

    fn into_proof(self, evidence: Vec<u8>, salt: [u8; 32], answered_at: Instant) -> Proof {
        let credential = |c: KeptCredential| {
            let anchor = formats::b64::decode(&c.anchor_sha256).ok().and_then(|b| b.try_into().ok());
            ProvenCredential {
                vct: c.vct,
                issuer: Issuer {
                    name: c.issuer,
                    country: c.country,
                    anchor_sha256: anchor.unwrap_or_default(),
                },
                claims: c.claims,
            }
        };
        let approved =
            |a: KeptApproval| Approved { kind: a.kind, credential_id: a.credential_id, payload: a.payload };
        Proof {
            credentials: self
                .credentials
                .into_iter()
                .map(|(id, list)| (id, list.into_iter().map(credential).collect()))
                .collect(),
            approved: self.approved.into_iter().map(approved).collect(),
            evidence,
            salt,
            answered_at,
        }
    }
}
