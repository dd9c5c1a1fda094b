//! Accepts connections and gives each a task, until told to stop.

use std::{io, net::IpAddr, sync::Arc, time::Duration};

use base::limits;
use http::StatusCode;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::timeout,
};

use super::{
    connection::{Phase, Watched},
    edge::Edge,
    table::{Place, Table},
};

/// How long the loop rests when the system refuses to accept.
const REST: Duration = Duration::from_millis(100);
/// How many that were refused are told so at once; others are closed without a word.
const REFUSALS: usize = 64;
/// How long telling it may take.
const REFUSAL: Duration = Duration::from_secs(2);

/// Where connections come from.
pub(crate) trait Accept: Send {
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;
    fn accept(&mut self) -> impl Future<Output = io::Result<(Self::Stream, IpAddr)>> + Send;
}

impl Accept for TcpListener {
    type Stream = TcpStream;
    async fn accept(&mut self) -> io::Result<(TcpStream, IpAddr)> {
        let (stream, peer) = TcpListener::accept(self).await?;
        // Answers are written whole: waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        Ok((stream, peer.ip()))
    }
}

/// Serves until `stop` is done. Then those that are at a request may finish it, within [`limits::STOPPING_MS`].
pub(crate) async fn serve<A: Accept>(
    mut from: A,
    edge: Arc<Edge>,
    table: Arc<Table>,
    stop: impl Future<Output = ()>,
) {
    let mut connections = JoinSet::new();
    let refusals = Arc::new(Semaphore::new(REFUSALS));
    let mut looking = JoinSet::new();
    looking.spawn({
        let table = Arc::clone(&table);
        async move { table.look_over().await }
    });
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stop => break,
            // Those that ended are forgotten.
            Some(_) = connections.join_next() => continue,
            accepted = from.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => match table.admit(peer) {
                Ok(place) => {
                    connections.spawn(connection(stream, place, Arc::clone(&edge)));
                }
                Err(_) => {
                    if let Ok(permit) = Arc::clone(&refusals).try_acquire_owned() {
                        connections.spawn(async move {
                            let _ = timeout(REFUSAL, refuse(stream)).await;
                            drop(permit);
                        });
                    }
                }
            },
            Err(error) => {
                edge.metrics.accept_errors.add(1);
                if of_one_connection(&error) {
                    continue;
                }
                // No descriptors or no memory: accepting again at once would only spin.
                tracing::warn!(kind = ?error.kind(), "no connection can be accepted; the idlest are closed");
                table.make_room();
                tokio::select! {
                    () = &mut stop => break,
                    () = tokio::time::sleep(REST) => {}
                }
            }
        }
    }
    drop(from);
    table.finish();
    let all = async { while connections.join_next().await.is_some() {} };
    if timeout(Duration::from_millis(limits::STOPPING_MS), all).await.is_err() {
        table.close();
        let all = async { while connections.join_next().await.is_some() {} };
        // Being told is enough; what does not listen is dropped with the set.
        let _ = timeout(REST, all).await;
    }
}

/// The connection was lost before it was accepted: no fault of ours.
fn of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

async fn connection<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    place: Place,
    edge: Arc<Edge>,
) {
    let connection = &place.connection;
    let io = TokioIo::new(Watched::new(stream, Arc::clone(connection)));
    let service = {
        let connection = Arc::clone(connection);
        hyper::service::service_fn(move |request| {
            connection.enter(Phase::Working);
            Edge::answer(Arc::clone(&edge), Arc::clone(&connection), request)
        })
    };
    let mut builder = http1::Builder::new();
    // Times are kept by the table.
    builder.header_read_timeout(None).max_buf_size(limits::REQUEST_HEAD_BYTES_MAX);
    connection.run(builder.serve_connection(io, service)).await;
}

/// Says that there is no place, and closes.
async fn refuse<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) -> io::Result<()> {
    let body = r#"{"type":"about:blank","title":"Service Unavailable","status":503,"code":"unavailable","detail":"There are too many connections. Nothing was changed; try again."}"#;
    let answer = format!(
        "HTTP/1.1 {} Service Unavailable\r\ncontent-type: application/problem+json\r\nretry-after: 1\r\n\
         cache-control: no-store\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        StatusCode::SERVICE_UNAVAILABLE.as_u16(),
        body.len(),
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    // See `Watched::poll_shutdown`.
    let mut rest = tokio::io::AsyncReadExt::take(stream, limits::CLOSING_BYTES_MAX as u64);
    tokio::io::copy(&mut rest, &mut tokio::io::sink()).await.map(drop)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
