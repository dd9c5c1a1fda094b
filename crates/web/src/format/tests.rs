use super::*;

/// 2026-11-28T23:00:00Z: midnight in Zurich.
const MIDNIGHT: Instant = Instant::from_secs(1_795_906_800);
const ZURICH: &str = "Europe/Zurich";

/// Without the marks that isolate what runs the other way, and with one kind of space.
fn plain(text: &str) -> String {
    let visible = text.chars().filter(|c| !matches!(c, '\u{2066}'..='\u{2069}'));
    visible.map(|c| if matches!(c, '\u{a0}' | '\u{202f}') { ' ' } else { c }).collect()
}

fn check(made: impl Fn(Lang) -> String, expected: [(Lang, &str); 6]) {
    for (lang, expected) in expected {
        assert_eq!(plain(&made(lang)), expected, "{lang}");
    }
}

#[test]
fn dates_are_words_with_their_zone() {
    check(
        |lang| date_time(lang, MIDNIGHT, "Asia/Kolkata"),
        [
            (Lang::En, "29 November 2026, 04:30 (Kolkata time, UTC+5:30)"),
            (Lang::Fr, "29 novembre 2026 à 04:30 (heure de Calcutta, UTC+5:30)"),
            (Lang::Es, "29 de noviembre de 2026 a las 04:30 (hora de Calcuta, UTC+5:30)"),
            (Lang::Ru, "29 ноября 2026 г. в 04:30 (местное время: Калькутта, UTC+5:30)"),
            (Lang::Ar, "29 نوفمبر 2026، الساعة 04:30 (بتوقيت كالكتا، UTC+5:30)"),
            (Lang::Zh, "2026年11月29日 04:30（加尔各答时间，UTC+5:30）"),
        ],
    );
    check(
        |lang| weekday_date(lang, MIDNIGHT, "UTC"),
        [
            (Lang::En, "Saturday, 28 November 2026"),
            (Lang::Fr, "samedi 28 novembre 2026"),
            (Lang::Es, "sábado, 28 de noviembre de 2026"),
            (Lang::Ru, "суббота, 28 ноября 2026 г."),
            (Lang::Ar, "السبت، 28 نوفمبر 2026"),
            (Lang::Zh, "2026年11月28日星期六"),
        ],
    );
    // Summer time is the zone's, not the season's in which one looks.
    let summer = Instant::from_secs(1_782_856_800);
    assert_eq!(plain(&zone_name(Lang::En, summer, ZURICH)), "Zurich time, UTC+2");
    assert_eq!(plain(&zone_name(Lang::En, MIDNIGHT, "America/St_Johns")), "St John’s time, UTC−3:30");
    for none in ["UTC", "", "Europe/Atlantis", "../etc/passwd"] {
        assert_eq!(plain(&zone_name(Lang::En, MIDNIGHT, none)), "UTC", "{none}");
    }
}

/// The day before is the last that is in time, except where it is said that the day itself is too late.
#[test]
fn deadlines_say_what_was_meant() {
    for (wording, expected) in [
        (Wording::ByEndOfDay, "by the end of 28 November 2026 (Zurich time, UTC+1)"),
        (Wording::Before, "before 29 November 2026 (Zurich time, UTC+1)"),
        (Wording::AtLatestBy, "on 28 November 2026 at the latest (Zurich time, UTC+1)"),
        (Wording::Deadline, "deadline 28 November 2026 (Zurich time, UTC+1)"),
        (Wording::Until, "until 00:00 on 29 November 2026 (Zurich time, UTC+1)"),
    ] {
        assert_eq!(plain(&deadline(Lang::En, MIDNIGHT, ZURICH, wording)), expected);
    }
    check(
        |lang| deadline(lang, MIDNIGHT, ZURICH, Wording::ByEndOfDay),
        [
            (Lang::En, "by the end of 28 November 2026 (Zurich time, UTC+1)"),
            (Lang::Fr, "avant la fin de la journée du 28 novembre 2026 (heure de Zurich, UTC+1)"),
            (Lang::Es, "antes de que termine el 28 de noviembre de 2026 (hora de Zúrich, UTC+1)"),
            (Lang::Ru, "до конца дня 28 ноября 2026 г. (местное время: Цюрих, UTC+1)"),
            (Lang::Ar, "قبل نهاية يوم 28 نوفمبر 2026 (بتوقيت زيورخ، UTC+1)"),
            (Lang::Zh, "2026年11月28日结束前（苏黎世时间，UTC+1）"),
        ],
    );
}

#[test]
fn what_remains_is_rounded_down_and_ends() {
    let left = |seconds| remaining(Lang::En, MIDNIGHT, MIDNIGHT.plus_secs(seconds));
    for (seconds, expected) in [
        (3 * 86_400 - 1, Some("2 days")),
        (2 * 86_400 - 1, Some("47 hours")),
        (3_600, Some("1 hour")),
        (59 * 60, Some("59 minutes")),
        (1, Some("1 minute")),
        (0, None),
        (-1, None),
    ] {
        assert_eq!(left(seconds).as_deref(), expected, "{seconds}");
    }
    let days = |lang, days: i64| remaining(lang, MIDNIGHT, MIDNIGHT.plus_secs(days * 86_400)).unwrap();
    for (n, expected) in [(2, "2 дня"), (5, "5 дней"), (21, "21 день"), (112, "112 дней")] {
        assert_eq!(days(Lang::Ru, n), expected);
    }
    for (n, expected) in [(2, "يومان"), (3, "3 أيام"), (11, "11 يومًا"), (100, "100 يوم")] {
        assert_eq!(days(Lang::Ar, n), expected);
    }
}

#[test]
fn money_has_the_digits_of_its_currency() {
    for (lang, minor, currency, expected) in [
        (Lang::En, 1_250, "CHF", "CHF 12.50"),
        (Lang::Fr, 123_456_700, "XOF", "123 456 700 XOF"),
        (Lang::Es, 1_234_567, "KWD", "1234,567 KWD"),
        (Lang::Ru, -5, "USD", "-0,05 USD"),
        (Lang::Ar, 1_250, "JOD", "1.250 JOD"),
        (Lang::Zh, 99, "JPY", "JPY 99"),
    ] {
        assert_eq!(plain(&money(lang, minor, currency)), expected);
    }
}

#[test]
fn sizes_and_dates_that_are_not_exact() {
    assert_eq!(file_size(Lang::Fr, 1_250_000_u64), "1,2\u{a0}Mo");
    assert_eq!(file_size(Lang::En, 1_usize), "1 kB");
    assert_eq!(month(Lang::Es, 2026, 11), "noviembre de 2026");
    assert_eq!(month(Lang::Es, 2026, 13), "2026-13");
    assert_eq!(quarter(Lang::Fr, 2026, 3), "troisième trimestre 2026");
    assert_eq!(half(Lang::Zh, 2026, 2), "2026年下半年");
}

/// A name in the other script keeps to itself; what is isolated already is not isolated again.
#[test]
fn arguments_of_the_other_direction_are_isolated() {
    for (lang, argument, isolated) in [
        (Lang::Ar, "Clinic", true),
        (Lang::Ar, "عيادة", false),
        (Lang::Ar, "14:30", false),
        (Lang::Ar, "\u{2066}UTC+1\u{2069}", false),
        (Lang::En, "عيادة", true),
        (Lang::En, "Clinic", false),
        (Lang::Ru, "Clinic", false),
    ] {
        let mut out = String::new();
        push_argument(&mut out, lang, argument);
        assert_eq!(out != argument, isolated, "{lang} {argument}");
        assert_eq!(plain(&out), plain(argument));
    }
}
