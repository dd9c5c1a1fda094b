//! From Fluent's tree to messages.

use std::collections::BTreeMap;

use fluent_syntax::{
    ast::{CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement, Variant, VariantKey},
    parser,
};

use crate::{
    Fault, File, What,
    model::{Choice, FORMS, Lang, Message, Messages, Piece},
};

type Terms<'a> = BTreeMap<(Lang, &'a str), Pattern<&'a str>>;

/// The messages of all files, and what could not be read.
pub(crate) fn all(files: &[File]) -> (Messages, Vec<Fault>) {
    let mut faults = Vec::new();
    let mut parsed = Vec::new();
    for file in files {
        match parser::parse(file.text.as_str()) {
            Ok(resource) => parsed.push((file, resource)),
            Err((_, errors)) => faults.extend(errors.into_iter().map(|error| {
                let line = file.text.get(..error.pos.start).map_or(0, |before| before.lines().count());
                fault(&file.path, "", What::Syntax(format!("line {line}: {error}")))
            })),
        }
    }
    let mut terms = Terms::new();
    for (file, resource) in &parsed {
        for entry in &resource.body {
            if let Entry::Term(term) = entry {
                terms.insert((file.lang, term.id.name), term.value.clone());
            }
        }
    }
    let mut messages: Messages = Lang::ALL.into_iter().map(|lang| (lang, BTreeMap::new())).collect();
    for (file, resource) in &parsed {
        for entry in &resource.body {
            let Entry::Message(message) = entry else { continue };
            let key = message.id.name;
            let mut refuse = |what| faults.push(fault(&file.path, key, what));
            if !message.attributes.is_empty() {
                refuse(What::Unsupported("an attribute"));
            }
            let Some(value) = &message.value else { continue };
            match pattern(file.lang, &terms, value, 0) {
                Ok(pattern) => {
                    let read = Message { file: file.path.clone(), pattern };
                    if messages.entry(file.lang).or_default().insert(key.to_owned(), read).is_some() {
                        refuse(What::Twice);
                    }
                }
                Err(what) => refuse(what),
            }
        }
    }
    (messages, faults)
}

fn fault(file: &str, key: &str, what: What) -> Fault {
    Fault { file: file.to_owned(), key: key.to_owned(), what }
}

/// How deep terms and choices may stand in each other.
const DEPTH_MAX: usize = 8;

fn pattern(lang: Lang, terms: &Terms<'_>, from: &Pattern<&str>, depth: usize) -> Result<Vec<Piece>, What> {
    if depth > DEPTH_MAX {
        return Err(What::Unsupported("terms within terms without an end"));
    }
    let mut pieces = Vec::new();
    for element in &from.elements {
        match element {
            PatternElement::TextElement { value } => pieces.push(Piece::Text((*value).to_owned())),
            PatternElement::Placeable { expression } => {
                pieces.extend(expression_of(lang, terms, expression, depth)?);
            }
        }
    }
    Ok(pieces)
}

fn expression_of(
    lang: Lang,
    terms: &Terms<'_>,
    from: &Expression<&str>,
    depth: usize,
) -> Result<Vec<Piece>, What> {
    match from {
        Expression::Select { selector, variants } => {
            let argument = match selector {
                InlineExpression::VariableReference { id } => id.name,
                InlineExpression::FunctionReference { id, arguments } if id.name == "NUMBER" => {
                    only_argument(arguments)?
                }
                _ => return Err(What::Unsupported("a choice by something other than an argument")),
            };
            Ok(vec![Piece::Choice(choice(lang, terms, argument, variants, depth)?)])
        }
        Expression::Inline(inline) => match inline {
            InlineExpression::VariableReference { id } => {
                Ok(vec![Piece::Argument(id.name.to_owned(), false)])
            }
            InlineExpression::FunctionReference { id, arguments } if id.name == "NUMBER" => {
                Ok(vec![Piece::Argument(only_argument(arguments)?.to_owned(), true)])
            }
            InlineExpression::StringLiteral { value } => {
                Ok(vec![Piece::Text(fluent_syntax::unicode::unescape_unicode_to_string(value).into_owned())])
            }
            InlineExpression::NumberLiteral { value } => Ok(vec![Piece::Text((*value).to_owned())]),
            InlineExpression::TermReference { id, attribute: None, arguments: None } => {
                let term =
                    terms.get(&(lang, id.name)).ok_or(What::Unsupported("a term that is not there"))?;
                pattern(lang, terms, term, depth + 1)
            }
            InlineExpression::Placeable { expression } => expression_of(lang, terms, expression, depth + 1),
            InlineExpression::FunctionReference { .. } => {
                Err(What::Unsupported("a function that is not NUMBER"))
            }
            InlineExpression::MessageReference { .. } => {
                Err(What::Unsupported("a reference to another message: make it a term"))
            }
            InlineExpression::TermReference { .. } => {
                Err(What::Unsupported("a term with an attribute or arguments"))
            }
        },
    }
}

fn only_argument<'a>(arguments: &CallArguments<&'a str>) -> Result<&'a str, What> {
    match (arguments.positional.as_slice(), arguments.named.as_slice()) {
        ([InlineExpression::VariableReference { id }], []) => Ok(id.name),
        _ => Err(What::Unsupported("NUMBER of anything but one argument")),
    }
}

fn choice(
    lang: Lang,
    terms: &Terms<'_>,
    argument: &str,
    from: &[Variant<&str>],
    depth: usize,
) -> Result<Choice, What> {
    let key = |variant: &Variant<&str>| match variant.key {
        VariantKey::Identifier { name } => name.to_owned(),
        VariantKey::NumberLiteral { value } => value.to_owned(),
    };
    let is_number = |variant: &Variant<&str>| {
        matches!(variant.key, VariantKey::NumberLiteral { .. }) || FORMS.contains(&key(variant).as_str())
    };
    let by_number = from.iter().all(is_number);
    let mut variants = Vec::new();
    let mut default = None;
    for variant in from {
        let said = pattern(lang, terms, &variant.value, depth + 1)?;
        if by_number
            && matches!(variant.key, VariantKey::NumberLiteral { .. })
            && key(variant).parse::<i64>().is_err()
        {
            return Err(What::Unsupported("a choice by a number that is not whole"));
        }
        if variant.default {
            default = Some((key(variant), said));
        } else {
            variants.push((key(variant), said));
        }
    }
    let (default_key, default) = default.ok_or(What::Unsupported("a choice without a default"))?;
    Ok(Choice { argument: argument.to_owned(), by_number, variants, default_key, default })
}
