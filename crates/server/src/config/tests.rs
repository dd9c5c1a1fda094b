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

/// A secretariat with these lines: what is refused, or whose mandates count.
fn secretariat(top: &str, forum: &str) -> Result<Config, String> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("config.toml");
    let name = r#"name = { en = "A", fr = "A", es = "A", ru = "A", ar = "A", zh = "A" }"#;
    let text = format!(
        "{name}\norganisation = \"A\"\ncountry = \"XZ\"\nidentifier = \"http://localhost:8003\"\n\
         listen = \"127.0.0.1:8003\"\ndatabase = \"sqlite:a.sqlite\"\nkeys = \"keys\"\n{top}\n\
         [forum]\ncontact = \"office@a.example\"\n{forum}"
    );
    fs::write(&file, text).unwrap();
    Config::read(&file).map_err(|e| e.detail)
}

#[test]
fn a_secretariat_says_country_by_country_whose_mandates_count() {
    let top = "insecure_loopback = true\nhandle = \"forum\"\n[ask]";
    let mandates = "[[forum.mandates]]\ncountry = \"XZ\"\nanchors = \"state.pem\"\ntypes = [\"urn:a\"]\n";
    let config = secretariat(top, mandates).unwrap();
    let forum = config.forum.unwrap();
    assert_eq!((forum.host_zone.as_str(), forum.mandates.len()), ("Europe/Zurich", 1));
    assert!(forum.mandates.iter().all(|m| m.country == "XZ" && m.anchors.is_absolute()));
    assert!(secretariat(top, "").unwrap().forum.unwrap().mandates.is_empty());
    let refused = |top: &str, forum: &str, part: &str| {
        let detail = secretariat(top, forum).unwrap_err();
        assert!(detail.contains(part), "{detail}");
    };
    refused("insecure_loopback = true", mandates, "needs `[ask]`");
    refused(top, &mandates.replace("XZ", "Zamunara"), "must name a country");
    refused(top, &mandates.replace("\"urn:a\"", ""), "must name a country and types");
    refused(&top.replace("forum", "A b"), mandates, "`handle`");
}

#[test]
fn a_clock_is_moved_only_where_nothing_is_real() {
    use base::Clock;

    let moved = "clock_offset_file = \"ahead\"\n";
    let config = secretariat(&format!("insecure_loopback = true\n{moved}[ask]"), "").unwrap();
    let clock = crate::clock::of(&config);
    let (file, real) = (config.clock_offset_file.unwrap(), crate::clock::SystemClock);
    assert!(clock.now().secs() - real.now().secs() < 60, "no file: the machine's clock");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "86400\n").unwrap();
    assert!(clock.now().secs() - real.now().secs() >= 86_399);
    fs::remove_dir_all(file.parent().unwrap()).unwrap();
    let honest = secretariat(&format!("{moved}[ask]"), "");
    assert!(honest.unwrap_err().contains("is no clock"));
}
