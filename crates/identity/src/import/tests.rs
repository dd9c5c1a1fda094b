use base::limits::{IMPORT_PARTS_MAX, IMPORT_ROW_BYTES_MAX, IMPORT_STEP_ROWS, IMPORTS_OPEN_MAX};
use proptest::prelude::*;
use serde_json::{Value, json};
use store::{Store, Tx, params};

use super::{
    csv::{Next, Reader, Row},
    stage::{Header, Progress},
};
use crate::{
    MIGRATIONS,
    testing::{App, app, code},
};

store::statements! {
    LEFT = "SELECT (SELECT count(*) FROM identity_import_row)
        + (SELECT count(*) FROM identity_person_word w
            WHERE NOT EXISTS (SELECT 1 FROM identity_person p WHERE p.id = w.person))
        + (SELECT count(*) FROM identity_import_fault) + (SELECT count(*) FROM identity_import_part)";
}

const GOOD: &str = "\u{feff}given_name,family_name,birthdate,personal_administrative_number,nationalities,\
sex,place_of_birth.country,place_of_birth.locality,request\r\n\
Zoé,\"N'Diaye, Şahin\",1990-05-17,A-1,XA;XB,2,XA,Mbao,r-1\r\n\
\r\n\
\"Io \"\"Bo\"\"\",Lima,1991-01-02,,,,,,\r\n\
Ana,Okoro,1992-03-04,A-3,XA,9,XA,,r-3";

struct Import<'a> {
    app: &'a App,
    path: String,
}

async fn begin(app: &App, request: Value) -> Import<'_> {
    let (status, made) = app.post("/staff/v1/imports", json!({ "request": request })).await;
    assert_eq!((status, &made["state"]), (201, &json!("receiving")), "{made}");
    Import { app, path: format!("/staff/v1/imports/{}", made["id"].as_str().unwrap()) }
}

impl Import<'_> {
    async fn part(&self, number: usize, bytes: &[u8]) -> (u16, Value) {
        let path = format!("{}/parts/{number}", self.path);
        self.app.send("PUT", &path, Some("token"), ("text/csv; charset=utf-8", bytes.to_vec())).await
    }

    async fn put(&self, file: &[u8], part_bytes: usize) -> usize {
        let mut parts = 0;
        for part in file.chunks(part_bytes) {
            parts += 1;
            let (status, answer) = self.part(parts, part).await;
            assert_eq!((status, &answer["parts"]), (200, &json!(parts)), "{answer}");
        }
        parts
    }

    async fn check(&self, parts: usize) -> (u16, Value) {
        self.app.post(&format!("{}/check", self.path), json!({ "parts": parts })).await
    }

    async fn checked(&self, parts: usize) -> Value {
        loop {
            let (status, answer) = self.check(parts).await;
            assert_eq!(status, 200, "{answer}");
            if answer["state"] == "checked" {
                assert_eq!(answer["checked"], answer["received"]);
                return answer;
            }
        }
    }

    async fn switch(&self) -> (u16, Value) {
        self.app.post(&format!("{}/switch", self.path), json!({})).await
    }

    async fn faults(&self) -> Vec<(i64, Option<i64>, String)> {
        let (status, report) = self.app.get(&format!("{}/report", self.path)).await;
        assert_eq!((status, &report["next"]), (200, &Value::Null), "{report}");
        let all = report["faults"].as_array().unwrap().iter();
        all.map(|f| (f["line"].as_i64().unwrap(), f["column"].as_i64(), f["code"].as_str().unwrap().into()))
            .collect()
    }
}

async fn left(store: &Store) -> i64 {
    let left = async |tx: &mut Tx<'_>| tx.one(&LEFT, params![]).await?.int(0);
    store.read::<i64, store::Error, _>(left).await.unwrap()
}

/// Imports `file` in parts of `part_bytes` as far as it goes; its faults.
async fn faults_of(app: &App, file: &[u8], part_bytes: usize) -> Vec<(i64, Option<i64>, String)> {
    let import = begin(app, Value::Null).await;
    let parts = import.put(file, part_bytes).await;
    let answer = import.checked(parts).await;
    let faults = import.faults().await;
    assert_eq!(answer["faults"], faults.len(), "{answer}");
    if faults.is_empty() {
        assert_eq!(app.json("POST", &format!("{}/abandon", import.path), Value::Null).await.0, 200);
    } else {
        assert_eq!(code(&import.switch().await), (409, Some("import_has_faults")));
    }
    faults
}

