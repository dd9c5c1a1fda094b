//! Making an SD-JWT: which parts get a disclosure of their own, and which digests stand for nothing.

use base::limits::{DISCLOSURES_MAX, JSON_DEPTH_MAX, JWT_BYTES_MAX, SD_JWT_BYTES_MAX};
use crypto::{HashAlg, Random, Signer, random_array};
use serde_json::Value;

use super::{
    ELEMENT, Error, SD, SD_ALG, disclosure,
    part::{Members, Part},
};
use crate::{
    b64,
    dcql::{ClaimPath, PathPart},
    json::Object,
    jws,
};

/// Bytes of a salt: 128 bits (RFC 9901, section 9.3).
const SALT_BYTES: usize = 16;

/// How the claims of an SD-JWT are hidden.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// The parts that get a disclosure of their own: members and elements, at any level, one within another too
    /// (recursive disclosures, RFC 9901, section 4.2.6). A path that leads to nothing is not an error, as not
    /// everybody has every claim; one that does not fit is.
    pub disclosable: &'a [ClaimPath],
    /// The hash of the digests, named in `_sd_alg`.
    pub hash: HashAlg,
    /// Digests that stand for nothing.
    pub decoys: Decoys,
}

impl<'a> Plan<'a> {
    /// With SHA-256 and without decoys.
    pub const fn new(disclosable: &'a [ClaimPath]) -> Self {
        Self { disclosable, hash: HashAlg::Sha256, decoys: Decoys::None }
    }
}

/// How many digests that stand for nothing are added to each object and each array of which a path of the plan names
/// a part, whether that part is there or not (RFC 9901, section 4.2.5). They lie at random among the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Decoys {
    /// None: the number of digests is the number of disclosable parts.
    #[default]
    None,
    /// A random number, both ends included.
    Between(u8, u8),
    /// As many as bring the number of digests to a multiple of this, which is all that it tells then.
    UpToMultipleOf(u8),
}

impl Decoys {
    /// How many to add to `digests` that stand for something.
    fn count(self, digests: usize, random: &dyn Random) -> usize {
        match self {
            Self::None => 0,
            Self::Between(least, most) => {
                let (least, most) = (usize::from(least), usize::from(most));
                least.saturating_add(below(most.saturating_sub(least).saturating_add(1), random))
            }
            Self::UpToMultipleOf(multiple) => {
                let multiple = usize::from(multiple.max(1));
                digests.max(1).next_multiple_of(multiple).saturating_sub(digests)
            }
        }
    }
}

/// Signs `claims` under `header` (`alg` is set), with every claim whose name `disclosable` accepts in a disclosure
/// of its own. Answers the SD-JWT with all disclosures; it ends in `~`.
pub fn issue(
    claims: &Object,
    disclosable: impl Fn(&str) -> bool,
    header: &Value,
    signer: &dyn Signer,
    random: &dyn Random,
) -> Result<String, Error> {
    let paths: Vec<ClaimPath> = claims.keys().filter(|name| disclosable(name)).map(ClaimPath::top).collect();
    issue_planned(claims, &Plan::new(&paths), header, signer, random)
}

/// Signs `claims` under `header` (`alg` is set), hidden as `plan` says. Answers the SD-JWT with all disclosures;
/// it ends in `~`. Makes none that [`super::SdJwt::parse`] would refuse.
pub fn issue_planned(
    claims: &Object,
    plan: &Plan<'_>,
    header: &Value,
    signer: &dyn Signer,
    random: &dyn Random,
) -> Result<String, Error> {
    let header = jws::encode_header(header, signer.algorithm()).map_err(Error::Signing)?;
    issue_beside(claims, Vec::new(), plan, random, |payload, more| {
        jws::sign_encoded(&header, payload, signer, more)
    })
}

