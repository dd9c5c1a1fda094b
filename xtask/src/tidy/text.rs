//! Source text without what is not code.
//!
//! All of it keeps every byte of what stays where it was, so that a place in one is a place in all.

use std::ops::Range;

/// Blanks comments, and the insides of strings and character literals too.
pub(super) fn code_only(text: &str) -> String {
    blank(text, true)
}

/// Blanks comments; strings stay.
pub(super) fn without_comments(text: &str) -> String {
    blank(text, false)
}

fn blank(text: &str, strings_too: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    let put = |out: &mut String, c: char, keep: bool| {
        if keep || c == '\n' {
            out.push(c);
        } else {
            out.extend(std::iter::repeat_n(' ', c.len_utf8()));
        }
    };
    while i < chars.len() {
        let c = at(i);
        if c == '/' && at(i + 1) == '/' {
            while i < chars.len() && at(i) != '\n' {
                put(&mut out, at(i), false);
                i += 1;
            }
        } else if c == '/' && at(i + 1) == '*' {
            let mut depth = 0_u32;
            loop {
                let (opens, closes) = (at(i) == '/' && at(i + 1) == '*', at(i) == '*' && at(i + 1) == '/');
                depth = if opens { depth + 1 } else { depth - u32::from(closes) };
                let step = if opens || closes { 2 } else { 1 };
                for offset in 0..step {
                    put(&mut out, at(i + offset), false);
                }
                i += step;
                if depth == 0 || i >= chars.len() {
                    break;
                }
            }
        } else if let Some(hashes) = raw_string(&chars, i) {
            let opening = 1 + usize::from(c == 'b') + hashes + 1;
            for offset in 0..opening {
                out.push(at(i + offset));
            }
            i += opening;
            let ends = |i: usize| at(i) == '"' && (1..=hashes).all(|offset| at(i + offset) == '#');
            while i < chars.len() && !ends(i) {
                put(&mut out, at(i), !strings_too);
                i += 1;
            }
            for offset in 0..=hashes {
                if i + offset < chars.len() {
                    out.push(at(i + offset));
                }
            }
            i += hashes + 1;
        } else if c == '"' || (c == '\'' && is_char(&chars, i)) {
            out.push(c);
            i += 1;
            while i < chars.len() && at(i) != c {
                let step = if at(i) == '\\' { 2 } else { 1 };
                for offset in 0..step {
                    if i + offset < chars.len() {
                        put(&mut out, at(i + offset), !strings_too);
                    }
                }
                i += step;
            }
            if i < chars.len() {
                out.push(c);
            }
            i += 1;
        } else {
            out.push(c);
            i += 1;
        }
    }
    out
}

/// The number of `#` of the raw string that begins here, if one does.
fn raw_string(chars: &[char], start: usize) -> Option<usize> {
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let inside_word = start > 0 && (at(start - 1).is_alphanumeric() || at(start - 1) == '_');
    let r = if at(start) == 'b' { start + 1 } else { start };
    if inside_word || at(r) != 'r' {
        return None;
    }
    let hashes = (r + 1..chars.len()).take_while(|&index| at(index) == '#').count();
    (at(r + 1 + hashes) == '"').then_some(hashes)
}

/// Whether the quote begins a character literal and not a lifetime.
fn is_char(chars: &[char], quote: usize) -> bool {
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    at(quote + 1) == '\\' || at(quote + 2) == '\''
}

/// Where items under `#[cfg(test)]` stand in text that has been through [`code_only`]; and the names of the
/// modules declared there whose text is in files of their own.
pub(super) fn tests_in(code: &str) -> (Vec<Range<usize>>, Vec<String>) {
    let mut ranges = Vec::new();
    let mut modules = Vec::new();
    let mut from = 0;
    while let Some(found) = code.get(from..).and_then(|rest| rest.find("#[cfg(test)]")) {
        let start = from + found;
        let rest = code.get(start..).unwrap_or_default();
        let item = rest.get(..item_length(rest)).unwrap_or(rest);
        if let Some((_, name)) = item.strip_suffix(';').and_then(|item| item.rsplit_once("mod ")) {
            modules.push(name.trim().to_owned());
        }
        from = start + item.len();
        ranges.push(start..from);
    }
    (ranges, modules)
}

/// Blanks these ranges.
pub(super) fn without(text: &str, ranges: &[Range<usize>]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for range in ranges {
        out.push_str(text.get(from..range.start).unwrap_or_default());
        let item = text.get(range.clone()).unwrap_or_default();
        out.extend(item.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        from = range.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// Code that is not a test: through [`code_only`] and without items under `#[cfg(test)]`.
pub(super) fn product_code(text: &str) -> String {
    let code = code_only(text);
    without(&code, &tests_in(&code).0)
}

/// How long the item is that these attributes begin: up to its `;`, or to the brace that closes it.
fn item_length(text: &str) -> usize {
    let (mut braces, mut brackets) = (0_i32, 0_i32);
    for (index, c) in text.char_indices() {
        match c {
            '[' | '(' => brackets += 1,
            ']' | ')' => brackets -= 1,
            '{' => braces += 1,
            '}' => {
                braces -= 1;
                if braces == 0 {
                    return index + 1;
                }
            }
            ';' if braces == 0 && brackets == 0 => return index + 1,
            _ => {}
        }
    }
    text.len()
}

/// The line, counted from one, of a place in the text.
pub(super) fn line(text: &str, index: usize) -> usize {
    text.get(..index).unwrap_or(text).matches('\n').count() + 1
}

/// Where `word` stands in the text, not as part of a longer word.
pub(super) fn occurrences<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).map(|(index, _)| index).filter(move |&index| {
        let before = text.get(..index).and_then(|before| before.chars().next_back());
        let after = text.get(index + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
    })
}
