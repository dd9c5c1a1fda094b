//! Type files: the ones that come with the program, and the ones that are refused.

use std::collections::{BTreeMap, BTreeSet};

use base::{Instant, Lang, Texts};
use serde_json::{Map, Value, json};

use super::{CredentialType, DEFAULT, Part, Refused, Source, Sources, Types};

#[test]
fn the_types_that_come_with_the_program_are_good() {
    let types = Types::embedded().unwrap();
    let ids: Vec<_> = types.iter().map(|t| t.id.as_str()).collect();
    let expected = [
        "account",
        "diploma",
        "driving-licence",
        "farmer",
        "mandate",
        "participant",
        "pid",
        "travel-document",
        "vaccination",
        "vehicle-registration",
    ];
    assert_eq!(ids, expected);
    let issued = types.at("https://state.example/1");
    for t in issued.iter() {
        let expected = match t.id.as_str() {
            "pid" => "urn:eudi:pid:1".to_owned(),
            id => format!("https://state.example/1/types/{id}/1"),
        };
        assert_eq!(t.vct, expected);
    }
    let colors: BTreeSet<_> = types.iter().map(|t| &t.background_color).collect();
    assert_eq!(colors.len(), types.iter().count(), "two types look alike");
    // PID rulebook 1.7, sections 2.2 and 2.4, without the portrait, which is not mandatory yet.
    let pid = types.get("pid").unwrap();
    let mandatory: Vec<_> = pid.claims.iter().filter(|c| c.mandatory).map(|c| c.name.as_str()).collect();
    assert_eq!(
        mandatory,
        [
            "family_name",
            "given_name",
            "birthdate",
            "place_of_birth",
            "nationalities",
            "issuing_authority",
            "issuing_country"
        ]
    );
}

/// Every text of a type with where it is.
fn texts(t: &CredentialType) -> Vec<(String, &Texts)> {
    fn parts<'a>(all: &mut Vec<(String, &'a Texts)>, at: &str, of: &'a [Part]) {
        for part in of {
            let at = format!("{at}.{}", part.name);
            parts(all, &at, &part.parts);
            all.push((at, &part.label));
        }
    }
    let mut all =
        vec![(format!("{} name", t.id), &t.name), (format!("{} description", t.id), &t.description)];
    for claim in &t.claims {
        let at = format!("{} {}", t.id, claim.name);
        parts(&mut all, &at, &claim.parts);
        all.push((at, &claim.label));
    }
    all
}

#[test]
fn every_text_is_translated_and_in_the_script_of_its_language() {
    /// Words that really are the same as in English.
    const SAME: &[(Lang, &str)] = &[(Lang::Fr, "Code"), (Lang::Fr, "District")];
    /// What is written in Latin letters in every language.
    const LATIN: &[&str] = &["BIC"];
    let mut same = BTreeSet::new();
    for t in Types::embedded().unwrap().iter() {
        for (at, text) in texts(t) {
            let english = text.get(Lang::En);
            for lang in Lang::ALL {
                let text = text.get(lang);
                if lang != Lang::En && text == english {
                    assert!(SAME.contains(&(lang, text)), "{at}, {lang}: `{text}` is not translated");
                    same.insert((lang, text.to_owned()));
                }
                let own = LATIN.iter().fold(text.to_owned(), |text, word| text.replace(word, ""));
                let mut letters = own.chars().filter(|c| c.is_alphabetic()).peekable();
                assert!(letters.peek().is_some(), "{at}, {lang}: `{text}` has no letters");
                for c in letters {
                    let fits = match lang {
                        Lang::Ar => ('\u{600}'..='\u{6ff}').contains(&c),
                        Lang::Zh => ('\u{4e00}'..='\u{9fff}').contains(&c),
                        Lang::Ru => ('\u{400}'..='\u{45f}').contains(&c),
                        Lang::En | Lang::Fr | Lang::Es => c < '\u{250}',
                    };
                    assert!(fits, "{at}, {lang}: `{c}` in `{text}`");
                }
                assert_eq!(text.trim(), text, "{at}, {lang}");
            }
        }
    }
    assert_eq!(same.len(), SAME.len(), "{same:?}");
}

