//! The form: every kind of question, drafts, files, what is wrong, what strangers send.

use base::limits::{ANSWER_BODY_BYTES_MAX, DRAFT_KEPT_S, FILE_BYTES_MAX};
use http::{Method, StatusCode};

use web::fixture::{Browser, Part, field, ours};

use super::{
    browser::{asked, enter, enter_with, own},
    world::{HERE, SYMBOL, World, participant, worlds},
};
use crate::{Answer, QuestionId};

/// In which a browser keeps the offer of a card.
const CARD: &str = "sahihi_secretariat_card";
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\nendobj\ntrailer\n%%EOF\n";

fn page() -> String {
    format!("/en/calls/{SYMBOL}/answer")
}

fn with<'a>(more: &[Part<'a>]) -> Vec<Part<'a>> {
    [own("Let us agree."), more.to_vec()].concat()
}

#[tokio::test]
async fn every_kind_of_question_is_answered_without_script_and_without_signing_in() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        let form = browser.get(&page()).await;
        assert_eq!(form.status, StatusCode::OK);
        assert!(!form.text.contains("<script"));
        for label in ["In one line?", "At length?", "Which one?", "A file?", "How much?", "Where?", "Who?"] {
            assert!(form.text.contains(label), "{label}");
        }
        let parts = with(&[
            field("a-line", " In short "),
            field("a-one", "maybe"),
            field("a-some", "no"),
            field("a-some", "yes"),
            ("a-paper", Some(("annex.pdf", "application/pdf")), PDF),
            field("a-money.amount", "12.50"),
            field("a-money.currency", "chf"),
            field("a-where", "FR"),
            field("a-who.name", "Amaru Tekle"),
            field("a-who.title", "Director"),
        ]);
        let entered = enter(&mut browser, &parts).await;
        assert_eq!(entered.location(), format!("{}/review", page()));
        let review = browser.get(entered.location()).await;
        for shown in
            ["In short", "Let us agree.", "Maybe", "annex.pdf", "12.50", "France", "Amaru Tekle, Director"]
        {
            assert!(review.text.contains(shown), "{shown}: {}", review.text);
        }
        let sha256 = base16ct::lower::encode_string(&crypto::sha256(PDF));
        let file = browser.get(&format!("{}/files/{sha256}", page())).await;
        assert_eq!(file.text.as_bytes(), PDF);
        assert!(file.header("content-disposition").starts_with("attachment"));
        let strange = world.browser().get(&format!("{}/files/{sha256}", page())).await;
        assert_eq!(strange.status, StatusCode::NOT_FOUND);
        let (link, _) = asked(&mut browser, "cross").await;
        world.sign(&participant("quiet-river"), &link).await;
        let listed = world.forum.list(SYMBOL, crate::Filter::default(), None, 10).await.unwrap();
        let crate::Public::Whole(got) = world.forum.submission(listed.entries[0].id).await.unwrap() else {
            panic!("it is published")
        };
        let answer = |id: &str| got.answers[&QuestionId::new(id).unwrap()].clone();
        assert_eq!(answer("line"), Answer::Text("In short".into()));
        let id = |id: &str| QuestionId::new(id).unwrap();
        assert_eq!(answer("some"), Answer::Choices(vec![id("yes"), id("no")]));
        assert_eq!(answer("money"), Answer::Amount { minor: 1_250, currency: "CHF".into() });
        assert_eq!(answer("paper"), Answer::Files(vec![sha256]));
    })
    .await;
}

#[tokio::test]
async fn a_draft_is_kept_for_one_browser_and_then_erased() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        let kept = enter(&mut browser, &with(&[field("then", "keep")])).await;
        assert_eq!(kept.location(), format!("{}?kept=1", page()));
        assert!(browser.get(&page()).await.text.contains("Let us agree."));
        assert!(!world.browser().get(&page()).await.text.contains("Let us agree."));
        world.clock.advance_secs(8 * 86_400);
        assert!(browser.get(&page()).await.text.contains("Let us agree."));
        enter(&mut browser, &with(&[field("then", "discard")])).await;
        assert!(!browser.get(&page()).await.text.contains("Let us agree."));
        enter(&mut browser, &own("Once more.")).await;
        world.clock.advance_secs(DRAFT_KEPT_S);
        assert!(world.forum.erase_drafts().await.unwrap() >= 1);
        assert_eq!(world.forum.erase_drafts().await.unwrap(), 0);
    })
    .await;
}

