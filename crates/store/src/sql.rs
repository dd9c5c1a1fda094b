//! Statements: [`Sql`], the macro [`statements!`](crate::statements) that makes them, and the reading of SQL text
//! that both engines understand.
//!
//! A text that is not portable in its syntax is refused when the program is compiled; what only an engine can judge
//! (names, types) by [`Store::prepare_check`](crate::Store::prepare_check).

use std::{fmt, fmt::Write as _, sync::OnceLock};

/// A statement of the program, the same text for both engines, with parameters `$1` … `$n`.
pub struct Sql {
    name: &'static str,
    text: &'static str,
    sqlite: OnceLock<Box<str>>,
}

impl fmt::Debug for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Sql {
    /// For the macro `statements!` alone, which registers what it makes.
    #[doc(hidden)]
    pub const fn __registered(name: &'static str, text: &'static str) -> Self {
        assert!(is_statement(text), "a statement begins with SELECT, INSERT, UPDATE, DELETE or WITH");
        assert!(
            is_portable(text, false),
            "the two engines read this text differently: see store::sql::is_portable"
        );
        Self { name, text, sqlite: OnceLock::new() }
    }

    /// Module and name, as declared: `identity::people::store::INSERT_PERSON`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The text, as declared.
    pub const fn text(&self) -> &'static str {
        self.text
    }

    /// The text for `SQLite`, rewritten once.
    pub(crate) fn sqlite(&self) -> &str {
        self.sqlite.get_or_init(|| for_sqlite(self.text).into_boxed_str())
    }
}

