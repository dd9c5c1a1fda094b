//! What is said of the standards' own bodies in the description of the interfaces, as JSON Schema: OpenID4VCI 1.0
//! unless another standard is named.

use base::limits::EVENT_DESCRIPTION_CHARS_MAX;
use formats::vci::{AUTHORIZATION_DETAILS_TYPE, GRANT_PRE_AUTHORIZED_CODE, GRANT_REFRESH_TOKEN};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

/// A credential offer (section 4.1.1).
pub(crate) fn credential_offer(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "description": "A credential offer (OpenID4VCI 1.0, section 4.1.1).",
        "required": ["credential_issuer", "credential_configuration_ids", "grants"],
        "properties": {
            "credential_issuer": { "type": "string", "format": "uri" },
            "credential_configuration_ids": {
                "type": "array",
                "minItems": 1,
                "items": { "type": "string" },
            },
            "grants": {
                "type": "object",
                "properties": {
                    GRANT_PRE_AUTHORIZED_CODE: {
                        "type": "object",
                        "required": ["pre-authorized_code"],
                        "properties": {
                            "pre-authorized_code": { "type": "string", "description": "A secret." },
                            "tx_code": {
                                "type": "object",
                                "description": "Present: the person types a transaction code.",
                            },
                        },
                    },
                },
            },
        },
    })
}

/// The same, as it is fetched.
pub(crate) fn fetched_offer() -> Value {
    credential_offer(&mut SchemaGenerator::default()).to_value()
}

/// The token in an offer's address: 192 random bits.
pub(crate) fn offer_token() -> Value {
    json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{32}$", "description": "192 random bits in base64url." })
}

/// The issuer's metadata (section 12.2.4).
pub(crate) fn issuer_metadata() -> Value {
    json!({
        "type": "object",
        "description": "OpenID4VCI 1.0, section 12.2.4.",
        "required": ["credential_issuer", "credential_endpoint", "credential_configurations_supported"],
        "properties": {
            "credential_issuer": { "type": "string", "format": "uri" },
            "credential_endpoint": { "type": "string", "format": "uri" },
            "nonce_endpoint": { "type": "string", "format": "uri" },
            "notification_endpoint": { "type": "string", "format": "uri" },
            "batch_credential_issuance": { "type": "object" },
            "display": { "type": "array", "items": { "type": "object" } },
            "credential_configurations_supported": {
                "type": "object",
                "additionalProperties": { "type": "object", "required": ["format"] },
            },
        },
    })
}

/// The authorization server's metadata (RFC 8414, section 2).
pub(crate) fn authorization_server_metadata() -> Value {
    json!({
        "type": "object",
        "description": "RFC 8414, section 2.",
        "required": ["issuer", "token_endpoint", "grant_types_supported"],
        "properties": {
            "issuer": { "type": "string", "format": "uri" },
            "token_endpoint": { "type": "string", "format": "uri" },
            "grant_types_supported": { "type": "array", "items": { "type": "string" } },
        },
    })
}

/// A token request (section 6.1; RFC 6749, section 6).
pub(crate) fn token_request() -> Value {
    json!({
        "oneOf": [
            {
                "type": "object",
                "description": "With the code of an offer (section 6.1).",
                "required": ["grant_type", "pre-authorized_code"],
                "properties": {
                    "grant_type": { "type": "string", "const": GRANT_PRE_AUTHORIZED_CODE },
                    "pre-authorized_code": { "type": "string", "minLength": 1 },
                    "tx_code": { "type": "string", "description": "What the person typed." },
                    "authorization_details": {
                        "type": "string",
                        "description": "JSON (RFC 9396), of type `openid_credential`.",
                    },
                },
                "additionalProperties": { "type": "string" },
            },
            {
                "type": "object",
                "description": "With what the last token was refreshed with (RFC 6749, section 6).",
                "required": ["grant_type", "refresh_token"],
                "properties": {
                    "grant_type": { "type": "string", "const": GRANT_REFRESH_TOKEN },
                    "refresh_token": { "type": "string", "minLength": 1 },
                },
                "additionalProperties": { "type": "string" },
            },
        ],
    })
}

/// A token response (RFC 6749, section 5.1; section 6.2).
pub(crate) fn token_response() -> Value {
    json!({
        "type": "object",
        "description": "RFC 6749, section 5.1; OpenID4VCI 1.0, section 6.2.",
        "required": ["access_token", "token_type"],
        "properties": {
            "access_token": { "type": "string" },
            "token_type": { "type": "string", "const": "Bearer" },
            "expires_in": { "type": "integer", "minimum": 1, "description": "Seconds." },
            "refresh_token": { "type": "string", "description": "For another token, once." },
            "authorization_details": {
                "type": "array",
                "description": "Those that were asked for, with identifiers for the credential endpoint.",
                "items": {
                    "type": "object",
                    "required": ["type", "credential_configuration_id", "credential_identifiers"],
                    "properties": {
                        "type": { "type": "string", "const": AUTHORIZATION_DETAILS_TYPE },
                        "credential_configuration_id": { "type": "string" },
                        "credential_identifiers": { "type": "array", "minItems": 1, "items": { "type": "string" } },
                    },
                },
            },
        },
    })
}

