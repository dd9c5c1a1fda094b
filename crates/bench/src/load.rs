//! Many clients at once, in slices: between two slices nobody waits for anything.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use tokio::task::LocalSet;

use crate::row::Failure;

/// How many clients there are.
pub(crate) const CLIENTS: usize = 64;

/// Somebody who does one thing after the other.
pub(crate) trait Client: 'static {
    /// What one thing is made from.
    type Task: 'static;

    /// Does one thing from its beginning to its end.
    fn act(&mut self, task: Self::Task) -> impl Future<Output = Result<(), Failure>>;
}

/// Has all clients do all tasks, each as many as it comes to; answers how long each thing took.
pub(crate) async fn slice<C: Client>(
    clients: &mut Vec<C>,
    tasks: Vec<C::Task>,
) -> Result<Vec<Duration>, Failure> {
    let tasks = std::rc::Rc::new(std::cell::RefCell::new(VecDeque::from(tasks)));
    let local = LocalSet::new();
    let mut running = Vec::new();
    for mut client in clients.drain(..) {
        let tasks = tasks.clone();
        running.push(local.spawn_local(async move {
            let mut took = Vec::new();
            loop {
                let next = tasks.borrow_mut().pop_front();
                let Some(task) = next else { return Ok::<_, Failure>((client, took)) };
                let begun = Instant::now();
                client.act(task).await?;
                took.push(begun.elapsed());
            }
        }));
    }
    let mut all = Vec::new();
    for one in running {
        let (client, took) = local.run_until(one).await??;
        clients.push(client);
        all.extend(took);
    }
    Ok(all)
}

/// The time within which 99 of 100 were done.
pub(crate) fn p99(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all.get(all.len() * 99 / 100).copied().unwrap_or_default()
}
