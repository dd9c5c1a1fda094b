//! Mail: what the forum has to tell people goes to one mail server (RFC 5321), which takes it further.
//!
//! Read [`MailConfig`] (what a party is told), [`Post`] (one message: written as RFC 5322 and MIME have it, sent, and what
//! came of it), then [`deliver`] (what is due, until there is none).
//!
//! A mail goes out at least once. An instance that ends between the server's word that it took a mail and ours that it
//! did leaves it due, so it goes out again, with the `Message-ID` that it had: programs that read mail show it once.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use base::{Clock, Instant, limits};
use forum::notice::{Mail, Undeliverable};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0},
    },
    transport::smtp::{authentication::Credentials, extension::ClientId},
};
use serde::Deserialize;

use crate::Failure;

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;

/// How long a message may take, from the connection to the server's word.
const ONE: Duration = Duration::from_millis(limits::MAIL_SEND_MS);
/// How long an instance has for the mails that it took, milliseconds. What it could not begin in this time, it leaves.
const LEASE_MS: i64 = 120_000;
/// How often an instance looks whether there is something to send.
const LOOK: Duration = Duration::from_secs(1);
/// How long it waits before it asks a server that did not answer again: doubled each time, to [`REST_MAX`].
const REST: Duration = Duration::from_secs(1);
const REST_MAX: Duration = Duration::from_mins(5);

/// Replies that are about us and no mail in particular: no service, and what is wrong with how we sign in (RFC 5321, section
/// 4.2.3; RFC 4954, section 6).
const REFUSES_US: [&str; 6] = ["421", "454", "530", "534", "535", "538"];
/// As a greeting it says that there is no service, as an answer to a mail that this one fails (RFC 5321, section 4.2.3).
const EITHER: &str = "554";

/// Where mail goes: `[mail]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailConfig {
    /// `smtps://host[:465]` (TLS from the first byte), or `smtp://host[:587]`, which must offer STARTTLS unless it is on
    /// the loopback.
    pub(crate) smtp: String,
    /// Who it is from: an address, or `Name <address>`. What cannot be delivered comes back there.
    pub(crate) from: String,
    /// As whom we sign in at the server; nobody without it.
    pub(crate) user: Option<String>,
    /// The file of the password, relative to the configuration's.
    pub(crate) password_file: Option<PathBuf>,
}

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// A mail server, as we use it.
pub(crate) struct Post {
    transport: Transport,
    from: Mailbox,
    /// What came of it since this instance runs.
    pub(crate) counts: std::sync::Arc<Counts>,
}

/// What an instance sent.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) sent: AtomicU64,
    pub(crate) failed: AtomicU64,
    /// Whether the server did not answer when it was last asked.
    pub(crate) down: AtomicBool,
}

impl Post {
    /// As configured; `identifier` is the party's, whose host we greet the server as.
    pub(crate) fn new(config: &MailConfig, identifier: &str) -> Result<Self, Failure> {
        let wrong = |what: &str| Failure::new("config", format!("`[mail]`: {what}"));
        let url = url::Url::parse(&config.smtp).map_err(|_| wrong("`smtp` is not an address"))?;
        let host = url.host_str().ok_or_else(|| wrong("`smtp` names no host"))?;
        let loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        if !url.username().is_empty() || url.password().is_some() || !matches!(url.path(), "" | "/") {
            return Err(wrong(
                "`smtp` is a scheme, a host and a port: `user` and `password_file` say the rest",
            ));
        }
        let (builder, port) = match url.scheme() {
            "smtps" => (Transport::relay(host).map_err(|_| wrong("`smtp` names no host"))?, 465),
            "smtp" if loopback => (Transport::builder_dangerous(host), 25),
            "smtp" => (Transport::starttls_relay(host).map_err(|_| wrong("`smtp` names no host"))?, 587),
            _ => return Err(wrong("`smtp` must begin with smtp:// or smtps://")),
        };
        let greeting = url::Url::parse(identifier).ok().and_then(|u| u.host_str().map(str::to_owned));
        let mut builder = builder
            .port(url.port().unwrap_or(port))
            .hello_name(ClientId::Domain(greeting.unwrap_or_else(|| "localhost".to_owned())))
            .timeout(Some(ONE));
        match (&config.user, &config.password_file) {
            (None, None) => {}
            (Some(user), Some(file)) => {
                builder = builder.credentials(Credentials::new(user.clone(), password(file)?));
            }
            _ => return Err(wrong("`user` and `password_file` belong together")),
        }
        let from = config.from.parse().map_err(|_| wrong("`from` is no mail address"))?;
        Ok(Self { transport: builder.build(), from, counts: std::sync::Arc::default() })
    }

    /// Whether the server answers, and lets us in.
    pub(crate) async fn answers(&self) -> bool {
        matches!(tokio::time::timeout(ONE, self.transport.test_connection()).await, Ok(Ok(true)))
    }

