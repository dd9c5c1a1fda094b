//! The claims with what is disclosed in its place (RFC 9901, section 7.1, steps 3 to 5), each part with the
//! disclosure that it came in: what verifiers read, what holders choose from, and what type metadata are held against.

use std::collections::BTreeMap;

use base::limits::JSON_DEPTH_MAX;
use serde_json::Value;

use super::{Disclosure, ELEMENT, Error, SD, SD_ALG};
use crate::{
    dcql::{ClaimPath, PathPart},
    json::Object,
};

/// A part of the claims, and what is in it.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    /// Its own disclosure, by its place in the list; none if it stands there without one.
    via: Option<usize>,
    kind: Kind<'a>,
}

#[derive(Debug)]
enum Kind<'a> {
    Object(BTreeMap<&'a str, Node<'a>>),
    /// Elements that are not disclosed are not there.
    Array(Vec<Node<'a>>),
    /// Neither object nor array.
    Plain(&'a Value),
}

/// A part that a path leads to.
#[derive(Debug, Clone)]
pub(crate) struct Found<'t, 'a> {
    node: &'t Node<'a>,
    /// The disclosures on the way to it, its own last.
    trail: Vec<usize>,
}

impl<'t, 'a> Found<'t, 'a> {
    fn step(&self, node: &'t Node<'a>) -> Self {
        let mut trail = self.trail.clone();
        trail.extend(node.via);
        Self { node, trail }
    }

    /// Marks what must be sent so that the receiver sees it and all that is in it.
    pub(super) fn keep(&self, kept: &mut [bool]) {
        mark(kept, self.trail.iter().copied());
        self.node.keep_within(kept);
    }

    /// Whether it has a disclosure of its own.
    pub(crate) fn is_disclosed(&self) -> bool {
        self.node.via.is_some()
    }
}

impl<'a> Node<'a> {
    /// Puts the disclosures in their places; refuses what section 7.1 refuses.
    pub(super) fn build(payload: &'a Object, disclosures: &'a [Disclosure]) -> Result<Self, Error> {
        let mut by_digest = BTreeMap::new();
        for (place, disclosure) in disclosures.iter().enumerate() {
            if by_digest.insert(disclosure.digest(), (place, disclosure)).is_some() {
                return Err(Error::DisclosureRepeated);
            }
        }
        let mut run = Run { by_digest, seen: Vec::new(), used: 0 };
        let kind = run.object(payload, 0)?;
        if run.used == disclosures.len() {
            Ok(Self { via: None, kind })
        } else {
            Err(Error::DisclosureUnused)
        }
    }

    /// The claims at the top as plain JSON.
    pub(crate) fn to_object(&self) -> Object {
        self.members().map(|(name, node)| (name.to_owned(), node.to_value())).collect()
    }

    /// It as plain JSON.
    pub(crate) fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Object(members) => Value::Object(
                members.iter().map(|(name, node)| ((*name).to_owned(), node.to_value())).collect(),
            ),
            Kind::Array(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Kind::Plain(value) => (*value).clone(),
        }
    }

    /// The parts that `path` leads to, never none (OpenID4VP 1.0, section 7.1.1; SD-JWT VC draft 13, section
    /// "Processing of `path`").
    pub(crate) fn at(&self, path: &[PathPart]) -> Result<Vec<Found<'_, 'a>>, Error> {
        let mut found = vec![Found { node: self, trail: Vec::new() }];
        for part in path {
            let mut next = Vec::new();
            for here in &found {
                match (part, &here.node.kind) {
                    (PathPart::Key(name), Kind::Object(members)) => {
                        next.extend(members.get(name.as_str()).map(|node| here.step(node)));
                    }
                    (PathPart::All, Kind::Array(items)) => next.extend(items.iter().map(|i| here.step(i))),
                    (PathPart::Index(index), Kind::Array(items)) => {
                        let index = usize::try_from(*index).ok();
                        next.extend(index.and_then(|i| items.get(i)).map(|node| here.step(node)));
                    }
                    _ => return Err(Error::PathUnfit),
                }
            }
            found = next;
        }
        if found.is_empty() { Err(Error::PathNotFound) } else { Ok(found) }
    }

    /// Where the parts are that have a disclosure of their own.
    pub(crate) fn disclosed_paths(&self) -> Vec<ClaimPath> {
        let mut paths = Vec::new();
        self.collect(&mut Vec::new(), &mut paths);
        paths
    }

    fn collect(&self, here: &mut Vec<PathPart>, paths: &mut Vec<ClaimPath>) {
        if self.via.is_some() {
            paths.push(ClaimPath::from_parts(here.clone()));
        }
        let mut into = |part: &dyn Fn() -> PathPart, node: &Self| {
            // Of most parts there is nothing to say.
            if node.via.is_some() || !matches!(node.kind, Kind::Plain(_)) {
                here.push(part());
                node.collect(here, paths);
                here.pop();
            }
        };
        let index = |i: usize| PathPart::Index(u32::try_from(i).unwrap_or(u32::MAX));
        match &self.kind {
            Kind::Object(members) => {
                for (name, node) in members {
                    into(&|| PathPart::Key((*name).to_owned()), node);
                }
            }
            Kind::Array(items) => {
                for (i, node) in items.iter().enumerate() {
                    into(&|| index(i), node);
                }
            }
            Kind::Plain(_) => {}
        }
    }

    /// Marks the disclosures of this part and of all that is in it.
    pub(super) fn keep_within(&self, kept: &mut [bool]) {
        mark(kept, self.via);
        match &self.kind {
            Kind::Object(members) => members.values().for_each(|node| node.keep_within(kept)),
            Kind::Array(items) => items.iter().for_each(|node| node.keep_within(kept)),
            Kind::Plain(_) => {}
        }
    }

    /// Marks the disclosures that marked ones stand in. Answers whether there is a marked one here.
    pub(super) fn keep_parents(&self, kept: &mut [bool]) -> bool {
        let mut any = self.via.is_some_and(|via| kept.get(via) == Some(&true));
        match &self.kind {
            Kind::Object(members) => members.values().for_each(|node| any |= node.keep_parents(kept)),
            Kind::Array(items) => items.iter().for_each(|node| any |= node.keep_parents(kept)),
            Kind::Plain(_) => {}
        }
        if any {
            mark(kept, self.via);
        }
        any
    }

    /// The claims at the top, by name.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&'a str, &Self)> {
        let members = match &self.kind {
            Kind::Object(members) => Some(members),
            Kind::Array(_) | Kind::Plain(_) => None,
        };
        members.into_iter().flatten().map(|(name, node)| (*name, node))
    }
}

