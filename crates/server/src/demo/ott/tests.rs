use std::collections::BTreeSet;

use super::{
    answers::{Fate, Way},
    *,
};

#[test]
fn every_language_says_the_same_things() {
    let six = Six::read().unwrap();
    for lang in Lang::ALL {
        let words = six.get(lang).unwrap();
        assert_eq!(words.call.question.len(), 5, "{lang}");
    }
    let call = call(&six).unwrap();
    assert!(call.form.clone().checked().is_ok());
    for question in &call.form.questions {
        assert_eq!(question.label.texts().len(), 6);
        let distinct: BTreeSet<_> = question.label.texts().values().collect();
        assert_eq!(distinct.len(), 6, "{}: a text that was not translated", question.id);
    }
    assert!(circular(&six).unwrap().text.texts().len() == 6);
    let now = sent().unwrap();
    let second = second::call(&six, now, now.plus_secs(86_400)).unwrap();
    assert!(second.form.checked().is_ok());
    assert_eq!(second::addressees().unwrap().len(), 2);
}

#[test]
fn the_answers_are_the_same_ones_each_time_and_of_every_kind() {
    let six = Six::read().unwrap();
    let all = answers::all(&six).unwrap();
    assert_eq!(all.len(), answers::COUNT);
    assert_eq!(all, answers::all(&six).unwrap());
    assert!(all.is_sorted_by_key(|m| m.at));
    let of = |holds: &dyn Fn(&answers::MadeUp) -> bool| all.iter().filter(|m| holds(m)).count();
    for lang in Lang::ALL {
        assert!(of(&|m| m.lang == lang) > 100, "{lang}: {}", of(&|m| m.lang == lang));
    }
    for way in [Way::Mandate, Way::Participant, Way::Mail, Way::Paper] {
        assert!(of(&|m| m.way == way) > 20, "{way:?}");
    }
    let classes: BTreeSet<_> = all.iter().map(|m| m.party.class.as_str()).collect();
    assert_eq!(classes.len(), 11);
    for fate in [
        Fate::Published,
        Fate::Duplicate,
        Fate::Advertising,
        Fate::NotTheMatter,
        Fate::NamesSomebody,
        Fate::Personal,
        Fate::Withdrawn,
    ] {
        assert!(of(&|m| m.fate == fate) > 0, "{fate:?}");
    }
    for (i, made) in all.iter().enumerate() {
        assert!(!made.texts.is_empty());
        if let Fate::Corrected(by) = made.fate {
            assert_eq!(all.get(by).unwrap().fate, Fate::Corrects(i));
        }
    }
    // Nobody real is quoted: no word is put into the mouth of a state that exists.
    assert!(
        all.iter().all(|m| m.party.class.as_str() != "member_state" || m.party.country.unwrap().is_made_up())
    );
}
