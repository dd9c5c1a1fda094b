//! What a wallet holds: cards with their keys, whom it trusts, and what happened.
//!
//! One versioned JSON document, only ever stored sealed ([`crate::vault`]). A credential is kept as received.

use std::collections::BTreeMap;

use base::{Id, Instant, Lang, Texts, limits};
use crypto::SecretKey;
use formats::{b64, json::Object, sd_jwt::SdJwt, x509::TrustAnchors};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

base::ids! {
    /// A card: what a person calls a document, with all its copies.
    CardKind = "crd";
}

/// The id of a card.
pub type CardId = Id<CardKind>;

/// The version of the document that this code writes.
pub const VERSION: u32 = 1;

/// Everything a wallet holds.
#[derive(Debug, Serialize, Deserialize)]
pub struct Wallet {
    version: u32,
    /// The cards, oldest first.
    pub cards: Vec<Card>,
    /// What happened, oldest first; at most [`limits::WALLET_HISTORY_MAX`] entries.
    pub history: Vec<Entry>,
    /// Whom it trusts.
    pub trust: Trust,
}

/// Trust anchors, as PEM texts of one or more certificates.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Trust {
    /// Who may certify issuers.
    pub issuers: Vec<String>,
    /// Who may certify askers.
    pub askers: Vec<String>,
}

impl Trust {
    /// The anchors for issuers.
    pub fn issuer_anchors(&self) -> Result<TrustAnchors, formats::x509::Error> {
        anchors(&self.issuers)
    }

    /// The anchors for askers.
    pub fn asker_anchors(&self) -> Result<TrustAnchors, formats::x509::Error> {
        anchors(&self.askers)
    }
}

fn anchors(texts: &[String]) -> Result<TrustAnchors, formats::x509::Error> {
    texts.iter().try_fold(TrustAnchors::default(), |all, text| Ok(all.merged(&TrustAnchors::from_pem(text)?)))
}

/// A document in the wallet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Card {
    /// Its id in this wallet.
    pub id: CardId,
    /// The Credential Issuer Identifier it came from.
    pub credential_issuer: String,
    /// Who signed it.
    pub issuer: Issuer,
    /// The credential configuration it was offered as.
    pub configuration: String,
    /// Its type (`vct`).
    pub vct: String,
    /// When it was accepted.
    pub accepted_at: Instant,
    /// When it stops being valid, if it says so.
    pub expires_at: Option<Instant>,
    /// Names and labels, as the type's metadata, and where there are none the issuer's, gave them when the card was
    /// accepted.
    pub look: Look,
    /// The same facts bound to different keys, so that two askers cannot compare keys. At least one.
    pub copies: Vec<CardCopy>,
    /// What more copies can be fetched with, if the issuer gave that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<Refresh>,
}

/// A refresh token (RFC 6749, section 6). It is good once.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Refresh {
    /// The token: a secret.
    pub token: String,
    /// The authorization server that gave it, and to which alone it is shown.
    #[zeroize(skip)]
    pub authorization_server: String,
}

impl std::fmt::Debug for Refresh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Refresh")
    }
}

/// How long before a card's end its holder is told to have it renewed, days.
const EXPIRES_SOON_DAYS: i64 = 14;

impl Card {
    /// How many copies nobody has seen yet. Where none is left, two askers can tell by the key that they were shown
    /// the same copy.
    pub fn copies_left(&self) -> usize {
        self.copies.iter().filter(|copy| copy.shown == 0).count()
    }

    /// Whether it can still be shown.
    pub fn is_expired(&self, now: Instant) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// Whether it is time to have it renewed: with its refresh token, or where there is none with a new offer.
    pub fn renewal(&self, now: Instant) -> Option<Renewal> {
        let soon = now.plus_secs(EXPIRES_SOON_DAYS * 86_400);
        if self.is_expired(now) {
            Some(Renewal::Expired)
        } else if self.is_expired(soon) {
            Some(Renewal::ExpiresSoon)
        } else if self.copies.len() > 1 && self.copies_left().saturating_mul(5) <= self.copies.len() {
            Some(Renewal::FewCopies)
        } else {
            None
        }
    }

    /// What it says about the person; `None` if it cannot be read.
    pub fn facts(&self) -> Option<Object> {
        facts(&self.copies.first()?.credential)
    }
}

