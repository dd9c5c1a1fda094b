//! Types that extend others.

use super::*;

fn claim(path: Value, more: Value) -> Value {
    let mut claim = more;
    claim["path"] = path;
    claim
}

/// The chain of `documents`, each extending the next.
fn resolved(documents: &[Value]) -> Result<ResolvedType, &'static str> {
    let mut documents = documents.iter();
    let first = documents.next().unwrap();
    let mut chain = Chain::start("t0", None, &document(first)).map_err(Error::code)?;
    for next in documents {
        chain.add(&document(next)).map_err(Error::code)?;
    }
    chain.resolve().map_err(Error::code)
}

/// Section "Example for Extending Type Metadata".
#[test]
fn the_example_of_the_draft() {
    let label = |label: &str| json!({"display": [{"label": label, "locale": "en"}]});
    let base = json!({
        "vct": "https://example.com/base-type-metadata",
        "claims": [claim(json!(["name"]), label("Full Name")), claim(json!(["address", "city"]), label("City"))],
    });
    let child = json!({
        "vct": "https://example.com/custom-type-metadata",
        "extends": "https://example.com/base-type-metadata",
        "claims": [
            claim(json!(["address", "city"]), label("Town")),
            claim(json!(["nationalities"]), label("Nationalities")),
        ],
    });
    let mut chain =
        Chain::start("https://example.com/custom-type-metadata", None, &document(&child)).unwrap();
    assert_eq!(chain.missing().unwrap().vct, "https://example.com/base-type-metadata");
    assert_eq!(chain.clone().resolve(), Err(Error::ExtendsMissing));
    chain.add(&document(&base)).unwrap();
    assert_eq!(chain.missing(), None);
    assert_eq!(chain.clone().add(&document(&base)).map_err(Error::code), Err("extends_nothing"));
    let resolved = chain.resolve().unwrap();
    assert_eq!(resolved.extends, ["https://example.com/base-type-metadata"]);
    let effective = TypeMetadata {
        vct: resolved.vct,
        name: None,
        description: None,
        extends: None,
        display: None,
        claims: resolved.claims,
    };
    let expected = json!([
        claim(json!(["name"]), label("Full Name")),
        claim(json!(["address", "city"]), label("Town")),
        claim(json!(["nationalities"]), label("Nationalities")),
    ]);
    assert_eq!(effective.to_value()["claims"], expected);
}

#[test]
fn display_is_taken_over_or_replaced_whole() {
    let display = |name: &str| json!([{"locale": "en", "name": name}]);
    let names = |first: Value, second: Value, third: Value| {
        let with = |vct: &str, extends: &str, display: Value| {
            let mut out = json!({ "vct": vct });
            for (name, value) in [("extends", json!(extends)), ("display", display)] {
                if value != json!("") && !value.is_null() {
                    out[name] = value;
                }
            }
            out
        };
        let documents = [with("t0", "t1", first), with("t1", "t2", second), with("t2", "", third)];
        resolved(&documents).unwrap().display.into_iter().map(|display| display.name).collect::<Vec<_>>()
    };
    let none = Value::Null;
    assert_eq!(names(display("a"), display("b"), display("c")), ["a"]);
    assert_eq!(names(none.clone(), display("b"), display("c")), ["b"]);
    assert_eq!(names(none.clone(), none.clone(), display("c")), ["c"]);
    assert!(names(none.clone(), json!([]), display("c")).is_empty());
    assert!(names(none.clone(), none.clone(), none).is_empty());
}

