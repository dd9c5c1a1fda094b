//! Register, amend, find: the same for every kind of subject.

use base::{Id, Instant, limits::PAGE_ROWS_MAX};
use crypto::random_array;
use serde_json::{Map, Value, json};
use store::Tx;
use web::Actor;

use super::{
    model::{Attributes, Invalid, Subject, words},
    store::{self as sql, WORDS_MAX},
};
use crate::{
    Register,
    official::{self, Change},
};

/// How long a reason or a request's name may be, characters.
pub(crate) const REASON_CHARS_MAX: usize = 500;

/// Who did it, why and when: kept with every version.
pub(crate) struct Act<'a> {
    pub(crate) actor: &'a str,
    pub(crate) reason: &'a str,
    pub(crate) at: Instant,
}

/// A subject as the register knows it now.
#[derive(Debug)]
pub struct Record<S: Subject> {
    /// Of a person it is secret to the state: never shown to a service, never in a credential.
    pub id: Id<S>,
    /// 1 when registered, one more with each amendment.
    pub version: i64,
    /// What is known.
    pub attributes: Attributes,
    /// When it was registered.
    pub registered_at: Instant,
    /// When it was last amended.
    pub changed_at: Instant,
}

/// One version of what was known.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Its number, from 1.
    pub version: i64,
    /// What was known then.
    pub attributes: Attributes,
    /// Who wrote it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Instant,
}

/// What to look for: exactly one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// Beginnings of words of names, in any order, without case or accents.
    Name(String),
    /// The whole number that no two of them share.
    Number(String),
    /// The whole other attribute by which they are found: a date of birth, a country.
    AlsoBy(String),
}

/// Why a subject was not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// What is said is not well-formed.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Another one has this number.
    #[error("another one has this `{0}`")]
    NumberTaken(&'static str),
    /// The name of the request is empty, too long, or belongs to a request that said something else.
    #[error("this request name was used for other attributes")]
    RequestReused,
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Why a subject was not amended.
#[derive(Debug, thiserror::Error)]
pub enum AmendError {
    /// There is none.
    #[error("there is no such record")]
    NotFound,
    /// What would be known is not well-formed.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// No reason, or one that is too long.
    #[error("an amendment needs a reason of at most {REASON_CHARS_MAX} characters")]
    Reason,
    /// Somebody else amended it since the version that the caller had seen.
    #[error("the record was amended since")]
    VersionConflict,
    /// Another one has this number.
    #[error("another one has this `{0}`")]
    NumberTaken(&'static str),
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// A reason as it is kept, if it is one.
pub(crate) fn reason(text: &str) -> Option<String> {
    let text = text.trim();
    let is_one = !text.is_empty() && text.chars().count() <= REASON_CHARS_MAX && !text.contains('\0');
    is_one.then(|| text.to_owned())
}

/// Whether a text can name a request.
pub(crate) fn names_a_request(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= REASON_CHARS_MAX && !text.contains('\0')
}

impl Register {
    /// Registers a subject.
    ///
    /// A caller that names its `request` may send it twice: the second answers the record of the first.
    pub async fn register<S: Subject>(
        &self,
        actor: &Actor,
        attributes: Map<String, Value>,
        request: Option<String>,
    ) -> Result<Record<S>, RegisterError> {
        let attributes = Attributes::new::<S>(attributes)?;
        if request.as_ref().is_some_and(|r| !names_a_request(r)) {
            return Err(RegisterError::RequestReused);
        }
        let id = Id::from_random(random_array(&*self.random));
        let at = self.clock.now();
        let (actor, log) = (actor.name().to_owned(), self.log.clone());
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                if let Some(request) = &request
                    && let Some(earlier) = sql::by_request::<S>(tx, request).await?
                {
                    let first = sql::versions(tx, earlier.id).await?.into_iter().next();
                    let same = first.is_some_and(|v| v.attributes == attributes);
                    return if same { Ok(earlier) } else { Err(RegisterError::RequestReused) };
                }
                let act = Act { actor: &actor, reason: "registered", at };
                insert(tx, id, &attributes, request.as_deref(), &act).await?;
                let change = change("registered", id, 1, &attributes, &act);
                official::append(log.as_ref(), tx, &change).await?;
                let attributes = attributes.clone();
                Ok(Record { id, version: 1, attributes, registered_at: at, changed_at: at })
            })
            .await
    }

    /// Changes what is known: `null` takes an attribute away, what is not named stays.
    /// With `seen`, only if that is still the current version.
    pub async fn amend<S: Subject>(
        &self,
        actor: &Actor,
        id: Id<S>,
        changes: Map<String, Value>,
        why: &str,
        seen: Option<i64>,
    ) -> Result<Record<S>, AmendError> {
        let why = reason(why).ok_or(AmendError::Reason)?;
        let at = self.clock.now();
        let (actor, log) = (actor.name().to_owned(), self.log.clone());
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                let record = sql::get(tx, id).await?.ok_or(AmendError::NotFound)?;
                if seen.is_some_and(|seen| seen != record.version) {
                    return Err(AmendError::VersionConflict);
                }
                let attributes = record.attributes.amended::<S>(changes.clone())?;
                if attributes == record.attributes {
                    return Ok(record);
                }
                if number_is_taken(tx, &attributes, id).await? {
                    return Err(AmendError::NumberTaken(S::NUMBER));
                }
                let version = record.version.saturating_add(1);
                let act = Act { actor: &actor, reason: &why, at };
                if !sql::update(tx, id, version, &attributes, &act).await? {
                    return Err(AmendError::VersionConflict);
                }
                let change = change("amended", id, version, &attributes, &act);
                official::append(log.as_ref(), tx, &change).await?;
                Ok(Record { version, attributes, changed_at: at, ..record })
            })
            .await
    }

    /// The record as known now.
    pub async fn get<S: Subject>(&self, id: Id<S>) -> Result<Option<Record<S>>, store::Error> {
        self.store.read(async move |tx: &mut Tx<'_>| sql::get(tx, id).await).await
    }

    /// Every version of what was known, the first one first; empty if there is no such subject.
    pub async fn history<S: Subject>(&self, id: Id<S>) -> Result<Vec<Version>, store::Error> {
        self.store.read(async move |tx: &mut Tx<'_>| sql::versions(tx, id).await).await
    }

    /// Those who match, ordered by id and after `after`: at most [`PAGE_ROWS_MAX`].
    pub async fn search<S: Subject>(
        &self,
        search: Search,
        after: Option<Id<S>>,
    ) -> Result<Vec<Record<S>>, store::Error> {
        let after = after.map_or(0, Id::as_i64);
        self.store
            .read(async move |tx: &mut Tx<'_>| match &search {
                Search::Number(number) => Ok(sql::by_number(tx, number).await?.into_iter().collect()),
                Search::AlsoBy(value) => sql::also_by(tx, value, after, PAGE_ROWS_MAX).await,
                Search::Name(name) => match beginnings(name) {
                    Some(beginnings) => sql::by_words(tx, &beginnings, after, PAGE_ROWS_MAX).await,
                    None => Ok(Vec::new()),
                },
            })
            .await
    }
}