#[test]
fn a_name_means_the_same_in_every_type() {
    // The same claim has the same label wherever it comes, and every sentence ends as sentences do.
    let types = Types::embedded().unwrap();
    let mut labels: BTreeMap<&str, &Texts> = BTreeMap::new();
    for t in types.iter() {
        for claim in &t.claims {
            let differs = matches!(claim.name.as_str(), "document_number");
            let first = labels.entry(&claim.name).or_insert(&claim.label);
            assert!(differs || *first == &claim.label, "{} {}", t.id, claim.name);
        }
        for (lang, sentence) in t.description.iter() {
            assert!(sentence.ends_with(if lang == Lang::Zh { '。' } else { '.' }), "{} {lang}", t.id);
        }
    }
}

#[test]
fn a_participant_says_a_pseudonym_and_nothing_else() {
    let types = Types::embedded().unwrap();
    let participant = types.get("participant").unwrap();
    assert!(participant.claims.iter().all(|c| matches!(c.source, Source::Random(_))));
    let register = json!({ "family_name": "Ek", "personal_administrative_number": "A-1" });
    let made = |seed: u8| {
        let form = Map::new();
        let claims = participant.claims(&Sources { seed: [seed; 32], ..sources(&register, &form) }).unwrap();
        assert_eq!((claims.always, claims.disclosable.len()), (Map::new(), 1));
        claims.disclosable["pseudonym"].as_str().unwrap().to_owned()
    };
    assert_eq!(made(1), made(1));
    assert_ne!(made(1), made(2));
    let one = made(3);
    assert_eq!(one.split('-').map(str::len).collect::<Vec<_>>(), [4; 4], "{one}");
    assert!(one.bytes().all(|b| b == b'-' || b.is_ascii_digit() || b.is_ascii_lowercase()), "{one}");
}

#[test]
fn what_ends_is_not_said_longer() {
    let register = json!({ "family_name": "Ek", "given_name": "Bo", "birthdate": "1980-01-02" });
    let types = Types::embedded().unwrap();
    let mandate = |until: &str| {
        let form = json!({ "organisation_name": "Cooperative", "organisation_id": "C-7", "capacity": "Treasurer",
            "mandate_scope": ["to pay up to 1,000"], "valid_until": until });
        types
            .get("mandate")
            .unwrap()
            .claims(&sources(&register, form.as_object().unwrap()))
            .map(|c| c.ends_at.map(Instant::rfc3339))
    };
    // It is noon of the 21st.
    assert_eq!(mandate("2026-11-21"), Ok(Some("2026-11-22T00:00:00.000Z".into())));
    assert_eq!(mandate("2027-02-28"), Ok(Some("2027-03-01T00:00:00.000Z".into())));
    assert_eq!(mandate("2026-11-20"), Err(Refused::Ended("valid_until".into())));
    // By which some say "for ever".
    assert!(mandate("9999-12-31").is_ok_and(|end| end.is_some()));
    assert_eq!(mandate("2027-02-29"), Err(Refused::FormMalformed("valid_until".into())));
}

#[test]
fn lists_of_objects_are_checked_to_the_bottom() {
    let register = json!({ "family_name": "Ek", "given_name": "Bo", "birthdate": "1980-01-02" });
    let types = Types::embedded().unwrap();
    let check = |privileges: Value, good: bool| {
        let form = json!({ "document_number": "D-1", "driving_privileges": privileges, "issue_date": "2024-01-02",
            "expiry_date": "2034-01-01", "un_distinguishing_sign": "UT" });
        let claims =
            types.get("driving-licence").unwrap().claims(&sources(&register, form.as_object().unwrap()));
        let expected = Refused::FormMalformed("driving_privileges".into());
        assert_eq!(claims.err(), (!good).then_some(expected), "{form}");
    };
    let b = json!({ "vehicle_category_code": "B", "codes": [{ "code": "01.06" }] });
    check(json!([b]), true);
    check(json!([b, { "vehicle_category_code": "C", "expiry_date": "2029-01-01" }]), true);
    check(json!([]), false);
    check(b.clone(), false);
    check(json!([{}]), false);
    check(json!([b, "C"]), false);
    check(json!([{ "issue_date": "2024-01-02" }]), false);
    check(json!([{ "vehicle_category_code": "B", "points": 12 }]), false);
    check(json!([{ "vehicle_category_code": "B", "issue_date": "2024-13-02" }]), false);
    check(json!([{ "vehicle_category_code": "B", "codes": [] }]), false);
    check(json!([{ "vehicle_category_code": "B", "codes": [{ "value": "1" }] }]), false);
    check(json!(vec![&b; 21]), false);
}

