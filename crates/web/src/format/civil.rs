//! Dates and times as fields of forms have them (HTML, section 2.3.5): to instants in a zone, and back.

use base::Instant;
use jiff::{
    ToSpan as _,
    civil::{Date, Time},
    tz::TimeZone,
};

/// The instant of `2026-11-28` and `14:30` in a zone. One that a change of the clock leaves out is the one so much later;
/// of two, it is the first.
pub fn instant(date: &str, time: &str, zone: &str) -> Option<Instant> {
    let (date, time): (Date, Time) = (date.parse().ok()?, time.parse().ok()?);
    let at = date.to_datetime(time).to_zoned(TimeZone::get(zone).ok()?).ok()?;
    Some(Instant::from_ms(at.timestamp().as_millisecond()))
}

/// The first instant after `2026-11-28` in a zone: what comes then is too late for something until the end of that day.
pub fn end_of_day(date: &str, zone: &str) -> Option<Instant> {
    let next = date.parse::<Date>().ok()?.checked_add(1.day()).ok()?;
    let at = next.to_zoned(TimeZone::get(zone).ok()?).ok()?;
    Some(Instant::from_ms(at.timestamp().as_millisecond()))
}

/// The date of an instant in a zone, `2026-11-28`.
pub fn date_field(at: Instant, zone: &str) -> String {
    super::in_zone(at, zone).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_forms() {
        for (date, time, zone, expected) in [
            ("2017-06-14", "09:00", "Europe/Zurich", Some("2017-06-14T07:00:00.000Z")),
            // Left out when summer time begins, and there twice when it ends.
            ("2026-03-29", "02:30", "Europe/Zurich", Some("2026-03-29T01:30:00.000Z")),
            ("2026-10-25", "02:30", "Europe/Zurich", Some("2026-10-25T00:30:00.000Z")),
            ("2026-02-29", "09:00", "UTC", None),
            ("2026-02-28", "25:00", "UTC", None),
            ("2026-02-28", "09:00", "Nowhere/At_All", None),
        ] {
            let found = instant(date, time, zone).map(Instant::rfc3339);
            assert_eq!(found.as_deref(), expected, "{date} {time}");
        }
    }

    #[test]
    fn the_end_of_a_day() {
        for (date, zone, expected) in [
            ("2017-08-19", "Europe/Zurich", Some("2017-08-19T22:00:00.000Z")),
            ("2026-10-25", "Europe/Zurich", Some("2026-10-25T23:00:00.000Z")),
            ("2026-12-31", "UTC", Some("2027-01-01T00:00:00.000Z")),
            ("2026-13-01", "UTC", None),
        ] {
            let end = end_of_day(date, zone);
            assert_eq!(end.map(Instant::rfc3339).as_deref(), expected, "{date}");
            if let Some(end) = end {
                assert_eq!(date_field(end.plus_ms(-1), zone), date);
            }
        }
    }
}