/// Declares the statements of a module, and `STATEMENTS`, the list of all of them.
///
/// ```ignore
/// store::statements! {
///     /// A new person.
///     INSERT_PERSON = "INSERT INTO identity_person (id, given_name) VALUES ($1, $2)";
/// }
/// tx.execute(&INSERT_PERSON, store::params![id, name]).await?;
/// ```
///
/// One module, one list: a crate's `lib.rs` hands out its modules' lists, so that the test that prepares every
/// statement on both engines misses none.
#[macro_export]
macro_rules! statements {
    (@ $list:vis, $($(#[$doc:meta])* $name:ident = $text:expr;)+) => {
        $(
            $(#[$doc])*
            pub(crate) static $name: $crate::Sql =
                $crate::Sql::__registered(concat!(module_path!(), "::", stringify!($name)), $text);
        )+
        /// Every statement of this module.
        $list static STATEMENTS: &[&$crate::Sql] = &[$(&$name),+];
    };
    ($($(#[$doc:meta])* $name:ident = $text:expr;)+) => {
        $crate::statements! { @ pub, $($(#[$doc])* $name = $text;)+ }
    };
}

/// Whether a text begins like a statement that a transaction may run.
const fn is_statement(text: &str) -> bool {
    let text = text.as_bytes().trim_ascii_start();
    begins(text, b"SELECT")
        || begins(text, b"INSERT")
        || begins(text, b"UPDATE")
        || begins(text, b"DELETE")
        || begins(text, b"WITH")
}

/// Whether a text begins with a word and white space.
const fn begins(text: &[u8], word: &[u8]) -> bool {
    let mut i = 0;
    while i < word.len() {
        #[expect(clippy::indexing_slicing, reason = "i < len; const functions cannot iterate")]
        if !is_byte(text, i, word[i]) {
            return false;
        }
        i += 1;
    }
    is_byte(text, i, b' ') || is_byte(text, i, b'\n')
}

/// Whether both engines read a text the same way: no `?`, `:`, `@`, `#`, `` ` ``, `[`, `{`, backslash or `/*` outside
/// quotes (casts are `CAST(… AS …)`), no prefixed strings (`E'…'`, `x'…'`), no dollar quotes, nothing left open, and
/// a `;` only in a `script`, which for its part has no parameters.
pub(crate) const fn is_portable(text: &str, script: bool) -> bool {
    let text = text.as_bytes();
    let mut i = 0;
    let mut before = b' ';
    while i < text.len() {
        #[expect(clippy::indexing_slicing, reason = "i < len; const functions cannot iterate")]
        let byte = text[i];
        let next = if i + 1 < text.len() {
            #[expect(clippy::indexing_slicing, reason = "just compared")]
            text[i + 1]
        } else {
            b' '
        };
        match byte {
            0 | 128.. | b'?' | b':' | b'@' | b'#' | b'`' | b'[' | b']' | b'{' | b'}' | b'\\' => return false,
            b';' if !script => return false,
            b'/' if next == b'*' => return false,
            b'$' if script || is_word(before) || !matches!(next, b'1'..=b'9') => return false,
            b'-' if next == b'-' => {
                while i < text.len() && !is_byte(text, i, b'\n') {
                    i += 1;
                }
            }
            b'\'' | b'"' => {
                if is_word(before) {
                    return false;
                }
                i += 1;
                while !is_byte(text, i, byte) {
                    if i >= text.len() || is_byte(text, i, 0) {
                        return false;
                    }
                    i += 1;
                }
            }
            _ => {}
        }
        before = byte;
        i += 1;
    }
    true
}

const fn is_byte(text: &[u8], at: usize, byte: u8) -> bool {
    #[expect(clippy::indexing_slicing, reason = "just compared")]
    let there = at < text.len() && text[at] == byte;
    there
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$'
}

/// A piece of SQL text. All pieces, one after the other, are the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// A keyword, a name or a number.
    Word(&'a str),
    /// `$n`.
    Param(&'a str),
    /// `'…'` or `"…"` or `-- …`, with its delimiters.
    Opaque(&'a str),
    /// One other character.
    Other(&'a str),
}

/// Cuts a portable text into pieces.
pub(crate) fn pieces<'a>(text: &'a str) -> Vec<Piece<'a>> {
    let mut rest = text;
    let mut found = Vec::new();
    let run = |t: &str, f: fn(char) -> bool| t.find(|c| !f(c)).unwrap_or(t.len());
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    while let Some(first) = rest.chars().next() {
        let quoted = |q: char| rest.get(1..).and_then(|t| t.find(q)).map_or(rest.len(), |end| end + 2);
        let (len, kind): (usize, fn(&'a str) -> Piece<'a>) = match first {
            '\'' | '"' => (quoted(first), Piece::Opaque),
            '-' if rest.starts_with("--") => (rest.find('\n').unwrap_or(rest.len()), Piece::Opaque),
            '$' => (1 + run(rest.get(1..).unwrap_or_default(), |c| c.is_ascii_digit()), Piece::Param),
            c if word(c) => (run(rest, word), Piece::Word),
            c => (c.len_utf8(), Piece::Other),
        };
        let (piece, after) = rest.split_at_checked(len).unwrap_or((rest, ""));
        found.push(kind(piece));
        rest = after;
    }
    found
}

/// `$n` becomes `?n` (rusqlite numbers `$n` by first appearance), and a cast to `BYTEA` one to `BLOB`
/// (to `SQLite` an unknown type's name means a number).
fn for_sqlite(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Param(p) => {
                let _ = write!(out, "?{}", p.trim_start_matches('$'));
            }
            Piece::Word(w) if w.eq_ignore_ascii_case("BYTEA") => out.push_str("BLOB"),
            Piece::Word(t) | Piece::Opaque(t) | Piece::Other(t) => out.push_str(t),
        }
    }
    out
}

/// Whether a statement has `LIKE` without `ESCAPE`: `PostgreSQL` escapes with a backslash then, `SQLite` with nothing.
pub(crate) fn has_bare_like(text: &str) -> bool {
    let has =
        |word: &str| pieces(text).iter().any(|p| matches!(p, Piece::Word(w) if w.eq_ignore_ascii_case(word)));
    has("LIKE") && !has("ESCAPE")
}

#[cfg(test)]
mod tests;
