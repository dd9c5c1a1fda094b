//! The parts of pages: each a small structure that writes itself as HTML with everything escaped.
//!
//! In a template of any crate a component stands as `{{ component }}`, and is not escaped again. Read in this order:
//! [`Html`] (what is HTML already), [`controls`] (buttons, fields, choices, what is wrong with a form), [`shown`] (alerts, state
//! words, deadlines, facts), [`lists`] (tables, pages of lists, the way to a page). `/design` shows all of them.

pub mod controls;
pub mod lists;
pub mod shown;

use std::fmt;

use askama::Template;

pub use controls::{Button, Choices, ErrorSummary, Field, Select, Upload};
pub use lists::{Breadcrumb, Cell, Pagination, Steps, Table};
pub use shown::{Alert, Band, Card, Deadline, Details, Facts, Kind, Quote, State};

/// What is HTML already and is not escaped again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// A text, escaped.
    pub fn text(text: &str) -> Self {
        Self(crate::page::escape(text))
    }

    /// What a template or a component writes.
    pub fn of(template: &impl Template) -> Self {
        Self(template.render().unwrap_or_default())
    }

    /// These, one after the other.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        Self(parts.into_iter().map(|part| part.0).collect())
    }

    /// A link to an address of ours.
    pub fn link(href: &str, text: &str) -> Self {
        Self(format!("<a href=\"{}\">{}</a>", crate::page::escape(href), crate::page::escape(text)))
    }

    /// A code or an address, from left to right.
    pub fn code(code: &str) -> Self {
        Self(format!("<bdi dir=\"ltr\" class=\"code\">{}</bdi>", crate::page::escape(code)))
    }

    /// A name or a text whose direction is its own.
    pub fn name(name: &str) -> Self {
        Self(format!("<bdi>{}</bdi>", crate::page::escape(name)))
    }

    /// A paragraph of text.
    pub fn paragraph(text: &str) -> Self {
        Self(format!("<p>{}</p>", crate::page::escape(text)))
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Html {}

macro_rules! safe {
    ($($component:ident)*) => { $( impl askama::filters::HtmlSafe for $component<'_> {} )* };
}
safe! { Button Choices ErrorSummary Field Select Upload Breadcrumb Pagination Steps Table Alert Band Card Deadline Details Facts Quote State }

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
