//! Numbers, dates, deadlines and money as each language writes them: CLDR's data by ICU4X, zones by the time zone database
//! that the binary carries.
//!
//! Arabic is written with the digits 0 to 9, as in the documents of the United Nations that this serves: numbers there stand
//! beside symbols and addresses that have the same digits. Hours go from 0 to 23 in every language.

pub mod civil;

use std::sync::OnceLock;

use base::{Instant, Lang};
use icu_calendar::Gregorian;
use icu_datetime::{
    FixedCalendarDateTimeFormatter, NoCalendarFormatter,
    fieldsets::{YM, YMD, YMDE, zone::ExemplarCity},
    input,
};
use icu_decimal::{DecimalFormatter, input::Decimal, options::DecimalFormatterOptions};
use icu_locale_core::{Locale, locale};
use icu_plurals::{PluralCategory, PluralRules};
use jiff::{Timestamp, Zoned, tz::TimeZone};

pub use icu_plurals::PluralCategory as Plural;

use crate::texts::T;

/// A whole number, given by value or by reference.
pub trait Whole {
    /// The number; what is beyond the range is its end.
    fn whole(&self) -> i64;
}

macro_rules! whole {
    ($($kind:ty)*) => { $(
        impl Whole for $kind {
            fn whole(&self) -> i64 {
                i64::try_from(*self).unwrap_or(i64::MAX)
            }
        }
    )* };
}
whole! { i8 i16 i32 i64 u8 u16 u32 u64 usize }

impl<T: Whole + ?Sized> Whole for &T {
    fn whole(&self) -> i64 {
        (**self).whole()
    }
}

/// What is made once for each language.
struct Each<T>([OnceLock<T>; 6]);

impl<T> Each<T> {
    const fn new() -> Self {
        Self([const { OnceLock::new() }; 6])
    }

    fn get(&self, lang: Lang, make: impl FnOnce(Locale) -> T) -> Option<&T> {
        Some(self.0.get(lang as usize)?.get_or_init(|| make(locale_of(lang))))
    }
}

/// How dates and numbers are written.
const fn locale_of(lang: Lang) -> Locale {
    match lang {
        Lang::Ar => locale!("ar-u-nu-latn"),
        Lang::Zh => locale!("zh"),
        Lang::En => locale!("en-GB"),
        Lang::Fr => locale!("fr"),
        Lang::Ru => locale!("ru"),
        Lang::Es => locale!("es"),
    }
}

/// The plural form of a number.
pub fn plural(lang: Lang, n: impl Whole) -> Plural {
    static RULES: Each<Option<PluralRules>> = Each::new();
    let rules = RULES.get(lang, |locale| PluralRules::try_new_cardinal(locale.into()).ok());
    rules
        .and_then(Option::as_ref)
        .map_or(PluralCategory::Other, |rules| rules.category_for(n.whole().unsigned_abs()))
}

/// A whole number.
pub fn number(lang: Lang, n: impl Whole) -> String {
    decimal(lang, &Decimal::from(n.whole()))
}

fn decimal(lang: Lang, n: &Decimal) -> String {
    static FORMATTERS: Each<Option<DecimalFormatter>> = Each::new();
    let made = FORMATTERS.get(lang, |locale| {
        DecimalFormatter::try_new(locale.into(), DecimalFormatterOptions::default()).ok()
    });
    made.and_then(Option::as_ref).map_or_else(|| n.to_string(), |formatter| formatter.format(n).to_string())
}

/// An argument of a text, in the text's language: one that runs the other way is isolated (Unicode, UAX #9, section 2.4).
pub fn push_argument(out: &mut String, lang: Lang, argument: &str) {
    if runs_otherwise(lang, argument) {
        out.push('\u{2068}');
        out.push_str(argument);
        out.push('\u{2069}');
    } else {
        out.push_str(argument);
    }
}

/// Whether a text has a letter of the other direction that is not isolated already.
fn runs_otherwise(lang: Lang, text: &str) -> bool {
    let rtl =
        |c: char| matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}');
    let mut depth = 0_usize;
    text.chars().any(|c| {
        match c {
            '\u{2066}'..='\u{2068}' => depth += 1,
            '\u{2069}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && c.is_alphabetic() && rtl(c) != (lang == Lang::Ar)
    })
}

