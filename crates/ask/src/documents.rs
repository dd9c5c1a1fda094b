//! What documents and their claims are called, for people: the same texts as issuers of this system use.
//!
//! An asker may ask for any type; what is not known here is shown by its technical name.

use std::sync::LazyLock;

use base::{Lang, Texts};
use serde::Deserialize;

/// The types that come with the system, as their issuers describe them.
const FILES: [&str; 10] = [
    include_str!("../../../types/account.toml"),
    include_str!("../../../types/diploma.toml"),
    include_str!("../../../types/driving-licence.toml"),
    include_str!("../../../types/farmer.toml"),
    include_str!("../../../types/mandate.toml"),
    include_str!("../../../types/participant.toml"),
    include_str!("../../../types/pid.toml"),
    include_str!("../../../types/travel-document.toml"),
    include_str!("../../../types/vaccination.toml"),
    include_str!("../../../types/vehicle-registration.toml"),
];

static DOCUMENTS: LazyLock<Vec<Document>> =
    LazyLock::new(|| FILES.into_iter().filter_map(|file| toml::from_str(file).ok()).collect());

/// A type of documents.
#[derive(Debug, Deserialize)]
pub(crate) struct Document {
    vct: String,
    name: Texts,
    #[serde(rename = "claim")]
    claims: Vec<Claim>,
}

#[derive(Debug, Deserialize)]
struct Claim {
    name: String,
    label: Texts,
}

impl Document {
    /// The type with this identifier, if it is known.
    pub(crate) fn find(vct: &str) -> Option<&'static Self> {
        DOCUMENTS.iter().find(|d| match d.vct.strip_prefix("{identifier}") {
            // Whichever issuer it is under: only words are looked up here, and trust is asked elsewhere.
            Some(path) => vct.ends_with(path),
            None => d.vct == vct,
        })
    }

    /// What people call it.
    pub(crate) fn name(&self, lang: Lang) -> &str {
        self.name.get(lang)
    }

    /// What people call one of its claims.
    pub(crate) fn label(&self, claim: &str, lang: Lang) -> Option<&str> {
        self.claims.iter().find(|c| c.name == claim).map(|c| c.label.get(lang))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_that_comes_along_is_known() {
        assert_eq!(DOCUMENTS.len(), FILES.len());
        let pid = Document::find("urn:eudi:pid:1");
        assert_eq!(pid.map(|d| d.name(Lang::Fr)), Some("Identité nationale"));
        assert_eq!(pid.and_then(|d| d.label("birthdate", Lang::En)), Some("Date of birth"));
        assert_eq!(pid.and_then(|d| d.label("unknown", Lang::En)), None);
        let diploma = Document::find("https://university.example/types/diploma/1");
        assert_eq!(diploma.map(|d| d.name(Lang::En)), Some("Diploma"));
        assert!(Document::find("urn:unknown:1").is_none());
    }
}
