//! The rows that everybody may list, and counts.
//!
//! A list goes by the index of one filter, the one that fewest submissions match, and looks at the others row by row:
//! hence a statement for each.

use store::{Error, Tx, params};

use super::super::{
    model::{After, Entry, Filter},
    store::{folded, kept},
};
use crate::{CallId, Country, PartyClass, QuestionId, Region, SubmissionId};
use base::limits::COUNT_SHARDS;

/// A page of the submissions that `$from` names as `l`, put in order by `$by`: entries, as [`kept`] reads them.
macro_rules! listing {
    ($from:literal) => {
        listing!($from, "l")
    };
    ($from:literal, $by:literal) => {
        concat!(
            "SELECT s.id, s.call, k.symbol, s.form_version, s.lang, s.digest, s.class, s.name, s.country, s.person,
                s.capacity, s.standing, s.credential, s.received_at, s.in_grace, s.supersedes, s.state, s.state_reason,
                s.superseded_by, s.party, s.leaf
            FROM (SELECT l.submission FROM ",
            $from,
            " AND (",
            $by,
            ".received_at, ",
            $by,
            ".submission) > ($2, $3)
                AND ($4 = '' OR l.class = $4) AND ($5 = '' OR l.region = $5) AND ($6 = '' OR l.country = $6)
                AND ($7 = '' OR l.lang = $7) AND ($8 = '' OR l.folded LIKE $8 ESCAPE '!')
                AND ($9 = '' OR EXISTS (SELECT 1 FROM forum_listed_answer x WHERE x.call = l.call AND x.question = $9
                    AND x.received_at = l.received_at AND x.submission = l.submission))
                ORDER BY ",
            $by,
            ".received_at, ",
            $by,
            ".submission LIMIT $10) f
            JOIN forum_submission s ON s.id = f.submission JOIN forum_call k ON k.id = s.call
            ORDER BY s.received_at, s.id"
        )
    };
}

store::statements! {
    BY_TIME = listing!("forum_listed l WHERE l.call = $1");
    BY_CLASS = listing!("forum_listed l WHERE l.call = $1 AND l.class = $4");
    BY_REGION = listing!("forum_listed l WHERE l.call = $1 AND l.region = $5");
    BY_COUNTRY = listing!("forum_listed l WHERE l.call = $1 AND l.country = $6");
    BY_LANG = listing!("forum_listed l WHERE l.call = $1 AND l.lang = $7");
    BY_QUESTION = listing!(
        "forum_listed_answer q JOIN forum_listed l
            ON l.call = q.call AND l.received_at = q.received_at AND l.submission = q.submission
        WHERE q.call = $1 AND q.question = $9",
        "q"
    );
    INSERT_LISTED = "INSERT INTO forum_listed (call, received_at, submission, class, region, country, lang, folded)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    INSERT_LISTED_ANSWER = "INSERT INTO forum_listed_answer (call, question, received_at, submission)
        VALUES ($1, $2, $3, $4)";
    UNLIST = "DELETE FROM forum_listed WHERE submission = $1";
    UNLIST_ANSWERS = "DELETE FROM forum_listed_answer WHERE submission = $1";
    ANSWERED = "SELECT question FROM forum_answered WHERE submission = $1 ORDER BY question";
    LIST_CALL = "INSERT INTO forum_listed (call, received_at, submission, class, region, country, lang, folded)
        SELECT call, received_at, id, class, region, country, lang, folded FROM forum_submission
        WHERE call = $1 AND state = 'published'";
    LIST_ANSWERS_OF_CALL = "INSERT INTO forum_listed_answer (call, question, received_at, submission)
        SELECT s.call, a.question, s.received_at, s.id FROM forum_submission s JOIN forum_answered a ON a.submission = s.id
        WHERE s.call = $1 AND s.state = 'published'";
    PUBLISH_ALL = "UPDATE forum_submission SET state = $2 WHERE call = $1 AND state IN ('received', 'admissible')";
    FORGET_COUNTS = "DELETE FROM forum_count WHERE call = $1 AND facet <> 'total'";
    COUNT_STATES = "INSERT INTO forum_count (call, facet, value, shard, n)
        SELECT call, 'state', state, 0, count(*) FROM forum_submission WHERE call = $1 GROUP BY call, state";
    COUNT_CLASSES = "INSERT INTO forum_count (call, facet, value, shard, n)
        SELECT call, 'class', class, 0, count(*) FROM forum_listed WHERE call = $1 GROUP BY call, class";
    COUNT_REGIONS = "INSERT INTO forum_count (call, facet, value, shard, n)
        SELECT call, 'region', region, 0, count(*) FROM forum_listed WHERE call = $1 GROUP BY call, region";
    COUNT_COUNTRIES = "INSERT INTO forum_count (call, facet, value, shard, n)
        SELECT call, 'country', country, 0, count(*) FROM forum_listed WHERE call = $1 GROUP BY call, country";
    COUNT_LANGS = "INSERT INTO forum_count (call, facet, value, shard, n)
        SELECT call, 'lang', lang, 0, count(*) FROM forum_listed WHERE call = $1 GROUP BY call, lang";
    COUNT_QUESTIONS = "INSERT INTO forum_count (call, facet, value, shard, n)
        SELECT call, 'question', question, 0, count(*) FROM forum_listed_answer WHERE call = $1 GROUP BY call, question";
    ADD_TO_COUNT = "INSERT INTO forum_count (call, facet, value, shard, n) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (call, facet, value, shard) DO UPDATE SET n = forum_count.n + excluded.n";
    COUNTS_OF = "SELECT facet, value, CAST(sum(n) AS BIGINT) FROM forum_count WHERE call = $1
        GROUP BY facet, value HAVING sum(n) <> 0 ORDER BY facet, sum(n) DESC, value";
    COUNT_OF_VALUE = "SELECT CAST(coalesce(sum(n), 0) AS BIGINT) FROM forum_count
        WHERE call = $1 AND facet = $2 AND value = $3";
}

/// Counts one more or one less.
pub(crate) async fn add(
    tx: &mut Tx<'_>,
    call: CallId,
    (facet, value): (&str, &str),
    of: SubmissionId,
    by: i64,
) -> Result<(), Error> {
    // Two instances seldom change the same row at once.
    let shard = of.as_i64() % COUNT_SHARDS;
    tx.execute(&ADD_TO_COUNT, params![call, facet, value, shard, by]).await.map(drop)
}

/// All counts of a call that are not zero: facet, value, how many; the largest first.
pub(crate) async fn counts(tx: &mut Tx<'_>, call: CallId) -> Result<Vec<(String, String, i64)>, Error> {
    let rows = tx.all(&COUNTS_OF, params![call]).await?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned(), row.int(2)?))).collect()
}

