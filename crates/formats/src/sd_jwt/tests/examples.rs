//! The examples of RFC 9901, as values: what is in `rfc9901.json` has the digests and disclosures of the sections that
//! it names, and not the signatures, which are others at every printing.

use super::*;

/// Every example is put together, and a holder who selects what the example shows sends the disclosures that it sends.
#[test]
fn examples_of_the_standard() {
    let examples: Value = crate::json::parse(include_bytes!("rfc9901.json")).unwrap();
    let examples = examples.as_array().unwrap();
    for example in examples {
        let section = &example["section"];
        let texts = |member: &str| {
            let texts = example[member].as_array().unwrap().iter();
            texts.map(|text| text.as_str().unwrap()).collect::<Vec<_>>()
        };
        let sd_jwt = SdJwt::parse(&text(&example["payload"], &texts("disclosures"))).unwrap();
        let whole = sd_jwt.process().unwrap();
        for (name, value) in example["user_claims"].as_object().unwrap() {
            assert_eq!(whole.get(name), Some(value), "section {section}: {name}");
        }
        let paths = example["paths"].as_array().unwrap().iter();
        let paths: Vec<_> = paths.map(|path| ClaimPath::from_value(path).unwrap()).collect();
        let shown = SdJwt::parse(&sd_jwt.select_paths(&paths).unwrap()).unwrap();
        let mut sent: Vec<_> = shown.disclosures().iter().map(Disclosure::as_str).collect();
        let mut expected = texts("shown");
        sent.sort_unstable();
        expected.sort_unstable();
        assert_eq!(sent, expected, "section {section}");
        assert_eq!(Value::Object(shown.process().unwrap()), example["claims"], "section {section}");
    }
    assert_eq!(examples.len(), 9);
}

/// Section 4.2.6: elements that are disclosable within a claim that is. The text of the claim's own disclosure is not
/// given there, so its digest is ours.
#[test]
fn recursive_disclosures_of_the_standard() {
    let elements = [
        (r#"["16_mAd0GiwaZokU26_0i0h","DE"]"#, "PmnlrRjhLcwf8zTDdK15HVGwHtPYjddvD362WjBLwro"),
        (r#"["fn9fN0rD-fFs2n303ZI-0c","FR"]"#, "r823HFN6Ba_lpSANYtXqqCBAH-TsQlIzfOK0lRAFLCM"),
        (r#"["YIKesqOkXXNzMQtsX_-_lw","UK"]"#, "nP5GYjwhFm6ESlAeC4NCaIliW4tz0hTrUeoJB3lb5TA"),
    ]
    .map(|(contents, digest)| {
        let element = Disclosure::parse(&b64::encode(contents.as_bytes()), HashAlg::Sha256).unwrap();
        assert_eq!(element.digest(), digest);
        element
    });
    let [de, fr, uk] = elements.each_ref().map(Disclosure::as_str);
    let digests = elements.each_ref().map(|element| json!({ "...": element.digest() }));
    let (whole, digest) = disclosure(&json!(["4drfeTtSUK3aY_-PF12gcX", "nationalities", digests]));
    let payload = json!({"family_name": "Möbius", "_sd": [digest]});
    let shows = |disclosures: &[&str], nationalities: &[&str]| {
        let claims = json!({"family_name": "Möbius", "nationalities": nationalities});
        check(&payload, disclosures, Ok(&claims));
    };
    shows(&[&whole, de, fr, uk], &["DE", "FR", "UK"]);
    shows(&[&whole, de], &["DE"]);
    shows(&[&whole, fr, de], &["DE", "FR"]);
    shows(&[&whole], &[]);
    check(&payload, &[], Ok(&json!({"family_name": "Möbius"})));
    check(&payload, &[de], Err("disclosure_unused"));
    check(&payload, &[de, fr, uk], Err("disclosure_unused"));
}
