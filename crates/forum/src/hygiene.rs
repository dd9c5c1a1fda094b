//! What may stand in a text that somebody enters: NFC, no controls, nothing that hides or turns what is written.

use base::unseen::deceives;
use unicode_normalization::UnicodeNormalization;

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    /// Nothing is there.
    #[error("a text is missing")]
    Empty,
    /// It is longer than it may be.
    #[error("a text is too long")]
    TooLong,
    /// It has control characters, or ones that hide or turn what is written.
    #[error("a text has characters that are not seen or that turn it round")]
    Deceives,
}

/// One line of at most `chars_max` characters, in NFC and without blanks around it.
pub fn line(text: &str, chars_max: usize) -> Result<String, BadText> {
    clean(text, chars_max, |_| false)
}

/// The same with line breaks (`\n`; `\r\n` becomes one) and tabs.
pub fn prose(text: &str, chars_max: usize) -> Result<String, BadText> {
    clean(&text.replace("\r\n", "\n"), chars_max, |c| matches!(c, '\n' | '\t'))
}

fn clean(text: &str, chars_max: usize, allowed: fn(char) -> bool) -> Result<String, BadText> {
    // Four bytes a character at most, before anything is copied; NFC can triple a text.
    if text.len() > chars_max.saturating_mul(12) {
        return Err(BadText::TooLong);
    }
    let clean: String = text.trim().nfc().collect();
    if clean.is_empty() {
        return Err(BadText::Empty);
    }
    if clean.chars().count() > chars_max {
        return Err(BadText::TooLong);
    }
    if clean.chars().any(|c| (c.is_control() && !allowed(c)) || deceives(c)) {
        return Err(BadText::Deceives);
    }
    Ok(clean)
}

/// A name that stands in addresses: letters, digits, `.` and `-`, a letter or a digit first; at most 40.
pub fn is_symbol(text: &str) -> bool {
    text.len() <= 40
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
}