#[test]
fn bad_files_are_refused_with_a_clear_message() {
    let good = DEFAULT[0].1;
    assert!(Types::parse([("a.toml", good)]).is_ok());
    let check = |from: &str, to: &str, expected: &str| {
        assert!(good.contains(from), "{from}");
        let message =
            Types::parse([("a.toml", good.replacen(from, to, 1).as_str())]).unwrap_err().to_string();
        assert!(message.starts_with("credential type a.toml: ") && message.contains(expected), "{message}");
    };
    check("id = \"pid\"", "id = \"P I D\"", "`id` is not");
    check("id = \"pid\"", "id = ", "line 2: ");
    check("id = \"pid\"\n", "", "missing field `id`");
    check("id = \"pid\"", "id = \"pid\"\nsize = 3", "unknown field `size`");
    check("vct = \"urn:eudi:pid:1\"", "vct = \"a b\"", "`vct`");
    for bad in
        ["{identifier}", "{identifier}/token", "{identifier}/types/pid", "{identifier}/types/pid/x", "a{b}"]
    {
        check("vct = \"urn:eudi:pid:1\"", &format!("vct = \"{bad}\""), "`vct` is neither");
    }
    check("dc+sd-jwt", "mso_mdoc", "`format` is not `dc+sd-jwt`");
    check("scope = \"pid\"", "scope = \"a b\"", "`scope`");
    check("validity_days = 365", "validity_days = 0", "`validity_days` is not between");
    check("batch_size = 4", "batch_size = 0", "`batch_size` is not between");
    check("batch_size = 4", "batch_size = 17", "`batch_size` is not between");
    check("\"#12355B\"", "\"navy\"", "`background_color` is not `#rrggbb`");
    check("\"#12355B\"", "\"#EEEEEE\"", "cannot be read");
    check("fr = \"Identité nationale\", ", "", "the text in `fr` is missing");
    check("name = \"family_name\"", "name = \"given_name\"", "`given_name` comes twice");
    check("name = \"family_name\"", "name = \"_sd\"", "claim `_sd`: the name is reserved");
    check("name = \"family_name\"", "name = \"cnf\"", "claim `cnf`: the name is reserved");
    check("name = \"family_name\"", "name = \"family name\"", "is not 1 to 64");
    check("kind = \"text\"", "kind = \"texte\"", "unknown variant `texte`");
    check("kind = \"text\"", "kind = \"object\"", "an object has parts");
    check("kind = \"text\"", "kind = \"objects\"", "an object has parts");
    check("validity_days", "until = \"given_name\"\nvalidity_days", "`until` is not a claim");
    check("validity_days", "until = \"expiry\"\nvalidity_days", "`until` is not a claim");
    check(
        "source = { register = \"birthdate\" }",
        "source = { random = \"pseudonym\" }",
        "at random is a text",
    );
    check(
        "source = { register = \"birthdate\" }",
        "source = { random = \"number\" }",
        "unknown variant `number`",
    );
    check("kind = \"text\"", "kind = \"text\"\nmin = 1", "`min` and `max` are for integers");
    check("kind = \"date\"", "kind = \"date\"\nchars_max = 3", "`chars_max` is for texts");
    check("kind = \"text\"", "kind = \"text\"\nchars_max = 201", "`chars_max` is not between");
    check("min = 0", "min = 10", "`min` is greater than `max`");
    check("name = \"region\"", "name = \"locality\"", "the part `locality` comes twice");
    check("name = \"region\"", "name = \"_sd\"", "the name `_sd` of a part is reserved");
    check("source = { register = \"family_name\" }", "source = { register = \"\" }", "is not an attribute");
    check("source = { register = \"family_name\" }", "source = \"clerk\"", "unknown variant `clerk`");

    assert_eq!(Types::parse([]).unwrap_err().problem, "there is no type file");
    let twice = Types::parse([("a.toml", good), ("b.toml", good)]).unwrap_err().to_string();
    assert_eq!(twice, "credential type b.toml: its id, vct or scope is that of another type");
}

