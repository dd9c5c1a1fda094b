//! What a type says to wallets (issuer metadata) and to clerks (the form).

use std::collections::BTreeMap;

use base::Texts;
use formats::vci::metadata::{
    ClaimDescription, ClaimDisplay, CredentialConfiguration, CredentialDisplay, CredentialMetadata,
    PathElement, ProofType, SigningAlg,
};
use serde::Serialize;

use super::{ClaimType, CredentialType, Kind, Part, Source, TEXT_CHARS_MAX};

/// The one algorithm that we sign with and that proofs are signed with.
const ALG: &str = "ES256";

impl CredentialType {
    /// Its entry in `credential_configurations_supported` (OpenID4VCI 1.0, section 12.2.4 and appendix A.3.2).
    pub fn configuration(&self) -> CredentialConfiguration {
        let display = self.name.iter().map(|(lang, name)| CredentialDisplay {
            name: name.to_owned(),
            locale: Some(lang.tag().to_owned()),
            description: Some(self.description.get(lang).to_owned()),
            background_color: Some(self.background_color.clone()),
            text_color: Some(self.text_color.clone()),
        });
        let proof_type = ProofType {
            proof_signing_alg_values_supported: vec![ALG.to_owned()],
            key_attestations_required: None,
        };
        CredentialConfiguration {
            format: self.format.clone(),
            scope: Some(self.scope.clone()),
            vct: Some(self.vct.clone()),
            credential_signing_alg_values_supported: vec![SigningAlg::Jose(ALG.to_owned())],
            cryptographic_binding_methods_supported: vec!["jwk".to_owned()],
            proof_types_supported: BTreeMap::from([("jwt".to_owned(), proof_type)]),
            credential_metadata: Some(CredentialMetadata {
                display: display.collect(),
                claims: self.claims.iter().flat_map(ClaimType::descriptions).collect(),
            }),
        }
    }

    /// What a clerk fills in and sees.
    pub fn form(&self) -> Form<'_> {
        let (asked, known): (Vec<_>, Vec<_>) = self.claims.iter().partition(|c| c.source == Source::Form);
        Form {
            id: &self.id,
            vct: &self.vct,
            name: &self.name,
            description: &self.description,
            background_color: &self.background_color,
            text_color: &self.text_color,
            validity_days: self.validity_days,
            asked: asked.into_iter().map(Field::of).collect(),
            known: known.into_iter().map(Field::of).collect(),
        }
    }
}

impl ClaimType {
    /// The claim, and the parts of an object after it.
    fn descriptions(&self) -> Vec<ClaimDescription> {
        let path = vec![PathElement::Name(self.name.clone())];
        let mut all = Vec::new();
        let own = (self.mandatory, &self.label);
        describe(&mut all, path, own, self.kind, &self.parts);
        all
    }
}

/// A claim or part at `path`, and its parts after it. Mandatory is what the credential always has (OpenID4VCI 1.0,
/// appendix B.2), so nothing in an object that may be missing.
fn describe(
    all: &mut Vec<ClaimDescription>,
    path: Vec<PathElement>,
    (mandatory, label): (bool, &Texts),
    kind: Kind,
    parts: &[Part],
) {
    let mut within = path.clone();
    all.push(ClaimDescription { path, mandatory, display: labels(label) });
    if kind == Kind::Objects {
        within.push(PathElement::All);
    }
    for part in parts {
        let mut path = within.clone();
        path.push(PathElement::Name(part.name.clone()));
        describe(all, path, (mandatory && part.mandatory, &part.label), part.kind, &part.parts);
    }
}

fn labels(texts: &Texts) -> Vec<ClaimDisplay> {
    texts
        .iter()
        .map(|(lang, text)| ClaimDisplay { name: Some(text.to_owned()), locale: Some(lang.tag().to_owned()) })
        .collect()
}

/// A type as a clerk's page needs it.
#[derive(Debug, Serialize)]
pub struct Form<'a> {
    id: &'a str,
    vct: &'a str,
    name: &'a Texts,
    description: &'a Texts,
    background_color: &'a str,
    text_color: &'a str,
    validity_days: i64,
    /// What the clerk enters.
    #[serde(rename = "form")]
    asked: Vec<Field<'a>>,
    /// What the register and the issuer say.
    known: Vec<Field<'a>>,
}

/// One field.
#[derive(Debug, Serialize)]
struct Field<'a> {
    name: &'a str,
    kind: &'static str,
    mandatory: bool,
    label: &'a Texts,
    #[serde(skip_serializing_if = "Option::is_none")]
    chars_max: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<PartField<'a>>,
}

/// A part of an object.
#[derive(Debug, Serialize)]
struct PartField<'a> {
    name: &'a str,
    kind: &'static str,
    mandatory: bool,
    label: &'a Texts,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<PartField<'a>>,
}

impl<'a> PartField<'a> {
    fn all(parts: &'a [Part]) -> Vec<Self> {
        let one = |p: &'a Part| Self {
            name: &p.name,
            kind: p.kind.name(),
            mandatory: p.mandatory,
            label: &p.label,
            parts: Self::all(&p.parts),
        };
        parts.iter().map(one).collect()
    }
}

impl<'a> Field<'a> {
    fn of(claim: &'a ClaimType) -> Self {
        let texts = matches!(claim.kind, Kind::Text | Kind::Texts);
        Self {
            name: &claim.name,
            kind: claim.kind.name(),
            mandatory: claim.mandatory,
            label: &claim.label,
            chars_max: texts.then(|| claim.chars_max.unwrap_or(TEXT_CHARS_MAX)),
            min: claim.min,
            max: claim.max,
            parts: PartField::all(&claim.parts),
        }
    }
}
