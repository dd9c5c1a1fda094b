//! What pages must not hold: physical directions in style sheets, words in templates, styles and scripts in elements.
//!
//! Arabic runs the other way, so a style says where a line begins and ends, not left and right. Words are in `texts/`, in six
//! languages. The pages' security policy lets neither a script nor a style in an element be.

use super::text::line;
use super::{Finding, Source, Tree};

/// Properties that say left and right, top and bottom (CSS Logical Properties and Values, Level 1, has the others).
const PHYSICAL: &[&str] = &[
    "margin-left",
    "margin-right",
    "margin-top",
    "margin-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "padding-bottom",
    "border-left",
    "border-right",
    "border-top",
    "border-bottom",
    "left",
    "right",
    "top",
    "bottom",
    "width",
    "height",
    "min-width",
    "max-width",
    "min-height",
    "max-height",
];

/// Properties whose values must not say it.
const SIDED: &[&str] = &["text-align", "float", "clear", "caption-side"];

/// What an element of a template must not have.
const FORBIDDEN: &[(&str, &str)] = &[
    (" style=", "a style belongs into the style sheet"),
    ("<style", "a style belongs into the style sheet"),
    ("<script", "pages work without script"),
    (" onclick=", "pages work without script"),
    (" onchange=", "pages work without script"),
    (" align=", "where things stand is said in the style sheet"),
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in &tree.sources {
        if source.ends_with("css") && source.owner().is_some() {
            findings.extend(directions(source));
        }
        if source.path.contains("/templates/") && source.ends_with("html") {
            findings.extend(elements(source));
            findings.extend(words(source));
        }
    }
    findings
}

fn finding(source: &Source, index: usize, what: String) -> Finding {
    Finding::new(format!("{}:{}", source.path, line(&source.text, index)), what)
}

/// Declarations that say a direction.
fn directions(source: &Source) -> Vec<Finding> {
    let css = blanked(&source.text, &[("/*", "*/"), ("(", ")"), ("\"", "\"")]);
    let mut findings = Vec::new();
    let mut start = 0;
    for (index, c) in css.char_indices().filter(|(_, c)| matches!(c, '{' | '}' | ';')) {
        let declaration = css.get(start..index).unwrap_or_default();
        let at = start + declaration.len() - declaration.trim_start().len();
        start = index + 1;
        // What stands before a brace is a selector.
        let Some((property, value)) = declaration.trim().split_once(':').filter(|_| c != '{') else {
            continue;
        };
        let property = property.trim();
        let edge = PHYSICAL.iter().any(|name| {
            property == *name || (name.starts_with("border") && property.starts_with(&format!("{name}-")))
        });
        if edge {
            findings.push(finding(source, at, format!("`{property}` is physical: use the logical property")));
        }
        if SIDED.contains(&property) && matches!(value.trim(), "left" | "right") {
            let value = value.trim();
            findings.push(finding(source, at, format!("`{property}:{value}` is physical: say start or end")));
        }
    }
    findings
}

fn elements(source: &Source) -> Vec<Finding> {
    let found = FORBIDDEN.iter().flat_map(|(what, why)| {
        let places = source.text.match_indices(what).map(|(index, _)| index);
        places.map(move |index| finding(source, index, format!("`{}`: {why}", what.trim())))
    });
    found.collect()
}

/// What is no word: expressions, comments, commands and codes, names marked with their language, elements, entities.
const NO_WORDS: &[(&str, &str)] = &[
    ("{#", "#}"),
    ("{{", "}}"),
    ("{%", "%}"),
    ("<!--", "-->"),
    ("<code", "</code>"),
    ("<pre", "</pre>"),
    ("<bdi lang=", "</bdi>"),
    ("<", ">"),
    ("&", ";"),
];

/// Words that are in one language only. Formats that are called the same in all of them are in capitals: JSON.
fn words(source: &Source) -> Vec<Finding> {
    let html = blanked(&source.text, NO_WORDS);
    let mut findings = Vec::new();
    let mut place = None;
    for (index, c) in html.char_indices().chain([(html.len(), ' ')]) {
        match (c.is_alphabetic(), place) {
            (true, None) => place = Some(index),
            (false, Some(from)) => {
                let word = html.get(from..index).unwrap_or_default();
                let is_format = word.chars().all(|c| c.is_ascii_uppercase());
                if word.chars().count() > 1 && !is_format {
                    let said = format!("`{word}` is in one language: words belong into texts/");
                    findings.push(finding(source, from, said));
                }
                place = None;
            }
            _ => {}
        }
    }
    findings
}

/// The text without what stands between these, in which every byte stays where it was.
fn blanked(text: &str, pairs: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let opened = pairs.iter().find(|(open, _)| rest.starts_with(open));
        let length = match opened {
            Some((open, close)) => {
                let inside = rest.get(open.len()..).unwrap_or_default();
                let end = inside.find(close).map_or(inside.len(), |end| end + close.len());
                open.len() + end
            }
            None => c.len_utf8(),
        };
        let piece = rest.get(..length).unwrap_or(rest);
        match opened {
            Some(_) => out.extend(piece.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' })),
            None => out.push_str(piece),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}
