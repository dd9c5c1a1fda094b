//! The shapes of JSON that circulars, calls and submissions have in common, and what refusals are to programs.
//!
//! The domain's types do not go out: what goes in or out is one of these.

use std::collections::BTreeMap;

use base::{Instant, Lang};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::{Problem, openapi::leaf::Time};

use crate::{
    Choice, Deadline, FileRef, Form, Multilingual, Question, QuestionId, QuestionKind, Wording,
    hygiene::BadText,
};

/// What a symbol in an address looks like.
pub(crate) const SYMBOL_PATTERN: &str = "^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$";
/// What a digest in hexadecimal looks like.
pub(crate) const DIGEST_PATTERN: &str = "^[0-9a-f]{64}$";

/// The six languages, as they stand as names of members.
const LANGS: [&str; 6] = ["ar", "zh", "en", "fr", "ru", "es"];

/// A text in one to six languages, of which one is the original.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MultilingualText")]
pub(crate) struct TextView {
    /// The language of the original.
    #[schemars(with = "LangView")]
    pub(crate) original: Lang,
    /// By language.
    #[schemars(with = "BTreeMap<String, String>", extend("minProperties" = 1, "propertyNames" = { "enum": LANGS }))]
    pub(crate) texts: BTreeMap<Lang, String>,
    /// Translations of an original that has changed since. Not read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<LangView>")]
    pub(crate) stale: Vec<Lang>,
}

/// One of the six languages.
#[derive(JsonSchema)]
#[schemars(rename = "Lang", rename_all = "lowercase")]
#[expect(dead_code, reason = "stands for `base::Lang` in the description")]
pub(crate) enum LangView {
    Ar,
    Zh,
    En,
    Fr,
    Ru,
    Es,
}

impl From<&Multilingual> for TextView {
    fn from(text: &Multilingual) -> Self {
        let stale = text.langs().filter(|lang| text.get(*lang).is_stale).collect();
        Self { original: text.original(), texts: text.texts().clone(), stale }
    }
}

impl TryFrom<TextView> for Multilingual {
    type Error = BadText;
    fn try_from(view: TextView) -> Result<Self, BadText> {
        Self::from_texts(view.original, view.texts)
    }
}

/// When something ends.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Deadline")]
pub(crate) struct DeadlineView {
    /// The first instant that is too late.
    #[schemars(with = "Time")]
    pub(crate) instant: String,
    /// The zone in which it was meant: `Europe/Zurich`.
    pub(crate) zone: String,
    /// How it is said.
    pub(crate) wording: Wording,
}

impl From<&Deadline> for DeadlineView {
    fn from(d: &Deadline) -> Self {
        Self { instant: d.instant.rfc3339(), zone: d.zone.clone(), wording: d.wording }
    }
}

impl TryFrom<DeadlineView> for Deadline {
    type Error = Problem;
    fn try_from(d: DeadlineView) -> Result<Self, Problem> {
        Ok(Self { instant: instant(&d.instant)?, zone: d.zone, wording: d.wording })
    }
}

/// A moment that somebody wrote; 400 `dates` if it is none.
pub(crate) fn instant(text: &str) -> Result<Instant, Problem> {
    Instant::parse_rfc3339(text).ok_or_else(|| Problem::bad_request("dates", "Write moments as RFC 3339."))
}

/// A file that is attached.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AttachedFile")]
pub(crate) struct FileView {
    /// SHA-256 of its bytes, in hexadecimal.
    #[schemars(regex(pattern = DIGEST_PATTERN))]
    pub(crate) sha256: String,
    pub(crate) name: String,
    pub(crate) media_type: String,
    /// Bytes.
    #[serde(deserialize_with = "web::body::whole")]
    #[schemars(range(min = 0))]
    pub(crate) size: i64,
}

impl From<&FileRef> for FileView {
    fn from(f: &FileRef) -> Self {
        Self { sha256: f.digest_hex(), name: f.name.clone(), media_type: f.media_type.clone(), size: f.size }
    }
}

/// All files that somebody named; 400 `files` if a digest is none.
pub(crate) fn files(views: Vec<FileView>) -> Result<Vec<FileRef>, Problem> {
    let bad = || Problem::bad_request("files", "A file is named by its SHA-256.");
    let file = |f: FileView| {
        let digest = base16ct::lower::decode_vec(&f.sha256).ok().and_then(|d| d.try_into().ok());
        Ok(FileRef { digest: digest.ok_or_else(bad)?, name: f.name, media_type: f.media_type, size: f.size })
    };
    views.into_iter().map(file).collect()
}

/// A question of a form.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Question")]
pub(crate) struct QuestionView {
    /// What answers call it.
    #[schemars(with = "String", regex(pattern = "^[A-Za-z0-9_-]{1,32}$"))]
    id: QuestionId,
    kind: QuestionKind,
    label: TextView,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    help: Option<TextView>,
    required: bool,
    /// How long a text may be, characters.
    #[serde(default, deserialize_with = "web::body::whole_or_none", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    max_chars: Option<i64>,
    /// What can be chosen: at least two, of a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    options: Vec<ChoiceView>,
    /// How many options or files there may be.
    #[serde(default, deserialize_with = "web::body::whole_or_none", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    max_count: Option<i64>,
}

/// What can be chosen.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Choice")]
pub(crate) struct ChoiceView {
    /// What answers call it.
    #[schemars(with = "String", regex(pattern = "^[A-Za-z0-9_-]{1,32}$"))]
    id: QuestionId,
    label: TextView,
}

impl From<&Question> for QuestionView {
    fn from(q: &Question) -> Self {
        Self {
            id: q.id.clone(),
            kind: q.kind,
            label: (&q.label).into(),
            help: q.help.as_ref().map(Into::into),
            required: q.required,
            max_chars: q.max_chars.map(i64::from),
            options: q
                .options
                .iter()
                .map(|o| ChoiceView { id: o.id.clone(), label: (&o.label).into() })
                .collect(),
            max_count: q.max_count.map(i64::from),
        }
    }
}

/// A form of these questions; its version is given by its call.
pub(crate) fn form(questions: Vec<QuestionView>) -> Result<Form, Problem> {
    let bad = |e: BadText| Problem::bad_request("text", e.to_string());
    let small = |n: Option<i64>| {
        n.map(u32::try_from)
            .transpose()
            .map_err(|_| Problem::bad_request("number", "A number is out of bounds."))
    };
    let question = |q: QuestionView| {
        let options = q.options.into_iter().map(|o| Ok(Choice { id: o.id, label: o.label.try_into()? }));
        Ok(Question {
            id: q.id,
            kind: q.kind,
            label: q.label.try_into().map_err(bad)?,
            help: q.help.map(TryInto::try_into).transpose().map_err(bad)?,
            required: q.required,
            max_chars: small(q.max_chars)?,
            options: options.collect::<Result<_, BadText>>().map_err(bad)?,
            max_count: small(q.max_count)?,
        })
    };
    Ok(Form { version: 1, questions: questions.into_iter().map(question).collect::<Result<_, Problem>>()? })
}
