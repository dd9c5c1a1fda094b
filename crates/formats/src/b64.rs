//! Base64 (RFC 4648), strictly: one text for one value, so that no two texts of a token mean the same bytes.
//!
//! A presentation is some six thousand characters of it, so it is read four characters a step by tables that hold each
//! character's bits in their place, and written two characters a step. Which characters come says nothing that the
//! token does not say: keys are not written in this form where the time that it takes could be measured.

/// The text is not base64 of the kind asked for: a foreign character, padding where none belongs
/// (or none where it does), or trailing bits that are not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not base64 as required")]
pub struct Error;

const URL_SAFE: Alphabet =
    Alphabet::new(*b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
const STANDARD: Alphabet =
    Alphabet::new(*b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
static URL_SAFE_TABLES: Alphabet = URL_SAFE;
static STANDARD_TABLES: Alphabet = STANDARD;

/// Base64url without padding (RFC 4648, section 5; RFC 7515, section 2).
pub fn encode(bytes: &[u8]) -> String {
    let mut out = Vec::new();
    encode_to(bytes, &mut out);
    text(out)
}

/// [`encode`] at the end of `out`.
pub(crate) fn encode_to(bytes: &[u8], out: &mut Vec<u8>) {
    URL_SAFE_TABLES.encode_to(bytes, out);
}

/// How long [`encode`] of so many bytes is.
pub(crate) const fn encoded_len(bytes: usize) -> usize {
    bytes.saturating_mul(4).div_ceil(3)
}

/// Reads base64url without padding.
pub fn decode(text: &str) -> Result<Vec<u8>, Error> {
    URL_SAFE_TABLES.decode(text.as_bytes())
}

/// Base64 with padding (RFC 4648, section 4), the form of `x5c` (RFC 7515, section 4.1.6).
pub fn encode_std(bytes: &[u8]) -> String {
    let mut out = Vec::new();
    STANDARD_TABLES.encode_to(bytes, &mut out);
    out.resize(out.len().next_multiple_of(4), b'=');
    text(out)
}

/// Reads base64 with padding.
pub fn decode_std(text: &str) -> Result<Vec<u8>, Error> {
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(4) {
        return Err(Error);
    }
    let unpadded = bytes.strip_suffix(b"==").or_else(|| bytes.strip_suffix(b"=")).unwrap_or(bytes);
    STANDARD_TABLES.decode(unpadded)
}

/// What the alphabet wrote, which is ASCII.
fn text(out: Vec<u8>) -> String {
    String::from_utf8(out).unwrap_or_default()
}

/// Set in what is found for a character that is not of the alphabet.
const FOREIGN: u32 = 1 << 31;

/// An alphabet, as tables.
struct Alphabet {
    /// The character of each 6 bits.
    characters: [u8; 64],
    /// The two characters of each 12 bits.
    pairs: [[u8; 2]; 4_096],
    /// The bits of each character as the first, second, third and fourth of four.
    bits: [[u32; 256]; 4],
}

impl Alphabet {
    #[expect(clippy::indexing_slicing, reason = "computed by the compiler, which would notice")]
    #[expect(clippy::cast_possible_truncation, reason = "below 64")]
    const fn new(characters: [u8; 64]) -> Self {
        let mut pairs = [[0; 2]; 4_096];
        let mut n = 0;
        while n < 4_096 {
            pairs[n] = [characters[n / 64], characters[n % 64]];
            n += 1;
        }
        let mut bits = [[FOREIGN; 256]; 4];
        let mut n = 0;
        while n < 64 {
            let mut place = 0;
            while place < 4 {
                bits[place][characters[n] as usize] = (n as u32) << (18 - 6 * place);
                place += 1;
            }
            n += 1;
        }
        Self { characters, pairs, bits }
    }

    fn character(&self, six_bits: u32) -> u8 {
        usize::try_from(six_bits % 64).ok().and_then(|n| self.characters.get(n).copied()).unwrap_or_default()
    }

    fn pair(&self, twelve_bits: u32) -> [u8; 2] {
        usize::try_from(twelve_bits % 4_096).ok().and_then(|n| self.pairs.get(n).copied()).unwrap_or_default()
    }

    fn encode_to(&self, bytes: &[u8], out: &mut Vec<u8>) {
        out.reserve(encoded_len(bytes.len()).saturating_add(3));
        let (threes, rest) = bytes.as_chunks::<3>();
        out.extend(threes.iter().flat_map(|[a, b, c]| {
            let all = u32::from(*a) << 16 | u32::from(*b) << 8 | u32::from(*c);
            let ([first, second], [third, fourth]) = (self.pair(all >> 12), self.pair(all));
            [first, second, third, fourth]
        }));
        match *rest {
            [a] => out.extend(self.pair(u32::from(a) << 4)),
            [a, b] => {
                let all = u32::from(a) << 8 | u32::from(b);
                out.extend(self.pair(all >> 4));
                out.push(self.character(all << 2));
            }
            _ => {}
        }
    }

    /// The bits of four characters; [`FOREIGN`] if one of them is not of the alphabet.
    fn four(&self, characters: [u8; 4]) -> u32 {
        let at =
            |place: &[u32; 256], character: u8| place.get(usize::from(character)).copied().unwrap_or(FOREIGN);
        let [first, second, third, fourth] = &self.bits;
        let [a, b, c, d] = characters;
        at(first, a) | at(second, b) | at(third, c) | at(fourth, d)
    }

    fn decode(&self, text: &[u8]) -> Result<Vec<u8>, Error> {
        let (fours, rest) = text.as_chunks::<4>();
        let mut out = Vec::with_capacity(fours.len().saturating_mul(3).saturating_add(2));
        let mut seen = 0;
        out.extend(fours.iter().flat_map(|four| {
            let all = self.four(*four);
            seen |= all;
            let [_, a, b, c] = all.to_be_bytes();
            [a, b, c]
        }));
        // What is missing at the end counts as zeros, and so must be what is left over of the last character.
        let zero = self.character(0);
        let (last, bytes) = match *rest {
            [] => (0, 0),
            [a, b] => (self.four([a, b, zero, zero]), 1),
            [a, b, c] => (self.four([a, b, c, zero]), 2),
            _ => return Err(Error),
        };
        let [_, a, b, c] = last.to_be_bytes();
        out.extend([a, b].into_iter().take(bytes));
        let left_over = if bytes == 1 { b | c } else { c };
        if (seen | last) & FOREIGN != 0 || left_over != 0 { Err(Error) } else { Ok(out) }
    }
}

#[cfg(test)]
mod tests;