#[tokio::test]
async fn people_come_from_a_file_all_at_once() {
    store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store.clone());
        let import = begin(&app, json!("file-1")).await;
        let parts = import.put(GOOD.as_bytes(), 50).await;
        assert_eq!(code(&import.switch().await), (409, Some("import_not_checked")));
        let checked = import.checked(parts).await;
        assert_eq!((&checked["received"], &checked["faults"]), (&json!(3), &json!(0)), "{checked}");
        let search = json!({"birthdate": "1990-05-17"});
        let (_, none) = app.post("/staff/v1/people/search", search).await;
        assert_eq!(none, json!({"people": []}), "nobody is found before the switch");
        app.clock.advance_secs(5);
        let (status, switched) = import.switch().await;
        assert_eq!((status, &switched["state"]), (200, &json!("switched")), "{switched}");
        assert_eq!(import.switch().await, (200, switched.clone()), "sent twice, done once");
        let again = app.post("/staff/v1/imports", json!({"request": "file-1"})).await;
        assert_eq!(again, (201, switched), "the same file is not imported twice");

        let (_, found) = app.post("/staff/v1/people/search", json!({"name": "ndia zo"})).await;
        assert_eq!(found, json!({"people": []}), "an apostrophe parts words");
        let (_, found) = app.post("/staff/v1/people/search", json!({"name": "sahin zo"})).await;
        let zoe = &found["people"][0];
        let expected = json!({"given_name": "Zoé", "family_name": "N'Diaye, Şahin", "birthdate": "1990-05-17",
            "personal_administrative_number": "A-1", "nationalities": ["XA", "XB"], "sex": 2,
            "place_of_birth": {"country": "XA", "locality": "Mbao"}});
        assert_eq!(zoe["attributes"], expected);
        let (_, history) =
            app.get(&format!("/staff/v1/people/{}/history", zoe["id"].as_str().unwrap())).await;
        let version = &history["versions"][0];
        let id = import.path.rsplit('/').next().unwrap();
        assert_eq!(version["reason"], format!("import {id}"));
        assert_eq!((&version["actor"], &version["at"]), (&json!("amina"), &zoe["registered_at"]));
        let request = json!({"attributes": expected, "request": "r-1"});
        assert_eq!(app.post("/staff/v1/people", request).await.1["id"], zoe["id"], "its request names it");
        assert_eq!(app.register.count().await.unwrap(), 3);
        assert_eq!(left(&store).await, 0, "nothing is left where they waited");
    })
    .await;
}

