//! From messages to Rust.

use std::fmt::Write as _;

use crate::model::{Choice, Kind, Lang, Messages, Piece, arguments, words};

/// The source of a type `T` with a method a message.
pub(crate) fn rust(messages: &Messages) -> String {
    let mut out = String::from(
        "/// The texts of this crate in one language: a method a message.\n\
         #[derive(Debug, Clone, Copy)]\npub(crate) struct T(pub ::base::Lang);\n\n\
         #[allow(clippy::allow_attributes, clippy::all, clippy::pedantic, reason = \"made from Fluent\")]\n\
         // What nobody says ends the build.\n\
         #[deny(dead_code)]\nimpl T {\n",
    );
    let none = std::collections::BTreeMap::new();
    for (key, english) in messages.get(&Lang::En).unwrap_or(&none) {
        let said = words(&english.pattern).split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = writeln!(out, "    #[doc = {said:?}]");
        let name = method(key);
        let all = Lang::ALL.into_iter().filter_map(|lang| Some((lang, messages.get(&lang)?.get(key)?)));
        let taken = arguments(&english.pattern);
        if taken.is_empty() {
            let _ = writeln!(
                out,
                "    pub(crate) const fn {name}(self) -> &'static str {{\n        match self.0 {{"
            );
            for (lang, message) in all {
                let _ = writeln!(out, "            ::base::Lang::{lang:?} => {:?},", flat(&message.pattern));
            }
            out.push_str("        }\n    }\n\n");
            continue;
        }
        let mut parameters = String::new();
        for (name, kind) in &taken {
            let bound = match kind {
                Kind::Text => "::std::fmt::Display",
                Kind::Number => "::web::format::Whole",
            };
            let _ = write!(parameters, ", {}: impl {bound}", variable(name));
        }
        let _ = writeln!(out, "    pub(crate) fn {name}(self{parameters}) -> String {{");
        for (name, kind) in &taken {
            let v = variable(name);
            let _ = match kind {
                Kind::Text => writeln!(out, "        let {v} = {v}.to_string();"),
                Kind::Number => writeln!(out, "        let {v} = ::web::format::Whole::whole(&{v});"),
            };
        }
        out.push_str("        let mut out = String::new();\n        match self.0 {\n");
        for (lang, message) in all {
            let _ = writeln!(out, "            ::base::Lang::{lang:?} => {{");
            pattern(&mut out, &message.pattern, &taken);
            out.push_str("            }\n");
        }
        out.push_str("        }\n        out\n    }\n\n");
    }
    out.push_str("}\n");
    out
}

fn flat(pattern: &[Piece]) -> String {
    pattern.iter().map(|piece| if let Piece::Text(text) = piece { text.as_str() } else { "" }).collect()
}

fn pattern(out: &mut String, pieces: &[Piece], taken: &[(String, Kind)]) {
    for piece in pieces {
        let _ = match piece {
            Piece::Text(text) => writeln!(out, "out.push_str({text:?});"),
            Piece::Argument(name, _) => {
                let v = variable(name);
                if taken.contains(&(name.clone(), Kind::Number)) {
                    writeln!(out, "out.push_str(&::web::format::number(self.0, {v}));")
                } else {
                    writeln!(out, "::web::format::push_argument(&mut out, self.0, &{v});")
                }
            }
            Piece::Choice(made) => {
                choice(out, made, taken);
                Ok(())
            }
        };
    }
}

fn choice(out: &mut String, made: &Choice, taken: &[(String, Kind)]) {
    let v = variable(&made.argument);
    let _ = if made.by_number {
        writeln!(out, "match ({v}, ::web::format::plural(self.0, {v})) {{")
    } else {
        writeln!(out, "match {v}.as_str() {{")
    };
    // What is said of an exact number goes before what is said of a form.
    let exact = |key: &str| key.parse::<i64>().is_ok();
    let (first, then): (Vec<_>, Vec<_>) = made.variants.iter().partition(|(key, _)| exact(key));
    for (key, said) in first.into_iter().chain(then) {
        let _ = match (made.by_number, exact(key)) {
            (true, true) => writeln!(out, "({key}, _) => {{"),
            (true, false) => writeln!(out, "(_, ::web::format::Plural::{}) => {{", capital(key)),
            (false, _) => writeln!(out, "{key:?} => {{"),
        };
        pattern(out, said, taken);
        out.push_str("}\n");
    }
    out.push_str("_ => {\n");
    pattern(out, &made.default, taken);
    out.push_str("}\n}\n");
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

/// The name of a key's method.
fn method(key: &str) -> String {
    let name = key.to_lowercase().replace('-', "_");
    if KEYWORDS.contains(&name.as_str()) { format!("r#{name}") } else { name }
}

fn variable(name: &str) -> String {
    format!("v_{}", name.to_lowercase().replace('-', "_"))
}

const KEYWORDS: [&str; 14] =
    ["as", "do", "for", "if", "in", "let", "loop", "match", "move", "mut", "ref", "type", "use", "while"];
