//! All connections of a listener: how many there may be, who gives way, who is over time.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::time::{Instant as Moment, MissedTickBehavior};
use web::client_address::{ClientAddress, Network};

use super::{
    connection::{Connection, Ended, Phase},
    metrics::Metrics,
};

/// How often the hand moves and the connections are looked over.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// When all places are taken, this part of them is freed at once, so that not every newcomer looks for one.
const SHED_PART: usize = 64;

/// How many connections there may be.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    pub(crate) connections: usize,
    pub(crate) per_address: usize,
    /// Proxies may have as many as there are.
    pub(crate) trusted: Vec<Network>,
}

/// Why a connection was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// All places are taken, and everybody is busy.
    Full,
    /// Those of this address are taken, and all are busy.
    Address,
}

/// The connections of one listener.
#[derive(Debug)]
pub(crate) struct Table {
    bounds: Bounds,
    metrics: Arc<Metrics>,
    hand_ms: Arc<AtomicU64>,
    places: Mutex<Places>,
}

#[derive(Debug, Default)]
struct Places {
    next: u64,
    taken: HashMap<u64, Arc<Connection>>,
    per_address: HashMap<IpAddr, usize>,
}

/// A place, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    table: Arc<Table>,
    number: u64,
    pub(crate) connection: Arc<Connection>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.table.places().give_back(self.number);
        self.table.metrics.open.sub(1);
    }
}

impl Table {
    pub(crate) fn new(bounds: Bounds, metrics: Arc<Metrics>) -> Self {
        Self { bounds, metrics, hand_ms: Arc::default(), places: Mutex::default() }
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a connection in. Where there is no place, those that have been idle longest give way.
    pub(crate) fn admit(self: &Arc<Self>, peer: IpAddr) -> Result<Place, Refused> {
        let counted = ClientAddress(peer).counted();
        let is_proxy = self.bounds.trusted.iter().any(|network| network.contains(peer));
        let connection = Arc::new(Connection::new(peer, counted, Arc::clone(&self.hand_ms)));
        let mut places = self.places();
        let of_address = places.per_address.get(&counted).copied().unwrap_or_default();
        if !is_proxy
            && of_address >= self.bounds.per_address
            && places.shed(1, &self.metrics, |other| other.counted == counted) == 0
        {
            self.metrics.refused_address.add(1);
            return Err(Refused::Address);
        }
        if places.taken.len() >= self.bounds.connections
            && places.shed((self.bounds.connections / SHED_PART).max(1), &self.metrics, |_| true) == 0
        {
            self.metrics.refused_full.add(1);
            return Err(Refused::Full);
        }
        let number = places.next;
        places.next += 1;
        places.taken.insert(number, Arc::clone(&connection));
        *places.per_address.entry(counted).or_default() += 1;
        self.metrics.accepted.add(1);
        self.metrics.open.add(1);
        Ok(Place { table: Arc::clone(self), number, connection })
    }

    /// Makes room when the system has no descriptors left.
    pub(crate) fn make_room(&self) {
        self.places().shed((self.bounds.connections / SHED_PART).max(1), &self.metrics, |_| true);
    }

    /// Moves the hand and ends who is over time, again and again.
    pub(crate) async fn look_over(&self) {
        let begun = Moment::now();
        let mut due = tokio::time::interval(LOOK_EVERY);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            due.tick().await;
            self.hand_ms.store(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX), Relaxed);
            let mut places = self.places();
            let late: Vec<(u64, Ended)> = places
                .taken
                .iter()
                .filter_map(|(number, connection)| Some((*number, connection.overdue()?)))
                .collect();
            for (number, why) in late {
                places.end(number, why, &self.metrics);
            }
        }
    }

    /// Lets everybody finish the request that they are at.
    pub(crate) fn finish(&self) {
        self.places().taken.values().for_each(|connection| connection.finish());
    }

    /// Ends all.
    pub(crate) fn close(&self) {
        let mut places = self.places();
        for number in places.taken.keys().copied().collect::<Vec<_>>() {
            places.end(number, Ended::Stopping, &self.metrics);
        }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.places().taken.len()
    }
}

impl Places {
    /// Its place is free from here on, although the connection takes a moment to end.
    fn end(&mut self, number: u64, why: Ended, metrics: &Metrics) {
        if let Some(connection) = self.give_back(number) {
            connection.close();
            metrics.ended(why);
        }
    }

    fn give_back(&mut self, number: u64) -> Option<Arc<Connection>> {
        let connection = self.taken.remove(&number)?;
        if let Some(count) = self.per_address.get_mut(&connection.counted) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.per_address.remove(&connection.counted);
            }
        }
        Some(connection)
    }

    /// Ends up to `n` of those that no request is being worked on for, the idlest first; how many.
    fn shed(&mut self, n: usize, metrics: &Metrics, of: impl Fn(&Connection) -> bool) -> usize {
        let mut idle: Vec<(u64, u64)> = self
            .taken
            .iter()
            .filter(|(_, c)| matches!(c.phase(), Phase::Silent | Phase::Idle | Phase::Head | Phase::Closing))
            .filter(|(_, c)| of(c))
            .map(|(number, c)| (c.since_ms(), *number))
            .collect();
        // The longest idle has the smallest time; among equals the oldest goes.
        idle.sort_unstable();
        idle.truncate(n);
        for (_, number) in &idle {
            self.end(*number, Ended::Shed, metrics);
        }
        idle.len()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
