//! The forum of a secretariat, put together with the asker whose answers it receives.

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use ask::{Ask, TrustedIssuers, Types};
use base::{Clock, Lang};
use crypto::Random;
use formats::x509::TrustAnchors;
use forum::{Country, Credentials, Forum, Mandates};
use log::Log;
use store::Store;

use super::wiring::{StatusLists, staff, trusted_issuers};
use crate::{
    Failure, clock,
    config::{AskConfig, Config, ForumConfig, MandatesConfig},
    keys,
    outgoing::Outgoing,
};

fn wrong(error: impl std::fmt::Display) -> Failure {
    Failure::new("config", error.to_string())
}

/// The trust anchors in a file.
pub(super) fn anchors(file: &Path) -> Result<TrustAnchors, Failure> {
    let unreadable = |e: &dyn std::fmt::Display| Failure::new("anchors", format!("{}: {e}", file.display()));
    let text = fs::read_to_string(file).map_err(|e| unreadable(&e))?;
    TrustAnchors::from_pem(&text).map_err(|e| unreadable(&e))
}

/// The asker of a party.
pub(super) fn asker(
    config: &Config,
    asking: &AskConfig,
    store: Store,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Result<Ask, Failure> {
    let mut issuers = Vec::new();
    for mandates in config.forum.iter().flat_map(|forum| &forum.mandates) {
        let types = Types::Only(mandates.types.clone());
        issuers.push(TrustedIssuers { anchors: anchors(&mandates.anchors)?, types });
    }
    issuers.extend(trusted_issuers(asking)?);
    let told = ask::AskConfig {
        identifier: config.identifier.clone(),
        signer: keys::load(config, keys::Use::Request)?,
        issuers,
        server_secret: keys::server_secret(config)?,
        status_max_age_s: asking.status_max_age_s,
        staff: staff(config)?,
    };
    Ok(Ask::new(told, store, clock, random, Arc::new(StatusLists(Outgoing::new(config.reach())?))))
}

/// A secretariat's forum, and the asker to serve, as of a clock.
pub(crate) fn forum(
    config: &Config,
    store: Store,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    log: Log,
) -> Result<(Forum, Ask), Failure> {
    let (Some(asking), Some(told)) = (&config.ask, &config.forum) else {
        return Err(wrong("this party keeps no forum"));
    };
    let ask = asker(config, asking, store.clone(), clock.clone(), random.clone())?;
    let credentials = credentials(config, told)?;
    let told = forum::ForumConfig {
        identifier: config.identifier.clone(),
        name: config.name.get(Lang::En).to_owned(),
        host_zone: told.host_zone.clone(),
        contact: told.contact.clone(),
        server_secret: keys::server_secret(config)?,
        anchors: authorities(config, asking)?,
    };
    let forum = Forum::new(told, store, clock, random, log, None, staff(config)?);
    forum.asking(ask, credentials).map_err(wrong)
}

/// By whom signatures are judged: those whom the secretariat trusts, and itself.
fn authorities(config: &Config, asking: &AskConfig) -> Result<String, Failure> {
    let mut all = keys::anchors(config, clock::of(config).now())?;
    let mandates = config.forum.iter().flat_map(|forum| &forum.mandates).map(|m| &m.anchors);
    let issuers = asking.issuers.iter().map(|issuers| &issuers.anchors);
    for file in mandates.chain(issuers).chain(&asking.credential_anchors) {
        all = all.merged(&anchors(file)?);
    }
    all.to_pem().map_err(wrong)
}

/// Who gives participants' cards: the party itself, where it issues them.
pub(super) struct Cards(pub(super) issue::Issuer);

impl forum::Participants for Cards {
    fn offer(&self) -> forum::CardOffer<'_> {
        Box::pin(async move {
            let offered = self.0.offer_to_nobody("forum", "participant").await;
            match offered {
                Ok(offered) => Some(self.0.link(&offered)),
                Err(error) => {
                    tracing::warn!(%error, "no participant's card is offered");
                    None
                }
            }
        })
    }
}

/// Which credentials count: mandates, country by country, and the cards that the party itself gives to participants.
fn credentials(config: &Config, told: &ForumConfig) -> Result<Credentials, Failure> {
    let one = |mandates: &MandatesConfig| {
        let country: Country = mandates.country.parse().map_err(|_| {
            wrong(format!("`[[forum.mandates]]`: there is no country `{}`", mandates.country))
        })?;
        let anchors = anchors(&mandates.anchors)?.iter().map(|a| a.certificate().sha256).collect();
        Ok(Mandates { country, anchors, types: mandates.types.iter().cloned().collect() })
    };
    let participant = format!("{}/types/participant/1", config.identifier);
    let accepted: BTreeSet<_> =
        config.ask.iter().flat_map(|ask| &ask.issuers).flat_map(|issuers| &issuers.types).collect();
    let participants = accepted.into_iter().filter(|vct| **vct == participant).cloned().collect();
    Ok(Credentials { mandates: told.mandates.iter().map(one).collect::<Result<_, Failure>>()?, participants })
}
