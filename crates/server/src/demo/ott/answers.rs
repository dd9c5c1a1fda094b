//! Two thousand answers, composed from the sentences of the six languages by chance with a seed.
//!
//! States are made-up ones, so that no word is put into a real government's mouth. Others come from made-up and from real
//! countries; their names are put together from made-up towns and made-up people.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use base::{Instant, Lang};
use crypto::{SeededRandom, random_array};
use forum::party::{Country, PartyClass, PartyOfSubmission, Region};
use serde::Deserialize;

use super::{CLOSES, GRACE_MS, Six, instant, sent};
use crate::Failure;

/// How many answers there are.
pub(in crate::demo) const COUNT: usize = 2_000;
const SEED: u64 = 20_170_614;
/// Chances are in thousandths.
const ALL: usize = 1_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    government: Vec<String>,
    operator: Vec<String>,
    provider: Vec<String>,
    academia: Vec<String>,
    civil_society: Vec<String>,
    organisation: Vec<String>,
    individual: Vec<String>,
    further: Vec<String>,
    summary: Vec<String>,
    question: Vec<Sentences>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sentences {
    say: Vec<String>,
    because: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PartyWords {
    capacity: Vec<String>,
    /// How a given name and a family name make one.
    person: String,
    town: Vec<String>,
    given: Vec<String>,
    family: Vec<String>,
    /// By the class's word: patterns with `{town}` or `{country}`.
    #[serde(flatten)]
    names: BTreeMap<String, Vec<String>>,
}

/// In which way an answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::demo) enum Way {
    /// Signed, with a mandate.
    Mandate,
    /// Signed, with a participant's card.
    Participant,
    /// Confirmed by a link that was sent by mail.
    Mail,
    /// On paper.
    Paper,
}

/// What becomes of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::demo) enum Fate {
    /// It is published.
    Published,
    /// The same text comes from the same party once more, and this is the second: inadmissible.
    Duplicate,
    /// It advertises: inadmissible.
    Advertising,
    /// It is about something else: inadmissible.
    NotTheMatter,
    /// It accuses somebody by name: withheld.
    NamesSomebody,
    /// Its annex has private numbers in it: withheld.
    Personal,
    /// It is replaced by the one at this place.
    Corrected(usize),
    /// It replaces the one at this place, and is published.
    Corrects(usize),
    /// Taken back.
    Withdrawn,
}

/// An attached table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::demo) struct Annex {
    pub(in crate::demo) name: String,
    pub(in crate::demo) csv: String,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::demo) struct MadeUp {
    pub(in crate::demo) at: Instant,
    pub(in crate::demo) lang: Lang,
    /// The place of the first answer of this party.
    pub(in crate::demo) owner: usize,
    pub(in crate::demo) party: PartyOfSubmission,
    /// By question, from 1.
    pub(in crate::demo) texts: Vec<(usize, String)>,
    pub(in crate::demo) annex: Option<Annex>,
    pub(in crate::demo) summary: Option<String>,
    pub(in crate::demo) way: Way,
    pub(in crate::demo) fate: Fate,
}

/// Chance, the same for the same seed.
struct Chance(SeededRandom);

impl Chance {
    fn below(&self, n: usize) -> usize {
        let drawn = u32::from_be_bytes(random_array(&self.0));
        usize::try_from(drawn).unwrap_or_default() % n.max(1)
    }

    fn happens(&self, thousandths: usize) -> bool {
        self.below(ALL) < thousandths
    }

    fn one<'a>(&self, of: &'a [String]) -> &'a str {
        of.get(self.below(of.len())).map_or("", String::as_str)
    }

    fn pick<T: Copy>(&self, of: &[T], otherwise: T) -> T {
        of.get(self.below(of.len())).copied().unwrap_or(otherwise)
    }

    /// One of these, each as often as its weight says.
    fn weighted<T: Copy>(&self, of: &[(usize, T)], otherwise: T) -> T {
        let mut left = self.below(of.iter().map(|(weight, _)| weight).sum());
        for (weight, value) in of {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        otherwise
    }
}

const CLASSES: [(usize, PartyClass); 11] = [
    (26, PartyClass::MemberState),
    (150, PartyClass::SectorMember),
    (50, PartyClass::Associate),
    (120, PartyClass::Academia),
    (6, PartyClass::Igo),
    (6, PartyClass::RegionalOrganisation),
    (6, PartyClass::UnAgency),
    (150, PartyClass::Private),
    (170, PartyClass::CivilSociety),
    (310, PartyClass::Individual),
    (6, PartyClass::ObserverState),
];

