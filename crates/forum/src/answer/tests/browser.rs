//! What people do with a browser at the call.

use ask::fixture::{Card, wallet_link};
use http::StatusCode;
use web::fixture::{Answer, Browser, Part, field, ours};

use super::world::{HERE, SYMBOL, World};

/// What somebody enters who speaks for themselves.
pub(super) fn own(text: &str) -> Vec<Part<'_>> {
    vec![field("lang", "en"), field("for", "self"), field("name", "Nerida"), field("a-long", text)]
}

/// What somebody enters who acts for an organisation of this country.
pub(super) fn for_party<'a>(name: &'a str, country: &'a str, text: &'a str) -> Vec<Part<'a>> {
    vec![
        field("lang", "en"),
        field("for", "party"),
        field("name", name),
        field("class", "academia"),
        field("country", country),
        field("a-long", text),
    ]
}

/// Sends the form of the call with these parts.
pub(super) async fn enter(browser: &mut Browser, parts: &[Part<'_>]) -> Answer {
    let shown = browser.get(&format!("/en/calls/{SYMBOL}/answer")).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    enter_with(browser, shown.csrf(), parts, &ours(HERE)).await
}

pub(super) async fn enter_with(
    browser: &mut Browser,
    csrf: &str,
    parts: &[Part<'_>],
    headers: &[(&str, &str)],
) -> Answer {
    browser.send_parts(&format!("/en/calls/{SYMBOL}/answer"), csrf, parts, headers).await
}

/// Asks for a signature of what was entered; the link for the wallet, and the page that waits.
pub(super) async fn asked(browser: &mut Browser, device: &str) -> (String, String) {
    let base = format!("/en/calls/{SYMBOL}/answer");
    let asked = browser.post(&format!("{base}/review"), &format!("{base}/sign"), &[("device", device)]).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
    let page = asked.location().to_owned();
    (wallet_link(&browser.get(&page).await), page)
}

/// Enters, asks for a signature, has this card sign on another device; where the waiting page leads on to.
pub(super) async fn signed(world: &World, browser: &mut Browser, parts: &[Part<'_>], card: &Card) -> String {
    let entered = enter(browser, parts).await;
    assert_eq!(entered.location(), format!("/en/calls/{SYMBOL}/answer/review"), "{}", entered.text);
    let (link, page) = asked(browser, "cross").await;
    let posted = world.sign(card, &link).await;
    assert_eq!(posted.status, StatusCode::OK, "{posted:?}");
    browser.get(&page).await.location().to_owned()
}
