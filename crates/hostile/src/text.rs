//! Texts and bytes that are changed: characters that a screen or a parser stumbles over, forms, links, records.

use crate::Dice;

/// Pieces of text that a careless reader trips over.
const FRAGMENTS: [&str; 40] = [
    "",
    " ",
    "\u{0}",
    "\u{1b}[2J",
    "\r\n",
    "\t",
    "a\u{202e}b",
    "\u{2066}",
    "\u{feff}",
    "\u{200b}",
    "\u{fffd}",
    "😀",
    "e\u{301}",
    "\u{1100}\u{1161}",
    "ﷺ",
    "ß",
    "İ",
    "'",
    "\"",
    "\\",
    "<script>",
    "&amp;",
    "%00",
    "%",
    "+",
    "/../",
    "~",
    ".",
    "..",
    "a.b.c",
    "none",
    "null",
    "-1",
    "2024-02-30",
    "9999-12-31",
    "https://a.example/",
    "http://[::1]:0/",
    "https://\u{456}.example/",
    "data:,",
    "A",
];

/// A short text of any kind.
pub(crate) fn fragment(dice: &mut Dice) -> String {
    match dice.below(12) {
        0 => dice.one(&FRAGMENTS).repeat(dice.one(&[2, 17, 65, 300, 2_050])),
        1 => formats::b64::encode(&dice.number().to_be_bytes()),
        2 => (0..dice.below(12)).filter_map(|_| char::from_u32(character(dice))).collect(),
        3 => "x".repeat(dice.one(&[49, 200, 201, 255, 256, 500, 513, 2_049])),
        _ => dice.one(&FRAGMENTS).to_owned(),
    }
}

/// Code points, the short ones more often.
fn character(dice: &mut Dice) -> u32 {
    let most = dice.one(&[0x80_u64, 0x80, 0x800, 0x1_0000, 0x11_0000]);
    u32::try_from(dice.number() % most.max(1)).unwrap_or(0)
}

/// `text` with one change.
pub(crate) fn changed(text: &str, dice: &mut Dice) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let at = dice.below(chars.len().saturating_add(1));
    match dice.below(9) {
        0 | 1 => chars.truncate(at),
        2 | 3 => {
            let piece: Vec<char> = fragment(dice).chars().collect();
            drop(chars.splice(at..at, piece));
        }
        4 => {
            if let Some(c) = chars.get_mut(at) {
                *c = char::from_u32(character(dice)).unwrap_or('\u{fffd}');
            }
        }
        5 => {
            if at < chars.len() {
                let _ = chars.remove(at);
            }
        }
        6 => return fragment(dice),
        7 => return if dice.percent(50) { text.to_uppercase() } else { text.to_lowercase() },
        _ => {
            let tail: Vec<char> = chars.iter().skip(at).copied().collect();
            chars.extend(tail);
        }
    }
    chars.truncate(8_192);
    chars.into_iter().collect()
}

/// `bytes` with one to four changes.
pub(crate) fn changed_bytes(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len().saturating_add(1));
        match dice.below(6) {
            0 => bytes.truncate(at),
            1 => drop(bytes.splice(at..at, fragment(dice).into_bytes())),
            2 => {
                let end = at.saturating_add(dice.below(9)).min(bytes.len());
                drop(bytes.drain(at..end));
            }
            3 => {
                let copied: Vec<u8> = bytes.iter().skip(at).take(dice.below(40)).copied().collect();
                drop(bytes.splice(at..at, copied));
            }
            _ => flip(&mut bytes, dice),
        }
    }
    bytes.truncate(1 << 20);
    bytes
}

/// Changes one byte.
pub(crate) fn flip(bytes: &mut [u8], dice: &mut Dice) {
    let at = dice.below(bytes.len());
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= u8::try_from(1 + dice.below(255)).unwrap_or(1);
    }
}

/// `text` with one letter, digit or other sign of base64url in the place of another: the `number`-th there is.
pub(crate) fn one_sign_changed(text: &str, dice: &mut Dice) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = text.as_bytes().to_vec();
    let places: Vec<usize> =
        bytes.iter().enumerate().filter(|(_, b)| SIGNS.contains(b)).map(|(at, _)| at).collect();
    let at = places.get(dice.below(places.len())).copied().unwrap_or_default();
    if let Some(byte) = bytes.get_mut(at) {
        let others: Vec<u8> = SIGNS.iter().copied().filter(|sign| sign != byte).collect();
        *byte = dice.one(&others);
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// The pairs of a form or a query, as text.
pub(crate) fn form(pairs: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The pairs of a form or a query, read leniently.
pub(crate) fn pairs(form: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(form).into_owned().collect()
}

/// A form with one pair changed; `inner` changes a value that has a form of its own.
pub(crate) fn changed_form(
    bytes: &[u8],
    dice: &mut Dice,
    inner: impl Fn(&str, &str, &mut Dice) -> Option<String>,
) -> Vec<u8> {
    let mut pairs = pairs(bytes);
    let at = dice.below(pairs.len());
    match dice.below(20) {
        0 => {
            if at < pairs.len() {
                drop(pairs.remove(at));
            }
        }
        1 => pairs.extend(pairs.get(at).cloned()),
        2 => pairs.push((fragment(dice), fragment(dice))),
        3 => {
            if let Some((name, _)) = pairs.get_mut(at) {
                *name = changed(name, dice);
            }
        }
        4 => return changed_bytes(form(&pairs).as_bytes(), dice),
        _ => {
            if let Some((name, value)) = pairs.get_mut(at) {
                *value = inner(name, value, dice).unwrap_or_else(|| changed(value, dice));
            }
        }
    }
    form(&pairs).into_bytes()
}

/// What stands between the records of an input that has several (ASCII's own separator).
const BETWEEN: u8 = 0x1e;

/// One input of several texts.
pub(crate) fn records<T: AsRef<[u8]>>(texts: &[T]) -> Vec<u8> {
    texts.iter().map(AsRef::as_ref).collect::<Vec<&[u8]>>().join(&BETWEEN)
}

/// The texts of an input.
pub(crate) fn split(input: &[u8]) -> Vec<&[u8]> {
    input.split(|byte| *byte == BETWEEN).collect()
}

/// An input of several texts with one of them changed.
pub(crate) fn changed_record(
    input: &[u8],
    dice: &mut Dice,
    change: impl FnOnce(usize, &[u8], &mut Dice) -> Vec<u8>,
) -> Vec<u8> {
    let mut texts: Vec<Vec<u8>> = split(input).into_iter().map(<[u8]>::to_vec).collect();
    let at = dice.below(texts.len());
    if let Some(text) = texts.get_mut(at) {
        *text = change(at, text, dice);
        // One text must not become two, or all that follow would move.
        text.retain(|byte| *byte != BETWEEN);
    }
    records(&texts)
}
