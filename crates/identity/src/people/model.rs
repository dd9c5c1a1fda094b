//! What may be said of a person, and when it is well-formed. Pure.
//!
//! Attributes are named as the claims of the European person identification data rulebook (SD-JWT VC
//! encoding) that are made from them.

use std::collections::BTreeSet;

use base::time::is_civil_date;
use serde_json::{Map, Value};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// How long one text may be, characters.
const TEXT_CHARS_MAX: usize = 200;
/// How many nationalities a person may have.
const NATIONALITIES_MAX: usize = 10;

/// What kind of value an attribute has.
#[derive(Clone, Copy)]
enum Kind {
    /// One line of text.
    Text,
    /// A civil date, `YYYY-MM-DD`.
    Date,
    /// ISO/IEC 5218 with the rulebook's additions: 0 to 6, or 9.
    Sex,
    /// A non-empty list of ISO 3166-1 alpha-2 codes.
    Countries,
    /// An object of texts; `country` in it is an alpha-2 code.
    Place(&'static [&'static str]),
}

const PLACE: &[&str] = &["country", "region", "locality"];
const ADDRESS: &[&str] =
    &["formatted", "street_address", "house_number", "postal_code", "locality", "region", "country"];

/// Every attribute there is, and whether a person must have it.
const KNOWN: &[(&str, Kind, bool)] = &[
    ("family_name", Kind::Text, true),
    ("given_name", Kind::Text, true),
    ("birthdate", Kind::Date, true),
    ("birth_family_name", Kind::Text, false),
    ("birth_given_name", Kind::Text, false),
    ("place_of_birth", Kind::Place(PLACE), false),
    ("nationalities", Kind::Countries, false),
    ("sex", Kind::Sex, false),
    ("address", Kind::Place(ADDRESS), false),
    ("personal_administrative_number", Kind::Text, false),
    ("email", Kind::Text, false),
    ("phone_number", Kind::Text, false),
];

/// Why attributes are refused. It names the attribute, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// There is no such attribute.
    #[error("`{0}` is not an attribute of a person")]
    Unknown(String),
    /// An attribute that every person has is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// The value has another form than the attribute's.
    #[error("`{0}` is not well-formed")]
    Malformed(&'static str),
}

/// The well-formed attributes of one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Attributes(Map<String, Value>);

impl Attributes {
    /// Checks `map`; texts are brought to Unicode NFC.
    pub fn new(mut map: Map<String, Value>) -> Result<Self, Invalid> {
        if let Some(unknown) = map.keys().find(|k| KNOWN.iter().all(|(name, ..)| name != k)) {
            return Err(Invalid::Unknown(unknown.chars().take(50).collect()));
        }
        for (name, kind, mandatory) in KNOWN {
            match map.get_mut(*name) {
                None if *mandatory => return Err(Invalid::Missing(name)),
                None => {}
                Some(value) => well_formed(value, *kind).then_some(()).ok_or(Invalid::Malformed(name))?,
            }
        }
        Ok(Self(map))
    }

    /// These attributes with `changes` laid over them; `null` takes an attribute away.
    pub fn amended(&self, changes: Map<String, Value>) -> Result<Self, Invalid> {
        let mut map = self.0.clone();
        for (name, value) in changes {
            if value.is_null() {
                if KNOWN.iter().all(|(known, ..)| *known != name) {
                    return Err(Invalid::Unknown(name));
                }
                map.remove(&name);
            } else {
                map.insert(name, value);
            }
        }
        Self::new(map)
    }

    /// What was checked before it was stored.
    pub(crate) const fn from_stored(map: Map<String, Value>) -> Self {
        Self(map)
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

    /// The words by which this person is found.
    pub(crate) fn words(&self) -> BTreeSet<String> {
        ["family_name", "given_name", "birth_family_name", "birth_given_name"]
            .into_iter()
            .filter_map(|name| self.text(name))
            .flat_map(words)
            .collect()
    }
}

/// The words of a name as they are compared: without case, without accents, without punctuation.
pub(crate) fn words(text: &str) -> Vec<String> {
    let folded: String =
        text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

fn well_formed(value: &mut Value, kind: Kind) -> bool {
    match kind {
        Kind::Text => text(value),
        Kind::Date => value.as_str().is_some_and(is_civil_date),
        Kind::Sex => value.as_u64().is_some_and(|n| n <= 6 || n == 9),
        Kind::Countries => value.as_array().is_some_and(|all| {
            let different: BTreeSet<&str> = all.iter().filter_map(Value::as_str).collect();
            (1..=NATIONALITIES_MAX).contains(&all.len())
                && different.len() == all.len()
                && different.into_iter().all(is_country)
        }),
        Kind::Place(parts) => value.as_object_mut().is_some_and(|place| {
            !place.is_empty()
                && place.iter_mut().all(|(name, part)| {
                    parts.contains(&name.as_str())
                        && if name == "country" { part.as_str().is_some_and(is_country) } else { text(part) }
                })
        }),
    }
}

fn text(value: &mut Value) -> bool {
    let Value::String(text) = value else { return false };
    *text = text.nfc().collect();
    !text.is_empty()
        && text.trim() == text
        && text.chars().count() <= TEXT_CHARS_MAX
        && !text.chars().any(|c| c.is_control() || changes_direction_or_hides(c))
}

/// Characters that make a text read otherwise than it is written: bidirectional overrides and isolates,
/// zero-width characters (the joiners, which Persian and Indic names need, excepted), tags.
fn changes_direction_or_hides(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
        | '\u{061C}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}' | '\u{2028}' | '\u{2029}')
}

fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase())
}
