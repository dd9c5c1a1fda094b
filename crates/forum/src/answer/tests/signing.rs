//! From the form to the receipt with a wallet; and each reason why a signature is not enough.

use formats::{status_list::Status, vp::RequestObject};
use http::StatusCode;
use serde_json::json;

use ask::fixture::{Card, request, wallet_link};

use super::{
    browser::{asked, enter, for_party, own, signed},
    world::{COUNTRY, HERE, SYMBOL, World, every_question, mandate, participant, worlds},
};
use crate::{Policy, StateWord, fixture::CLOSES};

#[tokio::test]
async fn what_is_signed_on_another_device_is_received_with_the_answer() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        let entered = enter(&mut browser, &own("Let us agree.")).await;
        assert_eq!(entered.location(), format!("/en/calls/{SYMBOL}/answer/review"));
        let review = browser.get(entered.location()).await;
        let (link, page) = asked(&mut browser, "cross").await;
        // What the wallet shows stands on the review page.
        let request = request(&world.router, &link).await;
        let payload = request.transactions_for("participant").next().unwrap().payload().unwrap().clone();
        assert_eq!(payload["call"], json!(format!("{HERE}/calls/{SYMBOL}")));
        assert_eq!(payload["party"], json!("Nerida"));
        assert!(review.text.contains(payload["digest"].as_str().unwrap()), "{}", review.text);
        assert_eq!(world.received().await, 0);
        let posted = world.sign(&participant("quiet-river"), &link).await;
        assert_eq!(posted.status, StatusCode::OK, "{posted:?}");
        // Received, though nobody has looked at the page since.
        assert_eq!(world.received().await, 1);
        let on = browser.get(&page).await.location().to_owned();
        let receipt = browser.followed(&on).await;
        assert_eq!(receipt.status, StatusCode::OK, "{}", receipt.text);
        assert!(receipt.text.contains("Your answer was received."), "{}", receipt.text);
        assert!(receipt.text.contains(payload["digest"].as_str().unwrap()));
        // Sent again it is what it was.
        assert_eq!(world.sign(&participant("quiet-river"), &link).await.code(), "already_answered");
        assert_eq!(world.received().await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_signature_comes_encrypted_or_not_at_all() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        enter(&mut browser, &own("Let us agree.")).await;
        let (link, _) = asked(&mut browser, "cross").await;
        let sought = request(&world.router, &link).await;
        assert_eq!(sought.response_mode().as_str(), "direct_post.jwt");
        let card = participant("quiet-river");
        let plain = RequestObject { encryption: None, ..sought.clone() };
        let refused = card.answer(&world.parties, &world.router, &plain).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "response_not_encrypted"));
        assert_eq!(world.received().await, 0);
        assert_eq!(card.answer(&world.parties, &world.router, &sought).await.status, StatusCode::OK);
        assert_eq!(world.received().await, 1);
    })
    .await;
}

#[tokio::test]
async fn on_the_same_device_it_is_received_when_the_person_is_back_and_once() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        enter(&mut browser, &for_party("Academy of Posts", COUNTRY, "We agree.")).await;
        let (link, _) = asked(&mut browser, "same").await;
        let signed = world.sign(&mandate("Academy of Posts"), &link).await.json();
        let back = signed["redirect_uri"].as_str().unwrap();
        assert_eq!(world.received().await, 0, "nothing counts before the person is back");
        let first = browser.get(back).await;
        assert_eq!((first.status, world.received().await), (StatusCode::SEE_OTHER, 1), "{}", first.text);
        let again = browser.get(back).await;
        assert_eq!(again.location(), first.location());
        assert_eq!(world.received().await, 1);
        let receipt = browser.get(first.location()).await;
        assert!(receipt.text.contains("Academy of Posts"), "{}", receipt.text);
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_comes_back_to_another_browser_is_nobodys() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        enter(&mut browser, &own("Let us agree.")).await;
        let (link, _) = asked(&mut browser, "same").await;
        let signed = world.sign(&participant("quiet-river"), &link).await.json();
        let back = signed["redirect_uri"].as_str().unwrap();
        let mut other = world.browser();
        enter(&mut other, &own("Let us not.")).await;
        assert_eq!(other.get(back).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(world.received().await, 0);
    })
    .await;
}

