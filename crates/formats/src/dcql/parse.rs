//! From JSON and to JSON.

use std::collections::BTreeSet;

use base::limits::{DCQL_CLAIMS_MAX, DCQL_CREDENTIALS_MAX};
use serde_json::{Map, Value, json};

use super::{
    ClaimPath, ClaimsQuery, CredentialQuery, CredentialSet, Error, Expected, Format, PathPart, Query,
    TrustedAuthority,
};
use crate::b64;

/// Claims that an SD-JWT VC always shows (SD-JWT VC draft 13, section 3.2.2.2), and `iat`, which is no claim about the
/// person: whoever asked for it would never get an answer that is accepted.
const NEVER_DISCLOSABLE: [&str; 10] =
    ["iss", "nbf", "exp", "iat", "cnf", "vct", "vct#integrity", "status", "_sd", "..."];

impl Query {
    /// Reads a query from outside. Duplicate members must have been refused when the JSON was parsed.
    pub fn from_value(value: &Value) -> Result<Self, Error> {
        let top = value.as_object().ok_or(Error::Malformed("not an object"))?;
        let list = non_empty(top.get("credentials"), "credentials")?;
        if list.len() > DCQL_CREDENTIALS_MAX {
            return Err(Error::TooLarge("credentials"));
        }
        let credentials = list.iter().map(CredentialQuery::from_value).collect::<Result<Vec<_>, _>>()?;
        let ids: BTreeSet<&str> = credentials.iter().map(|c| c.id.as_str()).collect();
        if ids.len() != credentials.len() {
            return Err(Error::Malformed("the same credential id twice"));
        }
        let credential_sets = optional_list(top, "credential_sets")?
            .iter()
            .map(CredentialSet::from_value)
            .collect::<Result<Vec<_>, _>>()?;
        if credential_sets.iter().flat_map(|set| &set.options).flatten().any(|id| !ids.contains(id.as_str()))
        {
            return Err(Error::Malformed("credential_sets names a credential that there is not"));
        }
        Ok(Self { credentials, credential_sets })
    }

    /// What an asker checks about its own query beyond its form: that it asks for nothing that is shown anyway, for no
    /// claim twice (section 6.1), and for nothing whose answer is not understood.
    pub fn check_before_asking(&self) -> Result<(), Error> {
        for query in &self.credentials {
            if query.format != Format::SdJwtVc {
                return Err(Error::Unsupported("a format other than dc+sd-jwt"));
            }
            let paths: BTreeSet<&ClaimPath> = query.claims.iter().map(|c| &c.path).collect();
            if paths.len() != query.claims.len() {
                return Err(Error::Malformed("the same claim twice"));
            }
            if paths.iter().filter_map(|p| p.first_key()).any(|name| NEVER_DISCLOSABLE.contains(&name)) {
                return Err(Error::NeverDisclosable);
            }
        }
        Ok(())
    }

    /// As it is sent.
    pub fn to_value(&self) -> Value {
        let mut query = Map::from_iter([(
            "credentials".to_owned(),
            list_of(&self.credentials, CredentialQuery::to_value),
        )]);
        if !self.credential_sets.is_empty() {
            query.insert("credential_sets".into(), list_of(&self.credential_sets, CredentialSet::to_value));
        }
        Value::Object(query)
    }

    /// The query with this id.
    pub fn credential(&self, id: &str) -> Option<&CredentialQuery> {
        self.credentials.iter().find(|c| c.id == id)
    }
}

