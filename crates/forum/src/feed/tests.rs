//! What is written is read back, by others' parsers where there is one.

use base::{Instant, Lang};
use proptest::prelude::*;

use super::{atom, csv::Table, ical};

/// The cells, as the crate `csv` reads them.
fn read(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn a_cell_that_would_run_is_defused_and_no_other() {
    for (cell, expected) in [
        ("=1+1", "'=1+1"),
        ("+41 22", "'+41 22"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\r=x", "'\r=x"),
        ("\nx", "'\nx"),
        ("  =1", "'  =1"),
        ("\u{200b}=1", "'\u{200b}=1"),
        ("\u{ff1d}1", "'\u{ff1d}1"),
        ("'=1", "''=1"),
        ("a=1", "a=1"),
        ("1-1", "1-1"),
        ("say \"yes\", twice", "say \"yes\", twice"),
        ("", ""),
    ] {
        let mut table = Table::new(&["id", "text"]);
        table.row(["1", cell]);
        assert_eq!(read(&table.finish()), [["id", "text"], ["1", expected]], "{cell:?}");
    }
}

#[test]
fn the_bytes_of_a_table() {
    let mut table = Table::new(&["id"]);
    table.row(["=\"x\"\r\n"]);
    assert_eq!(table.finish(), "\u{feff}\"id\"\r\n\"'=\"\"x\"\"\r\n\"\r\n");
}

proptest! {
    #[test]
    fn every_table_gives_back_what_was_written(rows in proptest::collection::vec([".*", ".*"], 0..6)) {
        let mut table = Table::new(&["a", "b"]);
        for row in &rows {
            table.row(row.iter().map(String::as_str));
        }
        let read = read(&table.finish());
        let back: Vec<Vec<String>> = read
            .into_iter()
            .skip(1)
            .map(|row| row.into_iter().map(|cell| cell.strip_prefix('\'').map_or(cell.clone(), str::to_owned)).collect())
            .collect();
        let rows: Vec<Vec<String>> = rows.into_iter().map(Vec::from).collect();
        prop_assert_eq!(back, rows);
    }

    #[test]
    fn no_line_of_a_calendar_is_too_long_and_none_loses_a_character(text in "\\PC*") {
        let file = deadline(&text).to_ics();
        for line in file.strip_suffix("\r\n").unwrap().split("\r\n") {
            prop_assert!(line.len() <= 75, "{line}");
        }
        let unfolded = file.replace("\r\n ", "");
        let escaped = text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,");
        let expected = format!("\r\nSUMMARY;LANGUAGE=ar:{escaped}\r\n");
        prop_assert!(unfolded.contains(&expected));
    }
}

fn deadline(summary: &str) -> ical::Deadline<'_> {
    ical::Deadline {
        uid: "OTT-1@forum.example",
        sequence: 1,
        stamp: Instant::from_secs(1_497_398_400),
        at: Instant::from_ms(1_503_179_999_999),
        lang: Lang::Ar,
        summary,
        description: "one\r\ntwo;\\",
        page: "https://forum.example/calls/OTT-1",
        cancelled: false,
        remind_before_s: 604_800,
    }
}

#[test]
fn the_lines_of_a_calendar_file() {
    let file = deadline("Closes\nBEGIN:VEVENT").to_ics();
    let lines: Vec<&str> = file.split("\r\n").collect();
    assert_eq!(
        lines,
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Sahihi//Forum//EN",
            "CALSCALE:GREGORIAN",
            "BEGIN:VEVENT",
            "UID:OTT-1@forum.example",
            "SEQUENCE:1",
            "DTSTAMP:20170614T000000Z",
            "DTSTART:20170819T215959Z",
            "SUMMARY;LANGUAGE=ar:Closes\\nBEGIN:VEVENT",
            "DESCRIPTION;LANGUAGE=ar:one\\ntwo\\;\\\\",
            "URL:https://forum.example/calls/OTT-1",
            "STATUS:CONFIRMED",
            "TRANSP:TRANSPARENT",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "TRIGGER:-PT604800S",
            "DESCRIPTION;LANGUAGE=ar:Closes\\nBEGIN:VEVENT",
            "END:VALARM",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    );
    let cancelled = ical::Deadline { cancelled: true, ..deadline("x") }.to_ics();
    assert!(cancelled.contains("STATUS:CANCELLED\r\n") && !cancelled.contains("VALARM"));
}

#[test]
fn a_feed_holds_no_markup_of_others() {
    let entry = atom::Entry {
        id: "https://forum.example/submissions/sub_1".to_owned(),
        title: "<script>alert(1)</script> & 'co' \u{1} \u{ffff}".to_owned(),
        lang: Lang::Fr,
        author: Some("</name>".to_owned()),
        published: Instant::from_secs(0),
        updated: Instant::from_secs(1),
        page: "https://forum.example/submissions/sub_1?a=1&b=\"2\"".to_owned(),
        summary: "]]>\r\n\tx".to_owned(),
        categories: vec!["signed"],
    };
    let feed = atom::Feed {
        id: "https://forum.example/feed.atom",
        lang: Lang::En,
        title: "T",
        author: "S",
        updated: Instant::from_secs(1),
        itself: "https://forum.example/feed.atom",
        page: "https://forum.example/calls",
        next: Some("https://forum.example/feed.atom?after=1&x=2"),
        entries: &[entry],
    };
    assert_eq!(
        feed.to_xml(),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n\
         <id>https://forum.example/feed.atom</id>\n<title>T</title>\n\
         <updated>1970-01-01T00:00:01.000Z</updated>\n<author><name>S</name>\n</author>\n\
         <link rel=\"self\" type=\"application/atom+xml\" href=\"https://forum.example/feed.atom\"/>\n\
         <link rel=\"alternate\" type=\"text/html\" href=\"https://forum.example/calls\"/>\n\
         <link rel=\"next\" type=\"application/atom+xml\" href=\"https://forum.example/feed.atom?after=1&amp;x=2\"/>\n\
         <entry xml:lang=\"fr\">\n<id>https://forum.example/submissions/sub_1</id>\n\
         <title>&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#39;co&#39; \u{fffd} \u{fffd}</title>\n\
         <published>1970-01-01T00:00:00.000Z</published>\n<updated>1970-01-01T00:00:01.000Z</updated>\n\
         <author><name>&lt;/name&gt;</name>\n</author>\n\
         <link rel=\"alternate\" type=\"text/html\" href=\"https://forum.example/submissions/sub_1?a=1&amp;b=&quot;2&quot;\"/>\n\
         <category term=\"signed\"/>\n<summary>]]&gt;&#13;\n\tx</summary>\n</entry>\n</feed>\n"
    );
}
