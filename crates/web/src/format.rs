//! Numbers, dates, deadlines and money as each language writes them: CLDR's data by ICU4X, zones by the time zone database
//! that the binary carries.
//!
//! Arabic is written with the digits 0 to 9, as in the documents of the United Nations that this serves: numbers there stand
//! beside symbols and addresses that have the same digits. Hours go from 0 to 23 in every language.

use std::sync::OnceLock;

use base::Lang;
use icu_decimal::{DecimalFormatter, input::Decimal};
use icu_locale_core::{Locale, locale};
use icu_plurals::{PluralCategory, PluralRules};
use jiff::tz::TimeZone;

pub use icu_plurals::PluralCategory as Plural;

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
    let made =
        FORMATTERS.get(lang, |locale| DecimalFormatter::try_new(locale.into(), Default::default()).ok());
    made.and_then(Option::as_ref).map_or_else(|| n.to_string(), |formatter| formatter.format(n).to_string())
}

/// An argument of a text, in the text's language: one that runs the other way is isolated (Unicode, UAX #9, section 2.4).
pub fn push_argument(out: &mut String, lang: Lang, argument: &str) {
    let rtl =
        |c: char| matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}');
    let other = if lang == Lang::Ar {
        argument.chars().any(|c| c.is_alphanumeric() && !rtl(c))
    } else {
        argument.chars().any(rtl)
    };
    if other {
        out.push('\u{2068}');
        out.push_str(argument);
        out.push('\u{2069}');
    } else {
        out.push_str(argument);
    }
}

fn zone_of(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// Whether the time zone database knows a zone of this name.
pub fn is_zone(name: &str) -> bool {
    TimeZone::get(name).is_ok()
}
