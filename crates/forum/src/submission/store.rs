//! The rows of submissions.

use std::collections::BTreeMap;

use base::{Instant, Lang};
use log::{LeafId, Receipt};
use store::{Error, Row, Tx, params};

use super::model::{Contact, Entry, FileRef, State, StateWord, Translation};
use crate::{CallId, ContactId, Country, PartyOfSubmission, QuestionId, SubmissionId, stored};

store::statements! {
    INSERT_SUBMISSION = "INSERT INTO forum_submission (id, call, request, digest, form_version, lang, class, name, folded,
            country, region, person, capacity, standing, credential, party, leaf, supersedes, received_at, in_grace, state,
            commitment)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
        ON CONFLICT (call, request) DO NOTHING";
    INSERT_DOCUMENT = "INSERT INTO forum_document (submission, canonical, files, evidence, scan, recorded_by)
        VALUES ($1, $2, $3, $4, $5, $6)";
    INSERT_ANSWERED = "INSERT INTO forum_answered (submission, question) VALUES ($1, $2)";
    INSERT_CONTACT = "INSERT INTO forum_contact (id, about, subject, mail, lang) VALUES ($1, $2, $3, $4, $5)";
    BY_REQUEST = "SELECT s.id, s.digest, s.leaf, s.in_grace, s.received_at
        FROM forum_submission s JOIN forum_call k ON k.id = s.call WHERE k.symbol = $1 AND s.request = $2";
    TAKE_PLACE = "INSERT INTO forum_place (call, party, taken) VALUES ($1, $2, 1)
        ON CONFLICT (call, party) DO UPDATE SET taken = forum_place.taken + 1 WHERE forum_place.taken < $3";
    GIVE_PLACE = "UPDATE forum_place SET taken = taken - 1 WHERE call = $1 AND party = $2 AND taken > 0";
    ANY_OF_CALL = "SELECT 1 FROM forum_submission WHERE call = $1 LIMIT 1";
    ENTRY = "SELECT s.id, s.call, k.symbol, s.form_version, s.lang, s.digest, s.class, s.name, s.country, s.person,
            s.capacity, s.standing, s.credential, s.received_at, s.in_grace, s.supersedes, s.state, s.state_reason,
            s.superseded_by, s.party, s.leaf
        FROM forum_submission s JOIN forum_call k ON k.id = s.call WHERE s.id = $1";
    OF_CALL = "SELECT s.id, s.call, k.symbol, s.form_version, s.lang, s.digest, s.class, s.name, s.country, s.person,
            s.capacity, s.standing, s.credential, s.received_at, s.in_grace, s.supersedes, s.state, s.state_reason,
            s.superseded_by, s.party, s.leaf
        FROM forum_submission s JOIN forum_call k ON k.id = s.call
        WHERE s.call = $1 AND s.state = $2 AND (s.received_at, s.id) > ($3, $4)
        ORDER BY s.received_at, s.id LIMIT $5";
    SET_STATE = "UPDATE forum_submission SET state = $2, state_reason = $3, superseded_by = $4 WHERE id = $1";
    DOCUMENT = "SELECT canonical, files, evidence, scan FROM forum_document WHERE submission = $1";
    PUT_TRANSLATION = "INSERT INTO forum_translation (submission, lang, answers, summary, original, translated_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (submission, lang) DO UPDATE SET answers = excluded.answers, summary = excluded.summary,
            original = excluded.original, translated_at = excluded.translated_at";
    TRANSLATIONS = "SELECT lang, answers, summary, original, translated_at FROM forum_translation
        WHERE submission = $1 ORDER BY lang";
}

/// A submission that is about to be kept.
pub(crate) struct New<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) request: &'a str,
    pub(crate) party: &'a [u8; 32],
    pub(crate) receipt: &'a Receipt,
    pub(crate) canonical: &'a [u8],
    pub(crate) files: &'a [FileRef],
    pub(crate) evidence: Option<&'a [u8]>,
    pub(crate) scan: Option<&'a [u8; 32]>,
    pub(crate) recorded_by: Option<&'a str>,
    pub(crate) answered: &'a [QuestionId],
}

/// What is kept beside an entry, for those who decide.
pub(crate) struct Kept {
    pub(crate) entry: Entry,
    pub(crate) party: [u8; 32],
    pub(crate) leaf: LeafId,
}

