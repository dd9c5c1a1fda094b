//! Addressees: read from lines, kept once, shown to the secretariat alone.

use super::{AddresseeRefusal, NewAddressee};
use crate::{About, Contact, PartyClass, fixture::secretary, tests::each};
use base::{Lang, limits::ADDRESSEES_AT_ONCE};

const WHY: &str = "They asked.";

fn line(mail: &str) -> String {
    format!("{mail};fr;member_state;Ministry of Kibo")
}

#[test]
fn a_line_is_read_or_its_number_is_told() {
    let good = NewAddressee {
        class: PartyClass::MemberState,
        contact: Contact { mail: "ict@kibo.example".to_owned(), lang: Lang::Fr },
        name: "Ministry of Kibo; second floor".to_owned(),
    };
    let text = "ict@kibo.example;fr;member_state;Ministry of Kibo; second floor";
    assert_eq!(NewAddressee::from_line(text), Some(good.clone()));
    assert_eq!(
        NewAddressee::from_line(&format!(" {} ", text.replace(';', " ; "))).unwrap().contact,
        good.contact
    );
    for bad in [
        "",
        "ict@kibo.example",
        "ict@kibo.example;fr;member_state",
        "ict@kibo.example;fr;member_state;",
        "kibo.example;fr;member_state;Kibo",
        "a b@kibo.example;fr;member_state;Kibo",
        "ict@kibo.example\u{202e};fr;member_state;Kibo",
        "ict@kibo.example;de;member_state;Kibo",
        "ict@kibo.example;fr;ministry;Kibo",
        "ict@kibo.example;fr;member_state;Ki\u{200b}bo",
    ] {
        assert_eq!(NewAddressee::from_line(bad), None, "{bad}");
    }
    let text = format!("{}\r\n\r\n{}\n", line("a@kibo.example"), line("b@kibo.example"));
    assert_eq!(NewAddressee::from_lines(&text).unwrap().len(), 2);
    let text = format!("x\n\n{}\ny", line("a@kibo.example"));
    assert_eq!(NewAddressee::from_lines(&text), Err(vec![1, 4]));
}

