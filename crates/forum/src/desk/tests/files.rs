//! Annexes of a circular and documents of a call, from the desk to everybody.

use axum::body::Body;
use futures_util::stream;
use http::StatusCode;
use web::Role;

use super::{Browser, each, error, hidden, location, multipart};
use crate::{
    CallRefusal, CircularRefusal, FileRef, NewCircular, Policy,
    fixture::{OPENS, new_call, new_circular, secretary},
    public::tests::Got,
};

const PDF: &str = "%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";

/// Sends a file with the form of the page at `at`.
async fn attach(browser: &mut Browser, at: &str, file: Option<(&str, &str, &str)>) -> Got {
    let page = browser.get(at).await;
    assert_eq!(page.status, StatusCode::OK, "{at}: {}", page.body);
    let csrf = hidden(&page.body, "csrf");
    let file = file.map(|(name, kind, bytes)| ("a-file", name, kind, bytes));
    browser.send_multipart(at, multipart(&[("csrf", &csrf)], file)).await
}

/// The name that everybody has for a file.
fn public(bytes: &str) -> (String, String) {
    let digest = base16ct::lower::encode_string(&crypto::sha256(bytes.as_bytes()));
    (format!("/files/{digest}"), digest)
}

#[tokio::test]
async fn annexes_are_attached_taken_off_and_public_with_the_circular() {
    each(async |world, begin| {
        world.forum.draft_circular(&secretary(), new_circular("CL-1")).await.unwrap();
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        let own = "/en/desk/circulars/CL-1";
        let at = "/en/desk/circulars/CL-1/files";
        assert!(browser.get(own).await.body.contains(&format!("href=\"{at}\"")));
        for (file, said) in [
            (None, "Write something here."),
            (
                Some(("run.pdf", "application/pdf", "<script>")),
                "The file is not what its name says it is. It was not kept.",
            ),
            (Some(("run.html", "text/html", "<p>")), "Files of this type are not taken."),
        ] {
            assert_eq!(error(&attach(&mut browser, at, file).await, "a-file"), said);
        }
        location(&attach(&mut browser, at, Some(("Annexe é.pdf", "application/pdf", PDF))).await);
        location(&attach(&mut browser, at, Some(("notes.txt", "text/plain", "Wrong ones.\n"))).await);
        // The same bytes again are the same annex, under the name sent last.
        location(&attach(&mut browser, at, Some(("Annexe 1.pdf", "application/pdf", PDF))).await);
        let ((address, digest), (wrong, wrong_digest)) = (public(PDF), public("Wrong ones.\n"));
        location(&browser.post(at, &format!("{at}/remove"), &[("id", &wrong_digest)]).await);
        // Twice: it is done once.
        location(&browser.post(at, &format!("{at}/remove"), &[("id", &wrong_digest)]).await);
        let drafted = world.forum.circular_of_desk(&secretary(), "CL-1").await.unwrap();
        let names: Vec<&str> = drafted.said.annexes.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["Annexe 1.pdf"]);

        // Until it is sent, the desk alone takes it away, from the list and from the draft as it will look.
        let private = format!("/desk/circulars/CL-1/files/{digest}");
        assert!(browser.get(own).await.body.contains(&format!("href=\"{private}\"")));
        assert_eq!(browser.get(&private).await.body, PDF);
        assert_eq!(browser.get(&address).await.status, StatusCode::NOT_FOUND);
        location(&browser.post(own, "/en/desk/circulars/CL-1/send", &[]).await);
        browser.cookies.clear();
        let page = browser.get("/en/circulars/CL-1").await.body;
        assert!(page.contains("Annexes") && page.contains(&format!("href=\"{address}\"")), "{page}");
        assert!(page.contains("Annexe 1.pdf") && !page.contains("notes.txt"));
        let file = browser.get(&address).await;
        assert_eq!((file.status, file.body.as_str()), (StatusCode::OK, PDF));
        let disposition = file.headers.get("content-disposition").unwrap().to_str().unwrap();
        assert!(disposition.starts_with("attachment; filename=\"Annexe 1.pdf\""));
        // What was taken off is nobody's.
        assert_eq!(browser.get(&wrong).await.status, StatusCode::NOT_FOUND);

        // What was sent stays as it is.
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        assert!(!browser.get(at).await.body.contains("<form method=\"post\""));
        let new = "/en/desk/circulars/new";
        let got = browser.post(new, &format!("{at}/remove"), &[("id", &digest)]).await;
        assert_eq!(got.status, StatusCode::CONFLICT);
        assert!(got.body.contains("circular_sent"));
        let csrf = hidden(&browser.get(new).await.body, "csrf");
        let file = Some(("a-file", "more.txt", "text/plain", "More.\n"));
        let got = browser.send_multipart(at, multipart(&[("csrf", &csrf)], file)).await;
        assert_eq!(got.status, StatusCode::CONFLICT);
        assert!(got.body.contains("circular_sent"));
    })
    .await;
}

