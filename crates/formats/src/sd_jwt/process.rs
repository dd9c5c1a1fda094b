//! Putting disclosed claims back in their places (RFC 9901, section 7.1, steps 3 to 5).

use std::collections::{HashMap, HashSet};

use base::limits::JSON_DEPTH_MAX;
use serde_json::Value;

use super::{Disclosure, Error};
use crate::json::Object;

/// The member that holds an object's digests.
const SD: &str = "_sd";
/// The one member of an array's element that is a digest.
const ELEMENT: &str = "...";
/// The member that names the hash; only at the top.
const SD_ALG: &str = "_sd_alg";

pub(super) fn process(payload: &Object, disclosures: &[Disclosure]) -> Result<Object, Error> {
    let mut by_digest = HashMap::new();
    for disclosure in disclosures {
        if by_digest.insert(disclosure.digest(), disclosure).is_some() {
            return Err(Error::DisclosureRepeated);
        }
    }
    let mut run = Run { by_digest, seen: HashSet::new(), used: 0 };
    let mut top = payload.clone();
    // Before the walk, which refuses this name wherever it finds it.
    top.remove(SD_ALG);
    let claims = run.object(top, 0)?;
    if run.used == disclosures.len() { Ok(claims) } else { Err(Error::DisclosureUnused) }
}

struct Run<'a> {
    by_digest: HashMap<&'a str, &'a Disclosure>,
    /// Every digest met, those without a disclosure too.
    seen: HashSet<String>,
    /// How many disclosures a digest referred to; none can be counted twice, as no digest is met twice.
    used: usize,
}

impl<'a> Run<'a> {
    fn value(&mut self, value: Value, depth: usize) -> Result<Value, Error> {
        // Disclosures within disclosures add up.
        if depth > JSON_DEPTH_MAX {
            return Err(Error::TooDeep);
        }
        match value {
            Value::Object(members) => self.object(members, depth).map(Value::Object),
            Value::Array(items) => self.array(items, depth).map(Value::Array),
            plain => Ok(plain),
        }
    }

    fn object(&mut self, mut members: Object, depth: usize) -> Result<Object, Error> {
        let depth = depth.saturating_add(1);
        let digests = members.remove(SD);
        if members.contains_key(ELEMENT) || members.contains_key(SD_ALG) {
            return Err(Error::ReservedName);
        }
        let mut out = Object::new();
        for (name, value) in members {
            let value = self.value(value, depth)?;
            out.insert(name, value);
        }
        let digests = match digests {
            None => Vec::new(),
            Some(Value::Array(digests)) => digests,
            Some(_) => return Err(Error::DigestMalformed),
        };
        for digest in digests {
            let Some(disclosure) = self.meet(&digest)? else { continue };
            let name = disclosure.name().ok_or(Error::DisclosureArity)?;
            if matches!(name, SD | ELEMENT | SD_ALG) {
                return Err(Error::ReservedName);
            }
            if out.contains_key(name) {
                return Err(Error::ClaimShadowed);
            }
            let value = self.value(disclosure.value().clone(), depth)?;
            out.insert(name.to_owned(), value);
        }
        Ok(out)
    }

    fn array(&mut self, items: Vec<Value>, depth: usize) -> Result<Vec<Value>, Error> {
        let depth = depth.saturating_add(1);
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            let Some(digest) = item.as_object().and_then(|members| members.get(ELEMENT)) else {
                out.push(self.value(item, depth)?);
                continue;
            };
            if item.as_object().is_some_and(|members| members.len() != 1) {
                return Err(Error::ReservedName);
            }
            let Some(disclosure) = self.meet(digest)? else { continue };
            if disclosure.name().is_some() {
                return Err(Error::DisclosureArity);
            }
            out.push(self.value(disclosure.value().clone(), depth)?);
        }
        Ok(out)
    }

    /// The disclosure that `digest` stands for, if it was sent along.
    fn meet(&mut self, digest: &Value) -> Result<Option<&'a Disclosure>, Error> {
        let digest = digest.as_str().ok_or(Error::DigestMalformed)?;
        if !self.seen.insert(digest.to_owned()) {
            return Err(Error::DigestRepeated);
        }
        let disclosure = self.by_digest.get(digest).copied();
        self.used = self.used.saturating_add(usize::from(disclosure.is_some()));
        Ok(disclosure)
    }
}

/// Marks as kept every disclosure in whose value the digest of a kept one stands.
pub(super) fn keep_parents(disclosures: &[Disclosure], kept: &mut [bool]) {
    let index: HashMap<&str, usize> = disclosures.iter().enumerate().map(|(i, d)| (d.digest(), i)).collect();
    let mut parent = HashMap::new();
    for (i, disclosure) in disclosures.iter().enumerate() {
        let mut digests = Vec::new();
        embedded(disclosure.value(), &mut digests);
        parent.extend(digests.into_iter().filter_map(|d| index.get(d)).map(|child| (*child, i)));
    }
    for start in 0..disclosures.len() {
        let mut child = start;
        while kept.get(child) == Some(&true)
            && let Some(above) = parent.get(&child)
            && let Some(mark) = kept.get_mut(*above)
            && !*mark
        {
            *mark = true;
            child = *above;
        }
    }
}

/// For each disclosure the name of the top-level claim that it belongs to, if it belongs to any.
pub(super) fn top_claims<'a>(payload: &'a Object, disclosures: &'a [Disclosure]) -> Vec<Option<&'a str>> {
    let index: HashMap<&str, usize> = disclosures.iter().enumerate().map(|(i, d)| (d.digest(), i)).collect();
    let mut tops = vec![None; disclosures.len()];
    let mut to_visit = Vec::new();
    for (name, value) in payload {
        let mut digests = Vec::new();
        embedded(value, &mut digests);
        to_visit.extend(digests.into_iter().map(|digest| (name.as_str(), digest)));
    }
    for digest in payload.get(SD).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        let name = index.get(digest).and_then(|i| disclosures.get(*i)).and_then(Disclosure::name);
        to_visit.extend(name.map(|name| (name, digest)));
    }
    while let Some((top, digest)) = to_visit.pop() {
        let Some(&i) = index.get(digest) else { continue };
        if let (Some(mark @ None), Some(disclosure)) = (tops.get_mut(i), disclosures.get(i)) {
            *mark = Some(top);
            let mut digests = Vec::new();
            embedded(disclosure.value(), &mut digests);
            to_visit.extend(digests.into_iter().map(|digest| (top, digest)));
        }
    }
    tops
}

/// Every digest in `value`.
fn embedded<'a>(value: &'a Value, out: &mut Vec<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| embedded(item, out)),
        Value::Object(members) => {
            out.extend(
                members.get(SD).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str),
            );
            out.extend(members.get(ELEMENT).and_then(Value::as_str));
            members.values().for_each(|member| embedded(member, out));
        }
        _ => {}
    }
}