/// A nonce response (section 7.2).
pub(crate) fn nonce_response() -> Value {
    json!({
        "type": "object",
        "required": ["c_nonce"],
        "properties": { "c_nonce": { "type": "string", "minLength": 1 } },
    })
}

/// A credential request (section 8.2).
pub(crate) fn credential_request(proofs_max: usize) -> Value {
    let proofs = json!({
        "type": "object",
        "required": ["jwt"],
        "properties": {
            "jwt": {
                "type": "array",
                "description": "Key proofs (appendix F.1), one a copy.",
                "minItems": 1,
                "maxItems": proofs_max,
                "items": { "type": "string" },
            },
        },
    });
    let with = |name: &str| {
        json!({
            "type": "object",
            "required": [name, "proofs"],
            "properties": { name: { "type": "string" }, "proofs": proofs },
        })
    };
    json!({
        "description": "One of both names, as the token response says (section 8.2).",
        "oneOf": [with("credential_configuration_id"), with("credential_identifier")],
    })
}

/// A credential response (section 8.3).
pub(crate) fn credential_response() -> Value {
    json!({
        "type": "object",
        "required": ["credentials", "notification_id"],
        "properties": {
            "credentials": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["credential"],
                    "properties": {
                        "credential": { "type": "string", "description": "An SD-JWT VC (appendix A.3)." },
                    },
                },
            },
            "notification_id": { "type": "string" },
        },
    })
}

/// A notification (section 11.1).
pub(crate) fn notification() -> Value {
    json!({
        "type": "object",
        "required": ["notification_id", "event"],
        "properties": {
            "notification_id": { "type": "string" },
            "event": {
                "type": "string",
                "enum": ["credential_accepted", "credential_failure", "credential_deleted"],
            },
            "event_description": {
                "type": "string",
                "maxLength": EVENT_DESCRIPTION_CHARS_MAX,
                "pattern": r"^[ !#-\[\]-~]*$",
            },
        },
    })
}

/// The addresses of all status lists (Token Status List, draft 14, section 9.3).
pub(crate) fn status_lists() -> Value {
    json!({
        "type": "object",
        "required": ["status_lists"],
        "properties": { "status_lists": { "type": "array", "items": { "type": "string", "format": "uri" } } },
    })
}

/// Type metadata (SD-JWT VC, draft 13, section 6).
pub(crate) fn type_metadata() -> Value {
    json!({
        "type": "object",
        "description": "SD-JWT VC, draft 13, section 6.",
        "required": ["vct"],
        "properties": {
            "vct": { "type": "string", "format": "uri" },
            "display": { "type": "array", "items": { "type": "object" } },
            "claims": { "type": "array", "items": { "type": "object" } },
        },
    })
}

/// What a clerk fills in and sees of a type: `crate::types::Form`.
pub(crate) fn form(generator: &mut SchemaGenerator) -> Schema {
    let texts = generator.subschema_for::<web::openapi::leaf::InSixLanguages>();
    let field = json!({
        "type": "object",
        "required": ["name", "kind", "mandatory", "label"],
        "properties": {
            "name": { "type": "string" },
            "kind": { "type": "string", "description": "What kind of value: text, date, country …" },
            "mandatory": { "type": "boolean" },
            "label": texts,
            "chars_max": { "type": "integer" },
            "min": { "type": "integer" },
            "max": { "type": "integer" },
            "parts": {
                "type": "array",
                "description": "Of an object, or of each object in a list: fields again.",
                "items": { "type": "object" },
            },
        },
    });
    let fields = json!({ "type": "array", "items": field });
    json_schema!({
        "type": "object",
        "required": ["id", "vct", "name", "description", "background_color", "text_color", "validity_days", "form", "known"],
        "properties": {
            "id": { "type": "string", "examples": ["diploma"] },
            "vct": { "type": "string" },
            "name": texts,
            "description": texts,
            "background_color": { "type": "string", "pattern": "^#[0-9A-Fa-f]{6}$" },
            "text_color": { "type": "string", "pattern": "^#[0-9A-Fa-f]{6}$" },
            "validity_days": { "type": "integer", "minimum": 1 },
            "form": fields,
            "known": fields,
        },
    })
}
