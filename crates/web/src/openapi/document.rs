//! All operations as one document (OpenAPI 3.1.1; JSON Schema 2020-12).

use std::collections::BTreeMap;

use http::StatusCode;
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{
    Code, Operation, Shape,
    code::UNAVAILABLE,
    operation::{Body, Opens},
};

/// Which version of OpenAPI this is.
const OPENAPI: &str = "3.1.1";

/// What is said of the whole.
#[derive(Debug, Clone)]
pub struct About {
    /// Whose interfaces these are.
    pub title: String,
    /// What they are, as `CommonMark`.
    pub description: String,
    /// The address that all paths are under.
    pub server: String,
    /// The headings, in their order, and a sentence for each.
    pub tags: &'static [(&'static str, &'static str)],
}

/// The document.
///
/// `pages` are what people read at addresses that are not interfaces, in their order; it names them under `x-pages`
/// (`OpenAPI` 3.1, section 4.9: extensions).
pub fn document(about: &About, operations: &[Operation], pages: &[String]) -> Value {
    let mut shapes = Shapes::new();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for operation in operations {
        let described = described(operation, &mut shapes);
        paths
            .entry(&operation.path)
            .or_default()
            .insert(operation.method.as_str().to_ascii_lowercase(), described);
    }
    let used = |tag: &str| operations.iter().any(|operation| operation.tag == tag);
    let tags: Vec<Value> = about
        .tags
        .iter()
        .filter(|(tag, _)| used(tag))
        .map(|(tag, description)| json!({ "name": tag, "description": description }))
        .collect();
    let mut document = json!({
        "openapi": OPENAPI,
        "info": {
            "title": about.title,
            "version": "1",
            "description": about.description,
            "license": { "name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT" },
        },
        "servers": [{ "url": about.server }],
        "tags": tags,
        "paths": paths,
        "x-pages": pages,
        "components": {
            "schemas": shapes.definitions(),
            "responses": shapes.responses,
            "securitySchemes": {
                "staff": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A staff token from the party's configuration (RFC 6750, section 2.1).",
                },
                "access_token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The access token of a wallet, from the token endpoint (RFC 6750, section 2.1).",
                },
            },
        },
    });
    bound(&mut document);
    document
}

/// Two generators, since what is read and what is written of one type can differ.
struct Shapes {
    read: SchemaGenerator,
    written: SchemaGenerator,
    /// Answers that many operations have.
    responses: Map<String, Value>,
}

impl Shapes {
    fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|s| {
                s.definitions_path = "/components/schemas".into();
                s.meta_schema = None;
            })
        };
        Self {
            read: settings().for_deserialize().into_generator(),
            written: settings().for_serialize().into_generator(),
            responses: Map::new(),
        }
    }

    fn read(&mut self, shape: &Shape) -> Value {
        schema(&mut self.read, shape)
    }

    fn written(&mut self, shape: &Shape) -> Value {
        schema(&mut self.written, shape)
    }

    /// What both name. A type that is read in another way than it is written needs a name for each: the test of the
    /// document finds one that has not.
    fn definitions(&mut self) -> Map<String, Value> {
        let mut all = self.read.take_definitions(true);
        for (name, schema) in self.written.take_definitions(true) {
            let taken = all.get(&name).is_some_and(|other| *other != schema);
            all.insert(if taken { format!("{name} (read and written differ)") } else { name }, schema);
        }
        all.insert("Problem".into(), problem());
        all
    }
}

/// The largest number that every JSON parser reads alike, and the strict one takes (RFC 7493, section 2.2).
const INTEGER_MAX: i64 = (1 << 53) - 1;

/// Says how large a whole number may be where only its format says it, which few programs read.
fn bound(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("format").is_some_and(|format| format == "int64") {
                members.entry("minimum").or_insert((-INTEGER_MAX).into());
                members.entry("maximum").or_insert(INTEGER_MAX.into());
            }
            members.values_mut().for_each(bound);
        }
        Value::Array(elements) => elements.iter_mut().for_each(bound),
        _ => {}
    }
}

fn schema(generator: &mut SchemaGenerator, shape: &Shape) -> Value {
    match shape {
        Shape::Of(of) => of(generator).to_value(),
        Shape::Given(value) => value.clone(),
    }
}

/// [`crate::Problem`] as it is written.
fn problem() -> Value {
    json!({
        "type": "object",
        "description": "What went wrong (RFC 9457). Programs look at `code`, which is stable; `detail` says what to do.",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": { "type": "string", "const": "about:blank" },
            "title": { "type": "string", "description": "The status in words." },
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "code": { "type": "string", "pattern": "^[a-z][a-z0-9_]*$" },
            "detail": { "type": "string" },
        },
        "additionalProperties": false,
    })
}

fn described(operation: &Operation, shapes: &mut Shapes) -> Value {
    let mut out = Map::new();
    out.insert("operationId".into(), operation.id.as_str().into());
    out.insert("tags".into(), json!([operation.tag]));
    out.insert("summary".into(), operation.summary.as_str().into());
    if !operation.description.is_empty() {
        out.insert("description".into(), operation.description.as_str().into());
    }
    let security = match operation.opens {
        Opens::Nothing => json!([]),
        Opens::StaffToken => json!([{ "staff": [] }]),
        Opens::AccessToken => json!([{ "access_token": [] }]),
    };
    out.insert("security".into(), security);
    let parameters = parameters(operation, shapes);
    if !parameters.is_empty() {
        out.insert("parameters".into(), parameters.into());
    }
    if let Some(body) = &operation.body {
        out.insert("requestBody".into(), request_body(body, operation.example.as_ref(), shapes));
    }
    out.insert("responses".into(), responses(operation, shapes));
    out.into()
}

