//! What leaves this machine as mail, as others read it: a server by the library `aiosmtpd` takes it, and Python's `email` says
//! what it is. See judges/python/README.md. Without them the tests fail.

#[path = "../../../../judges/python/environment.rs"]
mod environment;

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use base::Lang;
use serde_json::{Value, json};

use self::environment::{PYTHON, root};
use super::*;

const NOW: Instant = Instant::from_secs(1_795_300_200);

/// The mail server of others.
pub(super) struct Judge {
    process: Child,
    said: BufReader<ChildStdout>,
    pub(super) port: u16,
}

impl Judge {
    /// On a port that the system chooses.
    pub(super) fn start() -> Self {
        Self::start_at(0)
    }

    pub(super) fn start_at(port: u16) -> Self {
        let mut process = Command::new(&*PYTHON)
            .arg(root().join("judges/python/mail_judge.py"))
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        let mut judge = Self { process, said, port: 0 };
        judge.port = judge.next()["port"].as_u64().unwrap().try_into().unwrap();
        judge
    }

    /// The next message that it took.
    pub(super) fn next(&mut self) -> Value {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    pub(super) fn post(&self) -> Post {
        Post::new(&config(self.port), "https://forum.example").unwrap()
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn config(port: u16) -> MailConfig {
    MailConfig {
        smtp: format!("smtp://127.0.0.1:{port}"),
        from: "Secrétariat <forum@forum.example>".into(),
        user: None,
        password_file: None,
    }
}

pub(super) fn mail(to: &str) -> Mail {
    Mail {
        message_id: "<ntc_000000000000002a@forum.example>".into(),
        to: to.into(),
        lang: Lang::En,
        subject: "Your answer".into(),
        text: "Line\n".into(),
        unsubscribe: None,
    }
}

fn header<'a>(message: &'a Value, name: &str) -> Vec<&'a str> {
    let all = message["headers"].as_array().unwrap();
    all.iter().filter(|h| h[0] == name).map(|h| h[1].as_str().unwrap()).collect()
}

/// What must be so of every message.
fn check_form(message: &Value) {
    assert_eq!(message["defects"], json!([]), "{message}");
    assert_eq!((&message["type"], &message["multipart"]), (&json!("text/plain"), &json!(false)));
    assert_eq!((&message["bare"], &message["headers_ascii"]), (&json!(0), &json!(true)), "{message}");
    // RFC 5322, section 2.1.1.
    assert!(message["longest_line"].as_u64().unwrap() <= 998, "{message}");
    assert_eq!(header(message, "Auto-Submitted"), ["auto-generated"]);
    for name in ["From", "To", "Subject", "Date", "Message-ID", "Content-Type", "MIME-Version"] {
        assert_eq!(header(message, name).len(), 1, "{name} {message}");
    }
}

#[tokio::test]
async fn others_read_what_we_send_in_every_language() {
    let mut judge = Judge::start();
    let post = judge.post();
    let long = "а".repeat(3_000);
    let texts = [
        (Lang::Ar, "تم استلام ردكم على \u{2068}OTT-2017\u{2069}", "تم\n\nالإيصال\n"),
        (Lang::Zh, "已收到您对 OTT-2017 的答复", "回执在此页面上\n"),
        (Lang::En, "Your answer", ".\n..\nFrom here\n"),
        (
            Lang::Fr,
            "Votre réponse à « OTT » a été reçue, et voilà une ligne bien trop longue pour un en-tête",
            "é\n",
        ),
        (Lang::Ru, "Ваш ответ получен", long.as_str()),
        (Lang::Es, "Se recibió su respuesta", "¿?\n"),
    ];
    for (lang, subject, text) in texts {
        let sent = Mail { lang, subject: subject.into(), text: text.into(), ..mail("reader@example.org") };
        assert_eq!(post.send(&sent, NOW).await, Ok(()), "{lang}");
        let message = judge.next();
        check_form(&message);
        assert_eq!(header(&message, "Subject"), [subject]);
        assert_eq!(message["text"].as_str().unwrap().trim_end(), text.trim_end());
        assert_eq!(header(&message, "Content-Language"), [lang.tag()]);
        assert_eq!(header(&message, "From"), ["Secrétariat <forum@forum.example>"]);
        assert_eq!(header(&message, "Message-ID"), ["<ntc_000000000000002a@forum.example>"]);
        assert_eq!(header(&message, "Date"), ["Sat, 21 Nov 2026 22:30:00 +0000"]);
        assert_eq!(message["hello"], json!("forum.example"));
        assert_eq!(message["mail_from"], json!("forum@forum.example"));
        assert_eq!(message["rcpt_to"], json!(["reader@example.org"]));
        assert_eq!(header(&message, "List-Unsubscribe"), [""; 0]);
    }
}

#[tokio::test]
async fn what_many_get_can_be_stopped_by_a_program() {
    let mut judge = Judge::start();
    let address =
        "https://forum.example/mail/stop/2a/c29tZXRoaW5nLXRoYXQtaXMtbG9uZy1lbm91Z2gtdG8tYmUtZm9sZGVk";
    let sent = Mail { unsubscribe: Some(address.into()), ..mail("reader@example.org") };
    assert_eq!(judge.post().send(&sent, NOW).await, Ok(()));
    let message = judge.next();
    check_form(&message);
    assert_eq!(header(&message, "List-Unsubscribe"), [format!("<{address}>")]);
    assert_eq!(header(&message, "List-Unsubscribe-Post"), ["List-Unsubscribe=One-Click"]);
}

#[tokio::test]
async fn no_header_can_be_slipped_in() {
    let mut judge = Judge::start();
    let post = judge.post();
    for evil in ["x\r\nBcc: other@example.org", "x\nBcc: other@example.org\n\nbody", "x\rBcc: a@b", "x\u{0}y"]
    {
        let sent =
            Mail { subject: evil.into(), unsubscribe: Some(evil.into()), ..mail("reader@example.org") };
        assert_eq!(post.send(&sent, NOW).await, Ok(()));
        let message = judge.next();
        check_form(&message);
        assert_eq!(header(&message, "Bcc"), [""; 0]);
        assert_eq!(message["rcpt_to"], json!(["reader@example.org"]));
        assert_eq!(message["text"].as_str().unwrap().trim_end(), "Line");
    }
    for evil in
        ["a@b\r\nRCPT TO:<other@example.org>", "a@b>, <other@example.org", "a@b,c@d", "", "a b@c", "@"]
    {
        let refused = Err(Unsent::Never(Undeliverable::Address));
        assert_eq!(post.send(&mail(evil), NOW).await, refused, "{evil:?}");
    }
    assert_eq!(post.send(&mail("reader@example.org"), NOW).await, Ok(()));
}

/// A server that greets everybody with 554.
fn no_service() -> Post {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = std::io::Write::write_all(&mut stream, b"554 No SMTP service here\r\n");
        }
    });
    Post::new(&config(port), "https://forum.example").unwrap()
}