/// Which languages are written where, made up to be plausible.
fn langs(region: Option<Region>) -> &'static [(usize, Lang)] {
    match region {
        Some(Region::Africa) => &[(45, Lang::En), (45, Lang::Fr), (10, Lang::Ar)],
        Some(Region::Americas) => &[(60, Lang::Es), (35, Lang::En), (5, Lang::Fr)],
        Some(Region::ArabStates) => &[(80, Lang::Ar), (10, Lang::Fr), (10, Lang::En)],
        Some(Region::AsiaPacific) => &[(45, Lang::En), (55, Lang::Zh)],
        Some(Region::Cis) => &[(95, Lang::Ru), (5, Lang::En)],
        Some(Region::Europe) => &[(50, Lang::En), (25, Lang::Fr), (20, Lang::Es), (5, Lang::Ru)],
        None => {
            &[(50, Lang::En), (20, Lang::Fr), (10, Lang::Es), (10, Lang::Ar), (5, Lang::Ru), (5, Lang::Zh)]
        }
    }
}

/// All answers, in the order in which they come.
pub(in crate::demo) fn all(six: &Six) -> Result<Vec<MadeUp>, Failure> {
    let chance = Chance(SeededRandom::new(SEED));
    let mut times = times(&chance)?;
    times.sort_unstable();
    let mut taken = BTreeSet::new();
    let mut all: Vec<MadeUp> = Vec::with_capacity(COUNT);
    for (i, at) in times.into_iter().enumerate() {
        let again = match &*all {
            // Some come back, each to the last of their kind that is still as it came.
            [.., _] if chance.happens(15) => Some(Fate::Corrected(i)),
            [.., _] if chance.happens(4) => Some(Fate::Duplicate),
            _ => None,
        };
        let earlier = again.and_then(|_| earlier(&chance, &all));
        let mut made = match (again, earlier) {
            (Some(fate), Some(place)) => repeated(&chance, six, &mut all, place, i, fate)?,
            _ => MadeUp { owner: i, ..first(&chance, six, &mut taken)? },
        };
        made.at = at;
        all.push(made);
    }
    Ok(all)
}

/// When they come: more and more, and a third of them in the last four days; a few in the grace after the deadline.
fn times(chance: &Chance) -> Result<Vec<Instant>, Failure> {
    let (opens, closes) = (sent()?, instant(CLOSES)?);
    let seconds = usize::try_from(closes.secs() - opens.secs()).unwrap_or_default();
    let rush = 4 * 86_400;
    let grace = usize::try_from(GRACE_MS / 1_000).unwrap_or_default();
    let one = || {
        let offset = match chance.below(ALL) {
            0..4 => seconds + chance.below(grace),
            4..330 => seconds - 1 - chance.below(rush),
            // The later of two is late more often than not.
            _ => chance.below(seconds - rush).max(chance.below(seconds - rush)),
        };
        opens.plus_secs(i64::try_from(offset.max(3_600)).unwrap_or_default())
    };
    Ok((0..COUNT).map(|_| one()).collect())
}

/// An earlier one that stands as it came, not on paper.
fn earlier(chance: &Chance, all: &[MadeUp]) -> Option<usize> {
    (0..8)
        .map(|_| chance.below(all.len()))
        .find(|place| all.get(*place).is_some_and(|m| m.fate == Fate::Published && m.way != Way::Paper))
}

/// The party of an earlier answer sends another: the same text again, or a corrected one.
fn repeated(
    chance: &Chance,
    six: &Six,
    all: &mut [MadeUp],
    place: usize,
    here: usize,
    fate: Fate,
) -> Result<MadeUp, Failure> {
    let Some(before) = all.get_mut(place) else {
        return Err(Failure::new("demonstration", "there is no earlier answer"));
    };
    if fate == Fate::Duplicate {
        return Ok(MadeUp { fate, ..before.clone() });
    }
    before.fate = Fate::Corrected(here);
    let texts = texts(chance, six, before.lang, before.party.class)?;
    Ok(MadeUp { texts, fate: Fate::Corrects(place), ..before.clone() })
}

/// An answer of somebody who has not answered yet.
fn first(chance: &Chance, six: &Six, taken: &mut BTreeSet<String>) -> Result<MadeUp, Failure> {
    let (lang, party) = party(chance, six, taken)?;
    let words = &six.get(lang)?.answer;
    let texts = texts(chance, six, lang, party.class)?;
    let is_individual = party.class == PartyClass::Individual;
    let has_annex = chance.happens(if is_individual { 15 } else { 90 });
    let annex = has_annex.then(|| annex(chance));
    let summary = has_annex.then(|| chance.one(&words.summary).to_owned());
    // Mandates are given by made-up states alone.
    let has_mandate = party.country.is_some_and(Country::is_made_up);
    let way = match chance.below(ALL) {
        0..25 => Way::Paper,
        25..400 if is_individual => Way::Participant,
        25..400 if has_mandate => Way::Mandate,
        _ => Way::Mail,
    };
    let fate = match chance.below(ALL) {
        0..3 => Fate::Advertising,
        3..5 => Fate::NotTheMatter,
        5..7 => Fate::NamesSomebody,
        7..40 if has_annex => Fate::Personal,
        40..47 if way != Way::Paper => Fate::Withdrawn,
        _ => Fate::Published,
    };
    let at = Instant::from_ms(0);
    Ok(MadeUp { at, lang, owner: 0, party, texts, annex, summary, way, fate })
}

