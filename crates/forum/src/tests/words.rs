//! What needs no database: texts in several languages, what may stand in a text, forms and answers, countries.

use std::collections::{BTreeMap, BTreeSet};

use base::{Instant, Lang};

use crate::{
    Answer, Answers, BadForm, CallState, Choice, Country, Fault, Form, Multilingual, PartyClass, Question,
    QuestionId, QuestionKind, Region, SubmissionLang, Window,
    fixture::{en, question},
    hygiene::{BadText, is_symbol, line, prose},
};

#[test]
fn what_may_stand_in_a_text() {
    for (text, expected) in [
        ("  Kibo  ", Ok("Kibo")),
        // NFC; the joiner that Persian names need; a right-to-left script needs no marks.
        ("e\u{301}", Ok("é")),
        ("علی\u{200c}رضا", Ok("علی\u{200c}رضا")),
        ("", Err(BadText::Empty)),
        (" \n ", Err(BadText::Empty)),
        ("a\nb", Err(BadText::Deceives)),
        ("a\u{202e}b", Err(BadText::Deceives)),
        ("a\u{200b}b", Err(BadText::Deceives)),
        ("a\0b", Err(BadText::Deceives)),
        ("12345678901", Err(BadText::TooLong)),
    ] {
        assert_eq!(line(text, 10).as_deref().map_err(|e| *e), expected, "{text:?}");
    }
    assert_eq!(prose("a\r\n\tb", 10).as_deref(), Ok("a\n\tb"));
    assert_eq!(prose("a\rb", 10), Err(BadText::Deceives));
    // What is cleaned is clean.
    for text in ["é", "x\n\ny", "国家"] {
        assert_eq!(prose(&prose(text, 10).unwrap(), 10), prose(text, 10));
    }
    for (symbol, is_one) in
        [("OTT-2017", true), ("CL.17-16", true), ("", false), ("-a", false), ("a/b", false), ("é", false)]
    {
        assert_eq!(is_symbol(symbol), is_one, "{symbol}");
    }
}

#[test]
fn a_translation_knows_what_it_translates_however_it_was_kept() {
    let texts = BTreeMap::from([(Lang::Fr, "Bonjour".to_owned()), (Lang::En, "Hello ".to_owned())]);
    let text = Multilingual::from_texts(Lang::Fr, texts.clone()).unwrap().cleaned(false, 20).unwrap();
    assert_eq!(text.langs().collect::<Vec<_>>(), [Lang::Fr, Lang::En]);
    assert_eq!((text.get(Lang::En).text, text.get(Lang::En).is_stale), ("Hello", false));
    let mut changed = text.clone();
    changed.change_original("Bonsoir");
    for kept in [changed.clone(), serde_json::from_str(&serde_json::to_string(&changed).unwrap()).unwrap()] {
        assert!(kept.get(Lang::En).is_stale && !kept.get(Lang::Fr).is_stale);
        // Nobody's language: the original, which is never stale.
        assert_eq!((kept.get(Lang::Ru).text, kept.get(Lang::Ru).is_original), ("Bonsoir", true));
    }
    changed.translate(Lang::En, "Good evening");
    assert!(!changed.get(Lang::En).is_stale);
    assert_eq!(Multilingual::from_texts(Lang::Ru, texts), Err(BadText::Empty));
    let empty = BTreeMap::from([(Lang::Fr, "Bonjour".to_owned()), (Lang::Zh, " ".to_owned())]);
    assert_eq!(Multilingual::from_texts(Lang::Fr, empty), Err(BadText::Empty));
}

