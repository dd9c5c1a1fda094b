//! What the pages of the party have in common.

use crate::{Failure, config::Config, keys};

/// The pages of a party.
pub(super) fn site(config: &Config) -> Result<web::Site, Failure> {
    let of = if config.ask.is_some() { keys::Use::Request } else { keys::Use::Credential };
    let key = keys::load(config, of)?.signer.public_key();
    Ok(web::Site::new(web::SiteConfig {
        name: Some(config.name.clone()),
        identifier: config.identifier.clone(),
        handle: handle(&config.identifier),
        thumbprint: formats::jwk::Jwk::from(&key).thumbprint(),
        sessions: None,
        navigation: Vec::new(),
    }))
}

/// What the party's cookies are called by: its host and port.
fn handle(identifier: &str) -> String {
    let host = identifier.split_once("://").map_or(identifier, |(_, host)| host);
    host.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}
