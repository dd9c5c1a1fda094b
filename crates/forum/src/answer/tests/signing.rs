//! From the form to the receipt with a wallet; and each reason why a signature is not enough.

use formats::status_list::Status;
use http::StatusCode;
use serde_json::json;

use super::{
    browser::{Answer, Browser, for_party, own},
    world::{COUNTRY, Card, HERE, SYMBOL, World, every_question, worlds},
};
use crate::{Policy, StateWord, fixture::CLOSES};

/// Follows where the waiting page leads to; the page there.
async fn followed(world: &World, browser: &mut Browser, to: &str) -> Answer {
    let first = browser.get(world, to).await;
    if first.status == StatusCode::SEE_OTHER { browser.get(world, first.location()).await } else { first }
}

#[tokio::test]
async fn what_is_signed_on_another_device_is_received_with_the_answer() {
    worlds(async |world: World| {
        let mut browser = Browser::default();
        let entered = browser.enter(&world, &own("Let us agree.")).await;
        assert_eq!(entered.location(), format!("/en/calls/{SYMBOL}/answer/review"));
        let review = browser.get(&world, entered.location()).await;
        let (link, page) = browser.asked(&world, "cross").await;
        // What the wallet shows stands on the review page.
        let request = Card::request(&world, &link).await;
        let payload = request.transactions_for("participant").next().unwrap().payload().unwrap().clone();
        assert_eq!(payload["call"], json!(format!("{HERE}/calls/{SYMBOL}")));
        assert_eq!(payload["party"], json!("Nerida"));
        assert!(review.text.contains(payload["digest"].as_str().unwrap()), "{}", review.text);
        assert_eq!(world.received().await, 0);
        let posted = Card::participant("quiet-river").sign(&world, &link).await;
        assert_eq!(posted.status, StatusCode::OK, "{posted:?}");
        // Received, though nobody has looked at the page since.
        assert_eq!(world.received().await, 1);
        let on = browser.get(&world, &page).await.location().to_owned();
        let receipt = followed(&world, &mut browser, &on).await;
        assert_eq!(receipt.status, StatusCode::OK, "{}", receipt.text);
        assert!(receipt.text.contains("Your answer was received."), "{}", receipt.text);
        assert!(receipt.text.contains(payload["digest"].as_str().unwrap()));
        // Sent again it is what it was.
        assert_eq!(
            Card::participant("quiet-river").sign(&world, &link).await.error.as_deref(),
            Some("already_answered")
        );
        assert_eq!(world.received().await, 1);
    })
    .await;
}

