//! A mail server that delivers nowhere: it listens on this machine alone and puts each mail into a folder, as it came
//! (`0001.eml`) and as a person reads it (`0001.txt`).
//!
//! It speaks as much of RFC 5321 as a program that sends needs; it asks for no name and keeps no secret.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use formats::b64;
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::{Failure, files};

/// The longest line, bytes (RFC 5321 asks for 1,000).
const LINE_BYTES_MAX: u64 = 4_096;
/// The longest mail, bytes.
const MAIL_BYTES_MAX: usize = 1 << 20;
/// How long a sender may be silent.
const SILENT: Duration = Duration::from_mins(1);
/// How many may send at once.
const SENDERS: usize = 16;

/// The mail server, listening.
pub(super) struct Mailbox {
    listener: TcpListener,
    folder: Folder,
    address: String,
}

/// Where mails are.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    path: PathBuf,
    last: Arc<AtomicUsize>,
}

impl Mailbox {
    /// Listens on a port that is free; mails go to the folder at `path`.
    pub(super) async fn open(path: PathBuf) -> Result<Self, Failure> {
        fs::create_dir_all(&path)?;
        let mut last = 0;
        for entry in fs::read_dir(&path)? {
            let name = entry?.file_name();
            let number = Path::new(&name).file_stem().and_then(|s| s.to_str()?.parse().ok());
            last = last.max(number.unwrap_or_default());
        }
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("smtp://{}", listener.local_addr()?);
        Ok(Self { listener, folder: Folder { path, last: Arc::new(AtomicUsize::new(last)) }, address })
    }

    /// For `[mail]` of a party's configuration.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    pub(super) fn folder(&self) -> Folder {
        self.folder.clone()
    }

    /// Takes mails in for as long as the answer lives.
    pub(super) fn take_in(self) -> JoinSet<()> {
        let mut taking = JoinSet::new();
        taking.spawn(async move {
            let mut senders = JoinSet::new();
            loop {
                while senders.try_join_next().is_some() {}
                if senders.len() >= SENDERS {
                    senders.join_next().await;
                }
                let Ok((stream, _)) = self.listener.accept().await else { continue };
                let folder = self.folder.clone();
                senders.spawn(async move {
                    // Whoever breaks off sends again: there is nobody to tell.
                    let _ = tokio::time::timeout(SILENT * 10, converse(stream, &folder)).await;
                });
            }
        });
        taking
    }
}

impl Folder {
    fn keep(&self, mail: &[u8]) -> std::io::Result<()> {
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let text = readable(&String::from_utf8_lossy(mail));
        // The readable one last: whoever sees it finds the other.
        files::write(&self.path.join(format!("{number:04}.eml")), mail)?;
        files::write(&self.path.join(format!("{number:04}.txt")), text.as_bytes())
    }

    /// What came to this address, as a person reads it, the newest first.
    pub(super) fn read(&self, to: &str) -> std::io::Result<Vec<String>> {
        let mut names: Vec<_> = fs::read_dir(&self.path)?
            .filter_map(|entry| entry.ok().map(|e| e.path()))
            .filter(|path| path.extension().is_some_and(|e| e == "txt"))
            .collect();
        names.sort();
        let mut mails = Vec::new();
        for name in names.iter().rev() {
            let text = fs::read_to_string(name)?;
            if text.lines().take_while(|l| !l.is_empty()).any(|l| l.starts_with("To:") && l.contains(to)) {
                mails.push(text);
            }
        }
        Ok(mails)
    }
}

/// What was read of a line.
enum Line {
    Text(Vec<u8>),
    TooLong,
    End,
}