async fn count(tx: &mut Tx<'_>, call: CallId, facet: &str, value: &str) -> Result<i64, Error> {
    tx.one(&COUNT_OF_VALUE, params![call, facet, value]).await?.int(0)
}

/// The facets that a submission counts in while it is listed.
fn facets<'a>(entry: &'a Entry, answered: &'a [QuestionId]) -> Vec<(&'static str, &'a str)> {
    let mut all = vec![
        ("class", entry.party.class.as_str()),
        ("region", entry.party.region().map_or("", Region::as_str)),
        ("country", entry.party.country.map_or("", Country::code)),
        ("lang", entry.lang.as_str()),
    ];
    all.extend(answered.iter().map(|question| ("question", question.as_str())));
    all
}

/// Lists one submission, and counts it.
pub(crate) async fn list_one(tx: &mut Tx<'_>, entry: &Entry, answered: &[QuestionId]) -> Result<(), Error> {
    let (e, p) = (entry, &entry.party);
    let (region, country) = (p.region().map_or("", Region::as_str), p.country.map_or("", Country::code));
    let name = folded(&p.name);
    let lang = e.lang.as_str();
    let params = params![e.call, e.received_at, e.id, p.class, region, country, lang, name];
    tx.execute(&INSERT_LISTED, params).await?;
    for question in answered {
        tx.execute(&INSERT_LISTED_ANSWER, params![e.call, question.as_str(), e.received_at, e.id]).await?;
    }
    for facet in facets(entry, answered) {
        add(tx, entry.call, facet, entry.id, 1).await?;
    }
    Ok(())
}

