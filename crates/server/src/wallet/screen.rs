//! What the person sees and types. Everything that others wrote is made harmless before it is printed.

use std::io::{BufRead, IsTerminal, Write, stderr, stdin, stdout};

use ::wallet::{
    issuance, presentation,
    presentation::{Choice, Question},
};
use base::Lang;
use serde_json::Value;

use super::texts::{self, Line};

/// How long a text of somebody else's may be on the screen, characters.
const SHOWN_CHARS_MAX: usize = 400;

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

    /// A label and a value, indented.
    pub(super) fn fact(self, label: &str, value: &Value) {
        self.print(&format!("  {}: {}\n", harmless(label), self.value(value)));
    }

    /// Prints a line as it is: ours.
    pub(super) fn plain(self, text: &str) {
        self.print(&format!("{text}\n"));
    }

    /// A value in words.
    pub(super) fn value(self, value: &Value) -> String {
        match value {
            Value::String(text) if text.starts_with("data:image/") => {
                texts::PICTURE.get(self.lang).to_owned()
            }
            Value::String(text) => harmless(text),
            Value::Bool(true) => texts::YES.get(self.lang).to_owned(),
            Value::Bool(false) => texts::NO.get(self.lang).to_owned(),
            Value::Null => "–".to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect::<Vec<_>>().join(", "),
            Value::Object(members) => {
                let part =
                    |(name, value): (&String, &Value)| format!("{}: {}", harmless(name), self.value(value));
                members.iter().map(part).collect::<Vec<_>>().join("; ")
            }
        }
    }

    /// Labels of claims, as a list.
    pub(super) fn labels<'a>(self, claims: impl Iterator<Item = &'a str>) -> String {
        let list: Vec<&str> = claims.collect();
        if list.is_empty() { texts::NOTHING.get(self.lang).to_owned() } else { list.join(", ") }
    }

    /// The consent screen: who asks, why, what is approved, what is shown, what is not.
    pub(super) fn request(self, question: &Question, chosen: &[&Choice]) {
        let asker = &question.asker;
        self.say(texts::ASKS, &[("name", &asker.name)]);
        self.say(texts::VERIFIED, &[("host", &asker.host)]);
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
                self.fact(line.labels.get(self.lang).unwrap_or_default(), &line.value);
            }
        }
        for choice in chosen {
            self.plain("");
            self.choice(choice);
        }
        self.plain("");
    }

    fn choice(self, choice: &Choice) {
        let card = choice.look.names.get(self.lang).unwrap_or(&choice.vct);
        self.say(texts::WILL_SHOW, &[("card", card), ("issuer", &choice.issuer.name)]);
        for fact in &choice.shown {
            let label = choice.look.label(&fact.claim, self.lang);
            if fact.asked {
                self.fact(label, &fact.value);
            } else {
                self.fact(&format!("{label} ({})", texts::ALWAYS.get(self.lang)), &fact.value);
            }
        }
        let kept = self.labels(choice.kept.iter().map(|claim| choice.look.label(claim, self.lang)));
        self.say(texts::WILL_NOT_SHOW, &[("claims", &kept)]);
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

    /// Other cards that would do.
    pub(super) fn others(self, asked: &presentation::Asked, shown: &Choice) {
        for other in asked.options.iter().filter(|option| option.card != shown.card) {
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

/// A text of somebody else's without anything that moves the cursor, hides or reorders text, and not too long.
pub(super) fn harmless(text: &str) -> String {
    let reorders =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let invisible = |c: char| matches!(c, '\u{200b}'..='\u{200d}' | '\u{2028}' | '\u{2029}' | '\u{2060}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    let mut clean: String = text
        .chars()
        .take(SHOWN_CHARS_MAX)
        .filter(|c| !reorders(*c) && !invisible(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().count() > SHOWN_CHARS_MAX {
        clean.push('…');
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_write_cannot_touch_the_screen() {
        for (text, expected) in [
            ("Example Clinic", "Example Clinic"),
            ("Ex\u{1b}[2Jample\r\nClinic", "Ex [2Jample  Clinic"),
            ("\u{202e}cinilC", "cinilC"),
            ("a\u{200b}b", "ab"),
            ("مستشفى", "مستشفى"),
        ] {
            assert_eq!(harmless(text), expected);
        }
        assert_eq!(harmless(&"x".repeat(500)).chars().count(), SHOWN_CHARS_MAX + 1);
    }
}
