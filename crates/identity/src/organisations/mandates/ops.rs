//! Record a mandate, end it, find those that hold.

use base::{Instant, limits::PAGE_ROWS_MAX, time::is_civil_date};
use crypto::random_array;
use serde_json::{Map, Value, json};
use store::Tx;
use web::Actor;

use super::store as sql;
use crate::{
    MandateId, OrganisationId, PersonId, Register,
    official::{self, Change},
    record::{model::line, ops::reason, store as rows},
};

/// A person may act for an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mandate {
    /// Its id.
    pub id: MandateId,
    /// Who may act.
    pub person: PersonId,
    /// For whom.
    pub organisation: OrganisationId,
    /// As what: one line of text.
    pub capacity: String,
    /// The first day, a civil date in UTC.
    pub valid_from: String,
    /// The last day, if there is one.
    pub valid_until: Option<String>,
    /// Who recorded it.
    pub recorded: End,
    /// Who ended it, if it was ended.
    pub ended: Option<End>,
}

/// Who recorded or ended something, why and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// A member of the staff.
    pub by: String,
    /// Why.
    pub why: String,
    /// When.
    pub at: Instant,
}

/// What is said of a new mandate.
#[derive(Debug, Clone)]
pub struct NewMandate {
    /// Who may act.
    pub person: PersonId,
    /// For whom.
    pub organisation: OrganisationId,
    /// As what.
    pub capacity: String,
    /// The first day; today if nothing is said.
    pub valid_from: Option<String>,
    /// The last day, if there is one.
    pub valid_until: Option<String>,
    /// Why it is recorded.
    pub reason: String,
}