/// Takes one submission from the list, if it is there.
pub(crate) async fn unlist_one(tx: &mut Tx<'_>, entry: &Entry) -> Result<(), Error> {
    if tx.execute(&UNLIST, params![entry.id]).await? == 0 {
        return Ok(());
    }
    tx.execute(&UNLIST_ANSWERS, params![entry.id]).await?;
    let rows = tx.all(&ANSWERED, params![entry.id]).await?;
    let answered = rows.iter().map(|row| row.read(0, QuestionId::new)).collect::<Result<Vec<_>, _>>()?;
    for facet in facets(entry, &answered) {
        add(tx, entry.call, facet, entry.id, -1).await?;
    }
    Ok(())
}

/// Moves what waits to `to`.
pub(crate) async fn publish_all(tx: &mut Tx<'_>, call: CallId, to: &str) -> Result<u64, Error> {
    tx.execute(&PUBLISH_ALL, params![call, to]).await
}

/// Lists all that are published.
pub(crate) async fn list_all(tx: &mut Tx<'_>, call: CallId) -> Result<(), Error> {
    tx.execute(&LIST_CALL, params![call]).await?;
    tx.execute(&LIST_ANSWERS_OF_CALL, params![call]).await.map(drop)
}

/// Counts everything anew but the total, which is only ever added to.
pub(crate) async fn count_again(tx: &mut Tx<'_>, call: CallId) -> Result<(), Error> {
    tx.execute(&FORGET_COUNTS, params![call]).await?;
    for sql in
        [&COUNT_STATES, &COUNT_CLASSES, &COUNT_REGIONS, &COUNT_COUNTRIES, &COUNT_LANGS, &COUNT_QUESTIONS]
    {
        tx.execute(sql, params![call]).await?;
    }
    Ok(())
}

/// What is listed and matches, in the order of receipt.
pub(crate) async fn list(
    tx: &mut Tx<'_>,
    call: CallId,
    filter: &Filter,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Entry>, Error> {
    let class = filter.class.map_or("", PartyClass::as_str);
    let region = filter.region.map_or("", Region::as_str);
    let country = filter.country.map_or("", Country::code);
    let lang = filter.lang.as_ref().map_or("", |l| l.as_str());
    let question = filter.question.as_ref().map_or("", |q| q.as_str());
    let mut by = (i64::MAX, &BY_TIME);
    for (facet, value, sql) in [
        ("class", class, &BY_CLASS),
        ("region", region, &BY_REGION),
        ("country", country, &BY_COUNTRY),
        ("lang", lang, &BY_LANG),
        ("question", question, &BY_QUESTION),
    ] {
        if value.is_empty() {
            continue;
        }
        let n = count(tx, call, facet, value).await?;
        if n <= 0 {
            return Ok(Vec::new());
        }
        if n < by.0 {
            by = (n, sql);
        }
    }
    let text = filter.text.as_deref().map_or_else(String::new, pattern);
    let (at, id) = after.map_or((i64::MIN, 0), |a| (a.received_at.ms(), a.id.as_i64()));
    let params = params![call, at, id, class, region, country, lang, text, question, limit];
    let rows = tx.all(by.1, params).await?;
    rows.iter().map(|row| kept(row).map(|k| k.entry)).collect()
}

/// What a name is like that has `text` in it.
fn pattern(text: &str) -> String {
    let folded = folded(text);
    let mut pattern = String::from("%");
    for c in folded.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