/// What becomes of a signature with this card, by what the page says; nothing is received.
async fn refused(world: &World, name: &str, country: &str, card: &Card, code: &str) {
    let mut browser = world.browser();
    let before = world.received().await;
    let on = signed(world, &mut browser, &for_party(name, country, "We agree."), card).await;
    let page = browser.get(&on).await;
    assert_eq!(page.status, StatusCode::OK, "{code}: {}", page.location());
    assert!(page.text.contains(&format!("called {code}.")), "{code}: {}", page.text);
    assert_eq!(world.received().await, before, "{code}");
    // Nothing is lost: the draft is there.
    let review = browser.get(&format!("/en/calls/{SYMBOL}/answer/review")).await;
    assert!(review.text.contains("We agree."));
}

#[tokio::test]
async fn a_mandate_signs_for_its_own_party_country_and_days() {
    worlds(async |world: World| {
        let good = mandate("Academy of Posts");
        let mut browser = world.browser();
        let on =
            signed(&world, &mut browser, &for_party("Academy of Posts", COUNTRY, "We agree."), &good).await;
        assert!(browser.get(&on).await.location().ends_with("/receipt"));
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
        let mandate = mandate("Academy of Posts");
        let mut browser = world.browser();
        enter(&mut browser, &for_party("Academy of Posts", COUNTRY, "We agree.")).await;
        let (link, page) = asked(&mut browser, "cross").await;
        world.publish(Some(Status::Invalid));
        let revoked = world.sign(&mandate, &link).await;
        assert_eq!((revoked.status, revoked.code()), (StatusCode::BAD_REQUEST, "status_revoked"));
        world.publish(Some(Status::Suspended));
        assert_eq!(world.sign(&mandate, &link).await.code(), "status_suspended");
        world.publish(Some(Status::Valid));
        let expired = Card { expires_at: Some(crate::fixture::OPENS.plus_secs(-86_400)), ..mandate.clone() };
        assert_eq!(world.sign(&expired, &link).await.code(), "expired");
        assert_eq!(world.received().await, 0);
        // The request is still open to a mandate that is good.
        assert_eq!(world.sign(&mandate, &link).await.status, StatusCode::OK);
        assert_eq!(world.received().await, 1);
        assert!(!browser.get(&page).await.location().is_empty());
        world.publish(None);
        refused(&world, "Academy of Posts", COUNTRY, &mandate, "undetermined").await;
    })
    .await;
}

