//! From JSON and to JSON.

use std::collections::BTreeSet;

use base::limits::{DCQL_CLAIMS_MAX, DCQL_CREDENTIALS_MAX};
use serde_json::{Map, Value, json};

use super::{ClaimPath, ClaimsQuery, CredentialQuery, Error, Format, PathPart, Query};

/// Claims that an SD-JWT VC always shows (SD-JWT VC draft 13, section 3.2.2.2), and `iat`, which is no claim about the
/// person: whoever asked for it would never get an answer that is accepted.
const NEVER_DISCLOSABLE: [&str; 10] =
    ["iss", "nbf", "exp", "iat", "cnf", "vct", "vct#integrity", "status", "_sd", "..."];

impl Query {
    /// Reads a query from outside. Duplicate members must have been refused when the JSON was parsed.
    pub fn from_value(value: &Value) -> Result<Self, Error> {
        let top = value.as_object().ok_or(Error::Malformed("not an object"))?;
        if top.contains_key("credential_sets") {
            return Err(Error::Unsupported("credential_sets"));
        }
        let list = non_empty(top.get("credentials"), "credentials")?;
        if list.len() > DCQL_CREDENTIALS_MAX {
            return Err(Error::TooLarge("credentials"));
        }
        let credentials = list.iter().map(CredentialQuery::from_value).collect::<Result<Vec<_>, _>>()?;
        let ids: BTreeSet<&str> = credentials.iter().map(|c| c.id.as_str()).collect();
        if ids.len() != credentials.len() {
            return Err(Error::Malformed("the same credential id twice"));
        }
        Ok(Self { credentials })
    }

    /// What an asker checks about its own query beyond its form: that it asks for nothing that is shown anyway.
    pub fn check_before_asking(&self) -> Result<(), Error> {
        let asked = self.credentials.iter().flat_map(|c| &c.claims).filter_map(|c| c.path.first_key());
        for name in asked {
            if NEVER_DISCLOSABLE.contains(&name) {
                return Err(Error::NeverDisclosable);
            }
        }
        Ok(())
    }

    /// As it is sent.
    pub fn to_value(&self) -> Value {
        json!({ "credentials": self.credentials.iter().map(CredentialQuery::to_value).collect::<Vec<_>>() })
    }

    /// The query with this id.
    pub fn credential(&self, id: &str) -> Option<&CredentialQuery> {
        self.credentials.iter().find(|c| c.id == id)
    }
}

impl CredentialQuery {
    fn from_value(value: &Value) -> Result<Self, Error> {
        let query = value.as_object().ok_or(Error::Malformed("a credential query is not an object"))?;
        let id = identifier(query.get("id").ok_or(Error::Malformed("a credential query has no id"))?)?;
        let format = query.get("format").and_then(Value::as_str).ok_or(Error::Malformed("format"))?;
        if format != Format::SdJwtVc.as_str() {
            return Err(Error::Unsupported("a format other than dc+sd-jwt"));
        }
        for (member, name) in [("claim_sets", "claim_sets"), ("trusted_authorities", "trusted_authorities")] {
            if query.contains_key(member) {
                return Err(Error::Unsupported(name));
            }
        }
        if flag(query, "multiple", "multiple")?.unwrap_or(false) {
            return Err(Error::Unsupported("multiple"));
        }
        if !flag(query, "require_cryptographic_holder_binding", "require_cryptographic_holder_binding")?
            .unwrap_or(true)
        {
            return Err(Error::Unsupported("require_cryptographic_holder_binding: false"));
        }
        let meta = query.get("meta").and_then(Value::as_object).ok_or(Error::Malformed("meta"))?;
        let vct_values = non_empty(meta.get("vct_values"), "meta.vct_values")?
            .iter()
            .map(|vct| vct.as_str().filter(|v| !v.is_empty()).map(str::to_owned))
            .collect::<Option<Vec<_>>>()
            .ok_or(Error::Malformed("meta.vct_values"))?;
        let claims = match query.get("claims") {
            None => Vec::new(),
            claims => non_empty(claims, "claims")?
                .iter()
                .map(ClaimsQuery::from_value)
                .collect::<Result<Vec<_>, _>>()?,
        };
        if claims.len() > DCQL_CLAIMS_MAX || vct_values.len() > DCQL_CLAIMS_MAX {
            return Err(Error::TooLarge("claims"));
        }
        let ids: Vec<&str> = claims.iter().filter_map(|c| c.id.as_deref()).collect();
        if ids.iter().collect::<BTreeSet<_>>().len() != ids.len() {
            return Err(Error::Malformed("the same claims id twice"));
        }
        if claims.iter().map(|c| &c.path).collect::<BTreeSet<_>>().len() != claims.len() {
            return Err(Error::Malformed("the same claim twice"));
        }
        Ok(Self { id, format: Format::SdJwtVc, vct_values, claims })
    }

    fn to_value(&self) -> Value {
        let mut query = json!({
            "id": self.id,
            "format": self.format.as_str(),
            "meta": { "vct_values": self.vct_values },
        });
        if !self.claims.is_empty()
            && let Some(query) = query.as_object_mut()
        {
            query.insert("claims".into(), self.claims.iter().map(ClaimsQuery::to_value).collect());
        }
        query
    }
}

impl ClaimsQuery {
    fn from_value(value: &Value) -> Result<Self, Error> {
        let query = value.as_object().ok_or(Error::Malformed("a claims query is not an object"))?;
        if query.contains_key("values") {
            return Err(Error::Unsupported("values"));
        }
        let id = query.get("id").map(identifier).transpose()?;
        let path =
            ClaimPath::from_value(query.get("path").ok_or(Error::Malformed("a claims query has no path"))?)?;
        match path.parts() {
            [PathPart::Key(_)] => Ok(Self { id, path }),
            _ => Err(Error::Unsupported("a path of more than one component")),
        }
    }

    fn to_value(&self) -> Value {
        let mut query = Map::new();
        if let Some(id) = &self.id {
            query.insert("id".into(), id.as_str().into());
        }
        query.insert("path".into(), self.path.to_value());
        Value::Object(query)
    }
}

impl ClaimPath {
    /// Reads a claims path pointer: a non-empty array of strings, nulls and non-negative integers, the first a string.
    pub fn from_value(value: &Value) -> Result<Self, Error> {
        let parts = non_empty(Some(value), "path")?
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

fn flag(query: &Map<String, Value>, member: &str, name: &'static str) -> Result<Option<bool>, Error> {
    match query.get(member) {
        None => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(Error::Malformed(name)),
    }
}
