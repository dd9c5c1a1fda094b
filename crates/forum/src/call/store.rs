//! The rows of calls, their forms and their extensions.

use base::Instant;
use store::{Error, Row, Tx, params};

use super::{
    form::Form,
    model::{Call, Done, Extension, NewCall, Stage, Window},
};
use crate::{CallId, CircularId, Deadline, PartyClass, Policy, stored};

store::statements! {
    INSERT_CALL = "INSERT INTO forum_call (id, circular, kind, title, introduction, audience, languages, form, opens,
            closes, zone, wording, grace_ms, modify_until, party_limit, policy, contact, documents, symbol, stage, stage_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, 'draft', $20)
        ON CONFLICT (symbol) DO NOTHING";
    UPDATE_CALL = "UPDATE forum_call SET circular = $2, kind = $3, title = $4, introduction = $5, audience = $6,
            languages = $7, form = $8, opens = $9, closes = $10, zone = $11, wording = $12, grace_ms = $13,
            modify_until = $14, party_limit = $15, policy = $16, contact = $17, documents = $18
        WHERE id = $1";
    SET_STAGE = "UPDATE forum_call SET stage = $2, stage_at = $3, stage_reason = $4,
            published_at = CASE WHEN $2 = 'published' THEN $3 ELSE published_at END
        WHERE id = $1";
    CONSIDER = "UPDATE forum_call SET stage = 'considered', stage_at = $2, considered_item = $3 WHERE id = $1";
    SET_DEADLINE = "UPDATE forum_call SET closes = $2, zone = $3, wording = $4, modify_until = $5 WHERE id = $1";
    CALL = "SELECT k.id, k.symbol, k.kind, k.title, k.introduction, k.audience, k.languages, f.form, k.opens, k.closes,
            k.zone, k.wording, k.grace_ms, k.modify_until, k.party_limit, k.policy, k.contact, k.documents, k.circular,
            c.symbol, k.stage, k.stage_at, k.stage_reason, k.published_at, k.considered_item
        FROM forum_call k JOIN forum_form f ON f.call = k.id AND f.version = k.form
            LEFT JOIN forum_circular c ON c.id = k.circular
        WHERE k.symbol = $1";
    CALLS = "SELECT k.id, k.symbol, k.kind, k.title, k.introduction, k.audience, k.languages, f.form, k.opens, k.closes,
            k.zone, k.wording, k.grace_ms, k.modify_until, k.party_limit, k.policy, k.contact, k.documents, k.circular,
            c.symbol, k.stage, k.stage_at, k.stage_reason, k.published_at, k.considered_item
        FROM forum_call k JOIN forum_form f ON f.call = k.id AND f.version = k.form
            LEFT JOIN forum_circular c ON c.id = k.circular
        WHERE (CAST($1 AS BIGINT) = 1 OR k.stage <> 'draft') AND (k.closes, k.id) < ($2, $3)
        ORDER BY k.closes DESC, k.id DESC LIMIT $4";
    GATE = "SELECT id, form, opens, closes, grace_ms, modify_until, party_limit, policy, audience, stage
        FROM forum_call WHERE symbol = $1";
    GATE_OF_ID = "SELECT id, form, opens, closes, grace_ms, modify_until, party_limit, policy, audience, stage
        FROM forum_call WHERE id = $1";
    PASSED = "SELECT k.symbol FROM forum_call k
        WHERE k.stage IN ('announced', 'published', 'considered') AND (
            (k.opens <= $1
                AND NOT EXISTS (SELECT 1 FROM forum_passage p WHERE p.call = k.id AND p.what = 'opened'))
            OR (k.closes + k.grace_ms <= $1
                AND NOT EXISTS (SELECT 1 FROM forum_passage p WHERE p.call = k.id AND p.what = 'closed')))
        ORDER BY k.opens, k.id LIMIT $2";
    NOTE_PASSAGE = "INSERT INTO forum_passage (call, what) VALUES ($1, $2) ON CONFLICT (call, what) DO NOTHING";
    PUT_JOIN_LINK = "INSERT INTO forum_join (call, link) VALUES ($1, $2)
        ON CONFLICT (call) DO UPDATE SET link = excluded.link";
    JOIN_LINK = "SELECT link FROM forum_join WHERE call = $1";
    DRAFTED_UNDER = "SELECT id, symbol FROM forum_call WHERE circular = $1 AND stage = 'draft' ORDER BY opens, id";
    INSERT_FORM = "INSERT INTO forum_form (call, version, form) VALUES ($1, $2, $3)";
    FORM = "SELECT form FROM forum_form WHERE call = $1 AND version = $2";
    INSERT_EXTENSION = "INSERT INTO forum_extension (call, number, from_instant, from_zone, from_wording, to_instant,
            to_zone, to_wording, reason, extended_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    EXTENSIONS = "SELECT number, from_instant, from_zone, from_wording, to_instant, to_zone, to_wording, reason,
            extended_at
        FROM forum_extension WHERE call = $1 ORDER BY number";
}

