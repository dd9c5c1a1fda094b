//! What is said of the standards' own bodies in the description of the interfaces, as JSON Schema.

use base::limits::{DCQL_CLAIMS_MAX, DCQL_CREDENTIALS_MAX, JWE_BYTES_MAX, SD_JWT_BYTES_MAX};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

/// An error as OAuth has it (RFC 6749, section 5.2), with our stable code.
pub(crate) fn error(errors: &[&str]) -> Value {
    json!({
        "type": "object",
        "required": ["error", "error_description", "code"],
        "properties": {
            "error": { "type": "string", "enum": errors },
            "error_description": { "type": "string", "description": "The stable code again." },
            "code": { "type": "string", "description": "What was wrong with the answer: stable.", "pattern": "^[a-z][a-z0-9_]*$" },
        },
    })
}

/// A query (OpenID4VP 1.0, section 6), as far as it is understood here.
pub(crate) fn dcql_query(_: &mut SchemaGenerator) -> Schema {
    let sets = json!({
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "required": ["options"],
            "properties": {
                "options": { "type": "array", "minItems": 1, "items": names() },
                "required": { "type": "boolean" },
            },
        },
    });
    json_schema!({
        "type": "object",
        "description": "A query in the Digital Credentials Query Language (OpenID4VP 1.0, section 6).",
        "required": ["credentials"],
        "properties": {
            "credentials": {
                "type": "array",
                "minItems": 1,
                "maxItems": DCQL_CREDENTIALS_MAX,
                "items": credential_query(),
            },
            "credential_sets": sets,
        },
    })
}

fn name() -> Value {
    json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]+$" })
}

fn names() -> Value {
    json!({ "type": "array", "minItems": 1, "uniqueItems": true, "items": name() })
}

/// Section 6.1.
fn credential_query() -> Value {
    let texts = json!({ "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 } });
    let authority = json!({
        "type": "object",
        "required": ["type", "values"],
        "properties": { "type": { "type": "string", "minLength": 1 }, "values": texts },
    });
    json!({
        "type": "object",
        "required": ["id", "format", "meta"],
        "properties": {
            "id": name(),
            "format": { "type": "string", "const": "dc+sd-jwt" },
            "multiple": { "type": "boolean" },
            "meta": { "type": "object", "required": ["vct_values"], "properties": { "vct_values": texts } },
            "require_cryptographic_holder_binding": { "type": "boolean" },
            "claims": {
                "type": "array",
                "minItems": 1,
                "maxItems": DCQL_CLAIMS_MAX,
                "items": claims_query(),
            },
            "claim_sets": { "type": "array", "minItems": 1, "items": names() },
            "trusted_authorities": { "type": "array", "minItems": 1, "items": authority },
        },
    })
}

/// Section 6.3; the path is that of section 7.
fn claims_query() -> Value {
    let whole = |minimum: Option<u8>| match minimum {
        Some(minimum) => json!({ "type": "integer", "format": "int64", "minimum": minimum }),
        None => json!({ "type": "integer", "format": "int64" }),
    };
    json!({
        "type": "object",
        "required": ["path"],
        "properties": {
            "id": name(),
            "path": {
                "type": "array",
                "minItems": 1,
                "description": "Names, places in a list, and `null` for all of a list.",
                "prefixItems": [{ "type": "string" }],
                "items": { "anyOf": [{ "type": "string" }, whole(Some(0)), { "type": "null" }] },
            },
            "values": {
                "type": "array",
                "minItems": 1,
                "items": { "anyOf": [{ "type": "string" }, { "type": "boolean" }, whole(None)] },
            },
        },
    })
}

/// What a wallet posts when it fetches a request object (section 5.10).
pub(crate) fn fetch_form() -> Value {
    json!({
        "type": "object",
        "properties": {
            "wallet_metadata": { "type": "string", "description": "Passed over." },
            "wallet_nonce": { "type": "string", "maxLength": 512, "pattern": "^[!-~]+$" },
        },
        "additionalProperties": { "type": "string" },
    })
}

/// What a wallet posts as its answer (sections 8.2, 8.3.1 and 8.5).
pub(crate) fn answer_form() -> Value {
    let state = json!({ "type": "string", "description": "The `state` of the request, if it has one." });
    json!({
        "anyOf": [
            {
                "type": "object",
                "description": "`direct_post.jwt`: the answer, encrypted to the key in the request.",
                "required": ["response"],
                "properties": { "response": { "type": "string", "maxLength": JWE_BYTES_MAX } },
                "additionalProperties": { "type": "string" },
            },
            {
                "type": "object",
                "description": "`direct_post`: presentations as JSON, by the ids of the query.",
                "required": ["vp_token"],
                "properties": { "vp_token": { "type": "string", "maxLength": SD_JWT_BYTES_MAX }, "state": state },
                "additionalProperties": { "type": "string" },
            },
            {
                "type": "object",
                "description": "The wallet's refusal.",
                "required": ["error"],
                "properties": {
                    "error": { "type": "string" },
                    "error_description": { "type": "string" },
                    "state": state,
                },
                "additionalProperties": { "type": "string" },
            },
        ],
    })
}

/// What a wallet is told in return (section 8.2).
pub(crate) fn acknowledgement() -> Value {
    json!({
        "type": "object",
        "properties": {
            "redirect_uri": {
                "type": "string",
                "format": "uri",
                "description": "Where the wallet sends the person, on the same device.",
            },
        },
    })
}

/// A type of transaction (EUDI TS12).
pub(crate) fn transaction_type() -> Value {
    json!({
        "type": "object",
        "description": "What can be approved, with the members that EUDI TS12 gives to types of transaction data.",
        "required": ["type", "schema", "claims", "ui_labels"],
        "properties": {
            "type": { "type": "string", "format": "uri" },
            "schema": { "type": "object", "description": "JSON Schema of the payload." },
            "claims": { "type": "array", "items": { "type": "object" } },
            "ui_labels": { "type": "object" },
        },
    })
}
