//! Countries: their codes, the region and the economic group each belongs to, and their names in six languages.
//!
//! `countries.tsv` has a line a country: ISO 3166-1 alpha-2 and alpha-3, the number of M49, the region, what is said of its
//! development (lists of the United Nations), then its name in ar, zh, en, fr, ru, es as Unicode's CLDR has it.
//! `made_up.tsv` has some that do not exist, for demonstrations and tests, with codes that ISO 3166-1 leaves to users
//! (XA to XZ): a party can be of one, but nobody is offered it to choose.

use std::{fmt, str::FromStr, sync::LazyLock};

use base::Lang;
use serde::{Deserialize, Serialize};

use super::Region;
use crate::spelled::UnknownWord;

/// A country of the table. Ordered, shown and serialised by its two letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country(u16);

/// What is said of a country's development.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "five lists, to each of which a country belongs or not")]
pub struct DevelopmentFlags {
    /// A developed country.
    pub developed: bool,
    /// A developing country.
    pub developing: bool,
    /// One of the least developed countries.
    pub ldc: bool,
    /// A small island developing state.
    pub sids: bool,
    /// A landlocked developing country.
    pub lldc: bool,
    /// An economy in transition.
    pub transition: bool,
}

struct Entry {
    alpha_2: &'static str,
    alpha_3: &'static str,
    m49: &'static str,
    region: Region,
    flags: DevelopmentFlags,
    names: [&'static str; 6],
}

/// In the order of their alpha-2 codes.
static TABLE: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let files = [include_str!("countries.tsv"), include_str!("made_up.tsv")];
    let mut all: Vec<_> = files.iter().flat_map(|text| text.lines()).filter_map(entry).collect();
    all.sort_unstable_by_key(|entry| entry.alpha_2);
    all
});

fn entry(line: &'static str) -> Option<Entry> {
    let mut cells = line.split('\t');
    let mut next = || cells.next();
    let (alpha_2, alpha_3, m49) = (next()?, next()?, next()?);
    let region = next()?.parse().ok()?;
    let said = next()?;
    let is = |flag: &str| said.split(',').any(|s| s == flag);
    let flags = DevelopmentFlags {
        developed: is("developed"),
        developing: is("developing"),
        ldc: is("ldc"),
        sids: is("sids"),
        lldc: is("lldc"),
        transition: is("transition"),
    };
    let names = [next()?, next()?, next()?, next()?, next()?, next()?];
    Some(Entry { alpha_2, alpha_3, m49, region, flags, names })
}

impl Country {
    /// All that exist, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::every().filter(|country| !country.is_made_up())
    }

    /// The same, and those that are made up.
    pub fn every() -> impl Iterator<Item = Self> {
        (0..).map(Self).take(TABLE.len())
    }

    /// Whether its code is one that ISO 3166-1 leaves to users: no such country exists.
    pub fn is_made_up(self) -> bool {
        self.code().starts_with('X')
    }

    /// Its two letters.
    pub fn code(self) -> &'static str {
        self.entry().map_or("", |e| e.alpha_2)
    }

    /// Its three letters.
    pub fn alpha_3(self) -> &'static str {
        self.entry().map_or("", |e| e.alpha_3)
    }

    /// Its number in M49.
    pub fn m49(self) -> &'static str {
        self.entry().map_or("", |e| e.m49)
    }

    /// Its region.
    pub fn region(self) -> Region {
        self.entry().map_or(Region::Europe, |e| e.region)
    }

    /// What is said of its development.
    pub fn development(self) -> DevelopmentFlags {
        self.entry().map_or_else(DevelopmentFlags::default, |e| e.flags)
    }

    /// Its name.
    pub fn name(self, lang: Lang) -> &'static str {
        let at = Lang::ALL.iter().position(|l| *l == lang).unwrap_or_default();
        self.entry().and_then(|e| e.names.get(at).copied()).unwrap_or_default()
    }

    /// Every value of this type was found in the table.
    fn entry(self) -> Option<&'static Entry> {
        TABLE.get(usize::from(self.0))
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl FromStr for Country {
    type Err = UnknownWord;
    fn from_str(code: &str) -> Result<Self, UnknownWord> {
        let at = TABLE.binary_search_by_key(&code, |e| e.alpha_2).map_err(|_| UnknownWord)?;
        u16::try_from(at).map(Self).map_err(|_| UnknownWord)
    }
}
impl TryFrom<String> for Country {
    type Error = UnknownWord;
    fn try_from(code: String) -> Result<Self, UnknownWord> {
        code.parse()
    }
}
impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.code().to_owned()
    }
}
