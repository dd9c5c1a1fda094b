use super::*;

/// A party with these other issuers: what is refused, or their handles.
fn check(issuers: &str, expected: Result<&[&str], &str>) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("config.toml");
    let name = r#"name = { en = "A", fr = "A", es = "A", ru = "A", ar = "A", zh = "A" }"#;
    let text = format!(
        "{name}\norganisation = \"A\"\ncountry = \"XZ\"\nidentifier = \"http://localhost:8000\"\n\
         listen = \"127.0.0.1:8000\"\ndatabase = \"sqlite:a.sqlite\"\nkeys = \"keys\"\ninsecure_loopback = true\n[issue]\n{}",
        issuers.replace("NAME", name)
    );
    fs::write(&file, text).unwrap();
    let read = Config::read(&file);
    let found = read.as_ref().map(|config| {
        let all: Vec<_> = config.issuers().collect();
        assert!(all.iter().all(|(_, _, party)| party.keys.starts_with(directory.path())));
        all.into_iter().map(|(handle, ..)| handle).collect::<Vec<_>>()
    });
    match expected {
        Ok(handles) => assert_eq!(found.unwrap(), handles, "{issuers}"),
        Err(part) => {
            let detail = &found.unwrap_err().detail;
            assert!(detail.contains(part), "{issuers}: {detail}");
        }
    }
}

fn issuer(identifier: &str, types: &str) -> String {
    format!(
        "[[issue.issuer]]\nidentifier = \"{identifier}\"\nNAME\norganisation = \"B\"\nkeys = \"b\"\ntypes = {types}\n"
    )
}

#[test]
fn other_issuers_have_names_under_the_partys_own() {
    check("", Ok(&[]));
    let university = issuer("http://localhost:8000/university", "[\"diploma\"]");
    check(&university, Ok(&["university"]));
    let clinic = issuer("http://localhost:8000/clinic-2", "[\"vaccination\"]");
    check(&(university.clone() + &clinic), Ok(&["university", "clinic-2"]));
    check(&(university.clone() + &university), Err("two issuers"));
    check(&issuer("http://localhost:8000/university", "[]"), Err("issues nothing"));
    for bad in [
        "http://localhost:8000",
        "http://localhost:8000/",
        "http://localhost:8001/university",
        "https://university.example",
        "http://localhost:8000/staff",
        "http://localhost:8000/token",
        "http://localhost:8000/a/b",
        "http://localhost:8000/A",
        "http://localhost:8000/a?b",
    ] {
        check(&issuer(bad, "[\"diploma\"]"), Err("not in use"));
    }
}