/// What decides whether something is received.
pub(crate) struct Gate {
    pub(crate) id: CallId,
    pub(crate) form_version: i64,
    pub(crate) window: Window,
    pub(crate) party_limit: Option<i64>,
    pub(crate) policy: Policy,
    pub(crate) audience: Vec<PartyClass>,
    pub(crate) stage: Stage,
}

impl Gate {
    /// Whether nobody may read what was submitted: it is sealed, and has not closed. What was annulled stays sealed.
    pub(crate) fn is_sealed(&self, at: Instant) -> bool {
        let is_over = match self.stage {
            Stage::Announced => at >= self.window.ends(),
            Stage::Published | Stage::Considered => true,
            Stage::Draft | Stage::Withdrawn | Stage::Annulled => false,
        };
        self.policy == Policy::SealedUntilClose && !is_over
    }

    /// Whether what was submitted was published, so that nothing more is received.
    pub(crate) const fn is_published(&self) -> bool {
        matches!(self.stage, Stage::Published | Stage::Considered)
    }

    /// Whether what was submitted can be public.
    pub(crate) fn is_open_to_readers(&self) -> bool {
        match self.stage {
            Stage::Published | Stage::Considered => true,
            Stage::Announced | Stage::Annulled => self.policy == Policy::AtOnce,
            Stage::Draft | Stage::Withdrawn => false,
        }
    }
}

fn gate(row: &Row) -> Result<Gate, Error> {
    Ok(Gate {
        id: row.id(0)?,
        form_version: row.int(1)?,
        window: Window {
            opens: row.instant(2)?,
            closes: row.instant(3)?,
            grace_ms: row.int(4)?,
            modify_until: row.opt_instant(5)?,
        },
        party_limit: row.opt_int(6)?,
        policy: row.read(7, stored::word)?,
        audience: row.read(8, stored::parse)?,
        stage: row.read(9, stored::word)?,
    })
}

fn deadline(row: &Row, at: usize) -> Result<Deadline, Error> {
    Ok(Deadline {
        instant: row.instant(at)?,
        zone: row.text(at + 1)?.to_owned(),
        wording: row.read(at + 2, stored::word)?,
    })
}

fn call(row: &Row) -> Result<Call, Error> {
    let said = NewCall {
        symbol: row.text(1)?.to_owned(),
        circular: row.opt_text(19)?.map(str::to_owned),
        kind: row.read(2, stored::word)?,
        title: row.read(3, stored::parse)?,
        introduction: row.read(4, stored::parse)?,
        audience: row.read(5, stored::parse)?,
        languages: row.read(6, stored::parse)?,
        form: row.read(7, stored::parse)?,
        opens: row.instant(8)?,
        closes: deadline(row, 9)?,
        grace_ms: row.int(12)?,
        modify_until: row.opt_instant(13)?,
        party_limit: row.opt_int(14)?,
        policy: row.read(15, stored::word)?,
        contact: row.text(16)?.to_owned(),
        documents: row.read(17, stored::parse_files)?,
    };
    Ok(Call {
        id: row.id(0)?,
        said,
        circular_id: row.opt_id(18)?,
        stage: row.read(20, stored::word)?,
        done: Done { at: row.instant(21)?, reason: row.opt_text(22)?.map(str::to_owned) },
        published_at: row.opt_instant(23)?,
        considered_at_item: row.opt_text(24)?.map(str::to_owned),
        extensions: Vec::new(),
    })
}

/// The parameters of [`INSERT_CALL`] and [`UPDATE_CALL`]: what both take, in their order, then what one takes besides.
macro_rules! said {
    ($id:expr, $circular:expr, $c:expr $(, $more:expr)*) => {
        params![
            $id,
            $circular,
            $c.kind,
            stored::json(&$c.title),
            stored::json(&$c.introduction),
            stored::json(&$c.audience),
            stored::json(&$c.languages),
            $c.form.version,
            $c.opens,
            $c.closes.instant,
            $c.closes.zone,
            $c.closes.wording,
            $c.grace_ms,
            $c.modify_until,
            $c.party_limit,
            $c.policy,
            $c.contact,
            stored::files_json(&$c.documents)
            $(, $more)*
        ]
    };
}

/// `false` if the symbol is taken. The form is its version 1.
pub(crate) async fn insert(
    tx: &mut Tx<'_>,
    id: CallId,
    c: &NewCall,
    circular: Option<CircularId>,
    at: Instant,
) -> Result<bool, Error> {
    let is_new = tx.execute(&INSERT_CALL, said![id, circular, c, c.symbol, at]).await? == 1;
    if is_new {
        insert_form(tx, id, &c.form).await?;
    }
    Ok(is_new)
}

pub(crate) async fn insert_form(tx: &mut Tx<'_>, id: CallId, form: &Form) -> Result<(), Error> {
    tx.execute(&INSERT_FORM, params![id, form.version, stored::json(form)]).await.map(drop)
}

pub(crate) async fn update(
    tx: &mut Tx<'_>,
    id: CallId,
    c: &NewCall,
    circular: Option<CircularId>,
) -> Result<(), Error> {
    tx.execute(&UPDATE_CALL, said![id, circular, c]).await.map(drop)
}

