//! Types that extend others (sections "Extending Type Metadata", "Extending Display Metadata", "Extending Claim
//! Metadata").

use base::limits::TYPE_METADATA_CHAIN_MAX;

use super::{ClaimMetadata, Error, Extends, Integrity, Sd, TypeDisplay, TypeMetadata};

/// The documents of a type and of those that it extends, as far as they have come.
///
/// `start` with the credential's own; while one is [`Chain::missing`], fetch and [`Chain::add`] it; then
/// [`Chain::resolve`].
#[derive(Debug, Clone)]
pub struct Chain {
    /// The type itself, kept apart as there always is one.
    first: TypeMetadata,
    /// The one that it extends, the one that that extends, and so on.
    extended: Vec<TypeMetadata>,
}

/// What holds of a type, with all that it takes over from the types that it extends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedType {
    /// The type.
    pub vct: String,
    /// The types that it extends, the nearest first. That it does so gives nobody the right to issue any of them.
    pub extends: Vec<String>,
    /// Its own name for developers.
    pub name: Option<String>,
    /// Its own description for developers.
    pub description: Option<String>,
    /// How it is shown; empty if nothing is said.
    pub display: Vec<TypeDisplay>,
    /// Its claims: those of the type at the end of the chain first.
    pub claims: Vec<ClaimMetadata>,
}

impl Chain {
    /// Begins with the document of the type `vct` of a credential, whose `vct#integrity` is `integrity`.
    pub fn start(vct: &str, integrity: Option<&str>, document: &[u8]) -> Result<Self, Error> {
        let integrity = integrity.map(Integrity::new);
        let first = read(vct, integrity.as_ref(), document)?;
        let chain = Self { first, extended: Vec::new() };
        chain.not_circular()?;
        Ok(chain)
    }

    /// The type whose document is needed next; none if all are there.
    pub fn missing(&self) -> Option<&Extends> {
        self.last().extends.as_ref()
    }

    /// Adds the document of the type that is [`Chain::missing`], as it was received.
    pub fn add(&mut self, document: &[u8]) -> Result<(), Error> {
        let expected = self.missing().ok_or(Error::ExtendsNothing)?;
        if self.extended.len().saturating_add(1) >= TYPE_METADATA_CHAIN_MAX {
            return Err(Error::ExtendsTooLong);
        }
        let document = read(&expected.vct, expected.integrity.as_ref(), document)?;
        self.extended.push(document);
        self.not_circular()
    }

    fn last(&self) -> &TypeMetadata {
        self.extended.last().unwrap_or(&self.first)
    }

    fn all(&self) -> impl DoubleEndedIterator<Item = &TypeMetadata> {
        std::iter::once(&self.first).chain(&self.extended)
    }

    /// Noticed before anything is fetched again (section "Circular \"extends\" Dependencies of Types").
    fn not_circular(&self) -> Result<(), Error> {
        match self.missing() {
            Some(next) if self.all().any(|document| document.vct == next.vct) => Err(Error::ExtendsCircular),
            _ => Ok(()),
        }
    }

    /// What holds in the end.
    ///
    /// What a type does not say of a claim again (`sd`, `mandatory`) stays as the extended type says it: to drop a rule
    /// by leaving it out would be to change it, which is not allowed. Its `display` and `svg_id` are its own.
    pub fn resolve(self) -> Result<ResolvedType, Error> {
        if self.missing().is_some() {
            return Err(Error::ExtendsMissing);
        }
        let mut claims: Vec<ClaimMetadata> = Vec::new();
        for document in self.all().rev() {
            for claim in &document.claims {
                match claims.iter_mut().find(|known| known.path == claim.path) {
                    Some(known) => *known = overridden(known, claim)?,
                    None => claims.push(claim.clone()),
                }
            }
        }
        super::parse::svg_ids_once(&claims)?;
        let display = self.all().find_map(|document| document.display.clone()).unwrap_or_default();
        let extends = self.extended.iter().map(|document| document.vct.clone()).collect();
        let TypeMetadata { vct, name, description, .. } = self.first;
        Ok(ResolvedType { vct, extends, name, description, display, claims })
    }
}

fn read(vct: &str, integrity: Option<&Integrity>, document: &[u8]) -> Result<TypeMetadata, Error> {
    // Over the bytes as they came, before anybody reads them.
    integrity.map_or(Ok(()), |integrity| integrity.verify(document))?;
    let metadata = TypeMetadata::parse(document)?;
    if metadata.vct == vct { Ok(metadata) } else { Err(Error::Vct) }
}

/// `claim` of the extending type over `known` of the extended one (section "Limitations for `sd` and `mandatory`").
fn overridden(known: &ClaimMetadata, claim: &ClaimMetadata) -> Result<ClaimMetadata, Error> {
    let was = known.sd.unwrap_or_default();
    if was != Sd::Allowed && claim.sd.is_some_and(|sd| sd != was) {
        return Err(Error::ExtendsSd);
    }
    if known.mandatory == Some(true) && claim.mandatory == Some(false) {
        return Err(Error::ExtendsMandatory);
    }
    let (sd, mandatory) = (claim.sd.or(known.sd), claim.mandatory.or(known.mandatory));
    Ok(ClaimMetadata { mandatory, sd, ..claim.clone() })
}