/// Why a mandate was not recorded or not ended.
#[derive(Debug, thiserror::Error)]
pub enum MandateError {
    /// There is no such person.
    #[error("there is no such person")]
    NoSuchPerson,
    /// There is no such organisation.
    #[error("there is no such organisation")]
    NoSuchOrganisation,
    /// There is no such mandate.
    #[error("there is no such mandate")]
    NoSuchMandate,
    /// The capacity is not one line of text.
    #[error("the capacity is not one line of text")]
    Capacity,
    /// The days are not civil dates, or the last one lies before the first.
    #[error("the days are not dates in order")]
    Days,
    /// No reason, or one that is too long.
    #[error("a reason is needed")]
    Reason,
    /// The person has this capacity on one of these days already.
    #[error("the person has this capacity already")]
    Exists,
    /// It was ended before.
    #[error("the mandate was ended before")]
    Ended,
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// What the log is told of a mandate.
fn change<'a>(what: &'a str, version: i64, mandate: &Mandate, done: &'a End) -> Change<'a> {
    let content_sha256 = official::digest(&json!({
        "person": mandate.person, "organisation": mandate.organisation, "capacity": mandate.capacity,
        "valid_from": mandate.valid_from, "valid_until": mandate.valid_until, "reason": done.why,
    }));
    let subject = mandate.id.to_string();
    Change { act: what, subject, version, content_sha256, by: &done.by, at: done.at }
}

impl Register {
    /// Records that a person may act for an organisation.
    pub async fn add_mandate(&self, actor: &Actor, new: NewMandate) -> Result<Mandate, MandateError> {
        let at = self.clock.now();
        let mut capacity = new.capacity;
        if !line(&mut capacity) {
            return Err(MandateError::Capacity);
        }
        let valid_from = new.valid_from.unwrap_or_else(|| at.date());
        let until = new.valid_until.as_deref().unwrap_or(&valid_from);
        // Dates of four-digit years are in order as texts.
        if !is_civil_date(&valid_from) || !is_civil_date(until) || until < valid_from.as_str() {
            return Err(MandateError::Days);
        }
        let why = reason(&new.reason).ok_or(MandateError::Reason)?;
        let mandate = Mandate {
            id: MandateId::from_random(random_array(&*self.random)),
            person: new.person,
            organisation: new.organisation,
            capacity,
            valid_from,
            valid_until: new.valid_until,
            recorded: End { by: actor.name().to_owned(), why, at },
            ended: None,
        };
        let log = self.log.clone();
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                if rows::get(tx, mandate.person).await?.is_none() {
                    return Err(MandateError::NoSuchPerson);
                }
                if rows::get(tx, mandate.organisation).await?.is_none() {
                    return Err(MandateError::NoSuchOrganisation);
                }
                if sql::has_same(tx, &mandate).await? {
                    return Err(MandateError::Exists);
                }
                sql::insert(tx, &mandate).await?;
                let change = change("mandate_recorded", 1, &mandate, &mandate.recorded);
                official::append(log.as_ref(), tx, &change).await?;
                Ok(mandate.clone())
            })
            .await
    }

    /// Ends a mandate now.
    pub async fn end_mandate(
        &self,
        actor: &Actor,
        id: MandateId,
        why: &str,
    ) -> Result<Mandate, MandateError> {
        let why = reason(why).ok_or(MandateError::Reason)?;
        let end = End { by: actor.name().to_owned(), why, at: self.clock.now() };
        let log = self.log.clone();
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                let ended = sql::end(tx, id, &end).await?;
                let mandate = sql::get(tx, id).await?.ok_or(MandateError::NoSuchMandate)?;
                if !ended {
                    return Err(MandateError::Ended);
                }
                official::append(log.as_ref(), tx, &change("mandate_ended", 2, &mandate, &end)).await?;
                Ok(mandate)
            })
            .await
    }

    /// All mandates of a person, also those that are over, by id and after `after`; at most [`PAGE_ROWS_MAX`].
    pub async fn mandates_of_person(
        &self,
        person: PersonId,
        after: Option<MandateId>,
    ) -> Result<Vec<Mandate>, MandateError> {
        let after = after.map_or(0, MandateId::as_i64);
        self.store
            .read(async move |tx: &mut Tx<'_>| {
                if rows::get(tx, person).await?.is_none() {
                    return Err(MandateError::NoSuchPerson);
                }
                Ok(sql::of_person(tx, person, after, PAGE_ROWS_MAX).await?)
            })
            .await
    }

    /// The same for an organisation.
    pub async fn mandates_of_organisation(
        &self,
        organisation: OrganisationId,
        after: Option<MandateId>,
    ) -> Result<Vec<Mandate>, MandateError> {
        let after = after.map_or(0, MandateId::as_i64);
        self.store
            .read(async move |tx: &mut Tx<'_>| {
                if rows::get(tx, organisation).await?.is_none() {
                    return Err(MandateError::NoSuchOrganisation);
                }
                Ok(sql::of_organisation(tx, organisation, after, PAGE_ROWS_MAX).await?)
            })
            .await
    }

    /// What a credential can say of each mandate of `person` that holds at `at`, inside another feature's read or
    /// write, the oldest first: `mandate`, `organisation_name`, `organisation_number`, `organisation_country`,
    /// `capacity`, `valid_from`, `valid_until` (not always). Organisations are as the register knows them now.
    pub async fn mandate_attributes(
        tx: &mut Tx<'_>,
        person: PersonId,
        at: Instant,
    ) -> Result<Vec<Map<String, Value>>, store::Error> {
        let mut mandates = sql::in_force(tx, person, at, PAGE_ROWS_MAX).await?;
        mandates.sort_by_key(|m| (m.recorded.at, m.id));
        let mut all = Vec::new();
        for mandate in mandates {
            let Some(organisation) = rows::get(tx, mandate.organisation).await? else { continue };
            let of = |name| organisation.attributes.as_map().get(name).cloned();
            let said = [
                ("mandate", Some(mandate.id.to_string().into())),
                ("organisation_name", of("legal_name")),
                ("organisation_number", of("registration_number")),
                ("organisation_country", of("country")),
                ("capacity", Some(mandate.capacity.into())),
                ("valid_from", Some(mandate.valid_from.into())),
                ("valid_until", mandate.valid_until.map(Value::from)),
            ];
            all.push(said.into_iter().filter_map(|(name, v)| Some((name.to_owned(), v?))).collect());
        }
        Ok(all)
    }
}