pub(crate) async fn set_stage(
    tx: &mut Tx<'_>,
    id: CallId,
    stage: Stage,
    at: Instant,
    reason: Option<&str>,
) -> Result<(), Error> {
    tx.execute(&SET_STAGE, params![id, stage, at, reason]).await.map(drop)
}

pub(crate) async fn consider(tx: &mut Tx<'_>, id: CallId, at: Instant, item: &str) -> Result<(), Error> {
    tx.execute(&CONSIDER, params![id, at, item]).await.map(drop)
}

/// Moves the deadline, and keeps the one before.
pub(crate) async fn extend(
    tx: &mut Tx<'_>,
    id: CallId,
    e: &Extension,
    modify_until: Option<Instant>,
) -> Result<(), Error> {
    let (from, to) = (&e.from, &e.to);
    tx.execute(
        &INSERT_EXTENSION,
        params![
            id,
            e.number,
            from.instant,
            from.zone,
            from.wording,
            to.instant,
            to.zone,
            to.wording,
            e.reason,
            e.extended_at
        ],
    )
    .await?;
    tx.execute(&SET_DEADLINE, params![id, to.instant, to.zone, to.wording, modify_until]).await.map(drop)
}

pub(crate) async fn get(tx: &mut Tx<'_>, symbol: &str) -> Result<Option<Call>, Error> {
    let Some(row) = tx.optional(&CALL, params![symbol]).await? else { return Ok(None) };
    let mut found = call(&row)?;
    found.extensions = extensions(tx, found.id).await?;
    Ok(Some(found))
}

async fn extensions(tx: &mut Tx<'_>, id: CallId) -> Result<Vec<Extension>, Error> {
    let rows = tx.all(&EXTENSIONS, params![id]).await?;
    rows.iter()
        .map(|row| {
            Ok(Extension {
                number: row.int(0)?,
                from: deadline(row, 1)?,
                to: deadline(row, 4)?,
                reason: row.text(7)?.to_owned(),
                extended_at: row.instant(8)?,
            })
        })
        .collect()
}

/// Those that everybody may know of, or all, the latest deadline first, after the one with this deadline and id.
pub(crate) async fn list(
    tx: &mut Tx<'_>,
    drafts: bool,
    after: Option<(Instant, CallId)>,
    limit: i64,
) -> Result<Vec<Call>, Error> {
    let (closes, id) = after.unwrap_or((Instant::from_ms(i64::MAX), CallId::from_i64(i64::MAX)));
    let rows = tx.all(&CALLS, params![i64::from(drafts), closes, id, limit]).await?;
    let mut all = Vec::new();
    for row in &rows {
        let mut found = call(row)?;
        found.extensions = extensions(tx, found.id).await?;
        all.push(found);
    }
    Ok(all)
}

pub(crate) async fn gate_of(tx: &mut Tx<'_>, symbol: &str) -> Result<Option<Gate>, Error> {
    tx.optional(&GATE, params![symbol]).await?.as_ref().map(gate).transpose()
}

pub(crate) async fn gate_of_id(tx: &mut Tx<'_>, id: CallId) -> Result<Gate, Error> {
    gate(&tx.one(&GATE_OF_ID, params![id]).await?)
}

/// Ids and symbols of the drafts under a circular.
pub(crate) async fn drafted_under(
    tx: &mut Tx<'_>,
    circular: CircularId,
) -> Result<Vec<(CallId, String)>, Error> {
    let rows = tx.all(&DRAFTED_UNDER, params![circular]).await?;
    rows.iter().map(|row| Ok((row.id(0)?, row.text(1)?.to_owned()))).collect()
}

pub(crate) async fn form(tx: &mut Tx<'_>, id: CallId, version: i64) -> Result<Option<Form>, Error> {
    let row = tx.optional(&FORM, params![id, version]).await?;
    row.map(|row| row.read(0, stored::parse)).transpose()
}

pub(crate) async fn put_join_link(tx: &mut Tx<'_>, id: CallId, link: &str) -> Result<(), Error> {
    tx.execute(&PUT_JOIN_LINK, params![id, link]).await.map(drop)
}

pub(crate) async fn join_link(tx: &mut Tx<'_>, id: CallId) -> Result<Option<String>, Error> {
    let row = tx.optional(&JOIN_LINK, params![id]).await?;
    row.map(|row| row.text(0).map(str::to_owned)).transpose()
}

/// The symbols of calls that have opened or closed by `at`, of which the log does not know yet.
pub(crate) async fn passed(tx: &mut Tx<'_>, at: Instant, limit: i64) -> Result<Vec<String>, Error> {
    let rows = tx.all(&PASSED, params![at, limit]).await?;
    rows.iter().map(|row| row.text(0).map(str::to_owned)).collect()
}

/// `false` if it was noted before.
pub(crate) async fn note_passage(tx: &mut Tx<'_>, id: CallId, what: &str) -> Result<bool, Error> {
    Ok(tx.execute(&NOTE_PASSAGE, params![id, what]).await? == 1)
}
