//! What the person sees and types. Everything that others wrote is made harmless before it is printed.

use std::io::{BufRead, IsTerminal, Write, stderr, stdin, stdout};

use ::wallet::{
    contents::Look,
    issuance,
    presentation::{Choice, Picked, Question},
};
use base::{Lang, limits, unseen::is_unseen};
use serde_json::Value;

use super::texts::{self, Line};

/// How long a name, label or purpose of somebody else's may be on the screen, characters.
/// Values are never cut: what is shown to others, or approved, is seen whole.
const SHOWN_CHARS_MAX: usize = limits::PURPOSE_CHARS_MAX;

/// What is made of a value that is a picture.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pictures {
    /// It is named as one: for claims, which an issuer signed.
    Named,
    /// It is text like any other: for what is to be approved, which may only pose as one.
    AsText,
}

/// Where the person reads: standard output, or standard error when standard output is for a program.
#[derive(Clone, Copy)]
pub(super) struct Screen {
    pub(super) lang: Lang,
    pub(super) json: bool,
}

impl Screen {
    /// Prints a line of ours with values that may be others'.
    pub(super) fn say(self, line: Line, values: &[(&str, &str)]) {
        let clean: Vec<(&str, String)> =
            values.iter().map(|(name, value)| (*name, harmless(value))).collect();
        let clean: Vec<(&str, &str)> = clean.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.print(&format!("{}\n", line.with(self.lang, &clean)));
    }

    /// The label of a claim and its value, indented.
    pub(super) fn fact(self, label: &str, value: &Value) {
        self.labelled(label, value, Pictures::Named);
    }

    fn labelled(self, label: &str, value: &Value, pictures: Pictures) {
        self.print(&format!("  {}: {}\n", harmless(label), self.value(value, pictures)));
    }

    /// Prints a line as it is: ours.
    pub(super) fn plain(self, text: &str) {
        self.print(&format!("{text}\n"));
    }

    /// A value in words, whole.
    pub(super) fn value(self, value: &Value, pictures: Pictures) -> String {
        match value {
            Value::String(text) if pictures == Pictures::Named && is_picture(text) => {
                texts::PICTURE.get(self.lang).to_owned()
            }
            Value::String(text) => visible(text),
            Value::Bool(true) => texts::YES.get(self.lang).to_owned(),
            Value::Bool(false) => texts::NO.get(self.lang).to_owned(),
            Value::Null => "–".to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Array(items) => {
                items.iter().map(|item| self.value(item, pictures)).collect::<Vec<_>>().join(", ")
            }
            Value::Object(members) => {
                let part = |(name, value): (&String, &Value)| {
                    format!("{}: {}", visible(name), self.value(value, pictures))
                };
                members.iter().map(part).collect::<Vec<_>>().join("; ")
            }
        }
    }

