//! Credentials held against their type.

use super::*;

/// The credential of the draft's example, issued with these parts disclosable.
fn credential(claims: &Value, disclosable: &Value) -> SdJwt {
    let disclosable = disclosable.as_array().unwrap().iter();
    let paths: Vec<_> = disclosable.map(|path| ClaimPath::from_value(path).unwrap()).collect();
    let random = SeededRandom::new(32);
    let key = SecretKey::generate(&random);
    let made = issue_planned(claims.as_object().unwrap(), &Plan::new(&paths), &json!({}), &key, &random);
    SdJwt::parse(&made.unwrap()).unwrap()
}

fn claims() -> Value {
    let degree = |of: &str, date: &str| json!({"field_of_study": of, "date_awarded": date});
    json!({
        "vct": VCT,
        "name": "Zaphod Beeblebrox",
        "address": {"street_address": "42 Galaxy Way", "city": "Betelgeuse City"},
        "degrees": [degree("Intergalactic Politics", "2020-05-15"), degree("Quantum Mechanics", "2016-07-25")],
    })
}

fn disclosable() -> Value {
    json!([
        ["name"],
        ["address"],
        ["address", "street_address"],
        ["degrees", null],
        ["degrees", null, "date_awarded"],
    ])
}

fn rules() -> ResolvedType {
    let mut alone = example();
    alone.as_object_mut().unwrap().remove("extends");
    Chain::start(VCT, None, &document(&alone)).unwrap().resolve().unwrap()
}

/// `expected`: the code, and the path that it is about.
fn check(sd_jwt: &SdJwt, view: View, expected: Result<(), (&str, &Value)>) {
    let found = rules().check(sd_jwt, view).map_err(|violation| {
        let path = match &violation {
            Violation::Path(path)
            | Violation::Mandatory(path)
            | Violation::SdAlways(path)
            | Violation::SdNever(path) => path.to_value(),
            Violation::SdJwt(_) | Violation::Vct => Value::Null,
        };
        (violation.code(), path)
    });
    assert_eq!(found.as_ref().map_err(|(code, path)| (*code, path)).copied(), expected);
}

/// `disclosable` without `path`, and with `more`.
fn other(without: &Value, more: &Value) -> Value {
    let mut disclosable = disclosable();
    let list = disclosable.as_array_mut().unwrap();
    list.retain(|path| path != without);
    if !more.is_null() {
        list.push(more.clone());
    }
    disclosable
}

#[test]
fn as_it_was_issued() {
    let whole = |claims: &Value, disclosable: &Value, expected: Result<(), (&str, &Value)>| {
        check(&credential(claims, disclosable), View::Whole, expected);
    };
    let none = Value::Null;
    whole(&claims(), &disclosable(), Ok(()));
    let without = |name: &str| {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        claims
    };
    whole(&without("name"), &disclosable(), Err(("type_mandatory", &json!(["name"]))));
    whole(&without("address"), &disclosable(), Ok(()));
    whole(&without("degrees"), &disclosable(), Ok(()));
    whole(&without("vct"), &disclosable(), Err(("type_vct", &none)));
    let mut foreign = claims();
    foreign["vct"] = "another".into();
    whole(&foreign, &disclosable(), Err(("type_vct", &none)));
    // Always: each of them in a disclosure of its own.
    for path in [json!(["name"]), json!(["address", "street_address"]), json!(["degrees", null])] {
        whole(&claims(), &other(&path, &none), Err(("type_sd_always", &path)));
    }
    let one_of_two = other(&json!(["degrees", null]), &json!(["degrees", 1]));
    whole(&claims(), &one_of_two, Err(("type_sd_always", &json!(["degrees", null]))));
    // Never: not in one of its own, though in that of what it stands in.
    whole(&claims(), &other(&none, &json!(["degrees"])), Err(("type_sd_never", &json!(["degrees"]))));
    let field = json!(["degrees", null, "field_of_study"]);
    whole(&claims(), &other(&none, &field), Err(("type_sd_never", &field)));
    // Allowed: nothing is said of it.
    whole(&claims(), &other(&none, &json!(["address", "city"])), Ok(()));
    // Another shape than the type's.
    let mut text = claims();
    text["degrees"] = "none".into();
    whole(
        &text,
        &json!([["name"], ["address"], ["address", "street_address"]]),
        Err(("type_path", &json!(["degrees", null]))),
    );
}

#[test]
fn as_it_is_presented() {
    let sd_jwt = credential(&claims(), &disclosable());
    let presented = |sd_jwt: &SdJwt, paths: &Value, expected: Result<(), (&str, &Value)>| {
        let paths: Vec<_> =
            paths.as_array().unwrap().iter().map(|p| ClaimPath::from_value(p).unwrap()).collect();
        check(&SdJwt::parse(&sd_jwt.select_paths(&paths).unwrap()).unwrap(), View::Presented, expected);
    };
    // What is not shown says nothing, though the mandatory name is among it.
    for paths in [json!([]), json!([["name"]]), json!([["address", "city"], ["degrees", 1, "date_awarded"]])]
    {
        presented(&sd_jwt, &paths, Ok(()));
    }
    let hidden = SdJwt::parse(&sd_jwt.select_paths(&[]).unwrap()).unwrap();
    check(&hidden, View::Whole, Err(("type_mandatory", &json!(["name"]))));
    // What is shown says how it was issued.
    let open = credential(&claims(), &other(&json!(["name"]), &Value::Null));
    presented(&open, &json!([]), Err(("type_sd_always", &json!(["name"]))));
    let inner = credential(&claims(), &other(&json!(["address", "street_address"]), &Value::Null));
    presented(&inner, &json!([["name"]]), Ok(()));
    presented(&inner, &json!([["address"]]), Err(("type_sd_always", &json!(["address", "street_address"]))));
    // Mandatory, and in the open wherever it is: it must be seen.
    let mut rules = rules();
    rules.claims[3].mandatory = Some(true);
    assert_eq!(rules.check(&hidden, View::Presented), Ok(()));
    let mut without = claims();
    without.as_object_mut().unwrap().remove("degrees");
    let without = credential(&without, &disclosable());
    let expected = Err(Violation::Mandatory(rules.claims[3].path.clone()));
    assert_eq!(rules.check(&without, View::Presented), expected);
}

#[test]
fn disclosures_that_do_not_fit() {
    let good = credential(&claims(), &disclosable());
    let unused = b64::encode(br#"["salt","foreign",1]"#);
    let text = format!("{}{unused}~", good.as_str());
    let refused = rules().check(&SdJwt::parse(&text).unwrap(), View::Whole);
    assert_eq!(refused.map_err(|violation| violation.code()), Err("disclosure_unused"));
}

proptest! {
    #![proptest_config(seeded(64))]

    /// What keeps the rules when it is issued keeps them however it is presented.
    #[test]
    fn a_presentation_of_a_good_one_is_good(mask in any::<u64>()) {
        let sd_jwt = credential(&claims(), &disclosable());
        let shown = sd_jwt.select_disclosures(|d| mask & (1 << (d.as_str().len() % 64)) != 0);
        let shown = SdJwt::parse(&shown).unwrap();
        prop_assert_eq!(rules().check(&shown, View::Presented), Ok(()));
    }
}
