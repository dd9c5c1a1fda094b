//! Feeds (RFC 4287).

use base::{Instant, Lang};

/// A feed (section 4.1.1).
#[derive(Debug)]
pub struct Feed<'a> {
    /// Its id: an address that never changes (section 4.2.6).
    pub id: &'a str,
    /// The language of its own texts.
    pub lang: Lang,
    /// Its title, as text.
    pub title: &'a str,
    /// Who publishes it (section 4.1.1 wants an author).
    pub author: &'a str,
    /// When anything in it last changed.
    pub updated: Instant,
    /// Where it is itself.
    pub itself: &'a str,
    /// The page that says the same to people.
    pub page: &'a str,
    /// The next entries, if there are more (RFC 5005, section 3).
    pub next: Option<&'a str>,
    /// What it holds, the newest first.
    pub entries: &'a [Entry],
}

/// An entry (section 4.1.2).
#[derive(Debug, Clone)]
pub struct Entry {
    /// An address that never changes.
    pub id: String,
    /// As text.
    pub title: String,
    /// The language of title and summary.
    pub lang: Lang,
    /// Who wrote it, if it is not the feed's author.
    pub author: Option<String>,
    /// When it was published.
    pub published: Instant,
    /// When it last changed.
    pub updated: Instant,
    /// Its page.
    pub page: String,
    /// As text.
    pub summary: String,
    /// Terms that it is filed under.
    pub categories: Vec<&'static str>,
}

/// What a feed is served as.
pub const MEDIA_TYPE: &str = "application/atom+xml; charset=utf-8";

impl Feed<'_> {
    /// The document.
    pub fn to_xml(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        open(&mut out, "feed", &[("xmlns", "http://www.w3.org/2005/Atom"), ("xml:lang", self.lang.tag())]);
        element(&mut out, "id", self.id);
        element(&mut out, "title", self.title);
        element(&mut out, "updated", &self.updated.rfc3339());
        author(&mut out, self.author);
        link(&mut out, "self", self.itself, "application/atom+xml");
        link(&mut out, "alternate", self.page, "text/html");
        if let Some(next) = self.next {
            link(&mut out, "next", next, "application/atom+xml");
        }
        for entry in self.entries {
            entry.write(&mut out);
        }
        out.push_str("</feed>\n");
        out
    }
}

impl Entry {
    fn write(&self, out: &mut String) {
        open(out, "entry", &[("xml:lang", self.lang.tag())]);
        element(out, "id", &self.id);
        element(out, "title", &self.title);
        element(out, "published", &self.published.rfc3339());
        element(out, "updated", &self.updated.rfc3339());
        if let Some(name) = &self.author {
            author(out, name);
        }
        link(out, "alternate", &self.page, "text/html");
        for term in &self.categories {
            empty(out, "category", &[("term", term)]);
        }
        element(out, "summary", &self.summary);
        out.push_str("</entry>\n");
    }
}

fn author(out: &mut String, name: &str) {
    out.push_str("<author>");
    element(out, "name", name);
    out.push_str("</author>\n");
}

fn link(out: &mut String, rel: &str, href: &str, media_type: &str) {
    empty(out, "link", &[("rel", rel), ("type", media_type), ("href", href)]);
}

fn element(out: &mut String, name: &str, text: &str) {
    for part in ["<", name, ">"] {
        out.push_str(part);
    }
    escaped(out, text);
    for part in ["</", name, ">\n"] {
        out.push_str(part);
    }
}

fn open(out: &mut String, name: &str, attributes: &[(&str, &str)]) {
    tag(out, name, attributes, ">\n");
}

fn empty(out: &mut String, name: &str, attributes: &[(&str, &str)]) {
    tag(out, name, attributes, "/>\n");
}

fn tag(out: &mut String, name: &str, attributes: &[(&str, &str)], end: &str) {
    out.push('<');
    out.push_str(name);
    for (name, value) in attributes {
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        escaped(out, value);
        out.push('"');
    }
    out.push_str(end);
}

/// Text for an element or a quoted attribute (XML 1.0, section 2.4). What XML has no place for (section 2.2) becomes
/// the replacement character, and a return is written so that it is not normalised away (section 2.11).
fn escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(c),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}