    /// Hands one mail to the server.
    pub(crate) async fn send(&self, mail: &Mail, now: Instant) -> Result<(), Unsent> {
        let message = self.message(mail, now)?;
        let sent = tokio::time::timeout(ONE, self.transport.send(message)).await;
        let error = match sent {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => error,
            Err(_) => return Err(Unsent::ServerDown),
        };
        // What the server says can repeat the address: only the kind of it is told.
        let code = error.status().map(|code| code.to_string()).unwrap_or_default();
        // Whoever gives an address at which mail is refused so must not stop everybody else's.
        let is_about_us =
            if code == EITHER { !self.answers().await } else { REFUSES_US.contains(&code.as_str()) };
        Err(if is_about_us {
            Unsent::ServerDown
        } else if error.is_permanent() {
            Unsent::Never(Undeliverable::Refused)
        } else if error.is_transient() {
            Unsent::Later
        } else {
            Unsent::ServerDown
        })
    }

    /// The message: one part of plain text, and the headers that say that nobody is to answer a machine
    /// (RFC 3834, section 5), in which language it is (RFC 3282), and how to get no more of its kind (RFC 8058).
    fn message(&self, mail: &Mail, now: Instant) -> Result<Message, Unsent> {
        let to: Address = mail.to.parse().map_err(|_| Unsent::Never(Undeliverable::Address))?;
        let since = u64::try_from(now.ms()).unwrap_or_default();
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(one_line(&mail.subject))
            .message_id(Some(mail.message_id.clone()))
            .date(SystemTime::UNIX_EPOCH + Duration::from_millis(since))
            .header(MIME_VERSION_1_0)
            .header(ContentType::TEXT_PLAIN)
            .raw_header(raw("Auto-Submitted", "auto-generated"))
            .raw_header(raw("Content-Language", mail.lang.tag()));
        if let Some(address) = &mail.unsubscribe {
            builder = builder
                .raw_header(raw("List-Unsubscribe", &format!("<{address}>")))
                .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        builder.body(mail.text.clone()).map_err(|_| Unsent::Never(Undeliverable::Address))
    }
}

/// Why a mail was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsent {
    /// The server cannot be reached, or does not let us in: nothing can be sent at all.
    ServerDown,
    /// It does not take this mail now (RFC 5321, 4yz).
    Later,
    /// It never will (5yz), or the mail cannot be written.
    Never(Undeliverable),
}

fn password(file: &Path) -> Result<String, Failure> {
    let text = fs::read_to_string(file)
        .map_err(|e| Failure::new("config", format!("{} cannot be read: {e}", file.display())))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Without what would begin another line, or hide in this one.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), one_line(value))
}

/// Sends what is due, until nothing is; whether the server answered.
pub(crate) async fn deliver(
    forum: &forum::Forum,
    post: &Post,
    clock: &dyn Clock,
) -> Result<bool, store::Error> {
    loop {
        let due = forum.mails_due(LEASE_MS).await?;
        if due.is_empty() {
            return Ok(true);
        }
        for due in due {
            // Whoever takes it when our lease is over must not meet us still at it.
            let ends = clock.now().plus_ms(i64::try_from(limits::MAIL_SEND_MS).unwrap_or(i64::MAX));
            if ends >= due.lease_until() {
                return Ok(true);
            }
            let Some(mail) = forum.write_mail(&due).await? else { continue };
            match post.send(&mail, clock.now()).await {
                Ok(()) => {
                    post.counts.sent.fetch_add(1, Ordering::Relaxed);
                    forum.mail_sent(&due).await?;
                }
                Err(Unsent::Never(why)) => {
                    post.counts.failed.fetch_add(1, Ordering::Relaxed);
                    forum.mail_undeliverable(&due, why).await?;
                }
                Err(Unsent::Later) => {
                    post.counts.failed.fetch_add(1, Ordering::Relaxed);
                    forum.mail_later(&due, "mail_not_taken").await?;
                }
                Err(Unsent::ServerDown) => {
                    post.counts.failed.fetch_add(1, Ordering::Relaxed);
                    forum.mail_later(&due, "mail_server_down").await?;
                    return Ok(false);
                }
            }
        }
    }
}

/// Sends what is due, as long as the server runs. While the mail server is down nothing is tried, so that nothing is
/// given up because of it.
pub(crate) async fn run(forum: forum::Forum, post: std::sync::Arc<Post>, clock: std::sync::Arc<dyn Clock>) {
    let mut rest = REST;
    loop {
        let down = post.counts.down.load(Ordering::Relaxed);
        if !down || post.answers().await {
            match deliver(&forum, &post, &*clock).await {
                Ok(up) => {
                    if down == up {
                        tracing::info!(up, "the mail server");
                    }
                    post.counts.down.store(!up, Ordering::Relaxed);
                }
                Err(error) => tracing::warn!(%error, "mail is not sent; it will be tried again"),
            }
        }
        if post.counts.down.load(Ordering::Relaxed) {
            tokio::time::sleep(rest).await;
            rest = (rest * 2).min(REST_MAX);
        } else {
            rest = REST;
            tokio::time::sleep(LOOK).await;
        }
    }
}
