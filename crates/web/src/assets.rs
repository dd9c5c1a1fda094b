//! Files that every page asks for, under names that hold their digest, so that a browser keeps them for good.

use std::sync::OnceLock;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};

/// The one style sheet.
pub const STYLE: &str = include_str!("style.css");

/// The address of the style sheet.
pub fn style_address() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| format!("/assets/style-{}.css", digest(STYLE)))
}

/// The mark, in 24 by 24: a check mark drawn in one pen stroke, the way a signature is.
pub(crate) const MARK: &str = "M2.9 12.6c2.7 1.4 4.6 3.4 5.9 6.1C11.3 12.7 15 7.8 20.6 3.4c.5-.4 1.1.1.7.6-4.9 5.4-8.5 11-10.9 \
     17.3-.3.8-1.6.9-2 .1-1.4-3-3.1-5.3-5.7-7.4-.7-.6-.5-1.8.2-1.4z";

/// The address of the icon that a browser shows beside the title.
pub(crate) fn icon_address() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| format!("/assets/mark-{}.svg", digest(icon())))
}

/// The mark alone, in indigo, which can be seen on light and on dark.
fn icon() -> &'static str {
    static ICON: OnceLock<String> = OnceLock::new();
    ICON.get_or_init(|| {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\"><rect width=\"24\" height=\"24\" rx=\"4\" \
             fill=\"#2B3A8C\"/><path fill=\"#FFFDF8\" transform=\"translate(2.4 2.4) scale(.8)\" d=\"{MARK}\"/></svg>"
        )
    })
}

/// Sixteen hexadecimal digits of SHA-256.
fn digest(text: &str) -> String {
    let digest = crypto::sha256(text.as_bytes());
    base16ct::lower::encode_string(digest.get(..8).unwrap_or_default())
}

/// The file at this address, if there is one.
pub(crate) fn answer(path: &str) -> Option<Response> {
    let (kind, text) = match path {
        _ if path == style_address() => ("text/css; charset=utf-8", STYLE),
        _ if path == icon_address() => ("image/svg+xml", icon()),
        _ => return None,
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    Some((headers, text).into_response())
}