#[test]
fn a_translation_that_was_not_touched_is_stale_when_the_original_changes() {
    let text = |texts: &[(Lang, &str)]| {
        let texts = texts.iter().map(|(lang, text)| (*lang, (*text).to_owned())).collect();
        Multilingual::from_texts(Lang::En, texts).unwrap()
    };
    let was = text(&[(Lang::En, "one"), (Lang::Fr, "un"), (Lang::Es, "uno")]);
    let is =
        text(&[(Lang::En, "two"), (Lang::Fr, "un"), (Lang::Es, "dos"), (Lang::Ru, "два")]).revising(&was);
    assert!(is.get(Lang::Fr).is_stale && is.original_text() == "two");
    assert!(!is.get(Lang::Es).is_stale && !is.get(Lang::Ru).is_stale);
    // It stays so until it is made anew, or the original is again what it was.
    let later = text(&[(Lang::En, "two"), (Lang::Fr, "un")]).revising(&is);
    assert!(later.get(Lang::Fr).is_stale && later.get(Lang::Es).is_original);
    let back = text(&[(Lang::En, "one"), (Lang::Fr, "un")]).revising(&later);
    assert!(!back.get(Lang::Fr).is_stale);
    // Of another original it is another text.
    let other = Multilingual::from_texts(Lang::Fr, was.texts().clone()).unwrap().revising(&was);
    assert!(!other.get(Lang::Es).is_stale);
}

fn id(text: &str) -> QuestionId {
    QuestionId::new(text).unwrap()
}

fn choosing(kind: QuestionKind, options: &[&str]) -> Question {
    let options = options.iter().map(|o| Choice { id: id(o), label: en("This") }).collect();
    Question { options, max_count: Some(2), ..question("q", kind, true) }
}

#[test]
fn each_kind_of_question_takes_its_kind_of_answer() {
    let file = "ab".repeat(32);
    let person = |name: &str| Answer::Person { name: name.to_owned(), title: None, organisation: None };
    let amount = |minor, currency: &str| Answer::Amount { minor, currency: currency.to_owned() };
    let some = |options: &[&str]| Answer::Choices(options.iter().map(|o| id(o)).collect());
    let cases: [(Question, Answer, Option<Fault>); 18] = [
        (question("q", QuestionKind::Text, true), Answer::Text("a".into()), None),
        (
            question("q", QuestionKind::Text, true),
            Answer::Text("a\nb".into()),
            Some(Fault::Text(BadText::Deceives)),
        ),
        (question("q", QuestionKind::LongText, true), Answer::Text("a\nb".into()), None),
        (
            Question { max_chars: Some(2), ..question("q", QuestionKind::LongText, true) },
            Answer::Text("abc".into()),
            Some(Fault::Text(BadText::TooLong)),
        ),
        (choosing(QuestionKind::Choice, &["a", "b"]), Answer::Choice(id("b")), None),
        (choosing(QuestionKind::Choice, &["a", "b"]), Answer::Choice(id("c")), Some(Fault::Option)),
        (choosing(QuestionKind::Choices, &["a", "b", "c"]), some(&["a", "c"]), None),
        (choosing(QuestionKind::Choices, &["a", "b", "c"]), some(&["a", "a"]), Some(Fault::Option)),
        (choosing(QuestionKind::Choices, &["a", "b", "c"]), some(&["a", "b", "c"]), Some(Fault::TooMany)),
        (choosing(QuestionKind::Choices, &["a", "b", "c"]), some(&[]), Some(Fault::Missing)),
        (question("q", QuestionKind::File, true), Answer::Files(vec![file.clone()]), None),
        (question("q", QuestionKind::File, true), Answer::Files(vec!["cd".repeat(32)]), Some(Fault::File)),
        (question("q", QuestionKind::Amount, true), amount(1_500, "CHF"), None),
        (question("q", QuestionKind::Amount, true), amount(-1, "CHF"), Some(Fault::Amount)),
        (question("q", QuestionKind::Amount, true), amount(1, "CHFX"), Some(Fault::Amount)),
        (question("q", QuestionKind::Country, true), Answer::Country("KE".parse().unwrap()), None),
        (question("q", QuestionKind::Person, true), person("Amina"), None),
        (question("q", QuestionKind::Person, true), Answer::Text("Amina".into()), Some(Fault::Kind)),
    ];
    for (question, answer, fault) in cases {
        let form = Form { version: 1, questions: vec![question] };
        let answers = Answers::from([(id("q"), answer)]);
        let expected: Vec<_> = fault.map(|fault| (id("q"), fault)).into_iter().collect();
        assert_eq!(form.validate(&answers, std::slice::from_ref(&file)), expected, "{answers:?}");
        // What is kept is what was said.
        let kept: Answers = serde_json::from_value(serde_json::to_value(&answers).unwrap()).unwrap();
        assert_eq!(kept, answers);
        // One that must be answered is missed, one that need not be is not.
        let missing = form.validate(&Answers::new(), &[]);
        assert_eq!(missing, [(id("q"), Fault::Missing)]);
    }
}

