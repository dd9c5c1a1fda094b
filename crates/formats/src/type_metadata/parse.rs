//! Reading and writing a document.

use std::collections::BTreeSet;

use base::limits::{TYPE_METADATA_CLAIMS_MAX, TYPE_METADATA_LOCALES_MAX};
use serde_json::{Value, json};

use super::{
    ClaimDisplay, ClaimMetadata, Color, Error, Extends, Image, Integrity, Localised, Sd, SimpleRendering,
    TypeDisplay, TypeMetadata,
};
use crate::{
    dcql::ClaimPath,
    json::{self as strict, Object},
};

impl TypeMetadata {
    /// Reads a document, as it was received.
    pub fn parse(document: &[u8]) -> Result<Self, Error> {
        let members = strict::parse_object(document)?;
        let metadata = Self {
            vct: name(&members, "vct")?,
            name: text(&members, "name")?,
            description: text(&members, "description")?,
            extends: Extends::read(&members)?,
            display: localised(&members, TypeDisplay::read)?,
            claims: objects(&members, "claims")?
                .unwrap_or_default()
                .into_iter()
                .map(ClaimMetadata::read)
                .collect::<Result<_, _>>()?,
        };
        if metadata.claims.len() > TYPE_METADATA_CLAIMS_MAX {
            return Err(Error::TooLarge("claims"));
        }
        let mut paths = BTreeSet::new();
        if metadata.claims.iter().any(|claim| !paths.insert(&claim.path)) {
            return Err(Error::ClaimRepeated);
        }
        svg_ids_once(&metadata.claims)?;
        Ok(metadata)
    }

    /// As a JSON object.
    pub fn to_value(&self) -> Value {
        let mut out = Object::new();
        put(&mut out, "vct", Some(&self.vct));
        put(&mut out, "name", self.name.as_ref());
        put(&mut out, "description", self.description.as_ref());
        put(&mut out, "extends", self.extends.as_ref().map(|extends| &extends.vct));
        let integrity = self.extends.as_ref().and_then(|extends| extends.integrity.as_ref());
        put(&mut out, "extends#integrity", integrity.map(Integrity::as_str));
        if let Some(display) = &self.display {
            out.insert("display".to_owned(), display.iter().map(TypeDisplay::to_value).collect());
        }
        if !self.claims.is_empty() {
            out.insert("claims".to_owned(), self.claims.iter().map(ClaimMetadata::to_value).collect());
        }
        Value::Object(out)
    }

    /// The text to publish (RFC 8785), and what it hashes to.
    pub fn to_document(&self) -> Vec<u8> {
        strict::canonical(&self.to_value())
    }
}

impl Extends {
    fn read(members: &Object) -> Result<Option<Self>, Error> {
        let integrity = integrity(members, "extends#integrity")?;
        if !members.contains_key("extends") {
            return Ok(None);
        }
        Ok(Some(Self { vct: name(members, "extends")?, integrity }))
    }
}

impl TypeDisplay {
    fn read(members: &Object) -> Result<Self, Error> {
        let simple = object(members, "rendering")?
            .map(|rendering| object(rendering, "simple"))
            .transpose()?
            .flatten()
            .map(SimpleRendering::read)
            .transpose()?;
        Ok(Self {
            locale: locale(members)?,
            name: text(members, "name")?.ok_or(Error::Malformed("name"))?,
            description: text(members, "description")?,
            simple,
        })
    }

    fn to_value(&self) -> Value {
        let mut out = Object::new();
        put(&mut out, "locale", Some(&self.locale));
        put(&mut out, "name", Some(&self.name));
        put(&mut out, "description", self.description.as_ref());
        if let Some(simple) = &self.simple {
            out.insert("rendering".to_owned(), json!({ "simple": simple.to_value() }));
        }
        Value::Object(out)
    }
}

impl SimpleRendering {
    fn read(members: &Object) -> Result<Self, Error> {
        Ok(Self {
            logo: object(members, "logo")?.map(Image::read).transpose()?,
            background_image: object(members, "background_image")?.map(Image::read).transpose()?,
            background_color: color(members, "background_color")?,
            text_color: color(members, "text_color")?,
        })
    }

