//! An offer, a credential, and which changes of status there are. Pure.

use base::{
    Id, Instant,
    limits::{ACCESS_TOKEN_LIFETIME_S, CLOCK_STEP_S, OFFER_LIFETIME_S, TX_CODE_TRIES_MAX},
};
use formats::status_list::Status as ListStatus;
use serde_json::{Map, Value};

/// Kinds of ids.
pub(crate) mod kinds {
    base::ids! {
        /// A person in the register: the issuer's own word for what [`crate::Subjects`] knows.
        Person = "per";
        /// An offer.
        Offer = "off";
        /// An issued credential.
        Credential = "cred";
    }
}

/// The id of a person in the register.
pub type PersonId = Id<kinds::Person>;
/// The id of an offer.
pub type OfferId = Id<kinds::Offer>;
/// The id of an issued credential.
pub type CredentialId = Id<kinds::Credential>;

/// Whoever takes part without being in the register: the id of nobody, which no address and no body can name.
pub(crate) const NOBODY: PersonId = PersonId::from_i64(0);

/// An offer of one credential to one person.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Offer {
    pub(crate) id: OfferId,
    pub(crate) person: PersonId,
    pub(crate) type_id: String,
    /// What the clerk entered; `None` once it was erased.
    pub(crate) form: Option<Map<String, Value>>,
    pub(crate) created_by: String,
    pub(crate) created_at: Instant,
    /// Until when it can be accepted, and once accepted until when its token is good.
    pub(crate) ends_at: Instant,
    /// The offer that was redeemed first, if this one is what its refresh token led to.
    pub(crate) family: Option<OfferId>,
    pub(crate) state: OfferState,
}

/// A refresh token (RFC 6749, section 6), which is known by its digest alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    /// The offer that was redeemed first: if a used token of the family comes again, all of them end.
    pub(crate) family: OfferId,
    /// What it refreshes, once it was issued.
    pub(crate) credential: Option<CredentialId>,
    pub(crate) by_identifier: bool,
    pub(crate) used: bool,
    /// With the access token until something is issued, with the credential from then on.
    pub(crate) ends_at: Instant,
}

/// How far an offer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OfferState {
    /// Its code was not redeemed.
    Open {
        /// Keyed digest of the transaction code, if one is needed.
        tx_code: Option<Vec<u8>>,
        /// Wrong transaction codes so far.
        tries: i64,
    },
    /// Its code was redeemed for a token.
    Accepted {
        /// How many times credentials were fetched.
        responses: i64,
        /// Whether authorization details were used, so that credentials are asked for by identifier.
        by_identifier: bool,
        /// What was issued; everything fetched with this offer is a copy of it.
        credential: Option<CredentialId>,
    },
}

impl Offer {
    /// Whether it is over, one way or the other. What a clock made that was far ahead would not end before that time
    /// comes: it is over too.
    pub(crate) fn has_ended(&self, now: Instant) -> bool {
        let lifetime_s = match self.state {
            OfferState::Open { .. } => OFFER_LIFETIME_S,
            OfferState::Accepted { .. } => ACCESS_TOKEN_LIFETIME_S,
        };
        now >= self.ends_at || self.ends_at > now.plus_secs(lifetime_s + CLOCK_STEP_S)
    }

    /// One word for staff.
    pub(crate) fn phase(&self, now: Instant) -> &'static str {
        match self.state {
            OfferState::Open { tries, .. } if tries >= TX_CODE_TRIES_MAX => "locked",
            OfferState::Accepted { responses, .. } if responses > 0 => "issued",
            _ if self.has_ended(now) => "expired",
            OfferState::Open { .. } => "open",
            OfferState::Accepted { .. } => "accepted",
        }
    }

    /// The offer that was redeemed first, which is what random claims are made from.
    pub(crate) fn origin(&self) -> OfferId {
        self.family.unwrap_or(self.id)
    }

    /// What the token response calls the credential when authorization details were used.
    pub(crate) fn credential_identifier(&self) -> String {
        format!("{}.1", self.type_id)
    }
}

/// The status of a credential. The numbers are those of the status list (draft 14, section 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Valid = 0,
    Revoked = 1,
    Suspended = 2,
}

impl Status {
    pub(crate) const fn from_i64(value: i64) -> Option<Self> {
        match value {
            0 => Some(Self::Valid),
            1 => Some(Self::Revoked),
            2 => Some(Self::Suspended),
            _ => None,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Revoked => "revoked",
            Self::Suspended => "suspended",
        }
    }

    pub(crate) const fn on_list(self) -> ListStatus {
        match self {
            Self::Valid => ListStatus::Valid,
            Self::Revoked => ListStatus::Invalid,
            Self::Suspended => ListStatus::Suspended,
        }
    }
}

/// What staff can do with a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Suspend,
    Reinstate,
    Revoke,
}

/// Why a change does not fit the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DoesNotFit {
    #[error("the credential is revoked, which is final")]
    AlreadyRevoked,
    #[error("the credential is suspended already")]
    AlreadySuspended,
    #[error("the credential is not suspended")]
    NotSuspended,
}

impl Change {
    /// The status after it.
    pub(crate) const fn applied_to(self, status: Status) -> Result<Status, DoesNotFit> {
        match (self, status) {
            (_, Status::Revoked) => Err(DoesNotFit::AlreadyRevoked),
            (Self::Suspend, Status::Suspended) => Err(DoesNotFit::AlreadySuspended),
            (Self::Reinstate, Status::Valid) => Err(DoesNotFit::NotSuspended),
            (Self::Suspend, Status::Valid) => Ok(Status::Suspended),
            (Self::Reinstate, Status::Suspended) => Ok(Status::Valid),
            (Self::Revoke, Status::Valid | Status::Suspended) => Ok(Status::Revoked),
        }
    }
}

/// What is kept of an issued credential. The wallet has copies of it: the same facts, each under a key of its own and at
/// a status index of its own. Staff manage the credential, and what happens to it happens to every copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credential {
    pub(crate) id: CredentialId,
    pub(crate) person: PersonId,
    pub(crate) type_id: String,
    pub(crate) status: Status,
    pub(crate) issued_at: Instant,
    pub(crate) expires_at: Instant,
    /// Who offered it.
    pub(crate) issued_by: String,
}

/// Where a copy's status is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StatusIndex {
    /// Number of the status list.
    pub(crate) list: i64,
    /// Index in that list.
    pub(crate) idx: i64,
}

/// A credential with all that staff see of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Managed {
    pub(crate) credential: Credential,
    pub(crate) copies: Vec<StatusIndex>,
    /// The first one first; `None` where it was not asked for.
    pub(crate) changes: Option<Vec<StatusChange>>,
    /// What wallets said of the copies, the first one first; empty where it was not asked for.
    pub(crate) notifications: Vec<Notification>,
}

/// What a wallet says of copies that it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notification {
    pub(crate) event: Event,
    pub(crate) description: Option<String>,
    pub(crate) at: Instant,
}

/// What became of copies (OpenID4VCI 1.0, section 11.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Accepted,
    Failure,
    Deleted,
}

impl Event {
    const ALL: [Self; 3] = [Self::Accepted, Self::Failure, Self::Deleted];

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "credential_accepted",
            Self::Failure => "credential_failure",
            Self::Deleted => "credential_deleted",
        }
    }
}

/// A change of status that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StatusChange {
    pub(crate) status: Status,
    pub(crate) reason: String,
    pub(crate) actor: String,
    pub(crate) at: Instant,
}