fn sources<'a>(register: &'a Value, form: &'a Map<String, Value>) -> Sources<'a> {
    Sources {
        register: register.as_object().unwrap(),
        form,
        authority: "Registry",
        country: "UT",
        now: Instant::parse_rfc3339("2026-11-21T12:00:00Z").unwrap(),
        seed: [0; 32],
    }
}

fn diploma(form: &Value) -> Result<Map<String, Value>, Refused> {
    let register = json!({ "family_name": "Ek", "given_name": "Bo", "birthdate": "1980-01-02" });
    let types = Types::embedded().unwrap();
    let claims = types.get("diploma").unwrap().claims(&sources(&register, form.as_object().unwrap()))?;
    assert_eq!(claims.always, *json!({ "issuing_country": "UT" }).as_object().unwrap());
    Ok(claims.disclosable)
}

#[test]
fn a_form_is_checked_claim_by_claim() {
    let good = json!({ "degree": "Master", "field_of_study": "Law", "institution": "U", "awarded_on": "2024-06-30",
        "level": 7, "languages": ["Français", "عربي"] });
    assert_eq!(diploma(&good).unwrap()["level"], 7);
    assert_eq!(diploma(&good).unwrap()["family_name"], "Ek");
    let check = |name: &str, value: Value, expected: Refused| {
        let mut form = good.clone();
        form[name] = value;
        assert_eq!(diploma(&form), Err(expected), "{form}");
    };
    let malformed = |name: &str| Refused::FormMalformed(name.into());
    check("degree", Value::Null, Refused::FormMissing("degree".into()));
    for bad in [json!(""), json!(" x"), json!(7), json!("a\nb"), json!("x".repeat(201))] {
        check("degree", bad, malformed("degree"));
    }
    for bad in [json!(0), json!(9), json!("7"), json!(7.5)] {
        check("level", bad, malformed("level"));
    }
    check("awarded_on", json!("2024-06-31"), malformed("awarded_on"));
    check("languages", json!([]), malformed("languages"));
    check("languages", json!(vec!["x"; 21]), malformed("languages"));
    check("grade", json!("x".repeat(61)), malformed("grade"));
    check("family_name", json!("Queen"), Refused::NotAsked("family_name".into()));
    check("gpa", json!(4), Refused::NotAsked("gpa".into()));
}

#[test]
fn the_register_must_know_what_is_mandatory() {
    let types = Types::embedded().unwrap();
    let check = |register: Value| {
        types.get("pid").unwrap().claims(&sources(&register, &Map::new())).map(|c| c.disclosable)
    };
    let mut register = json!({ "family_name": "Ek", "given_name": "Bo", "birthdate": "1980-01-02", "sex": 1,
        "nationalities": ["UT"], "place_of_birth": { "country": "UT" } });
    assert_eq!(check(register.clone()).unwrap()["sex"], 1);
    register["sex"] = json!("2");
    assert_eq!(check(register.clone()).unwrap()["sex"], 2);
    register["place_of_birth"] = json!("Port Amity");
    assert_eq!(check(register.clone()).unwrap()["place_of_birth"], json!({ "locality": "Port Amity" }));
    register["nationalities"] = json!(["Utopia"]);
    assert_eq!(check(register.clone()), Err(Refused::RegisterMalformed("nationalities".into())));
    register["nationalities"] = Value::Null;
    assert_eq!(check(register), Err(Refused::RegisterMissing("nationalities".into())));
}
