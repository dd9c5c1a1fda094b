//! The list of addressees, as a secretary keeps it.

use http::StatusCode;
use web::Role;

use super::{each, error, location};
use crate::fixture::secretary;

const PAGE: &str = "/en/desk/addressees";
const NONE: [(&str, &str); 6] =
    [("mail", ""), ("lang", "en"), ("class", ""), ("name", ""), ("lines", ""), ("reason", "They asked.")];

#[tokio::test]
async fn addressees_are_added_pasted_in_and_removed() {
    each(async |world, begin| {
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        assert!(browser.get("/en/desk").await.body.contains("/en/desk/addressees"));
        assert!(browser.get(PAGE).await.body.contains("Nobody is told of circulars by mail yet."));
        let one = [
            ("mail", "ICT@kibo.example"),
            ("lang", "fr"),
            ("class", "member_state"),
            ("name", "Ministry of Kibo"),
            ("lines", ""),
            ("reason", "They wrote to us."),
        ];
        assert!(location(&browser.post(PAGE, PAGE, &one).await).ends_with("/en/desk/addressees?done=1"));
        let lines = "rector@uni.example;ar;academia;University of Mbelu\r\nict@kibo.example;fr;igo;Kibo\r\n";
        location(&browser.post(PAGE, PAGE, &super::with(&NONE, "lines", lines)).await);
        let page = browser.get(PAGE).await.body;
        for said in ["ict@kibo.example", "rector@uni.example", "University of Mbelu", "العربية"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let listed = world.forum.addressees(&secretary(), None).await.unwrap().addressees;
        assert_eq!(listed.len(), 3);
        let gone = listed.iter().find(|one| one.said.name == "University of Mbelu").unwrap();
        let id = gone.id.to_string();
        let remove = "/en/desk/addressees/remove";
        for (reason, said) in [
            ("", "Write something here."),
            ("Asked by rector@uni.example", "Give a reason, without a mail address in it."),
        ] {
            let fields = [("id", id.as_str()), ("remove-reason", reason)];
            assert_eq!(error(&browser.post(PAGE, remove, &fields).await, "remove-reason"), said);
        }
        assert!(browser.get(PAGE).await.body.contains("rector@uni.example"));
        // Twice: it is done once.
        for _ in 0..2 {
            let fields = [("id", id.as_str()), ("remove-reason", "The chair changed.")];
            location(&browser.post(PAGE, remove, &fields).await);
        }
        let page = browser.get(PAGE).await.body;
        assert!(!page.contains("rector@uni.example"));
        // Who did what and why.
        assert_eq!(
            (page.matches("Addressees added").count(), page.matches("Addressee removed").count()),
            (2, 1)
        );
        for said in ["They wrote to us.", "They asked.", "The chair changed.", "Amina"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let got = browser.post(PAGE, remove, &[("id", "x"), ("remove-reason", "Gone.")]).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_an_addressee_is_said_at_its_field() {
    each(async |world, begin| {
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        let good = [
            ("mail", "a@kibo.example"),
            ("lang", "fr"),
            ("class", "igo"),
            ("name", "Kibo"),
            ("lines", ""),
            ("reason", "They asked."),
        ];
        for (name, value, said) in [
            ("mail", "kibo", "Write a mail address, as ict@ministry.example."),
            ("class", "", "Choose a kind of party."),
            ("name", " ", "Write something here."),
            ("reason", "", "Write something here."),
            ("reason", "a@kibo.example asked.", "Give a reason, without a mail address in it."),
        ] {
            let page = browser.post(PAGE, PAGE, &super::with(&good, name, value)).await;
            assert_eq!(error(&page, name), said);
        }
        let page = browser.post(PAGE, PAGE, &NONE).await;
        assert_eq!(error(&page, "mail"), "Write a mail address, as ict@ministry.example.");
        let lines = "a@kibo.example;fr;igo;Kibo\nnobody\n\nb@kibo.example;tlh;igo;Kibo";
        let page = browser.post(PAGE, PAGE, &super::with(&NONE, "lines", lines)).await;
        assert_eq!(error(&page, "lines"), "Nothing was added. Correct the lines that are named above.");
        assert!(page.body.contains("These lines cannot be read: 2, 4") && page.body.contains("tlh"));
        assert!(world.forum.addressees(&secretary(), None).await.unwrap().addressees.is_empty());
        location(&browser.post(PAGE, PAGE, &good).await);
    })
    .await;
}
