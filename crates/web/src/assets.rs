//! Files that every page asks for, under names that hold their digest, so that a browser keeps them for good.

use std::sync::OnceLock;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, header};

use crate::page::STYLE;

/// The address of the style sheet.
pub fn style_address() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| format!("/assets/style-{}.css", digest(STYLE)))
}

/// Sixteen hexadecimal digits of SHA-256.
fn digest(text: &str) -> String {
    let digest = crypto::sha256(text.as_bytes());
    base16ct::lower::encode_string(digest.get(..8).unwrap_or_default())
}

/// The file at this address, if there is one.
pub(crate) fn answer(path: &str, _headers: &HeaderMap) -> Option<Response> {
    (path == style_address()).then(|| {
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8")),
            (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        ];
        (headers, STYLE).into_response()
    })
}