#[tokio::test]
async fn what_the_server_says_is_told_apart() {
    let judge = Judge::start();
    let post = judge.post();
    assert!(post.answers().await);
    assert_eq!(post.send(&mail("reader@example.org"), NOW).await, Ok(()));
    assert_eq!(post.send(&mail("later@example.org"), NOW).await, Err(Unsent::Later));
    let never = Err(Unsent::Never(Undeliverable::Refused));
    assert_eq!(post.send(&mail("never@example.org"), NOW).await, never);
    // The same number says of one mail that it fails, and as a greeting that there is no service.
    assert_eq!(post.send(&mail("denied@example.org"), NOW).await, never);
    assert_eq!(no_service().send(&mail("reader@example.org"), NOW).await, Err(Unsent::ServerDown));
    drop(judge);
    assert_eq!(post.send(&mail("reader@example.org"), NOW).await, Err(Unsent::ServerDown));
    assert!(!post.answers().await);
}

#[test]
fn what_is_configured() {
    let check = |smtp: &str, from: &str, expected: Option<&str>| {
        let config = MailConfig { smtp: smtp.into(), from: from.into(), user: None, password_file: None };
        let failure = Post::new(&config, "https://forum.example").err();
        assert_eq!(failure.map(|f| f.detail), expected.map(|e| format!("`[mail]`: {e}")), "{smtp} {from}");
    };
    check("smtps://mail.example", "forum@forum.example", None);
    check("smtp://mail.example:587", "Forum <forum@forum.example>", None);
    check("smtp://127.0.0.1:2525", "forum@forum.example", None);
    check("http://mail.example", "forum@forum.example", Some("`smtp` must begin with smtp:// or smtps://"));
    check("mail.example", "forum@forum.example", Some("`smtp` is not an address"));
    let whole = Some("`smtp` is a scheme, a host and a port: `user` and `password_file` say the rest");
    check("smtps://me:secret@mail.example", "forum@forum.example", whole);
    check("smtps://mail.example", "forum", Some("`from` is no mail address"));
    let half = MailConfig { user: Some("me".into()), ..config(25) };
    let failure = Post::new(&half, "https://forum.example").err().map(|f| f.detail);
    assert_eq!(failure.as_deref(), Some("`[mail]`: `user` and `password_file` belong together"));
}

