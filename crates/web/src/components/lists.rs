//! Tables, pages of lists, the way to a page, steps.

use askama::Template;
use base::Lang;

use super::Html;
use crate::texts::T;

/// A cell of a table.
#[derive(Debug, Clone)]
pub struct Cell {
    content: Html,
    is_number: bool,
}

impl Cell {
    /// A text, whose direction is its own.
    pub fn text(text: &str) -> Self {
        Self { content: Html::name(text), is_number: false }
    }

    /// A number or money: figures of one width, at the end of the line.
    pub fn number(text: &str) -> Self {
        Self { content: Html::text(text), is_number: true }
    }

    /// Anything.
    pub const fn html(content: Html) -> Self {
        Self { content, is_number: false }
    }

    /// What a component writes.
    pub fn of(template: &impl Template) -> Self {
        Self::html(Html::of(template))
    }
}

/// A table, which turns into cards where it has no room. The first cell of a row says what the row is.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"<div class="wide"><table role="table"><caption>{{ caption }}</caption>
<thead role="rowgroup"><tr role="row">{% for (head, is_of_numbers) in heads %}<th role="columnheader" scope="col"{% if is_of_numbers %} class="number"{% endif %}>{{ head }}</th>{% endfor %}</tr></thead>
<tbody role="rowgroup">{% for row in rows %}<tr role="row">{% for (head, cell) in row %}{% if loop.first %}<th role="rowheader" scope="row">{{ cell.content }}</th>{% else %}<td role="cell" data-head="{{ head }}"{% if cell.is_number %} class="number"{% endif %}>{{ cell.content }}</td>{% endif %}{% endfor %}</tr>
{% endfor %}</tbody></table></div>
"#
)]
pub struct Table<'a> {
    caption: &'a str,
    /// And whether the cells below are numbers, as the first of them says.
    heads: Vec<(&'a str, bool)>,
    rows: Vec<Vec<(&'a str, Cell)>>,
}

impl<'a> Table<'a> {
    /// With these heads of columns.
    pub fn new(caption: &'a str, heads: &[&'a str]) -> Self {
        Self { caption, heads: heads.iter().map(|head| (*head, false)).collect(), rows: Vec::new() }
    }

    /// With this row, which has as many cells as there are heads.
    #[must_use]
    pub fn row(mut self, cells: impl IntoIterator<Item = Cell>) -> Self {
        let row: Vec<_> = self.heads.iter().map(|(head, _)| *head).zip(cells).collect();
        if self.rows.is_empty() {
            for ((_, is_of_numbers), (_, cell)) in self.heads.iter_mut().zip(&row) {
                *is_of_numbers = cell.is_number;
            }
        }
        self.rows.push(row);
        self
    }
}

/// The pages of a list.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"{% if previous.is_some() || next.is_some() %}<nav class="pagination" aria-label="{{ t.component_pages() }}">{% if let Some(href) = previous %}<a rel="prev" href="{{ href }}">{{ t.component_previous() }}</a>{% endif %}<span>{{ place }}</span>{% if let Some(href) = next %}<a rel="next" href="{{ href }}">{{ t.component_next() }}</a>{% endif %}</nav>
{% endif %}"#
)]
pub struct Pagination<'a> {
    t: T,
    previous: Option<&'a str>,
    next: Option<&'a str>,
    place: String,
}

impl<'a> Pagination<'a> {
    /// Page `page` of `pages`, from 1, between these addresses. Nothing is shown where there is one page.
    pub fn new(lang: Lang, page: u64, pages: u64, previous: Option<&'a str>, next: Option<&'a str>) -> Self {
        Self { t: T(lang), previous, next, place: T(lang).component_place(page, pages) }
    }
}

/// The way to this page, from the front page.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"<nav class="breadcrumb" aria-label="{{ t.component_way() }}"><ol>{% for (href, label) in way %}<li><a href="{{ href }}">{{ label }}</a></li>{% endfor %}</ol></nav>
"#
)]
pub struct Breadcrumb<'a> {
    t: T,
    way: Vec<(&'a str, &'a str)>,
}

impl<'a> Breadcrumb<'a> {
    /// Addresses and names, without the page itself.
    pub fn new(lang: Lang, way: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self { t: T(lang), way: way.into_iter().collect() }
    }
}

/// The steps of something that takes several pages.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"<ol class="steps" aria-label="{{ t.component_steps() }}">{% for step in all %}<li{% if loop.index == at %} aria-current="step"{% else if loop.index < at %} class="done"{% endif %}>{{ step }}</li>
{% endfor %}</ol>
"#
)]
pub struct Steps<'a> {
    t: T,
    all: Vec<&'a str>,
    at: usize,
}

impl<'a> Steps<'a> {
    /// These steps; the reader is at the one with this number, from 1.
    pub fn new(lang: Lang, steps: impl IntoIterator<Item = &'a str>, at: usize) -> Self {
        Self { t: T(lang), all: steps.into_iter().collect(), at }
    }
}
