use super::*;

/// An archive with these entries, stored.
pub(crate) fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let number = |n: usize, length: usize| n.to_le_bytes().get(..length).unwrap().to_vec();
    let (mut all, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in entries {
        let sizes = [number(0, 4), number(content.len(), 4), number(content.len(), 4)].concat();
        let lengths = [number(name.len(), 2), number(0, 2)].concat();
        let at = all.len();
        all.extend([&b"PK\x03\x04"[..], &[20, 0, 0, 0, 0, 0, 0, 0, 0, 0], &sizes, &lengths].concat());
        all.extend([name.as_bytes(), content].concat());
        directory.extend([&b"PK\x01\x02"[..], &[20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0], &sizes].concat());
        directory.extend([&lengths[..], &[0; 10], &number(at, 4), name.as_bytes()].concat());
    }
    let (at, size) = (number(all.len(), 4), number(directory.len(), 4));
    let count = number(entries.len(), 2);
    all.extend(directory);
    all.extend([&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &size, &at, &[0, 0]].concat());
    all
}

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\nendobj\ntrailer\n%%EOF\n";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01";
const ODT: &str = "application/vnd.oasis.opendocument.text";

fn check(name: &str, declared: &str, bytes: &[u8], expected: Result<Kind, Refused>) {
    let taken = take(name, Some(declared).filter(|d| !d.is_empty()), bytes.to_vec());
    let found = taken.map(|taken| taken.file.media_type);
    assert_eq!(found, expected.map(|kind| kind.media_type().to_owned()), "{name} {declared}");
}

#[test]
fn what_is_what_it_says_is_taken_and_what_lies_is_not() {
    check("answer.pdf", "application/pdf", PDF, Ok(Kind::Pdf));
    check("Answer.PDF", "", PDF, Ok(Kind::Pdf));
    check("answer.pdf", "application/octet-stream", PDF, Ok(Kind::Pdf));
    check("answer.pdf", "image/png", PDF, Err(Refused::Lies));
    check("answer.png", "image/png", PDF, Err(Refused::Lies));
    check("answer.pdf", "application/pdf", PNG, Err(Refused::Lies));
    check("answer.pdf", "application/pdf", b"<script>alert(1)</script>", Err(Refused::Lies));
    check("answer.pdf", "application/pdf", PDF.strip_suffix(b"%%EOF\n").unwrap(), Err(Refused::Lies));
    check("map.png", "image/png", PNG, Ok(Kind::Png));
    check("photo.jpg", "image/jpeg", b"\xff\xd8\xff\xe0", Ok(Kind::Jpeg));
    check("notes.txt", "text/plain", "Réponse\n".as_bytes(), Ok(Kind::Text));
    check("table.csv", "text/csv", b"a,b\n1,2\n", Ok(Kind::Text));
    check("notes.txt", "text/plain", b" <!doctype html><script>1</script>", Err(Refused::Lies));
    check("notes.txt", "text/plain", b"a\0b", Err(Refused::Lies));
    check("notes.txt", "text/plain", b"\xff\xfea\0", Err(Refused::Lies));
    check("notes.txt", "text/plain", PDF, Err(Refused::Lies));
    check("page.html", "text/html", b"<p>", Err(Refused::Type));
    check("picture.svg", "image/svg+xml", b"<svg/>", Err(Refused::Type));
    check("run.pdf.exe", "application/pdf", PDF, Err(Refused::Type));
    check("answer", "application/pdf", PDF, Err(Refused::Type));
    check("answer.pdf", "application/pdf", b"", Err(Refused::Empty));
}

#[test]
fn archives_are_the_documents_that_they_say_and_bring_no_macros() {
    let odt = archive(&[("mimetype", ODT.as_bytes()), ("content.xml", b"<x/>")]);
    check("answer.odt", ODT, &odt, Ok(Kind::OpenDocument));
    check("answer.docx", "", &odt, Err(Refused::Lies));
    let macros = archive(&[("mimetype", ODT.as_bytes()), ("Basic/Standard/Module1.xml", b"")]);
    check("answer.odt", ODT, &macros, Err(Refused::Macros));
    let sheet = archive(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet")]);
    check("answer.odt", ODT, &sheet, Err(Refused::Lies));
    let docx = archive(&[("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>")]);
    check("answer.docx", Kind::Word.media_type(), &docx, Ok(Kind::Word));
    let macros = archive(&[
        ("[Content_Types].xml", b"<x/>"),
        ("word/document.xml", b"<x/>"),
        ("word/vbaProject.bin", b"x"),
    ]);
    check("answer.docx", "", &macros, Err(Refused::Macros));
    check("answer.docx", "", &archive(&[("a.txt", b"x")]), Err(Refused::Lies));
    check("answer.docx", "", docx.get(..docx.len() - 30).unwrap(), Err(Refused::Lies));
}

#[test]
fn names_are_one_part_and_hide_nothing() {
    let named = |name: &str| take(name, None, PDF.to_vec()).map(|taken| taken.file.name);
    assert_eq!(named("C:\\Users\\me\\answer.pdf"), Ok("answer.pdf".into()));
    assert_eq!(named("../../etc/answer.pdf"), Ok("answer.pdf".into()));
    assert_eq!(named("Re\u{301}ponse.pdf"), Ok("R\u{e9}ponse.pdf".into()));
    for bad in [
        "answer\u{202e}fdp.pdf",
        "an\u{200b}swer.pdf",
        ".pdf",
        "a\nb.pdf",
        "a\"b.pdf",
        "<b>.pdf",
        "",
        &format!("{}.pdf", "a".repeat(120)),
    ] {
        assert_eq!(named(bad), Err(Refused::Name), "{bad:?}");
    }
}

#[test]
fn a_download_runs_nowhere() {
    let taken = take("Réponse 1.pdf", None, PDF.to_vec()).unwrap();
    let response = download(&taken.file, taken.bytes);
    let is = |name: &str| response.headers().get(name).unwrap().to_str().unwrap();
    assert_eq!(
        is("content-disposition"),
        "attachment; filename=\"R_ponse 1.pdf\"; filename*=UTF-8''R%C3%A9ponse%201.pdf"
    );
    assert_eq!(is("x-content-type-options"), "nosniff");
    assert_eq!(is("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(is("content-type"), "application/pdf");
}
