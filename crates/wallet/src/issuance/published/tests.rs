use base::Lang;
use crypto::HashAlg;
use formats::type_metadata::Integrity;
use serde_json::{Value, json};

use crate::fixture::{State, wallet};

const VCT: &str = "https://types.example/pid";

fn document() -> Value {
    json!({
        "vct": VCT,
        "display": [{ "locale": "en", "name": "The type's card", "rendering": { "simple": { "background_color": "#102030" } } }],
        "claims": [
            { "path": ["family_name"], "display": [{ "locale": "en", "label": "Surname" }], "sd": "always" },
            { "path": ["address", "locality"], "display": [{ "locale": "en", "label": "Town" }] },
        ],
    })
}

/// An issuance of a card whose type is published, after `spoil`.
fn check(spoil: impl FnOnce(&mut State, &mut Value), expected: Result<&str, &str>) {
    let mut state = State::new();
    let mut published = document();
    state.vct = VCT;
    state.metadata["credential_configurations_supported"]["pid"]["vct"] = json!(VCT);
    spoil(&mut state, &mut published);
    if state.published.is_none() {
        state.published = Some((200, published.to_string()));
    }
    let mut wallet = wallet();
    let got = state.run(&mut wallet, &state.link(), Some("123456"));
    let got = got.map(|ids| {
        let look = &wallet.card(ids[0]).unwrap().look;
        format!("{} {}", look.names.get(Lang::En).unwrap(), look.label("family_name", Lang::En))
    });
    assert_eq!(
        got.map_err(|error| error.code().to_owned()),
        expected.map(str::to_owned).map_err(str::to_owned)
    );
    assert_eq!(state.asked.borrow().iter().filter(|a| *a == "GET https://types.example/pid").count(), 1);
}

#[test]
fn what_the_type_says_goes_before_what_the_issuer_says() {
    check(|_, _| {}, Ok("The type's card Surname"));
    check(|_, d| drop(d.as_object_mut().unwrap().remove("display")), Ok("Identity card Surname"));
    check(|_, d| d["claims"] = json!([]), Ok("The type's card Family name"));
    // Not published there, which is nobody's fault.
    check(|s, _| s.published = Some((404, String::new())), Ok("Identity card Family name"));
}

#[test]
fn what_is_published_must_be_what_the_credential_means() {
    let integrity = Integrity::of(document().to_string().as_bytes(), HashAlg::Sha256).as_str().to_owned();
    let meant = integrity.clone();
    check(move |s, _| s.integrity = Some(meant), Ok("The type's card Surname"));
    check(
        move |s, d| {
            s.integrity = Some(integrity);
            d["display"][0]["name"] = json!("Another name");
        },
        Err("type_metadata_integrity"),
    );
    check(|_, d| d["display"][0]["name"] = json!("Another name"), Ok("Another name Surname"));
}

#[test]
fn what_is_published_must_hold_and_be_kept() {
    check(|_, d| d["vct"] = json!("https://types.example/other"), Err("type_metadata_invalid"));
    check(|s, _| s.published = Some((200, "{".to_owned())), Err("type_metadata_invalid"));
    check(|_, d| d["extends"] = json!(VCT), Err("type_metadata_invalid"));
    check(|_, d| d["extends"] = json!("urn:example:base"), Err("type_metadata_invalid"));
    check(|_, d| d["claims"][0]["sd"] = json!("never"), Err("type_sd_never"));
    check(|_, d| d["claims"][1]["mandatory"] = json!(true), Err("type_mandatory"));
}
