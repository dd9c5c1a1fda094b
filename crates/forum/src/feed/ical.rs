//! Calendar files (RFC 5545): a deadline as an event that takes no time, in UTC.
//!
//! UTC only: a deadline is one instant, and an instant in UTC needs no `VTIMEZONE` that a calendar might read another
//! way. The zone in which it was meant, and its wording, stand in the description.

use base::{Instant, Lang};

/// A deadline.
#[derive(Debug)]
pub struct Deadline<'a> {
    /// The same for ever, so that a later file moves the event instead of adding one (section 3.8.4.7).
    pub uid: &'a str,
    /// How often the deadline was moved (section 3.8.7.4).
    pub sequence: usize,
    /// When this was written.
    pub stamp: Instant,
    /// The deadline.
    pub at: Instant,
    /// The language of its texts.
    pub lang: Lang,
    /// What ends, as text.
    pub summary: &'a str,
    /// More, as text.
    pub description: &'a str,
    /// Its page.
    pub page: &'a str,
    /// No longer to be kept: withdrawn or annulled (section 3.8.1.11).
    pub cancelled: bool,
    /// How long before it to remind, seconds.
    pub remind_before_s: i64,
}

/// What a calendar file is served as.
pub const MEDIA_TYPE: &str = "text/calendar; charset=utf-8";

/// How long a line may be without its end, octets (section 3.1).
const LINE_OCTETS_MAX: usize = 75;

impl Deadline<'_> {
    /// The file.
    pub fn to_ics(&self) -> String {
        let lang = self.lang.tag();
        let mut out = String::new();
        for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Sahihi//Forum//EN", "CALSCALE:GREGORIAN"] {
            folded(&mut out, line);
        }
        folded(&mut out, "BEGIN:VEVENT");
        folded(&mut out, &format!("UID:{}", text(self.uid)));
        folded(&mut out, &format!("SEQUENCE:{}", self.sequence));
        folded(&mut out, &format!("DTSTAMP:{}", utc(self.stamp)));
        folded(&mut out, &format!("DTSTART:{}", utc(self.at)));
        folded(&mut out, &format!("SUMMARY;LANGUAGE={lang}:{}", text(self.summary)));
        folded(&mut out, &format!("DESCRIPTION;LANGUAGE={lang}:{}", text(self.description)));
        folded(&mut out, &format!("URL:{}", address(self.page)));
        folded(&mut out, &format!("STATUS:{}", if self.cancelled { "CANCELLED" } else { "CONFIRMED" }));
        folded(&mut out, "TRANSP:TRANSPARENT");
        if !self.cancelled {
            folded(&mut out, "BEGIN:VALARM");
            folded(&mut out, "ACTION:DISPLAY");
            folded(&mut out, &format!("TRIGGER:-PT{}S", self.remind_before_s));
            folded(&mut out, &format!("DESCRIPTION;LANGUAGE={lang}:{}", text(self.summary)));
            folded(&mut out, "END:VALARM");
        }
        folded(&mut out, "END:VEVENT");
        folded(&mut out, "END:VCALENDAR");
        out
    }
}

/// `20170819T215959Z` (section 3.3.5, form 2).
fn utc(at: Instant) -> String {
    let seconds: String = at.rfc3339().chars().take(19).filter(|c| !matches!(c, '-' | ':')).collect();
    seconds + "Z"
}

/// A value of the type TEXT (section 3.3.11).
fn text(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut after_return = false;
    for c in value.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' if after_return => {}
            '\n' | '\r' => out.push_str("\\n"),
            '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
        after_return = c == '\r';
    }
    out
}

/// An address has neither line breaks nor controls.
fn address(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).collect()
}

/// One line, folded before an octet too many, never within a character (section 3.1).
fn folded(out: &mut String, line: &str) {
    let mut octets = 0;
    for c in line.chars() {
        if octets + c.len_utf8() > LINE_OCTETS_MAX {
            out.push_str("\r\n ");
            octets = 1;
        }
        out.push(c);
        octets += c.len_utf8();
    }
    out.push_str("\r\n");
}
