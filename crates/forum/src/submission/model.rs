//! A submission: what comes in, what is kept, in which state it can be.

use base::{Instant, Lang};

use crate::{
    CallId, SubmissionId,
    call::form::{Answers, QuestionId},
    party::{Country, PartyClass, PartyOfSubmission, Region},
    spelled::spelled,
};

/// A file that is attached: by its digest, never by its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRef {
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// Its name, as who sent it calls it: one line.
    pub name: String,
    /// What it was found to be.
    pub media_type: String,
    /// Its length, bytes.
    pub size: i64,
}

impl FileRef {
    /// The digest in lower-case hexadecimal, as it stands in answers and addresses.
    pub fn digest_hex(&self) -> String {
        base16ct::lower::encode_string(&self.digest)
    }
}

/// What somebody submits.
#[derive(Debug, Clone)]
pub struct NewSubmission {
    /// The symbol of the call.
    pub call: String,
    /// The version of its form that the answers cite.
    pub form_version: i64,
    /// The language of the original, one of the six or any other: a BCP 47 tag.
    pub lang: SubmissionLang,
    /// The answers.
    pub answers: Answers,
    /// What is attached.
    pub files: Vec<FileRef>,
    /// Two or three paragraphs on what is attached.
    pub summary: Option<String>,
    /// For whom.
    pub party: PartyOfSubmission,
    /// The submission that this one replaces.
    pub supersedes: Option<SubmissionId>,
    /// What vouches for it.
    pub standing: Standing,
    /// The sender's name for this sending: sent twice, it is received once.
    pub request: String,
    /// How to reach who sent it: kept apart from everything else, and in no output.
    pub contact: Option<Contact>,
}

/// The language of an original.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct SubmissionLang(String);

impl SubmissionLang {
    /// From a BCP 47 tag: letters, digits and hyphens, two letters first, at most 35 characters.
    pub fn new(tag: &str) -> Option<Self> {
        let plain = tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let begins = tag.bytes().take(2).filter(u8::is_ascii_alphabetic).count() == 2;
        (plain && begins && tag.len() <= 35).then(|| Self(tag.to_ascii_lowercase()))
    }

    /// The tag, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Lang> for SubmissionLang {
    fn from(lang: Lang) -> Self {
        Self(lang.tag().to_owned())
    }
}

/// How to reach somebody. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// A mail address.
    pub mail: String,
    /// The language in which they are written to.
    pub lang: Lang,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contact")
    }
}

spelled! {
    /// In which way a submission came.
    pub enum StandingKind {
        /// Signed with a wallet.
        Signed = "signed",
        /// By a form, confirmed by a link sent by mail.
        Unsigned = "unsigned",
        /// On paper, recorded by the secretariat.
        Paper = "paper",
    }
}

/// What vouches for a submission. Its fields are private: one is made only by who has checked what it says.
#[derive(Clone, PartialEq, Eq)]
pub struct Standing {
    pub(crate) kind: StandingKind,
    /// Whose it is: equal for the same party at this forum, and nothing else can be told from it.
    pub(crate) key: [u8; 32],
    /// Of a signature: the digest that was approved. Of paper: that of the scan.
    pub(crate) digest: Option<[u8; 32]>,
    /// Of a signature: the evidence document.
    pub(crate) evidence: Option<Vec<u8>>,
    /// Of a signature: the type of the credential (`mandate`, `participant` …).
    pub(crate) credential: Option<String>,
    /// Of paper: who recorded it.
    pub(crate) recorded_by: Option<String>,
}

impl std::fmt::Debug for Standing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Standing({})", self.kind)
    }
}

impl Standing {
    /// Signed: `digest` was approved with a credential of this type that was valid then; for `sign` alone, which has
    /// checked that.
    pub(crate) const fn signed(
        key: [u8; 32],
        digest: [u8; 32],
        evidence: Vec<u8>,
        credential: String,
    ) -> Self {
        Self {
            kind: StandingKind::Signed,
            key,
            digest: Some(digest),
            evidence: Some(evidence),
            credential: Some(credential),
            recorded_by: None,
        }
    }

