//! Every refusal beside the same document, or the same credential, without the fault.

mod chains;
mod credentials;
mod examples;

use base::limits::{TYPE_METADATA_CHAIN_MAX, TYPE_METADATA_CLAIMS_MAX, TYPE_METADATA_LOCALES_MAX};
use crypto::{HashAlg, SecretKey, SeededRandom};
use proptest::prelude::{any, prop_assert_eq, proptest};
use serde_json::{Value, json};

use super::*;
use crate::{
    b64,
    sd_jwt::{Plan, SdJwt, issue_planned},
    testing::{mutate, seeded},
};

const VCT: &str = "https://betelgeuse.example.com/education_credential";

fn document(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn parsed(value: &Value) -> Result<TypeMetadata, &'static str> {
    TypeMetadata::parse(&document(value)).map_err(Error::code)
}

/// The example of section "Example 2: Type Metadata", without the SVG templates, which are not read.
fn example() -> Value {
    let display = |locale: &str, name: &str, suffix: &str| {
        let at = |file: &str| format!("https://betelgeuse.example.com/public/{file}{suffix}.png");
        json!({
            "locale": locale,
            "name": name,
            "rendering": { "simple": {
                "logo": {
                    "uri": at("education-logo"),
                    "uri#integrity": "sha256-LmXfh+9cLlJNXN+TsMk+PmKjZ5t0WRL5ca/xGgX3c1U=",
                    "alt_text": "Betelgeuse Ministry of Education logo",
                },
                "background_image": {
                    "uri": at("credential-background"),
                    "uri#integrity": "sha256-5sBT7mMLylHLWrrS/qQ8aHpRAxoraWVmWX6eUVMlrrA=",
                },
                "background_color": "#12107c",
                "text_color": "#ffffff",
            } },
        })
    };
    let labels =
        |de: &str, en: &str| json!([{"locale": "de-DE", "label": de}, {"locale": "en-US", "label": en}]);
    json!({
        "vct": VCT,
        "name": "Betelgeuse Education Credential - Preliminary Version",
        "description": "This is our development version of the education credential. Don't panic.",
        "extends": "https://galaxy.example.com/galactic-education-credential-0.9",
        "extends#integrity": "sha256-ilOUJsTultOwLfz7QUcFALaRa3BP/jelX1ds04kB9yU=",
        "display": [
            display("en-US", "Betelgeuse Education Credential", ""),
            display("de-DE", "Betelgeuse-Bildungsnachweis", "-de"),
        ],
        "claims": [
            {"path": ["name"], "display": labels("Vor- und Nachname", "Name"), "sd": "always", "mandatory": true},
            {"path": ["address"], "display": labels("Adresse", "Address"), "sd": "always"},
            {"path": ["address", "street_address"], "display": labels("Straße", "Street Address"), "sd": "always",
             "svg_id": "address_street_address"},
            {"path": ["degrees"], "display": labels("Abschlüsse", "Degrees"), "sd": "never"},
            {"path": ["degrees", null], "sd": "always"},
            {"path": ["degrees", null, "field_of_study"], "display": labels("Studienfach", "Field of Study"),
             "sd": "never"},
            {"path": ["degrees", null, "date_awarded"], "display": labels("Verleihungsdatum", "Date Awarded"),
             "sd": "always"},
        ],
    })
}

/// The example with the member at `pointer` changed, or removed if `value` is null.
fn changed(pointer: &str, value: Value) -> Value {
    let mut changed = example();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let members = changed.pointer_mut(parent).and_then(Value::as_object_mut).unwrap();
    members.remove(name);
    if !value.is_null() {
        members.insert(name.to_owned(), value);
    }
    changed
}

#[test]
fn the_example_of_the_draft() {
    let metadata = parsed(&example()).unwrap();
    assert_eq!(metadata.to_value(), example());
    assert_eq!(TypeMetadata::parse(&metadata.to_document()), Ok(metadata.clone()));
    assert_eq!(metadata.extends.as_ref().unwrap().vct, example()["extends"]);
    let display = metadata.display.unwrap();
    let simple = display[0].simple.as_ref().unwrap();
    assert_eq!(simple.background_color, Some(Color([0x12, 0x10, 0x7c])));
    assert_eq!(
        simple.logo.as_ref().unwrap().alt_text.as_deref(),
        Some("Betelgeuse Ministry of Education logo")
    );
    let claim = &metadata.claims[6];
    assert_eq!(claim.path.to_value(), json!(["degrees", null, "date_awarded"]));
    assert_eq!((claim.sd, claim.mandatory), (Some(Sd::Always), None));
}

