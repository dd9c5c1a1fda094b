//! One address, several forms: a page for people, and JSON, a table or a feed for programs. What an address ends in says
//! it; otherwise the header `Accept` does (RFC 9110, section 12.5.1).

use http::{HeaderMap, header};

/// A form in which something can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Page,
    Json,
    Csv,
    Atom,
}

impl Wanted {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Page, "text/html"),
        (Self::Json, "application/json"),
        (Self::Csv, "text/csv"),
        (Self::Atom, "application/atom+xml"),
    ];

    /// What the request asks for: a page, unless it likes one of the others better and asks for it by name.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut best = (0, Self::Page);
        for value in headers.get_all(header::ACCEPT).iter().filter_map(|v| v.to_str().ok()) {
            for item in value.split(',').take(20) {
                let mut parts = item.split(';').map(str::trim);
                let media_type = parts.next().unwrap_or_default();
                let quality = parts.find_map(|p| p.strip_prefix("q=")).map_or(1_000, thousandths);
                let named = Self::ALL.iter().find(|(_, name)| name.eq_ignore_ascii_case(media_type));
                // What is liked as well as what came before does not take its place, so a browser gets a page.
                if let Some((wanted, _)) = named
                    && quality > best.0
                {
                    best = (quality, *wanted);
                }
            }
        }
        best.1
    }
}

/// `0.9` as 900; what is no quality is none.
fn thousandths(text: &str) -> u32 {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    match (whole, rest.len()) {
        ("1", _) => 1_000,
        ("0", 1..=3) => format!("{rest:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

/// What an address asks for by its end, `OTT-1.ics`, and the address without it.
pub(super) fn ending<'a>(name: &'a str, endings: &[&'static str]) -> (&'a str, Option<&'static str>) {
    let found = endings.iter().find_map(|ending| {
        let rest = name.strip_suffix(ending)?.strip_suffix('.')?;
        (!rest.is_empty()).then_some((rest, Some(*ending)))
    });
    found.unwrap_or((name, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted() {
        for (accept, expected) in [
            (None, Wanted::Page),
            (Some("*/*"), Wanted::Page),
            (Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), Wanted::Page),
            (Some("application/json"), Wanted::Json),
            (Some("application/json, text/html"), Wanted::Json),
            (Some("text/html;q=0.5, text/csv;q=0.51"), Wanted::Csv),
            (Some("application/atom+xml;charset=utf-8"), Wanted::Atom),
            (Some("application/json;q=0"), Wanted::Page),
            (Some("application/json;q=2"), Wanted::Page),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT, http::HeaderValue::from_static(accept));
            }
            assert_eq!(Wanted::of(&headers), expected, "{accept:?}");
        }
    }

    #[test]
    fn what_an_address_ends_in() {
        for (name, expected) in [
            ("OTT-1", ("OTT-1", None)),
            ("OTT-1.ics", ("OTT-1", Some("ics"))),
            ("a.b.json", ("a.b", Some("json"))),
            (".ics", (".ics", None)),
            ("OTT-1ics", ("OTT-1ics", None)),
        ] {
            assert_eq!(ending(name, &["ics", "json"]), expected, "{name}");
        }
    }
}
