//! How to reach people is in no output (invariant I20), and how to join a meeting is for who was admitted alone (I15).

use base::Lang;
use store::Tx;

use super::{World, each};
use crate::{
    About, CallKind, CallRefusal, Contact, Filter, Policy, ReadRefusal, StateWord,
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
        shown.push(format!("{:?}", w.forum.list("OTT", Filter::default(), None, 10).await.unwrap()));
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

const LINK: &str = "https://meet.secretariat.example/j/4711-private";

#[tokio::test]
async fn a_join_link_is_for_those_alone_whose_registration_was_admitted() {
    each(async |w: World| {
        let amina = secretary();
        let mut call = crate::fixture::new_call("REG-1", Policy::AtOnce);
        call.kind = CallKind::Registration;
        w.announce(call).await;
        w.clock.set(crate::fixture::OPENS);
        let [kibo, mawenzi, shira] = [1, 2, 3].map(|n| submission("REG-1", &format!("Party {n}"), n));
        // Everybody reads who registered; the link is theirs.
        let mut ids = Vec::new();
        for new in [&kibo, &mawenzi, &shira] {
            ids.push(w.receive(new.clone()).await.id);
        }
        w.forum.refuse(&amina, ids[1], "The room is full.").await.unwrap();
        let link = async |of: &crate::NewSubmission, id| w.forum.join_link(&of.standing, id).await;
        assert_eq!(link(&kibo, ids[0]).await.unwrap(), None);
        assert!(w.forum.set_join_link(&amina, "REG-1", "http://meet.example").await.is_err());
        w.forum.set_join_link(&amina, "REG-1", LINK).await.unwrap();
        assert_eq!(link(&kibo, ids[0]).await.unwrap().unwrap().address(), LINK);
        assert_eq!(link(&mawenzi, ids[1]).await.unwrap(), None);
        // Not with another's registration, and not after one's own was taken back.
        assert_eq!(link(&kibo, ids[2]).await.unwrap_err(), ReadRefusal::NotFound);
        let own = crate::Withdrawing::Party(&shira.standing);
        w.forum.withdraw_submission(own, ids[2], None).await.unwrap();
        assert_eq!(link(&shira, ids[2]).await.unwrap(), None);

        let call = w.forum.call("REG-1").await.unwrap().unwrap();
        let history = w.forum.history(&amina, About::Call, call.id.as_i64()).await.unwrap();
        let mut shown = vec![format!("{call:?} {history:?} {:?}", link(&kibo, ids[0]).await)];
        for act in &history {
            shown.push(w.forum.log.receipt(act.leaf.unwrap()).await.unwrap().unwrap().to_file());
        }
        for id in &ids {
            shown.push(format!("{:?}", w.forum.submission(*id).await.unwrap()));
        }
        assert!(shown.iter().all(|text| !text.contains("4711")));
        assert_eq!(history.last().unwrap().act, "call_join_link_set");
        w.announce(crate::fixture::new_call("OTT", Policy::AtOnce)).await;
        let other = w.forum.set_join_link(&amina, "OTT", LINK).await;
        assert_eq!(other.unwrap_err(), CallRefusal::State);
    })
    .await;
}
