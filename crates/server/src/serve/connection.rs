//! One connection: what it is at, and since when, written by its task and read by whoever looks over all of them.
//!
//! Requests set no timers. The task notes its phase in a few atomic numbers, with the time of a hand that the table of
//! connections moves four times a second; the table tells those that are over time to end.

use std::{
    io,
    net::IpAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use axum::body::{Body, Bytes};
use base::limits;
use futures_util::task::AtomicWaker;
use http_body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a connection is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It was accepted, and nothing has come yet.
    Silent,
    /// It waits for the next request.
    Idle,
    /// A request's head is coming.
    Head,
    /// A request's body is coming.
    Body,
    /// A request is being worked on.
    Working,
    /// An answer is going out.
    Answer,
    /// It is over; what the other side still sends is read and thrown away, so that it sees our last answer.
    Closing,
}

const PHASES: [Phase; 7] =
    [Phase::Silent, Phase::Idle, Phase::Head, Phase::Body, Phase::Working, Phase::Answer, Phase::Closing];

/// Why the server ended a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Idle for too long, or silent from the beginning.
    Idle,
    /// A head or a body that came too slowly.
    SlowRequest,
    /// An answer that was taken too slowly.
    SlowReader,
    /// Others needed its place.
    Shed,
    /// The server stops.
    Stopping,
}

/// What the table tells a connection.
const GO_ON: u8 = 0;
const FINISH: u8 = 1;
const CLOSE: u8 = 2;

/// A connection, as its task and the table share it.
#[derive(Debug)]
pub(crate) struct Connection {
    /// The peer, as it is counted.
    pub(crate) counted: IpAddr,
    /// The peer itself.
    pub(crate) peer: IpAddr,
    hand_ms: Arc<AtomicU64>,
    phase: AtomicU8,
    since_ms: AtomicU64,
    /// In this phase.
    bytes: AtomicU64,
    /// The answer's body is with hyper, but perhaps not yet with the other side.
    answered: AtomicBool,
    told: AtomicU8,
    waker: AtomicWaker,
    /// Which route answers the request that it is at, as [`super::metrics::Metrics::index`] has it.
    pub(crate) route: AtomicUsize,
}

impl Connection {
    pub(crate) fn new(peer: IpAddr, counted: IpAddr, hand_ms: Arc<AtomicU64>) -> Self {
        let since_ms = AtomicU64::new(hand_ms.load(Relaxed));
        Self {
            counted,
            peer,
            hand_ms,
            phase: AtomicU8::new(Phase::Silent as u8),
            since_ms,
            bytes: AtomicU64::new(0),
            answered: AtomicBool::new(false),
            told: AtomicU8::new(GO_ON),
            waker: AtomicWaker::new(),
            route: AtomicUsize::new(0),
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        PHASES.get(usize::from(self.phase.load(Relaxed))).copied().unwrap_or(Phase::Closing)
    }

    /// Since when it is at it, by the hand.
    pub(crate) fn since_ms(&self) -> u64 {
        self.since_ms.load(Relaxed)
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.bytes.store(0, Relaxed);
        self.since_ms.store(self.hand_ms.load(Relaxed), Relaxed);
        self.phase.store(phase as u8, Relaxed);
        if phase == Phase::Answer {
            self.answered.store(false, Relaxed);
        }
    }

    /// Why it has to end now, if it has to.
    pub(crate) fn overdue(&self) -> Option<Ended> {
        let for_ms = self.hand_ms.load(Relaxed).saturating_sub(self.since_ms());
        overdue(self.phase(), for_ms, self.bytes.load(Relaxed))
    }

    /// Ends it, whatever it is at.
    pub(crate) fn close(&self) {
        self.told.store(CLOSE, Relaxed);
        self.waker.wake();
    }

    /// Ends it after the request that it is at.
    pub(crate) fn finish(&self) {
        // Never takes back that it is to be closed.
        let _ = self.told.compare_exchange(GO_ON, FINISH, Relaxed, Relaxed);
        self.waker.wake();
    }

    /// Runs hyper's connection until it ends or is told to.
    pub(crate) async fn run<C: HttpConnection>(&self, http: C) {
        let mut http = std::pin::pin!(http);
        let mut finishing = false;
        std::future::poll_fn(|cx| {
            self.waker.register(cx.waker());
            match self.told.load(Relaxed) {
                CLOSE => return Poll::Ready(()),
                FINISH if !finishing => {
                    finishing = true;
                    http.as_mut().finish();
                }
                _ => {}
            }
            http.as_mut().poll(cx).map(|ended| {
                if let Err(error) = ended {
                    // Its kind only: no byte of what came is in it.
                    tracing::debug!(%error, "a connection ended");
                }
            })
        })
        .await;
    }
}

/// What [`Connection::run`] needs of hyper's.
pub(crate) trait HttpConnection: Future<Output = Result<(), hyper::Error>> {
    fn finish(self: Pin<&mut Self>);
}

impl<I, S, B> HttpConnection for hyper::server::conn::http1::Connection<I, S>
where
    S: hyper::service::HttpService<hyper::body::Incoming, ResBody = B>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    B: http_body::Body + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Whether a connection that is at `phase` for `for_ms`, and moved so many bytes in it, has to end.
pub(crate) fn overdue(phase: Phase, for_ms: u64, bytes: u64) -> Option<Ended> {
    let slow = |bytes_per_s: u64| {
        for_ms > limits::TRANSFER_GRACE_MS && bytes.saturating_mul(1_000) < bytes_per_s * for_ms
    };
    let (over, ended) = match phase {
        Phase::Silent => (for_ms > limits::REQUEST_HEAD_MS, Ended::Idle),
        Phase::Idle => (for_ms > limits::KEEP_ALIVE_MS, Ended::Idle),
        Phase::Head => (for_ms > limits::REQUEST_HEAD_MS, Ended::SlowRequest),
        Phase::Body => {
            (for_ms > limits::REQUEST_BODY_MS || slow(limits::REQUEST_BYTES_PER_S_MIN), Ended::SlowRequest)
        }
        // It has a deadline of its own.
        Phase::Working => (false, Ended::Idle),
        Phase::Answer => (slow(limits::ANSWER_BYTES_PER_S_MIN), Ended::SlowReader),
        Phase::Closing => (for_ms > limits::CLOSING_MS, Ended::Idle),
    };
    over.then_some(ended)
}

/// A stream that notes what moves on it.
#[derive(Debug)]
pub(crate) struct Watched<S> {
    stream: S,
    connection: Arc<Connection>,
    discarded: usize,
}

impl<S> Watched<S> {
    pub(crate) fn new(stream: S, connection: Arc<Connection>) -> Self {
        Self { stream, connection, discarded: 0 }
    }

