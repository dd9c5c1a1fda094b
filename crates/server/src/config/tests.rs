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
    let keys = identifier.rsplit('/').next().unwrap();
    format!(
        "[[issue.issuer]]\nidentifier = \"{identifier}\"\nNAME\norganisation = \"B\"\nkeys = \"b-{keys}\"\n\
         types = {types}\n"
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
    // Under one root nobody could trust the one for its types without trusting the other for them.
    check(&(university.clone() + &clinic.replace("b-clinic-2", "b-university")), Err("keys of another"));
    check(&university.replace("b-university", "./keys"), Err("keys of another"));
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

#[test]
fn an_asker_trusts_some_for_everything_and_some_for_types() {
    let read = |asking: &str| {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("config.toml");
        let name = r#"name = { en = "A", fr = "A", es = "A", ru = "A", ar = "A", zh = "A" }"#;
        let text = format!(
            "{name}\norganisation = \"A\"\ncountry = \"XZ\"\nidentifier = \"https://a.example\"\n\
             listen = \"127.0.0.1:8000\"\ndatabase = \"sqlite:a.sqlite\"\nkeys = \"keys\"\n[ask]\n{asking}"
        );
        fs::write(&file, text).unwrap();
        let config = Config::read(&file);
        config.map(|config| (config.ask.unwrap(), directory.path().to_owned())).map_err(|e| e.detail)
    };
    let (all, _) = read("credential_anchors = [\"state.pem\"]").unwrap();
    assert_eq!((all.credential_anchors.len(), all.issuers.len()), (1, 0));
    let (some, directory) =
        read("[[ask.issuers]]\nanchors = \"school.pem\"\ntypes = [\"urn:example:diploma:1\"]\n").unwrap();
    assert_eq!(some.issuers.len(), 1);
    for issuers in &some.issuers {
        assert_eq!(issuers.anchors, directory.join("school.pem"));
        assert!(issuers.types.iter().eq(["urn:example:diploma:1"]));
    }
    for wrong in ["", "types = [1]", "types = [\"a\"]\nmore = 1"] {
        let refused = read(&format!("[[ask.issuers]]\nanchors = \"school.pem\"\n{wrong}\n"));
        assert!(refused.unwrap_err().contains("is not a configuration"), "{wrong}");
    }
}