/// One that was received under the same name before.
pub(crate) struct Earlier {
    pub(crate) id: SubmissionId,
    pub(crate) digest: [u8; 32],
    pub(crate) leaf: LeafId,
    pub(crate) in_grace: bool,
    pub(crate) received_at: Instant,
}

/// A party's name as it is searched in.
pub(crate) fn folded(name: &str) -> String {
    name.to_lowercase()
}

/// `false` if something of the same name was received before.
pub(crate) async fn insert(tx: &mut Tx<'_>, new: &New<'_>) -> Result<bool, Error> {
    let e = new.entry;
    let p = &e.party;
    let inserted = tx
        .execute(
            &INSERT_SUBMISSION,
            params![
                e.id,
                e.call,
                new.request,
                e.digest,
                e.form_version,
                e.lang.as_str(),
                p.class,
                p.name,
                folded(&p.name),
                p.country.map_or("", Country::code),
                p.region().map_or("", crate::Region::as_str),
                p.person,
                p.capacity,
                e.standing,
                e.credential,
                new.party,
                new.receipt.leaf,
                e.supersedes,
                e.received_at,
                e.in_grace,
                e.state.word(),
                new.receipt.commitment
            ],
        )
        .await?;
    if inserted == 0 {
        return Ok(false);
    }
    let files = stored::files_json(new.files);
    tx.execute(
        &INSERT_DOCUMENT,
        params![e.id, new.canonical, files, new.evidence, new.scan, new.recorded_by],
    )
    .await?;
    for question in new.answered {
        tx.execute(&INSERT_ANSWERED, params![e.id, question.as_str()]).await?;
    }
    Ok(true)
}

/// The one place where how to reach somebody is written.
pub(crate) async fn insert_contact(
    tx: &mut Tx<'_>,
    id: ContactId,
    submission: SubmissionId,
    contact: &Contact,
) -> Result<(), Error> {
    tx.execute(&INSERT_CONTACT, params![id, "submission", submission, contact.mail, contact.lang.tag()])
        .await
        .map(drop)
}

pub(crate) async fn by_request(
    tx: &mut Tx<'_>,
    symbol: &str,
    request: &str,
) -> Result<Option<Earlier>, Error> {
    let row = tx.optional(&BY_REQUEST, params![symbol, request]).await?;
    row.map(|row| {
        Ok(Earlier {
            id: row.id(0)?,
            digest: row.array(1)?,
            leaf: row.id(2)?,
            in_grace: row.flag(3)?,
            received_at: row.instant(4)?,
        })
    })
    .transpose()
}

/// Counts one submission of a party more, unless as many count as may: `false`.
pub(crate) async fn take_place(
    tx: &mut Tx<'_>,
    call: CallId,
    party: &[u8; 32],
    limit: i64,
) -> Result<bool, Error> {
    Ok(tx.execute(&TAKE_PLACE, params![call, party, limit]).await? == 1)
}

/// Counts one less, where they are counted.
pub(crate) async fn give_place(tx: &mut Tx<'_>, call: CallId, party: &[u8; 32]) -> Result<(), Error> {
    tx.execute(&GIVE_PLACE, params![call, party]).await.map(drop)
}

/// Whether anything was ever received.
pub(crate) async fn any(tx: &mut Tx<'_>, call: CallId) -> Result<bool, Error> {
    Ok(tx.optional(&ANY_OF_CALL, params![call]).await?.is_some())
}