impl CredentialSet {
    fn from_value(value: &Value) -> Result<Self, Error> {
        let set = value.as_object().ok_or(Error::Malformed("a credential set is not an object"))?;
        let options = bounded(non_empty(set.get("options"), "options")?, "options")?
            .iter()
            .map(|option| {
                bounded(non_empty(Some(option), "options")?, "options")?.iter().map(identifier).collect()
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { options, required: flag(set, "required")?.unwrap_or(true) })
    }

    fn to_value(&self) -> Value {
        json!({ "options": self.options, "required": self.required })
    }
}

impl CredentialQuery {
    fn from_value(value: &Value) -> Result<Self, Error> {
        let query = value.as_object().ok_or(Error::Malformed("a credential query is not an object"))?;
        let id = identifier(query.get("id").ok_or(Error::Malformed("a credential query has no id"))?)?;
        let format = query.get("format").and_then(Value::as_str).ok_or(Error::Malformed("format"))?;
        let format = [Format::SdJwtVc, Format::MsoMdoc]
            .into_iter()
            .find(|f| f.as_str() == format)
            .ok_or(Error::Unsupported("a format other than dc+sd-jwt and mso_mdoc"))?;
        let meta = query.get("meta").and_then(Value::as_object).ok_or(Error::Malformed("meta"))?;
        let (vct_values, doctype) = match format {
            Format::SdJwtVc => (strings(meta.get("vct_values"), "meta.vct_values")?, None),
            Format::MsoMdoc => {
                let doctype = meta.get("doctype_value").and_then(Value::as_str).filter(|d| !d.is_empty());
                (Vec::new(), Some(doctype.ok_or(Error::Malformed("meta.doctype_value"))?.to_owned()))
            }
        };
        let trusted_authorities = optional_list(query, "trusted_authorities")?
            .iter()
            .map(TrustedAuthority::from_value)
            .collect::<Result<_, _>>()?;
        let claims = optional_list(query, "claims")?
            .iter()
            .map(|claim| ClaimsQuery::from_value(claim, format))
            .collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<&str> = claims.iter().filter_map(|c| c.id.as_deref()).collect();
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        if unique.len() != ids.len() {
            return Err(Error::Malformed("the same claims id twice"));
        }
        let claim_sets = optional_list(query, "claim_sets")?
            .iter()
            .map(|set| {
                let ids = set.as_array().ok_or(Error::Malformed("claim_sets"))?;
                bounded(ids, "claim_sets")?.iter().map(identifier).collect::<Result<Vec<_>, _>>()
            })
            .collect::<Result<Vec<_>, _>>()?;
        if !claim_sets.is_empty() {
            if claims.is_empty() {
                return Err(Error::Malformed("claim_sets without claims"));
            }
            if ids.len() != claims.len() {
                return Err(Error::Malformed("claim_sets, and a claims query has no id"));
            }
        }
        if claim_sets.iter().flatten().any(|id| !unique.contains(id.as_str())) {
            return Err(Error::Malformed("claim_sets names a claim that there is not"));
        }
        Ok(Self {
            id,
            format,
            vct_values,
            doctype,
            multiple: flag(query, "multiple")?.unwrap_or(false),
            trusted_authorities,
            holder_binding: flag(query, "require_cryptographic_holder_binding")?.unwrap_or(true),
            claims,
            claim_sets,
        })
    }

    fn to_value(&self) -> Value {
        let meta = match &self.doctype {
            None => json!({ "vct_values": self.vct_values }),
            Some(doctype) => json!({ "doctype_value": doctype }),
        };
        let mut query = Map::from_iter([
            ("id".to_owned(), Value::from(self.id.as_str())),
            ("format".to_owned(), Value::from(self.format.as_str())),
            ("meta".to_owned(), meta),
        ]);
        // What is as it would be if nothing were said is left out.
        if self.multiple {
            query.insert("multiple".into(), true.into());
        }
        if !self.holder_binding {
            query.insert("require_cryptographic_holder_binding".into(), false.into());
        }
        for (name, list) in [
            ("trusted_authorities", list_of(&self.trusted_authorities, TrustedAuthority::to_value)),
            ("claims", list_of(&self.claims, ClaimsQuery::to_value)),
            ("claim_sets", json!(self.claim_sets)),
        ] {
            if list.as_array().is_some_and(|list| !list.is_empty()) {
                query.insert(name.into(), list);
            }
        }
        Value::Object(query)
    }
}

impl TrustedAuthority {
    fn from_value(value: &Value) -> Result<Self, Error> {
        let malformed = Error::Malformed("trusted_authorities");
        let authority = value.as_object().ok_or(malformed.clone())?;
        let kind = authority.get("type").and_then(Value::as_str).filter(|k| !k.is_empty());
        let kind = kind.ok_or(malformed.clone())?.to_owned();
        let values = strings(authority.get("values"), "trusted_authorities")?;
        if kind == "aki" {
            let ids = values.iter().map(|id| b64::decode(id)).collect::<Result<_, _>>();
            return ids.map(Self::KeyIds).map_err(|_| malformed);
        }
        Ok(Self::Other { kind, values })
    }

    fn to_value(&self) -> Value {
        match self {
            Self::KeyIds(ids) => {
                json!({ "type": "aki", "values": ids.iter().map(|id| b64::encode(id)).collect::<Vec<_>>() })
            }
            Self::Other { kind, values } => json!({ "type": kind, "values": values }),
        }
    }
}

impl ClaimsQuery {
    fn from_value(value: &Value, format: Format) -> Result<Self, Error> {
        let query = value.as_object().ok_or(Error::Malformed("a claims query is not an object"))?;
        let id = query.get("id").map(identifier).transpose()?;
        let path =
            ClaimPath::from_value(query.get("path").ok_or(Error::Malformed("a claims query has no path"))?)?;
        let values =
            optional_list(query, "values")?.iter().map(Expected::from_value).collect::<Result<_, _>>()?;
        let mut intent_to_retain = None;
        if format == Format::MsoMdoc {
            // Section 7.2: a namespace and the identifier of an element in it.
            if !matches!(path.parts(), [PathPart::Key(_), PathPart::Key(_)]) {
                return Err(Error::Malformed("a path into an mdoc is not two strings"));
            }
            intent_to_retain = flag(query, "intent_to_retain")?;
        }
        Ok(Self { id, path, values, intent_to_retain })
    }