#[tokio::test]
async fn every_fault_is_named_by_its_place() {
    store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let taken = json!({"attributes": {"given_name": "Ana", "family_name": "Lima", "birthdate": "1990-05-17",
            "personal_administrative_number": "A-1"}, "request": "r-1"});
        assert_eq!(app.post("/staff/v1/people", taken).await.0, 201);
        let header = "given_name,family_name,birthdate,personal_administrative_number,request,address.country";
        let long = "x".repeat(IMPORT_ROW_BYTES_MAX);
        let file = |rows: &str| format!("{header}\n{rows}").into_bytes();
        let good = "Ana,Lima,1990-05-17,A-2,r-2,XA\n";
        let fault = |line, column, code: &str| (line, column, code.to_owned());
        for (bytes, expected) in [
            (file(good), vec![]),
            (file(&format!("{good}{}", good.replace('2', "3"))), vec![]),
            (file(&format!("{good}{good}")), vec![
                fault(3, Some(4), "number_twice"),
                fault(3, Some(5), "request_twice"),
            ]),
            (file("Ana,Lima,1990-05-17,A-1,,\n"), vec![fault(2, Some(4), "number_taken")]),
            (file("Ana,Lima,1990-05-17,,r-1,\n"), vec![fault(2, Some(5), "request_taken")]),
            (file(",Lima,1990-02-30,,r\u{7}2,xa\n"), vec![
                fault(2, Some(1), "missing"),
                fault(2, Some(3), "malformed"),
                fault(2, Some(5), "malformed"),
                fault(2, Some(6), "malformed"),
            ]),
            (file("=1+1,@Lima,1990-05-17,-2,\"=A1\",\n"), vec![
                fault(2, Some(1), "malformed"),
                fault(2, Some(2), "malformed"),
                fault(2, Some(4), "malformed"),
                fault(2, Some(5), "malformed"),
            ]),
            (file("Ana,Lima,1990-05-17,A-2,r-2\n"), vec![fault(2, None, "cells")]),
            (file("Ana,Li\"ma,1990-05-17,A-2,r-2,\n"), vec![fault(2, None, "quote")]),
            (file("Ana,\"Li\"ma,1990-05-17,A-2,r-2,\n"), vec![fault(2, None, "quote")]),
            (file("Ana,\"Lima,1990-05-17,A-2,r-2,\n"), vec![fault(2, None, "quote")]),
            (file("A\na\n\n"), vec![fault(2, None, "cells"), fault(3, None, "cells")]),
            (file("Ana,Lima,1990-05-17,A-2,r-2,\r"), vec![]),
            (file("An\ra,Lima,1990-05-17,A-2,r-2,"), vec![fault(2, Some(1), "malformed")]),
            (file(""), vec![fault(1, None, "no_rows")]),
            (vec![b'\n'], vec![fault(1, None, "no_rows")]),
            (file(&format!("{good}{long}\n")), vec![fault(3, None, "row_too_long")]),
            ([&file("")[..], b"A\xff,Lima,1990-05-17,,,\n"].concat(), vec![fault(2, Some(1), "utf8")]),
            (good.into(), vec![
                fault(1, None, "column_missing"),
                fault(1, None, "column_missing"),
                fault(1, None, "column_missing"),
                fault(1, Some(1), "unknown_column"),
                fault(1, Some(2), "unknown_column"),
                fault(1, Some(3), "unknown_column"),
                fault(1, Some(4), "unknown_column"),
                fault(1, Some(5), "unknown_column"),
                fault(1, Some(6), "unknown_column"),
            ]),
            (b"given_name,family_name,birthdate,given_name\nA,B,1990-05-17,C\n".into(), vec![
                fault(1, Some(4), "column_twice"),
            ]),
        ] {
            for part_bytes in [7_000, 3] {
                if part_bytes == 3 && bytes.len() > 400 {
                    continue;
                }
                let found = faults_of(&app, &bytes, part_bytes).await;
                let text = String::from_utf8_lossy(&bytes).chars().take(200).collect::<String>();
                assert_eq!(found, expected, "{text}");
                assert_eq!(app.register.count().await.unwrap(), 1);
            }
            // Those with faults stay open until they are abandoned.
            app.clock.advance_secs(base::limits::IMPORT_LIFETIME_S);
        }
    })
    .await;
}

#[tokio::test]
async fn steps_may_be_sent_twice_and_not_out_of_order() {
    store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store.clone());
        let import = begin(&app, json!("file-2")).await;
        let (first, second) = GOOD.as_bytes().split_at(200);
        assert_eq!(code(&import.part(2, second).await), (409, Some("part_order")));
        assert_eq!(code(&import.part(0, first).await), (404, Some("not_found")));
        // Parts may be empty, so it is not the number of rows that bounds them.
        let max = usize::try_from(IMPORT_PARTS_MAX).unwrap();
        assert_eq!(code(&import.part(max, second).await), (409, Some("part_order")));
        assert_eq!(code(&import.part(max + 1, second).await), (409, Some("import_complete")));
        let one = import.part(1, first).await;
        assert_eq!(one.0, 200);
        assert_eq!(import.part(1, first).await, one);
        assert_eq!(code(&import.part(1, second).await), (409, Some("part_differs")));
        assert_eq!(code(&import.check(2).await), (409, Some("part_order")));
        let again = app.post("/staff/v1/imports", json!({"request": "file-2"})).await;
        assert_eq!(again, (201, one.1), "begun again, it goes on");
        assert_eq!(import.part(2, second).await.0, 200);
        let checked = import.checked(2).await;
        assert_eq!(import.check(2).await, (200, checked.clone()));
        assert_eq!(import.part(2, second).await, (200, checked.clone()));
        assert_eq!(code(&import.part(3, b"x").await), (409, Some("import_complete")));
        assert_eq!(import.app.get(&import.path).await, (200, checked));

        let (status, over) = app.json("POST", &format!("{}/abandon", import.path), Value::Null).await;
        assert_eq!((status, &over["state"]), (200, &json!("abandoned")));
        assert_eq!(app.json("POST", &format!("{}/abandon", import.path), Value::Null).await, (200, over));
        assert_eq!(left(&store).await, 0);
        for answer in [import.part(1, first).await, import.check(2).await, import.switch().await] {
            assert_eq!(code(&answer), (409, Some("import_over")));
        }
        let anew = begin(&app, json!("file-2")).await;
        assert_ne!(anew.path, import.path, "what was abandoned can be imported");
        anew.put(GOOD.as_bytes(), 100).await;
        assert!(left(&store).await > 0);
        app.clock.advance_secs(base::limits::IMPORT_LIFETIME_S);
        assert_eq!(app.get(&anew.path).await.1["state"], "abandoned", "too old");
        assert_eq!(left(&store).await, 0, "and erased by the way");
        assert_ne!(begin(&app, json!("file-2")).await.path, anew.path);
    })
    .await;
}

