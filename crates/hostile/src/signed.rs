//! What is signed or hashed: opened, changed, and signed and hashed again, so that the change is looked at and not
//! only the signature.

use crypto::{HashAlg, Signer};
use formats::b64;
use serde_json::Value;

use crate::{Dice, json, text};

/// Header and payload of a compact JWS, if both are JSON.
pub(crate) fn opened(jws: &str) -> Option<(Value, Value)> {
    let mut parts = jws.split('.');
    let mut next = || serde_json::from_slice(&b64::decode(parts.next()?).ok()?).ok();
    Some((next()?, next()?))
}

/// A compact JWS over these bytes, whatever they are.
pub(crate) fn sealed(header: &[u8], payload: &[u8], signer: &dyn Signer) -> String {
    let input = format!("{}.{}", b64::encode(header), b64::encode(payload));
    let signature = signer.sign(input.as_bytes()).unwrap();
    format!("{input}.{}", b64::encode(&signature))
}

/// A compact JWS with its payload changed, or in one of five cases its header, and signed again; one in ten is changed
/// without.
pub(crate) fn changed_jws(jws: &str, signer: &dyn Signer, dice: &mut Dice) -> String {
    let Some((header, payload)) = opened(jws).filter(|_| !dice.percent(10)) else {
        return text::one_sign_changed(jws, dice);
    };
    if dice.percent(20) {
        sealed(&json::spoilt(&header, dice), payload.to_string().as_bytes(), signer)
    } else {
        sealed(header.to_string().as_bytes(), &json::spoilt(&payload, dice), signer)
    }
}

/// An SD-JWT, taken apart.
pub(crate) struct SdParts {
    header: Value,
    payload: Value,
    disclosures: Vec<String>,
    binding: Option<(Value, Value)>,
}

impl SdParts {
    pub(crate) fn of(text: &str) -> Option<Self> {
        let (bound, binding) = text.rsplit_once('~')?;
        let mut parts = bound.split('~');
        let (header, payload) = opened(parts.next()?)?;
        let binding = if binding.is_empty() { None } else { Some(opened(binding)?) };
        Some(Self { header, payload, disclosures: parts.map(str::to_owned).collect(), binding })
    }

    fn hash(&self) -> HashAlg {
        let named = self.payload.get("_sd_alg").and_then(Value::as_str).and_then(HashAlg::from_name);
        named.unwrap_or(HashAlg::Sha256)
    }

    /// Puts it together: signed by the issuer, and bound by the holder to what is there now.
    pub(crate) fn text(&self, issuer: &dyn Signer, holder: &dyn Signer) -> String {
        let jws = sealed(self.header.to_string().as_bytes(), self.payload.to_string().as_bytes(), issuer);
        let mut text = jws + "~";
        for disclosure in &self.disclosures {
            text.push_str(disclosure);
            text.push('~');
        }
        if let Some((header, payload)) = &self.binding {
            let mut payload = payload.clone();
            if let Some(hash) = payload.get_mut("sd_hash").filter(|hash| hash.is_string()) {
                *hash = b64::encode(&self.hash().digest(text.as_bytes())).into();
            }
            text.push_str(&sealed(header.to_string().as_bytes(), payload.to_string().as_bytes(), holder));
        }
        text
    }

    fn digest(&self, disclosure: &str) -> String {
        b64::encode(&self.hash().digest(disclosure.as_bytes()))
    }

    /// Puts `new` in the place of a disclosure, and its digest wherever the old one's stands, also in other disclosures.
    fn replace(&mut self, at: usize, new: &str) {
        let Some(place) = self.disclosures.get_mut(at) else { return };
        let old = std::mem::replace(place, new.to_owned());
        let mut changes = vec![(self.digest(&old), self.digest(new))];
        // Nobody nests deeper; and whoever made a circle shall not make us go round in it.
        for _ in 0..64 {
            let Some((old, new)) = changes.pop() else { break };
            self.payload = swapped(&self.payload, &old, &new);
            for n in 0..self.disclosures.len() {
                let Some(disclosure) = self.disclosures.get(n).cloned() else { break };
                let plain = b64::decode(&disclosure).ok().and_then(|b| String::from_utf8(b).ok());
                let Some(plain) = plain.filter(|plain| plain.contains(&old)) else { continue };
                let written = b64::encode(plain.replace(&old, &new).as_bytes());
                changes.push((self.digest(&disclosure), self.digest(&written)));
                if let Some(place) = self.disclosures.get_mut(n) {
                    *place = written;
                }
            }
        }
    }

    fn change(&mut self, dice: &mut Dice) {
        let at = dice.below(self.disclosures.len());
        match dice.below(10) {
            0 => self.header = json::changed(&self.header, dice),
            1..=3 => self.payload = json::changed(&self.payload, dice),
            4 | 5 => {
                let Some(disclosure) = self.disclosures.get(at) else { return };
                let value = b64::decode(disclosure).ok().and_then(|b| serde_json::from_slice(&b).ok());
                if let Some(value) = value {
                    let bytes = if dice.percent(20) {
                        json::spoilt(&value, dice)
                    } else {
                        json::changed(&value, dice).to_string().into_bytes()
                    };
                    self.replace(at, &b64::encode(&bytes));
                }
            }
            6 => {
                if at < self.disclosures.len() {
                    drop(self.disclosures.remove(at));
                }
            }
            7 => {
                if dice.percent(50) {
                    self.disclosures.extend(self.disclosures.get(at).cloned());
                } else {
                    self.disclosures.reverse();
                }
            }
            _ => match &mut self.binding {
                Some((header, _)) if dice.percent(20) => *header = json::changed(header, dice),
                Some((_, payload)) => *payload = json::changed(payload, dice),
                None => self.payload = json::changed(&self.payload, dice),
            },
        }
    }
}

fn swapped(value: &Value, old: &str, new: &str) -> Value {
    serde_json::from_str(&value.to_string().replace(old, new)).unwrap_or_default()
}

/// An SD-JWT changed in one place and put together again; one in ten is changed without.
pub(crate) fn changed_sd_jwt(
    sd_jwt: &str,
    issuer: &dyn Signer,
    holder: &dyn Signer,
    dice: &mut Dice,
) -> String {
    match SdParts::of(sd_jwt).filter(|_| !dice.percent(10)) {
        Some(mut parts) => {
            parts.change(dice);
            parts.text(issuer, holder)
        }
        None if dice.percent(50) => text::one_sign_changed(sd_jwt, dice),
        None => text::changed(sd_jwt, dice),
    }
}