    /// Confirmed by a link sent by mail; for `unsigned` alone. `key` is a keyed digest of the address.
    pub(crate) const fn unsigned(key: [u8; 32]) -> Self {
        Self {
            kind: StandingKind::Unsigned,
            key,
            digest: None,
            evidence: None,
            credential: None,
            recorded_by: None,
        }
    }

    /// On paper, recorded by `actor` with a scan. One who is named the same at the same forum is the same.
    pub fn paper(actor: &web::Actor, party: &PartyOfSubmission, scan_sha256: [u8; 32]) -> Self {
        let country = party.country.map_or("", Country::code);
        let key = crypto::sha256(format!("paper\n{}\n{country}\n{}", party.class, party.name).as_bytes());
        Self {
            kind: StandingKind::Paper,
            key,
            digest: Some(scan_sha256),
            evidence: None,
            credential: None,
            recorded_by: Some(actor.name().to_owned()),
        }
    }

    /// In which way it came.
    pub const fn kind(&self) -> StandingKind {
        self.kind
    }

    /// Whose it is.
    pub const fn key(&self) -> &[u8; 32] {
        &self.key
    }
}

spelled! {
    /// The word of a submission's state.
    pub enum StateWord {
        /// It came, and nobody has looked at it.
        Received = "received",
        /// The secretariat has admitted it.
        Admissible = "admissible",
        /// The secretariat has refused it, for a reason.
        Inadmissible = "inadmissible",
        /// Everybody can read it.
        Published = "published",
        /// It was taken into account, and by the call's policy nobody else reads it.
        Counted = "counted",
        /// It is kept from the public, for a reason.
        Withheld = "withheld",
        /// A later one replaced it.
        Superseded = "superseded",
        /// Who sent it took it back.
        Withdrawn = "withdrawn",
    }
}

/// The state of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It came, and nobody has looked at it.
    Received,
    /// Admitted.
    Admissible,
    /// Refused.
    Inadmissible {
        /// Why.
        reason: String,
    },
    /// Everybody can read it.
    Published,
    /// Taken into account; by the call's policy nobody else reads it.
    Counted,
    /// Kept from the public.
    Withheld {
        /// Why.
        reason: String,
    },
    /// Replaced.
    Superseded {
        /// By which.
        by: SubmissionId,
    },
    /// Taken back.
    Withdrawn {
        /// Why, if it was said.
        reason: Option<String>,
    },
}

impl State {
    /// Its word.
    pub const fn word(&self) -> StateWord {
        match self {
            Self::Received => StateWord::Received,
            Self::Admissible => StateWord::Admissible,
            Self::Inadmissible { .. } => StateWord::Inadmissible,
            Self::Published => StateWord::Published,
            Self::Counted => StateWord::Counted,
            Self::Withheld { .. } => StateWord::Withheld,
            Self::Superseded { .. } => StateWord::Superseded,
            Self::Withdrawn { .. } => StateWord::Withdrawn,
        }
    }

    /// Whether it counts against its party's limit.
    pub const fn is_effective(&self) -> bool {
        matches!(
            self.word(),
            StateWord::Received | StateWord::Admissible | StateWord::Published | StateWord::Counted
        )
    }
}

/// What is kept of a submission, without its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: SubmissionId,
    /// Its call.
    pub call: CallId,
    /// The symbol of its call.
    pub symbol: String,
    /// The version of the form that it cites.
    pub form_version: i64,
    /// The language of the original.
    pub lang: SubmissionLang,
    /// SHA-256 of the canonical text.
    pub digest: [u8; 32],
    /// For whom.
    pub party: PartyOfSubmission,
    /// In which way it came.
    pub standing: StandingKind,
    /// With which type of credential it was signed.
    pub credential: Option<String>,
    /// When it was received: the time in its receipt.
    pub received_at: Instant,
    /// Whether that was in the grace after the deadline.
    pub in_grace: bool,
    /// The submission that it replaced.
    pub supersedes: Option<SubmissionId>,
    /// Its state.
    pub state: State,
}