#[tokio::test]
async fn a_number_taken_between_check_and_switch_stops_everybody() {
    store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store.clone());
        let import = begin(&app, Value::Null).await;
        let parts = import.put(GOOD.as_bytes(), 1_000).await;
        assert_eq!(import.checked(parts).await["faults"], 0);
        let other = json!({"attributes": {"given_name": "Ana", "family_name": "Lima", "birthdate": "1990-05-17",
            "personal_administrative_number": "A-3"}});
        assert_eq!(app.post("/staff/v1/people", other).await.0, 201);
        assert_eq!(code(&import.switch().await), (409, Some("import_has_faults")));
        assert_eq!(import.faults().await, [(5, Some(4), "number_taken".to_owned())]);
        assert_eq!(app.register.count().await.unwrap(), 1);
        assert_eq!(code(&import.switch().await), (409, Some("import_has_faults")));
        assert_eq!(app.json("POST", &format!("{}/abandon", import.path), Value::Null).await.0, 200);
        assert_eq!(left(&store).await, 0);
    })
    .await;
}

#[tokio::test]
async fn requests_are_refused_by_their_cause() {
    store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let import = begin(&app, Value::Null).await;
        let nothing = "/staff/v1/imports/imp_0000000000000001";
        for (method, to, body, status, expected) in [
            ("POST", "/staff/v1/imports".to_owned(), json!({"request": ""}), 400, "request"),
            ("POST", "/staff/v1/imports".to_owned(), json!({"file": "a"}), 400, "invalid_json"),
            ("PUT", format!("{}/parts/1", import.path), json!({}), 415, "content_type"),
            ("PUT", format!("{}/parts/x", import.path), json!({}), 404, "not_found"),
            ("GET", format!("{}/report?skip=x", import.path), Value::Null, 400, "query"),
            ("GET", format!("{}/report?skip=-1", import.path), Value::Null, 400, "query"),
            ("GET", format!("{}/report?skip=10001", import.path), Value::Null, 400, "query"),
            ("GET", nothing.to_owned(), Value::Null, 404, "not_found"),
            ("POST", format!("{nothing}/abandon"), Value::Null, 404, "not_found"),
            ("POST", format!("{nothing}/check"), json!({"parts": 1}), 404, "not_found"),
            ("POST", format!("{nothing}/switch"), json!({}), 404, "not_found"),
            ("GET", format!("{nothing}/report"), Value::Null, 404, "not_found"),
        ] {
            let answer = app.json(method, &to, body.clone()).await;
            assert_eq!(code(&answer), (status, Some(expected)), "{method} {to} {body}");
        }
        let long = vec![b'a'; base::limits::BODY_BYTES_MAX + 1];
        assert_eq!(code(&import.part(1, &long).await), (413, Some("body_too_large")));
        for _ in 1..IMPORTS_OPEN_MAX {
            begin(&app, Value::Null).await;
        }
        let answer = app.post("/staff/v1/imports", json!({})).await;
        assert_eq!(code(&answer), (409, Some("too_many_imports")));
        for (method, path) in [
            ("POST", "/staff/v1/imports".to_owned()),
            ("GET", import.path.clone()),
            ("POST", format!("{}/abandon", import.path)),
            ("PUT", format!("{}/parts/1", import.path)),
            ("POST", format!("{}/check", import.path)),
            ("GET", format!("{}/report", import.path)),
            ("POST", format!("{}/switch", import.path)),
        ] {
            for token in [None, Some("tokem")] {
                let answer = app.send(method, &path, token, ("text/csv", b"{}".to_vec())).await;
                assert_eq!(code(&answer), (401, Some("unauthorized")), "{method} {path}");
            }
        }
    })
    .await;
}

