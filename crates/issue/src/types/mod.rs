//! Credential types as data: one TOML file a type says everything that is particular to it.
//!
//! Read in this order: this file (the shape of a type file), `check.rs` (which files are refused), `claims.rs` (from
//! the register and the clerk's form to the claims of a credential), `describe.rs` (to the issuer's metadata and to the
//! form), `publish.rs` (to the type's own metadata, and what is selectively disclosable).
//! The default types are in the repository's folder `types/`; a configured folder replaces them.

mod check;
mod claims;
mod describe;
mod publish;

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

use base::Texts;
use serde::Deserialize;

pub use check::BadType;
pub(crate) use check::is_type_path;
pub(crate) use claims::is_country;
pub use claims::{Claims, Refused, Sources};
pub use describe::Form;

/// The type files that come with the program: name and text.
pub const DEFAULT: &[(&str, &str)] = &[
    ("pid.toml", include_str!("../../../../types/pid.toml")),
    ("driving-licence.toml", include_str!("../../../../types/driving-licence.toml")),
    ("travel-document.toml", include_str!("../../../../types/travel-document.toml")),
    ("vaccination.toml", include_str!("../../../../types/vaccination.toml")),
    ("diploma.toml", include_str!("../../../../types/diploma.toml")),
    ("account.toml", include_str!("../../../../types/account.toml")),
    ("vehicle-registration.toml", include_str!("../../../../types/vehicle-registration.toml")),
    ("farmer.toml", include_str!("../../../../types/farmer.toml")),
    ("mandate.toml", include_str!("../../../../types/mandate.toml")),
    ("participant.toml", include_str!("../../../../types/participant.toml")),
];

/// One type of credential, as its file says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialType {
    /// Its `credential_configuration_id`, also in the database: lower case, digits, `_`, `-`.
    pub id: String,
    /// SD-JWT VC type identifier (SD-JWT VC draft 13, section 3.2.2.1.1): a URI, or `{identifier}/types/NAME/VERSION` with
    /// the issuer's identifier, at which its metadata can be served. [`Types::at`] puts that in its place.
    pub vct: String,
    /// `dc+sd-jwt`.
    pub format: String,
    /// OAuth scope (OpenID4VCI 1.0, section 12.2.4).
    pub scope: String,
    /// How long a credential is valid, days, unless its signer's certificate ends earlier.
    pub validity_days: i64,
    /// The claim with the last day on which what is said holds: a date. The credential ends with that day (UTC) if not before,
    /// so that who looks only at `exp` is not misled.
    pub until: Option<String>,
    /// How many credentials one request may fetch.
    pub batch_size: u32,
    /// `#rrggbb`.
    pub background_color: String,
    /// `#rrggbb`, readable on the background.
    pub text_color: String,
    /// What people call it.
    pub name: Texts,
    /// One sentence.
    pub description: Texts,
    /// Its claims, in the order in which they are shown.
    #[serde(rename = "claim")]
    pub claims: Vec<ClaimType>,
}

impl CredentialType {
    /// Whether nothing in it is what a clerk entered, which is erased: then it can be issued again as it now is.
    pub(crate) fn is_refreshable(&self) -> bool {
        self.claims.iter().all(|claim| claim.source != Source::Form)
    }
}

/// One claim of a type.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimType {
    /// The claim's name in the credential.
    pub name: String,
    /// What values it has.
    pub kind: Kind,
    /// Whether every credential of this type has it.
    #[serde(default)]
    pub mandatory: bool,
    /// Whether the person chooses to show it; otherwise everybody who sees the credential sees it.
    pub selectively_disclosable: bool,
    /// Where its value comes from.
    pub source: Source,
    /// Texts: how long, characters. [`TEXT_CHARS_MAX`] unless said otherwise.
    pub chars_max: Option<usize>,
    /// Integers: the least.
    pub min: Option<i64>,
    /// Integers: the greatest.
    pub max: Option<i64>,
    /// What people call it.
    pub label: Texts,
    /// Objects and lists of objects: their members.
    #[serde(rename = "part", default)]
    pub parts: Vec<Part>,
}

