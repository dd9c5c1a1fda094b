//! Type files: the ones that come with the program, and the ones that are refused.

use base::Lang;
use serde_json::{Map, Value, json};

use super::{DEFAULT, Refused, Sources, Types};

#[test]
fn the_types_that_come_with_the_program_are_good() {
    let types = Types::embedded().unwrap();
    let ids: Vec<_> = types.iter().map(|t| (t.id.as_str(), t.vct.as_str())).collect();
    assert_eq!(ids, [("diploma", "urn:sahihi:diploma:1"), ("pid", "urn:eudi:pid:1")]);
    for t in types.iter() {
        for claim in &t.claims {
            let mut labels: Vec<_> = Lang::ALL.into_iter().map(|l| claim.label.get(l)).collect();
            labels.sort_unstable();
            labels.dedup();
            assert!(labels.len() >= 4, "{}: a label that was not translated?", claim.name);
        }
    }
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
    check("kind = \"text\"", "kind = \"text\"\nmin = 1", "`min` and `max` are for integers");
    check("kind = \"date\"", "kind = \"date\"\nchars_max = 3", "`chars_max` is for texts");
    check("kind = \"text\"", "kind = \"text\"\nchars_max = 201", "`chars_max` is not between");
    check("min = 0", "min = 10", "`min` is greater than `max`");
    check("name = \"region\"", "name = \"locality\"", "the part `locality` comes twice");
    check("source = { register = \"family_name\" }", "source = { register = \"\" }", "is not an attribute");
    check("source = { register = \"family_name\" }", "source = \"clerk\"", "unknown variant `clerk`");

    assert_eq!(Types::parse([]).unwrap_err().problem, "there is no type file");
    let twice = Types::parse([("a.toml", good), ("b.toml", good)]).unwrap_err().to_string();
    assert_eq!(twice, "credential type b.toml: its id, vct or scope is that of another type");
}

fn diploma(form: &Value) -> Result<Map<String, Value>, Refused> {
    let register = json!({ "family_name": "Ek", "given_name": "Bo", "birthdate": "1980-01-02" });
    let types = Types::embedded().unwrap();
    let sources = Sources {
        register: register.as_object().unwrap(),
        form: form.as_object().unwrap(),
        authority: "Registry",
        country: "UT",
    };
    let claims = types.get("diploma").unwrap().claims(&sources)?;
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
        let form = Map::new();
        let sources = Sources {
            register: register.as_object().unwrap(),
            form: &form,
            authority: "Registry",
            country: "UT",
        };
        types.get("pid").unwrap().claims(&sources).map(|c| c.disclosable)
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
