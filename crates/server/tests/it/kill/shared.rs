//! What clients and killer share: which processes are up, what was sent, and what the clients know for certain because
//! it was answered.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use formats::x509::TrustAnchors;
use tokio::sync::watch;

use crate::{
    holder,
    party::{Call, Caller, Reply, State},
};

/// How long a client waits that was told to try again.
const PAUSE: Duration = Duration::from_millis(20);

/// One process of the state.
pub(super) struct Door {
    caller: Caller,
    /// Writes that were sent and not answered yet.
    pub(super) unanswered: AtomicUsize,
}

/// What is known for certain.
#[derive(Default)]
pub(super) struct Journal {
    pub(super) people: Vec<Person>,
    /// Codes of offers that were redeemed.
    pub(super) codes: Vec<String>,
    pub(super) presentations: Vec<Presentation>,
}

pub(super) struct Person {
    pub(super) id: String,
    /// Copies of the credential that were given, or said to have been: none if no credential was.
    pub(super) copies: usize,
    /// List and index of each copy that arrived.
    pub(super) statuses: Vec<(String, u64)>,
    pub(super) revoked: bool,
}

/// An answer that was taken.
pub(super) struct Presentation {
    /// The request.
    pub(super) id: String,
    /// Whether it counts, or still waits for the person to come back.
    pub(super) complete: bool,
}

/// What was confirmed, in numbers.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Confirmed {
    pub(super) people: usize,
    pub(super) issuances: usize,
    pub(super) presentations: usize,
    pub(super) redeemed: usize,
    pub(super) revocations: usize,
    /// Requests that were sent again because they were not answered.
    pub(super) again: usize,
    /// Those of them that turned out to have been done.
    pub(super) whole: usize,
    /// Answers that said: not now.
    pub(super) refused: usize,
}

impl Confirmed {
    pub(super) const fn acts(&self) -> usize {
        self.issuances + self.presentations + self.revocations
    }
}

pub(super) struct Shared {
    pub(super) doors: Vec<Door>,
    pub(super) identifier: String,
    pub(super) anchors: TrustAnchors,
    /// Which doors are open.
    up: watch::Sender<Vec<bool>>,
    /// Writes sent since it was last said when to kill.
    sent: AtomicU64,
    kill_at: AtomicU64,
    kill_now: watch::Sender<u64>,
    /// Writes that were answered.
    answered: watch::Sender<u64>,
    pub(super) over: AtomicBool,
    pub(super) journal: Mutex<Journal>,
    confirmed: Mutex<Confirmed>,
}

/// What may have become of the tries before the one that was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// Nothing was done: there was none, or each was answered so.
    Nothing,
    /// One of them may have been done.
    Perhaps,
}

/// An answer, and what came before it.
pub(super) struct Told {
    pub(super) reply: Reply,
    before: Before,
}

impl Told {
    /// Whether it was done now; otherwise it was done by an earlier try, and says so with status and code.
    pub(super) fn now(&self, shared: &Shared, good: u16, done: (u16, &str)) -> bool {
        if self.reply.status == good {
            return true;
        }
        let said = (self.reply.refusal(), self.before);
        assert_eq!(said, ((done.0, done.1.to_owned()), Before::Perhaps), "{}", self.reply.text);
        shared.count(|c| c.whole += 1);
        false
    }

    /// The answer, which must be good.
    pub(super) fn good(&self, status: u16) -> serde_json::Value {
        assert_eq!(self.reply.status, status, "{}", self.reply.text);
        self.reply.json()
    }
}

impl Shared {
    pub(super) fn new(states: &[State]) -> Self {
        let door = |state: &State| Door { caller: state.caller(), unanswered: AtomicUsize::new(0) };
        Self {
            doors: states.iter().map(door).collect(),
            identifier: states[0].identifier.clone(),
            anchors: holder::anchors(&states[0]),
            up: watch::Sender::new(vec![true; states.len()]),
            sent: AtomicU64::new(0),
            kill_at: AtomicU64::new(0),
            kill_now: watch::Sender::new(0),
            answered: watch::Sender::new(0),
            over: AtomicBool::new(false),
            journal: Mutex::default(),
            confirmed: Mutex::default(),
        }
    }

    pub(super) fn note<T>(&self, note: impl FnOnce(&mut Journal) -> T) -> T {
        note(&mut self.journal.lock().unwrap())
    }