    fn wrote(&self, written: &Poll<io::Result<usize>>) {
        if let Poll::Ready(Ok(n)) = written {
            self.connection.bytes.fetch_add(*n as u64, Relaxed);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        let n = buf.filled().len() - before;
        if n > 0 {
            if matches!(self.connection.phase(), Phase::Silent | Phase::Idle) {
                self.connection.enter(Phase::Head);
            }
            // What comes while an answer goes out does not count as taking it.
            if matches!(self.connection.phase(), Phase::Head | Phase::Body) {
                self.connection.bytes.fetch_add(n as u64, Relaxed);
            }
        }
        read
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.wrote(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.wrote(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper flushes when it has nothing left to write.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        let connection = &self.connection;
        if matches!(flushed, Poll::Ready(Ok(())))
            && connection.phase() == Phase::Answer
            && connection.answered.load(Relaxed)
        {
            connection.enter(Phase::Idle);
        }
        flushed
    }

    /// Closes our direction, then reads on for a little: closing with unread bytes would reset the connection, and the
    /// other side could lose our last answer (RFC 9112, section 9.6).
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        if self.connection.phase() != Phase::Closing {
            self.connection.enter(Phase::Closing);
        }
        let mut bytes = [0; 4096];
        while self.discarded < limits::CLOSING_BYTES_MAX {
            let mut buf = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buf))?;
            if buf.filled().is_empty() {
                break;
            }
            self.discarded += buf.filled().len();
        }
        Poll::Ready(Ok(()))
    }
}

/// A request's body, which notes that it is waited for.
#[derive(Debug)]
pub(crate) struct Arriving {
    pub(crate) body: hyper::body::Incoming,
    pub(crate) connection: Arc<Connection>,
}

impl http_body::Body for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        match &frame {
            Poll::Pending if self.connection.phase() == Phase::Working => self.connection.enter(Phase::Body),
            Poll::Ready(None | Some(Err(_))) if self.connection.phase() == Phase::Body => {
                self.connection.enter(Phase::Working);
            }
            _ => {}
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Arriving {
    /// It may have been read to its announced end, or thrown away, without a poll that says so.
    fn drop(&mut self) {
        if self.connection.phase() == Phase::Body {
            self.connection.enter(Phase::Working);
        }
    }
}

/// An answer's body, which notes when hyper is done with it.
#[derive(Debug)]
pub(crate) struct Leaving {
    pub(crate) body: Body,
    pub(crate) connection: Arc<Connection>,
}

impl http_body::Body for Leaving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.connection.answered.store(true, Relaxed);
    }
}

#[cfg(test)]
mod tests;