fn mark(kept: &mut [bool], places: impl IntoIterator<Item = usize>) {
    for place in places {
        if let Some(mark) = kept.get_mut(place) {
            *mark = true;
        }
    }
}

struct Run<'a> {
    by_digest: BTreeMap<&'a str, (usize, &'a Disclosure)>,
    /// Every digest met, those without a disclosure too; sorted, as issuers should write them.
    seen: Vec<&'a str>,
    /// How many disclosures a digest referred to; none can be counted twice, as no digest is met twice.
    used: usize,
}

impl<'a> Run<'a> {
    fn node(&mut self, value: &'a Value, via: Option<usize>, depth: usize) -> Result<Node<'a>, Error> {
        // Disclosures within disclosures add up.
        if depth > JSON_DEPTH_MAX {
            return Err(Error::TooDeep);
        }
        let kind = match value {
            Value::Object(members) => self.object(members, depth)?,
            Value::Array(items) => self.array(items, depth)?,
            plain => Kind::Plain(plain),
        };
        Ok(Node { via, kind })
    }

    fn object(&mut self, members: &'a Object, depth: usize) -> Result<Kind<'a>, Error> {
        let is_root = depth == 0;
        let depth = depth.saturating_add(1);
        if members.contains_key(ELEMENT) || (members.contains_key(SD_ALG) && !is_root) {
            return Err(Error::ReservedName);
        }
        let mut out = BTreeMap::new();
        for (name, value) in members.iter().filter(|(name, _)| !matches!(name.as_str(), SD | SD_ALG)) {
            out.insert(name.as_str(), self.node(value, None, depth)?);
        }
        let digests = match members.get(SD) {
            None => &[],
            Some(Value::Array(digests)) => digests.as_slice(),
            Some(_) => return Err(Error::DigestMalformed),
        };
        for digest in digests {
            let Some((place, disclosure)) = self.meet(digest)? else { continue };
            let name = disclosure.name().ok_or(Error::DisclosureArity)?;
            if matches!(name, SD | ELEMENT | SD_ALG) {
                return Err(Error::ReservedName);
            }
            if out.contains_key(name) {
                return Err(Error::ClaimShadowed);
            }
            out.insert(name, self.node(disclosure.value(), Some(place), depth)?);
        }
        Ok(Kind::Object(out))
    }

    fn array(&mut self, items: &'a [Value], depth: usize) -> Result<Kind<'a>, Error> {
        let depth = depth.saturating_add(1);
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            let Some(digest) = item.as_object().and_then(|members| members.get(ELEMENT)) else {
                out.push(self.node(item, None, depth)?);
                continue;
            };
            if item.as_object().is_some_and(|members| members.len() != 1) {
                return Err(Error::ReservedName);
            }
            let Some((place, disclosure)) = self.meet(digest)? else { continue };
            if disclosure.name().is_some() {
                return Err(Error::DisclosureArity);
            }
            out.push(self.node(disclosure.value(), Some(place), depth)?);
        }
        Ok(Kind::Array(out))
    }

    /// The disclosure that `digest` stands for, if it was sent along.
    fn meet(&mut self, digest: &'a Value) -> Result<Option<(usize, &'a Disclosure)>, Error> {
        let digest = digest.as_str().ok_or(Error::DigestMalformed)?;
        if self.seen.last().is_none_or(|last| *last < digest) {
            self.seen.push(digest);
        } else {
            match self.seen.binary_search(&digest) {
                Ok(_) => return Err(Error::DigestRepeated),
                Err(place) => self.seen.insert(place, digest),
            }
        }
        let met = self.by_digest.get(digest).copied();
        self.used = self.used.saturating_add(usize::from(met.is_some()));
        Ok(met)
    }
}