/// Whether the time zone database knows a zone of this name, as `Europe/Zurich`.
pub fn is_zone(name: &str) -> bool {
    !name.is_empty() && TimeZone::get(name).is_ok()
}

/// An instant in a zone; in UTC where the database knows no such zone.
fn in_zone(at: Instant, zone: &str) -> Zoned {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    Timestamp::from_millisecond(at.ms()).unwrap_or_default().to_zoned(zone)
}

type Formatter<F> = FixedCalendarDateTimeFormatter<Gregorian, F>;

fn civil(at: &Zoned) -> Option<input::Date<Gregorian>> {
    let (month, day) = (u8::try_from(at.month()).ok()?, u8::try_from(at.day()).ok()?);
    input::Date::try_new_gregorian(i32::from(at.year()), month, day).ok()
}

/// The date in a zone, in words: `28 November 2026`.
pub fn date(lang: Lang, at: Instant, zone: &str) -> String {
    static FORMATTERS: Each<Option<Formatter<YMD>>> = Each::new();
    let at = in_zone(at, zone);
    let made = FORMATTERS.get(lang, |locale| Formatter::try_new(locale.into(), YMD::long()).ok());
    let written = made.and_then(Option::as_ref).zip(civil(&at)).map(|(f, date)| f.format(&date).to_string());
    written.unwrap_or_else(|| at.date().to_string())
}

/// The date in a zone with its day of the week: `Saturday 28 November 2026`.
pub fn weekday_date(lang: Lang, at: Instant, zone: &str) -> String {
    static FORMATTERS: Each<Option<Formatter<YMDE>>> = Each::new();
    let at = in_zone(at, zone);
    let made = FORMATTERS.get(lang, |locale| Formatter::try_new(locale.into(), YMDE::long()).ok());
    let written = made.and_then(Option::as_ref).zip(civil(&at)).map(|(f, date)| f.format(&date).to_string());
    written.unwrap_or_else(|| at.date().to_string())
}

