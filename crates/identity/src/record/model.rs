//! What may be said of a subject of the register, and when it is well-formed. Pure.

use std::{collections::BTreeSet, iter::once};

use base::{time::is_civil_date, unseen::deceives};
use http::Uri;
use schemars::JsonSchema;
use serde_json::{Map, Value};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::store::Statements;

/// How long one text may be, characters.
pub(crate) const TEXT_CHARS_MAX: usize = 200;
/// How many entries a list or an object of texts may have.
pub(crate) const ENTRIES_MAX: usize = 10;

/// A kind of subject: what may be said of it, by what it is found, where its rows are.
///
/// As a [`JsonSchema`] it is the id of one, under the name that its views begin with.
pub trait Subject: base::id::Kind + std::fmt::Debug + JsonSchema {
    /// What one is called.
    const NOUN: &'static str;
    /// What many are called, also in addresses and answers.
    const MANY: &'static str;
    /// Every attribute there is.
    const KNOWN: &'static [Known];
    /// The attribute that no two of them share.
    const NUMBER: &'static str;
    /// The mandatory attribute by which they are found besides names and number.
    const ALSO_BY: &'static str;
    /// The attributes whose words find them.
    const NAMES: &'static [&'static str];
    /// Attributes of one who might be, for the description of the interfaces.
    fn example() -> Value;
    /// The statements on their rows.
    fn sql() -> &'static Statements;
}

/// An attribute: its name, its rule, and whether every subject has it.
#[derive(Debug)]
pub struct Known(pub(crate) &'static str, pub(crate) Rule, pub(crate) bool);

/// What kind of value an attribute has.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    /// One line of text.
    Text,
    /// A mail address.
    Email,
    /// A telephone number: a text that may begin with `+`.
    Phone,
    /// An https address.
    Web,
    /// A civil date, `YYYY-MM-DD`.
    Date,
    /// ISO/IEC 5218 with the rulebook's additions: 0 to 6, or 9.
    Sex,
    /// An ISO 3166-1 alpha-2 code.
    Country,
    /// A non-empty list of such codes.
    Countries,
    /// An object of texts with these names; `country` in it is an alpha-2 code.
    Place(&'static [&'static str]),
    /// An object of texts by language (BCP 47).
    ByLanguage,
}

/// The parts of a postal address.
pub(crate) const ADDRESS: &[&str] =
    &["formatted", "street_address", "house_number", "postal_code", "locality", "region", "country"];

/// Why attributes are refused. It names the attribute, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// There is no such attribute.
    #[error("`{0}` is not an attribute here")]
    Unknown(String),
    /// A mandatory attribute is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// The value has another form than the attribute's.
    #[error("`{0}` is not well-formed")]
    Malformed(&'static str),
}

/// The well-formed attributes of one subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Attributes(Map<String, Value>);

impl Attributes {
    /// Checks `map` by the rules of `S`; texts are brought to Unicode NFC.
    pub fn new<S: Subject>(map: Map<String, Value>) -> Result<Self, Invalid> {
        Self::checked::<S>(map).map_err(|mut all| all.swap_remove(0))
    }

    /// The same, refused with everything that is wrong (at least one), in the order of the rules.
    pub(crate) fn checked<S: Subject>(mut map: Map<String, Value>) -> Result<Self, Vec<Invalid>> {
        let is_known = |name: &str| S::KNOWN.iter().any(|known| known.0 == name);
        let unknown = map.keys().filter(|k| !is_known(k));
        let mut wrong: Vec<_> = unknown.map(|k| Invalid::Unknown(k.chars().take(50).collect())).collect();
        for Known(name, rule, mandatory) in S::KNOWN {
            let fine = match map.get_mut(*name) {
                None if *mandatory => Err(Invalid::Missing(name)),
                None => Ok(()),
                Some(value) => well_formed(value, *rule).then_some(()).ok_or(Invalid::Malformed(name)),
            };
            wrong.extend(fine.err());
        }
        if wrong.is_empty() { Ok(Self(map)) } else { Err(wrong) }
    }

    /// These attributes with `changes` laid over them; `null` takes an attribute away.
    pub fn amended<S: Subject>(&self, changes: Map<String, Value>) -> Result<Self, Invalid> {
        let mut map = self.0.clone();
        for (name, value) in changes {
            if value.is_null() {
                if S::KNOWN.iter().all(|known| known.0 != name) {
                    return Err(Invalid::Unknown(name.chars().take(50).collect()));
                }
                map.remove(&name);
            } else {
                map.insert(name, value);
            }
        }
        Self::new::<S>(map)
    }

    /// Our own column, written by us; what cannot be read is shown as a subject of whom nothing is known.
    pub(crate) fn from_stored(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_default())
    }

    /// As it is stored.
    pub(crate) fn to_stored(&self) -> String {
        // Maps of JSON values have text keys only, so this cannot fail.
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// As a JSON object.
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// As a JSON object.
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// The words by which the subject is found.
    pub(crate) fn words<S: Subject>(&self) -> BTreeSet<String> {
        S::NAMES.iter().filter_map(|name| self.0.get(*name)).flat_map(texts).flat_map(words).collect()
    }
}

/// The texts that a value is or holds.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(parts) => parts.values().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