/// What the log is told of a version.
fn change<'a, S: Subject>(
    what: &'a str,
    id: Id<S>,
    version: i64,
    attributes: &Attributes,
    act: &Act<'a>,
) -> Change<'a> {
    let content = json!({ "attributes": attributes.as_map(), "reason": act.reason });
    let content_sha256 = official::digest(&content);
    Change { act: what, subject: id.to_string(), version, content_sha256, by: act.actor, at: act.at }
}

/// Writes the first version of a subject whose number nobody has.
pub(crate) async fn insert<S: Subject>(
    tx: &mut Tx<'_>,
    id: Id<S>,
    attributes: &Attributes,
    request: Option<&str>,
    act: &Act<'_>,
) -> Result<(), RegisterError> {
    if number_is_taken(tx, attributes, id).await? {
        return Err(RegisterError::NumberTaken(S::NUMBER));
    }
    Ok(sql::insert(tx, id, attributes, request, act).await?)
}

/// The longest words of a search, which narrow it most; the others would hardly change the result.
fn beginnings(name: &str) -> Option<[String; WORDS_MAX]> {
    let mut words = words(name);
    words.sort_by_key(|w| std::cmp::Reverse(w.len()));
    let mut words = words.into_iter();
    let first = words.next()?;
    Some([first, words.next().unwrap_or_default(), words.next().unwrap_or_default()])
}

async fn number_is_taken<S: Subject>(
    tx: &mut Tx<'_>,
    attributes: &Attributes,
    id: Id<S>,
) -> Result<bool, store::Error> {
    match attributes.text(S::NUMBER) {
        Some(number) => Ok(sql::by_number::<S>(tx, number).await?.is_some_and(|other| other.id != id)),
        None => Ok(false),
    }
}
