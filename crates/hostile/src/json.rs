//! JSON that is changed in one place, however deep.
//!
//! A [`Tree`] can hold what a `serde_json::Value` cannot: a member twice, a number of any size, an escape that is none.
//! [`spoilt`] makes those too, in a minority; [`changed`] stays with what a strict reader takes.

use serde_json::Value;

use crate::{Dice, text};

/// JSON as it is written.
#[derive(Debug, Clone)]
enum Tree {
    /// A scalar: its text, quotes and all.
    Scalar(String),
    List(Vec<Tree>),
    /// Names with their quotes.
    Object(Vec<(String, Tree)>),
}

/// How many bytes a change may make of a text.
const BYTES_MAX: usize = 512 * 1024;

impl Tree {
    fn of(value: &Value) -> Self {
        match value {
            Value::Array(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Object(members) => {
                Self::Object(members.iter().map(|(name, value)| (quoted(name), Self::of(value))).collect())
            }
            scalar => Self::Scalar(scalar.to_string()),
        }
    }

    fn write(&self, out: &mut String) {
        if out.len() > BYTES_MAX {
            return out.push_str("null");
        }
        match self {
            Self::Scalar(text) => out.push_str(text),
            Self::List(items) => {
                out.push('[');
                for (n, item) in items.iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (n, (name, value)) in members.iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    out.push_str(name);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// How many places it has.
    fn places(&self) -> usize {
        match self {
            Self::Scalar(_) => 1,
            Self::List(items) => items.iter().map(Self::places).sum::<usize>().saturating_add(1),
            Self::Object(members) => {
                members.iter().map(|(_, value)| value.places()).sum::<usize>().saturating_add(1)
            }
        }
    }

    /// The place with this number, itself being the first.
    fn place(&mut self, mut number: usize) -> Option<&mut Self> {
        if number == 0 {
            return Some(self);
        }
        number = number.saturating_sub(1);
        let inner: Vec<&mut Self> = match self {
            Self::Scalar(_) => Vec::new(),
            Self::List(items) => items.iter_mut().collect(),
            Self::Object(members) => members.iter_mut().map(|(_, value)| value).collect(),
        };
        for tree in inner {
            let places = tree.places();
            if number < places {
                return tree.place(number);
            }
            number = number.saturating_sub(places);
        }
        None
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// `value` changed in one to three places, as JSON that a strict reader takes (if it is not too deep).
pub(crate) fn changed(value: &Value, dice: &mut Dice) -> Value {
    serde_json::from_str(&written(value, dice, false)).unwrap_or_else(|_| value.clone())
}

/// `value` changed in one to three places, as text; one in eight is something that no strict reader takes.
pub(crate) fn spoilt(value: &Value, dice: &mut Dice) -> Vec<u8> {
    let rough = dice.percent(12);
    let mut bytes = written(value, dice, rough).into_bytes();
    if dice.percent(4) {
        text::flip(&mut bytes, dice);
    }
    bytes
}

/// The JSON in `bytes`, changed; bytes that are none are changed as bytes.
pub(crate) fn spoilt_text(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    match serde_json::from_slice(bytes) {
        Ok(value) => spoilt(&value, dice),
        Err(_) => text::changed_bytes(bytes, dice),
    }
}

fn written(value: &Value, dice: &mut Dice, rough: bool) -> String {
    let mut tree = Tree::of(value);
    for _ in 0..=dice.below(3) {
        // Of a document within another only one place would ever be changed, were the root as likely as the rest.
        let places = tree.places();
        let number = if places > 1 && !dice.percent(3) { 1 + dice.below(places - 1) } else { 0 };
        let donor = tree.place(dice.below(places)).cloned();
        if let Some(place) = tree.place(number) {
            change(place, donor, dice);
        }
    }
    if rough {
        let places = tree.places();
        if let Some(place) = tree.place(dice.below(places)) {
            roughen(place, dice);
        }
    }
    let mut out = String::new();
    tree.write(&mut out);
    out
}

/// Names that mean something somewhere.
const NAMES: [&str; 24] = [
    "",
    "_sd",
    "...",
    "_sd_alg",
    "exp",
    "nbf",
    "iat",
    "cnf",
    "jwk",
    "vct",
    "vct#integrity",
    "status",
    "status_list",
    "crit",
    "b64",
    "alg",
    "typ",
    "kid",
    "x5c",
    "extends",
    "id",
    "path",
    "values",
    "credential_sets",
];

/// One change that leaves JSON behind.
fn change(place: &mut Tree, donor: Option<Tree>, dice: &mut Dice) {
    match dice.below(10) {
        0..=2 => match place {
            Tree::Scalar(scalar) => *scalar = another(scalar, dice),
            Tree::List(items) => list(items, dice),
            Tree::Object(members) => object(members, dice),
        },
        3 | 4 => match place {
            Tree::Scalar(scalar) => *scalar = another(scalar, dice),
            Tree::List(items) if !items.is_empty() => drop(items.remove(dice.below(items.len()))),
            Tree::Object(members) if !members.is_empty() => drop(members.remove(dice.below(members.len()))),
            empty => *empty = Tree::Scalar("null".into()),
        },
        // Something from elsewhere in the same document.
        5 => *place = donor.unwrap_or_else(|| Tree::List(Vec::new())),
        6 => {
            let inner = place.clone();
            *place = if dice.percent(50) {
                Tree::List(vec![inner])
            } else {
                Tree::Object(vec![(quoted(dice.one(&NAMES)), inner)])
            };
        }
        7 => *place = Tree::Scalar(scalar(dice)),
        8 => *place = if dice.percent(50) { Tree::List(Vec::new()) } else { Tree::Object(Vec::new()) },
        _ => match place {
            Tree::Scalar(text) if text.starts_with('"') => *text = another(text, dice),
            other => *other = Tree::Scalar(scalar(dice)),
        },
    }
}

fn list(items: &mut Vec<Tree>, dice: &mut Dice) {
    let Some(item) = items.get(dice.below(items.len())).cloned() else {
        return items.push(Tree::Scalar(scalar(dice)));
    };
    match dice.below(4) {
        0 => items.push(item),
        1 => items.reverse(),
        2 => items.push(Tree::Scalar(scalar(dice))),
        _ => {
            let many = dice.one(&[2_usize, 5, 9, 17, 65, 257]);
            let room = BYTES_MAX / item.places().saturating_mul(64).max(1);
            items.extend(std::iter::repeat_n(item, many.min(room)));
        }
    }
}

fn object(members: &mut Vec<(String, Tree)>, dice: &mut Dice) {
    let at = dice.below(members.len());
    let taken = |members: &[(String, Tree)], name: &String| members.iter().any(|(known, _)| known == name);
    match dice.below(3) {
        0 => {
            let name = quoted(dice.one(&NAMES));
            if let Some((old, _)) = members.get(at).filter(|_| !taken(members, &name)).cloned()
                && let Some(member) = members.iter_mut().find(|(known, _)| *known == old)
            {
                member.0 = name;
            }
        }
        1 => {
            let name = quoted(&text::fragment(dice));
            if !taken(members, &name) {
                members.push((name, Tree::Scalar(scalar(dice))));
            }
        }
        _ => {
            let value = members.get(at).map(|(_, value)| value.clone());
            let name = quoted(dice.one(&NAMES));
            if !taken(members, &name) {
                members.push((name, value.unwrap_or(Tree::List(Vec::new()))));
            }
        }
    }
}

/// Another scalar in the place of `scalar`, near it where it is a text or a number.
fn another(scalar_text: &str, dice: &mut Dice) -> String {
    if let Ok(Value::String(text)) = serde_json::from_str(scalar_text) {
        return quoted(&text::changed(&text, dice));
    }
    if let Ok(number) = scalar_text.parse::<i64>() {
        let near = [1, -1, 60, -60, 61, 301, 86_400, -86_401, 4_000_000_000];
        let moved = number.saturating_add(dice.one(&near));
        return dice.one(&[moved, number.saturating_neg(), number.saturating_mul(1_000), 0]).to_string();
    }
    scalar(dice)
}

/// Any scalar that is JSON within RFC 7493.
fn scalar(dice: &mut Dice) -> String {
    let plain = [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "1",
        "-1",
        "2",
        "0.5",
        "-1.5",
        "1e3",
        "1E-7",
        "4294967296",
        "2147483648",
        "9007199254740991",
        "-9007199254740991",
        "253402300800",
        "-62135596801",
        "9007199254740.5",
        "1.0",
    ];
    if dice.percent(50) { dice.one(&plain).to_owned() } else { quoted(&text::fragment(dice)) }
}

/// One change after which a strict reader refuses.
fn roughen(place: &mut Tree, dice: &mut Dice) {
    match dice.below(6) {
        0 => {
            if let Tree::Object(members) = place
                && let Some(member) = members.get(dice.below(members.len())).cloned()
            {
                return members.push(member);
            }
            *place = Tree::Object(vec![
                (quoted("a"), place.clone()),
                ("\"\\u0061\"".into(), Tree::Scalar("1".into())),
            ]);
        }
        1 => {
            let numbers = [
                "9007199254740993",
                "18446744073709551616",
                "-9223372036854775809",
                "1e400",
                "9e99",
                "1e-400",
            ];
            *place = Tree::Scalar(dice.one(&numbers).to_owned());
        }
        2 => {
            let escapes = [
                r#""\ud800""#,
                r#""\udc00\ud800""#,
                r#""\x41""#,
                r#""\u12""#,
                "\"\u{1}\"",
                "\"\n\"",
                "'a'",
                "\"a",
            ];
            *place = Tree::Scalar(dice.one(&escapes).to_owned());
        }
        3 => {
            let levels = dice.one(&[24_usize, 31, 32, 33, 129, 5_000]);
            let mut text = "[".repeat(levels);
            place.write(&mut text);
            text.push_str(&"]".repeat(levels));
            *place = Tree::Scalar(text);
        }
        4 => {
            let words = ["nul", "NaN", "Infinity", "01", "1.", ".5", "+1", ""];
            *place = Tree::Scalar(dice.one(&words).to_owned());
        }
        _ => {
            let mut text = String::new();
            place.write(&mut text);
            *place = Tree::Scalar(text + dice.one(&[",", "]", "}", " 1", "//", "\u{feff}"]));
        }
    }
}
