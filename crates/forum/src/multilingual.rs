//! A text in one to six languages, of which one is the original.
//!
//! A translation remembers which original it was made of, so that it can say when the original has changed since; it never
//! takes the original's place (invariant I17 of the forum).

use std::collections::BTreeMap;

use base::Lang;
use serde::{Deserialize, Serialize};

use crate::hygiene::{self, BadText};

/// Such a text. Serialised as it is stored, and as it stands in canonical bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Multilingual {
    original: Lang,
    texts: BTreeMap<Lang, String>,
    /// Of each translation, the mark of the original that it was made of.
    of: BTreeMap<Lang, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    original: Lang,
    texts: BTreeMap<Lang, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    of: BTreeMap<Lang, String>,
}

impl From<Multilingual> for Stored {
    fn from(text: Multilingual) -> Self {
        Self { original: text.original, texts: text.texts, of: text.of }
    }
}

impl TryFrom<Stored> for Multilingual {
    type Error = BadText;
    fn try_from(stored: Stored) -> Result<Self, BadText> {
        let mut text = Self::from_texts(stored.original, stored.texts)?;
        text.of.extend(stored.of.into_iter().filter(|(lang, _)| text.texts.contains_key(lang)));
        Ok(text)
    }
}

/// A text as it is shown to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown<'a> {
    /// The text.
    pub text: &'a str,
    /// The language it is in.
    pub lang: Lang,
    /// Whether this is the original.
    pub is_original: bool,
    /// Whether it translates an original that has changed since.
    pub is_stale: bool,
}

impl Multilingual {
    /// An original without translations.
    pub fn new(original: Lang, text: impl Into<String>) -> Self {
        Self { original, texts: BTreeMap::from([(original, text.into())]), of: BTreeMap::new() }
    }

    /// An original with translations of it as it is. [`BadText::Empty`] when the original is missing or a text is empty.
    pub fn from_texts(original: Lang, texts: BTreeMap<Lang, String>) -> Result<Self, BadText> {
        if texts.values().any(|text| text.trim().is_empty()) || !texts.contains_key(&original) {
            return Err(BadText::Empty);
        }
        let mut all = Self { original, texts, of: BTreeMap::new() };
        let mark = all.mark();
        all.of = all.translations().map(|lang| (lang, mark.clone())).collect();
        Ok(all)
    }

    /// The same with each text brought to NFC and refused when it deceives: one line each, or prose.
    pub fn cleaned(self, is_prose: bool, chars_max: usize) -> Result<Self, BadText> {
        let clean = if is_prose { hygiene::prose } else { hygiene::line };
        let was = self.mark();
        let Self { original, texts, mut of } = self;
        let texts = texts
            .into_iter()
            .map(|(lang, text)| Ok((lang, clean(&text, chars_max)?)))
            .collect::<Result<_, BadText>>()?;
        let mut all = Self { original, texts, of: BTreeMap::new() };
        let is = all.mark();
        for mark in of.values_mut().filter(|mark| **mark == was) {
            mark.clone_from(&is);
        }
        all.of = of;
        Ok(all)
    }

    /// Adds or replaces a translation of the original as it is now. The original itself is not changed by this: `false`.
    pub fn translate(&mut self, lang: Lang, text: impl Into<String>) -> bool {
        if lang == self.original {
            return false;
        }
        self.of.insert(lang, self.mark());
        self.texts.insert(lang, text.into());
        true
    }

    /// Replaces the original; its translations stay, and say that it has changed since.
    pub fn change_original(&mut self, text: impl Into<String>) {
        self.texts.insert(self.original, text.into());
    }

    /// The same as what became of `was`: a translation that says what it said remains one of the original that it was made
    /// of, and so tells when that has changed since (invariant I17).
    #[must_use]
    pub fn revising(mut self, was: &Self) -> Self {
        if self.original == was.original {
            for lang in was.translations().filter(|lang| self.texts.get(lang) == was.texts.get(lang)) {
                match was.of.get(&lang) {
                    Some(mark) => self.of.insert(lang, mark.clone()),
                    None => self.of.remove(&lang),
                };
            }
        }
        self
    }

    /// The language of the original.
    pub const fn original(&self) -> Lang {
        self.original
    }

    /// The original.
    pub fn original_text(&self) -> &str {
        self.texts.get(&self.original).map_or("", String::as_str)
    }

    /// What somebody who reads `lang` is shown: the translation, if there is one; otherwise the original.
    pub fn get(&self, lang: Lang) -> Shown<'_> {
        match self.texts.get(&lang) {
            Some(text) if lang != self.original => {
                let is_stale = self.of.get(&lang).is_none_or(|mark| *mark != self.mark());
                Shown { text, lang, is_original: false, is_stale }
            }
            _ => {
                Shown { text: self.original_text(), lang: self.original, is_original: true, is_stale: false }
            }
        }
    }

    /// The languages it is in, the original's first.
    pub fn langs(&self) -> impl Iterator<Item = Lang> {
        std::iter::once(self.original).chain(self.translations())
    }

    /// Each language with its text.
    pub fn texts(&self) -> &BTreeMap<Lang, String> {
        &self.texts
    }

    fn translations(&self) -> impl Iterator<Item = Lang> {
        self.texts.keys().copied().filter(|lang| *lang != self.original)
    }

    /// What an original is recognised by: the first half of its SHA-256.
    fn mark(&self) -> String {
        let digest = crypto::sha256(self.original_text().as_bytes());
        base16ct::lower::encode_string(digest.get(..16).unwrap_or(&digest))
    }
}