/// Enters this; what the page then says, with the draft as it was entered.
async fn wrong(world: &World, parts: &[Part<'_>], said: &str, control: &str) {
    let mut browser = world.browser();
    let entered = enter(&mut browser, parts).await;
    assert_eq!(entered.location(), format!("{}?check=1", page()), "{said}");
    let shown = browser.get(entered.location()).await;
    // At the top, with a link to the field, and at the field.
    let link = shown.text.split(&format!("<a href=\"#f-{control}\">")).nth(1).unwrap();
    assert!(link.split("</a>").next().unwrap().ends_with(&format!(" – {said}")), "{said}: {}", shown.text);
    assert!(shown.text.contains(&format!("<p class=\"error\" id=\"e-{control}\">{said}</p>")), "{said}");
    let review = browser.get(&format!("{}/review", page())).await;
    assert_eq!(review.location(), format!("{}?check=1", page()), "{said}");
}

#[tokio::test]
async fn what_is_wrong_is_said_at_the_top_and_at_the_field() {
    worlds(async |world: World| {
        let texts = |text: &'static str| own(text);
        wrong(&world, &texts(""), "An answer is needed here.", "a-long").await;
        let hides =
            "There are characters here that hide, or turn the text round. Type it again without them.";
        wrong(&world, &texts("agree\u{202e}ton od I"), hides, "a-long").await;
        wrong(&world, &with(&[field("a-line", "a\u{200b}b")]), hides, "a-line").await;
        wrong(&world, &with(&[field("a-one", "never")]), "Choose among what is offered.", "a-one").await;
        let amount = "Write the amount in digits, and the currency in three letters.";
        wrong(&world, &with(&[field("a-money.amount", "much")]), amount, "a-money.amount").await;
        wrong(&world, &with(&[field("a-where", "XX")]), "Choose a country.", "a-where").await;
        wrong(&world, &with(&[field("a-who.title", "Director")]), "A person needs a name.", "a-who.name")
            .await;
        let long = "x".repeat(base::limits::ANSWER_CHARS_MAX + 1);
        wrong(&world, &own(&long), "This is too long.", "a-long").await;
        let nobody = [field("lang", "en"), field("for", "self"), field("name", ""), field("a-long", "x")];
        wrong(&world, &nobody, "An answer is needed here.", "name").await;
        let tricks = [
            field("lang", "en"),
            field("for", "self"),
            field("name", "Ner\u{200b}ida"),
            field("a-long", "x"),
        ];
        wrong(&world, &tricks, hides, "name").await;
    })
    .await;
}

#[tokio::test]
async fn files_that_lie_are_large_or_many_are_not_kept() {
    worlds(async |world: World| {
        let lies = "The file is not what its name says it is. It was not kept.";
        let script = ("a-paper", Some(("a.pdf", "application/pdf")), &b"<script>alert(1)</script>"[..]);
        wrong(&world, &with(&[script]), lies, "a-paper").await;
        let page = ("a-paper", Some(("a.html", "text/html")), &b"<p>"[..]);
        wrong(&world, &with(&[page]), "Files of this type are not taken.", "a-paper").await;
        let large = [PDF, &vec![b' '; FILE_BYTES_MAX]].concat();
        let large = ("a-paper", Some(("a.pdf", "application/pdf")), large.as_slice());
        wrong(&world, &with(&[large]), "The file is too large. It was not kept.", "a-paper").await;
        let turned = ("a-paper", Some(("a\u{202e}fdp.pdf", "application/pdf")), PDF);
        let name = "The name of the file is too long, or has characters that do not belong in one.";
        wrong(&world, &with(&[turned]), name, "a-paper").await;
        // A file that was kept can be taken out again.
        let mut browser = world.browser();
        enter(&mut browser, &with(&[("a-paper", Some(("a.pdf", "application/pdf")), PDF)])).await;
        let value = format!("paper:{}", base16ct::lower::encode_string(&crypto::sha256(PDF)));
        assert!(browser.get(&self::page()).await.text.contains(&value));
        enter(&mut browser, &with(&[field("remove", &value)])).await;
        assert!(!browser.get(&self::page()).await.text.contains(&value));
    })
    .await;
}

#[tokio::test]
async fn what_is_not_sent_from_our_page_changes_nothing() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        let token = browser.get(&page()).await.csrf().to_owned();
        let parts = own("Let us agree.");
        let refused = async |browser: &mut Browser, token: &str, headers: &[(&str, &str)]| {
            enter_with(browser, token, &parts, headers).await.status
        };
        assert_eq!(refused(&mut browser, "", &ours(HERE)).await, StatusCode::FORBIDDEN);
        assert_eq!(
            refused(&mut browser, &token, &[("origin", "https://evil.example")]).await,
            StatusCode::FORBIDDEN
        );
        let mut other = world.browser();
        other.get(&page()).await;
        assert_eq!(
            refused(&mut other, &token, &ours(HERE)).await,
            StatusCode::FORBIDDEN,
            "another browser's token"
        );
        assert_eq!(refused(&mut browser, &token, &ours(HERE)).await, StatusCode::SEE_OTHER);
        for path in ["sign", "unsigned", "card"] {
            let form = "device=cross&mail=a@b.example".to_owned();
            let bare = browser.send_form(&format!("{}/{path}", page()), form, &[]).await;
            assert_eq!(bare.status, StatusCode::FORBIDDEN, "{path}");
        }
        assert_eq!(world.received().await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_is_too_long_or_no_form_is_not_read() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        let token = browser.get(&page()).await.csrf().to_owned();
        let huge = vec![b'x'; ANSWER_BODY_BYTES_MAX];
        let parts = [("a-long", None, huge.as_slice())];
        let answer = enter_with(&mut browser, &token, &parts, &ours(HERE)).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        let send = async |browser: &mut Browser, kind: &str, body: &[u8]| {
            let headers = [&[("content-type", kind)][..], &ours(HERE)].concat();
            browser.send(Method::POST, &page(), body.to_vec(), &headers).await.status
        };
        assert_eq!(send(&mut browser, "text/plain", b"x").await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert_eq!(
            send(&mut browser, "multipart/form-data; boundary=B", b"x").await,
            StatusCode::BAD_REQUEST
        );
        let cut = b"--B\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nNer";
        assert_eq!(send(&mut browser, "multipart/form-data; boundary=B", cut).await, StatusCode::BAD_REQUEST);
    })
    .await;
}

