//! A closure on its way to an engine's thread and back.

use std::{any::Any, future::Future, pin::Pin};

use tokio::sync::oneshot;

use crate::{Error, ErrorKind, Tx};

/// What a transaction's closure does, without its types.
pub(crate) trait Work: Send {
    /// Runs the closure, once more if it ran before, and keeps its answer. Whether that is `Ok`.
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> Pin<Box<dyn Future<Output = bool> + 'a>>;

    /// Sends the closure's own answer to its caller, or this failure instead.
    fn finish(self: Box<Self>, outcome: Result<(), Error>);

    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
}

/// The only [`Work`].
pub(crate) struct Call<F, T, E> {
    closure: F,
    answer: Option<Result<T, E>>,
    caller: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Call<F, T, E> {
    pub(crate) fn new(closure: F) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (caller, receiver) = oneshot::channel();
        (Self { closure, answer: None, caller }, receiver)
    }
}

impl<F, T, E> Work for Call<F, T, E>
where
    F: AsyncFn(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> Pin<Box<dyn Future<Output = bool> + 'a>> {
        Box::pin(async move {
            let answer = (self.closure)(tx).await;
            let ok = answer.is_ok();
            self.answer = Some(answer);
            ok
        })
    }

    fn finish(self: Box<Self>, outcome: Result<(), Error>) {
        let unanswered = || Err(Error::new(ErrorKind::Unavailable, "the closure left no answer").into());
        let answer = match outcome {
            Ok(()) => self.answer.unwrap_or_else(unanswered),
            Err(e) => Err(e.into()),
        };
        // A caller that no longer waits has cancelled its request: nobody to tell.
        let _ = self.caller.send(answer);
    }

    fn is_abandoned(&self) -> bool {
        self.caller.is_closed()
    }
}

/// The closure panicked; what it said may hold values, so it is not passed on.
pub(crate) fn panicked(_payload: Box<dyn Any + Send>) -> Error {
    Error::new(ErrorKind::Panicked, "")
}

/// The closure waits for something that no statement of its transaction will bring.
pub(crate) fn foreign_await() -> Error {
    Error::new(ErrorKind::ForeignAwait, "")
}