    fn to_value(&self) -> Value {
        let mut out = Object::new();
        for (member, image) in [("logo", &self.logo), ("background_image", &self.background_image)] {
            if let Some(image) = image {
                out.insert(member.to_owned(), image.to_value());
            }
        }
        put(&mut out, "background_color", self.background_color.map(Color::to_text));
        put(&mut out, "text_color", self.text_color.map(Color::to_text));
        Value::Object(out)
    }
}

impl Image {
    fn read(members: &Object) -> Result<Self, Error> {
        Ok(Self {
            uri: name(members, "uri")?,
            integrity: integrity(members, "uri#integrity")?,
            alt_text: text(members, "alt_text")?,
        })
    }

    fn to_value(&self) -> Value {
        let mut out = Object::new();
        put(&mut out, "uri", Some(&self.uri));
        put(&mut out, "uri#integrity", self.integrity.as_ref().map(Integrity::as_str));
        put(&mut out, "alt_text", self.alt_text.as_ref());
        Value::Object(out)
    }
}

impl Color {
    /// Reads an RGB colour value of CSS Color Module Level 3, section 4.2.1: `#rgb`, `#rrggbb` or `rgb(…)`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(digits) = text.strip_prefix('#') {
            let number = |digits: &str| u8::from_str_radix(digits, 16).ok();
            if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                return None;
            }
            return match digits.len() {
                3 => parts((0..3).map(|i| number(digits.get(i..=i)?)?.checked_mul(17))),
                6 => parts((0..3).map(|i| number(digits.get(2 * i..2 * i + 2)?))),
                _ => None,
            };
        }
        let inner = text.strip_prefix("rgb(")?.strip_suffix(')')?;
        parts(inner.split(',').map(|part| {
            let part = part.trim();
            match part.strip_suffix('%') {
                None => part.parse().ok(),
                Some(percent) => {
                    let percent: u16 = percent.parse().ok()?;
                    u8::try_from(percent.checked_mul(255)?.checked_add(50)? / 100).ok()
                }
            }
        }))
    }

    /// As `#rrggbb`.
    pub fn to_text(self) -> String {
        let [red, green, blue] = self.0;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

fn parts(parts: impl Iterator<Item = Option<u8>>) -> Option<Color> {
    parts.collect::<Option<Vec<u8>>>()?.try_into().ok().map(Color)
}

impl ClaimMetadata {
    fn read(members: &Object) -> Result<Self, Error> {
        let path = members.get("path").ok_or(Error::Malformed("path"))?;
        let sd = match text(members, "sd")?.as_deref() {
            None => None,
            Some("always") => Some(Sd::Always),
            Some("allowed") => Some(Sd::Allowed),
            Some("never") => Some(Sd::Never),
            Some(_) => return Err(Error::Malformed("sd")),
        };
        let mandatory = match members.get("mandatory") {
            None => None,
            Some(Value::Bool(mandatory)) => Some(*mandatory),
            Some(_) => return Err(Error::Malformed("mandatory")),
        };
        let svg_id = text(members, "svg_id")?;
        let is_id = |id: &String| {
            !id.is_empty()
                && !id.starts_with(|c: char| c.is_ascii_digit())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        };
        if !svg_id.iter().all(is_id) {
            return Err(Error::Malformed("svg_id"));
        }
        Ok(Self {
            path: ClaimPath::from_value(path).map_err(|_| Error::Malformed("path"))?,
            display: localised(members, ClaimDisplay::read)?.unwrap_or_default(),
            mandatory,
            sd,
            svg_id,
        })
    }

    fn to_value(&self) -> Value {
        let mut out = Object::new();
        out.insert("path".to_owned(), self.path.to_value());
        if !self.display.is_empty() {
            out.insert("display".to_owned(), self.display.iter().map(ClaimDisplay::to_value).collect());
        }
        if let Some(mandatory) = self.mandatory {
            out.insert("mandatory".to_owned(), mandatory.into());
        }
        put(&mut out, "sd", self.sd.map(Sd::name));
        put(&mut out, "svg_id", self.svg_id.as_ref());
        Value::Object(out)
    }
}

impl ClaimDisplay {
    fn read(members: &Object) -> Result<Self, Error> {
        Ok(Self {
            locale: locale(members)?,
            label: text(members, "label")?.ok_or(Error::Malformed("label"))?,
            description: text(members, "description")?,
        })
    }

    fn to_value(&self) -> Value {
        let mut out = Object::new();
        put(&mut out, "locale", Some(&self.locale));
        put(&mut out, "label", Some(&self.label));
        put(&mut out, "description", self.description.as_ref());
        Value::Object(out)
    }
}

/// Refuses an `svg_id` that two claims have.
pub(super) fn svg_ids_once(claims: &[ClaimMetadata]) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    let is_new = |id: &String| seen.insert(id.clone());
    if claims.iter().filter_map(|claim| claim.svg_id.as_ref()).all(is_new) {
        Ok(())
    } else {
        Err(Error::SvgIdRepeated)
    }
}

