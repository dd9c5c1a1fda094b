//! Without a wallet: a link by mail, and a page that confirms.

use base::limits::CONFIRMATION_LIFETIME_S;
use http::StatusCode;
use web::fixture::{Answer, Browser};

use super::{
    browser::{enter, own},
    world::{SYMBOL, World, worlds},
};
use crate::{StandingKind, fixture::CLOSES, notice};

const MAIL: &str = "nerida@example.org";

fn review() -> String {
    format!("/en/calls/{SYMBOL}/answer/review")
}

/// Enters, and has a link sent.
async fn sent(browser: &mut Browser, text: &str, mail: &str) -> Answer {
    enter(browser, &own(text)).await;
    let to = format!("/en/calls/{SYMBOL}/answer/unsigned");
    browser.post(&review(), &to, &[("mail", mail)]).await
}

/// The mails that are due.
async fn mails(world: &World) -> Vec<notice::Mail> {
    let mut all = Vec::new();
    for due in world.forum.mails_due(60_000).await.unwrap() {
        all.extend(world.forum.write_mail(&due).await.unwrap());
        world.forum.mail_sent(&due).await.unwrap();
    }
    all
}

/// The link in a mail.
fn link(mail: &notice::Mail) -> String {
    mail.text.split_whitespace().find(|word| word.contains("/submissions/confirm/")).unwrap().to_owned()
}

#[tokio::test]
async fn what_is_confirmed_by_the_link_is_received_marked_and_receipted() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        let told = sent(&mut browser, "Let us agree.", " Nerida@Example.org ").await;
        assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.text);
        assert_eq!(world.received().await, 0);
        // The page that says so can be loaded as often as one likes: one mail is sent.
        for _ in 0..2 {
            let page = browser.get(told.location()).await;
            assert_eq!(page.status, StatusCode::OK, "{}", page.text);
            assert!(!page.text.contains(MAIL), "{}", page.text);
        }
        // Somebody else was sent none.
        let other = world.browser().get(told.location()).await;
        assert_eq!((other.status, other.location()), (StatusCode::SEE_OTHER, review().as_str()));
        let all = mails(&world).await;
        assert_eq!(all.len(), 1);
        let mail = all.into_iter().next().unwrap();
        assert_eq!(mail.to, MAIL);
        // Opening the link shows what it is about, to whatever opens it, and changes nothing.
        let mut reader = world.browser();
        let shown = reader.get(&link(&mail)).await;
        assert!(shown.text.contains("Let us agree.") && !shown.text.contains(MAIL), "{}", shown.text);
        assert_eq!(world.received().await, 0);
        let done = reader.post(&link(&mail), &link(&mail), &[]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        assert_eq!(world.received().await, 1);
        let receipt = reader.get(done.location()).await;
        assert!(receipt.text.contains("Your answer was received."), "{}", receipt.text);
        // Again, it is the same.
        assert_eq!(reader.get(&link(&mail)).await.location(), done.location());
        let listed = world.forum.list(SYMBOL, crate::Filter::default(), None, 10).await.unwrap();
        assert_eq!(listed.entries[0].standing, StandingKind::Unsigned);
        // The receipt comes by mail too.
        let second = mails(&world).await.remove(0);
        assert_eq!(second.to, MAIL);
        assert!(second.text.contains("/receipt"), "{}", second.text);
        // Taken back from the browser that confirmed it.
        let base = done.location().strip_suffix("/receipt").unwrap().to_owned();
        let back = reader.post(done.location(), &format!("{base}/withdraw"), &[]).await;
        assert_eq!(back.location(), done.location(), "{}", back.text);
        assert_eq!(world.forum.counts(SYMBOL).await.unwrap().withdrawn, 1);
    })
    .await;
}

#[tokio::test]
async fn a_link_is_good_for_its_time_and_for_nothing_else() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        sent(&mut browser, "Let us agree.", MAIL).await;
        let link = link(&mails(&world).await.remove(0));
        let mut forged = link.clone();
        let last = if forged.pop() == Some('A') { 'Q' } else { 'A' };
        forged.push(last);
        assert_eq!(browser.get(&forged).await.status, StatusCode::NOT_FOUND);
        world.clock.advance_secs(CONFIRMATION_LIFETIME_S - 1);
        let page = browser.get(&link).await;
        assert_eq!(page.status, StatusCode::OK);
        world.clock.advance_secs(1);
        assert_eq!(browser.get(&link).await.status, StatusCode::GONE);
        let late = browser.post_with(page.csrf(), &link, &[]).await;
        assert_eq!(late.status, StatusCode::GONE);
        assert_eq!(world.received().await, 0);
        // And the address is forgotten with it.
        world.forum.erase_drafts().await.unwrap();
        assert_eq!(browser.get(&link).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn the_time_that_counts_is_that_of_the_confirmation() {
    worlds(async |world: World| {
        let ends = CLOSES.plus_ms(crate::fixture::GRACE_MS);
        world.clock.set(ends.plus_secs(-3_600));
        let (mut early, mut late) = (world.browser(), world.browser());
        sent(&mut early, "In time.", "a@example.org").await;
        let in_time = link(&mails(&world).await.remove(0));
        sent(&mut late, "Too late.", "b@example.org").await;
        let too_late = link(&mails(&world).await.remove(0));
        let page = late.get(&too_late).await;
        world.clock.set(ends.plus_ms(-1));
        assert_eq!(early.post(&in_time, &in_time, &[]).await.status, StatusCode::SEE_OTHER);
        world.clock.set(ends);
        let refused = late.post_with(page.csrf(), &too_late, &[]).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        assert!(refused.text.contains("called call_closed."), "{}", refused.text);
        assert_eq!(world.received().await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_mail_address_is_said_on_the_page() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        let wrong = sent(&mut browser, "Let us agree.", "a@b@c").await;
        assert_eq!(wrong.location(), format!("{}?wrong=mail", review()));
        let shown = browser.get(wrong.location()).await;
        assert!(shown.text.contains("<a href=\"#f-mail\">Write a mail address"), "{}", shown.text);
        assert!(mails(&world).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_receipt_tells_others_nothing_of_what_is_not_published() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        sent(&mut browser, "Let us agree.", MAIL).await;
        let link = link(&mails(&world).await.remove(0));
        let receipt = browser.post(&link, &link, &[]).await.location().to_owned();
        world.forum.log.step().await.unwrap();
        let mut stranger = world.browser();
        let pages = ["/receipt", "/receipt.txt", "/proof.txt"].map(|page| receipt.replace("/receipt", page));
        for page in &pages {
            assert_eq!(stranger.get(page).await.status, StatusCode::OK, "{page}");
        }
        // Everybody is told that it is withheld and why: not whose it was, nor what it said.
        let id = receipt.split('/').nth(3).unwrap().parse().unwrap();
        world.forum.withhold(&crate::fixture::secretary(), id, "It names a child.").await.unwrap();
        let gone = stranger.get(receipt.strip_suffix("/receipt").unwrap()).await;
        assert!(gone.text.contains("It names a child.") && !gone.text.contains("Nerida"), "{}", gone.text);
        for page in &pages {
            assert_eq!(stranger.get(page).await.status, StatusCode::NOT_FOUND, "{page}");
            assert_eq!(browser.get(page).await.status, StatusCode::OK, "{page}");
        }
    })
    .await;
}