#[tokio::test]
async fn documents_of_a_call_are_public_from_its_announcement_on() {
    each(async |world, begin| {
        let forum = &world.forum;
        forum.draft_circular(&secretary(), new_circular("CL-1")).await.unwrap();
        for (symbol, circular) in [("A", None), ("B", Some("CL-1".to_owned()))] {
            let call = crate::NewCall { circular, ..new_call(symbol, Policy::AtOnce) };
            forum.draft_call(&secretary(), call).await.unwrap();
        }
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        let (a, b, later) = (public("Of A.\n"), public("Of B.\n"), public("Later.\n"));
        for (call, text) in [("A", "Of A.\n"), ("B", "Of B.\n")] {
            let at = format!("/en/desk/calls/{call}/files");
            location(&attach(&mut browser, &at, Some(("terms.txt", "text/plain", text))).await);
            let preview = browser.get(&format!("/en/desk/calls/{call}/preview")).await.body;
            assert!(
                preview.contains(&format!("href=\"/desk/calls/{call}/files/"))
                    && preview.contains("terms.txt")
            );
        }
        assert_eq!(browser.get(&a.0).await.status, StatusCode::NOT_FOUND);
        assert_eq!(browser.get(&b.0).await.status, StatusCode::NOT_FOUND);
        location(&browser.post("/en/desk/calls/A", "/en/desk/calls/A/announce", &[]).await);
        assert_eq!(browser.get(&b.0).await.status, StatusCode::NOT_FOUND);
        location(&browser.post("/en/desk/circulars/CL-1", "/en/desk/circulars/CL-1/send", &[]).await);
        // One that is announced can still be given more, until it opens.
        let at = "/en/desk/calls/A/files";
        location(&attach(&mut browser, at, Some(("later.txt", "text/plain", "Later.\n"))).await);
        browser.cookies.clear();
        for (path, text) in [(&a.0, "Of A.\n"), (&b.0, "Of B.\n"), (&later.0, "Later.\n")] {
            assert_eq!(browser.get(path).await.body, text);
            let page = browser.get(if path == &b.0 { "/en/calls/B" } else { "/en/calls/A" }).await.body;
            assert!(page.contains(&format!("href=\"{path}\"")), "{page}");
        }
        world.clock.set(OPENS);
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        assert!(!browser.get(at).await.body.contains("<form method=\"post\""));
        let csrf = hidden(&browser.get("/en/desk/calls/new").await.body, "csrf");
        let file = Some(("a-file", "more.txt", "text/plain", "More.\n"));
        let got = browser.send_multipart(at, multipart(&[("csrf", &csrf)], file)).await;
        assert_eq!(got.status, StatusCode::CONFLICT);
        assert!(got.body.contains("call_opened"));
    })
    .await;
}

#[tokio::test]
async fn what_is_changed_while_a_file_comes_stays_changed() {
    each(async |world, begin| {
        world.forum.draft_circular(&secretary(), new_circular("CL-1")).await.unwrap();
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        let at = "/en/desk/circulars/CL-1/files";
        let csrf = hidden(&browser.get(at).await.body, "csrf");
        let sent = multipart(&[("csrf", &csrf)], Some(("a-file", "notes.txt", "text/plain", "Slow.\n")));
        let forum = world.forum.clone();
        // Its bytes come once a colleague has changed the draft.
        let slow = stream::once(async move {
            let said = NewCircular { contact: "office@forum.example".to_owned(), ..new_circular("CL-1") };
            forum.change_circular(&secretary(), said).await.map(|_| sent)
        });
        location(&browser.send_multipart(at, Body::from_stream(slow)).await);
        let found = world.forum.circular_of_desk(&secretary(), "CL-1").await.unwrap();
        assert_eq!((found.said.contact.as_str(), found.said.annexes.len()), ("office@forum.example", 1));
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_not_here_or_deceives_is_attached_to_nothing() {
    crate::tests::each(async |world| {
        let forum = &world.forum;
        let taken = crate::file::take("terms.txt", None, b"Terms.\n".to_vec()).unwrap();
        let good = taken.file.clone();
        forum.keep_file(taken, world.forum.clock.now().plus_secs(60)).await.unwrap();
        let unknown = FileRef { digest: [7; 32], ..good.clone() };
        let deceiving = FileRef { name: "terms\u{202e}fdp.txt".to_owned(), ..good.clone() };
        for bad in [unknown, deceiving] {
            let circular = NewCircular { annexes: vec![bad.clone()], ..new_circular("CL-1") };
            assert_eq!(forum.draft_circular(&secretary(), circular).await, Err(CircularRefusal::File));
            let call = crate::NewCall { documents: vec![bad], ..new_call("C", Policy::AtOnce) };
            assert_eq!(forum.draft_call(&secretary(), call).await, Err(CallRefusal::File));
        }
        // What a file is, is what it was found to be; and it is kept from then on.
        let said = FileRef { media_type: "text/html".to_owned(), size: 1, ..good.clone() };
        let circular = NewCircular { annexes: vec![said], ..new_circular("CL-1") };
        let drafted = forum.draft_circular(&secretary(), circular).await.unwrap();
        assert_eq!(drafted.said.annexes, std::slice::from_ref(&good));
        world.clock.set(OPENS);
        forum.erase_drafts().await.unwrap();
        assert!(forum.file_bytes(good.digest).await.unwrap().is_some());
    })
    .await;
}