fn request_body(body: &Body, example: Option<&Value>, shapes: &mut Shapes) -> Value {
    let mut content = json!({ "schema": shapes.read(&body.shape) });
    if let (Some(example), Some(content)) = (example, content.as_object_mut()) {
        content.insert("example".into(), example.clone());
    }
    let mut out = json!({ "required": true, "content": { body.media_type: content } });
    if let (false, Some(out)) = (body.description.is_empty(), out.as_object_mut()) {
        out.insert("description".into(), body.description.into());
    }
    out
}

fn parameters(operation: &Operation, shapes: &mut Shapes) -> Vec<Value> {
    let mut all: Vec<Value> = operation
        .parameters
        .iter()
        .map(|parameter| {
            json!({
                "name": parameter.name,
                "in": parameter.place,
                "required": parameter.required,
                "description": parameter.description,
                "schema": shapes.read(&parameter.shape),
            })
        })
        .collect();
    let Some(Shape::Of(of)) = &operation.query else { return all };
    // The members of what the query is read as, one parameter each.
    let generated = of(&mut shapes.read).to_value();
    let name = generated.get("$ref").and_then(Value::as_str).and_then(|r| r.rsplit('/').next());
    let whole = match name {
        Some(name) => shapes.read.definitions_mut().remove(name).unwrap_or_default(),
        None => generated,
    };
    let required: Vec<&str> = whole
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for (name, schema) in whole.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let mut schema = schema.clone();
        let description = schema.as_object_mut().and_then(|s| s.remove("description")).unwrap_or_default();
        all.push(json!({
            "name": name,
            "in": "query",
            "required": required.contains(&name.as_str()),
            "description": description,
            "schema": without_null(schema),
        }));
    }
    all
}

/// A query has texts only: what may be left out is not `null`.
fn without_null(mut schema: Value) -> Value {
    let Some(members) = schema.as_object_mut() else { return schema };
    if let Some(Value::Array(types)) = members.get_mut("type") {
        types.retain(|t| t != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            members.insert("type".into(), one);
        }
    }
    if let Some(Value::Array(any)) = members.get_mut("anyOf") {
        any.retain(|s| s.get("type").is_none_or(|t| t != "null"));
        if let [one] = any.as_slice() {
            return one.clone();
        }
    }
    schema
}

fn responses(operation: &Operation, shapes: &mut Shapes) -> Value {
    let mut bodies: BTreeMap<u16, (String, Map<String, Value>)> = BTreeMap::new();
    for answer in &operation.answers {
        let content = answer.bodies.iter().map(|(media_type, shape)| {
            ((*media_type).to_owned(), json!({ "schema": shapes.written(shape) }))
        });
        bodies.insert(answer.status.as_u16(), (answer.description.to_owned(), content.collect()));
    }
    let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    let own = operation.codes.iter();
    let always = UNAVAILABLE.iter().filter(|code| !operation.answers.iter().any(|a| a.status == code.0));
    for Code(status, code) in own.chain(always) {
        let codes = by_status.entry(status.as_u16()).or_default();
        if !codes.contains(code) {
            codes.push(code);
        }
    }
    for (status, codes) in by_status {
        let schema = json!({
            "allOf": [{ "$ref": "#/components/schemas/Problem" }],
            "properties": { "status": { "const": status }, "code": { "enum": codes } },
        });
        let list = codes.iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ");
        let entry = bodies.entry(status).or_insert_with(|| (format!("A problem: {list}."), Map::new()));
        entry.1.insert("application/problem+json".into(), json!({ "schema": schema }));
    }
    let out = bodies.into_iter().map(|(status, (description, content))| {
        let shared = shared_name(status, &content);
        let mut response = json!({ "description": description });
        if let Some(response) = response.as_object_mut() {
            if !content.is_empty() {
                response.insert("content".into(), content.into());
            }
            if let Some(headers) = headers(status) {
                response.insert("headers".into(), headers);
            }
        }
        if let Some(name) = shared {
            let reference = json!({ "$ref": format!("#/components/responses/{name}") });
            shapes.responses.insert(name, response);
            response = reference;
        }
        (status.to_string(), response)
    });
    out.collect::<Map<_, _>>().into()
}

/// The name of an answer that other operations have too: a problem with one code or two.
fn shared_name(status: u16, content: &Map<String, Value>) -> Option<String> {
    let problem = content.get("application/problem+json").filter(|_| content.len() == 1)?;
    let codes =
        problem.pointer("/schema/properties/code/enum")?.as_array().filter(|codes| codes.len() <= 2)?;
    let codes: Vec<&str> = codes.iter().filter_map(Value::as_str).collect();
    Some(format!("{status}.{}", codes.join(".")))
}

/// The headers that come with a status whatever the operation.
fn headers(status: u16) -> Option<Value> {
    let text = json!({ "type": "string" });
    let (name, description, schema) = if status == StatusCode::UNAUTHORIZED.as_u16() {
        ("WWW-Authenticate", "The scheme that opens it (RFC 9110, section 11.6.1).", text)
    } else if [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS]
        .iter()
        .any(|s| s.as_u16() == status)
    {
        let seconds = json!({ "type": "string", "pattern": "^[0-9]+$" });
        ("Retry-After", "After how many seconds to try again (RFC 9110, section 10.2.3).", seconds)
    } else {
        return None;
    };
    Some(json!({ name: { "required": true, "description": description, "schema": schema } }))
}
