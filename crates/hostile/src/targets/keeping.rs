//! The register (people, organisations, files of people) and type files.

use base::limits;
use formats::json;
use forum::{FileKind, check_file};
use identity::{
    Attributes, Invalid, OrganisationKind, PersonKind, Subject,
    fixture::{attributes as names_of, read_in_parts},
};
use issue::Types;
use serde_json::{Value, json};

use crate::{Dice, Reached, Target, json as trees, text};

/// Attributes of people, as staff enters and amends them.
pub static PERSON: Target = Target::new(
    ("person", "attributes of people"),
    2_000,
    || {
        let all = json!({
            "family_name": "Évora", "given_name": "Nerida", "birthdate": "1994-03-08", "birth_family_name": "A",
            "place_of_birth": { "country": "UT", "locality": "Amber" }, "nationalities": ["UT", "SN"], "sex": 2,
            "address": { "formatted": "1 Quay", "country": "UT" }, "personal_administrative_number": "A-1",
            "email": "n@a.example", "phone_number": "+1 23",
        });
        vec![all.to_string().into_bytes()]
    },
    trees::spoilt_text,
    attributes::<PersonKind>,
);

/// Attributes of organisations.
pub static ORGANISATION: Target = Target::new(
    ("organisation", "attributes of organisations"),
    2_000,
    || {
        let all = names_of::<OrganisationKind>().into_iter().map(|name| (name.to_owned(), sample(name)));
        let all = Value::Object(all.collect());
        vec![all.to_string().into_bytes()]
    },
    trees::spoilt_text,
    attributes::<OrganisationKind>,
);

/// A value that the attribute may have: the first that it takes.
fn sample(name: &'static str) -> Value {
    let all = [
        json!("Fishers"),
        json!("2020-01-31"),
        json!("UT"),
        json!("https://a.example"),
        json!("a@a.example"),
        json!({ "en": "Fishers" }),
        json!({ "country": "UT", "locality": "Amber" }),
        json!(["UT"]),
    ];
    let fits = |value: &&Value| {
        let mut all = json!({ "legal_name": "Fishers", "registration_number": "1", "country": "UT" });
        let map = all.as_object_mut().unwrap();
        map.insert(name.to_owned(), (*value).clone());
        Attributes::new::<OrganisationKind>(map.clone()) != Err(Invalid::Malformed(name))
    };
    all.iter().find(fits).cloned().unwrap_or_default()
}

fn attributes<S: Subject>(input: &[u8]) -> Reached {
    let Ok(map) = json::parse_object(input) else { return Reached::Refused };
    let read = Attributes::new::<S>(map.clone());
    if let Ok(read) = &read {
        let again = Attributes::new::<S>(read.as_map().clone());
        assert_eq!(again.as_ref(), Ok(read), "what was checked once holds when it is checked again");
        let amended = read.amended::<S>(map);
        assert_eq!(amended.as_ref(), Ok(read), "the same laid over it changes nothing");
        for text in read.as_map().values().filter_map(Value::as_str) {
            assert!(!text.is_empty() && !text.starts_with(['=', '@']) && !text.chars().any(char::is_control));
        }
    }
    Reached::read(read.is_ok())
}

/// A file of people, and where it is cut.
pub static IMPORT: Target = Target::new(
    ("import", "files of people (CSV), in parts that are cut anywhere"),
    800,
    || {
        let head =
            "request,family_name,given_name,birthdate,sex,nationalities,place_of_birth.country,email\r\n";
        let rows = "r1,Évora,Nerida,1994-03-08,2,UT;SN,UT,n@a.example\r\n\
                    r2,\"Ek, the \"\"elder\"\"\",Bo,1980-01-02,,,,\nr3,\"Ana Sofía\",A,2000-01-01,9,UT,,\r\n";
        let bom = format!("\u{feff}{head}{rows}");
        let bad = format!("{head}x,,,2024-13-01,11,utopia,u,nobody\r\n{rows}");
        [format!("{head}{rows}"), bom, bad].map(String::into_bytes).to_vec()
    },
    import_change,
    |input| {
        let whole = read_in_parts(&[input]);
        let mut dice = Dice::of(input);
        let mut cuts: Vec<usize> =
            (0..dice.below(6)).map(|_| dice.below(input.len().saturating_add(1))).collect();
        cuts.sort_unstable();
        let mut parts = Vec::new();
        let mut rest = input;
        let mut done = 0;
        for cut in cuts {
            let (part, after) = rest.split_at(cut.saturating_sub(done).min(rest.len()));
            parts.push(part);
            done = cut;
            rest = after;
        }
        parts.push(rest);
        assert_eq!(read_in_parts(&parts), whole, "where a file is cut makes no difference: {parts:?}");
        if input.len() < 200 {
            let single: Vec<&[u8]> = input.chunks(1).collect();
            assert_eq!(read_in_parts(&single), whole, "nor that it comes byte by byte");
        }
        assert!(i64::try_from(whole.faults.len()).is_ok_and(|n| n <= limits::IMPORT_FAULTS_MAX + 100));
        match (whole.header_is_read, whole.faults.is_empty()) {
            (false, _) => Reached::Refused,
            (true, accepted) => Reached::read(accepted),
        }
    },
);

