use axum::body::Body;
use base::Lang;
use http::{Request, Response, header};
use tower::ServiceExt as _;

use super::*;
use crate::{Site, assets};

/// A page with its style sheet, compressed, bytes.
const PAGE_BYTES_MAX: usize = 20 * 1_024;

async fn get(path: &str, encoding: &str) -> (Response<()>, Vec<u8>) {
    let request = Request::get(path)
        .header(header::ACCEPT, "text/html")
        .header(header::ACCEPT_ENCODING, encoding)
        .body(Body::empty())
        .unwrap();
    let response = Site::default().wrap(routes().into_router()).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (Response::from_parts(parts, ()), bytes.to_vec())
}

/// With its style sheet, compressed: the page that has more parts than any other.
#[tokio::test]
async fn a_page_with_its_style_is_light() {
    let (style, style_bytes) = get(assets::style_address(), "gzip").await;
    assert_eq!(style.headers()[header::CONTENT_ENCODING], "gzip");
    assert_eq!(style.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
    for lang in Lang::ALL {
        let (page, bytes) = get(&format!("/{lang}/design"), "br, gzip").await;
        assert_eq!(page.headers()[header::CONTENT_ENCODING], "gzip");
        let both = bytes.len() + style_bytes.len();
        assert!(both <= PAGE_BYTES_MAX, "{lang}: {both} bytes");
        let (plain, whole) = get(&format!("/{lang}/design"), "gzip;q=0").await;
        assert_eq!(plain.headers().get(header::CONTENT_ENCODING), None);
        assert!(whole.len() > bytes.len());
    }
}

/// The language is the address's; every page leads to itself in every language; nothing comes from elsewhere.
#[tokio::test]
async fn a_page_is_in_the_language_of_its_address() {
    for lang in Lang::ALL {
        let (page, bytes) = get(&format!("/{lang}/design?x=1&y=%22"), "").await;
        let html = String::from_utf8(bytes).unwrap();
        assert!(html.contains(&format!("<html lang=\"{lang}\" dir=\"{}\">", lang.dir())));
        assert_eq!(page.headers()[header::CONTENT_LANGUAGE], lang.tag());
        assert_eq!(page.headers().get_all(header::VARY).iter().count(), 1);
        for other in Lang::ALL {
            let href = format!("/{other}/design?x=1&#38;y=%22");
            assert!(
                html.contains(&format!("<link rel=\"alternate\" hreflang=\"{other}\" href=\"{href}\">")),
                "{html}"
            );
            assert!(html.contains(&format!("<a href=\"{href}\" hreflang=\"{other}\"")));
            assert!(html.contains(other.own_name()));
        }
        for elsewhere in ["http://", "https://", "src=", "style=\"", "<script", "onclick"] {
            assert!(!html.contains(elsewhere), "{lang}: {elsewhere}");
        }
    }
}
