//! What a mail says: pure.
//!
//! One part of plain text, addresses on lines of their own. What people entered (a title, a subject) is put on one line
//! and cleared of what hides or turns text round; it cannot begin a line that looks like ours.

use base::{Lang, unseen::deceives};

use crate::texts::T;

/// What a notice tells, looked up when its mail is written. Texts are in the reader's language, as far as they exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Facts {
    Circular { symbol: String, subject: String, party: String, address: String },
    Confirm { symbol: String, title: String, link: String, until: String },
    Receipt { symbol: String, title: String, time: String, address: String },
    Extension { symbol: String, title: String, deadline: String, before: Option<String>, address: String },
    Reminder { symbol: String, title: String, deadline: String, address: String },
    Publication { symbol: String, title: String, received: i64, address: String },
}

/// Subject and text; `stop` is where the reader can stop mails of this kind.
pub(crate) fn compose(lang: Lang, facts: &Facts, stop: Option<&str>) -> (String, String) {
    let t = T(lang);
    let (subject, paragraphs) = match facts {
        Facts::Circular { symbol, subject, party, address } => {
            let subject = line(subject);
            (
                t.notice_circular_subject(symbol, &subject),
                vec![
                    t.notice_circular_lead(line(party), symbol),
                    subject,
                    then(t.notice_circular_read(), address),
                    t.notice_why_circular().to_owned(),
                ],
            )
        }
        Facts::Confirm { symbol, title, link, until } => (
            t.notice_confirm_subject(symbol),
            vec![
                t.notice_confirm_lead(line(title)),
                then(t.notice_confirm_open(), link),
                t.notice_confirm_until(until),
                t.notice_confirm_not_you().to_owned(),
            ],
        ),
        Facts::Receipt { symbol, title, time, address } => (
            t.notice_receipt_subject(symbol),
            vec![
                t.notice_receipt_lead(line(title), time),
                then(t.notice_receipt_page(), address),
                t.notice_receipt_proof().to_owned(),
                t.notice_why_part().to_owned(),
            ],
        ),
        Facts::Extension { symbol, title, deadline, before, address } => {
            let mut dates = t.notice_extension_now(deadline);
            if let Some(before) = before {
                dates = then(&dates, &t.notice_extension_before(before));
            }
            (
                t.notice_extension_subject(symbol),
                vec![
                    t.notice_extension_lead(line(title)),
                    dates,
                    then(t.notice_reminder_answer(), address),
                    t.notice_why_part().to_owned(),
                ],
            )
        }
        Facts::Reminder { symbol, title, deadline, address } => (
            t.notice_reminder_subject(symbol),
            vec![
                then(&t.notice_reminder_lead(line(title)), deadline),
                then(t.notice_reminder_answer(), address),
                t.notice_why_part().to_owned(),
            ],
        ),
        Facts::Publication { symbol, title, received, address } => (
            t.notice_publication_subject(symbol),
            vec![
                t.notice_publication_lead(line(title)),
                t.notice_publication_count(*received),
                then(t.notice_publication_read(), address),
                t.notice_why_part().to_owned(),
            ],
        ),
    };
    let mut text = paragraphs.join("\n\n");
    if let Some(stop) = stop {
        text.push_str("\n\n");
        text.push_str(&then(t.notice_stop(), stop));
    }
    text.push_str("\n\n");
    text.push_str(t.notice_machine());
    text.push('\n');
    (subject, text)
}

fn then(said: &str, next: &str) -> String {
    format!("{said}\n{next}")
}

/// On one line, without what nobody sees.
fn line(text: &str) -> String {
    let seen = |c: char| if c.is_control() || c.is_whitespace() { ' ' } else { c };
    let text: String = text.chars().filter(|c| !deceives(*c)).map(seen).collect();
    text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
