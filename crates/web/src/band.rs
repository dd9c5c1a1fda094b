//! The woven band: a strip of cloth computed from the thumbprint of a party's key.
//!
//! The same key has the same band on every page, so that people recognise whom they have met before. It proves
//! nothing by itself: the verified name stands beside it.

use std::fmt::Write as _;

/// Threads: indigo, leaf, laterite, sun, ink, sand.
const THREADS: [&str; 6] = ["#2B3A8C", "#1F6B4A", "#A3341A", "#C98A1B", "#1B1A17", "#D9CBA8"];
/// Columns of one half of the pattern; the other half is its mirror image.
const COLUMNS: usize = 8;
/// Width of a column and half the height of the band.
const UNIT: usize = 10;

/// The band of a key, as an SVG element as wide as its surroundings.
pub fn svg(thumbprint: &[u8; 32]) -> String {
    let mut cells = String::new();
    let ground = usize::from(thumbprint.last().copied().unwrap_or_default());
    for (column, byte) in thumbprint.iter().take(COLUMNS).map(|b| usize::from(*b)).enumerate() {
        let (under, over) = colours(ground + column % 2 * (1 + ground / 6 % 5), byte);
        let shape = shape(byte % 6);
        for x in [column, 2 * COLUMNS - 1 - column].map(|place| place * UNIT) {
            let _ = write!(
                cells,
                "<g transform=\"translate({x})\"><path fill=\"{under}\" d=\"M0 0h10v20H0z\"/>\
                 <path fill=\"{over}\" d=\"{shape}\"/></g>"
            );
        }
    }
    let width = 2 * COLUMNS * UNIT;
    format!(
        "<svg class=\"band\" width=\"100%\" height=\"20\" aria-hidden=\"true\" focusable=\"false\"><defs>\
         <pattern id=\"band\" width=\"{width}\" height=\"20\" patternUnits=\"userSpaceOnUse\">{cells}</pattern>\
         </defs><rect width=\"100%\" height=\"20\" fill=\"url(#band)\"/></svg>"
    )
}

/// Ground and figure of a cell, never the same.
fn colours(ground: usize, byte: usize) -> (&'static str, &'static str) {
    let under = ground % THREADS.len();
    let over = (under + 1 + byte / 6 % (THREADS.len() - 1)) % THREADS.len();
    let thread = |n: usize| THREADS.get(n).copied().unwrap_or_default();
    (thread(under), thread(over))
}

/// Figures that are their own mirror image, so that the band has no direction.
const fn shape(n: usize) -> &'static str {
    match n {
        0 => "M5 0 10 10 5 20 0 10z",
        1 => "M0 0h10L5 10zM0 20h10L5 10z",
        2 => "M4 0h2v20H4z",
        3 => "M2 7h6v6H2z",
        4 => "M0 4h10v3H0zM0 13h10v3H0z",
        _ => "M5 2 9 6 5 10 1 6zM5 10 9 14 5 18 1 14z",
    }
}

/// One repeat of the band of a key, to stand beside a name.
pub fn swatch(thumbprint: &[u8; 32]) -> String {
    svg(thumbprint)
}