#[tokio::test]
async fn an_addressee_is_kept_once_a_class_and_can_be_removed() {
    each(async |world| {
        let (forum, amina) = (&world.forum, secretary());
        let read = |text: &str| NewAddressee::from_lines(text).unwrap();
        let text =
            "a@kibo.example;fr;member_state;Kibo\na@kibo.example;fr;academia;Kibo\nb@kibo.example;ar;igo;Bo";
        assert_eq!(forum.add_addressees(&amina, read(text), WHY).await, Ok(3));
        // Again, in another language: the same addressees, in that one wherever they are.
        let text = "A@Kibo.example;es;academia;University of Kibo";
        assert_eq!(forum.add_addressees(&amina, read(text), WHY).await, Ok(1));
        let listed = forum.addressees(&amina, None).await.unwrap();
        let mut said: Vec<_> = listed.addressees.iter().map(|one| &one.said).collect();
        said.sort_by_key(|one| one.class);
        let shown: Vec<_> =
            said.iter().map(|s| (s.contact.mail.as_str(), s.contact.lang, s.name.as_str())).collect();
        assert_eq!(
            shown,
            [
                ("a@kibo.example", Lang::Es, "Kibo"),
                ("a@kibo.example", Lang::Es, "University of Kibo"),
                ("b@kibo.example", Lang::Ar, "Bo"),
            ]
        );
        assert_eq!(listed.next, None);
        let id = listed.addressees[0].id;
        assert_eq!(forum.remove_addressee(&amina, id, WHY).await, Ok(()));
        assert_eq!(forum.remove_addressee(&amina, id, WHY).await, Err(AddresseeRefusal::NoSuchAddressee));
        assert_eq!(forum.addressees(&amina, None).await.unwrap().addressees.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn more_than_a_page_are_listed_page_by_page() {
    each(async |world| {
        let (forum, amina) = (&world.forum, secretary());
        let of = |n: usize| NewAddressee::from_line(&line(&format!("a{n}@kibo.example"))).unwrap();
        let most: Vec<_> = (0..ADDRESSEES_AT_ONCE).map(of).collect();
        let more = [most.clone(), vec![of(ADDRESSEES_AT_ONCE)]].concat();
        assert_eq!(forum.add_addressees(&amina, more, WHY).await, Err(AddresseeRefusal::Number));
        assert_eq!(forum.add_addressees(&amina, Vec::new(), WHY).await, Err(AddresseeRefusal::Number));
        assert_eq!(forum.add_addressees(&amina, most, WHY).await, Ok(ADDRESSEES_AT_ONCE));
        let (mut seen, mut after) = (std::collections::BTreeSet::new(), None);
        loop {
            let page = forum.addressees(&amina, after).await.unwrap();
            seen.extend(page.addressees.into_iter().map(|one| one.said.contact.mail));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), ADDRESSEES_AT_ONCE);
    })
    .await;
}

#[tokio::test]
async fn all_are_kept_or_none_and_what_is_wrong_is_told_by_its_number() {
    each(async |world| {
        let (forum, amina) = (&world.forum, secretary());
        let good = NewAddressee::from_line(&line("a@kibo.example")).unwrap();
        let mut no_mail = good.clone();
        "kibo".clone_into(&mut no_mail.contact.mail);
        let no_name = NewAddressee { name: " ".to_owned(), ..good.clone() };
        let refused = forum.add_addressees(&amina, vec![good.clone(), no_mail], WHY).await;
        assert_eq!(refused, Err(AddresseeRefusal::Mail(2)));
        let refused = forum.add_addressees(&amina, vec![good, no_name], WHY).await;
        assert_eq!(refused, Err(AddresseeRefusal::Name(2)));
        assert!(forum.addressees(&amina, None).await.unwrap().addressees.is_empty());
    })
    .await;
}

/// The record of the leaf of an act, as text; and whether its receipt holds for the log's key.
async fn record(forum: &crate::Forum, leaf: log::LeafId) -> String {
    let file = forum.log.receipt(leaf).await.unwrap().unwrap().to_file();
    let receipt = log::ReceiptFile::parse(&file).unwrap();
    receipt.verify(forum.log.key()).unwrap();
    String::from_utf8(receipt.extra.record().unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn a_change_of_the_list_is_an_act_whose_leaf_holds_no_address() {
    each(async |world| {
        let (forum, amina) = (&world.forum, secretary());
        let read = |text: &str| NewAddressee::from_lines(text).unwrap();
        let two = "wanjiru@kibo.example;fr;igo;Wanjiru Otieno\nb@kibo.example;ar;igo;Bo";
        for bad in ["", " \n", "wanjiru@kibo.example asked", "wanjiru\u{ff20}kibo.example asked"] {
            let refused = forum.add_addressees(&amina, read(two), bad).await;
            assert_eq!(refused, Err(AddresseeRefusal::Reason), "{bad}");
        }
        forum.add_addressees(&amina, read(two), "Kibo joined.").await.unwrap();
        let later = || world.clock.set(forum.clock.now().plus_secs(1));
        later();
        // The same list again is the same list; another language makes another.
        forum.add_addressees(&amina, read(two), WHY).await.unwrap();
        later();
        forum.add_addressees(&amina, read("b@kibo.example;es;igo;Bo"), WHY).await.unwrap();
        later();
        let listed = forum.addressees(&amina, None).await.unwrap().addressees;
        let wanjiru = listed.iter().find(|one| one.said.name.starts_with("Wanjiru")).unwrap().id;
        let refused = forum.remove_addressee(&amina, wanjiru, "wanjiru@kibo.example asked").await;
        assert_eq!(refused, Err(AddresseeRefusal::Reason));
        forum.remove_addressee(&amina, wanjiru, "She retired.").await.unwrap();

        let acts = forum.history(&amina, About::Addressees, 0).await.unwrap();
        let said: Vec<_> =
            acts.iter().map(|a| (a.act.as_str(), a.actor.as_str(), a.reason.as_deref())).collect();
        let (added, removed) = ("addressees_added", "addressees_removed");
        assert_eq!(
            said,
            [
                (added, "amina", Some("Kibo joined.")),
                (added, "amina", Some(WHY)),
                (added, "amina", Some(WHY)),
                (removed, "amina", Some("She retired.")),
            ]
        );
        // Whoever is erased: the log has nothing of them to lose, and stays as it was.
        forum.log.step().await.unwrap();
        let mut lists = Vec::new();
        for (act, (changed, listed)) in acts.iter().zip([(2, 2), (2, 2), (1, 2), (1, 1)]) {
            let leaf = act.leaf.unwrap();
            let text = record(forum, leaf).await;
            assert!(
                !["wanjiru", "Wanjiru", "kibo.example", "Bo\""].iter().any(|said| text.contains(said)),
                "{text}"
            );
            let record: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(
                (record["changed"].as_i64(), record["listed"].as_i64()),
                (Some(changed), Some(listed))
            );
            assert_eq!(
                (record["actor"].as_str(), record["reason"].as_str()),
                (Some("amina"), act.reason.as_deref())
            );
            lists.push(record["list"].as_str().unwrap().to_owned());
            let proof = forum.log.proof(leaf).await.unwrap().unwrap();
            log::ProofFile::parse(&proof).unwrap().verify(forum.log.key(), None).unwrap();
        }
        assert_eq!(lists[0], lists[1]);
        assert!(lists[0].len() == 64 && lists[1] != lists[2] && lists[2] != lists[3]);
    })
    .await;
}
