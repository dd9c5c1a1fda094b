//! The rows of notices.

use ::store::{Error, Row, Tx, Value, params};
use base::{Instant, Lang};

use super::model::{Kind, Link, New, NoticeId};
use crate::{Deadline, Multilingual, PartyClass, Stage, SubmissionId, addressee::store::place_of, stored};

/// The tables of notices. `contact` is no foreign key: when a contact is erased, its notices have nobody to go to.
pub(crate) const TABLES: &str = "
CREATE TABLE forum_notice (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    contact BIGINT NOT NULL,
    lang TEXT NOT NULL,
    about TEXT NOT NULL,
    link TEXT,
    link_until BIGINT,
    created_at BIGINT NOT NULL,
    outcome TEXT,
    settled_at BIGINT
);
CREATE INDEX forum_notice_settled ON forum_notice (settled_at) WHERE settled_at IS NOT NULL;
CREATE TABLE forum_mail_stopped (
    address BYTEA PRIMARY KEY,
    stopped_at BIGINT NOT NULL
);
";

::store::statements! {
    INSERT_NOTICE = "INSERT INTO forum_notice (id, kind, contact, lang, about, link, link_until, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    NOTICE = "SELECT kind, contact, lang, about, link, link_until FROM forum_notice
        WHERE id = $1 AND settled_at IS NULL";
    SETTLE_NOTICE = "UPDATE forum_notice SET outcome = $2, settled_at = $3 WHERE id = $1";
    ERASE_NOTICES = "DELETE FROM forum_notice WHERE id IN (
        SELECT id FROM forum_notice WHERE settled_at IS NOT NULL AND settled_at < $1 LIMIT $2)";
    NOTICE_ADDRESS = "SELECT mail FROM forum_contact WHERE id = $1";
    STOP_MAIL = "INSERT INTO forum_mail_stopped (address, stopped_at) VALUES ($1, $2) ON CONFLICT (address) DO NOTHING";
    IS_MAIL_STOPPED = "SELECT 1 FROM forum_mail_stopped WHERE address = $1";
    NOTICE_CIRCULAR = "SELECT subject FROM forum_circular WHERE symbol = $1 AND sent_at IS NOT NULL";
    NOTICE_CALL = "SELECT id, title, closes, zone, wording, grace_ms, stage FROM forum_call WHERE symbol = $1";
    NOTICE_SUBMISSION = "SELECT c.symbol, c.title, s.received_at FROM forum_submission s
        JOIN forum_call c ON c.id = s.call WHERE s.id = $1";
    NOTICE_EXTENSION = "SELECT from_instant, from_zone, from_wording FROM forum_extension
        WHERE call = $1 ORDER BY number DESC LIMIT 1";
    INSERT_NOTICE_ONCE = "INSERT INTO forum_notice (id, kind, contact, lang, about, created_at)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING";
    NOTICE_CLOSES = "SELECT closes FROM forum_call WHERE symbol = $1";
    NOTICE_ADDRESSEES = "SELECT addressees FROM forum_circular WHERE symbol = $1";
    /// As many places as there are classes.
    READERS_OF_CIRCULAR = "SELECT min(id), min(lang) FROM forum_contact WHERE about = 'addressee'
            AND subject IN ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        GROUP BY mail HAVING min(id) > $1 ORDER BY min(id) LIMIT $2";
    READERS_OF_CALL = "SELECT min(c.id), min(c.lang) FROM forum_contact c
        JOIN forum_submission s ON c.about = 'submission' AND c.subject = s.id
        JOIN forum_call k ON k.id = s.call
        WHERE k.symbol = $1 GROUP BY c.mail HAVING min(c.id) > $2 ORDER BY min(c.id) LIMIT $3";
    NOTICE_RECEIVED = "SELECT count(*) FROM forum_submission WHERE call = $1";
}

/// Somebody who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reader {
    pub(crate) contact: i64,
    pub(crate) lang: String,
}

