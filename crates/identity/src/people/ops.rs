//! Register, amend, find.

use std::sync::Arc;

use base::{Clock, Instant, limits::PAGE_ROWS_MAX};
use crypto::{Random, random_array};
use serde_json::{Map, Value};
use store::{Store, Tx};
use web::{Actor, StaffTokens};

use super::{
    model::{Attributes, Invalid, words},
    store::{self as sql, Act, WORDS_MAX},
};
use crate::PersonId;

/// How long a reason or a request's name may be, characters.
const REASON_CHARS_MAX: usize = 500;

/// A person as the register knows them now.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Secret to the state: never shown to a service, never in a credential.
    pub id: PersonId,
    /// 1 when registered, one more with each amendment.
    pub version: i64,
    /// What is known of them.
    pub attributes: Attributes,
    /// When they were registered.
    pub registered_at: Instant,
    /// When they were last amended.
    pub changed_at: Instant,
}

/// One version of what was known of a person.
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
    /// The whole personal administrative number.
    Number(String),
    /// The civil date of birth.
    Birthdate(String),
}

/// Why a person was not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// What is said of them is not well-formed.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Another person has this personal administrative number.
    #[error("another person has this personal administrative number")]
    NumberTaken,
    /// The name of the request is empty, too long, or belongs to a request that said something else.
    #[error("this request name was used for other attributes")]
    RequestReused,
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Why a person was not amended.
#[derive(Debug, thiserror::Error)]
pub enum AmendError {
    /// There is no such person.
    #[error("there is no such person")]
    NoSuchPerson,
    /// What would be known of them is not well-formed.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// No reason, or one that is too long.
    #[error("an amendment needs a reason of at most {REASON_CHARS_MAX} characters")]
    Reason,
    /// Somebody else amended the person since the version that the caller had seen.
    #[error("the person was amended since")]
    VersionConflict,
    /// Another person has this personal administrative number.
    #[error("another person has this personal administrative number")]
    NumberTaken,
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// The register of people of one party.
#[derive(Clone)]
pub struct Register {
    store: Store,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    pub(crate) staff: StaffTokens,
}

impl axum::extract::FromRef<Register> for StaffTokens {
    fn from_ref(register: &Register) -> Self {
        register.staff.clone()
    }
}

impl Register {
    /// The register kept in `store`, open to `staff`.
    pub fn new(store: Store, clock: Arc<dyn Clock>, random: Arc<dyn Random>, staff: StaffTokens) -> Self {
        Self { store, clock, random, staff }
    }

    /// Its staff interface, under `/staff/v1/people`.
    pub fn router(self) -> axum::Router {
        super::api::router(self)
    }