/// The words of a name as they are compared: without case, without accents, without punctuation.
pub(crate) fn words(text: &str) -> Vec<String> {
    let folded: String =
        text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

fn well_formed(value: &mut Value, rule: Rule) -> bool {
    match (rule, value) {
        (Rule::Text, Value::String(t)) => text(t),
        (Rule::Email, Value::String(t)) => text(t) && is_mail_address(t),
        (Rule::Phone, Value::String(t)) => line(t),
        (Rule::Web, Value::String(t)) => text(t) && is_web_address(t),
        (Rule::Date, Value::String(t)) => is_civil_date(t),
        (Rule::Sex, value) => {
            let Value::Number(number) = value else { return false };
            let whole = web::body::whole_number(number).filter(|n| (0..=6).contains(n) || *n == 9);
            // However it was written, it is kept as a whole number.
            whole.map(|whole| *value = whole.into()).is_some()
        }
        (Rule::Country, Value::String(t)) => is_country(t),
        (Rule::Countries, Value::Array(all)) => {
            let different: BTreeSet<&str> = all.iter().filter_map(Value::as_str).collect();
            (1..=ENTRIES_MAX).contains(&all.len())
                && different.len() == all.len()
                && different.into_iter().all(is_country)
        }
        (Rule::Place(parts), Value::Object(place)) => {
            !place.is_empty()
                && place.iter_mut().all(|(name, part)| {
                    let part_rule = if name == "country" { Rule::Country } else { Rule::Text };
                    parts.contains(&name.as_str()) && well_formed(part, part_rule)
                })
        }
        (Rule::ByLanguage, Value::Object(texts)) => {
            (1..=ENTRIES_MAX).contains(&texts.len())
                && texts.iter_mut().all(|(tag, t)| is_language_tag(tag) && well_formed(t, Rule::Text))
        }
        _ => false,
    }
}

/// Brings `text` to NFC; whether it is one line that reads as it is written and that no spreadsheet computes.
fn text(text: &mut String) -> bool {
    line(text) && (!text.starts_with(['=', '+', '-', '@']) || text.len() == 1)
}

/// Brings `text` to NFC; whether it is one line that reads as it is written.
pub(crate) fn line(text: &mut String) -> bool {
    *text = text.nfc().collect();
    let no_formula = !text.starts_with(['=', '@']);
    no_formula
        && !text.is_empty()
        && text.trim() == text
        && text.chars().count() <= TEXT_CHARS_MAX
        && !text.chars().any(|c| c.is_control() || deceives(c))
}

fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase())
}

fn is_mail_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !host.contains('@') && !text.contains(char::is_whitespace)
    })
}

fn is_web_address(text: &str) -> bool {
    text.parse::<Uri>().is_ok_and(|uri| {
        uri.scheme_str() == Some("https") && uri.authority().is_some_and(|a| !a.as_str().contains('@'))
    })
}

/// The form of a BCP 47 tag (RFC 5646, section 2.1): a language and what narrows it.
fn is_language_tag(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let language = subtags.next().unwrap_or_default();
    (2..=3).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_lowercase())
        && subtags.all(|s| (1..=8).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric()))
        && tag.len() <= 35
}

/// How a column of a spreadsheet is named and what its cells say: `birthdate`, `place_of_birth.country`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column {
    /// The attribute.
    pub(crate) attribute: &'static str,
    /// The part of it, where it is an object.
    part: Option<&'static str>,
}

impl Column {
    /// All columns that `S` can have.
    pub(crate) fn all<S: Subject>() -> impl Iterator<Item = Self> {
        S::KNOWN.iter().flat_map(|Known(attribute, rule, _)| match rule {
            Rule::Place(parts) => parts.iter().map(|p| Self { attribute, part: Some(p) }).collect(),
            // Its parts are not known beforehand.
            Rule::ByLanguage => Vec::new(),
            _ => once(Self { attribute, part: None }).collect(),
        })
    }

    /// Its name in the header.
    pub(crate) fn name(self) -> String {
        self.part.map_or_else(|| self.attribute.to_owned(), |part| format!("{}.{part}", self.attribute))
    }

    /// Says what the cell says; an empty cell says nothing. Lists are separated by `;`.
    pub(crate) fn put<S: Subject>(self, map: &mut Map<String, Value>, cell: &str) {
        if cell.is_empty() {
            return;
        }
        let rule = S::KNOWN.iter().find(|known| known.0 == self.attribute).map(|known| known.1);
        let value = match rule {
            Some(Rule::Sex) => cell.parse::<u8>().map_or_else(|_| cell.into(), Value::from),
            Some(Rule::Countries) => cell.split(';').map(str::trim).collect(),
            _ => Value::from(cell),
        };
        match self.part {
            None => drop(map.insert(self.attribute.to_owned(), value)),
            Some(part) => {
                let whole = map.entry(self.attribute).or_insert_with(|| Map::new().into());
                if let Value::Object(parts) = whole {
                    parts.insert(part.to_owned(), value);
                }
            }
        }
    }

    /// Whether this cell is one that makes its attribute not well-formed.
    pub(crate) fn is_malformed<S: Subject>(self, cell: &str) -> bool {
        let mut map = Map::new();
        self.put::<S>(&mut map, cell);
        let wrong = Attributes::checked::<S>(map).err().unwrap_or_default();
        wrong.contains(&Invalid::Malformed(self.attribute))
    }
}