/// Mostly a cell; sometimes a line, the quotes, the ends of lines.
fn import_change(input: &[u8], dice: &mut Dice) -> Vec<u8> {
    let text = String::from_utf8_lossy(input).into_owned();
    let (head, rows) = text.split_once('\n').unwrap_or((&text, ""));
    let mut cells: Vec<String> = rows.split(',').map(str::to_owned).collect();
    let at = dice.below(cells.len());
    match dice.below(10) {
        0 => return text::changed_bytes(input, dice),
        1 => return format!("{}\n{rows}", text::changed(head, dice)).into_bytes(),
        2 => return format!("{head}\n{}", rows.repeat(dice.one(&[0, 2, 40]))).into_bytes(),
        3 => {
            return format!("{head}\n{}", rows.replace("\r\n", dice.one(&["\n", "\r", "\n\n"]))).into_bytes();
        }
        4 => {
            if let Some(cell) = cells.get_mut(at) {
                *cell = format!("\"{}\"", cell.replace('"', "\"\""));
            }
        }
        5 => cells.insert(at, "\"".to_owned()),
        _ => {
            if let Some(cell) = cells.get_mut(at) {
                *cell = text::changed(cell, dice);
            }
        }
    }
    format!("{head}\n{}", cells.join(",")).into_bytes()
}

/// Type files: the operator's own.
pub static TYPE_FILE: Target = Target::new(
    ("type_file", "files that describe types of credentials (TOML)"),
    300,
    || issue::types::DEFAULT.iter().map(|(_, text)| text.as_bytes().to_vec()).collect(),
    |input, dice| {
        let text = String::from_utf8_lossy(input);
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for _ in 0..=dice.below(2) {
            let at = dice.below(lines.len());
            match dice.below(8) {
                0 if at < lines.len() => drop(lines.remove(at)),
                1 => {
                    let copy = lines.get(at).cloned().unwrap_or_default();
                    // A key twice is no TOML; a table twice often is.
                    let to = dice.below(lines.len());
                    if copy.starts_with("[[") || dice.percent(10) {
                        lines.insert(to, copy);
                    }
                }
                _ => {
                    let Some(line) = lines.get_mut(at) else { continue };
                    let Some((key, value)) = line.split_once(" = ") else { continue };
                    *line = match value.trim_matches('"') {
                        _ if dice.percent(5) => text::changed(line, dice),
                        bare if value.starts_with('"') => {
                            format!("{key} = {}", json!(text::changed(bare, dice)))
                        }
                        _ => format!(
                            "{key} = {}",
                            dice.one(&["0", "-1", "true", "false", "[]", "9223372036854775807", "\"\""])
                        ),
                    };
                }
            }
        }
        lines.join("\n").into_bytes()
    },
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        if toml::from_str::<toml::Table>(text).is_err() {
            return Reached::Refused;
        }
        let types = Types::parse([("a.toml", text)]);
        if let Ok(types) = &types {
            let at = types.at("https://issuer.example");
            assert!(at.iter().all(|one| !one.vct.starts_with('{') && at.get(&one.id).is_some()));
        }
        Reached::read(types.is_ok())
    },
);

/// Files that belong to a submission: what they are is found out from their bytes.
pub static FILE: Target = Target::new(
    ("file", "files of a submission"),
    2_000,
    || {
        let archive = |names: &[(&str, &[u8])]| {
            let number =
                |n: usize, length: usize| n.to_le_bytes().into_iter().take(length).collect::<Vec<u8>>();
            let (mut all, mut directory) = (Vec::new(), Vec::new());
            for (name, content) in names {
                let sizes = [number(0, 4), number(content.len(), 4), number(content.len(), 4)].concat();
                let lengths = [number(name.len(), 2), number(0, 2)].concat();
                let at = number(all.len(), 4);
                all.extend(
                    [b"PK\x03\x04", &[20, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &sizes, &lengths, name.as_bytes()]
                        .concat(),
                );
                all.extend_from_slice(content);
                directory
                    .extend([b"PK\x01\x02", &[20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &sizes].concat());
                directory.extend([&lengths[..], &[0; 10], &at, name.as_bytes()].concat());
            }
            let (at, size, count) =
                (number(all.len(), 4), number(directory.len(), 4), number(names.len(), 2));
            all.extend(directory);
            all.extend([&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &size, &at, &[0, 0]].concat());
            all
        };
        let odt = FileKind::OpenDocument.media_type().as_bytes();
        vec![
            b"%PDF-1.7\n1 0 obj\nendobj\ntrailer\n%%EOF\n".to_vec(),
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01".to_vec(),
            b"\xff\xd8\xff\xe0".to_vec(),
            "Une r\u{e9}ponse\n".as_bytes().to_vec(),
            archive(&[("mimetype", odt), ("content.xml", b"<x/>")]),
            archive(&[("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>")]),
        ]
    },
    text::changed_bytes,
    |input| {
        let names = ["a.pdf", "a.png", "a.jpg", "a.txt", "a.odt", "a.docx"];
        let taken: Vec<FileKind> = names
            .iter()
            .filter_map(|name| check_file(name, None, input).ok())
            .map(|(_, kind)| kind)
            .collect();
        assert!(taken.len() <= 1, "a file is of one type: {taken:?}");
        for kind in &taken {
            let runs = input.trim_ascii_start().starts_with(b"<");
            assert!(!runs, "{kind:?} that begins like a page");
        }
        Reached::read(!taken.is_empty())
    },
);
