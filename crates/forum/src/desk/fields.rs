//! What was entered in a form of the desk, and what is wrong with it: read field by field, so that each fault is said at its
//! field and everything that was written stays there.

use base::{Instant, Lang};
use web::format::civil;

use crate::{
    hygiene::{self, BadText},
    multilingual::Multilingual,
    texts::T,
};

/// The fields of a form.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields {
    values: Vec<(String, String)>,
    wrong: Vec<(String, &'static str)>,
}

/// One line or several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Line,
    Prose,
}

impl From<Vec<(String, String)>> for Fields {
    fn from(values: Vec<(String, String)>) -> Self {
        Self { values, wrong: Vec::new() }
    }
}

/// The field of a text in one language: `title-fr`.
pub(super) fn in_language(name: &str, lang: Lang) -> String {
    format!("{name}-{lang}")
}

impl Fields {
    /// What stands in a field; nothing where there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.values.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// All that was chosen.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Fills a field in.
    pub(super) fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.values.push((name.into(), value.into()));
    }

    /// Fills in the fields of a text.
    pub(super) fn set_text(&mut self, name: &str, text: &Multilingual) {
        for (lang, text) in text.texts() {
            self.set(in_language(name, *lang), text.clone());
        }
    }

    /// Notes what is wrong with a field.
    pub(super) fn fault(&mut self, name: &str, what: &'static str) {
        if self.error(name).is_none() {
            self.wrong.push((name.to_owned(), what));
        }
    }

    /// What is wrong with a field.
    pub(super) fn error(&self, name: &str) -> Option<&'static str> {
        self.wrong.iter().find(|(known, _)| known == name).map(|(_, what)| *what)
    }

    /// All that is wrong, for the summary.
    pub(super) fn faults(&self) -> impl Iterator<Item = (&str, &str)> {
        self.wrong.iter().map(|(name, what)| (name.as_str(), *what))
    }

    /// Whether nothing is wrong.
    pub(super) const fn is_good(&self) -> bool {
        self.wrong.is_empty()
    }

    /// A text that must be there; what is wrong with it is noted.
    pub(super) fn text(&mut self, t: T, name: &str, shape: Shape, chars_max: usize) -> String {
        let clean = match shape {
            Shape::Line => hygiene::line(self.get(name), chars_max),
            Shape::Prose => hygiene::prose(self.get(name), chars_max),
        };
        clean.unwrap_or_else(|bad| {
            self.fault(name, bad_text(t, bad));
            String::new()
        })
    }

    /// A text that may be left out.
    pub(super) fn optional(&mut self, t: T, name: &str, shape: Shape, chars_max: usize) -> Option<String> {
        if self.get(name).trim().is_empty() { None } else { Some(self.text(t, name, shape, chars_max)) }
    }

    /// A text in the language of the original and in others.
    pub(super) fn multilingual(
        &mut self,
        t: T,
        name: &str,
        original: Lang,
        (shape, chars_max): (Shape, usize),
    ) -> Multilingual {
        let text = self.text(t, &in_language(name, original), shape, chars_max);
        let mut all = Multilingual::new(original, text);
        for lang in Lang::ALL.into_iter().filter(|lang| *lang != original) {
            if let Some(text) = self.optional(t, &in_language(name, lang), shape, chars_max) {
                all.translate(lang, text);
            }
        }
        all
    }

    /// A date.
    pub(super) fn end_of_day(&mut self, t: T, name: &str, zone: &str) -> Instant {
        civil::end_of_day(self.get(name), zone).unwrap_or_else(|| {
            self.fault(name, t.desk_wrong_date());
            Instant::default()
        })
    }

    /// A date in one field, and a time in another.
    pub(super) fn instant(&mut self, t: T, name: &str, time: &str, zone: &str) -> Instant {
        civil::instant(self.get(name), self.get(time), zone).unwrap_or_else(|| {
            self.fault(name, t.desk_wrong_date());
            Instant::default()
        })
    }

    /// A whole number within bounds, if anything is there.
    pub(super) fn number(&mut self, t: T, name: &str, most: i64) -> Option<i64> {
        let text = self.get(name).trim();
        if text.is_empty() {
            return None;
        }
        let number = text.parse().ok().filter(|n| (0..=most).contains(n));
        if number.is_none() {
            self.fault(name, t.desk_wrong_number());
        }
        number
    }
}

/// What is wrong with a text, in words.
pub(super) fn bad_text(t: T, bad: BadText) -> &'static str {
    match bad {
        BadText::Empty => t.desk_wrong_empty(),
        BadText::TooLong => t.desk_wrong_too_long(),
        BadText::Deceives => t.desk_wrong_characters(),
    }
}
