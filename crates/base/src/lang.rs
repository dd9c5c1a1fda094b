//! The six languages, and texts that exist in all of them.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// One of the six languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Arabic, written from right to left.
    Ar,
    /// Chinese, simplified characters.
    Zh,
    /// English.
    En,
    /// French.
    Fr,
    /// Russian.
    Ru,
    /// Spanish.
    Es,
}

impl Lang {
    /// All six.
    pub const ALL: [Self; 6] = [Self::Ar, Self::Zh, Self::En, Self::Fr, Self::Ru, Self::Es];

    /// The BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Ar => "ar",
            Self::Zh => "zh",
            Self::En => "en",
            Self::Fr => "fr",
            Self::Ru => "ru",
            Self::Es => "es",
        }
    }

    /// The language's own name for itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Ar => "العربية",
            Self::Zh => "中文",
            Self::En => "English",
            Self::Fr => "Français",
            Self::Ru => "Русский",
            Self::Es => "Español",
        }
    }

    /// `rtl` or `ltr`, HTML's `dir`.
    pub const fn dir(self) -> &'static str {
        if matches!(self, Self::Ar) { "rtl" } else { "ltr" }
    }

    /// The best of the six for an `Accept-Language` header (RFC 9110, section 12.5.4); English if none fits.
    pub fn negotiate(accept_language: &str) -> Self {
        let mut best = (0_u16, Self::En);
        for item in accept_language.split(',').take(20) {
            let mut parts = item.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let quality = parts
                .find_map(|p| p.trim().strip_prefix("q="))
                .map_or(Some(1_000), |q| {
                    q.parse::<f32>().ok().filter(|q| (0.0..=1.0).contains(q)).map(thousandths)
                })
                .unwrap_or(0);
            if let Ok(lang) = tag.parse::<Self>()
                && quality > best.0
            {
                best = (quality, lang);
            }
        }
        best.1
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a quality between 0 and 1")]
fn thousandths(quality: f32) -> u16 {
    (quality * 1_000.0) as u16
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// The tag names none of the six languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of the six languages")]
pub struct UnknownLang;

impl FromStr for Lang {
    type Err = UnknownLang;
    /// Reads a BCP 47 tag by its primary subtag: `fr-CH` is French.
    fn from_str(tag: &str) -> Result<Self, UnknownLang> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|l| l.tag().eq_ignore_ascii_case(primary)).ok_or(UnknownLang)
    }
}

/// A text in all six languages: one that lacks a language cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<Lang, String>", into = "BTreeMap<Lang, String>")]
pub struct Texts(BTreeMap<Lang, String>);

/// A language is missing, or its text is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text in `{0}` is missing")]
pub struct MissingText(pub Lang);

impl Texts {
    /// The text in `lang`.
    pub fn get(&self, lang: Lang) -> &str {
        self.0.get(&lang).map_or("", String::as_str)
    }

    /// Each language with its text.
    pub fn iter(&self) -> impl Iterator<Item = (Lang, &str)> {
        self.0.iter().map(|(l, t)| (*l, t.as_str()))
    }
}

impl TryFrom<BTreeMap<Lang, String>> for Texts {
    type Error = MissingText;
    fn try_from(map: BTreeMap<Lang, String>) -> Result<Self, MissingText> {
        match Lang::ALL.into_iter().find(|l| map.get(l).is_none_or(|t| t.trim().is_empty())) {
            Some(missing) => Err(MissingText(missing)),
            None => Ok(Self(map)),
        }
    }
}
impl From<Texts> for BTreeMap<Lang, String> {
    fn from(texts: Texts) -> Self {
        texts.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negotiates_a_language() {
        for (header, expected) in [
            ("fr-CH, fr;q=0.9, en;q=0.8", Lang::Fr),
            ("de, ar;q=0.3, ru;q=0.5", Lang::Ru),
            ("de", Lang::En),
            ("", Lang::En),
            ("zh;q=2, es;q=0.1", Lang::Es),
            ("zh-Hans-CN", Lang::Zh),
        ] {
            assert_eq!(Lang::negotiate(header), expected, "{header}");
        }
    }

    #[test]
    fn a_text_needs_all_six() {
        let mut map: BTreeMap<Lang, String> =
            Lang::ALL.into_iter().map(|l| (l, l.tag().to_owned())).collect();
        assert!(Texts::try_from(map.clone()).is_ok());
        map.insert(Lang::Ru, " ".into());
        assert_eq!(Texts::try_from(map), Err(MissingText(Lang::Ru)));
    }
}