    /// Registers a person.
    ///
    /// A caller that names its `request` may send it twice: the second answers the person of the first.
    pub async fn register(
        &self,
        actor: &Actor,
        attributes: Map<String, Value>,
        request: Option<String>,
    ) -> Result<Person, RegisterError> {
        let attributes = Attributes::new(attributes)?;
        if request.as_ref().is_some_and(|r| r.is_empty() || r.chars().count() > REASON_CHARS_MAX) {
            return Err(RegisterError::RequestReused);
        }
        let id = PersonId::from_random(random_array(&*self.random));
        let at = self.clock.now();
        let actor = actor.name().to_owned();
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                if let Some(request) = &request
                    && let Some(earlier) = sql::by_request(tx, request).await?
                {
                    let first = sql::versions(tx, earlier.id).await?.into_iter().next();
                    let same = first.is_some_and(|v| v.attributes == attributes);
                    return if same { Ok(earlier) } else { Err(RegisterError::RequestReused) };
                }
                if number_is_taken(tx, &attributes, id).await? {
                    return Err(RegisterError::NumberTaken);
                }
                let act = Act { actor: &actor, reason: "registered", at };
                sql::insert(tx, id, &attributes, request.as_deref(), &act).await?;
                let attributes = attributes.clone();
                Ok(Person { id, version: 1, attributes, registered_at: at, changed_at: at })
            })
            .await
    }

    /// Registers many people in one write: all of them or, if one is refused, none.
    pub async fn register_all(
        &self,
        actor: &Actor,
        all: Vec<Map<String, Value>>,
    ) -> Result<usize, RegisterError> {
        let people = all.into_iter().map(Attributes::new).collect::<Result<Vec<_>, _>>()?;
        let people: Vec<_> =
            people.into_iter().map(|a| (PersonId::from_random(random_array(&*self.random)), a)).collect();
        let at = self.clock.now();
        let actor = actor.name().to_owned();
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                for (id, attributes) in &people {
                    if number_is_taken(tx, attributes, *id).await? {
                        return Err(RegisterError::NumberTaken);
                    }
                    let act = Act { actor: &actor, reason: "registered", at };
                    sql::insert(tx, *id, attributes, None, &act).await?;
                }
                Ok(people.len())
            })
            .await
    }

    /// Changes what is known of a person: `null` takes an attribute away, what is not named stays.
    /// With `seen`, only if that is still the current version.
    pub async fn amend(
        &self,
        actor: &Actor,
        id: PersonId,
        changes: Map<String, Value>,
        reason: &str,
        seen: Option<i64>,
    ) -> Result<Person, AmendError> {
        let reason = reason.trim().to_owned();
        if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
            return Err(AmendError::Reason);
        }
        let at = self.clock.now();
        let actor = actor.name().to_owned();
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                let person = sql::get(tx, id).await?.ok_or(AmendError::NoSuchPerson)?;
                if seen.is_some_and(|seen| seen != person.version) {
                    return Err(AmendError::VersionConflict);
                }
                let attributes = person.attributes.amended(changes.clone())?;
                if attributes == person.attributes {
                    return Ok(person);
                }
                if number_is_taken(tx, &attributes, id).await? {
                    return Err(AmendError::NumberTaken);
                }
                let version = person.version.saturating_add(1);
                let act = Act { actor: &actor, reason: &reason, at };
                if !sql::update(tx, id, version, &attributes, &act).await? {
                    return Err(AmendError::VersionConflict);
                }
                Ok(Person { version, attributes, changed_at: at, ..person })
            })
            .await
    }

    /// The person as known now.
    pub async fn person(&self, id: PersonId) -> Result<Option<Person>, store::Error> {
        self.store.read(async move |tx: &mut Tx<'_>| sql::get(tx, id).await).await
    }

    /// Every version of what was known, the first one first; empty if there is no such person.
    pub async fn history(&self, id: PersonId) -> Result<Vec<Version>, store::Error> {
        self.store.read(async move |tx: &mut Tx<'_>| sql::versions(tx, id).await).await
    }

    /// People who match, ordered by id and after `after`: at most [`PAGE_ROWS_MAX`].
    pub async fn search(&self, search: Search, after: Option<PersonId>) -> Result<Vec<Person>, store::Error> {
        let after = after.map_or(0, PersonId::as_i64);
        self.store
            .read(async move |tx: &mut Tx<'_>| match &search {
                Search::Number(number) => Ok(sql::by_number(tx, number).await?.into_iter().collect()),
                Search::Birthdate(date) => sql::by_birthdate(tx, date, after, PAGE_ROWS_MAX).await,
                Search::Name(name) => match beginnings(name) {
                    Some(beginnings) => sql::by_words(tx, &beginnings, after, PAGE_ROWS_MAX).await,
                    None => Ok(Vec::new()),
                },
            })
            .await
    }

    /// How many people there are.
    pub async fn count(&self) -> Result<i64, store::Error> {
        self.store.read(async |tx: &mut Tx<'_>| sql::count(tx).await).await
    }

    /// What is known of a person, inside another feature's read or write: for the server's wiring.
    pub async fn attributes(
        tx: &mut Tx<'_>,
        id: PersonId,
    ) -> Result<Option<Map<String, Value>>, store::Error> {
        Ok(sql::get(tx, id).await?.map(|p| p.attributes.into_map()))
    }
}

/// The longest words of a search, which narrow it most; the others would hardly change the result.
fn beginnings(name: &str) -> Option<[String; WORDS_MAX]> {
    let mut words = words(name);
    words.sort_by_key(|w| std::cmp::Reverse(w.len()));
    let mut words = words.into_iter();
    let first = words.next()?;
    Some([first, words.next().unwrap_or_default(), words.next().unwrap_or_default()])
}

async fn number_is_taken(
    tx: &mut Tx<'_>,
    attributes: &Attributes,
    id: PersonId,
) -> Result<bool, store::Error> {
    match attributes.text("personal_administrative_number") {
        Some(number) => Ok(sql::by_number(tx, number).await?.is_some_and(|other| other.id != id)),
        None => Ok(false),
    }
}
