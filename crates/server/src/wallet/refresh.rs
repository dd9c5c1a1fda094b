//! Fetches cards again: one that is named, or all that are due.

use ::wallet::{Card, CardId, contents::Renewal};
use base::Clock;
use serde_json::{Map, Value, json};

use super::{drive::Driver, home::Home, name, screen::Screen, summary, texts};
use crate::{Failure, clock::SystemClock};

/// Refreshes the card, or all that are due. One that is refused does not keep the others from it; the first refusal is
/// the result.
pub(super) async fn run(
    home: &mut Home,
    driver: &Driver,
    id: Option<CardId>,
    screen: Screen,
) -> Result<Value, Failure> {
    let ids = id.map_or_else(|| due(home), |id| vec![id]);
    if ids.is_empty() {
        screen.plain(texts::NOTHING_DUE.get(screen.lang));
    }
    let (mut refreshed, mut refused) = (Vec::new(), None);
    for id in ids {
        let before = facts(home, id);
        let done = driver.refresh(home, id).await;
        let Some(card) = home.wallet().card(id) else {
            done?;
            continue;
        };
        match done {
            Ok(()) => refreshed.push(shown(card, &before, &facts(home, id), screen)),
            Err(failure) => {
                let reason = failure.code.clone();
                let card_name = name(card, screen.lang);
                let values = [("card", card_name), ("reason", &*reason), ("issuer", &*card.issuer.name)];
                screen.say(texts::NOT_REFRESHED, &values);
                refused.get_or_insert(failure);
            }
        }
    }
    refused.map_or_else(|| Ok(json!({ "credentials": refreshed })), Err)
}

/// What can be fetched again and should be. What has expired cannot: its token has ended with it.
fn due(home: &Home) -> Vec<CardId> {
    let now = SystemClock.now();
    let is_due = |card: &&Card| matches!(card.renewal(now), Some(Renewal::ExpiresSoon | Renewal::FewCopies));
    let cards = home.wallet().cards.iter();
    cards.filter(|card| card.refresh.is_some()).filter(is_due).map(|card| card.id).collect()
}

fn facts(home: &Home, id: CardId) -> Map<String, Value> {
    home.wallet().card(id).and_then(Card::facts).unwrap_or_default()
}

/// Tells the person what came, and what the card no longer says as before.
fn shown(card: &Card, before: &Map<String, Value>, after: &Map<String, Value>, screen: Screen) -> Value {
    let all = card.copies.len().to_string();
    screen.say(texts::REFRESHED, &[("card", name(card, screen.lang)), ("all", &all)]);
    let mut changed: Vec<&String> =
        before.keys().chain(after.keys()).filter(|claim| before.get(*claim) != after.get(*claim)).collect();
    changed.sort_unstable();
    changed.dedup();
    if !changed.is_empty() {
        let labels = screen.labels(changed.iter().map(|claim| card.look.label(claim, screen.lang)));
        screen.say(texts::CHANGED, &[("claims", &labels)]);
        for (claim, value) in changed.iter().filter_map(|claim| after.get_key_value(*claim)) {
            screen.fact(card.look.label(claim, screen.lang), value);
        }
    }
    let mut credential = summary(card, screen.lang);
    if let Some(members) = credential.as_object_mut() {
        members.insert("changed".to_owned(), json!(changed));
    }
    credential
}