#[tokio::test]
async fn what_others_enter_is_text_wherever_it_is_shown() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        let parts = [
            field("lang", "en"),
            field("for", "self"),
            field("name", "<script>alert(1)</script>"),
            field("a-long", "\"><img src=x onerror=alert(1)>"),
        ];
        enter(&mut browser, &parts).await;
        for path in ["", "/review"] {
            let shown = browser.get(&format!("{}{path}", page())).await;
            assert_eq!(shown.status, StatusCode::OK);
            assert!(
                !shown.text.contains("<script") && !shown.text.contains("<img"),
                "{path}: {}",
                shown.text
            );
        }
        let (link, waiting) = asked(&mut browser, "cross").await;
        assert!(!browser.get(&waiting).await.text.contains("<script"));
        world.sign(&participant("quiet-river"), &link).await;
        let on = browser.get(&waiting).await.location().to_owned();
        let receipt = browser.get(&on).await.location().to_owned();
        let shown = browser.get(&receipt).await;
        assert!(shown.text.contains("alert(1)") && !shown.text.contains("<script"), "{}", shown.text);
    })
    .await;
}

#[tokio::test]
async fn who_has_no_card_is_given_one() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        enter(&mut browser, &own("Let us agree.")).await;
        let review = browser.get(&format!("{}/review", page())).await;
        let card = format!("{}/card", page());
        assert!(review.text.contains(&card));
        assert!(!browser.get(&card).await.text.contains("openid-credential-offer"));
        let offered = browser.post(&card, &card, &[]).await;
        assert_eq!(offered.location(), card);
        // The page can be looked at again, and in another language.
        let french = format!("/fr/{}", card.trim_start_matches("/en/"));
        for address in [&card, &card, &french] {
            let shown = browser.get(address).await.text;
            assert!(shown.contains("href=\"openid-credential-offer://"), "{address}: {shown}");
            assert!(shown.contains("accept"), "the command line's wallet is named");
        }
        // What the browser keeps tells nothing, another browser is shown nothing, and what we did not seal is nothing.
        let kept = browser.cookies[CARD].clone();
        assert!(!kept.contains("credential") && !kept.contains("b3BlbmlkLWNyZWRlbnRpYWw"), "{kept}");
        let mut other = world.browser();
        assert!(!other.get(&card).await.text.contains("openid-credential-offer"));
        let cut = kept.get(1..).unwrap_or_default();
        for (cookie, shows) in [(kept.as_str(), true), (cut, false), ("x", false), ("", false)] {
            browser.cookies.insert(CARD.to_owned(), cookie.to_owned());
            let shown = browser.get(&card).await.text;
            assert_eq!(shown.contains("openid-credential-offer"), shows, "{cookie}");
        }
        // Nor is what is over.
        browser.cookies.insert(CARD.to_owned(), kept);
        world.clock.advance_secs(base::limits::OFFER_LIFETIME_S);
        assert!(!browser.get(&card).await.text.contains("openid-credential-offer"));
    })
    .await;
}

#[tokio::test]
async fn what_is_longer_than_any_draft_is_not_kept() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        let token = browser.get(&page()).await.csrf().to_owned();
        let long = "x".repeat(base::limits::DRAFT_BYTES_MAX);
        let answer = enter_with(&mut browser, &token, &own(&long), &ours(HERE)).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(!browser.get(&page()).await.text.contains("xxxx"));
    })
    .await;
}
