//! Characters that make a text look other than it is: what hides, and what turns the text round it. Control characters are
//! not among them ([`char::is_control`]).

/// Whether a character hides or turns text, and is needed to write no name in any script: overrides, isolates and marks of
/// direction, zero-width characters but the joiners (which names in Persian and in Indic scripts need), separators of
/// lines, tags. What people enter or say is refused with them.
pub const fn deceives(c: char) -> bool {
    matches!(c,
        '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether a character is not seen where it stands: those that [`deceives`] knows, and joiners, fillers and selectors of
/// variants. What strangers say of themselves is shown without them, so that no two look the same.
pub const fn is_unseen(c: char) -> bool {
    deceives(c)
        || matches!(c,
            '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}' | '\u{200c}' | '\u{200d}'
            | '\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0080}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_deceives_what_is_merely_unseen_and_what_is_seen() {
        for c in [
            '\u{202a}',
            '\u{202e}',
            '\u{2066}',
            '\u{200b}',
            '\u{200e}',
            '\u{61c}',
            '\u{feff}',
            '\u{2028}',
            '\u{e0041}',
        ] {
            assert!(deceives(c) && is_unseen(c), "{c:?}");
        }
        // The joiners of Persian and Indic names, a selector in Mongolian and one in Japanese names; a soft hyphen.
        for c in ['\u{200c}', '\u{200d}', '\u{180b}', '\u{e0100}', '\u{ad}'] {
            assert!(!deceives(c) && is_unseen(c), "{c:?}");
        }
        for c in ['a', 'é', '国', 'ه', '\u{301}', ' ', '\n'] {
            assert!(!deceives(c) && !is_unseen(c), "{c:?}");
        }
    }
}