/// Why a card should be renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// It cannot be shown any more.
    Expired,
    /// It ends within 14 days.
    ExpiresSoon,
    /// It came in several copies, and at most one in five is left that nobody has seen.
    FewCopies,
}

impl Renewal {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::ExpiresSoon => "expires_soon",
            Self::FewCopies => "few_copies",
        }
    }
}

/// Claims of the protocol, which say nothing about the person that the certificate and the type do not say
/// (SD-JWT VC draft 13, section 3.2.2.2).
const PROTOCOL: [&str; 8] = ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status", "iat"];

/// What a credential, whole or with disclosures left out, says about the person; `None` if it does not hold together.
pub(crate) fn facts(credential: &str) -> Option<Object> {
    let mut claims = SdJwt::parse(credential).ok()?.process().ok()?;
    claims.retain(|name, _| !PROTOCOL.contains(&name.as_str()));
    Some(claims)
}

/// Who signed a card, from its certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    /// The certified name.
    pub name: String,
    /// The certified country, if any.
    pub country: Option<String>,
    /// SHA-256 of the certificate, base64url.
    pub certificate: String,
}

/// One credential and its key.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct CardCopy {
    /// The credential, as received.
    pub credential: String,
    /// The key it is bound to.
    pub key: Key,
    /// How often it was shown.
    #[zeroize(skip)]
    pub shown: u32,
}

impl std::fmt::Debug for CardCopy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CardCopy").field("shown", &self.shown).finish_non_exhaustive()
    }
}

/// A private key. Leaves memory only as part of the sealed document.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; 32]);

impl Key {
    /// Keeps a private key.
    pub fn new(key: &SecretKey) -> Self {
        Self(*key.to_scalar())
    }

    /// The key to sign with.
    pub fn signer(&self) -> Result<SecretKey, crypto::Error> {
        SecretKey::from_scalar(&self.0)
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}
impl Serialize for Key {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&Zeroizing::new(b64::encode(&self.0)))
    }
}
impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d).map(Zeroizing::new)?;
        let bytes = b64::decode(&text).map(Zeroizing::new).map_err(serde::de::Error::custom)?;
        let key = bytes.as_slice().try_into().map_err(|_| serde::de::Error::custom("a key has 32 bytes"))?;
        Ok(Self(key))
    }
}

/// A text by language tag (BCP 47); the empty tag is a text without one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Localised(pub BTreeMap<String, String>);

impl Localised {
    /// The text for `lang`: exact tag, then any tag of that language, then without tag, English, any.
    pub fn get(&self, lang: Lang) -> Option<&str> {
        let of = |wanted: Lang| self.0.iter().find(|(tag, _)| tag.parse() == Ok(wanted));
        self.0
            .get(lang.tag())
            .or_else(|| of(lang).map(|(_, text)| text))
            .or_else(|| self.0.get(""))
            .or_else(|| of(Lang::En).map(|(_, text)| text))
            .or_else(|| self.0.values().next())
            .map(String::as_str)
    }
}

/// How a card is named and labelled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// The card's name.
    pub names: Localised,
    /// The labels of its claims, in the order in which they are shown.
    pub claims: Vec<ClaimLook>,
    /// CSS colour behind the card.
    pub background_color: Option<String>,
    /// CSS colour of its text.
    pub text_color: Option<String>,
}

/// The label of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimLook {
    /// The name of the claim; of one inside another, both names joined by a full stop.
    pub claim: String,
    /// What people call it.
    pub names: Localised,
}

impl Look {
    /// The label of a claim; its own name if none was given.
    pub fn label<'a>(&'a self, claim: &'a str, lang: Lang) -> &'a str {
        self.claims.iter().find(|c| c.claim == claim).and_then(|c| c.names.get(lang)).unwrap_or(claim)
    }

