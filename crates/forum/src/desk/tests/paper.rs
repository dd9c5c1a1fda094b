//! What came on paper.

use http::StatusCode;
use web::Role;

use super::{each, hidden, location, multipart, with};
use crate::Policy;

#[tokio::test]
async fn an_answer_on_paper_is_recorded_with_its_scan() {
    const PDF: &str = "%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";
    each(async |world, begin| {
        world.open("C", Policy::AtOnce).await;
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        let at = "/en/desk/calls/C/paper";
        let page = browser.get(at).await.body;
        let (csrf, once) = (hidden(&page, "csrf"), hidden(&page, "request"));
        let fields = [
            ("csrf", csrf.as_str()),
            ("request", once.as_str()),
            ("lang", "fr"),
            ("for", "party"),
            ("name", "Ministère des Postes"),
            ("class", "member_state"),
            ("country", "SN"),
            ("a-q1", "Notre réponse."),
        ];
        let scan = ("a-scan", "letter.pdf", "application/pdf", PDF);
        for (fields, file, said) in [
            (fields.to_vec(), None, "Write something here."),
            (fields.to_vec(), Some(("a-scan", "letter.pdf", "application/pdf", "<html>")), ""),
            (with(&fields, "a-q1", ""), Some(scan), ""),
            (with(&fields, "name", ""), Some(scan), ""),
        ] {
            let got = browser.send_multipart(at, multipart(&fields, file)).await;
            assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", got.body);
            assert!(got.body.contains(said) && got.body.contains("class=\"error\""));
        }
        let forged = with(&fields, "csrf", "x");
        let got = browser.send_multipart(at, multipart(&forged, Some(scan))).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN);
        assert_eq!(world.forum.counts("C").await.unwrap().received, 0);
        // Sent twice, received once.
        for _ in 0..2 {
            let got = browser.send_multipart(at, multipart(&fields, Some(scan))).await;
            assert!(location(&got).contains("/desk/submissions/sub_"));
        }
        assert_eq!(world.forum.counts("C").await.unwrap().received, 1);
        let id = world.forum.list("C", crate::Filter::default(), None, 1).await.unwrap().entries[0].id;
        let page = browser.get(&format!("/en/desk/submissions/{id}")).await.body;
        assert_eq!(page.matches("Recorded from paper").count(), 1, "{page}");
        assert!(page.contains("Amina"));
        let listed = world.forum.list("C", crate::Filter::default(), None, 10).await.unwrap();
        assert_eq!(listed.entries[0].standing, crate::StandingKind::Paper);
        assert_eq!(listed.entries[0].party.name, "Ministère des Postes");
        let page = browser.get("/en/calls/C/submissions").await.body;
        assert!(page.contains("Received on paper"));
    })
    .await;
}

#[tokio::test]
async fn what_is_recorded_of_a_sealed_call_is_not_shown_to_who_records_it() {
    each(async |world, begin| {
        world.open("C", Policy::SealedUntilClose).await;
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        let at = "/en/desk/calls/C/paper";
        let page = browser.get(at).await.body;
        let (csrf, once) = (hidden(&page, "csrf"), hidden(&page, "request"));
        let fields = [
            ("csrf", csrf.as_str()),
            ("request", once.as_str()),
            ("lang", "fr"),
            ("for", "party"),
            ("name", "Kibo Posts"),
            ("class", "private"),
            ("country", "KE"),
            ("a-q1", "Notre réponse."),
        ];
        let scan = ("a-scan", "letter.txt", "text/plain", "Our answer.\n");
        let got = browser.send_multipart(at, multipart(&fields, Some(scan))).await;
        let to = location(&got).to_owned();
        assert!(to.ends_with("/desk/calls/C?done=1"), "{to}");
        let page = browser.get(&to).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("Done, and noted") && !page.body.contains("Kibo Posts"));
    })
    .await;
}