/// [`issue_planned`] with members `beside` the claims, which the plan does not name; `sign` makes the JWS of a payload
/// and leaves room for so many bytes after it.
pub(crate) fn issue_beside<'a>(
    claims: &'a Object,
    beside: Members<'a>,
    plan: &Plan<'_>,
    random: &dyn Random,
    sign: impl FnOnce(&[u8], usize) -> Result<String, jws::Error>,
) -> Result<String, Error> {
    let paths: Vec<&[PathPart]> = plan.disclosable.iter().map(ClaimPath::parts).collect();
    let mut run = Run {
        plan,
        random,
        salts: Salts::new(random, paths.len()),
        disclosures: Vec::with_capacity(paths.len().saturating_mul(DISCLOSURE_CHARS_ABOUT)),
        count: 0,
        json: Vec::with_capacity(DISCLOSURE_CHARS_ABOUT),
    };
    let mut payload = run.object(claims, &paths, 1)?;
    if run.count > DISCLOSURES_MAX {
        return Err(Error::TooManyDisclosures);
    }
    if run.count == 0 {
        // Without anything disclosable there must be no digests, not even decoys (SD-JWT VC draft 13, section 3.2.2.4).
        payload = claims.iter().map(|(name, value)| (name.as_str(), Part::Plain(value))).collect();
    } else {
        payload.push((SD_ALG, Part::Text(plan.hash.name().into())));
    }
    payload.extend(beside);
    let mut text = Vec::with_capacity(PAYLOAD_BYTES_ABOUT);
    Part::Object(payload).write(&mut text);
    let mut text = sign(&text, run.disclosures.len().saturating_add(1)).map_err(Error::Signing)?;
    let is_too_long = text.len() > JWT_BYTES_MAX;
    text.push('~');
    text.push_str(std::str::from_utf8(&run.disclosures).unwrap_or_default());
    if is_too_long || text.len() > SD_JWT_BYTES_MAX { Err(Error::TooLong) } else { Ok(text) }
}

/// How long a disclosure is, about.
const DISCLOSURE_CHARS_ABOUT: usize = 128;
/// How long a payload is, about.
const PAYLOAD_BYTES_ABOUT: usize = 4_096;

/// Salts, of which many are drawn at once: asking a generator costs more than what it gives.
struct Salts<'a> {
    random: &'a dyn Random,
    drawn: Vec<u8>,
    used: usize,
}

impl<'a> Salts<'a> {
    /// Draws `count` at first.
    fn new(random: &'a dyn Random, count: usize) -> Self {
        let mut salts =
            Self { random, drawn: vec![0; count.clamp(1, DISCLOSURES_MAX) * SALT_BYTES], used: 0 };
        random.fill(&mut salts.drawn);
        salts
    }

    /// One that nobody had before.
    fn next(&mut self) -> &[u8] {
        if self.used == self.drawn.len() {
            self.random.fill(&mut self.drawn);
            self.used = 0;
        }
        let from = self.used;
        self.used = from.saturating_add(SALT_BYTES);
        self.drawn.get(from..self.used).unwrap_or_default()
    }
}

struct Run<'a> {
    plan: &'a Plan<'a>,
    random: &'a dyn Random,
    salts: Salts<'a>,
    /// Their texts, each followed by `~`.
    disclosures: Vec<u8>,
    /// How many they are.
    count: usize,
    /// Where the JSON of one after the other is written.
    json: Vec<u8>,
}