/// The time of day in a zone: `14:30`.
pub fn time(at: Instant, zone: &str) -> String {
    let at = in_zone(at, zone);
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// Date, time and zone: `28 November 2026, 14:30 (Zurich time, UTC+1)`.
pub fn date_time(lang: Lang, at: Instant, zone: &str) -> String {
    T(lang).format_date_time(date(lang, at, zone), time(at, zone), zone_name(lang, at, zone))
}

/// A zone as people know it, and how far it is from UTC at this instant: `Zurich time, UTC+1`.
pub fn zone_name(lang: Lang, at: Instant, zone: &str) -> String {
    if is_utc(zone) || !is_zone(zone) {
        return ltr("UTC");
    }
    let offset = offset(in_zone(at, zone).offset().seconds());
    if zone.contains('/') { T(lang).format_zone(city(lang, zone), offset) } else { offset }
}

fn is_utc(zone: &str) -> bool {
    matches!(zone, "UTC" | "Etc/UTC" | "Etc/GMT" | "GMT")
}

/// The city by which a zone is known: `Zurich`, `苏黎世`; `UTC` for UTC.
pub fn city(lang: Lang, zone: &str) -> String {
    static FORMATTERS: Each<Option<NoCalendarFormatter<ExemplarCity>>> = Each::new();
    if is_utc(zone) {
        return ltr("UTC");
    }
    let made = FORMATTERS.get(lang, |locale| NoCalendarFormatter::try_new(locale.into(), ExemplarCity).ok());
    let known = input::TimeZone::from_iana_id(zone).without_offset();
    made.and_then(Option::as_ref)
        .map_or_else(|| zone.to_owned(), |formatter| formatter.format(&known).to_string())
}

/// How far a zone is from UTC at this instant, seconds.
pub(crate) fn offset_s(at: Instant, zone: &str) -> i64 {
    i64::from(in_zone(at, zone).offset().seconds())
}

/// How far a zone is from UTC at this instant: `UTC+5:30`.
pub(crate) fn offset_name(at: Instant, zone: &str) -> String {
    offset(in_zone(at, zone).offset().seconds())
}

/// `UTC+5:30`, always from left to right.
fn offset(seconds: i32) -> String {
    let (sign, minutes) = (if seconds < 0 { '−' } else { '+' }, seconds.abs() / 60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    match (hours, minutes) {
        (0, 0) => ltr("UTC"),
        (_, 0) => ltr(&format!("UTC{sign}{hours}")),
        _ => ltr(&format!("UTC{sign}{hours}:{minutes:02}")),
    }
}

/// A code among words, from left to right whatever is around it.
fn ltr(code: &str) -> String {
    format!("\u{2066}{code}\u{2069}")
}

/// How a deadline is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// By the end of a day.
    ByEndOfDay,
    /// Before a day.
    Before,
    /// On a day at the latest.
    AtLatestBy,
    /// A day, as the deadline.
    Deadline,
    /// Until a time of a day.
    Until,
}

/// A deadline in the words of who set it: `at` is the first instant that is too late, `zone` the zone in which it was meant.
/// `by the end of 28 November 2026 (Zurich time, UTC+1)`.
pub fn deadline(lang: Lang, at: Instant, zone: &str, wording: Wording) -> String {
    // The last day that is in time.
    let last = || date(lang, at.plus_ms(-1), zone);
    let said = match wording {
        Wording::ByEndOfDay => T(lang).format_by_end_of_day(last()),
        Wording::Before => T(lang).format_before(date(lang, at, zone)),
        Wording::AtLatestBy => T(lang).format_at_latest_by(last()),
        Wording::Deadline => T(lang).format_deadline(last()),
        Wording::Until => T(lang).format_until(time(at, zone), date(lang, at, zone)),
    };
    T(lang).format_with_zone(said, zone_name(lang, at, zone))
}

/// How long it is from `now` to `then`, rounded down: `3 days`, `5 hours`, `12 minutes`; nothing once it is over.
pub fn remaining(lang: Lang, now: Instant, then: Instant) -> Option<String> {
    let minutes = then.ms().saturating_sub(now.ms()) / 60_000;
    let (hours, days) = (minutes / 60, minutes / 1_440);
    (then > now).then(|| match (days, hours) {
        (2.., _) => T(lang).format_days(days),
        (_, 1..) => T(lang).format_hours(hours),
        _ => T(lang).format_minutes(minutes.max(1)),
    })
}

/// A month of a year: `November 2026`.
pub fn month(lang: Lang, year: i16, month: i8) -> String {
    static FORMATTERS: Each<Option<Formatter<YM>>> = Each::new();
    let made = FORMATTERS.get(lang, |locale| Formatter::try_new(locale.into(), YM::long()).ok());
    let first =
        u8::try_from(month).ok().and_then(|m| input::Date::try_new_gregorian(i32::from(year), m, 1).ok());
    let written = made.and_then(Option::as_ref).zip(first).map(|(f, date)| f.format(&date).to_string());
    written.unwrap_or_else(|| format!("{year:04}-{month:02}"))
}

/// A quarter of a year, from 1: `third quarter of 2026`.
pub fn quarter(lang: Lang, year: i16, quarter: i8) -> String {
    T(lang).format_quarter(format!("a{quarter}"), year.to_string())
}

/// A half of a year, 1 or 2: `second half of 2026`.
pub fn half(lang: Lang, year: i16, half: i8) -> String {
    T(lang).format_half(format!("a{half}"), year.to_string())
}

/// So much of a currency (ISO 4217), given in its minor unit, with the currency's own digits: `CHF 12.50`, `12,50 CHF`.
pub fn money(lang: Lang, minor: i64, currency: &str) -> String {
    let mut amount = Decimal::from(minor);
    let digits = minor_digits(currency);
    amount.multiply_pow10(-digits);
    amount.pad_end(-digits);
    let amount = decimal(lang, &amount);
    match lang {
        Lang::En | Lang::Zh => format!("{currency}\u{a0}{amount}"),
        Lang::Ar => format!("\u{2066}{amount}\u{a0}{currency}\u{2069}"),
        Lang::Fr | Lang::Ru | Lang::Es => format!("{amount}\u{a0}{currency}"),
    }
}

/// How many digits the minor unit of a currency has (ISO 4217, list one).
pub fn minor_digits(currency: &str) -> i16 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

/// The size of a file: `840 kB`, `1.2 MB` (decimal units, IEC 80000-13).
pub fn file_size(lang: Lang, bytes: impl Whole) -> String {
    let bytes = bytes.whole();
    if bytes < 1_000_000 {
        return T(lang).format_kilobytes(number(lang, (bytes / 1_000).max(1)));
    }
    let mut amount = Decimal::from(bytes / 100_000);
    amount.multiply_pow10(-1);
    T(lang).format_megabytes(decimal(lang, &amount))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