    fn to_value(&self) -> Value {
        let mut query = Map::from_iter([("path".to_owned(), self.path.to_value())]);
        if let Some(id) = &self.id {
            query.insert("id".into(), id.as_str().into());
        }
        if !self.values.is_empty() {
            query.insert("values".into(), list_of(&self.values, Expected::to_value));
        }
        if let Some(retain) = self.intent_to_retain {
            query.insert("intent_to_retain".into(), retain.into());
        }
        Value::Object(query)
    }
}

impl Expected {
    fn from_value(value: &Value) -> Result<Self, Error> {
        match value {
            Value::String(text) => Ok(Self::Text(text.clone())),
            Value::Bool(flag) => Ok(Self::Flag(*flag)),
            value => integer(value)
                .map(Self::Integer)
                .ok_or(Error::Malformed("values has an element that is no string, integer or boolean")),
        }
    }

    fn to_value(&self) -> Value {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Flag(flag) => (*flag).into(),
            Self::Integer(number) => match u64::try_from(*number) {
                Ok(number) => number.into(),
                Err(_) => i64::try_from(*number).map_or(Value::Null, Value::from),
            },
        }
    }

    /// Whether a claim has this value.
    pub(super) fn is(&self, claim: &Value) -> bool {
        match self {
            Self::Text(text) => claim.as_str() == Some(text),
            Self::Flag(flag) => claim.as_bool() == Some(*flag),
            Self::Integer(number) => integer(claim) == Some(*number),
        }
    }
}

/// The integer that a JSON number is, however it is written; none if it has a fraction, or is beyond what every JSON
/// reader tells apart (RFC 8259, section 6).
fn integer(value: &Value) -> Option<i128> {
    const EXACT: f64 = 9_007_199_254_740_991.0;
    let number = value.as_number()?;
    if let Some(number) = number.as_i64() {
        return Some(number.into());
    }
    if let Some(number) = number.as_u64() {
        return Some(number.into());
    }
    let number = number.as_f64().filter(|n| n.fract() == 0.0 && n.abs() <= EXACT)?;
    format!("{number:.0}").parse().ok()
}

impl ClaimPath {
    /// Reads a claims path pointer: a non-empty array of strings, nulls and non-negative integers, the first a string.
    pub fn from_value(value: &Value) -> Result<Self, Error> {
        let parts = bounded(non_empty(Some(value), "path")?, "path")?
            .iter()
            .map(|part| match part {
                Value::String(name) => Some(PathPart::Key(name.clone())),
                Value::Null => Some(PathPart::All),
                Value::Number(index) => {
                    index.as_u64().and_then(|i| u32::try_from(i).ok()).map(PathPart::Index)
                }
                _ => None,
            })
            .collect::<Option<Vec<_>>>()
            .ok_or(Error::Malformed("a path has a component that is no string, null or index"))?;
        if matches!(parts.first(), Some(PathPart::Key(_))) {
            Ok(Self(parts))
        } else {
            Err(Error::Malformed("a path does not begin with a string"))
        }
    }
}

fn non_empty<'v>(value: Option<&'v Value>, name: &'static str) -> Result<&'v [Value], Error> {
    match value.and_then(Value::as_array) {
        Some(list) if !list.is_empty() => Ok(list),
        _ => Err(Error::Malformed(name)),
    }
}

fn bounded<'v>(list: &'v [Value], name: &'static str) -> Result<&'v [Value], Error> {
    if list.len() > DCQL_CLAIMS_MAX { Err(Error::TooLarge(name)) } else { Ok(list) }
}

/// A list that may be missing, but not empty if it is there.
fn optional_list<'v>(object: &'v Map<String, Value>, name: &'static str) -> Result<&'v [Value], Error> {
    match object.get(name) {
        None => Ok(&[]),
        list => bounded(non_empty(list, name)?, name),
    }
}

/// A list of strings, none of which is empty.
fn strings(value: Option<&Value>, name: &'static str) -> Result<Vec<String>, Error> {
    bounded(non_empty(value, name)?, name)?
        .iter()
        .map(|text| text.as_str().filter(|t| !t.is_empty()).map(str::to_owned))
        .collect::<Option<_>>()
        .ok_or(Error::Malformed(name))
}

fn list_of<T>(list: &[T], to_value: impl Fn(&T) -> Value) -> Value {
    list.iter().map(to_value).collect()
}

/// Section 6.1: a non-empty string of letters, digits, underscores and hyphens.
fn identifier(value: &Value) -> Result<String, Error> {
    match value.as_str() {
        Some(id)
            if !id.is_empty()
                && id.len() <= 128
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)) =>
        {
            Ok(id.to_owned())
        }
        _ => Err(Error::Malformed("id")),
    }
}

fn flag(query: &Map<String, Value>, member: &'static str) -> Result<Option<bool>, Error> {
    match query.get(member) {
        None => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(Error::Malformed(member)),
    }
}