#[tokio::test]
async fn on_the_same_device_it_is_received_when_the_person_is_back_and_once() {
    worlds(async |world: World| {
        let mut browser = Browser::default();
        browser.enter(&world, &for_party("Academy of Posts", COUNTRY, "We agree.")).await;
        let (link, _) = browser.asked(&world, "same").await;
        let back = Card::mandate("Academy of Posts").sign(&world, &link).await.back.unwrap();
        assert_eq!(world.received().await, 0, "nothing counts before the person is back");
        let first = browser.get(&world, &back).await;
        assert_eq!((first.status, world.received().await), (StatusCode::SEE_OTHER, 1), "{}", first.text);
        let again = browser.get(&world, &back).await;
        assert_eq!(again.location(), first.location());
        assert_eq!(world.received().await, 1);
        let receipt = browser.get(&world, first.location()).await;
        assert!(receipt.text.contains("Academy of Posts"), "{}", receipt.text);
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_comes_back_to_another_browser_is_nobodys() {
    worlds(async |world: World| {
        let mut browser = Browser::default();
        browser.enter(&world, &own("Let us agree.")).await;
        let (link, _) = browser.asked(&world, "same").await;
        let back = Card::participant("quiet-river").sign(&world, &link).await.back.unwrap();
        let mut other = Browser::default();
        other.enter(&world, &own("Let us not.")).await;
        assert_eq!(other.get(&world, &back).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(world.received().await, 0);
    })
    .await;
}

/// What becomes of a signature with this card, by what the page says; nothing is received.
async fn refused(world: &World, name: &str, country: &str, card: &Card, code: &str) {
    let mut browser = Browser::default();
    let before = world.received().await;
    let on = browser.signed(world, &for_party(name, country, "We agree."), card).await;
    let page = browser.get(world, &on).await;
    assert_eq!(page.status, StatusCode::OK, "{code}: {}", page.location());
    assert!(page.text.contains(&format!("called {code}.")), "{code}: {}", page.text);
    assert_eq!(world.received().await, before, "{code}");
    // Nothing is lost: the draft is there.
    let review = browser.get(world, &format!("/en/calls/{SYMBOL}/answer/review")).await;
    assert!(review.text.contains("We agree."));
}

#[tokio::test]
async fn a_mandate_signs_for_its_own_party_country_and_days() {
    worlds(async |world: World| {
        let good = Card::mandate("Academy of Posts");
        let mut browser = Browser::default();
        let on = browser.signed(&world, &for_party("Academy of Posts", COUNTRY, "We agree."), &good).await;
        assert!(browser.get(&world, &on).await.location().ends_with("/receipt"));
        assert_eq!(world.received().await, 1);
        refused(&world, "Academy of Trains", COUNTRY, &good, "mandate_party").await;
        refused(&world, "Academy of Posts", "FR", &good, "mandate_country").await;
        let mut over = good.clone();
        over.claims.insert("valid_until".into(), json!("2026-09-20"));
        refused(&world, "Academy of Posts", COUNTRY, &over, "mandate_time").await;
        let mut early = good.clone();
        early.claims.insert("valid_from".into(), json!("2026-12-01"));
        refused(&world, "Academy of Posts", COUNTRY, &early, "mandate_time").await;
        let foreign = Card { is_of_other_state: true, ..good };
        refused(&world, "Academy of Posts", COUNTRY, &foreign, "mandate_country").await;
    })
    .await;
}

#[tokio::test]
async fn what_is_revoked_expired_or_unknown_signs_nothing() {
    worlds(async |world: World| {
        let mandate = Card::mandate("Academy of Posts");
        let mut browser = Browser::default();
        browser.enter(&world, &for_party("Academy of Posts", COUNTRY, "We agree.")).await;
        let (link, page) = browser.asked(&world, "cross").await;
        world.publish(Some(Status::Invalid));
        let revoked = mandate.sign(&world, &link).await;
        assert_eq!(
            (revoked.status, revoked.error.as_deref()),
            (StatusCode::BAD_REQUEST, Some("status_revoked"))
        );
        world.publish(Some(Status::Suspended));
        assert_eq!(mandate.sign(&world, &link).await.error.as_deref(), Some("status_suspended"));
        world.publish(Some(Status::Valid));
        let expired = Card { expires_at: crate::fixture::OPENS.plus_secs(-86_400), ..mandate.clone() };
        assert_eq!(expired.sign(&world, &link).await.error.as_deref(), Some("expired"));
        assert_eq!(world.received().await, 0);
        // The request is still open to a mandate that is good.
        assert_eq!(mandate.sign(&world, &link).await.status, StatusCode::OK);
        assert_eq!(world.received().await, 1);
        assert!(!browser.get(&world, &page).await.location().is_empty());
        world.publish(None);
        refused(&world, "Academy of Posts", COUNTRY, &mandate, "undetermined").await;
    })
    .await;
}

#[tokio::test]
async fn a_draft_that_was_changed_is_not_what_was_signed() {
    worlds(async |world: World| {
        let card = Card::participant("quiet-river");
        let mut browser = Browser::default();
        browser.enter(&world, &own("Let us agree.")).await;
        let (link, page) = browser.asked(&world, "cross").await;
        browser.enter(&world, &own("Let us not agree.")).await;
        assert_eq!(card.sign(&world, &link).await.status, StatusCode::OK);
        assert_eq!(world.received().await, 0);
        let on = browser.get(&world, &page).await.location().to_owned();
        let told = browser.get(&world, &on).await;
        assert!(told.text.contains("called draft_changed."), "{}", told.text);
        // Asked again, it is.
        world.clock.advance_secs(1);
        let (link, _) = browser.asked(&world, "cross").await;
        assert_eq!(card.sign(&world, &link).await.status, StatusCode::OK);
        assert_eq!(world.received().await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_signed_too_late_is_too_late() {
    worlds(async |world: World| {
        let card = Card::participant("quiet-river");
        let ends = CLOSES.plus_ms(crate::fixture::GRACE_MS);
        let mut browser = Browser::default();
        let mut other = Browser::default();
        world.clock.set(ends.plus_secs(-60));
        world.publish(Some(Status::Valid));
        browser.enter(&world, &own("Let us agree.")).await;
        let (late, page) = browser.asked(&world, "cross").await;
        other.enter(&world, &own("In time.")).await;
        let (in_time, _) = other.asked(&world, "cross").await;
        world.clock.set(ends.plus_ms(-1));
        assert_eq!(card.sign(&world, &in_time).await.status, StatusCode::OK);
        assert_eq!(world.received().await, 1);
        world.clock.set(ends);
        assert_eq!(card.sign(&world, &late).await.status, StatusCode::OK);
        assert_eq!(world.received().await, 1);
        let on = browser.get(&world, &page).await.location().to_owned();
        assert!(browser.get(&world, &on).await.text.contains("called call_closed."));
        let form = browser.get(&world, &format!("/en/calls/{SYMBOL}/answer")).await;
        assert_eq!(form.status, StatusCode::CONFLICT);
    })
    .await;
}

#[tokio::test]
async fn who_signed_replaces_and_takes_back_what_they_signed_and_nobody_else() {
    worlds(async |world: World| {
        let card = Card::participant("quiet-river");
        let mut browser = Browser::default();
        let on = browser.signed(&world, &own("Let us agree."), &card).await;
        let receipt = browser.get(&world, &on).await.location().to_owned();
        let submission = receipt.strip_suffix("/receipt").unwrap().to_owned();
        // Somebody else neither replaces nor takes it back.
        let mut other = Browser::default();
        other.enter(&world, &own("Me too.")).await;
        let page = format!("/en/calls/{SYMBOL}/answer/review");
        let stolen = other.post(&world, &page, &format!("{submission}/replace"), &[]).await;
        assert_eq!(stolen.status, StatusCode::NOT_FOUND);
        // Replaced with the same card; with another it is not.
        let begun = browser.post(&world, &receipt, &format!("{submission}/replace"), &[]).await;
        assert_eq!(begun.location(), format!("/en/calls/{SYMBOL}/answer"), "{}", begun.text);
        assert!(browser.get(&world, begun.location()).await.text.contains("Let us agree."));
        world.clock.advance_secs(1);
        let on = browser.signed(&world, &own("Let us wait."), &Card::participant("loud-river")).await;
        assert!(browser.get(&world, &on).await.text.contains("called supersedes."));
        world.clock.advance_secs(1);
        let on = browser.signed(&world, &own("Let us wait."), &card).await;
        let second = browser.get(&world, &on).await.location().to_owned();
        assert!(second.ends_with("/receipt") && second != receipt);
        let counts = world.forum.counts(SYMBOL).await.unwrap();
        assert_eq!((counts.received, counts.superseded, counts.published), (2, 1, 1));
        assert!(browser.get(&world, &receipt).await.text.contains("replaced by a later one"));
        // Taken back, with the wallet.
        world.clock.advance_secs(1);
        let second_base = second.strip_suffix("/receipt").unwrap();
        let asked = browser.post(&world, &second, &format!("{second_base}/withdraw"), &[]).await;
        let waiting = asked.location().to_owned();
        let link = browser.get(&world, &waiting).await.wallet_link();
        assert_eq!(card.sign(&world, &link).await.status, StatusCode::OK);
        let counts = world.forum.counts(SYMBOL).await.unwrap();
        assert_eq!((counts.received, counts.superseded, counts.withdrawn), (2, 1, 1));
        let on = browser.get(&world, &waiting).await.location().to_owned();
        let done = followed(&world, &mut browser, &on).await;
        assert!(done.text.contains("This answer was withdrawn."), "{}", done.text);
    })
    .await;
}

#[tokio::test]
async fn a_sealed_call_shows_a_receipt_to_its_sender_alone() {
    worlds(async |world: World| {
        let sealed = crate::NewCall { symbol: "SEALED-1".into(), ..every_question(Policy::SealedUntilClose) };
        world.clock.set(crate::fixture::OPENS.plus_secs(-10));
        world.open(sealed).await;
        let card = Card::participant("quiet-river");
        let (new, token) = super::programs::signing(&world, "SEALED-1", "Let us agree.").await;
        assert_eq!(card.sign(&world, new["link"].as_str().unwrap()).await.status, StatusCode::OK);
        let state = super::programs::state(&world, &token).await;
        let id = state["submission"].as_str().unwrap();
        let mut stranger = Browser::default();
        for path in ["", "/receipt", "/receipt.txt", "/proof.txt"] {
            let seen = stranger.get(&world, &format!("/en/submissions/{id}{path}")).await;
            assert_eq!(seen.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(world.forum.counts("SEALED-1").await.unwrap().received, 1);
        assert_eq!(StateWord::Received.as_str(), "received");
    })
    .await;
}
