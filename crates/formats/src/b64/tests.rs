use proptest::prelude::*;

use super::*;

#[test]
fn one_text_for_one_value() {
    assert_eq!(decode("AA"), Ok(vec![0]));
    assert_eq!(decode("-_8"), Ok(vec![0xfb, 0xff]));
    assert_eq!(decode(""), Ok(vec![]));
    // Trailing bits, padding, the other alphabet, spaces, a length that cannot be.
    for bad in ["AB", "A", "AA==", "+/8", "AA ", " AA", "A\nA", "AAAAA", "-_9", "é"] {
        assert_eq!(decode(bad), Err(Error), "{bad}");
    }
    assert_eq!(decode_std("+/8="), Ok(vec![0xfb, 0xff]));
    for bad in ["+/8", "-_8=", "+/9=", "+/8=\n", "+/8==", "A"] {
        assert_eq!(decode_std(bad), Err(Error), "{bad}");
    }
}

proptest! {
    #![proptest_config(crate::testing::seeded(2_048))]

    #[test]
    fn at_the_end_of_a_text(before in "[a-z]{0,5}", bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let mut out = before.clone().into_bytes();
        encode_to(&bytes, &mut out);
        prop_assert_eq!(out, format!("{before}{}", encode(&bytes)).into_bytes());
    }

    #[test]
    fn round_trip(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        prop_assert_eq!(decode(&encode(&bytes)), Ok(bytes.clone()));
        prop_assert_eq!(decode_std(&encode_std(&bytes)), Ok(bytes));
    }

    #[test]
    fn what_is_read_is_written_the_same(text in "[A-Za-z0-9_-]{0,9}") {
        if let Ok(bytes) = decode(&text) {
            prop_assert_eq!(encode(&bytes), text);
        }
    }
}