impl Run<'_> {
    /// `value` with the parts at `paths`, which begin here, behind digests.
    fn value<'v>(
        &mut self,
        value: &'v Value,
        paths: &[&[PathPart]],
        depth: usize,
    ) -> Result<Part<'v>, Error> {
        match value {
            Value::Object(members) => self.object(members, paths, depth).map(Part::Object),
            Value::Array(items) => self.array(items, paths, depth).map(Part::Array),
            // Of another shape than the plan expects: it must not stand in the open because of that.
            _ if !paths.is_empty() => Err(Error::PathUnfit),
            plain => Ok(Part::Plain(plain)),
        }
    }

    fn object<'v>(
        &mut self,
        members: &'v Object,
        paths: &[&[PathPart]],
        depth: usize,
    ) -> Result<Members<'v>, Error> {
        let depth = deeper(depth)?;
        if paths.iter().any(|path| !matches!(path, [PathPart::Key(_), ..])) {
            return Err(Error::PathUnfit);
        }
        let mut out = Vec::with_capacity(members.len());
        let mut digests = Vec::with_capacity(paths.len());
        for (name, value) in members {
            if matches!(name.as_str(), SD | ELEMENT | SD_ALG) {
                return Err(Error::ReservedName);
            }
            let inner = Inner::of(paths, |part| matches!(part, PathPart::Key(key) if key == name));
            let value = self.value(value, &inner.paths, depth)?;
            if inner.disclosable {
                digests.push(self.disclose(Some(name), value));
            } else {
                out.push((name.as_str(), value));
            }
        }
        digests.extend(self.decoys(paths, digests.len()));
        if !digests.is_empty() {
            // Sorted, so that their order says nothing of the claims (RFC 9901, section 4.2.4.1).
            digests.sort_unstable();
            let digests = digests.into_iter().map(|digest| Part::Text(digest.into()));
            out.push((SD, Part::Array(digests.collect())));
        }
        Ok(out)
    }

    fn array<'v>(
        &mut self,
        items: &'v [Value],
        paths: &[&[PathPart]],
        depth: usize,
    ) -> Result<Vec<Part<'v>>, Error> {
        let depth = deeper(depth)?;
        if paths.iter().any(|path| matches!(path, [PathPart::Key(_), ..])) {
            return Err(Error::PathUnfit);
        }
        let element = |digest: String| Part::Object(vec![(ELEMENT, Part::Text(digest.into()))]);
        let mut out = Vec::with_capacity(items.len());
        let mut digests = 0_usize;
        for (place, item) in items.iter().enumerate() {
            let is_here = |part: &PathPart| match part {
                PathPart::All => true,
                PathPart::Index(index) => usize::try_from(*index) == Ok(place),
                PathPart::Key(_) => false,
            };
            let inner = Inner::of(paths, is_here);
            let item = self.value(item, &inner.paths, depth)?;
            if inner.disclosable {
                digests = digests.saturating_add(1);
                out.push(element(self.disclose(None, item)));
            } else {
                out.push(item);
            }
        }
        for decoy in self.decoys(paths, digests) {
            // Anywhere: the order of the true elements means something, and stays.
            let place = below(out.len().saturating_add(1), self.random);
            out.insert(place, element(decoy));
        }
        Ok(out)
    }

    /// Makes a disclosure; answers its digest.
    fn disclose(&mut self, name: Option<&str>, value: Part<'_>) -> String {
        self.json.clear();
        disclosure::write(&mut self.json, self.salts.next(), name, value);
        let from = self.disclosures.len();
        b64::encode_to(&self.json, &mut self.disclosures);
        let digest = disclosure::digest(self.disclosures.get(from..).unwrap_or_default(), self.plan.hash);
        self.disclosures.push(b'~');
        self.count = self.count.saturating_add(1);
        digest
    }

    /// What is added to `digests` of a container of which `paths` name parts.
    fn decoys(&self, paths: &[&[PathPart]], digests: usize) -> Vec<String> {
        let hides = paths.iter().any(|path| path.len() == 1);
        let count = if hides { self.plan.decoys.count(digests, self.random) } else { 0 };
        let decoy = |_| b64::encode(&self.plan.hash.digest(&random_array::<32>(self.random)));
        (0..count).map(decoy).collect()
    }
}

/// What the paths into a container say of one of its parts.
struct Inner<'p> {
    /// It gets a disclosure of its own.
    disclosable: bool,
    /// The paths into it.
    paths: Vec<&'p [PathPart]>,
}

impl<'p> Inner<'p> {
    fn of(paths: &[&'p [PathPart]], is_here: impl Fn(&PathPart) -> bool) -> Self {
        let mut inner = Self { disclosable: false, paths: Vec::new() };
        for path in paths {
            match path.split_first() {
                Some((part, [])) if is_here(part) => inner.disclosable = true,
                Some((part, rest)) if is_here(part) => inner.paths.push(rest),
                _ => {}
            }
        }
        inner
    }
}

/// One level further down, where a digest takes a level more.
fn deeper(depth: usize) -> Result<usize, Error> {
    if depth >= JSON_DEPTH_MAX { Err(Error::TooDeep) } else { Ok(depth.saturating_add(1)) }
}

/// A number below `bound`.
fn below(bound: usize, random: &dyn Random) -> usize {
    let number = u64::from_be_bytes(random_array::<8>(random));
    usize::try_from(number % u64::try_from(bound.max(1)).unwrap_or(1)).unwrap_or(0)
}
