//! Status lists: packed, signed, and named together.

use std::io::Write as _;

use base::limits;
use flate2::{Compression, write::ZlibEncoder};
use formats::{
    b64, json,
    jws::Jws,
    status_list::{Aggregation, Bits, Status, StatusList, verify_token},
};
use serde_json::json;

use super::words::changed_text;
use crate::{
    Dice, Reached, Target, json as trees,
    signed::{changed_jws, opened, sealed},
    text,
    world::{NOW, STATUS_URI, WORLD},
};

const BITS: [Bits; 4] = [Bits::One, Bits::Two, Bits::Four, Bits::Eight];

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut out = ZlibEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// A digit for the size of entries, then the list.
pub static STATUS_LIST: Target = Target::new(
    ("status_list", "compressed status lists"),
    800,
    || {
        let list = |n: u8| format!("{n}{}", b64::encode(&deflated(&vec![n; 300])));
        (0..4).map(|n| list(n).into_bytes()).collect()
    },
    list_change,
    |input| {
        let Some((digit, lst)) = std::str::from_utf8(input).ok().and_then(|text| text.split_at_checked(1))
        else {
            return Reached::Refused;
        };
        let bits = BITS.get(digit.parse::<usize>().unwrap_or(0) % 4).copied().unwrap_or(Bits::Two);
        let Ok(mut list) = StatusList::from_lst(bits, lst) else { return Reached::Refused };
        // Packing what was blown up takes its time, and is nothing that an outsider has us do.
        if list.get(1 << 20).is_err() {
            assert_eq!(
                StatusList::from_lst(bits, &list.to_lst()).as_ref(),
                Ok(&list),
                "packed and read again"
            );
        }
        assert!(list.get(u64::MAX).is_err(), "nothing is so far behind");
        let mut dice = Dice::of(input);
        for _ in 0..8 {
            let idx = dice.number() % 4_096;
            let before = list.get(idx);
            assert_eq!(list.set(idx, Status::Invalid).is_ok(), before.is_ok(), "what can be read can be set");
            if before.is_ok() {
                assert_eq!(list.get(idx), Ok(Status::Invalid));
            }
        }
        Reached::Accepted
    },
);

fn list_change(input: &[u8], dice: &mut Dice) -> Vec<u8> {
    let digit = dice.one(b"0123");
    let lst = match dice.below(10) {
        0 => return changed_text(input, dice),
        1 => {
            let text = std::str::from_utf8(input).ok().and_then(|text| text.get(1..)).unwrap_or_default();
            let mut bytes = b64::decode(text).unwrap_or_default();
            text::flip(&mut bytes, dice);
            b64::encode(&bytes)
        }
        // Much in little: at the limit and behind it.
        2 if dice.percent(10) => {
            let length = limits::STATUS_LIST_INFLATED_BYTES_MAX + dice.below(3);
            b64::encode(&deflated(&vec![0; length.saturating_sub(1)]))
        }
        3 => b64::encode(&[deflated(&[1, 2, 3]), vec![0; dice.below(3)]].concat()),
        _ => {
            let bytes: Vec<u8> = (0..dice.below(700)).map(|_| dice.number().to_be_bytes()[0]).collect();
            b64::encode(&deflated(&bytes))
        }
    };
    format!("{}{lst}", char::from(digit)).into_bytes()
}

/// Signed lists.
pub static STATUS_TOKEN: Target = Target::new(
    ("status_token", "status list tokens"),
    1_000,
    || vec![WORLD.status_token.clone().into_bytes()],
    |input, dice| {
        let text = String::from_utf8_lossy(input);
        let signer = WORLD.issuer.signer.signer.as_ref();
        if dice.percent(30)
            && let Some((header, mut payload)) = opened(&text)
            && let Some(lst) = payload.pointer_mut("/status_list/lst")
        {
            let list = list_change(b"0", dice);
            *lst = std::str::from_utf8(&list).ok().and_then(|text| text.get(1..)).unwrap_or_default().into();
            return sealed(header.to_string().as_bytes(), payload.to_string().as_bytes(), signer)
                .into_bytes();
        }
        changed_jws(&text, signer, dice).into_bytes()
    },
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        if Jws::parse_within(text, limits::STATUS_LIST_TOKEN_BYTES_MAX).is_err() {
            return Reached::Refused;
        }
        let verify = |text: &str| verify_token(text, STATUS_URI, &WORLD.issuer.anchors, NOW);
        let token = verify(text);
        if let Ok(token) = &token {
            assert!(token.sub == STATUS_URI && token.ttl_s.is_none_or(|ttl| ttl > 0));
            assert!(verify(text).is_ok(), "what verified once verifies again");
            assert!(
                verify(&text::one_sign_changed(text, &mut Dice::of(input))).is_err(),
                "a changed token verifies"
            );
            assert!(verify_token(text, STATUS_URI, &WORLD.asker.anchors, NOW).is_err(), "a stranger's");
            assert!(verify_token(text, "https://another.example/", &WORLD.issuer.anchors, NOW).is_err());
        }
        Reached::read(token.is_ok())
    },
);

/// The addresses of all lists.
pub static STATUS_AGGREGATION: Target = Target::new(
    ("status_aggregation", "status list aggregations"),
    2_000,
    || {
        let lists = json!({ "status_lists": ["https://a.example/1", "https://a.example/2", STATUS_URI] });
        vec![lists.to_string().into_bytes()]
    },
    trees::spoilt_text,
    |input| {
        if json::parse(input).is_err() {
            return Reached::Refused;
        }
        let read = Aggregation::parse(input);
        if let Ok(read) = &read {
            assert!(read.status_lists.len() <= limits::STATUS_AGGREGATION_MAX);
            assert_eq!(Aggregation::parse(&read.to_document()).as_ref(), Ok(read), "written and read again");
        }
        Reached::read(read.is_ok())
    },
);
