//! Which credentials count, what is asked of them, and whom they make of who shows them.

use ask::{Proof, ProvenCredential};
use base::{Instant, time::end_of_civil_date};
use crypto::hmac_sha256;
use formats::dcql::{ClaimPath, ClaimsQuery, CredentialQuery, Format, Query};
use serde_json::Value;

use crate::{Country, Forum, draft::content::Said};

/// Which credentials count.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// Who says who may act for whom.
    pub mandates: Vec<Mandates>,
    /// The types (`vct`) of participants' cards.
    pub participants: Vec<String>,
}

/// Whose mandates count for the parties of a country.
#[derive(Debug, Clone)]
pub struct Mandates {
    /// The country.
    pub country: Country,
    /// SHA-256 of the trust anchors to which their certificates lead.
    pub anchors: Vec<[u8; 32]>,
    /// The types (`vct`) of their mandates.
    pub types: Vec<String>,
}

/// Whose a submission is.
pub(crate) struct Holder {
    /// What stands for them: see [`crate::Standing`].
    pub(crate) key: [u8; 32],
    /// `mandate` or `participant`.
    pub(crate) credential: &'static str,
}

const MANDATE: &str = "mandate";
const PARTICIPANT: &str = "participant";

impl Credentials {
    /// What is asked of who says that; none if nothing counts for it.
    pub(crate) fn query(&self, said: &Said) -> Option<Query> {
        let (id, types, claims): (_, Vec<String>, &[&str]) = if said.is_for_party() {
            let counts = |m: &&Mandates| said.country.is_none_or(|country| country == m.country);
            let types = self.mandates.iter().filter(counts).flat_map(|m| m.types.clone()).collect();
            (MANDATE, types, &["organisation_name", "organisation_id", "capacity", "valid_until"])
        } else {
            (PARTICIPANT, self.participants.clone(), &["pseudonym"])
        };
        let claim = |name: &&str| ClaimsQuery {
            id: None,
            path: ClaimPath::top(*name),
            values: Vec::new(),
            intent_to_retain: None,
        };
        let credential = CredentialQuery {
            id: id.to_owned(),
            format: Format::SdJwtVc,
            vct_values: types,
            doctype: None,
            multiple: false,
            trusted_authorities: Vec::new(),
            holder_binding: true,
            claims: claims.iter().map(claim).collect(),
            claim_sets: Vec::new(),
        };
        (!credential.vct_values.is_empty())
            .then(|| Query { credentials: vec![credential], credential_sets: Vec::new() })
    }
}

impl Forum {
    /// Whose submission that is, if what was shown vouches for what is said; otherwise the code of why not.
    pub(crate) fn holder(&self, said: &Said, proof: &Proof, at: Instant) -> Result<Holder, &'static str> {
        let shown = |id: &str| proof.credentials.get(id).and_then(|list| list.first());
        if said.is_for_party() {
            let mandate = shown(MANDATE).ok_or("credential_missing")?;
            self.mandated(said, mandate, at)
        } else {
            let card = shown(PARTICIPANT).ok_or("credential_missing")?;
            let pseudonym = text(card, "pseudonym").ok_or("credential_missing")?;
            Ok(Holder { key: self.key_of(card, PARTICIPANT, pseudonym), credential: PARTICIPANT })
        }
    }

    fn mandated(&self, said: &Said, mandate: &ProvenCredential, at: Instant) -> Result<Holder, &'static str> {
        let counts = |m: &&Mandates| {
            m.anchors.contains(&mandate.issuer.anchor_sha256) && m.types.contains(&mandate.vct)
        };
        let mut issuers = self.credentials.mandates.iter().filter(counts);
        if !issuers.any(|m| said.country.is_none_or(|country| country == m.country)) {
            return Err("mandate_country");
        }
        let id = text(mandate, "organisation_id").ok_or("credential_missing")?;
        let name = text(mandate, "organisation_name").ok_or("credential_missing")?;
        let is_named = name.trim().to_lowercase() == said.name.to_lowercase();
        if !is_named || said.party_id.as_ref().is_some_and(|said| said != id) {
            return Err("mandate_party");
        }
        let until = text(mandate, "valid_until").and_then(end_of_civil_date);
        let from = text(mandate, "valid_from").and_then(end_of_civil_date);
        // From the beginning of the day on: one before its end.
        let is_early = from.is_some_and(|end| at < end.plus_secs(-86_400));
        if is_early || until.is_none_or(|end| at >= end) {
            return Err("mandate_time");
        }
        Ok(Holder { key: self.key_of(mandate, MANDATE, id), credential: MANDATE })
    }

    /// Keyed, so that nobody who reads it can find out whose it is by trying names.
    fn key_of(&self, shown: &ProvenCredential, kind: &str, id: &str) -> [u8; 32] {
        let message = format!(
            "sahihi forum party\n{kind}\n{}\n{id}",
            formats::b64::encode(&shown.issuer.anchor_sha256)
        );
        hmac_sha256(&self.config.server_secret, message.as_bytes())
    }
}

fn text<'a>(shown: &'a ProvenCredential, claim: &str) -> Option<&'a str> {
    shown.claims.get(claim).and_then(Value::as_str).filter(|text| !text.is_empty())
}