#[test]
fn members_of_a_document() {
    let check = |pointer: &str, value: Value, expected: Result<(), &str>| {
        assert_eq!(parsed(&changed(pointer, value.clone())).map(|_| ()), expected, "{pointer} {value}");
    };
    let malformed = Err("type_metadata_malformed");
    check("/foreign", json!(1), Ok(()));
    check("/vct", json!(null), malformed);
    check("/vct", json!(""), malformed);
    check("/vct", json!(1), malformed);
    for optional in ["/name", "/description", "/extends", "/extends#integrity", "/display", "/claims"] {
        check(optional, json!(null), Ok(()));
        check(optional, json!(1), malformed);
    }
    check("/extends", json!(""), malformed);
    check("/display", json!([]), Ok(()));
    check("/display", json!(["x"]), malformed);
    check("/claims", json!([]), Ok(()));
    check("/claims", json!([[]]), malformed);
    for (member, optional) in [("locale", false), ("name", false), ("description", true), ("rendering", true)]
    {
        let expected = if optional { Ok(()) } else { malformed };
        check(&format!("/display/0/{member}"), json!(null), expected);
        check(&format!("/display/0/{member}"), json!(1), malformed);
    }
    check("/display/0/rendering", json!({"svg_templates": 1}), Ok(()));
    check("/display/0/rendering/simple", json!(1), malformed);
    for member in ["logo", "background_image", "background_color", "text_color"] {
        check(&format!("/display/0/rendering/simple/{member}"), json!(null), Ok(()));
        check(&format!("/display/0/rendering/simple/{member}"), json!(1), malformed);
    }
    for (member, optional) in [("uri", false), ("uri#integrity", true), ("alt_text", true)] {
        let expected = if optional { Ok(()) } else { malformed };
        check(&format!("/display/0/rendering/simple/logo/{member}"), json!(null), expected);
        check(&format!("/display/0/rendering/simple/logo/{member}"), json!(1), malformed);
    }
    for (member, optional) in
        [("path", false), ("display", true), ("sd", true), ("mandatory", true), ("svg_id", true)]
    {
        let expected = if optional { Ok(()) } else { malformed };
        check(&format!("/claims/2/{member}"), json!(null), expected);
        check(&format!("/claims/2/{member}"), json!({}), malformed);
    }
    for path in [json!([]), json!([1]), json!([null]), json!(["a", -1]), json!(["a", {}]), json!("a")] {
        check("/claims/2/path", path, malformed);
    }
    check("/claims/2/path", json!(["a", 0, null, "b"]), Ok(()));
    check("/claims/2/path", json!(["name"]), Err("claim_repeated"));
    for sd in ["always", "allowed", "never"] {
        check("/claims/2/sd", json!(sd), Ok(()));
    }
    check("/claims/2/sd", json!("sometimes"), malformed);
    for id in ["a", "_", "A_1"] {
        check("/claims/2/svg_id", json!(id), Ok(()));
    }
    for id in ["", "1a", "a-b", "é"] {
        check("/claims/2/svg_id", json!(id), malformed);
    }
    check("/claims/0/svg_id", json!("address_street_address"), Err("svg_id_repeated"));
    for (member, optional) in [("locale", false), ("label", false), ("description", true)] {
        let expected = if optional { Ok(()) } else { malformed };
        check(&format!("/claims/0/display/0/{member}"), json!(null), expected);
        check(&format!("/claims/0/display/0/{member}"), json!(1), malformed);
    }
    let doubled = br#"{"vct":"a","vct":"b"}"#;
    assert_eq!(TypeMetadata::parse(doubled).map_err(Error::code), Err("json_duplicate_member"));
    assert_eq!(TypeMetadata::parse(b"[]").map_err(Error::code), Err("json_shape"));
    assert_eq!(TypeMetadata::parse(b"{").map_err(Error::code), Err("json_syntax"));
}

