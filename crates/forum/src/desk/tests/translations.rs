//! Later translations, as a secretary makes them (invariant I17).

use base::Lang;
use http::StatusCode;
use web::Role;

use super::{each, error, location, with};
use crate::{
    Policy, Public,
    fixture::{CLOSES, GRACE_MS, OPENS, new_call, new_circular, secretary, submission},
};

#[tokio::test]
async fn a_circular_that_was_sent_is_translated() {
    each(async |world, begin| {
        world.forum.draft_circular(&secretary(), new_circular("CL-1")).await.unwrap();
        world.forum.send_circular(&secretary(), "CL-1").await.unwrap();
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        let all = "/en/desk/circulars/CL-1/translations";
        assert!(browser.get("/en/desk/circulars/CL-1").await.body.contains(&format!("href=\"{all}\"")));
        let page = browser.get(all).await.body;
        assert_eq!(page.matches("Not translated yet").count(), 5);
        let one = "/en/desk/circulars/CL-1/translations/ar";
        assert!(page.contains(&format!("href=\"{one}\"")) && !page.contains("translations/en\""));
        let page = browser.get(one).await.body;
        assert!(page.contains("<div class=\"prose\" lang=\"en\" dir=\"ltr\">A call opens.</div>"), "{page}");
        let fields = [("subject", "رسالة"), ("text", "تُفتح دعوة.")];
        for (name, value, said) in
            [("subject", " ", "Write something here."), ("text", "a\u{202e}b", "This has characters")]
        {
            let page = browser.post(one, one, &with(&fields, name, value)).await;
            assert!(error(&page, name).starts_with(said), "{}", error(&page, name));
        }
        assert!(location(&browser.post(one, one, &fields).await).ends_with("translations?done=1"));
        let page = browser.get(all).await.body;
        assert_eq!((page.matches("Not translated yet").count(), page.matches("Up to date").count()), (4, 1));
        let page = browser.get("/ar/circulars/CL-1").await.body;
        assert!(page.contains("تُفتح دعوة.") && page.contains("رسالة"));
        let history = browser.get("/en/desk/circulars/CL-1").await.body;
        assert!(history.contains("Translation added") && history.contains("Amina"));
        // The original's own language, and one that is none of the six.
        for lang in ["en", "sw"] {
            let got = browser.get(&format!("{all}/{lang}")).await;
            assert_eq!(got.status, StatusCode::NOT_FOUND, "{lang}");
        }
    })
    .await;
}

#[tokio::test]
async fn which_translations_of_an_open_call_are_stale_is_shown_until_they_are_made_anew() {
    each(async |world, begin| {
        let mut call = new_call("C", Policy::AtOnce);
        for lang in [Lang::Fr, Lang::Es] {
            call.title.translate(lang, "Appel");
            call.introduction.translate(lang, "Dites-nous.");
        }
        world.announce(call).await;
        let mut changed = world.forum.call("C").await.unwrap().unwrap().said;
        // By program, with the same translations: they remain those of the earlier original.
        changed.introduction = crate::Multilingual::from_texts(
            Lang::En,
            [(Lang::En, "Tell us more."), (Lang::Fr, "Dites-nous."), (Lang::Es, "Díganos más.")]
                .map(|(lang, text)| (lang, text.to_owned()))
                .into(),
        )
        .unwrap();
        world.forum.change_call(&secretary(), changed).await.unwrap();
        world.clock.set(OPENS);
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        let all = "/en/desk/calls/C/translations";
        assert!(browser.get("/en/desk/calls/C").await.body.contains(&format!("href=\"{all}\"")));
        let page = browser.get(all).await.body;
        let stale = "The original has changed since";
        assert_eq!((page.matches(stale).count(), page.matches("Up to date").count()), (1, 1), "{page}");
        let one = "/en/desk/calls/C/translations/fr";
        let page = browser.get(one).await.body;
        assert!(page.contains("The original has changed since this translation was made."));
        assert!(page.contains("Tell us more.") && page.contains("Dites-nous."));
        assert!(
            browser.get("/fr/calls/C").await.body.contains("a changé depuis cette traduction"),
            "readers are told"
        );
        let fields = [("title", "Appel"), ("about", "Dites-nous-en plus.")];
        location(&browser.post(one, one, &fields).await);
        assert!(!browser.get(all).await.body.contains(stale));
        let page = browser.get("/fr/calls/C").await.body;
        assert!(page.contains("Dites-nous-en plus.") && !page.contains("a changé depuis cette traduction"));
        let call = world.forum.call("C").await.unwrap().unwrap();
        assert_eq!(call.said.introduction.original_text(), "Tell us more.");
        // A language more is one that the call is in.
        let fields = [("title", "征集"), ("about", "请告诉我们。")];
        let one = "/en/desk/calls/C/translations/zh";
        location(&browser.post(one, one, &fields).await);
        assert!(world.forum.call("C").await.unwrap().unwrap().said.languages.contains(&Lang::Zh));
    })
    .await;
}

#[tokio::test]
async fn a_submission_is_translated_answer_by_answer() {
    each(async |world, begin| {
        world.open("C", Policy::AtClose).await;
        let mut new = submission("C", "Kibo", 1);
        new.summary = Some("In short.".to_owned());
        let id = world.receive(new).await.id;
        world.clock.set(CLOSES.plus_ms(GRACE_MS));
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        let own = format!("/en/desk/submissions/{id}");
        let (all, one) = (format!("{own}/translations"), format!("{own}/translations/fr"));
        assert!(browser.get(&own).await.body.contains(&format!("href=\"{all}\"")));
        let page = browser.get(&one).await.body;
        assert!(page.contains("Answer 1 of Kibo") && page.contains("In short.") && !page.contains("a-q2"));
        let page = browser.post(&one, &one, &[("summary", ""), ("a-q1", " ")]).await;
        assert_eq!(error(&page, "summary"), "Write something here.");
        location(&browser.post(&one, &one, &[("summary", ""), ("a-q1", "Une réponse.")]).await);
        assert!(browser.get(&all).await.body.contains("Partly translated"));
        location(&browser.post(&one, &one, &[("summary", "En bref."), ("a-q1", "Une réponse.")]).await);
        assert!(browser.get(&all).await.body.contains("Up to date"));
        assert!(browser.get(&own).await.body.contains("Translation added"));
        world.forum.publish_call(&secretary(), "C").await.unwrap();
        let shown = world.forum.submission(id).await.unwrap();
        assert!(matches!(shown, Public::Whole(shown) if shown.translations.len() == 1));
        let page = browser.get(&format!("/fr/submissions/{id}")).await.body;
        assert!(
            page.contains("Une réponse.") && page.contains("En bref.") && page.contains("Answer 1 of Kibo")
        );
    })
    .await;
}