/// The notice, unless there is one of this id; whether there was none.
pub(crate) async fn insert_once(
    tx: &mut Tx<'_>,
    id: NoticeId,
    new: &New,
    now: Instant,
) -> Result<bool, Error> {
    let (id, kind, lang) = (id.as_i64(), new.kind.word(), new.lang.tag());
    let values = params![id, kind, new.contact, lang, new.about, now];
    Ok(tx.execute(&INSERT_NOTICE_ONCE, values).await? == 1)
}

/// The deadline of a call.
pub(crate) async fn closes(tx: &mut Tx<'_>, symbol: &str) -> Result<Option<Instant>, Error> {
    let row = tx.optional(&NOTICE_CLOSES, params![symbol]).await?;
    row.map(|row| row.instant(0)).transpose()
}

/// Who is told of something, each address once: those who took part in a call, or those to whom a circular is addressed; at
/// most `most`, after the contact `after`.
pub(crate) async fn readers(
    tx: &mut Tx<'_>,
    kind: Kind,
    about: &str,
    after: i64,
    most: i64,
) -> Result<Vec<Reader>, Error> {
    let rows = if kind == Kind::Circular {
        let row = tx.optional(&NOTICE_ADDRESSEES, params![about]).await?;
        let classes: Vec<PartyClass> =
            row.map_or(Ok(None), |row| row.text(0).map(stored::parse))?.unwrap_or_default();
        // Nobody named is everybody.
        let addressed = |class: &PartyClass| classes.is_empty() || classes.contains(class);
        let places: Vec<i64> =
            PartyClass::ALL.iter().map(|class| if addressed(class) { place_of(*class) } else { 0 }).collect();
        let mut values = vec![Value::Int(after), Value::Int(most)];
        values.extend(places.into_iter().map(Value::Int));
        tx.all(&READERS_OF_CIRCULAR, &values).await?
    } else {
        tx.all(&READERS_OF_CALL, params![about, after, most]).await?
    };
    rows.iter().map(|row| Ok(Reader { contact: row.int(0)?, lang: row.text(1)?.to_owned() })).collect()
}

/// A notice as it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) kind: Kind,
    pub(crate) contact: i64,
    pub(crate) lang: Lang,
    pub(crate) about: String,
    pub(crate) link: Option<Link>,
}

/// What it is about, as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct About {
    pub(crate) symbol: String,
    pub(crate) title: Multilingual,
    /// When it happened.
    pub(crate) at: Instant,
    pub(crate) closes: Option<Deadline>,
    /// The deadline before it was moved.
    pub(crate) before: Option<Deadline>,
    /// How many submissions came.
    pub(crate) received: i64,
}

pub(crate) async fn insert(tx: &mut Tx<'_>, id: NoticeId, new: &New, now: Instant) -> Result<(), Error> {
    let New { kind, contact, lang, about, link, .. } = new;
    let (name, until) = link.as_ref().map(|link| (link.name.as_str(), link.until)).unzip();
    let (id, kind, lang) = (id.as_i64(), kind.word(), lang.tag());
    tx.execute(&INSERT_NOTICE, params![id, kind, *contact, lang, about, name, until, now]).await.map(drop)
}

pub(crate) async fn waiting(tx: &mut Tx<'_>, id: NoticeId) -> Result<Option<Waiting>, Error> {
    let Some(row) = tx.optional(&NOTICE, params![id.as_i64()]).await? else { return Ok(None) };
    let (Some(kind), Ok(lang)) = (Kind::from_word(row.text(0)?), row.text(2)?.parse()) else {
        return Ok(None);
    };
    let link = match (row.opt_text(4)?, row.opt_int(5)?) {
        (Some(name), Some(until)) => Some(Link { name: name.to_owned(), until: Instant::from_ms(until) }),
        _ => None,
    };
    Ok(Some(Waiting { kind, contact: row.int(1)?, lang, about: row.text(3)?.to_owned(), link }))
}