/// A submission with its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// What is kept of it.
    pub entry: Entry,
    /// The canonical text, as it was signed.
    pub canonical: Vec<u8>,
    /// The answers in it.
    pub answers: Answers,
    /// What is attached.
    pub files: Vec<FileRef>,
    /// On what is attached.
    pub summary: Option<String>,
    /// Of a signed one: the evidence document. Of others nothing.
    pub evidence: Option<Vec<u8>>,
    /// SHA-256 of the scan of one that came on paper.
    pub scan: Option<[u8; 32]>,
    /// Its leaf in the log, of which receipt and proof are had.
    pub leaf: log::LeafId,
    /// Its translations.
    pub translations: Vec<Translation>,
}

/// A translation of a submission: a record of its own, which points to the original and carries its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation {
    /// Into which language.
    pub lang: Lang,
    /// The texts by question; only answers that are texts are translated.
    pub answers: std::collections::BTreeMap<QuestionId, String>,
    /// The summary.
    pub summary: Option<String>,
    /// The digest of the original that was translated.
    pub of: [u8; 32],
    /// When.
    pub translated_at: Instant,
    /// Whether the original was replaced since.
    pub is_stale: bool,
}

/// What who sent a submission is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its id.
    pub id: SubmissionId,
    /// SHA-256 of the canonical text.
    pub digest: [u8; 32],
    /// The signed receipt.
    pub receipt: String,
    /// The receipt's time.
    pub received_at: Instant,
    /// Whether that was in the grace after the deadline.
    pub in_grace: bool,
    /// Whether it had been received already, and this is the first receipt again.
    pub is_repeated: bool,
}

/// How many submissions of a call are in which state (invariant I4): `received` is the sum of all others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All that ever came.
    pub received: i64,
    /// Received or admitted, and not published yet.
    pub waiting: i64,
    /// Published.
    pub published: i64,
    /// Taken into account and not published, by the call's policy.
    pub counted: i64,
    /// Withheld with a reason.
    pub withheld: i64,
    /// Inadmissible with a reason.
    pub inadmissible: i64,
    /// Superseded.
    pub superseded: i64,
    /// Withdrawn.
    pub withdrawn: i64,
}

/// Which submissions are listed; what is not said matches all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of parties of this class.
    pub class: Option<PartyClass>,
    /// Of parties of this region.
    pub region: Option<Region>,
    /// Of parties of this country.
    pub country: Option<Country>,
    /// Whose original is in this language.
    pub lang: Option<SubmissionLang>,
    /// That answer this question.
    pub question: Option<QuestionId>,
    /// Whose party's name has this in it, whatever its case.
    pub text: Option<String>,
}

/// Where a list goes on: behind the last one of the page before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    /// When that one was received.
    pub received_at: Instant,
    /// Its id.
    pub id: SubmissionId,
}

/// A page of a list, in the order of receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Those of this page.
    pub entries: Vec<Entry>,
    /// Where the next page begins, if there is one.
    pub next: Option<After>,
}

/// A value of a filter and how many published submissions have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetCount<T> {
    /// The value.
    pub value: T,
    /// How many.
    pub count: i64,
}

/// What can be filtered by, with counts, the most frequent first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// By class.
    pub classes: Vec<FacetCount<PartyClass>>,
    /// By region.
    pub regions: Vec<FacetCount<Region>>,
    /// By country.
    pub countries: Vec<FacetCount<Country>>,
    /// By the language of the original.
    pub langs: Vec<FacetCount<String>>,
    /// By question answered.
    pub questions: Vec<FacetCount<QuestionId>>,
}