    pub(super) fn count(&self, count: impl FnOnce(&mut Confirmed)) {
        count(&mut self.confirmed.lock().unwrap());
    }

    pub(super) fn confirmed(&self) -> Confirmed {
        *self.confirmed.lock().unwrap()
    }

    pub(super) fn set_up(&self, door: usize, up: bool) {
        self.up.send_modify(|all| all[door] = up);
    }

    pub(super) fn unanswered(&self) -> usize {
        self.doors.iter().map(|door| door.unanswered.load(SeqCst)).sum()
    }

    /// The door with most writes that are not answered, once there is one with any.
    pub(super) async fn busiest(&self) -> usize {
        loop {
            let waiting = self.doors.iter().map(|door| door.unanswered.load(SeqCst)).enumerate();
            match waiting.max_by_key(|(_, count)| *count) {
                Some((number, 1..)) => return number,
                _ => tokio::time::sleep(Duration::from_micros(100)).await,
            }
        }
    }

    pub(super) fn answered(&self) -> u64 {
        *self.answered.borrow()
    }

    /// Returns when so many writes were answered.
    pub(super) async fn answered_at_least(&self, count: u64) {
        self.answered.subscribe().wait_for(|answered| *answered >= count).await.unwrap();
    }

    /// Returns when this many more writes were sent.
    pub(super) fn kill_after(&self, writes: u64) -> impl Future<Output = ()> + use<> {
        let mut now = self.kill_now.subscribe();
        now.mark_unchanged();
        self.sent.store(0, SeqCst);
        self.kill_at.store(writes, SeqCst);
        async move { now.changed().await.unwrap() }
    }

    /// The next open door from this turn on.
    async fn open(&self, turn: usize) -> &Door {
        let mut up = self.up.subscribe();
        let open = up.wait_for(|all| all.contains(&true)).await.unwrap().clone();
        let from_here = (0..open.len()).map(|step| (turn + step) % open.len());
        let number = from_here.into_iter().find(|number| open[*number]).unwrap();
        &self.doors[number]
    }

    /// Sends what changes nothing until it is answered; each time to the next process.
    pub(super) async fn read(&self, turn: &mut usize, call: &Call) -> Told {
        loop {
            *turn += 1;
            match self.open(*turn).await.caller.send(call).await {
                Ok(reply) if reply.status != 503 => return Told { reply, before: Before::Nothing },
                answer => self.unanswered_yet(answer.ok()).await,
            }
        }
    }

    /// Sends a write until it is answered; each time to the next process. From being sent until it is answered it counts
    /// as unanswered.
    pub(super) async fn write(&self, turn: &mut usize, call: &Call) -> Told {
        let mut before = Before::Nothing;
        loop {
            *turn += 1;
            let door = self.open(*turn).await;
            door.unanswered.fetch_add(1, SeqCst);
            if self.sent.fetch_add(1, SeqCst) + 1 == self.kill_at.load(SeqCst) {
                self.kill_now.send_modify(|times| *times += 1);
            }
            let answer = door.caller.send(call).await;
            door.unanswered.fetch_sub(1, SeqCst);
            match answer {
                Ok(reply) if reply.status != 503 => {
                    self.answered.send_modify(|answered| *answered += 1);
                    return Told { reply, before };
                }
                Ok(reply) => {
                    // Our own interfaces say whether nothing was done; the protocols' errors cannot.
                    let ours = reply.json().get("error").is_none();
                    if !ours || reply.code() != "unavailable" {
                        before = Before::Perhaps;
                    }
                    self.count(|c| c.again += 1);
                    self.unanswered_yet(Some(reply)).await;
                }
                Err(error) => {
                    // Without a connection nothing was sent.
                    if !error.is_connect() {
                        before = Before::Perhaps;
                    }
                    self.count(|c| c.again += 1);
                    self.unanswered_yet(None).await;
                }
            }
        }
    }

    /// Waits a little before something is sent again, as one is told to.
    async fn unanswered_yet(&self, reply: Option<Reply>) {
        if let Some(reply) = reply {
            assert!(reply.retry_after.is_some(), "503 does not say when to try again: {}", reply.text);
            self.count(|c| c.refused += 1);
        }
        tokio::time::sleep(PAUSE).await;
    }
}
