//! What a notice is, and the mail that it becomes.

use base::{Instant, Lang};

base::ids! {
    /// A notice.
    NoticeKind = "ntc";
}

/// The id of a notice. The `Message-ID` of its mail follows from it, so that a mail that comes twice is known as one.
pub type NoticeId = base::Id<NoticeKind>;

/// What somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A circular, to those to whom it is addressed. About: its symbol.
    Circular,
    /// The link that confirms an unsigned submission. About: the call's symbol; with a [`Link`].
    Confirm,
    /// A submission was received. About: its id.
    Receipt,
    /// A call has a later deadline. About: its symbol.
    Extension,
    /// A call closes soon. About: its symbol.
    Reminder,
    /// What was submitted is published. About: the call's symbol.
    Publication,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Circular, Self::Confirm, Self::Receipt, Self::Extension, Self::Reminder, Self::Publication];

    /// Its word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Circular => "circular",
            Self::Confirm => "confirm",
            Self::Receipt => "receipt",
            Self::Extension => "extension",
            Self::Reminder => "reminder",
            Self::Publication => "publication",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether many get it, who must be able to stop it (RFC 8058); the others answer what somebody did.
    pub const fn is_bulk(self) -> bool {
        !matches!(self, Self::Confirm | Self::Receipt)
    }
}

/// A notice to be enqueued.
#[derive(Debug, Clone)]
pub struct New {
    /// What is told.
    pub kind: Kind,
    /// Whose row of `forum_contact` it goes to.
    pub contact: i64,
    /// In which language.
    pub lang: Lang,
    /// The symbol or id of what it is about: see [`Kind`]. Never an address, never a name.
    pub about: String,
    /// It is not sent earlier.
    pub not_before: Instant,
    /// The link that it carries, if it is one to be confirmed.
    pub link: Option<Link>,
}

/// A link that is to be confirmed. Its token follows from the name: [`token`](super::token).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The id of what waits, as it stands in the address.
    pub name: String,
    /// Until when it can be used.
    pub until: Instant,
}

/// A mail, to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// `<…@host>`, the same however often it is sent (RFC 5322, section 3.6.4).
    pub message_id: String,
    /// The one address that it goes to.
    pub to: String,
    /// The language of its texts.
    pub lang: Lang,
    /// One line.
    pub subject: String,
    /// Plain text, lines ended by `\n`.
    pub text: String,
    /// Where a POST of `List-Unsubscribe=One-Click` stops mails of this kind (RFC 8058); only of bulk mail.
    pub unsubscribe: Option<String>,
}

/// Why a mail is not tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undeliverable {
    /// What was given is no mail address.
    Address,
    /// The mail server refuses it for good (RFC 5321, section 4.2.1).
    Refused,
}

impl Undeliverable {
    /// Its word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Refused => "refused",
        }
    }
}

/// A notice that is due, taken by this instance for a while.
#[derive(Debug, Clone)]
pub struct Due {
    pub(crate) job: ::store::Job,
    pub(crate) notice: NoticeId,
}

impl Due {
    /// Until when nobody else takes it.
    pub fn lease_until(&self) -> Instant {
        self.job.lease_until
    }

    /// Which it is.
    pub fn notice(&self) -> NoticeId {
        self.notice
    }
}
