//! What is asked for when somebody signs in, and who the answer says that they are.

use ask::{Proof, ProvenCredential};
use base::{Instant, time::end_of_civil_date};
use formats::dcql::{self, Query};
use serde_json::{Value, json};
use web::{Sessions, Subject, session::PartyClaim};

use super::LoginConfig;

const MANDATE: &str = "mandate";
const PARTICIPANT: &str = "participant";
const PID: &str = "pid";

/// What a mandate is asked for: for whom and as what one acts, which it always shows, and the holder's name.
const OF_MANDATE: &[&str] =
    &["organisation_name", "organisation_id", "capacity", "given_name", "family_name"];
const OF_PARTICIPANT: &[&str] = &["pseudonym"];
const NUMBER: &str = "personal_administrative_number";
/// Where there is no number, namesakes are told apart by their birth.
const OF_PID: &[&str] = &["given_name", "family_name", NUMBER, "birthdate"];

impl LoginConfig {
    /// Whether anybody can sign in.
    pub fn is_empty(&self) -> bool {
        self.mandate.is_empty() && self.participant.is_empty() && self.pid.is_empty()
    }

    /// The query: one of the kinds that the party accepts.
    pub(super) fn query(&self) -> Result<Query, dcql::Error> {
        let kinds = [
            (MANDATE, &self.mandate, OF_MANDATE),
            (PARTICIPANT, &self.participant, OF_PARTICIPANT),
            (PID, &self.pid, OF_PID),
        ];
        let kinds: Vec<_> = kinds.into_iter().filter(|(_, types, _)| !types.is_empty()).collect();
        let credentials: Vec<Value> =
            kinds.iter().map(|(id, types, claims)| credential(id, types, claims)).collect();
        let options: Vec<Value> = kinds.iter().map(|(id, ..)| json!([id])).collect();
        Query::from_value(&json!({ "credentials": credentials, "credential_sets": [{ "options": options }] }))
    }
}

fn credential(id: &str, types: &[String], claims: &[&str]) -> Value {
    let claim = |name: &&str| json!({ "id": name, "path": [name] });
    let claims: Vec<Value> = claims.iter().map(claim).collect();
    let mut query =
        json!({ "id": id, "format": "dc+sd-jwt", "meta": { "vct_values": types }, "claims": claims });
    if let Some(members) = query.as_object_mut().filter(|_| id == PID) {
        let sets = json!([["given_name", "family_name", NUMBER], ["given_name", "family_name", "birthdate"]]);
        members.insert("claim_sets".to_owned(), sets);
    }
    query
}

/// Who answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Who {
    pub(super) subject: Subject,
    pub(super) shown_name: Option<String>,
    pub(super) office: Option<Office>,
    /// When what they showed says that it begins.
    from: Option<Instant>,
    /// When what they showed says that it ends, the last day included.
    pub(super) until: Option<Instant>,
}

impl Who {
    /// Whether that is so at `now`: a mandate says itself for which days it is given.
    pub(super) fn is_now(&self, now: Instant) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }
}

/// What somebody holds by a mandate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Office {
    /// Who says so: mandates of others are not of this office, whatever they say.
    pub(super) anchor_sha256: [u8; 32],
    pub(super) party: PartyClaim,
}

/// Who an answer says that they are; none if it lacks what was asked for, which does not happen to what was verified.
pub(super) fn who(proof: &Proof, sessions: &Sessions) -> Option<Who> {
    let (id, shown) = [MANDATE, PARTICIPANT, PID]
        .iter()
        .find_map(|id| Some((*id, proof.credentials.get(*id)?.first()?)))?;
    let claim = |name: &str| text(shown, name);
    let anchor = &shown.issuer.anchor_sha256;
    let name = || Some(format!("{} {}", claim("given_name")?, claim("family_name")?));
    let subject = |identifying: &[&str]| sessions.subject(anchor, &shown.vct, identifying);
    match id {
        MANDATE => {
            let party = PartyClaim {
                organisation_id: claim("organisation_id")?.to_owned(),
                organisation_name: claim("organisation_name")?.to_owned(),
                capacity: claim("capacity")?.to_owned(),
                country: shown.issuer.country.clone(),
            };
            let (given, family) = (claim("given_name")?, claim("family_name")?);
            Some(Who {
                subject: subject(&[&party.organisation_id, &party.capacity, given, family]),
                shown_name: name(),
                office: Some(Office { anchor_sha256: *anchor, party }),
                from: claim("valid_from").and_then(end_of_civil_date).map(|end| end.plus_secs(-86_400)),
                until: claim("valid_until").and_then(end_of_civil_date),
            })
        }
        PARTICIPANT => Some(Who {
            subject: subject(&[claim("pseudonym")?]),
            shown_name: None,
            office: None,
            from: None,
            until: None,
        }),
        _ => {
            let identifying = match claim(NUMBER) {
                Some(number) => subject(&[number]),
                None => subject(&[claim("given_name")?, claim("family_name")?, claim("birthdate")?]),
            };
            Some(Who { subject: identifying, shown_name: name(), office: None, from: None, until: None })
        }
    }
}

fn text<'a>(shown: &'a ProvenCredential, name: &str) -> Option<&'a str> {
    shown.claims.get(name).and_then(Value::as_str)
}