/// `display`: entries of which no two are of one locale.
fn localised<T: Localised>(
    members: &Object,
    read: impl Fn(&Object) -> Result<T, Error>,
) -> Result<Option<Vec<T>>, Error> {
    let Some(entries) = objects(members, "display")? else { return Ok(None) };
    if entries.len() > TYPE_METADATA_LOCALES_MAX {
        return Err(Error::TooLarge("display"));
    }
    let entries = entries.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let mut seen = BTreeSet::new();
    if entries.iter().all(|entry| seen.insert(entry.locale().to_ascii_lowercase())) {
        Ok(Some(entries))
    } else {
        Err(Error::LocaleRepeated)
    }
}

/// `locale`, which earlier drafts (and some of the payment standards still) call `lang`.
fn locale(members: &Object) -> Result<String, Error> {
    let tag = match text(members, "locale")? {
        Some(tag) => tag,
        None => text(members, "lang")?.ok_or(Error::Malformed("locale"))?,
    };
    if is_language_tag(&tag) { Ok(tag) } else { Err(Error::Locale) }
}

/// Whether `tag` has the form of a language tag (RFC 5646, section 2.1): subtags of one to eight letters and digits,
/// the first a language, the last none that only introduces others. Registries are not asked.
fn is_language_tag(tag: &str) -> bool {
    let subtags: Vec<&str> = tag.split('-').collect();
    let is_subtag = |s: &&str| (1..=8).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric());
    let [first, .., last] = subtags.as_slice() else {
        return (2..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphabetic());
    };
    let is_x = |s: &&str| s.eq_ignore_ascii_case("x");
    // Private subtags may be of one character.
    let ends_well = last.len() > 1 || subtags.iter().rev().skip(1).any(is_x);
    let begins_well = first.bytes().all(|b| b.is_ascii_alphabetic())
        && (first.len() > 1 || is_x(first) || first.eq_ignore_ascii_case("i"));
    begins_well && ends_well && subtags.iter().all(is_subtag)
}

fn put(out: &mut Object, member: &str, text: Option<impl Into<String>>) {
    if let Some(text) = text {
        out.insert(member.to_owned(), Value::String(text.into()));
    }
}

/// A text, if there is one.
fn text(members: &Object, member: &'static str) -> Result<Option<String>, Error> {
    match members.get(member) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Error::Malformed(member)),
    }
}

/// A text that must be there and not be empty.
fn name(members: &Object, member: &'static str) -> Result<String, Error> {
    text(members, member)?.filter(|text| !text.is_empty()).ok_or(Error::Malformed(member))
}

fn integrity(members: &Object, member: &'static str) -> Result<Option<Integrity>, Error> {
    Ok(text(members, member)?.map(Integrity::new))
}

fn color(members: &Object, member: &'static str) -> Result<Option<Color>, Error> {
    let text = text(members, member)?;
    text.map(|text| Color::parse(&text).ok_or(Error::Malformed(member))).transpose()
}

fn object<'m>(members: &'m Object, member: &'static str) -> Result<Option<&'m Object>, Error> {
    members.get(member).map(|value| value.as_object().ok_or(Error::Malformed(member))).transpose()
}

fn objects<'m>(members: &'m Object, member: &'static str) -> Result<Option<Vec<&'m Object>>, Error> {
    let Some(value) = members.get(member) else { return Ok(None) };
    let items = value.as_array().ok_or(Error::Malformed(member))?;
    let objects = items.iter().map(|item| item.as_object().ok_or(Error::Malformed(member)));
    objects.collect::<Result<_, _>>().map(Some)
}
