//! People from a file, by the command line: the report, the progress, all or nothing.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::party::{PROGRAM, State, TOKEN};

struct Ran {
    good: bool,
    out: String,
    progress: String,
}

fn import(state: &State, directory: &Path, arguments: &[&str]) -> Ran {
    let token = directory.join("token");
    fs::write(&token, TOKEN).unwrap();
    let mut command = Command::new(PROGRAM);
    command.args(["staff", "--at", &state.identifier, "--token-file"]).arg(token).args(arguments);
    let output = command.current_dir(directory).stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { good: output.status.success(), out: text(output.stdout), progress: text(output.stderr) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_imported_once_and_whole() {
    let mut state = State::new();
    state.start().await;
    let directory = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| import(&state, directory.path(), arguments);
    let found = async || {
        let search = json!({ "name": "lima" });
        let (_, found) = state.caller().staff_post("/staff/v1/people/search", &search).await.unwrap();
        found["people"].as_array().unwrap().len()
    };
    let header = "given_name,family_name,birthdate,personal_administrative_number\n";
    let bad =
        format!("{header}Ana,Lima,1990-05-17,A-1\n\"Ze\n\",Lima,1990-02-30,A-2\nIo,Lima,1990-05-17,A-1\n");
    fs::write(directory.path().join("bad.csv"), bad).unwrap();
    let refused = run(&["import", "bad.csv"]);
    let report = "line 3, column 1 (given_name): malformed\nline 3, column 3 (birthdate): malformed\n\
                  line 5, column 4 (personal_administrative_number): number_twice\n";
    assert_eq!((refused.good, refused.out.as_str()), (false, report));
    assert!(refused.progress.ends_with("sahihi: 3 faults; nothing was imported (import_has_faults)\n"));
    assert_eq!(found().await, 0);

    // More than one part.
    let mut good = header.to_owned();
    for n in 0..7_000 {
        use std::fmt::Write as _;
        let family = if n < 100 { "Lima" } else { "Okoro" };
        writeln!(good, "Ana {n},{family},1990-05-17,N-{n}").unwrap();
    }
    fs::write(directory.path().join("good.csv"), good).unwrap();
    let checked = run(&["import", "good.csv", "--check-only"]);
    assert!(checked.good, "{}", checked.progress);
    let state_of = |ran: &Ran| serde_json::from_str::<Value>(&ran.out).unwrap()["state"].clone();
    assert_eq!(state_of(&checked), "abandoned");
    assert_eq!(found().await, 0);
    for _ in 0..2 {
        let imported = run(&["import", "good.csv"]);
        assert!(imported.good, "{}", imported.progress);
        assert_eq!(state_of(&imported), "switched");
        assert_eq!(found().await, 100);
    }
    assert!(checked.progress.starts_with("sent "), "{}", checked.progress);
    assert!(checked.progress.ends_with("checked 100 %\n"), "{}", checked.progress);
}
