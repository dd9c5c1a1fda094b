//! Type metadata of SD-JWT VC (draft-ietf-oauth-sd-jwt-vc-13, sections "SD-JWT VC Type Metadata", "Document Integrity",
//! "Display Metadata" and "Claim Metadata"): what a type is called, how its credentials and their claims are shown, and
//! which claims must be there and may be selectively disclosable.
//!
//! [`TypeMetadata`] is one document as it is published. A type may extend another: a [`Chain`] takes the documents one
//! by one, says which is missing, and [`Chain::resolve`]s to what holds in the end. [`ResolvedType::check`] holds a
//! credential against it. Fetching is others' business; trust too: metadata say nothing about who may issue.
//! Texts in it are of whoever published it, as long as they like, and must be escaped and cut where they are shown.
//! Read `parse` after this, then [`Integrity`], `chain`, `check`.
//!
//! Not read: `svg_templates`, as nothing here draws SVG of strangers.

mod chain;
mod check;
mod integrity;
mod parse;

pub use self::{
    chain::{Chain, ResolvedType},
    check::{View, Violation},
    integrity::Integrity,
};
use crate::{dcql::ClaimPath, json};

/// A type metadata document (section "Type Metadata Format"). What it holds besides is ignored, and not written again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeMetadata {
    /// The type that it describes; never empty.
    pub vct: String,
    /// A name for developers.
    pub name: Option<String>,
    /// A description for developers.
    pub description: Option<String>,
    /// The type that this one extends.
    pub extends: Option<Extends>,
    /// How it is shown, once a locale; if none, as the type that it extends.
    pub display: Option<Vec<TypeDisplay>>,
    /// Its claims, once a path.
    pub claims: Vec<ClaimMetadata>,
}

/// The type that another extends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extends {
    /// Its `vct`; never empty.
    pub vct: String,
    /// What its document hashes to.
    pub integrity: Option<Integrity>,
}

/// How a type is shown to people of one locale (section "Display Metadata").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeDisplay {
    /// A language tag (RFC 5646), as it was written.
    pub locale: String,
    /// The type's name.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// The rendering method `simple`.
    pub simple: Option<SimpleRendering>,
}

/// The rendering method `simple`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SimpleRendering {
    /// A logo.
    pub logo: Option<Image>,
    /// A picture behind the text; its `alt_text` is none.
    pub background_image: Option<Image>,
    /// A colour behind the text.
    pub background_color: Option<Color>,
    /// The text's colour.
    pub text_color: Option<Color>,
}

/// An image that is elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Where; a `data:` URI too. Never empty.
    pub uri: String,
    /// What it hashes to.
    pub integrity: Option<Integrity>,
    /// What it shows, in words.
    pub alt_text: Option<String>,
}

/// A colour: red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color(pub [u8; 3]);

/// What is said of a claim, or of several that one path leads to (section "Claim Metadata").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimMetadata {
    /// Where it is in a credential of which everything is disclosed.
    pub path: ClaimPath,
    /// How it is shown, once a locale.
    pub display: Vec<ClaimDisplay>,
    /// Whether the issuer must include it; no if nothing is said.
    pub mandatory: Option<bool>,
    /// Whether it is selectively disclosable; [`Sd::Allowed`] if nothing is said.
    pub sd: Option<Sd>,
    /// Its name in SVG templates, unique in the type: letters, digits, `_`, no digit first.
    pub svg_id: Option<String>,
}

/// How a claim is shown to people of one locale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimDisplay {
    /// A language tag (RFC 5646), as it was written.
    pub locale: String,
    /// The claim's name.
    pub label: String,
    /// What it is.
    pub description: Option<String>,
}

/// Whether the issuer makes a claim selectively disclosable.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sd {
    /// It must.
    Always,
    /// It may.
    #[default]
    Allowed,
    /// It must not.
    Never,
}

impl Sd {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Allowed => "allowed",
            Self::Never => "never",
        }
    }
}

/// Something that is there once for each locale.
pub trait Localised {
    /// Its language tag.
    fn locale(&self) -> &str;
}

impl Localised for TypeDisplay {
    fn locale(&self) -> &str {
        &self.locale
    }
}

impl Localised for ClaimDisplay {
    fn locale(&self) -> &str {
        &self.locale
    }
}

/// The one of `all` for somebody who reads `wanted`, a language tag: the most special that `wanted` begins with
/// (RFC 4647, section 3.4), else one of the same language, else the first.
pub fn best<'a, T: Localised>(all: &'a [T], wanted: &str) -> Option<&'a T> {
    let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    let mut range = wanted;
    loop {
        if let Some(found) = all.iter().find(|item| same(item.locale(), range)) {
            return Some(found);
        }
        match range.rsplit_once('-') {
            Some((shorter, _)) => range = shorter,
            None => break,
        }
    }
    let language = |tag: &'a str| tag.split('-').next().unwrap_or_default();
    all.iter().find(|item| same(language(item.locale()), range)).or_else(|| all.first())
}

/// Why type metadata are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not JSON that we read.
    #[error("not JSON that is read: {0}")]
    Json(#[from] json::Error),
    /// A member is missing or of the wrong form; the text says which.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// It has more claims or locales than the limits allow.
    #[error("too large: {0}")]
    TooLarge(&'static str),
    /// A locale is no language tag.
    #[error("a locale is no language tag")]
    Locale,
    /// A locale stands there twice.
    #[error("a locale is repeated")]
    LocaleRepeated,
    /// Two entries are of one path.
    #[error("a claim is repeated")]
    ClaimRepeated,
    /// An `svg_id` is of two paths.
    #[error("an svg_id is repeated")]
    SvgIdRepeated,
    /// The document does not hash to what it must.
    #[error("the document is not the one that was meant")]
    Integrity,
    /// Integrity metadata name no hash that we know.
    #[error("the integrity metadata name no hash that is supported")]
    IntegrityUnsupported,
    /// The document describes another type.
    #[error("the document describes another type")]
    Vct,
    /// A type extends itself, directly or not.
    #[error("a type extends itself")]
    ExtendsCircular,
    /// More types extend one another than [`base::limits::TYPE_METADATA_CHAIN_MAX`].
    #[error("too many types extend one another")]
    ExtendsTooLong,
    /// The document of an extended type is missing.
    #[error("the document of an extended type is missing")]
    ExtendsMissing,
    /// A document came although none is missing.
    #[error("a document came that nothing extends")]
    ExtendsNothing,
    /// A type changes `always` or `never` of the type that it extends.
    #[error("a type changes whether a claim of the extended type is selectively disclosable")]
    ExtendsSd,
    /// A type makes optional what is mandatory in the type that it extends.
    #[error("a type makes a mandatory claim of the extended type optional")]
    ExtendsMandatory,
}

impl Error {
    /// A stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Json(fault) => fault.code(),
            Self::Malformed(_) => "type_metadata_malformed",
            Self::TooLarge(_) => "type_metadata_too_large",
            Self::Locale => "locale",
            Self::LocaleRepeated => "locale_repeated",
            Self::ClaimRepeated => "claim_repeated",
            Self::SvgIdRepeated => "svg_id_repeated",
            Self::Integrity => "integrity",
            Self::IntegrityUnsupported => "integrity_unsupported",
            Self::Vct => "type_vct",
            Self::ExtendsCircular => "extends_circular",
            Self::ExtendsTooLong => "extends_too_long",
            Self::ExtendsMissing => "extends_missing",
            Self::ExtendsNothing => "extends_nothing",
            Self::ExtendsSd => "extends_sd",
            Self::ExtendsMandatory => "extends_mandatory",
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