#[test]
fn limits() {
    let claims = |count: usize| {
        let claims: Vec<_> = (0..count).map(|i| json!({ "path": ["a", i] })).collect();
        parsed(&changed("/claims", claims.into())).map(|metadata| metadata.claims.len())
    };
    assert_eq!(claims(TYPE_METADATA_CLAIMS_MAX), Ok(TYPE_METADATA_CLAIMS_MAX));
    assert_eq!(claims(TYPE_METADATA_CLAIMS_MAX + 1), Err("type_metadata_too_large"));
    let locales = |count: usize| {
        let display: Vec<_> =
            (0..count).map(|i| json!({"locale": format!("en-x-{i}"), "name": "n"})).collect();
        parsed(&changed("/display", display.into())).map(|metadata| metadata.display.unwrap().len())
    };
    assert_eq!(locales(TYPE_METADATA_LOCALES_MAX), Ok(TYPE_METADATA_LOCALES_MAX));
    assert_eq!(locales(TYPE_METADATA_LOCALES_MAX + 1), Err("type_metadata_too_large"));
}

#[test]
fn locales() {
    let locale = |tag: &str| parsed(&changed("/display/0/locale", json!(tag))).map(|_| ());
    for tag in [
        "en",
        "en-GB",
        "zh-Hant-TW",
        "sl-rozaj-biske",
        "de-CH-1901",
        "en-a-bbb-x-a",
        "x-sahihi",
        "i-klingon",
        "FR",
    ] {
        assert_eq!(locale(tag), Ok(()), "{tag}");
    }
    for tag in [
        "",
        "e",
        "english-",
        "-en",
        "en--GB",
        "en_GB",
        "en GB",
        "1a",
        "toolonglanguage",
        "en-toolongsubtag",
        "en-x",
        "é",
        "x-",
    ] {
        assert_eq!(locale(tag), Err("locale"), "{tag}");
    }
    // Once each, whatever the case; elsewhere the same one may stand again.
    assert_eq!(locale("fr-FR"), Ok(()));
    assert_eq!(locale("de-DE"), Err("locale_repeated"));
    assert_eq!(locale("DE-de"), Err("locale_repeated"));
    let label = |tag: &str| parsed(&changed("/claims/0/display/0/locale", json!(tag))).map(|_| ());
    assert_eq!(label("en-GB"), Ok(()));
    assert_eq!(label("en-US"), Err("locale_repeated"));
    // As drafts before 12 call it, and the payment standards still do.
    let older = json!({"vct": "v", "display": [{"lang": "en", "name": "n"}],
        "claims": [{"path": ["a"], "display": [{"lang": "sw", "label": "l"}]}]});
    let read = parsed(&older).unwrap();
    assert_eq!(
        (&*read.display.as_ref().unwrap()[0].locale, &*read.claims[0].display[0].locale),
        ("en", "sw")
    );
    assert_eq!(read.to_value()["claims"][0]["display"][0], json!({"locale": "sw", "label": "l"}));
    let both = json!({"vct": "v", "display": [{"lang": "en", "locale": "fr", "name": "n"}]});
    assert_eq!(parsed(&both).unwrap().display.unwrap()[0].locale, "fr");
}

#[test]
fn the_best_locale() {
    let all: Vec<ClaimDisplay> = ["pt-BR", "en", "en-GB", "zh-Hant", "fr-FR"]
        .map(|locale| ClaimDisplay { locale: locale.to_owned(), label: String::new(), description: None })
        .into();
    let found = |wanted: &str| best(&all, wanted).map(|display| display.locale.as_str());
    assert_eq!(found("en"), Some("en"));
    assert_eq!(found("EN-gb"), Some("en-GB"));
    assert_eq!(found("en-GB-oxendict"), Some("en-GB"));
    assert_eq!(found("en-US"), Some("en"));
    assert_eq!(found("zh-Hant-TW"), Some("zh-Hant"));
    assert_eq!(found("fr"), Some("fr-FR"), "one of the same language");
    assert_eq!(found("fr-BE"), Some("fr-FR"));
    assert_eq!(found("sw"), Some("pt-BR"), "the first");
    assert_eq!(found(""), Some("pt-BR"));
    assert_eq!(best::<ClaimDisplay>(&[], "en"), None);
}

