//! The front page of a party: what it is, and what to try. Which of the three is shown follows from its configuration: who
//! keeps a forum is a secretariat, who issues a state, who only asks an organisation that asks.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use base::Lang;
use forum::Forum;
use http::Method;
use web::{Problem, Reader, Routes};

use crate::{config::Config, texts::T};

/// What a party is to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    State,
    Asker,
    Secretariat,
}

impl Kind {
    const fn of(config: &Config) -> Self {
        if config.forum.is_some() {
            Self::Secretariat
        } else if config.issue.is_some() {
            Self::State
        } else {
            Self::Asker
        }
    }
}

/// Names and descriptions of what a party issues, in six languages.
pub(crate) type Documents = Vec<(base::Texts, base::Texts)>;

struct Front {
    kind: Kind,
    has_login: bool,
    documents: Documents,
    forum: Option<Forum>,
}

/// The front page.
pub(crate) fn routes(config: &Config, documents: Documents, forum: Option<Forum>) -> Routes {
    let kind = Kind::of(config);
    let documents = if kind == Kind::State { documents } else { Documents::new() };
    let front = Front { kind, has_login: config.login.is_some(), documents, forum };
    Routes::new().page(Method::GET, "/", show).with_state(Arc::new(front))
}

/// What the navigation calls the list of consultations.
pub(crate) fn calls(lang: Lang) -> &'static str {
    T(lang).front_forum_calls()
}

/// What it calls the secretariat's desk.
pub(crate) fn desk(lang: Lang) -> &'static str {
    T(lang).front_forum_desk()
}

#[derive(Template)]
#[template(path = "front.html")]
struct Page<'a> {
    t: T,
    reader: &'a Reader,
    name: &'a str,
    lead: &'static str,
    how: &'static str,
    steps: Vec<&'static str>,
    documents: Vec<(&'a str, &'a str)>,
    has_calls: bool,
    /// The calls that are open now, as HTML.
    open: String,
    has_login: bool,
}

async fn show(State(front): State<Arc<Front>>, reader: Reader) -> Result<Response, Problem> {
    let (t, lang) = (T(reader.lang), reader.lang);
    let (lead, how, steps) = match front.kind {
        Kind::State => (
            t.front_state_lead(),
            t.front_state_how(),
            vec![t.front_state_how_1(), t.front_state_how_2(), t.front_state_how_3()],
        ),
        Kind::Asker => (
            t.front_asker_lead(),
            t.front_asker_how(),
            vec![t.front_asker_how_1(), t.front_asker_how_2(), t.front_asker_how_3()],
        ),
        Kind::Secretariat => (
            t.front_forum_lead(),
            t.front_forum_how(),
            vec![t.front_forum_how_1(), t.front_forum_how_2(), t.front_forum_how_3(), t.front_forum_how_4()],
        ),
    };
    let open = match &front.forum {
        Some(forum) => forum.open_calls(&reader).await?,
        None => String::new(),
    };
    let name = reader.site().name(lang);
    let title = match front.kind {
        Kind::State => t.front_state_documents(),
        Kind::Asker => how,
        Kind::Secretariat => t.front_forum_calls(),
    };
    let documents = front.documents.iter();
    let page = Page {
        t,
        reader: &reader,
        name,
        lead,
        how,
        steps,
        documents: documents.map(|(name, text)| (name.get(lang), text.get(lang))).collect(),
        open,
        has_calls: front.kind == Kind::Secretariat,
        has_login: front.has_login && reader.session().is_none(),
    };
    Ok(reader.page(title, &page))
}
