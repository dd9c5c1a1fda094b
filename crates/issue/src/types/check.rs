//! Which type files are refused, and what their authors are told.

use std::collections::BTreeSet;

use base::limits::PROOFS_MAX;
use formats::vci::FORMAT_SD_JWT_VC;

use super::{ClaimType, CredentialType, IDENTIFIER, Kind, Part, Source, TEXT_CHARS_MAX};

/// A type file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("credential type {file}: {problem}")]
pub struct BadType {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub problem: String,
}

impl BadType {
    pub(super) fn new(file: &str, problem: impl Into<String>) -> Self {
        Self { file: file.to_owned(), problem: problem.into() }
    }
}

/// Names that the credential's own protocol uses (RFC 7519, RFC 9901, SD-JWT VC, Token Status List).
const RESERVED: &[&str] = &[
    "_sd",
    "_sd_alg",
    "...",
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "cnf",
    "vct",
    "vct#integrity",
    "status",
];

/// Names that no member at any depth may have (RFC 9901, section 4.1).
const NEVER: &[&str] = &["_sd", "_sd_alg", "..."];

/// How long a credential may be valid, days.
const VALIDITY_DAYS_MAX: i64 = 20 * 366;

/// How deep objects may lie in a claim.
const OBJECTS_DEPTH_MAX: usize = 3;

/// WCAG 2.2, success criterion 1.4.3.
const CONTRAST_MIN: f64 = 4.5;

impl CredentialType {
    /// Reads one file.
    pub(super) fn parse(file: &str, text: &str) -> Result<Self, BadType> {
        let credential_type: Self = toml::from_str(text).map_err(|e| {
            let line = e.span().map_or(1, |s| text.get(..s.start).map_or(1, |t| t.lines().count().max(1)));
            BadType::new(file, format!("line {line}: {}", e.message()))
        })?;
        credential_type.check().map_err(|problem| BadType::new(file, problem))?;
        Ok(credential_type)
    }

    fn check(&self) -> Result<(), String> {
        if !is_name(&self.id) || self.id.len() > 32 {
            return Err("`id` is not 1 to 32 of a-z, 0-9, `_` and `-`".into());
        }
        if self.format != FORMAT_SD_JWT_VC {
            return Err(format!("`format` is not `{FORMAT_SD_JWT_VC}`"));
        }
        if self.vct.is_empty()
            || self.vct.len() > 200
            || self.vct.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            return Err("`vct` is empty, too long or has white space".into());
        }
        if self.vct.contains(['{', '}']) && !self.vct.strip_prefix(IDENTIFIER).is_some_and(is_type_path) {
            return Err(format!("`vct` is neither a URI nor `{IDENTIFIER}/types/NAME/VERSION`"));
        }
        // RFC 6749, section 3.3: what a scope token may consist of.
        if self.scope.is_empty() || !self.scope.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
        {
            return Err("`scope` is not one OAuth scope".into());
        }
        if !(1..=VALIDITY_DAYS_MAX).contains(&self.validity_days) {
            return Err(format!("`validity_days` is not between 1 and {VALIDITY_DAYS_MAX}"));
        }
        if self.batch_size == 0 || self.batch_size as usize > PROOFS_MAX {
            return Err(format!("`batch_size` is not between 1 and {PROOFS_MAX}"));
        }
        let background = luminance(&self.background_color).ok_or("`background_color` is not `#rrggbb`")?;
        let text = luminance(&self.text_color).ok_or("`text_color` is not `#rrggbb`")?;
        let contrast = (background.max(text) + 0.05) / (background.min(text) + 0.05);
        if contrast < CONTRAST_MIN {
            return Err(format!(
                "the text cannot be read on its background: contrast {contrast:.1}, less than {CONTRAST_MIN}"
            ));
        }
        if self.claims.is_empty() {
            return Err("it has no claims".into());
        }
        let mut names = BTreeSet::new();
        for claim in &self.claims {
            let name = &claim.name;
            if !names.insert(name) {
                return Err(format!("the claim `{name}` comes twice"));
            }
            claim.check().map_err(|problem| format!("claim `{name}`: {problem}"))?;
        }
        if let Some(until) = &self.until
            && !self.claims.iter().any(|c| c.name == *until && c.kind == Kind::Date)
        {
            return Err("`until` is not a claim that is a date".into());
        }
        Ok(())
    }
}

impl ClaimType {
    fn check(&self) -> Result<(), String> {
        if RESERVED.contains(&self.name.as_str()) {
            return Err("the name is reserved".into());
        }
        if !is_claim_name(&self.name) {
            return Err("the name is not 1 to 64 of a-z, A-Z, 0-9 and `_`".into());
        }
        if (self.min.is_some() || self.max.is_some()) && self.kind != Kind::Integer {
            return Err("`min` and `max` are for integers".into());
        }
        if self.min.zip(self.max).is_some_and(|(min, max)| min > max) {
            return Err("`min` is greater than `max`".into());
        }
        if self.chars_max.is_some() && !matches!(self.kind, Kind::Text | Kind::Texts) {
            return Err("`chars_max` is for texts".into());
        }
        if self.chars_max.is_some_and(|n| n == 0 || n > TEXT_CHARS_MAX) {
            return Err(format!("`chars_max` is not between 1 and {TEXT_CHARS_MAX}"));
        }
        check_parts(self.kind, &self.parts, 1)?;
        match &self.source {
            Source::Register(attribute) if !is_claim_name(attribute) => {
                Err("`source.register` is not an attribute".into())
            }
            Source::Issuer(_) | Source::Fixed(_) if !matches!(self.kind, Kind::Text | Kind::Country) => {
                Err("what the issuer says is a text or a country".into())
            }
            Source::Random(_) if self.kind != Kind::Text => Err("what is made at random is a text".into()),
            Source::Random(_) | Source::Fixed(_) | Source::Issuer(_) | Source::Register(_) | Source::Form => {
                Ok(())
            }
        }
    }
}

fn check_parts(kind: Kind, parts: &[Part], depth: usize) -> Result<(), String> {
    if kind.has_parts() == parts.is_empty() {
        return Err("an object has parts, and nothing else has".into());
    }
    if depth > OBJECTS_DEPTH_MAX {
        return Err(format!("objects lie deeper than {OBJECTS_DEPTH_MAX}"));
    }
    let mut names = BTreeSet::new();
    for part in parts {
        if NEVER.contains(&part.name.as_str()) {
            return Err(format!("the name `{}` of a part is reserved", part.name));
        }
        if !is_claim_name(&part.name) || !names.insert(&part.name) {
            return Err(format!("the part `{}` comes twice or is not a name", part.name));
        }
        check_parts(part.kind, &part.parts, depth + usize::from(part.kind.has_parts()))
            .map_err(|problem| format!("the part `{}`: {problem}", part.name))?;
    }
    Ok(())
}

/// `/types/NAME/VERSION`
pub(crate) fn is_type_path(path: &str) -> bool {
    let mut names = path.strip_prefix("/types/").unwrap_or_default().split('/');
    names.next().is_some_and(is_name)
        && names
            .next()
            .is_some_and(|v| !v.is_empty() && v.len() <= 8 && v.bytes().all(|b| b.is_ascii_digit()))
        && names.next().is_none()
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}

fn is_claim_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Relative luminance of `#rrggbb` (WCAG 2.2).
fn luminance(color: &str) -> Option<f64> {
    let digits =
        color.strip_prefix('#').filter(|d| d.len() == 6 && d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()?) / 255.0;
        Some(if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) })
    };
    Some(0.2126 * channel(0)? + 0.7152 * channel(2)? + 0.0722 * channel(4)?)
}