#[tokio::test]
async fn a_draft_that_was_changed_is_not_what_was_signed() {
    worlds(async |world: World| {
        let card = participant("quiet-river");
        let mut browser = world.browser();
        enter(&mut browser, &own("Let us agree.")).await;
        let (link, page) = asked(&mut browser, "cross").await;
        enter(&mut browser, &own("Let us not agree.")).await;
        assert_eq!(world.sign(&card, &link).await.status, StatusCode::OK);
        assert_eq!(world.received().await, 0);
        let on = browser.get(&page).await.location().to_owned();
        let told = browser.get(&on).await;
        assert!(told.text.contains("called draft_changed."), "{}", told.text);
        // Asked again, it is.
        world.clock.advance_secs(1);
        let (link, _) = asked(&mut browser, "cross").await;
        assert_eq!(world.sign(&card, &link).await.status, StatusCode::OK);
        assert_eq!(world.received().await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_signed_too_late_is_too_late() {
    worlds(async |world: World| {
        let card = participant("quiet-river");
        let ends = CLOSES.plus_ms(crate::fixture::GRACE_MS);
        let mut browser = world.browser();
        let mut other = world.browser();
        world.clock.set(ends.plus_secs(-60));
        world.publish(Some(Status::Valid));
        enter(&mut browser, &own("Let us agree.")).await;
        let (late, page) = asked(&mut browser, "cross").await;
        enter(&mut other, &own("In time.")).await;
        let (in_time, _) = asked(&mut other, "cross").await;
        world.clock.set(ends.plus_ms(-1));
        assert_eq!(world.sign(&card, &in_time).await.status, StatusCode::OK);
        assert_eq!(world.received().await, 1);
        world.clock.set(ends);
        assert_eq!(world.sign(&card, &late).await.status, StatusCode::OK);
        assert_eq!(world.received().await, 1);
        let on = browser.get(&page).await.location().to_owned();
        assert!(browser.get(&on).await.text.contains("called call_closed."));
        let form = browser.get(&format!("/en/calls/{SYMBOL}/answer")).await;
        assert_eq!(form.status, StatusCode::CONFLICT);
    })
    .await;
}

#[tokio::test]
async fn who_signed_replaces_and_takes_back_what_they_signed_and_nobody_else() {
    worlds(async |world: World| {
        let card = participant("quiet-river");
        let mut browser = world.browser();
        let on = signed(&world, &mut browser, &own("Let us agree."), &card).await;
        let receipt = browser.get(&on).await.location().to_owned();
        let submission = receipt.strip_suffix("/receipt").unwrap().to_owned();
        // Somebody else neither replaces nor takes it back.
        let mut other = world.browser();
        enter(&mut other, &own("Me too.")).await;
        let page = format!("/en/calls/{SYMBOL}/answer/review");
        let stolen = other.post(&page, &format!("{submission}/replace"), &[]).await;
        assert_eq!(stolen.status, StatusCode::NOT_FOUND);
        // Replaced with the same card; with another it is not.
        let begun = browser.post(&receipt, &format!("{submission}/replace"), &[]).await;
        assert_eq!(begun.location(), format!("/en/calls/{SYMBOL}/answer"), "{}", begun.text);
        assert!(browser.get(begun.location()).await.text.contains("Let us agree."));
        world.clock.advance_secs(1);
        let on = signed(&world, &mut browser, &own("Let us wait."), &participant("loud-river")).await;
        assert!(browser.get(&on).await.text.contains("called supersedes."));
        world.clock.advance_secs(1);
        let on = signed(&world, &mut browser, &own("Let us wait."), &card).await;
        let second = browser.get(&on).await.location().to_owned();
        assert!(second.ends_with("/receipt") && second != receipt);
        let counts = world.forum.counts(SYMBOL).await.unwrap();
        assert_eq!((counts.received, counts.superseded, counts.published), (2, 1, 1));
        assert!(browser.get(&receipt).await.text.contains("replaced by a later one"));
        // Taken back, with the wallet.
        world.clock.advance_secs(1);
        let second_base = second.strip_suffix("/receipt").unwrap();
        let asked = browser.post(&second, &format!("{second_base}/withdraw"), &[]).await;
        let waiting = asked.location().to_owned();
        let link = wallet_link(&browser.get(&waiting).await);
        assert_eq!(world.sign(&card, &link).await.status, StatusCode::OK);
        let counts = world.forum.counts(SYMBOL).await.unwrap();
        assert_eq!((counts.received, counts.superseded, counts.withdrawn), (2, 1, 1));
        let on = browser.get(&waiting).await.location().to_owned();
        let done = browser.followed(&on).await;
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
        let card = participant("quiet-river");
        let (new, token) = super::programs::signing(&world, "SEALED-1", "Let us agree.").await;
        assert_eq!(world.sign(&card, new["link"].as_str().unwrap()).await.status, StatusCode::OK);
        let state = super::programs::state(&world, &token).await;
        let id = state["submission"].as_str().unwrap();
        let mut stranger = world.browser();
        for path in ["", "/receipt", "/receipt.txt", "/proof.txt"] {
            let seen = stranger.get(&format!("/en/submissions/{id}{path}")).await;
            assert_eq!(seen.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(world.forum.counts("SEALED-1").await.unwrap().received, 1);
        assert_eq!(StateWord::Received.as_str(), "received");
    })
    .await;
}
