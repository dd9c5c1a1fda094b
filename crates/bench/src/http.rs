//! A client that costs little: HTTP/1.1 over one connection that stays open.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::row::Failure;

/// How long an answer may be, bytes; longer ones are not what is measured.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// An open connection to one server.
pub(crate) struct Connection {
    stream: TcpStream,
    host: String,
    /// What was read and belongs to no answer yet.
    buffer: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Whether it is a page for people.
    pub(crate) is_page: bool,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body, if the status is what it should be.
    pub(crate) fn expect(self, status: u16) -> Result<Vec<u8>, Failure> {
        if self.status == status {
            return Ok(self.body);
        }
        Err(Failure::new(format!("HTTP {}: {}", self.status, String::from_utf8_lossy(&self.body))))
    }

    /// The same, read as JSON.
    pub(crate) fn json(self, status: u16) -> Result<serde_json::Value, Failure> {
        Ok(serde_json::from_slice(&self.expect(status)?)?)
    }
}

/// What is sent: a path, further header lines, a body.
#[derive(Default)]
pub(crate) struct Request<'a> {
    pub(crate) path: &'a str,
    /// Sent as `authorization: Bearer …`.
    pub(crate) bearer: Option<&'a str>,
    /// Further lines, each with its end.
    pub(crate) headers: &'a str,
    /// With it the request is a POST, without it a GET.
    pub(crate) body: Option<(&'a str, &'a [u8])>,
}

impl Connection {
    /// To `127.0.0.1:port`.
    pub(crate) async fn open(port: u16) -> Result<Self, Failure> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host: format!("localhost:{port}"), buffer: Vec::new() })
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn send(&mut self, request: &Request<'_>) -> Result<Answer, Failure> {
        let method = if request.body.is_some() { "POST" } else { "GET" };
        let mut text = format!("{method} {} HTTP/1.1\r\nhost: {}\r\n", request.path, self.host);
        text.push_str(request.headers);
        if let Some(token) = request.bearer {
            text.extend(["authorization: Bearer ", token, "\r\n"]);
        }
        if let Some((media_type, body)) = request.body {
            let length = body.len().to_string();
            text.extend(["content-type: ", media_type, "\r\ncontent-length: ", &length, "\r\n"]);
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(request.body.map_or(&[], |(_, body)| body));
        self.stream.write_all(&bytes).await?;
        self.answer().await
    }

    async fn answer(&mut self) -> Result<Answer, Failure> {
        loop {
            if let Some((answer, length)) = complete(&self.buffer)? {
                self.buffer.drain(..length);
                return Ok(answer);
            }
            if self.buffer.len() > ANSWER_BYTES_MAX {
                return Err(Failure::new("an answer is too long"));
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(Failure::new("the server closed the connection"));
            }
        }
    }
}

/// The answer at the start of what was read and its length, once it is complete.
fn complete(buffer: &[u8]) -> Result<Option<(Answer, usize)>, Failure> {
    let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let (head, rest) = buffer.split_at(end + 4);
    let head = str::from_utf8(head)?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| Failure::new("not HTTP"))?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    // 204 has no body, and none says how long it is.
    let length = length.unwrap_or(0);
    let is_page = head.contains("content-type: text/html");
    let body = rest.get(..length);
    Ok(body.map(|body| (Answer { status, is_page, body: body.to_vec() }, end + 4 + length)))
}
