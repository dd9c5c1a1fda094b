//! What people press and fill in.

use askama::Template;
use base::Lang;

use crate::texts::T;

/// A button, or a link that looks like one.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"{% if let Some(href) = href %}<a class="button {{ look }}" href="{{ href }}">{{ label }}</a>{% else %}<button class="button {{ look }}"{% if let Some((name, value)) = sends %} name="{{ name }}" value="{{ value }}"{% endif %}>{{ label }}</button>{% endif %}"#
)]
pub struct Button<'a> {
    label: &'a str,
    href: Option<&'a str>,
    look: &'static str,
    sends: Option<(&'a str, &'a str)>,
}

impl<'a> Button<'a> {
    /// Sends the form that it stands in. The label is a verb and says what happens.
    pub const fn submit(label: &'a str) -> Self {
        Self { label, href: None, look: "", sends: None }
    }

    /// Leads to an address.
    pub const fn link(label: &'a str, href: &'a str) -> Self {
        Self { label, href: Some(href), look: "", sends: None }
    }

    /// Not the one that most people want.
    #[must_use]
    pub const fn secondary(self) -> Self {
        Self { look: "secondary", ..self }
    }

    /// Cannot be undone, or refuses something.
    #[must_use]
    pub const fn dangerous(self) -> Self {
        Self { look: "dangerous", ..self }
    }

    /// Sends this field too, where a form has several buttons.
    #[must_use]
    pub const fn sends(self, name: &'a str, value: &'a str) -> Self {
        Self { sends: Some((name, value)), ..self }
    }
}

/// What all that is filled in can say beside its label.
macro_rules! can_say {
    ($($control:ident),+) => {$(
        impl<'a> $control<'a> {
            /// What helps to fill it in.
            #[must_use]
            pub fn help(self, help: impl Into<Option<&'a str>>) -> Self {
                Self { help: help.into(), ..self }
            }

            /// What was wrong with it.
            #[must_use]
            pub fn error(self, error: impl Into<Option<&'a str>>) -> Self {
                Self { error: error.into(), ..self }
            }

            /// It must be filled in; the others say that they need not.
            #[must_use]
            pub fn required(self) -> Self {
                Self { is_required: true, ..self }
            }
        }
    )+};
}

can_say!(Field, Choices, Select, Upload);

/// A field to write into, with its label, help and what was wrong with it.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"{% include "labelled.html" %}{% if let Some(rows) = rows %}<textarea id="f-{{ name }}" name="{{ name }}" rows="{{ rows }}" dir="auto"{% call described() %}{% endcall %}>
{{ value }}</textarea>{% else %}<input id="f-{{ name }}" name="{{ name }}" type="{{ kind }}" value="{{ value }}"{% if kind == "text" %} dir="auto"{% else %} dir="ltr"{% endif %}{% if let Some(mode) = mode %} inputmode="{{ mode }}"{% endif %}{% if let Some(fills) = autocomplete %} autocomplete="{{ fills }}"{% endif %}{% call described() %}{% endcall %}>{% endif %}</div>
{% macro described() %}{% if help.is_some() || error.is_some() %} aria-describedby="{% if help.is_some() %}h-{{ name }}{% endif %}{% if error.is_some() %} e-{{ name }}{% endif %}"{% endif %}{% if error.is_some() %} aria-invalid="true"{% endif %}{% if is_required %} aria-required="true"{% endif %}{% if let Some(max) = max_chars %} maxlength="{{ max }}"{% endif %}{% endmacro %}"#
)]
pub struct Field<'a> {
    t: T,
    name: &'a str,
    label: &'a str,
    value: &'a str,
    help: Option<&'a str>,
    error: Option<&'a str>,
    kind: &'static str,
    mode: Option<&'static str>,
    autocomplete: Option<&'static str>,
    rows: Option<u8>,
    max_chars: Option<u32>,
    is_required: bool,
}

impl<'a> Field<'a> {
    /// A line of text. `name` is also what its errors lead to: see [`ErrorSummary`].
    pub const fn text(lang: Lang, name: &'a str, label: &'a str) -> Self {
        Self {
            t: T(lang),
            name,
            label,
            value: "",
            help: None,
            error: None,
            kind: "text",
            mode: None,
            autocomplete: None,
            rows: None,
            max_chars: None,
            is_required: false,
        }
    }

