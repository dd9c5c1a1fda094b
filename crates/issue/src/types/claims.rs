//! From the register and the clerk's form to the claims of a credential. Pure.

use base::{
    Instant,
    time::{end_of_civil_date, is_civil_date},
};
use crypto::hmac_sha256;
use serde_json::{Map, Value};

use super::{
    ClaimType, CredentialType, IssuerFact, Kind, LIST_ELEMENTS_MAX, Part, RandomFact, Source, TEXT_CHARS_MAX,
};

/// What claims are made from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The person's attributes in the register.
    pub register: &'a Map<String, Value>,
    /// What the clerk entered.
    pub form: &'a Map<String, Value>,
    /// The name of the issuing authority.
    pub authority: &'a str,
    /// Its country, ISO 3166-1 alpha-2.
    pub country: &'a str,
    /// When the claims are made.
    pub now: Instant,
    /// What random claims are made from: secret, and the same for all copies of a credential.
    pub seed: [u8; 32],
}

/// The claims of one credential, in two heaps.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Claims {
    /// What the person chooses to show.
    pub disclosable: Map<String, Value>,
    /// What everybody sees.
    pub always: Map<String, Value>,
    /// When what they say ends, if they say so.
    pub ends_at: Option<Instant>,
}

/// Why no credential of this type can be made. Names claims, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The form has something that the type does not ask for.
    #[error("`{0}` is not asked for by this type")]
    NotAsked(String),
    /// The form lacks a mandatory claim.
    #[error("`{0}` is missing")]
    FormMissing(String),
    /// The form's value is not of the kind, or out of bounds.
    #[error("`{0}` is not well-formed")]
    FormMalformed(String),
    /// What it would say has ended.
    #[error("`{0}` has passed")]
    Ended(String),
    /// The register lacks what this type cannot do without.
    #[error("the register does not say `{0}` of this person")]
    RegisterMissing(String),
    /// The register's value does not fit the type.
    #[error("the register's `{0}` does not fit this type")]
    RegisterMalformed(String),
}

impl CredentialType {
    /// The claims of a credential of this type.
    pub fn claims(&self, sources: &Sources<'_>) -> Result<Claims, Refused> {
        let asked = |name: &String| self.claims.iter().any(|c| c.source == Source::Form && c.name == *name);
        if let Some(name) = sources.form.keys().find(|name| !asked(name)) {
            return Err(Refused::NotAsked(name.chars().take(64).collect()));
        }
        let mut claims = Claims::default();
        for claim in &self.claims {
            if let Some(value) = claim.value(sources)? {
                if self.until.as_ref() == Some(&claim.name) {
                    let ends_at = value.as_str().and_then(end_of_civil_date);
                    if ends_at.is_none_or(|at| at <= sources.now) {
                        return Err(Refused::Ended(claim.name.clone()));
                    }
                    claims.ends_at = ends_at;
                }
                let heap =
                    if claim.selectively_disclosable { &mut claims.disclosable } else { &mut claims.always };
                heap.insert(claim.name.clone(), value);
            }
        }
        Ok(claims)
    }
}

impl ClaimType {
    fn value(&self, sources: &Sources<'_>) -> Result<Option<Value>, Refused> {
        let name = || self.name.clone();
        match &self.source {
            Source::Form => match sources.form.get(&self.name) {
                Some(value) if !value.is_null() => self
                    .fits(value)
                    .then(|| Some(value.clone()))
                    .ok_or_else(|| Refused::FormMalformed(name())),
                _ if self.mandatory => Err(Refused::FormMissing(name())),
                _ => Ok(None),
            },
            Source::Register(attribute) => match sources.register.get(attribute) {
                Some(value) if !value.is_null() => {
                    let value = self.converted(value);
                    self.fits(&value).then_some(Some(value)).ok_or_else(|| Refused::RegisterMalformed(name()))
                }
                _ if self.mandatory => Err(Refused::RegisterMissing(attribute.clone())),
                _ => Ok(None),
            },
            Source::Issuer(IssuerFact::Authority) => Ok(Some(sources.authority.into())),
            Source::Issuer(IssuerFact::Country) => Ok(Some(sources.country.into())),
            Source::Fixed(text) => Ok(Some(text.as_str().into())),
            Source::Random(RandomFact::Pseudonym) => {
                Ok(Some(pseudonym(&hmac_sha256(&sources.seed, self.name.as_bytes())).into()))
            }
        }
    }

    /// A register that knows only texts still gives numbers, and one place name still gives a place.
    fn converted(&self, value: &Value) -> Value {
        match (self.kind, value) {
            (Kind::Integer, Value::String(text)) => {
                text.parse::<i64>().map_or_else(|_| value.clone(), Value::from)
            }
            (Kind::Object, Value::String(_)) => {
                let first = self.parts.first().map(|p| p.name.clone()).unwrap_or_default();
                Value::Object(Map::from_iter([(first, value.clone())]))
            }
            _ => value.clone(),
        }
    }

    fn fits(&self, value: &Value) -> bool {
        match self.kind {
            Kind::Integer => value
                .as_i64()
                .is_some_and(|n| self.min.is_none_or(|min| n >= min) && self.max.is_none_or(|max| n <= max)),
            kind => fits(kind, &self.parts, value, self.chars_max.unwrap_or(TEXT_CHARS_MAX)),
        }
    }
}

fn fits(kind: Kind, parts: &[Part], value: &Value, chars_max: usize) -> bool {
    let list = |one: &dyn Fn(&Value) -> bool| {
        value
            .as_array()
            .is_some_and(|all| (1..=LIST_ELEMENTS_MAX).contains(&all.len()) && all.iter().all(one))
    };
    match kind {
        Kind::Text => value.as_str().is_some_and(|text| is_line(text, chars_max)),
        Kind::Date => value.as_str().is_some_and(is_civil_date),
        Kind::Integer => value.is_i64(),
        Kind::Country => value.as_str().is_some_and(is_country),
        Kind::Currency => value.as_str().is_some_and(is_currency),
        Kind::Texts => list(&|v| fits(Kind::Text, parts, v, chars_max)),
        Kind::Countries => list(&|v| fits(Kind::Country, parts, v, chars_max)),
        Kind::Object => value.as_object().is_some_and(|object| {
            let known = |(name, value): (&String, &Value)| {
                parts.iter().any(|p| p.name == *name && fits(p.kind, &p.parts, value, TEXT_CHARS_MAX))
            };
            !object.is_empty()
                && object.iter().all(known)
                && parts.iter().all(|p| !p.mandatory || object.contains_key(&p.name))
        }),
        Kind::Objects => list(&|v| fits(Kind::Object, parts, v, chars_max)),
    }
}

/// 80 bits in lower case without the letters that are taken for others (Crockford's base 32).
fn pseudonym(random: &[u8; 32]) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut text = String::with_capacity(19);
    for (at, byte) in random.iter().take(16).enumerate() {
        if at > 0 && at % 4 == 0 {
            text.push('-');
        }
        text.extend(ALPHABET.get(usize::from(byte % 32)).map(|c| char::from(*c)));
    }
    text
}

fn is_line(text: &str, chars_max: usize) -> bool {
    !text.is_empty()
        && text.trim() == text
        && text.chars().count() <= chars_max
        && !text.chars().any(char::is_control)
}

/// Whether `code` has the form of an ISO 3166-1 alpha-2 code.
pub(crate) fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase())
}

/// Whether `code` has the form of an ISO 4217 alphabetic code.
fn is_currency(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase())
}