/// A member of an object.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its name in the object.
    pub name: String,
    /// What values it has.
    pub kind: Kind,
    /// Whether every such object has it.
    #[serde(default)]
    pub mandatory: bool,
    /// Whether the person chooses to show it; otherwise it is shown with what it is in.
    #[serde(default)]
    pub selectively_disclosable: bool,
    /// What people call it.
    pub label: Texts,
    /// Objects and lists of objects: their members.
    #[serde(rename = "part", default)]
    pub parts: Vec<Part>,
}

/// What values a claim has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One line of text.
    Text,
    /// A civil date, `YYYY-MM-DD`.
    Date,
    /// A whole number.
    Integer,
    /// An ISO 3166-1 alpha-2 code.
    Country,
    /// An ISO 4217 alphabetic code.
    Currency,
    /// A list of texts, not empty.
    Texts,
    /// A list of countries, not empty.
    Countries,
    /// Named parts, at least one of them.
    Object,
    /// A list of objects of the same parts, not empty.
    Objects,
}

impl Kind {
    /// The name in type files and forms.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Date => "date",
            Self::Integer => "integer",
            Self::Country => "country",
            Self::Currency => "currency",
            Self::Texts => "texts",
            Self::Countries => "countries",
            Self::Object => "object",
            Self::Objects => "objects",
        }
    }

    /// Whether it has parts.
    pub(crate) const fn has_parts(self) -> bool {
        matches!(self, Self::Object | Self::Objects)
    }
}

/// Where the value of a claim comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The register's attribute of this name.
    Register(String),
    /// What the clerk enters with the offer.
    Form,
    /// The issuer's configuration.
    Issuer(IssuerFact),
    /// Always this text.
    Fixed(String),
    /// Made at random for each offer, the same in all copies of the credential, and forgotten with the offer.
    Random(RandomFact),
}

/// What the issuer says of itself in credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssuerFact {
    /// The name of the authority.
    Authority,
    /// Its country, ISO 3166-1 alpha-2.
    Country,
}

/// What is made at random.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RandomFact {
    /// A name of 16 letters and digits in four groups, 80 random bits: `7hk2-9qmd-x4tw-p3rv`.
    Pseudonym,
}

/// How long a text of a claim may be, characters, unless its type says otherwise.
pub const TEXT_CHARS_MAX: usize = 200;
/// In a type file's `vct`: the issuer's identifier.
const IDENTIFIER: &str = "{identifier}";

/// How many elements a list of a claim may have.
pub const LIST_ELEMENTS_MAX: usize = 20;

/// The types that an issuer issues.
#[derive(Debug, Clone)]
pub struct Types(Arc<BTreeMap<String, CredentialType>>);

impl Types {
    /// The types that come with the program.
    pub fn embedded() -> Result<Self, BadType> {
        Self::parse(DEFAULT.iter().copied())
    }

    /// Reads type files: their names (for messages) and texts.
    ///
    /// # Errors
    /// A file breaks a rule, or two share an id, a `vct` or a scope, or there is none at all.
    pub fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, BadType> {
        let mut types = BTreeMap::new();
        for (file, text) in files {
            let credential_type = CredentialType::parse(file, text)?;
            let same = |other: &CredentialType| {
                other.id == credential_type.id
                    || other.vct == credential_type.vct
                    || other.scope == credential_type.scope
            };
            if types.values().any(same) {
                return Err(BadType::new(file, "its id, vct or scope is that of another type"));
            }
            types.insert(credential_type.id.clone(), credential_type);
        }
        if types.is_empty() {
            return Err(BadType::new("types", "there is no type file"));
        }
        Ok(Self(Arc::new(types)))
    }

    /// The same types as the issuer with this identifier issues them: with their `vct` resolved.
    #[must_use]
    pub fn at(&self, identifier: &str) -> Self {
        let mut types = (*self.0).clone();
        for credential_type in types.values_mut() {
            if let Some(path) = credential_type.vct.strip_prefix(IDENTIFIER) {
                credential_type.vct = format!("{identifier}{path}");
            }
        }
        Self(Arc::new(types))
    }

    /// The type with this id.
    pub fn get(&self, id: &str) -> Option<&CredentialType> {
        self.0.get(id)
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &CredentialType> {
        self.0.values()
    }

    /// The largest batch that any type allows.
    pub fn batch_size_max(&self) -> u32 {
        self.iter().map(|t| t.batch_size).max().unwrap_or(1)
    }
}