    /// Labels of claims, as a list.
    pub(super) fn labels<'a>(self, claims: impl Iterator<Item = &'a str>) -> String {
        let list: Vec<&str> = claims.collect();
        if list.is_empty() { texts::NOTHING.get(self.lang).to_owned() } else { list.join(", ") }
    }

    /// Whether somebody reads this who can be asked.
    pub(super) fn is_read() -> bool {
        stdin().is_terminal()
    }

    /// A card in a few words.
    pub(super) fn card(self, choice: &Choice) -> String {
        let name = choice.look.names.get(self.lang).unwrap_or(&choice.vct);
        harmless(&format!("{name} – {} ({})", choice.issuer.name, choice.card))
    }

    /// Asks for one of `options` by its number, counted from 1 on the screen and from 0 here; none if nothing that is
    /// one of them was typed.
    pub(super) fn number(self, line: Line, options: &[String]) -> Option<usize> {
        for (n, option) in options.iter().enumerate() {
            self.plain(&format!("  {}. {}", n.saturating_add(1), harmless(option)));
        }
        let typed: usize = self.read(&format!("{} ", line.get(self.lang)))?.parse().ok()?;
        typed.checked_sub(1).filter(|n| *n < options.len())
    }

    /// The consent screen: who asks, why, what is approved, what is shown, what is not.
    pub(super) fn request(self, question: &Question, picked: &[Picked<'_>]) {
        let asker = &question.asker;
        self.say(texts::ASKS, &[("name", &asker.name)]);
        let known = if asker.verified { texts::VERIFIED } else { texts::NOT_VERIFIED };
        self.say(known, &[("host", &asker.host)]);
        match &question.purpose {
            Some(purpose) => self.say(texts::PURPOSE, &[("purpose", purpose.get(self.lang))]),
            None => self.plain(texts::NO_PURPOSE.get(self.lang)),
        }
        for transaction in &question.transactions {
            self.plain("");
            self.plain(texts::APPROVE.get(self.lang));
            if let Some(name) = transaction.titles.get(self.lang) {
                self.plain(&format!("  {}", harmless(name)));
            }
            for line in &transaction.lines {
                let label = line.labels.get(self.lang).unwrap_or_default();
                self.labelled(label, &line.value, Pictures::AsText);
            }
        }
        for pick in picked {
            self.plain("");
            self.choice(pick);
        }
        self.plain("");
    }

    fn choice(self, pick: &Picked<'_>) {
        let choice = pick.choice;
        let card = choice.look.names.get(self.lang).unwrap_or(&choice.vct);
        self.say(texts::WILL_SHOW, &[("card", card), ("issuer", &choice.issuer.name)]);
        for fact in &choice.shown {
            let label = choice.look.label(&fact.claim, self.lang);
            let label = if fact.asked {
                label.to_owned()
            } else {
                format!("{label} ({})", texts::ALWAYS.get(self.lang))
            };
            self.parts(&choice.look, &fact.claim, &label, &fact.value);
        }
        let kept = self.labels(choice.kept.iter().map(|claim| choice.look.label(claim, self.lang)));
        self.say(texts::WILL_NOT_SHOW, &[("claims", &kept)]);
        if pick.reused {
            self.plain(texts::REUSED.get(self.lang));
        }
    }

    /// A claim, and what is in it each with its own label.
    pub(super) fn parts(self, look: &Look, claim: &str, label: &str, value: &Value) {
        match value {
            Value::Object(members) if !members.is_empty() => {
                for (name, value) in members {
                    let path = format!("{claim}.{name}");
                    let own = match look.label(&path, self.lang) {
                        unnamed if unnamed == path => name,
                        named => named,
                    };
                    self.parts(look, &path, &format!("{label} – {own}"), value);
                }
            }
            _ => self.fact(label, value),
        }
    }

    /// A request that no card answers.
    pub(super) fn unmet(self, question: &Question) {
        self.request(question, &[]);
        for asked in question.asked.iter().filter(|asked| asked.options.is_empty()) {
            let claims = self.labels(asked.claims.iter().map(String::as_str));
            self.say(texts::ASKS_FOR, &[("claims", &claims)]);
        }
        self.plain(texts::NO_MATCH.get(self.lang));
    }

    /// Waits until the person, if there is one, has read that there is no answer. One that came at once would tell
    /// the asker that the document is missing (`OpenID4VP` 1.0, section 15.1).
    pub(super) fn tell_no(self, question: &Question) {
        if stdin().is_terminal() {
            let _ = self.read(&texts::TELL_NO.with(self.lang, &[("name", &harmless(&question.asker.name))]));
        }
    }

    /// Other cards that would do.
    pub(super) fn others(self, pick: &Picked<'_>) {
        let asked = pick.asked;
        for other in asked.options.iter().filter(|option| option.card != pick.choice.card) {
            let name = other.look.names.get(self.lang).unwrap_or(&other.vct);
            let id = format!("--card {}={}", asked.query, other.card);
            self.say(texts::OTHER_DATA, &[("card", name), ("id", &id)]);
        }
    }

    /// An offer, before it is accepted.
    pub(super) fn offer(self, question: &issuance::Question) {
        self.say(texts::OFFERS, &[("host", &question.credential_issuer)]);
        if let Some(name) = question.names.get(self.lang) {
            self.say(texts::CALLS_ITSELF, &[("name", name)]);
        }
        for offered in &question.offered {
            let name = offered.look.names.get(self.lang).unwrap_or(&offered.vct);
            let labels = offered.look.claims.iter().map(|claim| offered.look.label(&claim.claim, self.lang));
            self.say(texts::OFFERED, &[("card", name), ("claims", &self.labels(labels))]);
        }
    }

    /// Asks for the transaction code.
    pub(super) fn tx_code(self, description: Option<&str>) -> Option<String> {
        if let Some(description) = description {
            self.plain(&harmless(description));
        }
        self.read(texts::TX_CODE.get(self.lang))
    }

    /// Asks for consent; anything but the word for yes is no.
    pub(super) fn agrees(self, line: Line, values: &[(&str, &str)]) -> bool {
        self.say(line, values);
        let typed = self.read(texts::YES_NO.get(self.lang)).unwrap_or_default();
        typed.to_lowercase() == texts::YES.get(self.lang)
    }

    fn read(self, prompt: &str) -> Option<String> {
        self.print(prompt);
        let mut line = String::new();
        let read = stdin().lock().read_line(&mut line).ok()?;
        if !stdin().is_terminal() {
            self.print("\n");
        }
        (read > 0).then(|| line.trim().to_owned())
    }

    fn print(self, text: &str) {
        // A reader that has gone away is no reason to stop in the middle of a flow.
        let _ = if self.json {
            stderr().write_all(text.as_bytes()).and_then(|()| stderr().flush())
        } else {
            stdout().write_all(text.as_bytes()).and_then(|()| stdout().flush())
        };
    }
}