/// What a notice is about; `None` if there is nothing to tell any more: it is gone, or has ended before anybody could be
/// reminded of it.
pub(crate) async fn about(tx: &mut Tx<'_>, waiting: &Waiting, now: Instant) -> Result<Option<About>, Error> {
    let of = |symbol: &str, title: &str, at: Instant| {
        let title = serde_json::from_str(title).ok()?;
        Some(About { symbol: symbol.to_owned(), title, at, closes: None, before: None, received: 0 })
    };
    let name = waiting.about.as_str();
    match waiting.kind {
        Kind::Circular => {
            let row = tx.optional(&NOTICE_CIRCULAR, params![name]).await?;
            row.map_or(Ok(None), |row| Ok(of(name, row.text(0)?, now)))
        }
        Kind::Receipt => {
            let Ok(id) = name.parse::<SubmissionId>() else { return Ok(None) };
            let row = tx.optional(&NOTICE_SUBMISSION, params![id.as_i64()]).await?;
            row.map_or(Ok(None), |row| Ok(of(row.text(0)?, row.text(1)?, Instant::from_ms(row.int(2)?))))
        }
        Kind::Confirm | Kind::Extension | Kind::Reminder | Kind::Publication => {
            let Some(row) = tx.optional(&NOTICE_CALL, params![name]).await? else { return Ok(None) };
            let call = row.int(0)?;
            let Some(mut about) = of(name, row.text(1)?, now) else { return Ok(None) };
            let closes = deadline(&row, 2)?;
            let ends =
                closes.as_ref().map_or(now, |closes| closes.instant.plus_ms(row.int(5).unwrap_or_default()));
            let runs = row.text(6)? == Stage::Announced.as_str() && now < ends;
            if waiting.kind != Kind::Publication && !runs {
                return Ok(None);
            }
            about.closes = closes;
            match waiting.kind {
                Kind::Extension => {
                    let before = tx.optional(&NOTICE_EXTENSION, params![call]).await?;
                    about.before = before.map_or(Ok(None), |row| deadline(&row, 0))?;
                }
                Kind::Publication => {
                    about.received = tx.one(&NOTICE_RECEIVED, params![call]).await?.int(0)?;
                }
                _ => {}
            }
            Ok(Some(about))
        }
    }
}

/// The deadline in three columns from `first` on.
fn deadline(row: &Row, first: usize) -> Result<Option<Deadline>, Error> {
    let instant = Instant::from_ms(row.int(first)?);
    let zone = row.text(first + 1)?.to_owned();
    Ok(row.text(first + 2)?.parse().ok().map(|wording| Deadline { instant, zone, wording }))
}

/// The mail address of a contact. It stands in a mail's envelope and header, and nowhere else.
pub(crate) async fn address(tx: &mut Tx<'_>, contact: i64) -> Result<Option<String>, Error> {
    let row = tx.optional(&NOTICE_ADDRESS, params![contact]).await?;
    row.map_or(Ok(None), |row| Ok(Some(row.text(0)?.to_owned())))
}

pub(crate) async fn is_stopped(tx: &mut Tx<'_>, address: &[u8; 32]) -> Result<bool, Error> {
    Ok(tx.optional(&IS_MAIL_STOPPED, params![address.as_slice()]).await?.is_some())
}

pub(crate) async fn stop(tx: &mut Tx<'_>, address: &[u8; 32], now: Instant) -> Result<(), Error> {
    tx.execute(&STOP_MAIL, params![address.as_slice(), now]).await.map(drop)
}

pub(crate) async fn settle(tx: &mut Tx<'_>, id: NoticeId, outcome: &str, now: Instant) -> Result<(), Error> {
    tx.execute(&SETTLE_NOTICE, params![id.as_i64(), outcome, now]).await.map(drop)
}

pub(crate) async fn erase(tx: &mut Tx<'_>, before: Instant, most: i64) -> Result<u64, Error> {
    tx.execute(&ERASE_NOTICES, params![before, most]).await
}
