//! DER (X.690) as a tree that is changed in one place and written again with lengths that are right.

use crate::{Dice, text};

/// A value, by its tag.
#[derive(Debug, Clone)]
pub(crate) enum Der {
    /// With the bytes that it is.
    Plain(u8, Vec<u8>),
    /// With the values that it holds. An octet string or a bit string that holds DER counts as such: what comes before
    /// the DER (the number of unused bits) stands first.
    Holding(u8, Vec<u8>, Vec<Der>),
}

const CONSTRUCTED: u8 = 0x20;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

impl Der {
    /// Reads all of `bytes` as one value.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let (value, rest) = Self::first(bytes, 0)?;
        rest.is_empty().then_some(value)
    }

    fn first(bytes: &[u8], depth: u8) -> Option<(Self, &[u8])> {
        let (&[tag, short], rest) = bytes.split_first_chunk()?;
        let (length, rest) = match short {
            0..=0x7f => (usize::from(short), rest),
            0x81..=0x83 => {
                let (digits, rest) = rest.split_at_checked(usize::from(short & 0x7f))?;
                (digits.iter().fold(0, |length, digit| (length << 8) | usize::from(*digit)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        let within = match tag {
            _ if depth > 16 => None,
            _ if tag & CONSTRUCTED != 0 => Self::all(content, depth).map(|all| (Vec::new(), all)),
            OCTET_STRING => {
                Self::all(content, depth).filter(|all| all.len() == 1).map(|all| (Vec::new(), all))
            }
            _ => None,
        };
        let value = match within {
            Some((before, all)) => Self::Holding(tag, before, all),
            None => Self::Plain(tag, content.to_vec()),
        };
        Some((value, rest))
    }

    fn all(mut bytes: &[u8], depth: u8) -> Option<Vec<Self>> {
        let mut all = Vec::new();
        while !bytes.is_empty() {
            let (value, rest) = Self::first(bytes, depth.saturating_add(1))?;
            all.push(value);
            bytes = rest;
        }
        Some(all)
    }

    /// Writes it.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let (tag, content) = match self {
            Self::Plain(tag, content) => (*tag, content.clone()),
            Self::Holding(tag, before, all) => {
                let inner = all.iter().flat_map(Self::to_bytes);
                (*tag, before.iter().copied().chain(inner).collect())
            }
        };
        let [.., c, b, a] = content.len().to_be_bytes();
        let mut out = vec![tag];
        match content.len() {
            0..0x80 => out.push(a),
            0x80..0x100 => out.extend([0x81, a]),
            0x100..0x1_0000 => out.extend([0x82, b, a]),
            _ => out.extend([0x83, c, b, a]),
        }
        out.extend(content);
        out
    }

    /// The values right in it.
    pub(crate) fn parts(&mut self) -> &mut [Self] {
        match self {
            Self::Plain(..) => &mut [],
            Self::Holding(_, _, all) => all,
        }
    }

    fn places(&self) -> usize {
        match self {
            Self::Plain(..) => 1,
            Self::Holding(_, _, all) => all.iter().map(Self::places).sum::<usize>().saturating_add(1),
        }
    }

    fn place(&mut self, mut number: usize) -> Option<&mut Self> {
        if number == 0 {
            return Some(self);
        }
        number = number.saturating_sub(1);
        for part in self.parts() {
            let places = part.places();
            if number < places {
                return part.place(number);
            }
            number = number.saturating_sub(places);
        }
        None
    }

    /// Changes one place: mostly a plain value in a way that its type allows.
    pub(crate) fn change(&mut self, dice: &mut Dice) {
        let places = self.places();
        let gentle = dice.percent(75);
        for _ in 0..20 {
            let Some(place) = self.place(dice.below(places)) else { return };
            match place {
                Self::Plain(tag, content) if gentle => return gently(*tag, content, dice),
                Self::Holding(..) if gentle => {}
                other => return other.roughly(dice),
            }
        }
    }

    fn roughly(&mut self, dice: &mut Dice) {
        match self {
            Self::Plain(tag, content) => match dice.below(4) {
                0 => *tag = dice.one(&[0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x17, 0x82, 0xff]),
                1 => *content = text::fragment(dice).into_bytes(),
                2 => content.clear(),
                _ => *content = text::changed_bytes(content, dice),
            },
            Self::Holding(tag, _, all) => {
                let at = dice.below(all.len());
                match dice.below(4) {
                    0 => *tag = dice.one(&[0x30, 0x31, 0xa0, 0xa3, 0x04, 0x24]),
                    1 => all.extend(all.get(at).cloned()),
                    2 => all.reverse(),
                    _ => {
                        if at < all.len() {
                            drop(all.remove(at));
                        }
                    }
                }
            }
        }
    }
}

/// Another value of the same type.
fn gently(tag: u8, content: &mut Vec<u8>, dice: &mut Dice) {
    match tag {
        UTC_TIME | GENERALIZED_TIME => {
            let times: [&[u8]; 6] = [
                b"500101000000Z",
                b"491231235959Z",
                b"240229120000Z",
                b"700101000000Z",
                b"20500101000000Z",
                b"99991231235959Z",
            ];
            let fits: Vec<&[u8]> =
                times.into_iter().filter(|t| (t.len() == 13) == (tag == UTC_TIME)).collect();
            *content = dice.one(&fits).to_vec();
        }
        // Names: UTF8String, PrintableString, IA5String, and a DNS name among alternative names.
        0x0c | 0x13 | 0x16 | 0x82 => {
            let at = dice.below(content.len());
            if let Some(byte) = content.get_mut(at) {
                *byte = dice.one(b"AZaz09 -.'()+,/:=?");
            } else {
                content.push(b'A');
            }
        }
        // The first byte of a bit string says how many bits are unused.
        BIT_STRING => {
            let at = 1 + dice.below(content.len().saturating_sub(1));
            if let Some(byte) = content.get_mut(at) {
                *byte ^= 0x10;
            }
        }
        0x01 => *content = vec![dice.one(&[0x00, 0xff])],
        _ => {
            // Not the first byte: of a number it would be the sign.
            let at = content.len().saturating_sub(1 + dice.below(content.len().saturating_sub(1)));
            if let Some(byte) = content.get_mut(at) {
                *byte = (*byte & 0x80) | dice.one(&[0, 1, 2, 3, 5, 0x7f]);
            }
        }
    }
}
