use proptest::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::*;

#[expect(clippy::needless_pass_by_value, reason = "what is expected is written where it is expected")]
fn check(text: impl AsRef<[u8]>, expected: Result<Value, &str>) {
    let text = text.as_ref();
    assert_eq!(parse(text).map_err(Error::code), expected, "{}", String::from_utf8_lossy(text));
}

#[test]
fn repeated_members_are_refused_at_any_depth() {
    check(r#"{"a":1,"b":2}"#, Ok(json!({"a":1,"b":2})));
    check(r#"{"a":1,"a":1}"#, Err("json_duplicate_member"));
    check(r#"{"a":1,"\u0061":2}"#, Err("json_duplicate_member"));
    check(r#"[{"a":[{"b":1,"c":{"d":1,"d":2}}]}]"#, Err("json_duplicate_member"));
    check(r#"[{"a":[{"b":1,"c":{"d":1,"e":2}}]}]"#, Ok(json!([{"a":[{"b":1,"c":{"d":1,"e":2}}]}])));
}

#[test]
fn one_text_and_nothing_after_it() {
    check(" {} \n", Ok(json!({})));
    for bad in
        ["{} x", "{}{}", "", "{", "{\"a\":1,}", "[1,]", "nul", "'a'", "{a:1}", "01", "+1", "\"\n\"", "NaN"]
    {
        check(bad, Err("json_syntax"));
    }
    check("\u{feff}{}", Err("json_syntax"));
    check(b"\"\xff\"", Err("json_not_utf8"));
    check(r#""\ud800""#, Err("json_syntax"));
    check(r#""\ud83d\ude00""#, Ok(json!("😀")));
}

#[test]
fn numbers_are_those_that_everybody_keeps_exactly() {
    check("9007199254740991", Ok(json!(9_007_199_254_740_991_i64)));
    check("-9007199254740991", Ok(json!(-9_007_199_254_740_991_i64)));
    check("1.5", Ok(json!(1.5)));
    for bad in ["9007199254740992", "-9007199254740992", "18446744073709551616", "1e300", "1e999"] {
        assert!(parse(bad.as_bytes()).is_err(), "{bad}");
    }
    check("9007199254740992", Err("json_number"));
    check("100000000000000000000", Err("json_number"));
}

#[test]
fn depth_and_size_are_limited() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(parse(nested(JSON_DEPTH_MAX).as_bytes()).is_ok());
    check(nested(JSON_DEPTH_MAX + 1), Err("json_too_deep"));
    check("[".repeat(200_000), Err("json_too_deep"));
    let objects = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
    assert!(parse(objects(JSON_DEPTH_MAX).as_bytes()).is_ok());
    check(objects(JSON_DEPTH_MAX + 1), Err("json_too_deep"));
    let long = |bytes: usize| format!("\"{}\"", "a".repeat(bytes - 2));
    assert!(parse(long(JSON_BYTES_MAX).as_bytes()).is_ok());
    check(long(JSON_BYTES_MAX + 1), Err("json_too_long"));
}

#[test]
fn a_type_is_read_as_strictly() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Offer {
        id: String,
    }
    assert_eq!(parse_as(br#"{"id":"a"}"#), Ok(Offer { id: "a".to_owned() }));
    assert_eq!(parse_as::<Offer>(br#"{"id":1}"#), Err(Error::Shape));
    assert_eq!(parse_as::<Offer>(br#"{"id":"a","id":"b"}"#), Err(Error::DuplicateMember));
    assert_eq!(parse_object(b"[]"), Err(Error::Shape));
}

/// RFC 8785, section 3.2.2 and 3.2.3 (the example of section 3.2.2, its numbers as far as we let them in).
#[test]
fn canonical_form() {
    let value = parse(
        br#"{"numbers":[4.50,2e-3,0.000000000000000000000000001,-0],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#,
    )
    .unwrap();
    let expected = "{\"literals\":[null,true,false],\"numbers\":[4.5,0.002,1e-27,0],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
    assert_eq!(String::from_utf8(canonical(&value)).unwrap(), expected);
    // Sorted by UTF-16 units, not by code points.
    assert_eq!(canonical(&json!({"\u{fb33}": 1, "😀": 2})), "{\"😀\":2,\"\u{fb33}\":1}".as_bytes());
}

/// Any value within our bounds.
pub(crate) fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9_007_199_254_740_991_i64..=9_007_199_254_740_991).prop_map(Value::from),
        (-1e6_f64..1e6).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..6)
                .prop_map(|m| m.into_iter().collect::<Object>().into()),
        ]
    })
}

proptest! {
    #![proptest_config(crate::testing::seeded(256))]

    #[test]
    fn what_is_written_is_read_back(value in any_value()) {
        prop_assert_eq!(parse(value.to_string().as_bytes()), Ok(value.clone()));
        let once = canonical(&value);
        let again = canonical(&parse(&once).unwrap());
        prop_assert_eq!(once, again);
    }

    /// Another implementation of RFC 8785 writes the same.
    #[test]
    fn the_canonical_form_is_that_of_others(value in any_value(), text in "[\\u{0}-\\u{10ffff}]{0,8}") {
        let value = json!({ text.clone(): value, "\u{fb33}": [text, 1e21, 1.0, -0.0, 5e-324, u64::MAX, i64::MIN] });
        prop_assert_eq!(canonical(&value), serde_json_canonicalizer::to_vec(&value).unwrap());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = parse(&bytes);
    }
}