/// Section "Limitations for `sd` and `mandatory`".
#[test]
fn rules_are_kept_when_a_type_is_extended() {
    let rules = |base: Value, child: Value| {
        let document = |vct: &str, claim: Value| json!({"vct": vct, "claims": [claim]});
        let mut first = document("t0", claim(json!(["a"]), child));
        first["extends"] = "t1".into();
        let resolved = resolved(&[first, document("t1", claim(json!(["a"]), base))])?;
        Ok((resolved.claims[0].sd.map_or("", Sd::name), resolved.claims[0].mandatory))
    };
    for free in [json!({}), json!({"sd": "allowed"})] {
        for sd in ["always", "allowed", "never"] {
            assert_eq!(rules(free.clone(), json!({ "sd": sd })), Ok((sd, None)));
        }
    }
    for (was, other) in [("always", "never"), ("never", "always")] {
        assert_eq!(rules(json!({"sd": was}), json!({"sd": was})), Ok((was, None)));
        assert_eq!(rules(json!({"sd": was}), json!({})), Ok((was, None)), "not dropped by silence");
        assert_eq!(rules(json!({"sd": was}), json!({"sd": other})), Err("extends_sd"));
        assert_eq!(rules(json!({"sd": was}), json!({"sd": "allowed"})), Err("extends_sd"));
    }
    let mandatory = |mandatory: bool| json!({ "mandatory": mandatory });
    assert_eq!(rules(mandatory(false), mandatory(true)), Ok(("", Some(true))));
    assert_eq!(rules(json!({}), mandatory(true)), Ok(("", Some(true))));
    assert_eq!(rules(mandatory(true), mandatory(true)), Ok(("", Some(true))));
    assert_eq!(rules(mandatory(true), json!({})), Ok(("", Some(true))), "not dropped by silence");
    assert_eq!(rules(mandatory(true), mandatory(false)), Err("extends_mandatory"));
    // Another path is another claim.
    let other = json!({"vct": "t0", "extends": "t1", "claims": [{"path": ["a", null], "sd": "never"}]});
    let base = json!({"vct": "t1", "claims": [{"path": ["a"], "sd": "always"}]});
    assert_eq!(resolved(&[other, base]).unwrap().claims.len(), 2);
    let id = |vct: &str, path: &str| json!({"vct": vct, "claims": [{"path": [path], "svg_id": "i"}]});
    let mut child = id("t0", "b");
    child["extends"] = "t1".into();
    assert_eq!(resolved(&[child.clone(), id("t1", "b")]).map(|_| ()), Ok(()));
    assert_eq!(resolved(&[child, id("t1", "a")]).map(|_| ()), Err("svg_id_repeated"));
}

#[test]
fn chains_that_do_not_end() {
    let plain = |vct: &str, extends: Option<&str>| match extends {
        None => json!({ "vct": vct }),
        Some(extends) => json!({"vct": vct, "extends": extends}),
    };
    assert_eq!(resolved(&[plain("t0", None)]).map(|_| ()), Ok(()));
    assert_eq!(resolved(&[plain("t0", Some("t0"))]), Err("extends_circular"));
    let end = |last: Option<&str>| {
        resolved(&[plain("t0", Some("t1")), plain("t1", Some("t2")), plain("t2", last)])
            .map(|t| t.extends.len())
    };
    assert_eq!(end(None), Ok(2));
    for earlier in ["t0", "t1", "t2"] {
        assert_eq!(end(Some(earlier)), Err("extends_circular"));
    }
    let long = |count: usize| {
        let name = |i: usize| format!("t{i}");
        let next = |i: usize| (i + 1 < count).then(|| name(i + 1));
        let documents: Vec<_> = (0..count).map(|i| plain(&name(i), next(i).as_deref())).collect();
        resolved(&documents).map(|resolved| resolved.extends.len())
    };
    assert_eq!(long(TYPE_METADATA_CHAIN_MAX), Ok(TYPE_METADATA_CHAIN_MAX - 1));
    assert_eq!(long(TYPE_METADATA_CHAIN_MAX + 1), Err("extends_too_long"));
}

/// What was fetched is what was meant: by name, and by hash over the bytes as they came.
#[test]
fn documents_are_the_ones_that_were_meant() {
    let base = document(&json!({"vct": "t1"}));
    let hash = Integrity::of(&base, HashAlg::Sha384);
    let child = document(&json!({"vct": "t0", "extends": "t1", "extends#integrity": hash.as_str()}));
    let own = Integrity::of(&child, HashAlg::Sha256);
    let start = |vct: &str, integrity: Option<&str>, document: &[u8]| {
        Chain::start(vct, integrity, document).map(|_| ()).map_err(Error::code)
    };
    assert_eq!(start("t0", Some(own.as_str()), &child), Ok(()));
    assert_eq!(start("t0", None, &child), Ok(()));
    assert_eq!(start("t9", None, &child), Err("type_vct"));
    assert_eq!(start("t0", Some("md5-AAAA"), &child), Err("integrity_unsupported"));
    let spaced = [&child[..], b" "].concat();
    assert_eq!(start("t0", None, &spaced), Ok(()));
    assert_eq!(start("t0", Some(own.as_str()), &spaced), Err("integrity"));
    assert_eq!(start("t0", Some(own.as_str()), b"{"), Err("integrity"), "before it is read");
    let chain = Chain::start("t0", None, &child).unwrap();
    let add = |document: &[u8]| chain.clone().add(document).map_err(Error::code);
    assert_eq!(add(&base), Ok(()));
    assert_eq!(add(&document(&json!({"vct": "t1", "name": "changed"}))), Err("integrity"));
    let loose = Chain::start("t0", None, &document(&json!({"vct": "t0", "extends": "t1"}))).unwrap();
    assert_eq!(loose.clone().add(&document(&json!({"vct": "t1", "name": "changed"}))), Ok(()));
    assert_eq!(loose.clone().add(&document(&json!({"vct": "t2"}))), Err(Error::Vct));
}
