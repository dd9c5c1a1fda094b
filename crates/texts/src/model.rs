//! Messages as we use them: a part of what Fluent can say.

use std::collections::BTreeMap;

/// One of the six languages. The same as `base::Lang`, which would be compiled a second time for the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lang {
    /// Arabic.
    Ar,
    /// Chinese.
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

    /// The BCP 47 tag, which names its folder.
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

    /// The forms that a choice by whole number must have beside `other`, which the default stands for (CLDR, plural rules).
    /// `zero` of Arabic and `many` of French and Spanish (whole millions) may be left to the default.
    pub(crate) const fn plural_forms(self) -> &'static [&'static str] {
        match self {
            Self::Ar => &["one", "two", "few", "many"],
            Self::Zh => &[],
            Self::En | Self::Fr | Self::Es => &["one"],
            Self::Ru => &["one", "few", "many"],
        }
    }
}

/// The names of plural forms (CLDR).
pub(crate) const FORMS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// A message in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where it stands.
    pub file: String,
    /// What it says.
    pub pattern: Vec<Piece>,
}

/// A piece of what a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Text(String),
    /// An argument; `true` where it is written as a number.
    Argument(String, bool),
    /// A choice by an argument.
    Choice(Choice),
}

/// A choice by an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The argument.
    pub argument: String,
    /// Whether it is a number, chosen by its plural form; otherwise it is a text, chosen by what it says.
    pub by_number: bool,
    /// What is said for which key; without the default.
    pub variants: Vec<(String, Vec<Piece>)>,
    /// The key that the default has.
    pub default_key: String,
    /// What is said otherwise.
    pub default: Vec<Piece>,
}

/// Messages by language and key.
pub type Messages = BTreeMap<Lang, BTreeMap<String, Message>>;

/// What an argument is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A text, or what is written like one.
    Text,
    /// A whole number.
    Number,
}

/// The arguments of a pattern in the order in which they first appear, with every use.
pub(crate) fn arguments(pattern: &[Piece]) -> Vec<(String, Kind)> {
    let mut found: Vec<(String, Kind)> = Vec::new();
    visit(pattern, &mut |name, number| match found.iter_mut().find(|(known, _)| known == name) {
        Some((_, kind)) => {
            if number {
                *kind = Kind::Number;
            }
        }
        None => found.push((name.to_owned(), if number { Kind::Number } else { Kind::Text })),
    });
    found
}

fn visit(pattern: &[Piece], say: &mut impl FnMut(&str, bool)) {
    for piece in pattern {
        match piece {
            Piece::Text(_) => {}
            Piece::Argument(name, number) => say(name, *number),
            Piece::Choice(choice) => {
                say(&choice.argument, choice.by_number);
                for (_, said) in &choice.variants {
                    visit(said, say);
                }
                visit(&choice.default, say);
            }
        }
    }
}

/// Every choice within a pattern.
pub(crate) fn choices(pattern: &[Piece]) -> Vec<&Choice> {
    let mut found = Vec::new();
    for piece in pattern {
        if let Piece::Choice(choice) = piece {
            found.push(choice);
            for (_, said) in &choice.variants {
                found.extend(choices(said));
            }
            found.extend(choices(&choice.default));
        }
    }
    found
}

/// All words of a pattern, without its arguments.
pub(crate) fn words(pattern: &[Piece]) -> String {
    let mut out = String::new();
    for piece in pattern {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Argument(..) => {}
            Piece::Choice(choice) => {
                for said in choice.variants.iter().map(|(_, said)| said).chain([&choice.default]) {
                    out.push_str(&words(said));
                    out.push(' ');
                }
            }
        }
    }
    out
}