#[test]
fn colors() {
    let check = |text: &str, expected: Option<[u8; 3]>| {
        assert_eq!(Color::parse(text), expected.map(Color), "{text}");
    };
    check("#12107c", Some([0x12, 0x10, 0x7c]));
    check("#FFFFFF", Some([255; 3]));
    check("#fa0", Some([0xff, 0xaa, 0]));
    check("rgb(255, 0,12)", Some([255, 0, 12]));
    check("rgb(100%,0%,50%)", Some([255, 0, 128]));
    for text in [
        "",
        "#",
        "#12",
        "#12345",
        "#1234567",
        "#12345g",
        "#+12345",
        "#1é4",
        "red",
        "rgb(1,2)",
        "rgb(1,2,3,4)",
        "rgb(256,0,0)",
        "rgb(101%,0%,0%)",
        "rgb(1,2,3",
        "rgb(1,2,3);x",
        "url(x)",
    ] {
        check(text, None);
    }
    assert_eq!(Color([1, 2, 255]).to_text(), "#0102ff");
    let bad = changed("/display/0/rendering/simple/text_color", json!("red;background:url(x)"));
    assert_eq!(parsed(&bad), Err("type_metadata_malformed"));
}

/// W3C Subresource Integrity, sections 3.3.2 to 3.3.5.
#[test]
fn integrity_metadata() {
    let bytes = b"{\"vct\":\"v\"}";
    let check = |text: &str, expected: Result<(), &str>| {
        assert_eq!(Integrity::new(text).verify(bytes).map_err(Error::code), expected, "{text}");
    };
    let [small, middle, large] = HashAlg::ALL.map(|hash| Integrity::of(bytes, hash).as_str().to_owned());
    let [wrong_small, _, wrong_large] =
        HashAlg::ALL.map(|hash| Integrity::of(b"{}", hash).as_str().to_owned());
    assert!(small.starts_with("sha256-") && middle.starts_with("sha384-") && large.starts_with("sha512-"));
    for good in [&small, &middle, &large] {
        check(good, Ok(()));
        check(&format!("  {good}\t"), Ok(()));
        check(&format!("{good}?ct=application/json"), Ok(()));
        check(good.trim_end_matches('='), Ok(()));
        check(&good.replace('+', "-").replace('/', "_").replacen('_', "-", 0), Ok(()));
    }
    check(&wrong_small, Err("integrity"));
    assert_eq!(
        Integrity::new(small.clone()).verify(b"{\"vct\":\"v\"} "),
        Err(Error::Integrity),
        "as received"
    );
    // One of several of the strongest; weaker ones do not count beside it.
    check(&format!("{wrong_small} {small}"), Ok(()));
    check(&format!("{wrong_small} {large}"), Ok(()));
    check(&format!("{small} {wrong_large}"), Err("integrity"));
    check(&format!("{small} {middle} {wrong_large} {large}"), Ok(()));
    // What is not known is passed over, and alone says nothing.
    check(&format!("md5-AAAA sha1-BBBB sha512-!! x {small}"), Ok(()));
    for unknown in
        ["", " ", "md5-AAAA", "sha256", "sha256-", "sha256-==", "SHA256-AAAA", "sha-256-AAAA", "sha256-A==="]
    {
        check(unknown, Err("integrity_unsupported"));
    }
    check("sha256-AAAA", Err("integrity"));
    // The value of the draft's own example, which is no document's: 43 digits that do not end on a byte.
    check("sha256-9cLlJNXN+TsMk+PmKjZ5t0WRL5ca/xGgX3c1ULmXfh=", Err("integrity"));
}

/// Mutations below the outer form: at least half of what is read must be refused or written as it was read.
#[test]
fn mutated_documents_are_read_or_refused() {
    const CASES: usize = 3_000;
    let random = SeededRandom::new(31);
    let mut read = 0;
    for _ in 0..CASES {
        let mut value = example();
        mutate(&mut value, &random);
        if let Ok(metadata) = parsed(&value) {
            read += 1;
            assert_eq!(TypeMetadata::parse(&metadata.to_document()), Ok(metadata));
        }
    }
    println!("{CASES} mutated documents: {read} read");
    assert!(read > CASES / 20 && read < CASES, "{read} of {CASES}");
}
