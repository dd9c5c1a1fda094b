//! What holds between six languages.

use std::collections::BTreeSet;

use crate::{
    Fault, What,
    model::{Kind, Lang, Message, Messages, arguments, choices, words},
};

/// Everything that is wrong with these messages, where `same` names (by language and key) what may be as in English.
pub(crate) fn all(messages: &Messages, same: &BTreeSet<(&str, &str)>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let Some(english) = messages.get(&Lang::En) else { return faults };
    for (&lang, translated) in messages {
        let mut say = |file: &str, key: &str, what| {
            faults.push(Fault { file: file.to_owned(), key: key.to_owned(), what });
        };
        for (key, original) in english {
            let Some(message) = translated.get(key) else {
                say(lang.tag(), key, What::Missing);
                continue;
            };
            for what in compare(lang, key, original, message, same) {
                say(&message.file, key, what);
            }
        }
        for (key, message) in translated.iter().filter(|(key, _)| !english.contains_key(*key)) {
            say(&message.file, key, What::Unknown);
        }
    }
    let stale = same.iter().filter(|(tag, key)| {
        let lang = Lang::ALL.into_iter().find(|lang| lang.tag() == *tag);
        let translated = lang.and_then(|lang| messages.get(&lang)?.get(*key));
        !translated.is_some_and(|message| english.get(*key).is_some_and(|o| is_same(o, message)))
    });
    faults.extend(stale.map(|(tag, key)| Fault {
        file: (*tag).to_owned(),
        key: (*key).to_owned(),
        what: What::NotSame,
    }));
    faults
}

fn is_same(original: &Message, message: &Message) -> bool {
    original.pattern == message.pattern
}

/// What is wrong with a message beside its English original.
fn compare(
    lang: Lang,
    key: &str,
    original: &Message,
    message: &Message,
    same: &BTreeSet<(&str, &str)>,
) -> Vec<What> {
    let mut wrong = Vec::new();
    let (wanted, used) = (arguments(&original.pattern), arguments(&message.pattern));
    let names = |all: &[(String, Kind)]| all.iter().map(|(name, _)| name.clone()).collect::<BTreeSet<_>>();
    if names(&wanted) != names(&used) {
        wrong.push(What::Arguments(
            names(&wanted).symmetric_difference(&names(&used)).cloned().collect::<Vec<_>>().join(", "),
        ));
    }
    for (name, kind) in &used {
        let kind_in_english = wanted.iter().find(|(known, _)| known == name).map(|(_, kind)| *kind);
        if *kind == Kind::Number && kind_in_english == Some(Kind::Text) {
            wrong.push(What::Kind(name.clone()));
        }
    }
    for choice in choices(&message.pattern) {
        let is_number = wanted.iter().any(|(name, kind)| *name == choice.argument && *kind == Kind::Number);
        if !choice.by_number && is_number {
            wrong.push(What::Kind(choice.argument.clone()));
        }
        if choice.by_number {
            let has = |form: &str| {
                choice.default_key == form || choice.variants.iter().any(|(known, _)| known == form)
            };
            let lacking = lang.plural_forms().iter().find(|form| !has(form));
            wrong.extend(lacking.map(|form| What::Plural(form)));
        }
    }
    let said = words(&message.pattern);
    if !words(&original.pattern).chars().any(char::is_alphabetic) {
        return wrong;
    }
    let own = |c: char| script(c) == Some(lang) || (is_latin(c) && is_written_in_latin(lang));
    let may_be_same = same.contains(&(lang.tag(), key));
    if lang != Lang::En && is_same(original, message) {
        if !may_be_same {
            wrong.push(What::Same(format!("{} {key}", lang.tag())));
        }
    } else if !said.chars().any(own) {
        wrong.push(What::Script);
    }
    wrong.extend(said.chars().find(|c| script(*c).is_some_and(|other| other != lang)).map(What::Foreign));
    wrong
}

const fn is_written_in_latin(lang: Lang) -> bool {
    matches!(lang, Lang::En | Lang::Fr | Lang::Es)
}

fn is_latin(c: char) -> bool {
    c.is_alphabetic() && script(c).is_none()
}

/// The one of the six languages in whose script this letter is, where the script is not Latin.
const fn script(c: char) -> Option<Lang> {
    match c {
        '\u{400}'..='\u{52F}' => Some(Lang::Ru),
        '\u{620}'..='\u{64A}' | '\u{671}'..='\u{6D3}' | '\u{750}'..='\u{77F}' => Some(Lang::Ar),
        '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{20000}'..='\u{323AF}' => Some(Lang::Zh),
        _ => None,
    }
}
