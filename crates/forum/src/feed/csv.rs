//! Tables as RFC 4180 has them, for people who open them in a spreadsheet.
//!
//! Every cell is quoted. The text is UTF-8 and says so with a byte order mark, without which spreadsheets guess an
//! encoding of their own and spoil every name that is not Latin.
//!
//! **Cells that would run.** What others wrote can begin so that a spreadsheet takes it for a formula. A cell whose first
//! character that is not white space is one of `= + - @` (or one of their full-width forms), or that begins with a
//! tabulator, a line break or an apostrophe, gets one apostrophe in front. So a first apostrophe is always ours: taking it
//! away gives back what was written.

/// A table that is being written.
#[derive(Debug)]
pub struct Table(String);

/// The byte order mark (Unicode, section 23.8).
const MARK: char = '\u{feff}';

impl Table {
    /// One with its header.
    pub fn new(header: &[&str]) -> Self {
        let mut table = Self(String::from(MARK));
        table.row(header.iter().copied());
        table
    }

    /// Rows to be written behind a table that was begun before.
    pub const fn rows_only() -> Self {
        Self(String::new())
    }

    /// One more row, with as many cells as the header.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        for (at, cell) in cells.into_iter().enumerate() {
            if at > 0 {
                self.0.push(',');
            }
            self.0.push('"');
            if would_run(cell) {
                self.0.push('\'');
            }
            for c in cell.chars() {
                if c == '"' {
                    self.0.push('"');
                }
                self.0.push(c);
            }
            self.0.push('"');
        }
        self.0.push_str("\r\n");
    }

    /// The whole text.
    pub fn finish(self) -> String {
        self.0
    }
}

/// Whether a cell needs an apostrophe in front.
fn would_run(cell: &str) -> bool {
    cell.starts_with(['\t', '\r', '\n', '\''])
        || cell
            .trim_start_matches(|c: char| c.is_whitespace() || c.is_control() || base::unseen::is_unseen(c))
            .starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{2212}'])
}
