//! A circular: what is kept of it.

use base::Instant;

use crate::{CircularId, multilingual::Multilingual, party::PartyClass, submission::model::FileRef};

/// What the secretariat says in a circular.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCircular {
    /// What it is called in addresses: `CL-17.16`.
    pub symbol: String,
    /// Its date, as it stands on it: a civil date.
    pub dated: String,
    /// Who signs it: a name and an office.
    pub signatory: String,
    /// Whom it addresses; empty: everybody.
    pub addressees: Vec<PartyClass>,
    /// Who gets a copy: a line each.
    pub copies: Vec<String>,
    /// One line.
    pub subject: Multilingual,
    /// Several paragraphs.
    pub text: Multilingual,
    /// What is attached.
    pub annexes: Vec<FileRef>,
    /// Where to ask: an office's address, said to everybody.
    pub contact: String,
    /// The earlier circular that it amends, by its symbol.
    pub amends: Option<String>,
}

/// A circular.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circular {
    /// Its id.
    pub id: CircularId,
    /// What it says.
    pub said: NewCircular,
    /// When it was sent. Until then only the secretariat sees it.
    pub sent_at: Option<Instant>,
    /// The symbols of the calls that it opens and that everybody may know of.
    pub opens: Vec<String>,
    /// The symbols of later circulars that amend it.
    pub amended_by: Vec<String>,
}
