//! Who is told what, how often, and how it stops; on both databases, with a hand-set clock.

use std::sync::Arc;

use ::store::Tx;
use axum::body::Body;
use base::{Lang, time::ManualClock};
use crypto::SeededRandom;
use http::{Method, Request, StatusCode};
use tower::ServiceExt as _;

use super::{Due, Kind, Mail, announce};
use crate::{
    Contact, Deadline, Forum, NewAddressee, PartyClass, Policy, Wording,
    fixture::{self, CLOSES, GRACE_MS, OPENS, secretary, submission},
};

const LEASE_MS: i64 = 60_000;
const DAY_S: i64 = 86_400;

struct World {
    forum: Forum,
    /// Another instance on the same database.
    other: Forum,
    clock: Arc<ManualClock>,
}

async fn each(test: impl AsyncFn(World)) {
    ::store::fixture::each_engine(&fixture::migrations(), async |store: ::store::Store| {
        let clock = fixture::clock();
        let forum = fixture::forum(&store, clock.clone(), Arc::new(SeededRandom::new(1))).await;
        let other = fixture::forum(&store, clock.clone(), Arc::new(SeededRandom::new(2))).await;
        test(World { forum, other, clock }).await;
    })
    .await;
}

fn contact(name: &str, lang: Lang) -> Contact {
    Contact { mail: format!("{name}@reach-me.example"), lang }
}

async fn add(forum: &Forum, name: &str, class: PartyClass, lang: Lang) {
    let new = NewAddressee { class, contact: contact(name, lang), name: name.to_owned() };
    assert_eq!(forum.add_addressees(&secretary(), vec![new], "They asked.").await, Ok(1));
}

impl World {
    /// Everything that is due, as it would be sent; and it counts as sent.
    async fn sent(&self) -> Vec<Mail> {
        let mut mails = Vec::new();
        loop {
            let due = self.forum.mails_due(LEASE_MS).await.unwrap();
            if due.is_empty() {
                mails.sort_by(|a: &Mail, b: &Mail| a.to.cmp(&b.to));
                return mails;
            }
            for due in due {
                if let Some(mail) = self.forum.write_mail(&due).await.unwrap() {
                    self.forum.mail_sent(&due).await.unwrap();
                    mails.push(mail);
                }
            }
        }
    }

    async fn open(&self) {
        self.forum.draft_call(&secretary(), fixture::new_call("OTT", Policy::AtClose)).await.unwrap();
        self.forum.announce_call(&secretary(), "OTT").await.unwrap();
        self.clock.set(OPENS);
    }

    async fn submit(&self, name: &str, n: u64, lang: Lang) {
        let mut new = submission("OTT", name, n);
        new.contact = Some(contact(name, lang));
        self.forum.receive(new).await.unwrap();
    }

    async fn extend(&self, days: i64) {
        let to = Deadline {
            instant: CLOSES.plus_secs(days * DAY_S),
            zone: "Europe/Zurich".to_owned(),
            wording: Wording::ByEndOfDay,
        };
        self.forum.extend_call(&secretary(), "OTT", (to, None), "Many asked.").await.unwrap();
    }

    async fn post(&self, address: &str) -> (StatusCode, String) {
        self.call(Method::POST, address).await
    }

