//! The forum's core, on both databases, with a hand-set clock.
//!
//! The fixtures of the crate make a forum, a call and what is submitted; here is what the tests have in common.

mod calls;
mod decisions;
mod hidden;
mod instances;
mod lists;
mod private;
mod properties;
mod sealed;
mod window;
mod words;

use std::sync::Arc;

use base::{Instant, time::ManualClock};
use crypto::SeededRandom;
use store::Store;

use crate::{
    Forum, NewCall, NewSubmission, Policy, ReceiveRefusal, Received,
    fixture::{self, OPENS, secretary},
};

/// A forum and its clock.
pub(crate) struct World {
    pub(crate) forum: Forum,
    pub(crate) clock: Arc<ManualClock>,
}

/// One on each engine, a day before calls open.
pub(crate) async fn each(test: impl AsyncFn(World)) {
    store::fixture::each_engine(&fixture::migrations(), async |store: Store| {
        test(world(&store, 1).await).await;
    })
    .await;
}

pub(crate) async fn world(store: &Store, seed: u64) -> World {
    let clock = fixture::clock();
    let forum = fixture::forum(store, clock.clone(), Arc::new(SeededRandom::new(seed))).await;
    World { forum, clock }
}

impl World {
    /// An announced call.
    pub(crate) async fn announce(&self, call: NewCall) {
        let symbol = call.symbol.clone();
        self.forum.draft_call(&secretary(), call).await.unwrap();
        self.forum.announce_call(&secretary(), &symbol).await.unwrap();
    }

    /// An announced call that is open now.
    pub(crate) async fn open(&self, symbol: &str, policy: Policy) {
        self.announce(fixture::new_call(symbol, policy)).await;
        self.clock.set(OPENS);
    }

    /// Receives at an instant.
    pub(crate) async fn receive_at(
        &self,
        at: Instant,
        new: NewSubmission,
    ) -> Result<Received, ReceiveRefusal> {
        self.clock.set(at);
        self.forum.receive(new).await
    }

    /// Receives now what has to be received.
    pub(crate) async fn receive(&self, new: NewSubmission) -> Received {
        self.forum.receive(new).await.unwrap()
    }
}