#[test]
fn a_form_that_cannot_be_answered_is_none() {
    let form = |questions: Vec<Question>| Form { version: 1, questions }.checked().map(drop);
    let text = || question("q", QuestionKind::Text, true);
    for (questions, refused) in [
        (vec![], BadForm::Count),
        (vec![text(), text()], BadForm::Twice),
        (vec![choosing(QuestionKind::Choice, &["a", "a"])], BadForm::Twice),
        (vec![choosing(QuestionKind::Choice, &["a"])], BadForm::Options),
        (vec![choosing(QuestionKind::Text, &["a", "b"])], BadForm::Options),
        (vec![Question { label: en("a\u{202e}"), ..text() }], BadForm::Text(BadText::Deceives)),
    ] {
        assert_eq!(form(questions), Err(refused));
    }
    assert_eq!(form(vec![text(), choosing_named("r")]), Ok(()));
    for bad in ["", "a b", "é", "x".repeat(33).as_str()] {
        assert_eq!(QuestionId::new(bad), None);
    }
}

fn choosing_named(name: &str) -> Question {
    Question { id: id(name), ..choosing(QuestionKind::Choices, &["a", "b"]) }
}

#[test]
fn countries_have_codes_regions_and_names_in_six_languages() {
    let all: Vec<Country> = Country::all().collect();
    assert!(all.len() >= 195 && all.windows(2).all(|two| two[0].code() < two[1].code()));
    for country in &all {
        assert_eq!(country.code().parse(), Ok(*country));
        assert_eq!(country.alpha_3().len(), 3);
        let names: BTreeSet<_> = Lang::ALL.iter().map(|lang| country.name(*lang)).collect();
        assert!(names.len() > 2 && names.iter().all(|name| !name.is_empty()), "{country}");
        let flags = country.development();
        assert!(!(flags.developed && (flags.ldc || flags.developing)), "{country}");
    }
    // ITU's regions are not those of M49: Egypt and Djibouti are Arab states, Georgia and Israel are of Europe.
    for (code, region) in [
        ("EG", Region::ArabStates),
        ("DJ", Region::ArabStates),
        ("GE", Region::Europe),
        ("IL", Region::Europe),
        ("KZ", Region::Cis),
        ("KE", Region::Africa),
        ("IR", Region::AsiaPacific),
        ("US", Region::Americas),
    ] {
        assert_eq!(code.parse::<Country>().unwrap().region(), region, "{code}");
    }
    let nepal: Country = "NP".parse().unwrap();
    assert!(nepal.development().ldc && nepal.development().lldc && !nepal.development().sids);
    assert_eq!((nepal.name(Lang::Fr), nepal.name(Lang::Ru)), ("Népal", "Непал"));
    assert!("np".parse::<Country>().is_err() && "XX".parse::<Country>().is_err());
}

#[test]
fn words_are_read_as_they_are_written() {
    for class in PartyClass::ALL {
        assert_eq!(class.as_str().parse(), Ok(*class));
        assert_eq!(serde_json::to_value(class).unwrap(), class.as_str());
    }
    assert!("Member_State".parse::<PartyClass>().is_err());
    for (tag, expected) in
        [("fr-CH", Some("fr-ch")), ("sw", Some("sw")), ("x", None), ("fr_CH", None), ("1a", None)]
    {
        assert_eq!(SubmissionLang::new(tag).as_ref().map(SubmissionLang::as_str), expected, "{tag}");
    }
}

#[test]
fn a_window_has_its_edges() {
    let at = Instant::from_ms;
    let window = Window { opens: at(10), closes: at(20), grace_ms: 5, modify_until: Some(at(22)) };
    for (ms, state) in [
        (9, CallState::Scheduled),
        (10, CallState::Open),
        (19, CallState::Open),
        (20, CallState::Grace),
        (24, CallState::Grace),
        (25, CallState::Closed),
    ] {
        assert_eq!(window.state(at(ms)), state, "{ms}");
    }
    assert_eq!((window.ends(), window.modifiable_until()), (at(25), at(22)));
    assert_eq!(Window { modify_until: None, ..window }.modifiable_until(), at(25));
}