    /// A mail address.
    pub const fn email(lang: Lang, name: &'a str, label: &'a str) -> Self {
        Self { kind: "email", autocomplete: Some("email"), ..Self::text(lang, name, label) }
    }

    /// A whole number or an amount, written in the reader's way.
    pub const fn amount(lang: Lang, name: &'a str, label: &'a str) -> Self {
        Self { mode: Some("decimal"), ..Self::text(lang, name, label) }
    }

    /// A civil date, sent as `2026-11-28`.
    pub const fn date(lang: Lang, name: &'a str, label: &'a str) -> Self {
        Self { kind: "date", ..Self::text(lang, name, label) }
    }

    /// Words to search for.
    pub const fn search(lang: Lang, name: &'a str, label: &'a str) -> Self {
        Self { kind: "search", ..Self::text(lang, name, label) }
    }

    /// Several lines.
    #[must_use]
    pub const fn lines(self, rows: u8) -> Self {
        Self { rows: Some(rows), ..self }
    }

    /// What is in it.
    #[must_use]
    pub const fn value(self, value: &'a str) -> Self {
        Self { value, ..self }
    }

    /// At most so many characters.
    #[must_use]
    pub const fn max_chars(self, max: u32) -> Self {
        Self { max_chars: Some(max), ..self }
    }

    /// What a browser may fill in by itself (HTML, section 4.10.18.7.1): `name`, `organization`.
    #[must_use]
    pub const fn autocomplete(self, fills: &'static str) -> Self {
        Self { autocomplete: Some(fills), ..self }
    }
}

/// One of the things that can be chosen.
#[derive(Debug, Clone)]
struct OptionOf<'a> {
    value: &'a str,
    label: &'a str,
    help: Option<&'a str>,
}

/// A group of choices: one of them, or several.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"<fieldset class="field{% if error.is_some() %} wrong{% endif %}" id="f-{{ name }}" tabindex="-1"{% if help.is_some() || error.is_some() %} aria-describedby="{% if help.is_some() %}h-{{ name }}{% endif %}{% if error.is_some() %} e-{{ name }}{% endif %}"{% endif %}>
<legend>{{ legend }}{% if !is_required %} <span class="optional">{{ t.component_optional() }}</span>{% endif %}</legend>
{% if let Some(help) = help %}<p class="help" id="h-{{ name }}">{{ help }}</p>
{% endif %}{% if let Some(error) = error %}<p class="error" id="e-{{ name }}">{{ error }}</p>
{% endif %}{% for option in options %}<div class="choice"><input type="{{ kind }}" id="f-{{ name }}-{{ loop.index }}" name="{{ name }}" value="{{ option.value }}"{% if chosen.contains(option.value) %} checked{% endif %}{% if option.help.is_some() %} aria-describedby="h-{{ name }}-{{ loop.index }}"{% endif %}><label for="f-{{ name }}-{{ loop.index }}">{{ option.label }}</label>{% if let Some(help) = option.help %}<p class="help" id="h-{{ name }}-{{ loop.index }}">{{ help }}</p>{% endif %}</div>
{% endfor %}</fieldset>
"#
)]
pub struct Choices<'a> {
    t: T,
    kind: &'static str,
    name: &'a str,
    legend: &'a str,
    help: Option<&'a str>,
    error: Option<&'a str>,
    options: Vec<OptionOf<'a>>,
    chosen: Vec<&'a str>,
    is_required: bool,
}

impl<'a> Choices<'a> {
    /// One of several.
    pub const fn one(lang: Lang, name: &'a str, legend: &'a str) -> Self {
        Self {
            t: T(lang),
            kind: "radio",
            name,
            legend,
            help: None,
            error: None,
            options: Vec::new(),
            chosen: Vec::new(),
            is_required: false,
        }
    }

    /// Any number of several.
    pub fn several(lang: Lang, name: &'a str, legend: &'a str) -> Self {
        Self { kind: "checkbox", ..Self::one(lang, name, legend) }
    }

    /// Something that can be chosen.
    #[must_use]
    pub fn option(mut self, value: &'a str, label: &'a str) -> Self {
        self.options.push(OptionOf { value, label, help: None });
        self
    }

    /// Something that can be chosen, with what it means.
    #[must_use]
    pub fn option_with_help(mut self, value: &'a str, label: &'a str, help: &'a str) -> Self {
        self.options.push(OptionOf { value, label, help: Some(help) });
        self
    }

