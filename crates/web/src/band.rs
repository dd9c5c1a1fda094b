//! The woven band: a strip of cloth computed from the thumbprint of a party's key.
//!
//! The same key has the same band on every page, so that people recognise whom they have met before. It proves
//! nothing by itself: the verified name stands beside it.
//!
//! One repeat is a row of blocks and the same row mirrored. The thumbprint says in which order the six threads are used
//! (so that a band has a colour of its own), how wide each block is and which figure it bears. Every figure is its own mirror
//! image, so a band has no direction, as a page in Arabic has none of its own.

use std::fmt::Write as _;

/// Threads: indigo, leaf, laterite, sun, ink, sand.
const THREADS: [&str; 6] = ["#2B3A8C", "#1F6B4A", "#A3341A", "#D69A2D", "#1B1A17", "#E6D9B8"];
/// Blocks of one half.
const BLOCKS: usize = 5;
/// How wide blocks are.
const WIDTHS: [u16; 4] = [12, 16, 20, 28];
/// How high a band is, and twice how high a half of it.
const HEIGHT: u16 = 24;
/// How wide the middle of a band is that stands beside a name: less than the narrowest repeat.
const SWATCH: u16 = 144;
/// Between blocks.
const WARP: u16 = 3;

/// One block.
struct Block {
    width: u16,
    ground: &'static str,
    figure: &'static str,
    shape: u8,
}

/// The blocks of one half, and the thread between them.
fn weave(thumbprint: &[u8; 32]) -> (Vec<Block>, &'static str) {
    let mut bytes = thumbprint.iter().map(|byte| usize::from(*byte));
    let mut next = || bytes.next().unwrap_or_default();
    let mut threads = THREADS;
    // Each order of the threads, by exchanging (Fisher and Yates).
    for at in (1..threads.len()).rev() {
        let other = next() % (at + 1);
        threads.swap(at, other);
    }
    let [first, second, third, fourth, fifth, warp] = threads;
    let blocks = (0..BLOCKS).map(|place| {
        let (byte, form) = (next(), next());
        Block {
            width: WIDTHS.get(form % WIDTHS.len()).copied().unwrap_or(16),
            ground: if place % 2 == 0 { first } else { second },
            figure: match byte % 3 {
                0 => third,
                1 => fourth,
                _ => fifth,
            },
            shape: u8::try_from(byte / 3 % 8).unwrap_or_default(),
        }
    });
    (blocks.collect(), warp)
}

/// One repeat as SVG, and how wide it is.
fn repeat(thumbprint: &[u8; 32]) -> (String, u16) {
    let (half, warp) = weave(thumbprint);
    let (mut cells, mut x) = (String::new(), 0);
    for block in half.iter().chain(half.iter().rev()) {
        let (width, ground, figure) = (block.width, block.ground, block.figure);
        let _ = write!(
            cells,
            "<path fill=\"{ground}\" d=\"M{x} 0h{width}v{HEIGHT}h-{width}z\"/>\
             <path fill=\"{figure}\" transform=\"translate({x})\" d=\"{shape}\"/>\
             <path fill=\"{warp}\" d=\"M{end} 0h{WARP}v{HEIGHT}h-{WARP}z\"/>",
            shape = shape(block.shape, width),
            end = x + width,
        );
        x += width + WARP;
    }
    // The weft: thin shadows, without which it would be paper.
    cells.push_str("<path stroke=\"#000\" stroke-opacity=\".16\" d=\"");
    for line in 1..HEIGHT / 3 {
        let _ = write!(cells, "M0 {}h{x}", line * 3);
    }
    cells.push_str("\"/>");
    (cells, x)
}

/// The band of a key, as an SVG element as wide as its surroundings.
pub fn svg(thumbprint: &[u8; 32]) -> String {
    let (cells, width) = repeat(thumbprint);
    // Several bands may stand on one page.
    let id = base16ct::lower::encode_string(thumbprint.get(..6).unwrap_or_default());
    format!(
        "<svg class=\"band\" width=\"100%\" height=\"{HEIGHT}\" aria-hidden=\"true\" focusable=\"false\"><defs>\
         <pattern id=\"b{id}\" width=\"{width}\" height=\"{HEIGHT}\" patternUnits=\"userSpaceOnUse\">{cells}</pattern>\
         </defs><rect width=\"100%\" height=\"{HEIGHT}\" fill=\"url(#b{id})\"/></svg>"
    )
}

/// The middle of the band of a key, to stand beside a name: as wide for every key.
pub fn swatch(thumbprint: &[u8; 32]) -> String {
    let (cells, width) = repeat(thumbprint);
    // Its last thread is where the next repeat begins.
    let left = (width - WARP).saturating_sub(SWATCH) / 2;
    format!(
        "<svg class=\"swatch\" width=\"{SWATCH}\" height=\"{HEIGHT}\" viewBox=\"{left} 0 {SWATCH} {HEIGHT}\" \
         aria-hidden=\"true\" focusable=\"false\">{cells}</svg>"
    )
}

/// A figure in a block that is so wide: its own mirror image.
fn shape(figure: u8, w: u16) -> String {
    let (half, third) = (w / 2, w / 4);
    match figure {
        // A lozenge.
        0 => format!("M{half} 2 {r} 12 {half} 22 2 12z", r = w - 2),
        // An hourglass.
        1 => format!("M0 0h{w}L{half} 12zM0 24h{w}L{half} 12z"),
        // Two bars across.
        2 => format!("M0 4h{w}v5H0zM0 15h{w}v5H0z"),
        // Checks.
        3 => format!(
            "M0 0h{third}v6H0zM{r} 0h{third}v6h-{third}zM{third} 6h{m}v6h-{m}zM0 12h{third}v6H0zM{r} 12h{third}v6h-{third}zM{third} 18h{m}v6h-{m}z",
            r = w - third,
            m = w - 2 * third
        ),
        // Peaks, one above the other.
        4 => format!("M0 11 {half} 1 {w} 11v5L{half} 6 0 16zM0 20 {half} 10 {w} 20v4h-3L{half} 15 3 24H0z"),
        // Two small lozenges.
        5 => format!(
            "M{half} 1 {r} 6.5 {half} 12 {l} 6.5zM{half} 12 {r} 17.5 {half} 23 {l} 17.5z",
            l = half - 4,
            r = half + 4
        ),
        // A cross.
        6 => format!("M{l} 2h4v8h{a}v4h-{a}v8h-4v-8h-{a}v-4h{a}z", l = half - 2, a = half - 3),
        // A post.
        _ => format!("M{l} 0h2v24h-2zM{r} 0h2v24h-2z", l = half - 3, r = half + 1),
    }
}

#[cfg(test)]
mod tests;