    /// The place of a claim in the order in which claims are shown.
    pub fn place(&self, claim: &str) -> usize {
        self.claims.iter().position(|c| c.claim == claim).unwrap_or(usize::MAX)
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// A card was accepted.
    Accepted {
        /// The card.
        card: CardId,
        /// Its type.
        vct: String,
        /// The certified name of who signed it.
        issuer: String,
        /// The Credential Issuer Identifier.
        credential_issuer: String,
    },
    /// A card was fetched again; its copies are new.
    Refreshed {
        /// The card.
        card: CardId,
        /// The certified name of who signed it.
        issuer: String,
    },
    /// A card could not be fetched again.
    RefreshRefused {
        /// The card.
        card: CardId,
        /// The code of [`crate::issuance::Error`].
        reason: String,
    },
    /// An offer did not lead to a card.
    OfferRefused {
        /// The Credential Issuer Identifier that the offer named.
        credential_issuer: String,
        /// The code of [`crate::issuance::Error`].
        reason: String,
    },
    /// Claims were approved and sent. Noted before sending: what may have left is never missing here.
    Shown {
        /// To whom.
        asker: AskerName,
        /// What for, in their words, if they said so.
        purpose: Option<Texts>,
        /// The cards and claims.
        cards: Vec<ShownCard>,
        /// Transaction data that was approved with it, decoded JSON texts.
        approved: Vec<String>,
    },
    /// A verified request was not answered with claims.
    RequestRefused {
        /// Who asked.
        asker: AskerName,
        /// The code of [`crate::presentation::Error`].
        reason: String,
    },
}

/// Who asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskerName {
    /// The certified name.
    pub name: String,
    /// The full client identifier, with prefix.
    pub client_id: String,
}

/// What was shown of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownCard {
    /// The card.
    pub card: CardId,
    /// Its type.
    pub vct: String,
    /// The names of the claims, not their values.
    pub claims: Vec<String>,
}

/// A change that a flow wants stored.
#[derive(Debug, Default)]
pub struct Change {
    /// Cards to add.
    pub cards: Vec<Card>,
    /// Cards that stand in for those with the same ids.
    pub renewed: Vec<Card>,
    /// Refresh tokens of cards, or nothing, for those that they had.
    pub tokens: Vec<(CardId, Option<Refresh>)>,
    /// Copies that were used: card and index of the copy.
    pub used: Vec<(CardId, usize)>,
    /// What happened.
    pub entries: Vec<Entry>,
}

impl Change {
    pub(crate) fn note(entry: Entry) -> Self {
        Self { entries: vec![entry], ..Self::default() }
    }
}

impl Wallet {
    /// An empty wallet that trusts `trust`.
    pub fn new(trust: Trust) -> Self {
        Self { version: VERSION, cards: Vec::new(), history: Vec::new(), trust }
    }

    /// The card with this id.
    pub fn card(&self, id: CardId) -> Option<&Card> {
        self.cards.iter().find(|c| c.id == id)
    }

    /// Applies a change.
    pub fn apply(&mut self, change: Change) {
        self.cards.extend(change.cards);
        for card in change.renewed {
            if let Some(old) = self.cards.iter_mut().find(|c| c.id == card.id) {
                *old = card;
            }
        }
        for (id, token) in change.tokens {
            if let Some(card) = self.cards.iter_mut().find(|c| c.id == id) {
                card.refresh = token;
            }
        }
        for (id, index) in change.used {
            let copy = self.cards.iter_mut().find(|c| c.id == id).and_then(|c| c.copies.get_mut(index));
            if let Some(copy) = copy {
                copy.shown = copy.shown.saturating_add(1);
            }
        }
        self.history.extend(change.entries);
        let surplus = self.history.len().saturating_sub(limits::WALLET_HISTORY_MAX);
        self.history.drain(..surplus);
    }
}

/// The document as JSON.
pub(crate) fn to_json(wallet: &Wallet) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
    // Room for everything at once: growing would leave copies of keys behind in memory.
    let credentials: usize =
        wallet.cards.iter().flat_map(|c| &c.copies).map(|c| c.credential.len() + 256).sum();
    let mut out = Zeroizing::new(Vec::with_capacity(credentials.saturating_mul(2).saturating_add(64 * 1024)));
    serde_json::to_writer(&mut *out, wallet)?;
    Ok(out)
}

/// Reads the document: it was sealed, so it is our own and needs no defence against repeated members.
pub(crate) fn from_json(bytes: &[u8]) -> Result<Wallet, serde_json::Error> {
    let wallet: Wallet = serde_json::from_slice(bytes)?;
    if wallet.version == VERSION { Ok(wallet) } else { Err(serde::de::Error::custom("another version")) }
}
