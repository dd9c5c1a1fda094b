//! The party's own addresses: others reach it under its identifier, and it is this party that answers there.

use base::{
    Instant,
    limits::{CLOCK_SKEW_S, JSON_BYTES_MAX},
};
use serde_json::Value;

use super::{Finding, State};
use crate::{
    config::Config,
    outgoing::{Answer, Message, Outgoing},
};

pub(super) async fn check(config: &Config, at: &str, now: Instant) -> Vec<Finding> {
    let mut all = vec![secure(config), resolves(config).await];
    let own = format!("{}/healthz", config.identifier);
    let answer = match get(config, &own).await {
        Ok(answer) => answer,
        Err(why) => {
            let mend = format!(
                "start it with `sahihi serve --config {at}`, see that what stands before it passes on what is sent to \
                 {}, and run this again",
                config.identifier
            );
            all.push(Finding::bad("address_answers", State::Unknown, why, mend));
            return all;
        }
    };
    all.push(if answer.status == 200 {
        Finding::ok("address_answers", format!("{own} answers"))
    } else {
        let mend = "see what stands before the server, and where it sends what comes for this identifier";
        Finding::failure("address_answers", format!("{own} answers with status {}", answer.status), mend)
    });
    all.push(clock(&answer, now));
    if config.issue.is_some() {
        all.push(names_itself(config, &config.identifier, "").await);
        for (handle, _, issuer) in config.issuers() {
            all.push(names_itself(config, &issuer.identifier, &format!("/{handle}")).await);
        }
    }
    all
}

async fn get(config: &Config, url: &str) -> Result<Answer, String> {
    let outgoing = Outgoing::new(config.reach()).map_err(|e| e.detail)?;
    outgoing
        .send(url, Message::default(), JSON_BYTES_MAX)
        .await
        .map_err(|e| format!("{url}: {} ({})", e.detail, e.code))
}

fn secure(config: &Config) -> Finding {
    const CODE: &str = "address_https";
    if config.identifier.starts_with("https:") && !config.insecure_loopback {
        return Finding::ok(CODE, format!("{} is https", config.identifier));
    }
    let found = if config.insecure_loopback {
        "`insecure_loopback` is set: this is a demonstration or a test"
    } else {
        "the identifier is not https"
    };
    let mend = "before anybody else uses it: an https identifier, and `insecure_loopback = false`";
    Finding::bad(CODE, State::Warning, found, mend)
}

async fn resolves(config: &Config) -> Finding {
    const CODE: &str = "address_resolves";
    let host = config.host();
    let found = tokio::net::lookup_host((host.trim_matches(['[', ']']), 0)).await;
    match found.ok().and_then(|mut found| found.next()) {
        Some(_) => Finding::ok(CODE, format!("{host} has an address")),
        None => {
            Finding::failure(CODE, format!("{host} has no address"), "give the name an address in the DNS")
        }
    }
}

/// What time it is where the party is reached: there or before it.
fn clock(answer: &Answer, now: Instant) -> Finding {
    const CODE: &str = "clock_address";
    let Some(there) = answer.date else {
        let mend = "let what stands before the server pass the header `Date` on";
        return Finding::bad(CODE, State::Unknown, "the answer does not say what time it is", mend);
    };
    let apart = (there.secs() - now.secs()).abs();
    if apart > CLOCK_SKEW_S {
        let found = format!("it is {} here and {} at the identifier", now.rfc3339(), there.rfc3339());
        return Finding::failure(CODE, found, "set the clocks of both machines: `timedatectl set-ntp true`");
    }
    Finding::ok(CODE, format!("clocks are {apart} s apart"))
}

/// OpenID4VCI 1.0, section 12.2.2: the metadata at the well-known address names exactly this identifier.
async fn names_itself(config: &Config, identifier: &str, path: &str) -> Finding {
    const CODE: &str = "address_metadata";
    let url = format!("{}/.well-known/openid-credential-issuer{path}", config.identifier);
    let mend = "see that what stands before the server leaves `/.well-known/` to it, and that `identifier` is what others call";
    match get(config, &url).await {
        Err(why) => Finding::bad(CODE, State::Unknown, why, mend),
        Ok(answer) if answer.status != 200 => {
            Finding::failure(CODE, format!("{url} answers with status {}", answer.status), mend)
        }
        Ok(answer) => {
            let said = formats::json::parse(&answer.body).unwrap_or_default();
            match said.get("credential_issuer").and_then(Value::as_str) {
                Some(named) if named == identifier => Finding::ok(CODE, format!("{url} names {identifier}")),
                Some(_) => {
                    Finding::failure(CODE, format!("{url} names another issuer than {identifier}"), mend)
                }
                None => Finding::failure(CODE, format!("{url} names no issuer"), mend),
            }
        }
    }
}
