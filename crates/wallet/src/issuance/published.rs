//! What the publisher of a type says about it (SD-JWT VC draft 13, "SD-JWT VC Type Metadata"): fetched when `vct` is an
//! address, held against `vct#integrity` and against the credential, and shown before what the issuer's metadata say.

use base::limits;
use formats::{
    dcql::{ClaimPath, PathPart},
    sd_jwt::SdJwt,
    type_metadata::{self, Chain, ResolvedType, View},
};
use url::Url;

use super::Error;
use crate::{
    contents::{Card, ClaimLook, Localised, Look},
    http,
};

/// The documents of a card's type, as far as they have come.
pub(super) struct Published {
    card: Card,
    integrity: Option<String>,
    chain: Option<Chain>,
}

/// What comes next.
pub(super) enum Next {
    /// Fetch this document.
    Fetch(Box<Published>, Url),
    /// The card is ready.
    Ready(Box<Card>),
}

impl Published {
    /// Begins with a card whose credentials hold and say `integrity`. A `vct` that is no address, or one that may not
    /// be called, is a name: it has no document to fetch.
    pub(super) fn start(card: Card, integrity: Option<String>, insecure_loopback: bool) -> Next {
        match http::address(&card.vct, insecure_loopback) {
            Ok(url) => Next::Fetch(Box::new(Self { card, integrity, chain: None }), url),
            Err(_) => Next::Ready(Box::new(card)),
        }
    }

    /// A document that cannot be had says nothing: the card is shown as the issuer's metadata say.
    pub(super) fn unavailable(self) -> Card {
        self.card
    }

    /// Takes the document that was fetched. One that was fetched must hold: the one that `vct#integrity` means, about
    /// this type, and the credential must keep its rules.
    pub(super) fn add(mut self, document: &[u8], insecure_loopback: bool) -> Result<Next, Error> {
        let chain = match self.chain.take() {
            None => Chain::start(&self.card.vct, self.integrity.as_deref(), document),
            Some(mut chain) => chain.add(document).map(|()| chain),
        };
        let chain = chain.map_err(Error::TypeMetadata)?;
        if let Some(next) = chain.missing() {
            let url = http::address(&next.vct, insecure_loopback);
            let url = url.map_err(|_| Error::TypeMetadata(type_metadata::Error::ExtendsMissing))?;
            self.chain = Some(chain);
            return Ok(Next::Fetch(Box::new(self), url));
        }
        let resolved = chain.resolve().map_err(Error::TypeMetadata)?;
        for copy in &self.card.copies {
            let sd_jwt = SdJwt::parse(&copy.credential).map_err(|_| Error::ResponseInvalid)?;
            resolved.check(&sd_jwt, View::Whole).map_err(|violation| Error::TypeRule(violation.code()))?;
        }
        self.card.look = look(&resolved, std::mem::take(&mut self.card.look));
        Ok(Next::Ready(Box::new(self.card)))
    }
}

/// Names and labels of the type, and of the issuer where the type says nothing.
fn look(resolved: &ResolvedType, issuers: Look) -> Look {
    let names: Vec<(String, String)> =
        resolved.display.iter().map(|d| (d.locale.clone(), d.name.clone())).collect();
    let mut claims: Vec<ClaimLook> = resolved
        .claims
        .iter()
        .filter(|claim| !claim.display.is_empty())
        .filter_map(|claim| {
            let labels = claim.display.iter().map(|d| (d.locale.clone(), d.label.clone()));
            Some(ClaimLook { claim: place(&claim.path)?, names: Localised(labels.collect()) })
        })
        .collect();
    for claim in issuers.claims {
        if claims.iter().all(|known| known.claim != claim.claim) {
            claims.push(claim);
        }
    }
    claims.truncate(limits::TYPE_METADATA_CLAIMS_MAX);
    let simple = resolved.display.iter().find_map(|d| d.simple.as_ref());
    let colour = |pick: fn(&type_metadata::SimpleRendering) -> Option<type_metadata::Color>| {
        simple.and_then(pick).map(type_metadata::Color::to_text)
    };
    Look {
        names: if names.is_empty() { issuers.names } else { Localised(names.into_iter().collect()) },
        claims,
        background_color: colour(|s| s.background_color).or(issuers.background_color),
        text_color: colour(|s| s.text_color).or(issuers.text_color),
    }
}

/// How a claim is named in a [`Look`]: members are joined by full stops; elements of arrays have no label of their own.
fn place(path: &ClaimPath) -> Option<String> {
    path.parts().iter().all(|part| matches!(part, PathPart::Key(_))).then(|| path.to_string())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