    /// What is chosen. Nothing is, unless the reader chose it.
    #[must_use]
    pub fn chosen(mut self, values: impl IntoIterator<Item = &'a str>) -> Self {
        self.chosen.extend(values);
        self
    }
}

/// A list to choose one from, where there are too many to show: countries, for example.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"{% include "labelled.html" %}<select id="f-{{ name }}" name="{{ name }}"{% if help.is_some() || error.is_some() %} aria-describedby="{% if help.is_some() %}h-{{ name }}{% endif %}{% if error.is_some() %} e-{{ name }}{% endif %}"{% endif %}{% if error.is_some() %} aria-invalid="true"{% endif %}{% if is_required %} aria-required="true"{% endif %}>
{% if let Some(none) = none %}<option value="">{{ none }}</option>
{% endif %}{% for option in options %}<option value="{{ option.value }}"{% if chosen == option.value %} selected{% endif %}>{{ option.label }}</option>
{% endfor %}</select></div>
"#
)]
pub struct Select<'a> {
    t: T,
    name: &'a str,
    label: &'a str,
    help: Option<&'a str>,
    error: Option<&'a str>,
    none: Option<&'a str>,
    options: Vec<OptionOf<'a>>,
    chosen: &'a str,
    is_required: bool,
}

impl<'a> Select<'a> {
    /// A list with nothing in it yet.
    pub const fn new(lang: Lang, name: &'a str, label: &'a str) -> Self {
        Self {
            t: T(lang),
            name,
            label,
            help: None,
            error: None,
            none: None,
            options: Vec::new(),
            chosen: "",
            is_required: false,
        }
    }

    /// What stands for nothing chosen: `All countries`, `Choose`.
    #[must_use]
    pub fn none(self, label: &'a str) -> Self {
        Self { none: Some(label), ..self }
    }

    /// Values and labels, in their order.
    #[must_use]
    pub fn options(mut self, options: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        self.options.extend(options.into_iter().map(|(value, label)| OptionOf { value, label, help: None }));
        self
    }

    /// The value that is chosen.
    #[must_use]
    pub fn chosen(self, chosen: &'a str) -> Self {
        Self { chosen, ..self }
    }
}

/// A field for files.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"{% include "labelled.html" %}<input type="file" id="f-{{ name }}" name="{{ name }}" accept="{{ accept }}" aria-describedby="h-{{ name }}{% if error.is_some() %} e-{{ name }}{% endif %}"{% if error.is_some() %} aria-invalid="true"{% endif %}{% if is_many %} multiple{% endif %}></div>
"#
)]
pub struct Upload<'a> {
    t: T,
    name: &'a str,
    label: &'a str,
    help: Option<&'a str>,
    accept: &'a str,
    error: Option<&'a str>,
    is_many: bool,
    is_required: bool,
}

impl<'a> Upload<'a> {
    /// One file. `help` says which kinds and how large; `accept` is HTML's list of media types and endings.
    pub const fn new(lang: Lang, name: &'a str, label: &'a str, help: &'a str, accept: &'a str) -> Self {
        Self {
            t: T(lang),
            name,
            label,
            help: Some(help),
            accept,
            error: None,
            is_many: false,
            is_required: false,
        }
    }

    /// Several files at once.
    #[must_use]
    pub const fn many(self) -> Self {
        Self { is_many: true, ..self }
    }
}

/// What is wrong with a form, above it: each fault leads to its field. Empty where nothing is wrong.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r##"{% if !faults.is_empty() %}<div class="alert refused summary" role="alert" tabindex="-1" id="wrong"><div>
<h2>{{ t.component_wrong(faults.len()) }}</h2>
<p>{{ t.component_wrong_kept() }}</p>
<ul>{% for (name, said) in faults %}<li><a href="#f-{{ name }}">{{ said }}</a></li>
{% endfor %}</ul></div></div>
{% endif %}"##
)]
pub struct ErrorSummary<'a> {
    t: T,
    faults: Vec<(&'a str, &'a str)>,
}

impl<'a> ErrorSummary<'a> {
    /// Names of fields, and what is wrong with each.
    pub fn new(lang: Lang, faults: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self { t: T(lang), faults: faults.into_iter().collect() }
    }
}
