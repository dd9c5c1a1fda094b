//! The type metadata documents that the issuer publishes, each at the address that is its type's `vct` (SD-JWT VC
//! draft 13, section "SD-JWT VC Type Metadata"): made once, so that the bytes that are served are those that
//! `vct#integrity` in its credentials hashes.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    body::Bytes,
    http::{HeaderValue, StatusCode, header},
};
use crypto::HashAlg;
use formats::type_metadata::{Integrity, TypeMetadata};

use web::{
    Operation, Routes,
    openapi::{Shape, id_of},
};

use crate::{Issuer, Types, issuer::ConfigError, shapes, types::is_type_path};

/// How long a document may be kept. Not long: who kept an old one refuses credentials that mean a new one.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// By `vct`, all under the issuer's identifier. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct TypeDocuments(Arc<BTreeMap<String, TypeDocument>>);

struct TypeDocument {
    /// The path under the identifier: `/types/diploma/1`.
    path: String,
    document: Bytes,
    integrity: Integrity,
}

impl TypeDocuments {
    /// Those of the types whose `vct` is `{identifier}/types/NAME/VERSION`. Whoever is at other addresses publishes the
    /// documents there.
    ///
    /// # Errors
    /// Two types have the same address, or a document would be refused by whoever reads it.
    pub(crate) fn new(types: &Types, identifier: &str) -> Result<Self, ConfigError> {
        let mut documents = BTreeMap::new();
        for credential_type in types.iter() {
            let vct = &credential_type.vct;
            let Some(path) = vct.strip_prefix(identifier).filter(|path| is_type_path(path)) else { continue };
            let refused =
                |why: String| ConfigError::Metadata(format!("the type {}: {why}", credential_type.id));
            let document = credential_type.metadata().to_document();
            TypeMetadata::parse(&document).map_err(|error| refused(error.to_string()))?;
            let integrity = Integrity::of(&document, HashAlg::Sha256);
            let document = TypeDocument { path: path.to_owned(), document: document.into(), integrity };
            if documents.insert(vct.clone(), document).is_some() {
                return Err(refused("its vct is that of another type".to_owned()));
            }
        }
        Ok(Self(Arc::new(documents)))
    }

    /// Serves each under the path of the identifier: one route each, so that others can serve other types.
    pub(crate) fn routes(&self, issuer: &Issuer, routes: Routes<Issuer>) -> Routes<Issuer> {
        let prefix = &issuer.0.addresses.path;
        self.0.values().fold(routes, |routes, of_type| {
            let document = of_type.document.clone();
            let json = HeaderValue::from_static("application/json");
            let headers = [(header::CONTENT_TYPE, json), (header::CACHE_CONTROL, CACHE_CONTROL)];
            let id = issuer.operation_id(&id_of("show", &of_type.path));
            let operation = Operation::get(format!("{prefix}{}", of_type.path), id)
                .says("Types", "What a type of credential is", "SD-JWT VC, draft 13, section 6.")
                .answers_as(
                    StatusCode::OK,
                    "The type metadata.",
                    "application/json",
                    Shape::Given(shapes::type_metadata()),
                );
            routes.add(operation, async move || (headers, document))
        })
    }

    /// What credentials of this type say in `vct#integrity`.
    pub(crate) fn integrity(&self, vct: &str) -> Option<&str> {
        self.0.get(vct).map(|of_type| of_type.integrity.as_str())
    }

    /// Their addresses.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