/// A file of `rows` different people.
fn many(rows: i64) -> String {
    let mut file =
        String::from("given_name,family_name,birthdate,personal_administrative_number,nationalities\n");
    for n in 0..rows {
        use std::fmt::Write as _;
        let (a, b) = (n % 997, n % 1_009);
        writeln!(file, "Ada{a} Bo{b},Lima{b},19{:02}-05-17,N-{n},XA;XB", n % 100).unwrap();
    }
    file
}

/// More than one step of a check, and of erasing. `SAHIHI_SOAK_ROWS` sets how many rows; times are printed.
#[tokio::test]
async fn a_long_file_is_checked_in_steps_and_switched_in_one() {
    let rows = std::env::var("SAHIHI_SOAK_ROWS").ok().and_then(|n| n.parse().ok());
    let rows: i64 = rows.unwrap_or(IMPORT_STEP_ROWS + 100);
    store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store.clone());
        let import = begin(&app, Value::Null).await;
        let begun = std::time::Instant::now();
        let parts = import.put(many(rows).as_bytes(), 200_000).await;
        let received = begun.elapsed();
        let (_, first) = import.check(parts).await;
        assert_eq!((&first["state"], &first["checked"]), (&json!("checking"), &json!(IMPORT_STEP_ROWS)));
        assert_eq!(import.checked(parts).await["faults"], 0);
        let checked = begun.elapsed();
        let commits = store.commits();
        assert_eq!(import.switch().await.0, 200);
        let switched = begun.elapsed();
        assert!(store.commits() > commits + 1, "erased in several writes");
        assert_eq!(app.register.count().await.unwrap(), rows);
        assert_eq!(left(&store).await, 0);
        println!(
            "{} rows on {}: received after {received:?}, checked after {checked:?}, switched and erased after {switched:?}",
            rows,
            store.engine_name()
        );
    })
    .await;
}

fn rows_of(bytes: &[u8]) -> (Vec<Row>, usize) {
    let mut reader = Reader { rest: bytes, line: 1 };
    let mut rows = Vec::new();
    while let Next::Row(row) = reader.next() {
        rows.push(row);
    }
    (rows, reader.rest.len())
}

fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    let cell = prop_oneof!["[a-z]{1,5}", "[a-z \",;\r\n\u{e9}]{0,8}"];
    (1_usize..5).prop_flat_map(move |columns| {
        prop::collection::vec(prop::collection::vec(cell.clone(), columns), 0..12)
    })
}

proptest! {
    #[test]
    fn rows_are_those_of_the_csv_crate_with_lines_counted_by_hand(table in table(), crlf in any::<bool>()) {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut file = Vec::new();
        let mut lines = Vec::new();
        for row in &table {
            lines.push(1 + i64::try_from(file.split(|b| *b == b'\n').count() - 1).unwrap());
            let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(&mut file);
            writer.write_record(row).unwrap();
        }
        let (rows, rest) = rows_of(&file);
        prop_assert_eq!(rest, 0);
        let found: Vec<Vec<Vec<u8>>> = rows.iter().map(|r| r.cells.clone()).collect();
        let theirs = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&file[..])
            .byte_records().map(|r| r.unwrap().iter().map(<[u8]>::to_vec).collect::<Vec<_>>()).collect::<Vec<_>>();
        prop_assert_eq!(&found, &theirs);
        prop_assert_eq!(rows.iter().map(|r| r.line).collect::<Vec<_>>(), lines);
        prop_assert!(rows.iter().all(|r| !r.misquoted));
    }

    #[test]
    fn it_does_not_matter_where_parts_are_cut(
        rows in prop::collection::vec("[a-z0-9,\"\r\n\u{feff}=;-]{0,30}", 0..6),
        cuts in prop::collection::vec(0_usize..200, 0..6),
    ) {
        let file = format!("\u{feff}given_name,family_name,birthdate\n{}", rows.join("\n")).into_bytes();
        let start =
            Progress { header: Header::Awaited, carry: Vec::new(), next_line: 1, rows: 0, faults: 0 };
        let read = |parts: &[&[u8]]| {
            let (mut progress, mut lines) = (start.clone(), Vec::new());
            for part in parts {
                let (next, found) = progress.read(part);
                progress = next;
                lines.extend(found.faults);
            }
            let (progress, found) = progress.finish();
            lines.extend(found.faults);
            (progress, lines)
        };
        let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(file.len())).collect();
        cuts.extend([0, file.len()]);
        cuts.sort_unstable();
        let parts: Vec<&[u8]> = cuts.windows(2).map(|w| &file[w[0]..w[1]]).collect();
        prop_assert_eq!(read(&parts), read(&[&file]));
    }
}