pub(crate) fn kept(row: &Row) -> Result<Kept, Error> {
    let text = |column| row.opt_text(column).map(|t| t.map(str::to_owned));
    let reason = text(17)?;
    let state = match row.read(16, stored::word)? {
        StateWord::Received => State::Received,
        StateWord::Admissible => State::Admissible,
        StateWord::Inadmissible => State::Inadmissible { reason: reason.unwrap_or_default() },
        StateWord::Published => State::Published,
        StateWord::Counted => State::Counted,
        StateWord::Withheld => State::Withheld { reason: reason.unwrap_or_default() },
        StateWord::Superseded => State::Superseded { by: row.id(18)? },
        StateWord::Withdrawn => State::Withdrawn { reason },
    };
    let country = row.text(8)?;
    let entry = Entry {
        id: row.id(0)?,
        call: row.id(1)?,
        symbol: row.text(2)?.to_owned(),
        form_version: row.int(3)?,
        lang: row.read(4, super::model::SubmissionLang::new)?,
        digest: row.array(5)?,
        party: PartyOfSubmission {
            class: row.read(6, stored::word)?,
            name: row.text(7)?.to_owned(),
            country: if country.is_empty() { None } else { Some(row.read(8, stored::word)?) },
            person: text(9)?,
            capacity: text(10)?,
        },
        standing: row.read(11, stored::word)?,
        credential: text(12)?,
        received_at: row.instant(13)?,
        in_grace: row.flag(14)?,
        supersedes: row.opt_id(15)?,
        state,
    };
    Ok(Kept { entry, party: row.array(19)?, leaf: row.id(20)? })
}

pub(crate) async fn get(tx: &mut Tx<'_>, id: SubmissionId) -> Result<Option<Kept>, Error> {
    tx.optional(&ENTRY, params![id]).await?.as_ref().map(kept).transpose()
}

/// Those of a call in one state, in the order of receipt, after the one that was received then and has this id.
pub(crate) async fn in_state(
    tx: &mut Tx<'_>,
    call: CallId,
    state: StateWord,
    after: Option<super::model::After>,
    limit: i64,
) -> Result<Vec<Entry>, Error> {
    let (at, id) = after.map_or((i64::MIN, 0), |a| (a.received_at.ms(), a.id.as_i64()));
    let rows = tx.all(&OF_CALL, params![call, state, at, id, limit]).await?;
    rows.iter().map(|row| kept(row).map(|k| k.entry)).collect()
}

pub(crate) async fn set_state(tx: &mut Tx<'_>, id: SubmissionId, state: &State) -> Result<(), Error> {
    let (reason, by) = match state {
        State::Inadmissible { reason } | State::Withheld { reason } => (Some(reason), None),
        State::Withdrawn { reason } => (reason.as_ref(), None),
        State::Superseded { by } => (None, Some(*by)),
        State::Received | State::Admissible | State::Published | State::Counted => (None, None),
    };
    tx.execute(&SET_STATE, params![id, state.word(), reason, by]).await.map(drop)
}

/// What is kept apart from the entry, because it is long.
pub(crate) struct Document {
    pub(crate) canonical: Vec<u8>,
    pub(crate) files: Vec<FileRef>,
    pub(crate) evidence: Option<Vec<u8>>,
    pub(crate) scan: Option<[u8; 32]>,
}

pub(crate) async fn document(tx: &mut Tx<'_>, id: SubmissionId) -> Result<Document, Error> {
    let row = tx.one(&DOCUMENT, params![id]).await?;
    Ok(Document {
        canonical: row.bytes(0)?.to_vec(),
        files: row.read(1, stored::parse_files)?,
        evidence: row.opt_bytes(2)?.map(<[u8]>::to_vec),
        scan: if row.opt_bytes(3)?.is_some() { Some(row.array(3)?) } else { None },
    })
}

pub(crate) async fn put_translation(tx: &mut Tx<'_>, id: SubmissionId, t: &Translation) -> Result<(), Error> {
    tx.execute(
        &PUT_TRANSLATION,
        params![id, t.lang.tag(), stored::json(&t.answers), t.summary, t.of, t.translated_at],
    )
    .await
    .map(drop)
}

/// The translations of a submission whose original is as it is now, or was replaced.
pub(crate) async fn translations(tx: &mut Tx<'_>, entry: &Entry) -> Result<Vec<Translation>, Error> {
    let rows = tx.all(&TRANSLATIONS, params![entry.id]).await?;
    let replaced = matches!(entry.state, State::Superseded { .. });
    rows.iter()
        .map(|row| {
            let of = row.array(3)?;
            Ok(Translation {
                lang: row.read(0, |tag| tag.parse::<Lang>().ok())?,
                answers: row.read(1, stored::parse::<BTreeMap<QuestionId, String>>)?,
                summary: row.opt_text(2)?.map(str::to_owned),
                of,
                translated_at: row.instant(4)?,
                is_stale: replaced || of != entry.digest,
            })
        })
        .collect()
}
