//! What is said of one operation.

use base::id::Kind;
use http::{Method, StatusCode};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use super::{Code, leaf::IdOf};

/// The shape of a body or a parameter.
#[derive(Clone)]
pub enum Shape {
    /// That of a type of ours.
    Of(fn(&mut SchemaGenerator) -> Schema),
    /// A JSON Schema as it stands: for what a standard describes.
    Given(Value),
}

impl Shape {
    /// The shape of `T`.
    pub fn of<T: JsonSchema>() -> Self {
        Self::Of(SchemaGenerator::subschema_for::<T>)
    }

    /// Text without a structure of ours.
    pub fn text(description: &str) -> Self {
        Self::Given(serde_json::json!({ "type": "string", "description": description }))
    }
}

/// What opens an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opens {
    Nothing,
    StaffToken,
    AccessToken,
}

#[derive(Clone)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) place: &'static str,
    pub(crate) description: &'static str,
    pub(crate) required: bool,
    pub(crate) shape: Shape,
}

#[derive(Clone)]
pub(crate) struct Body {
    pub(crate) media_type: &'static str,
    pub(crate) description: &'static str,
    pub(crate) shape: Shape,
}

#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) description: &'static str,
    /// Media type and shape; none: no body.
    pub(crate) bodies: Vec<(&'static str, Shape)>,
}

/// What is said of one operation: a method of an address.
#[derive(Clone)]
pub struct Operation {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) tag: &'static str,
    pub(crate) summary: String,
    pub(crate) description: String,
    pub(crate) opens: Opens,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) query: Option<Shape>,
    pub(crate) body: Option<Body>,
    pub(crate) example: Option<Value>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) codes: Vec<Code>,
}

/// The id of an operation about what is at a path: `show` and `/types/driving-licence/1` make
/// `showTypesDrivingLicence1`.
pub fn id_of(verb: &str, path: &str) -> String {
    let mut id = verb.to_owned();
    for part in path.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut letters = part.chars();
        id.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        id.push_str(letters.as_str());
    }
    id
}

impl std::fmt::Debug for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ({})", self.method, self.path, self.id)
    }
}

impl Operation {
    /// The operation `id` (unique in a document, `camelCase`) that `method` does at `path`.
    pub fn new(method: Method, path: impl Into<String>, id: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            id: id.into(),
            tag: "",
            summary: String::new(),
            description: String::new(),
            opens: Opens::Nothing,
            parameters: Vec::new(),
            query: None,
            body: None,
            example: None,
            answers: Vec::new(),
            codes: Vec::new(),
        }
    }

    /// GET.
    pub fn get(path: impl Into<String>, id: impl Into<String>) -> Self {
        Self::new(Method::GET, path, id)
    }

    /// POST.
    pub fn post(path: impl Into<String>, id: impl Into<String>) -> Self {
        Self::new(Method::POST, path, id)
    }

    /// Under which heading, in a few words, and in sentences (`CommonMark`; may be empty).
    #[must_use]
    pub fn says(
        mut self,
        tag: &'static str,
        summary: impl Into<String>,
        description: impl Into<String>,
    ) -> Self {
        (self.tag, self.summary, self.description) = (tag, summary.into(), description.into());
        self
    }

    /// The id of a `K` in the address. What is no such id has no address: 404.
    #[must_use]
    pub fn id_in_path<K: Kind>(self, name: &str, description: &'static str) -> Self {
        self.in_path(name, description, Shape::of::<IdOf<K>>())
    }

    /// A part of the address.
    #[must_use]
    pub fn in_path(mut self, name: &str, description: &'static str, shape: Shape) -> Self {
        let name = name.to_owned();
        self.parameters.push(Parameter { name, place: "path", description, required: true, shape });
        self.code(StatusCode::NOT_FOUND, "not_found")
    }

    /// A header of the request that makes a difference, and may be left out.
    #[must_use]
    pub fn header(mut self, name: &str, description: &'static str, shape: Shape) -> Self {
        let name = name.to_owned();
        self.parameters.push(Parameter { name, place: "header", description, required: false, shape });
        self
    }

    /// A body that the handler reads itself.
    #[must_use]
    pub fn takes(mut self, media_type: &'static str, description: &'static str, shape: Shape) -> Self {
        self.body = Some(Body { media_type, description, shape });
        self
    }

    /// An example of the body.
    #[must_use]
    pub fn example(mut self, example: Value) -> Self {
        self.example = Some(example);
        self
    }

    /// Takes the access token of a wallet (RFC 6750, section 2.1).
    #[must_use]
    pub fn with_access_token(mut self) -> Self {
        self.opens = Opens::AccessToken;
        self
    }

    /// Answers a `T` as JSON.
    #[must_use]
    pub fn answers<T: JsonSchema>(self, status: StatusCode, description: &'static str) -> Self {
        self.answers_as(status, description, "application/json", Shape::of::<T>())
    }

    /// Answers another body. Said twice of one status, it is one of both.
    #[must_use]
    pub fn answers_as(
        mut self,
        status: StatusCode,
        description: &'static str,
        media_type: &'static str,
        shape: Shape,
    ) -> Self {
        match self.answers.iter_mut().find(|answer| answer.status == status) {
            Some(answer) => answer.bodies.push((media_type, shape)),
            None => self.answers.push(Answer { status, description, bodies: vec![(media_type, shape)] }),
        }
        self
    }

    /// Answers without a body.
    #[must_use]
    pub fn answers_nothing(mut self, status: StatusCode, description: &'static str) -> Self {
        self.answers.push(Answer { status, description, bodies: Vec::new() });
        self
    }

    /// Can end in these problems.
    #[must_use]
    pub fn refuses(mut self, codes: &[Code]) -> Self {
        for code in codes {
            if !self.codes.contains(code) {
                self.codes.push(*code);
            }
        }
        self
    }

    /// Can end in a problem with this code.
    #[must_use]
    pub fn code(self, status: StatusCode, code: &'static str) -> Self {
        self.refuses(&[Code(status, code)])
    }

    /// Can end in an error of its protocol: `{"error": …}` with one of `errors`, and a description for developers.
    #[must_use]
    pub fn fails(self, status: StatusCode, section: &'static str, errors: &[&str]) -> Self {
        let shape = serde_json::json!({
            "type": "object",
            "required": ["error"],
            "properties": {
                "error": { "type": "string", "enum": errors },
                "error_description": {
                    "type": "string",
                    "description": "For developers; without anything from the request.",
                },
            },
        });
        self.answers_as(status, section, "application/json", Shape::Given(shape))
    }
}