fn party(
    chance: &Chance,
    six: &Six,
    taken: &mut BTreeSet<String>,
) -> Result<(Lang, PartyOfSubmission), Failure> {
    let (made_up, real): (Vec<Country>, Vec<Country>) = Country::every().partition(|c| c.is_made_up());
    let home =
        made_up.first().copied().ok_or_else(|| Failure::new("demonstration", "no country is made up"))?;
    let drawn = chance.weighted(&CLASSES, PartyClass::Individual);
    // Names run out: whoever would take one that is taken speaks as an individual.
    for class in [drawn, drawn, drawn, PartyClass::Individual] {
        let country = match class {
            PartyClass::MemberState | PartyClass::ObserverState => chance.pick(&made_up, home),
            _ if chance.happens(400) => chance.pick(&made_up, home),
            _ => chance.pick(&real, home),
        };
        let nowhere =
            matches!(class, PartyClass::Igo | PartyClass::RegionalOrganisation | PartyClass::UnAgency);
        let country = (!nowhere).then_some(country);
        let lang = chance.weighted(langs(country.map(Country::region)), Lang::En);
        let words = &six.get(lang)?.party;
        let given = chance.one(&words.given);
        let person = words.person.replace("{given}", given).replace("{family}", chance.one(&words.family));
        if class == PartyClass::Individual {
            let party = PartyOfSubmission { class, name: person, country, person: None, capacity: None };
            return Ok((lang, party));
        }
        let pattern = chance.one(words.names.get(class.as_str()).map_or(&[], Vec::as_slice));
        let name = pattern
            .replace("{town}", chance.one(&words.town))
            .replace("{country}", country.map_or("", |c| c.name(lang)));
        if taken.insert(name.clone()) {
            let capacity = Some(chance.one(&words.capacity).to_owned());
            return Ok((lang, PartyOfSubmission { class, name, country, person: Some(person), capacity }));
        }
    }
    Err(Failure::new("demonstration", "nobody is left who could answer"))
}

/// What is answered: to all questions, or to some.
fn texts(chance: &Chance, six: &Six, lang: Lang, class: PartyClass) -> Result<Vec<(usize, String)>, Failure> {
    let words = &six.get(lang)?.answer;
    let count = words.question.len();
    let everything = chance.happens(600);
    let one = chance.below(count);
    let between = if lang == Lang::Zh { "" } else { " " };
    let mut texts = Vec::new();
    for (i, sentences) in words.question.iter().enumerate() {
        if !everything && i != one && !chance.happens(450) {
            continue;
        }
        let say = chance.below(sentences.say.len());
        let nth = |n: usize| sentences.say.get(n % sentences.say.len().max(1)).map_or("", String::as_str);
        let mut parts = Vec::new();
        if texts.is_empty() {
            parts.push(chance.one(opening(words, class)));
        }
        parts.push(nth(say));
        parts.push(chance.one(&sentences.because));
        let mut text = parts.join(between);
        if chance.happens(450) {
            let more = [nth(say + 1), chance.one(&words.further)];
            text = format!("{text}\n\n{}", more.join(between));
        }
        texts.push((i + 1, text));
    }
    Ok(texts)
}

fn opening(words: &Words, class: PartyClass) -> &[String] {
    match class {
        PartyClass::MemberState | PartyClass::ObserverState => &words.government,
        PartyClass::SectorMember => &words.operator,
        PartyClass::Associate | PartyClass::Private => &words.provider,
        PartyClass::Academia => &words.academia,
        PartyClass::CivilSociety => &words.civil_society,
        PartyClass::Igo | PartyClass::RegionalOrganisation | PartyClass::UnAgency => &words.organisation,
        PartyClass::Individual => &words.individual,
    }
}

/// Figures that nobody has counted.
fn annex(chance: &Chance) -> Annex {
    let mut csv = "year,call_minutes_million,message_million,data_terabyte\n".to_owned();
    let (mut minutes, mut messages, mut data) =
        (900 + chance.below(900), 300 + chance.below(500), 40 + chance.below(60));
    for year in 2012..2017 {
        let _ = writeln!(csv, "{year},{minutes},{messages},{data}");
        minutes -= minutes / (8 + chance.below(12));
        messages -= messages / (6 + chance.below(8));
        data += data * (20 + chance.below(40)) / 100;
    }
    Annex { name: format!("figures-{}.csv", 100 + chance.below(900)), csv }
}
