//! Addressees: read from lines, kept once, shown to the secretariat alone.

use super::{AddresseeRefusal, NewAddressee};
use crate::{Contact, PartyClass, fixture::secretary, tests::each};
use base::{Lang, limits::ADDRESSEES_AT_ONCE};

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
        assert_eq!(forum.add_addressees(&amina, read(text)).await, Ok(3));
        // Again, in another language: the same addressees, in that one wherever they are.
        let text = "A@Kibo.example;es;academia;University of Kibo";
        assert_eq!(forum.add_addressees(&amina, read(text)).await, Ok(1));
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
        assert_eq!(forum.remove_addressee(&amina, id).await, Ok(()));
        assert_eq!(forum.remove_addressee(&amina, id).await, Err(AddresseeRefusal::NoSuchAddressee));
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
        assert_eq!(forum.add_addressees(&amina, more).await, Err(AddresseeRefusal::Number));
        assert_eq!(forum.add_addressees(&amina, Vec::new()).await, Err(AddresseeRefusal::Number));
        assert_eq!(forum.add_addressees(&amina, most).await, Ok(ADDRESSEES_AT_ONCE));
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
        let refused = forum.add_addressees(&amina, vec![good.clone(), no_mail]).await;
        assert_eq!(refused, Err(AddresseeRefusal::Mail(2)));
        let refused = forum.add_addressees(&amina, vec![good, no_name]).await;
        assert_eq!(refused, Err(AddresseeRefusal::Name(2)));
        assert!(forum.addressees(&amina, None).await.unwrap().addressees.is_empty());
    })
    .await;
}
