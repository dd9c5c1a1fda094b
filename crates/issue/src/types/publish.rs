//! What a type publishes at its `vct` (SD-JWT VC draft 13, sections "Type Metadata Format", "Display Metadata" and
//! "Claim Metadata"), and which parts of its credentials have disclosures of their own: the same in both.

use base::{Lang, Texts};
use formats::{
    dcql::ClaimPath,
    type_metadata::{ClaimDisplay, ClaimMetadata, Color, Sd, SimpleRendering, TypeDisplay, TypeMetadata},
};
use serde_json::Value;

use super::{CredentialType, Kind, Part};

/// A claim, or a part of one.
struct Place<'a> {
    path: ClaimPath,
    label: &'a Texts,
    /// Whether every credential has it.
    mandatory: bool,
    /// Whether it has a disclosure of its own.
    disclosable: bool,
    /// Whether it is in something that has one.
    is_within_disclosable: bool,
}

impl CredentialType {
    /// Its type metadata document.
    pub fn metadata(&self) -> TypeMetadata {
        let simple = SimpleRendering {
            background_color: Color::parse(&self.background_color),
            text_color: Color::parse(&self.text_color),
            ..SimpleRendering::default()
        };
        let display = self.name.iter().map(|(lang, name)| TypeDisplay {
            locale: lang.tag().to_owned(),
            name: name.to_owned(),
            description: Some(self.description.get(lang).to_owned()),
            simple: Some(simple.clone()),
        });
        TypeMetadata {
            vct: self.vct.clone(),
            name: Some(self.name.get(Lang::En).to_owned()),
            description: Some(self.description.get(Lang::En).to_owned()),
            extends: None,
            display: Some(display.collect()),
            claims: self.places().iter().map(Place::metadata).collect(),
        }
    }

    /// What has a disclosure of its own.
    pub fn disclosable(&self) -> Vec<ClaimPath> {
        self.places().into_iter().filter(|place| place.disclosable).map(|place| place.path).collect()
    }

    /// Its claims, each with its parts after it.
    fn places(&self) -> Vec<Place<'_>> {
        let mut all = Vec::new();
        for claim in &self.claims {
            let (mandatory, disclosable) = (claim.mandatory, claim.selectively_disclosable);
            let path = vec![Value::from(claim.name.as_str())];
            add(&mut all, &path, &claim.label, (mandatory, disclosable, false));
            within(&mut all, path, claim.kind, &claim.parts, (mandatory, disclosable));
        }
        all
    }
}

fn add<'a>(
    all: &mut Vec<Place<'a>>,
    path: &[Value],
    label: &'a Texts,
    (mandatory, disclosable, is_within_disclosable): (bool, bool, bool),
) {
    // It is a path, as it is not empty and begins with a name.
    if let Ok(path) = ClaimPath::from_value(&Value::from(path)) {
        all.push(Place { path, label, mandatory, disclosable, is_within_disclosable });
    }
}

/// The parts of what is at `path`; `outer`: whether that is mandatory, and whether it or what it is in is disclosable.
fn within<'a>(
    all: &mut Vec<Place<'a>>,
    mut path: Vec<Value>,
    kind: Kind,
    parts: &'a [Part],
    outer: (bool, bool),
) {
    if kind == Kind::Objects {
        path.push(Value::Null);
    }
    for part in parts {
        let mut path = path.clone();
        path.push(Value::from(part.name.as_str()));
        let mandatory = outer.0 && part.mandatory;
        add(all, &path, &part.label, (mandatory, part.selectively_disclosable, outer.1));
        let inner = (mandatory, outer.1 || part.selectively_disclosable);
        within(all, path, part.kind, &part.parts, inner);
    }
}

impl Place<'_> {
    fn metadata(&self) -> ClaimMetadata {
        let sd = match (self.disclosable, self.is_within_disclosable) {
            (true, _) => Some(Sd::Always),
            (false, false) => Some(Sd::Never),
            // Shown and hidden with what it is in: it would be a riddle to say that this is never.
            (false, true) => None,
        };
        let display = self.label.iter().map(|(lang, label)| ClaimDisplay {
            locale: lang.tag().to_owned(),
            label: label.to_owned(),
            description: None,
        });
        ClaimMetadata {
            path: self.path.clone(),
            display: display.collect(),
            mandatory: Some(self.mandatory),
            sd,
            svg_id: None,
        }
    }
}
