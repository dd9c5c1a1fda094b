//! The examples of draft-ietf-oauth-sd-jwt-vc-13 about types. The extension of section "Example for Extending Type
//! Metadata" is in `chains`.

use super::*;
use crate::testing::Examples;

/// How many examples there are at least.
const EXAMPLES_MIN: usize = 4;

#[test]
fn examples_of_the_standard() {
    let mut examples = Examples::new("draft-ietf-oauth-sd-jwt-vc-13");
    documents(&mut examples);
    credentials(&mut examples);
    examples.at_least(EXAMPLES_MIN);
}

fn documents(examples: &mut Examples) {
    examples.seen("Type Metadata Example, document");
    let short = json!({
        "vct": VCT,
        "name": "Betelgeuse Education Credential - Preliminary Version",
        "description": "This is our development version of the education credential. Don't panic.",
        "extends": "https://galaxy.example.com/galactic-education-credential-0.9",
        "extends#integrity": "sha256-ilOUJsTultOwLfz7QUcFALaRa3BP/jelX1ds04kB9yU=",
    });
    let metadata = parsed(&short).unwrap();
    assert_eq!(metadata.to_value(), short);
    assert_eq!((metadata.display, metadata.claims), (None, Vec::new()));

    // Nothing draws SVG here, so its templates are read past and not written.
    examples.seen("Example 2, document");
    let mut whole = example();
    let image = |file: &str, hash: &str| {
        json!({
            "uri": format!("https://betelgeuse.example.com/public/{file}"),
            "uri#integrity": hash,
            "properties": { "orientation": "landscape", "color_scheme": "light", "contrast": "high" },
        })
    };
    let hash = "sha256-I4JcBGO7UfrkOBrsV7ytNJAfGuKLQh+e+Z31mc7iAb4=";
    whole["display"][0]["description"] =
        json!("An education credential for all carbon-based life forms on Betelgeusians");
    whole["display"][1]["rendering"]["simple"]["logo"]["alt_text"] =
        json!("Logo des Betelgeusischen Bildungsministeriums");
    // A hash that has lost a character: it is kept, and could only fail were the picture fetched.
    whole["display"][1]["rendering"]["simple"]["background_image"]["uri#integrity"] =
        json!("sha256-9cLlJNXN+TsMk+PmKjZ5t0WRL5ca/xGgX3c1ULmXfh=");
    let of_claims = [
        (0, "Der Name des Studenten", "The name of the student"),
        (1, "Adresse zum Zeitpunkt des Abschlusses", "Address at the time of graduation"),
        (3, "Abschlüsse des Studenten", "Degrees earned by the student"),
    ];
    for (at, de, en) in of_claims {
        whole["claims"][at]["display"][0]["description"] = json!(de);
        whole["claims"][at]["display"][1]["description"] = json!(en);
    }
    let mut published = whole.clone();
    for (at, file) in [(0, "credential-english.svg"), (1, "credential-german.svg")] {
        published["display"][at]["rendering"]["svg_templates"] = json!([image(file, hash)]);
        published["display"][at]["rendering"]["simple"]["text_color"] = json!("#FFFFFF");
    }
    let metadata = parsed(&published).unwrap();
    assert_eq!(metadata.to_value(), whole);
    let shown = metadata.display.as_ref().unwrap();
    assert_eq!(best(shown, "de").unwrap().name, "Betelgeuse-Bildungsnachweis");
    let address = &metadata.claims[1];
    assert_eq!(best(&address.display, "en-US").unwrap().description.as_deref(), Some(of_claims[1].2));
    let sd: Vec<_> = metadata.claims.iter().map(|claim| claim.sd.unwrap().name()).collect();
    assert_eq!(sd, ["always", "always", "always", "never", "always", "never", "always"]);
    let mandatory = metadata.claims.iter().filter(|claim| claim.mandatory == Some(true));
    assert_eq!(mandatory.map(|claim| claim.path.to_value()).collect::<Value>(), json!([["name"]]));

    let chain = Chain::start(VCT, None, &document(&published)).unwrap();
    let missing = chain.missing().unwrap();
    assert_eq!(missing.vct, "https://galaxy.example.com/galactic-education-credential-0.9");
    assert!(missing.integrity.is_some());
}

/// What credentials say of their type: the hash is that of a document which was never published, so any other is refused.
fn credentials(examples: &mut Examples) {
    let hash = "sha256-1odmyxoVQCuQx8SAym8rWHXba41fM/Iv/V1H8VHGN00=";
    let bare = json!({ "vct": VCT, "vct#integrity": hash });
    let mut whole = bare.clone();
    whole["name"] = json!("Zaphod Beeblebrox");
    whole["address"] = json!({
        "street_address": "42 Galaxy Way",
        "city": "Betelgeuse City",
        "postal_code": "12345",
        "country": "Betelgeuse",
    });
    whole["degrees"] = json!([
        { "field_of_study": "Intergalactic Politics", "date_awarded": "2020-05-15" },
        { "field_of_study": "Space Navigation", "date_awarded": "2018-06-20" },
        { "field_of_study": "Quantum Mechanics", "date_awarded": "2016-07-25" },
    ]);
    for (section, claims) in [("Type Metadata Example, credential", bare), ("Example 2, credential", whole)] {
        examples.seen(section);
        let integrity = claims["vct#integrity"].as_str();
        let vct = claims["vct"].as_str().unwrap();
        let refused = Chain::start(vct, integrity, &document(&example()));
        assert_eq!(refused.map(|_| ()).map_err(Error::code), Err("integrity"));
        assert!(Chain::start(vct, None, &document(&example())).is_ok());
    }
}
