//! How to reach people is in no output (invariant I20).

use base::Lang;
use store::Tx;

use super::{World, each};
use crate::{
    About, Contact, Policy, StateWord,
    fixture::{CLOSES, GRACE_MS, secretary, submission},
};

const MAIL: &str = "wanjiru.private@kibo.example";

store::statements! {
    MAILS = "SELECT mail, lang FROM forum_contact WHERE about = 'submission' AND subject = $1";
}

#[tokio::test]
async fn a_mail_address_is_kept_in_one_place_and_shown_in_none() {
    each(async |w: World| {
        let amina = secretary();
        w.open("OTT", Policy::AtClose).await;
        let mut new = submission("OTT", "Kibo", 1);
        new.contact = Some(Contact { mail: MAIL.to_owned(), lang: Lang::Fr });
        let mut shown = vec![format!("{new:?}")];
        let received = w.receive(new).await;
        let id = received.id;
        shown.push(format!("{received:?}"));
        // The receipt carries what the log's leaf commits to.
        shown.push(received.receipt.clone());
        w.forum.admit(&amina, id).await.unwrap();
        w.clock.set(CLOSES.plus_ms(GRACE_MS));
        shown.push(format!("{:?}", w.forum.publish_call(&amina, "OTT").await.unwrap()));
        shown.push(format!("{:?}", w.forum.submission(id).await.unwrap()));
        shown.push(format!("{:?}", w.forum.submission_of_desk(&amina, id).await.unwrap()));
        shown.push(format!("{:?}", w.forum.list("OTT", Default::default(), None, 10).await.unwrap()));
        shown.push(format!("{:?}", w.forum.facets("OTT").await.unwrap()));
        for state in StateWord::ALL {
            let listed = w.forum.submissions_of_desk(&amina, "OTT", *state, None).await.unwrap();
            shown.push(format!("{listed:?}"));
        }
        let history = w.forum.history(&amina, About::Submission, id.as_i64()).await.unwrap();
        for act in &history {
            let receipt = w.forum.log.receipt(act.leaf.unwrap()).await.unwrap().unwrap();
            shown.push(receipt.to_file());
        }
        shown.push(format!("{history:?}"));
        for text in &shown {
            assert!(!text.contains("wanjiru.private"), "{text}");
        }
        assert!(shown.iter().any(|text| text.contains("Kibo")));
        let read = async move |tx: &mut Tx<'_>| tx.one(&MAILS, store::params![id]).await;
        let row = w.forum.store.read::<_, store::Error, _>(read).await.unwrap();
        assert_eq!((row.text(0).unwrap(), row.text(1).unwrap()), (MAIL, "fr"));
    })
    .await;
}