/// Whether a claim is a picture in base64 (RFC 2397) and nothing that a person could read.
fn is_picture(text: &str) -> bool {
    let content = text.strip_prefix("data:image/").and_then(|rest| rest.split_once(";base64,"));
    content.is_some_and(|(kind, data)| {
        kind.bytes().all(|b| b.is_ascii_alphanumeric() || b"+.-".contains(&b))
            && data.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
    })
}

/// [`visible`], and not too long.
pub(super) fn harmless(text: &str) -> String {
    let mut clean: String = visible(text);
    if let Some((end, _)) = clean.char_indices().nth(SHOWN_CHARS_MAX) {
        clean.truncate(end);
        clean.push('…');
    }
    clean
}

/// A text of somebody else's without anything that moves the cursor, hides or reorders text, or begins a line of its
/// own: each run of white space becomes one space.
pub(super) fn visible(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_unseen(*c)) {
        if !c.is_control() && !c.is_whitespace() {
            clean.push(c);
        } else if !clean.ends_with(' ') {
            clean.push(' ');
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Screen = Screen { lang: Lang::En, json: false };

    #[test]
    fn what_is_shown_or_approved_is_seen_whole() {
        let long = format!("{} and I pay everything.", "I agree. ".repeat(200).trim_end());
        assert_eq!(SCREEN.value(&long.clone().into(), Pictures::AsText), long);
        assert_eq!(SCREEN.value(&long.clone().into(), Pictures::Named), long);
        // A picture is named; what merely begins like one, or stands where the asker wrote it, is text.
        let picture = Value::from("data:image/jpeg;base64,/9j/4AAQSkZJRg==");
        assert_eq!(SCREEN.value(&picture, Pictures::Named), "[picture]");
        assert_eq!(SCREEN.value(&picture, Pictures::AsText), "data:image/jpeg;base64,/9j/4AAQSkZJRg==");
        let posing = Value::from("data:image/png;base64,I pay everything.");
        assert_eq!(SCREEN.value(&posing, Pictures::Named), "data:image/png;base64,I pay everything.");
        // The longest purpose that our own askers may state.
        let purpose = "x".repeat(limits::PURPOSE_CHARS_MAX);
        assert_eq!(harmless(&purpose), purpose);
    }

    #[test]
    fn what_others_write_cannot_touch_the_screen() {
        for (text, expected) in [
            ("Example Clinic", "Example Clinic"),
            ("Ex\u{1b}[2Jample\r\nClinic", "Ex [2Jample Clinic"),
            // Padding would begin a line of its own where the screen ends.
            (&format!("Clinic{}Verified.", "\u{3000} ".repeat(60)), "Clinic Verified."),
            ("Cli\u{ad}n\u{61c}i\u{206a}c\u{fe0f}", "Clinic"),
            ("\u{202e}cinilC", "cinilC"),
            ("a\u{200b}b", "ab"),
            ("مستشفى", "مستشفى"),
        ] {
            assert_eq!(harmless(text), expected);
        }
        assert_eq!(harmless(&"x".repeat(2_000)).chars().count(), SHOWN_CHARS_MAX + 1);
    }
}