/// A forum with one person to tell something, and its clock.
async fn forum(folder: &Path) -> (forum::Forum, std::sync::Arc<base::time::ManualClock>) {
    use forum::fixture as forums;
    let database = store::Config::Sqlite { path: folder.join("forum.sqlite") };
    store::Store::migrate(&database, &forums::migrations()).await.unwrap();
    let store = store::Store::open(&database, &forums::migrations()).await.unwrap();
    let clock = forums::clock();
    let random = std::sync::Arc::new(crypto::SeededRandom::new(1));
    let forum = forums::forum(&store, clock.clone(), random).await;
    let call = forums::new_call("OTT", forum::Policy::AtClose);
    forum.draft_call(&forums::secretary(), call).await.unwrap();
    forum.announce_call(&forums::secretary(), "OTT").await.unwrap();
    clock.set(forums::OPENS);
    let mut new = forums::submission("OTT", "Nerida", 1);
    new.contact = Some(forum::Contact { mail: "nerida@example.org".to_owned(), lang: Lang::Zh });
    forum.receive(new).await.unwrap();
    let to = forum::Deadline {
        instant: forums::CLOSES.plus_secs(86_400),
        zone: "Europe/Zurich".to_owned(),
        wording: forum::Wording::ByEndOfDay,
    };
    forum.extend_call(&forums::secretary(), "OTT", (to, None), "Many asked.").await.unwrap();
    (forum, clock)
}

#[tokio::test]
async fn while_the_mail_server_is_down_mail_waits_and_then_it_is_sent_once() {
    let folder = tempfile::tempdir().unwrap();
    let (forum, clock) = forum(folder.path()).await;
    // A port on which nobody listens, where the server will be.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let post = Post::new(&config(free), "https://forum.example").unwrap();
    assert!(!deliver(&forum, &post, &*clock).await.unwrap());
    assert!(!post.answers().await);
    clock.advance_secs(3_600);
    let mut judge = Judge::start_at(free);
    assert!(post.answers().await);
    assert!(deliver(&forum, &post, &*clock).await.unwrap());
    let message = judge.next();
    check_form(&message);
    assert_eq!(message["rcpt_to"], json!(["nerida@example.org"]));
    assert_eq!(header(&message, "Subject"), ["OTT：截止日期已推迟"]);
    assert_eq!(header(&message, "List-Unsubscribe-Post"), ["List-Unsubscribe=One-Click"]);
    // Nothing is left, and nothing comes again.
    assert!(deliver(&forum, &post, &*clock).await.unwrap());
    let counted = |count: &AtomicU64| count.load(Ordering::Relaxed);
    assert_eq!((counted(&post.counts.sent), counted(&post.counts.failed)), (1, 1));
}
