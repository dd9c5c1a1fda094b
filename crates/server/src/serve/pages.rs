//! What the pages of the party have in common, and who signs in on them.

use std::sync::Arc;

use base::Lang;
use crypto::SystemRandom;
use store::Store;
use web::{Sessions, session::SessionsConfig};

use crate::{Failure, clock, config::Config, front, keys};

/// The pages of a party, where people sign in with these sessions.
pub(super) fn site(config: &Config, sessions: Sessions) -> Result<web::Site, Failure> {
    let of = if config.ask.is_some() { keys::Use::Request } else { keys::Use::Credential };
    let key = keys::load(config, of)?.signer.public_key();
    Ok(web::Site::new(web::SiteConfig {
        name: Some(config.name.clone()),
        identifier: config.identifier.clone(),
        handle: handle(config),
        thumbprint: formats::jwk::Jwk::from(&key).thumbprint(),
        sessions: Some(sessions),
        has_log: true,
        has_login: config.login.is_some(),
        navigation: navigation(config),
    })
    .leading_staff(staff_navigation(config)))
}

/// The sessions of a party. Without a way to sign in there are none, and forms need their tokens all the same.
pub(super) fn sessions(config: &Config, store: Store) -> Result<Sessions, Failure> {
    let settings = SessionsConfig {
        party: handle(config),
        identifier: config.identifier.clone(),
        server_secret: keys::server_secret(config)?,
    };
    Ok(Sessions::new(store, clock::of(config), Arc::new(SystemRandom), &settings))
}

/// How people sign in at the party, if they do.
pub(super) fn login(
    config: &Config,
    ask: Option<&ask::Ask>,
    sessions: &Sessions,
    store: Store,
    log: &log::Log,
) -> Result<Option<identity::Login>, Failure> {
    let Some((login, ask)) = config.login.as_ref().zip(ask) else { return Ok(None) };
    let settings = identity::LoginConfig {
        mandate: login.mandate.clone(),
        participant: login.participant.clone(),
        pid: login.pid.clone(),
    };
    let (clock, random) = (clock::of(config), Arc::new(SystemRandom));
    identity::Login::new(&settings, store, clock, random, ask.clone(), sessions.clone())
        .map(|login| login.with_log(log.clone()))
        .map(|login| Some(if config.forum.is_some() { login.with_desk("/desk") } else { login }))
        .map_err(|e| Failure::new("config", format!("`[login]`: {e}")))
}

/// What the party's cookies are called by: what it is told, or its host and port.
fn handle(config: &Config) -> String {
    let host = || config.identifier.split_once("://").map_or(config.identifier.as_str(), |(_, host)| host);
    let name = config.handle.as_deref().unwrap_or_else(host);
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// An address, and what it is called.
type Leads = (&'static str, fn(Lang) -> &'static str);

/// Where the navigation leads: to what there is.
fn navigation(config: &Config) -> Vec<Leads> {
    let mut all: Vec<Leads> = Vec::new();
    if config.forum.is_some() {
        all.push(("/calls", front::calls));
    }
    all
}

/// Where it leads staff besides.
fn staff_navigation(config: &Config) -> Vec<(web::Role, Leads)> {
    let mut all: Vec<(web::Role, Leads)> = Vec::new();
    if config.forum.is_some() {
        all.push((web::Role::Secretary, ("/desk", front::desk)));
    }
    all
}
