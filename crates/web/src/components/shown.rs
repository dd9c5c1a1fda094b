//! What is shown: alerts, states, deadlines, facts.

use askama::Template;
use base::Instant;

use super::Html;
use crate::{Reader, format, format::Wording, texts::T};

/// What kind of thing is said: it has a colour and a shape, and never stands without a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing to be decided: draft, information.
    Plain,
    /// Valid, accepted, done.
    Valid,
    /// Refused, revoked, wrong.
    Refused,
    /// Waiting, suspended, soon over.
    Waiting,
}

impl Kind {
    /// The class in the style sheet.
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Valid => "valid",
            Self::Refused => "refused",
            Self::Waiting => "waiting",
        }
    }

    /// The path of its shape, in 24 by 24: a stroke like that of the mark, a cross, a clock, a ring.
    const fn shape(self) -> &'static str {
        match self {
            Self::Plain => "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 11v5M12 8v.01",
            Self::Valid => "M4 13.5c2 1.5 3.5 3.5 4.5 5.5C11 13 15 8 20 4.5",
            Self::Refused => "M5 5l14 14M19 5 5 19",
            Self::Waiting => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2",
        }
    }
}

/// A state: a word, with a shape and a colour.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"<span class="state {{ kind.class() }}"><svg class="shape" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{{ kind.shape() }}"/></svg>{{ word }}</span>"#
)]
pub struct State<'a> {
    kind: Kind,
    word: &'a str,
}

impl<'a> State<'a> {
    /// This word.
    pub const fn new(kind: Kind, word: &'a str) -> Self {
        Self { kind, word }
    }
}

/// Something that the reader should know before the rest.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"<div class="alert {{ kind.class() }}"{% if is_live %} role="status"{% endif %}><svg class="shape" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{{ kind.shape() }}"/></svg><div><p class="title">{{ title }}</p>
{{ body }}</div></div>
"#
)]
pub struct Alert<'a> {
    kind: Kind,
    title: &'a str,
    body: Html,
    is_live: bool,
}

impl<'a> Alert<'a> {
    /// This, in a few words.
    pub const fn new(kind: Kind, title: &'a str) -> Self {
        Self { kind, title, body: Html(String::new()), is_live: false }
    }

    /// And a sentence or two.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        Self { body: Html::paragraph(text), ..self }
    }

    /// And this.
    #[must_use]
    pub fn html(self, body: Html) -> Self {
        Self { body, ..self }
    }

    /// It says what came of what the reader just did.
    #[must_use]
    pub fn answers(self) -> Self {
        Self { is_live: true, ..self }
    }
}

/// Terms and what they are.
#[derive(Debug, Clone, Default, Template)]
#[template(
    ext = "html",
    source = r#"<dl class="facts">{% for (term, what) in facts %}<div><dt>{{ term }}</dt><dd>{{ what }}</dd></div>
{% endfor %}</dl>
"#
)]
pub struct Facts<'a> {
    facts: Vec<(&'a str, Html)>,
}

impl<'a> Facts<'a> {
    /// None yet.
    pub const fn new() -> Self {
        Self { facts: Vec::new() }
    }

    /// A text, whose direction is its own.
    #[must_use]
    pub fn text(self, term: &'a str, text: &str) -> Self {
        self.html(term, Html::name(text))
    }

    /// A code or an address.
    #[must_use]
    pub fn code(self, term: &'a str, code: &str) -> Self {
        self.html(term, Html::code(code))
    }

    /// Anything.
    #[must_use]
    pub fn html(mut self, term: &'a str, what: Html) -> Self {
        self.facts.push((term, what));
        self
    }
}

/// One thing of several, with its own heading.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"<article class="card"><h3>{% if let Some(href) = href %}<a href="{{ href }}">{{ title }}</a>{% else %}{{ title }}{% endif %}</h3>
{{ body }}</article>
"#
)]
pub struct Card<'a> {
    title: &'a str,
    href: Option<&'a str>,
    body: Html,
}

impl<'a> Card<'a> {
    /// With this heading and content.
    pub const fn new(title: &'a str, body: Html) -> Self {
        Self { title, href: None, body }
    }