async fn line(from: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<Line> {
    let mut line = Vec::new();
    let mut limited = (&mut *from).take(LINE_BYTES_MAX);
    let read = tokio::time::timeout(SILENT, limited.read_until(b'\n', &mut line)).await??;
    Ok(match line.last() {
        Some(b'\n') => Line::Text(line),
        Some(_) if u64::try_from(read).is_ok_and(|n| n >= LINE_BYTES_MAX) => Line::TooLong,
        Some(_) | None => Line::End,
    })
}

async fn converse(stream: TcpStream, folder: &Folder) -> std::io::Result<()> {
    let (from, mut to) = stream.into_split();
    let mut from = BufReader::new(from);
    to.write_all(b"220 demonstration\r\n").await?;
    let mut has_recipient = false;
    loop {
        let Line::Text(command) = line(&mut from).await? else {
            return to.write_all(b"500 that line has no end\r\n").await;
        };
        let verb: String = command.iter().take(4).map(|b| char::from(b.to_ascii_uppercase())).collect();
        let answer: &[u8] = match verb.as_str() {
            "EHLO" => b"250-demonstration\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            "HELO" | "MAIL" | "RSET" | "NOOP" => {
                has_recipient &= verb == "NOOP";
                b"250 well\r\n"
            }
            "RCPT" => {
                has_recipient = true;
                b"250 well\r\n"
            }
            "DATA" if has_recipient => {
                to.write_all(b"354 go on, and end with a dot\r\n").await?;
                has_recipient = false;
                match mail(&mut from).await? {
                    Some(mail) if folder.keep(&mail).is_ok() => b"250 kept\r\n",
                    Some(_) => b"452 it cannot be kept\r\n",
                    None => b"552 that is too long\r\n",
                }
            }
            "DATA" => b"503 to whom?\r\n",
            "QUIT" => return to.write_all(b"221 goodbye\r\n").await,
            _ => b"502 not known here\r\n",
        };
        to.write_all(answer).await?;
    }
}

/// A mail up to its dot (RFC 5321, section 4.5.2); none if it is too long.
async fn mail(from: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<Option<Vec<u8>>> {
    let mut mail = Vec::new();
    loop {
        let Line::Text(line) = line(from).await? else {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        };
        if line == b".\r\n" {
            return Ok((mail.len() <= MAIL_BYTES_MAX).then_some(mail));
        }
        if mail.len() <= MAIL_BYTES_MAX {
            mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }
}

/// A mail of one plain part: sender, recipient and subject, then the text, without its transfer encoding (RFC 2045, 6).
fn readable(mail: &str) -> String {
    let (head, body) = mail.split_once("\r\n\r\n").unwrap_or((mail, ""));
    let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let header = |name: &str| {
        let named = |line: &&str| line.get(..name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name));
        head.lines().find(named).and_then(|line| line.get(name.len()..)).unwrap_or_default().trim()
    };
    let body = match header("Content-Transfer-Encoding:").to_ascii_lowercase().as_str() {
        "quoted-printable" => quoted_printable(body),
        "base64" => {
            let joined: String = body.split_ascii_whitespace().collect();
            b64::decode_std(&joined)
                .map_or_else(|_| body.to_owned(), |b| String::from_utf8_lossy(&b).into_owned())
        }
        _ => body.to_owned(),
    };
    let [from, to, subject] =
        ["From:", "To:", "Subject:"].map(|name| format!("{name} {}", words(header(name))));
    format!("{from}\n{to}\n{subject}\n\n{}", body.replace("\r\n", "\n"))
}

/// RFC 2045, section 6.7.
fn quoted_printable(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        match (first, behind) {
            (b'=', [b'\r', b'\n', ..]) => rest = behind.get(2..).unwrap_or_default(),
            (b'=', [high, low, ..]) => {
                let hex = [*high, *low];
                let byte = std::str::from_utf8(&hex).ok().and_then(|h| u8::from_str_radix(h, 16).ok());
                bytes.extend(byte.map_or_else(|| vec![b'=', *high, *low], |b| vec![b]));
                rest = behind.get(2..).unwrap_or_default();
            }
            _ => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The encoded words of a header (RFC 2047), those in base64 of UTF-8.
fn words(header: &str) -> String {
    let mut text = String::new();
    for part in header.split(' ') {
        let inner = part
            .get(..10)
            .filter(|begin| begin.eq_ignore_ascii_case("=?utf-8?b?"))
            .and_then(|_| part.get(10..)?.strip_suffix("?="));
        if let Some(bytes) = inner.and_then(|encoded| b64::decode_std(encoded).ok()) {
            // Words that stand beside each other belong together.
            text.push_str(&String::from_utf8_lossy(&bytes));
        } else {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(part);
        }
    }
    text
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
