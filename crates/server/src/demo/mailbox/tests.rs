use super::*;

#[test]
fn a_mail_is_read_whatever_it_was_encoded_in() {
    let check = |head: &str, body: &str, expected: &str| {
        let mail = format!("From: Office <a@a.example>\r\nTo: b@b.example\r\n{head}\r\n\r\n{body}");
        assert_eq!(readable(&mail), format!("From: Office <a@a.example>\nTo: b@b.example\n{expected}"));
    };
    check("Subject: One", "Two\r\nthree\r\n", "Subject: One\n\nTwo\nthree\n");
    let folded =
        "Subject: =?utf-8?b?0J7QtNC40L0=?=\r\n =?utf-8?b?ISE=?=\r\nContent-Transfer-Encoding: Base64";
    check(folded, "0JTQstCw\r\nLg==\r\n", "Subject: Один!!\n\nДва.");
    let quoted = "Subject: One\r\nContent-Transfer-Encoding: quoted-printable";
    check(quoted, "a=3Db, d=C3=A9j=\r\n=C3=A0 =zz\r\n", "Subject: One\n\na=b, déjà =zz\n");
}

async fn says(address: &str, script: &str) -> String {
    let mut stream = TcpStream::connect(address.strip_prefix("smtp://").unwrap()).await.unwrap();
    stream.write_all(script.as_bytes()).await.unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.unwrap();
    answers.lines().map(|line| line.get(..3).unwrap().to_owned() + " ").collect()
}

#[tokio::test]
async fn mails_are_kept_and_numbered_on_and_what_is_too_long_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let open = || Mailbox::open(directory.path().join("mail"));
    let mailbox = open().await.unwrap();
    let (address, folder) = (mailbox.address().to_owned(), mailbox.folder());
    let _taking = mailbox.take_in();
    let envelope = "EHLO a\r\nMAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\n";
    let mail = "From: a@a.example\r\nTo: b@b.example\r\nSubject: One\r\n\r\n..two\r\n.\r\n";
    assert_eq!(
        says(&address, &format!("{envelope}{mail}QUIT\r\n")).await,
        "220 250 250 250 250 250 354 250 221 "
    );
    let kept = folder.read("b@b.example").unwrap();
    assert_eq!(kept, ["From: a@a.example\nTo: b@b.example\nSubject: One\n\n.two\n"]);
    assert!(folder.read("c@c.example").unwrap().is_empty());
    assert_eq!(says(&address, "HELO a\r\nDATA\r\nSTARTTLS\r\nQUIT\r\n").await, "220 250 503 502 221 ");
    assert_eq!(says(&address, &"a".repeat(4_096)).await, "220 500 ");
    let long = format!("{}\r\n", "a".repeat(1_000)).repeat(1_100);
    assert!(says(&address, &format!("{envelope}{long}.\r\nQUIT\r\n")).await.ends_with("354 552 221 "));
    // Another run goes on counting where this one stopped.
    let again = open().await.unwrap();
    let (address, folder) = (again.address().to_owned(), again.folder());
    let _taking = again.take_in();
    says(&address, &format!("{envelope}{mail}QUIT\r\n")).await;
    assert_eq!(folder.read("b@b.example").unwrap().len(), 2);
}
