//! What the issuer publishes about itself: built once, from its configuration and its types.

use std::collections::BTreeMap;

use base::Instant;
use formats::{
    jws,
    vci::{
        AUTHORIZATION_DETAILS_TYPE, AuthorizationServerMetadata, GRANT_PRE_AUTHORIZED_CODE,
        GRANT_REFRESH_TOKEN, IssuerMetadata,
        metadata::{BatchIssuance, IssuerDisplay},
    },
};
use serde_json::{Value, json};

use crate::{
    issuer::{Addresses, ConfigError, Inner, IssuerConfig},
    type_documents::TypeDocuments,
};

/// The `typ` of signed metadata (OpenID4VCI 1.0, section 12.2.3).
const SIGNED_TYP: &str = "openidvci-issuer-metadata+jwt";

/// The two documents, and those of the types.
pub(crate) struct Published {
    pub(crate) issuer: IssuerMetadata,
    pub(crate) issuer_json: String,
    pub(crate) authorization_server_json: String,
    pub(crate) types: TypeDocuments,
}

impl Published {
    pub(crate) fn new(config: &IssuerConfig, addresses: &Addresses) -> Result<Self, ConfigError> {
        let issuer = issuer_metadata(config, addresses);
        issuer.check().map_err(|e| ConfigError::Metadata(e.to_string()))?;
        let authorization_server = AuthorizationServerMetadata {
            issuer: config.identifier.clone(),
            token_endpoint: addresses.under("token"),
            grant_types_supported: vec![GRANT_PRE_AUTHORIZED_CODE.to_owned(), GRANT_REFRESH_TOKEN.to_owned()],
            response_types_supported: Vec::new(),
            token_endpoint_auth_methods_supported: vec!["none".to_owned()],
            scopes_supported: Vec::new(),
            authorization_details_types_supported: vec![AUTHORIZATION_DETAILS_TYPE.to_owned()],
            pre_authorized_grant_anonymous_access_supported: true,
            status_list_aggregation_endpoint: Some(addresses.status_lists()),
        };
        let failed = |e: serde_json::Error| ConfigError::Metadata(e.to_string());
        Ok(Self {
            issuer_json: serde_json::to_string(&issuer).map_err(failed)?,
            authorization_server_json: serde_json::to_string(&authorization_server).map_err(failed)?,
            types: TypeDocuments::new(&config.types, &config.identifier)?,
            issuer,
        })
    }
}

fn issuer_metadata(config: &IssuerConfig, addresses: &Addresses) -> IssuerMetadata {
    let display = config.name.iter().map(|(lang, name)| IssuerDisplay {
        name: Some(name.to_owned()),
        locale: Some(lang.tag().to_owned()),
    });
    let batch_size = config.types.batch_size_max();
    let configurations: BTreeMap<_, _> =
        config.types.iter().map(|t| (t.id.clone(), t.configuration())).collect();
    IssuerMetadata {
        credential_issuer: config.identifier.clone(),
        authorization_servers: Vec::new(),
        credential_endpoint: addresses.under("credential"),
        nonce_endpoint: Some(addresses.under("nonce")),
        notification_endpoint: Some(addresses.under("notification")),
        batch_credential_issuance: (batch_size > 1).then_some(BatchIssuance { batch_size }),
        display: display.collect(),
        credential_configurations_supported: configurations,
    }
}

impl Inner {
    /// The issuer's metadata as a JWS with its chain (section 12.2.3).
    pub(crate) fn signed_metadata(&self, now: Instant) -> Result<String, jws::Error> {
        let mut claims = json!(self.published.issuer);
        if let Value::Object(claims) = &mut claims {
            claims.insert("sub".to_owned(), self.config.identifier.as_str().into());
            claims.insert("iat".to_owned(), now.secs().into());
        }
        let header = json!({ "typ": SIGNED_TYP, "x5c": self.config.signer.x5c() });
        jws::sign(&header, claims.to_string().as_bytes(), self.config.signer.signer.as_ref())
    }
}