    /// Its heading leads there.
    #[must_use]
    pub fn leads_to(self, href: &'a str) -> Self {
        Self { href: Some(href), ..self }
    }
}

/// What somebody said, in their own words.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"<figure class="said"><figcaption>{{ who }}</figcaption><blockquote class="quote"{% if let Some(lang) = lang %} lang="{{ lang }}" dir="{{ lang.dir() }}"{% else %} dir="auto"{% endif %}><p>{{ text }}</p></blockquote></figure>
"#
)]
pub struct Quote<'a> {
    who: &'a str,
    text: &'a str,
    lang: Option<base::Lang>,
}

impl<'a> Quote<'a> {
    /// Who says what, or why it is said.
    pub const fn new(who: &'a str, text: &'a str) -> Self {
        Self { who, text, lang: None }
    }

    /// In this language.
    #[must_use]
    pub const fn in_language(self, lang: base::Lang) -> Self {
        Self { lang: Some(lang), ..self }
    }
}

/// More for who wants it.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r"<details><summary>{{ title }}</summary><div>{{ body }}</div></details>
"
)]
pub struct Details<'a> {
    title: &'a str,
    body: Html,
}

impl<'a> Details<'a> {
    /// Under this title.
    pub const fn new(title: &'a str, body: Html) -> Self {
        Self { title, body }
    }
}

/// The woven band of a key, beside the name that belongs to it.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"<span class="owner">{{ swatch|safe }}<strong><bdi>{{ name }}</bdi></strong></span>"#
)]
pub struct Band<'a> {
    swatch: String,
    name: &'a str,
}

impl<'a> Band<'a> {
    /// The band of a key with this thumbprint, and whose key it was verified to be.
    pub fn new(thumbprint: &[u8; 32], name: &'a str) -> Self {
        Self { swatch: crate::band::swatch(thumbprint), name }
    }
}

/// A deadline: as who set it said it, in UTC, and in the reader's zone.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"<div class="deadline {{ kind.class() }}"><p class="when"><svg class="shape" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{{ kind.shape() }}"/></svg><span><strong>{{ said }}</strong>{% if let Some(left) = left %} <span class="left">{{ left }}</span>{% endif %}</span></p>
<ul>
<li><time datetime="{{ machine }}">{{ utc }}</time></li>
{% if let Some(own) = own %}<li>{{ own }}</li>
{% endif %}{% if let Some(href) = choose %}<li><a href="{{ href }}">{{ t.component_in_my_zone() }}</a></li>
{% endif %}</ul></div>
"#
)]
pub struct Deadline<'a> {
    t: T,
    kind: Kind,
    said: String,
    left: Option<String>,
    machine: String,
    utc: String,
    own: Option<String>,
    choose: Option<&'a str>,
}

impl<'a> Deadline<'a> {
    /// A deadline, looked at now. `at` is the first instant that is too late.
    pub fn new(reader: &'a Reader, at: Instant, zone: &str, wording: Wording, now: Instant) -> Self {
        let (lang, t) = (reader.lang, T(reader.lang));
        let left = format::remaining(lang, now, at);
        let said = format::deadline(lang, at, zone, wording);
        let own = reader.zone.as_deref();
        let shown = |zone: &str| format::date_time(lang, at, zone);
        Self {
            t,
            // One that is over is so for long, mostly: nothing to be alarmed about.
            kind: if left.is_some() && at.plus_secs(-SOON_S) <= now { Kind::Waiting } else { Kind::Plain },
            said: capital(&said),
            left: Some(left.map_or_else(|| t.component_over().to_owned(), |left| t.component_left(left))),
            machine: at.rfc3339(),
            utc: t.component_exactly(shown("UTC")),
            own: own.filter(|own| *own != "UTC").map(|own| t.component_yours(shown(own))),
            choose: None,
        }
    }

    /// Where the reader chooses their zone.
    #[must_use]
    pub fn choose_zone_at(self, href: &'a str) -> Self {
        Self { choose: Some(href).filter(|_| self.own.is_none()), ..self }
    }
}

/// When a deadline is near: three days.
const SOON_S: i64 = 3 * 86_400;

/// The same as the beginning of a sentence.
fn capital(said: &str) -> String {
    let mut chars = said.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
