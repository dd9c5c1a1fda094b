//! Sessions begin, are found, and end; forms come from our own pages.

use super::own_path;

#[test]
fn only_paths_of_our_own_are_returned_to() {
    for good in ["/", "/calls/ott-2017/answer", "/desk/people?page=2", "/fr/"] {
        assert_eq!(own_path(good), Some(good));
    }
    let long = format!("/{}", "a".repeat(base::limits::RETURN_BYTES_MAX));
    for bad in [
        "",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/a\nb",
        "/a b",
        "\t//evil.example",
        &long,
    ] {
        assert_eq!(own_path(bad), None, "{bad}");
    }
}