    async fn call(&self, method: Method, address: &str) -> (StatusCode, String) {
        let path = address.strip_prefix("https://forum.example").unwrap();
        let form = Body::from("List-Unsubscribe=One-Click");
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .unwrap();
        let answer = self.forum.clone().router().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}

fn to(mails: &[Mail]) -> Vec<&str> {
    mails.iter().map(|mail| mail.to.split('@').next().unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_circular_goes_to_whom_it_is_addressed_in_their_language() {
    each(async |world| {
        let forum = &world.forum;
        let people = [
            ("ada", PartyClass::MemberState, Lang::Fr),
            ("bo", PartyClass::Academia, Lang::Ar),
            ("cy", PartyClass::Private, Lang::En),
        ];
        for (name, class, lang) in people {
            add(forum, name, class, lang).await;
        }
        // The same address in two classes is told once, in the language that was said last.
        add(forum, "ada", PartyClass::Academia, Lang::Es).await;
        add(forum, "ada", PartyClass::MemberState, Lang::Fr).await;
        let mut circular = fixture::new_circular("CL-1");
        circular.addressees = vec![PartyClass::MemberState, PartyClass::Academia];
        forum.draft_circular(&secretary(), circular).await.unwrap();
        assert!(world.sent().await.is_empty());
        forum.send_circular(&secretary(), "CL-1").await.unwrap();
        let mails = world.sent().await;
        let [ada, bo] = mails.as_slice() else { panic!("{:?}", to(&mails)) };
        assert_eq!((ada.lang, bo.lang), (Lang::Fr, Lang::Ar));
        assert_eq!(ada.subject, "Circulaire CL-1\u{a0}: A circular");
        assert!(ada.text.contains("https://forum.example/fr/circulars/CL-1"), "{}", ada.text);
        assert!(bo.text.contains("https://forum.example/ar/circulars/CL-1"), "{}", bo.text);
        assert!(world.sent().await.is_empty());
        // Another instance that is told to tell everybody once more, or this one again: nobody is told twice.
        for instance in [&world.other, forum] {
            let again =
                async |tx: &mut Tx<'_>| announce::of_act(tx, "forum_circular_sent", "CL-1", OPENS).await;
            instance.store.write(again).await.unwrap();
            assert!(world.sent().await.is_empty());
        }
    })
    .await;
}

#[tokio::test]
async fn who_took_part_is_told_of_a_new_deadline_reminded_of_it_and_told_of_the_publication() {
    each(async |world| {
        world.open().await;
        world.submit("ada", 1, Lang::Es).await;
        world.submit("ada", 2, Lang::Es).await;
        assert!(world.sent().await.is_empty());
        world.extend(5).await;
        let mails = world.sent().await;
        assert_eq!(to(&mails), ["ada"]);
        let text = &mails.first().unwrap().text;
        assert!(text.contains("\nAhora: ") && text.contains("\nAntes: "), "{text}");
        // Three days before the deadline that holds, not before the old one.
        world.clock.set(CLOSES.plus_secs(-2 * DAY_S));
        assert!(world.sent().await.is_empty());
        world.clock.set(CLOSES.plus_secs(2 * DAY_S));
        let mails = world.sent().await;
        assert_eq!(
            mails.iter().map(|mail| mail.subject.as_str()).collect::<Vec<_>>(),
            ["OTT se cierra pronto"]
        );
        world.clock.set(CLOSES.plus_secs(5 * DAY_S).plus_ms(GRACE_MS));
        world.forum.publish_call(&secretary(), "OTT").await.unwrap();
        let mails = world.sent().await;
        let text = &mails.first().unwrap().text;
        assert!(text.contains("Se recibieron 2 respuestas."), "{text}");
        assert!(text.contains("https://forum.example/es/calls/OTT/submissions"), "{text}");
        assert!(world.sent().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn nobody_is_reminded_of_what_is_over() {
    each(async |world| {
        world.open().await;
        world.submit("ada", 1, Lang::En).await;
        world.clock.set(CLOSES.plus_ms(GRACE_MS));
        assert!(world.sent().await.is_empty());
        assert_eq!(world.forum.store.count_jobs().await.unwrap(), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn one_instance_sends_and_what_it_leaves_is_sent_again_as_the_same() {
    each(async |world| {
        world.open().await;
        world.submit("ada", 1, Lang::En).await;
        world.extend(1).await;
        let due = world.forum.mails_due(LEASE_MS).await.unwrap();
        let [due] = due.as_slice() else { panic!("{due:?}") };
        let mail = world.forum.write_mail(due).await.unwrap().unwrap();
        // While it is sent, and for as long as it may take, nobody else has it.
        assert!(world.other.mails_due(LEASE_MS).await.unwrap().is_empty());
        // This instance ended before it could say that it was sent.
        world.clock.advance_secs(LEASE_MS / 1_000);
        let again = world.other.mails_due(LEASE_MS).await.unwrap();
        let [again] = again.as_slice() else { panic!("{again:?}") };
        let same = world.other.write_mail(again).await.unwrap().unwrap();
        assert_eq!((same.message_id, same.to, same.subject), (mail.message_id, mail.to, mail.subject));
        world.other.mail_sent(again).await.unwrap();
        let lost = world.forum.mail_sent(due).await.unwrap_err();
        assert_eq!(lost.kind(), ::store::ErrorKind::LeaseLost);
        assert!(world.sent().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_mail_that_is_not_taken_rests_longer_each_time_and_is_given_up() {
    each(async |world| {
        world.open().await;
        world.submit("ada", 1, Lang::En).await;
        world.extend(20).await;
        let mut tries = 0;
        loop {
            let due: Vec<Due> = world.forum.mails_due(LEASE_MS).await.unwrap();
            let Some(due) = due.first() else {
                // Resting, until it is given up.
                if world.forum.store.count_jobs().await.unwrap().1 == 1 {
                    break;
                }
                world.clock.advance_secs(base::limits::JOB_BACKOFF_MAX_S);
                continue;
            };
            tries += 1;
            assert_eq!(world.other.mails_waiting().await, Ok((1, 0)));
            world.forum.mail_later(due, "mail_not_taken").await.unwrap();
        }
        assert_eq!(tries, base::limits::JOB_TRIES_MAX);
        assert_eq!(world.other.mails_waiting().await, Ok((0, 1)));
    })
    .await;
}

#[tokio::test]
async fn bulk_mail_is_stopped_by_one_click_and_what_one_did_oneself_is_not() {
    each(async |world| {
        world.open().await;
        world.submit("ada", 1, Lang::Ru).await;
        world.extend(1).await;
        let mails = world.sent().await;
        let stop = mails.first().unwrap().unsubscribe.clone().unwrap();
        // Opening it stops nothing.
        let (status, page) = world.call(Method::GET, &stop).await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("<form method=\"post\""), "{page}");
        world.extend(2).await;
        assert_eq!(to(&world.sent().await), ["ada"]);
        // A token of something else, or of somebody else.
        let wrong = format!("{}AAAA", stop.strip_suffix(|_: char| true).unwrap());
        let (status, page) = world.post(&wrong).await;
        assert_eq!((status, page.contains("<form")), (StatusCode::OK, false));
        world.extend(3).await;
        assert_eq!(to(&world.sent().await), ["ada"]);
        let (status, page) = world.post(&stop).await;
        assert_eq!((status, page.contains("role=\"status\"")), (StatusCode::OK, true));
        assert!(!page.contains("reach-me"), "{page}");
        world.extend(4).await;
        assert!(world.sent().await.is_empty());
        // Another submission by the same address: still stopped; its receipt comes.
        world.submit("ada", 2, Lang::Ru).await;
        world.extend(5).await;
        assert!(world.sent().await.is_empty());
        assert!(!Kind::Receipt.is_bulk() && !Kind::Confirm.is_bulk());
    })
    .await;
}
