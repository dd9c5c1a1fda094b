//! Whatever is done in whatever order, and whatever the clock does: the forum agrees with a model of a few lines
//! (invariants I1 to I5). One database a test, a call a case.

use std::collections::BTreeMap;

use base::Instant;
use crypto::{Random, SeededRandom};

use super::{World, each};
use crate::{
    CallRefusal, Counts, Deadline, DecideRefusal, Filter, Policy, Public, ReadRefusal, ReceiveRefusal,
    StateWord, SubmissionId, Withdrawing, Wording,
    fixture::{CLOSES, OPENS, new_call, secretary, submission},
};

const CASES: u64 = 12;
const STEPS: u64 = 40;

/// What the forum should know of a call.
struct Model {
    symbol: String,
    policy: Policy,
    closes: Instant,
    grace_ms: i64,
    modify_until: Option<Instant>,
    limit: Option<i64>,
    deadlines: Vec<Instant>,
    kept: BTreeMap<SubmissionId, (u64, Instant, StateWord)>,
}

/// Chance that is the same at every run.
pub(super) struct Dice(SeededRandom);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(SeededRandom::new(seed))
    }

    pub(super) fn below(&self, n: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_be_bytes(bytes) % n
    }

    pub(super) fn of<T: Copy>(&self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

impl Model {
    fn ends(&self) -> Instant {
        self.closes.plus_ms(self.grace_ms)
    }

    fn modifiable_until(&self) -> Instant {
        self.modify_until.unwrap_or(self.ends())
    }

    fn is_effective(state: StateWord) -> bool {
        matches!(state, StateWord::Received | StateWord::Admissible | StateWord::Published)
    }

    fn receives(
        &self,
        at: Instant,
        party: u64,
        replaced: Option<SubmissionId>,
    ) -> Result<(), ReceiveRefusal> {
        if at < OPENS {
            return Err(ReceiveRefusal::NotOpen);
        }
        if at >= self.ends() {
            return Err(ReceiveRefusal::Closed);
        }
        let mut freed = 0;
        if let Some(id) = replaced {
            if at >= self.modifiable_until() {
                return Err(ReceiveRefusal::ModifyUntil);
            }
            let (of, _, state) = self.kept[&id];
            if of != party {
                return Err(ReceiveRefusal::Supersedes);
            }
            if !Self::is_effective(state) {
                return Err(ReceiveRefusal::NotEffective);
            }
            freed = 1;
        }
        let all = self.kept.values().filter(|(of, _, state)| *of == party && Self::is_effective(*state));
        let n = i64::try_from(all.count()).unwrap() - freed;
        if self.limit.is_some_and(|limit| n >= limit) { Err(ReceiveRefusal::Limit) } else { Ok(()) }
    }

    fn count(&self, states: &[StateWord]) -> i64 {
        i64::try_from(self.kept.values().filter(|(_, _, state)| states.contains(state)).count()).unwrap()
    }

    fn counts(&self) -> Counts {
        Counts {
            received: i64::try_from(self.kept.len()).unwrap(),
            waiting: self.count(&[StateWord::Received, StateWord::Admissible]),
            published: self.count(&[StateWord::Published]),
            counted: self.count(&[StateWord::Counted]),
            withheld: self.count(&[StateWord::Withheld]),
            inadmissible: self.count(&[StateWord::Inadmissible]),
            superseded: self.count(&[StateWord::Superseded]),
            withdrawn: self.count(&[StateWord::Withdrawn]),
        }
    }

    fn listed(&self) -> Vec<SubmissionId> {
        let mut all: Vec<_> =
            self.kept.iter().filter(|(_, k)| k.2 == StateWord::Published).map(|(id, k)| (k.1, *id)).collect();
        all.sort_unstable();
        all.into_iter().map(|(_, id)| id).collect()
    }
}

fn name(party: u64) -> String {
    format!("Party {party}")
}

async fn step(w: &World, dice: &Dice, m: &mut Model, n: u64) {
    let amina = secretary();
    // Near the edges, mostly; the clock goes back as often as it goes on.
    let edge = dice.of(&[OPENS, CLOSES, m.closes, m.ends(), m.modifiable_until(), OPENS.plus_secs(3_600)]);
    let at = edge.plus_ms(dice.of(&[-1, 0, 1]));
    w.clock.set(at);
    let any = m.kept.keys().copied().collect::<Vec<_>>();
    let sealed = m.policy == Policy::SealedUntilClose && at < m.ends();
    match dice.below(10) {
        0..=4 => {
            let party = dice.below(4);
            let replaced = (!any.is_empty() && dice.below(3) == 0).then(|| dice.of(&any));
            let mut new = submission(&m.symbol, &name(party), n);
            new.supersedes = replaced;
            let got = w.forum.receive(new).await;
            assert_eq!(got.as_ref().map(|_| ()).map_err(Clone::clone), m.receives(at, party, replaced));
            if let Ok(received) = got {
                assert_eq!((received.received_at, received.in_grace), (at, at >= m.closes));
                if let Some(replaced) = replaced {
                    m.kept.get_mut(&replaced).unwrap().2 = StateWord::Superseded;
                }
                let state =
                    if m.policy == Policy::AtOnce { StateWord::Published } else { StateWord::Received };
                m.kept.insert(received.id, (party, at, state));
            }
        }
        5 => {
            let to = m.closes.plus_ms(dice.of(&[-1, 0, 1, 60_000]));
            let deadline = Deadline { instant: to, zone: "UTC".to_owned(), wording: Wording::Before };
            let got = w.forum.extend_call(&amina, &m.symbol, (deadline, None), "a reason").await;
            let expected = if at >= m.ends() {
                Err(CallRefusal::State)
            } else if to <= m.closes {
                Err(CallRefusal::NotLater)
            } else {
                Ok(())
            };
            assert_eq!(got.as_ref().map(|_| ()).map_err(Clone::clone), expected);
            if let Ok(call) = got {
                m.deadlines.push(m.closes);
                m.closes = to;
                // Every deadline that ever held is still there.
                let shown: Vec<_> = call.extensions.iter().map(|e| e.from.instant).collect();
                assert_eq!(shown, m.deadlines);
            }
        }
        6..=8 if !any.is_empty() => {
            let id = dice.of(&any);
            let was = m.kept[&id].2;
            let (got, to, from): (_, _, &[StateWord]) = match dice.below(3) {
                0 => (w.forum.admit(&amina, id).await, StateWord::Admissible, &[StateWord::Received]),
                1 => (
                    w.forum.refuse(&amina, id, "a reason").await,
                    StateWord::Inadmissible,
                    &[StateWord::Received, StateWord::Admissible, StateWord::Published],
                ),
                _ => (
                    w.forum.withhold(&amina, id, "a reason").await,
                    StateWord::Withheld,
                    &[StateWord::Received, StateWord::Admissible, StateWord::Published],
                ),
            };
            let expected = if sealed {
                Err(DecideRefusal::Sealed)
            } else if from.contains(&was) {
                Ok(to)
            } else {
                Err(DecideRefusal::State)
            };
            assert_eq!(got.map(|e| e.state.word()), expected);
            if let Ok(to) = expected {
                m.kept.get_mut(&id).unwrap().2 = to;
            }
        }
        _ if !any.is_empty() => {
            let id = dice.of(&any);
            let (party, _, was) = m.kept[&id];
            let own = submission(&m.symbol, &name(party), 0).standing;
            let got = w.forum.withdraw_submission(Withdrawing::Party(&own), id, None).await;
            let expected = if at >= m.modifiable_until() {
                Err(DecideRefusal::ModifyUntil)
            } else if Model::is_effective(was) {
                Ok(StateWord::Withdrawn)
            } else {
                Err(DecideRefusal::State)
            };
            assert_eq!(got.map(|e| e.state.word()), expected);
            if let Ok(to) = expected {
                m.kept.get_mut(&id).unwrap().2 = to;
            }
        }
        _ => {}
    }
    read(w, m).await;
}

/// What everybody reads before a call is published.
async fn read(w: &World, m: &Model) {
    let counts = w.forum.counts(&m.symbol).await.unwrap();
    let listed = w.forum.list(&m.symbol, Filter::default(), None, 200).await.unwrap();
    let shown: Vec<_> = listed.entries.iter().map(|e| e.id).collect();
    if m.policy == Policy::AtOnce {
        assert_eq!((counts, shown), (m.counts(), m.listed()));
        return;
    }
    let n = i64::try_from(m.kept.len()).unwrap();
    assert_eq!(counts, Counts { received: n, waiting: n, ..Counts::default() });
    assert!(shown.is_empty());
    if let Some(id) = m.kept.keys().next() {
        assert_eq!(w.forum.submission(*id).await.unwrap_err(), ReadRefusal::NotFound);
    }
}

#[tokio::test]
async fn the_forum_agrees_with_a_model_of_it() {
    each(async |w: World| {
        let mut accepted = 0;
        for case in 0..CASES {
            let dice = Dice::new(case + 100);
            let grace_ms = dice.of(&[0, 1, 60_000]);
            let mut m = Model {
                symbol: format!("C-{case}"),
                policy: Policy::ALL[usize::try_from(case % 4).unwrap()],
                closes: CLOSES,
                grace_ms,
                modify_until: dice.of(&[None, Some(CLOSES.plus_secs(-10)), Some(CLOSES.plus_ms(grace_ms))]),
                limit: dice.of(&[None, Some(1), Some(3)]),
                deadlines: Vec::new(),
                kept: BTreeMap::new(),
            };
            let mut call = new_call(&m.symbol, m.policy);
            (call.grace_ms, call.modify_until, call.party_limit) = (m.grace_ms, m.modify_until, m.limit);
            w.clock.set(OPENS.plus_secs(-60));
            w.announce(call).await;
            for n in 0..STEPS {
                step(&w, &dice, &mut m, n).await;
            }
            accepted += m.kept.len();
            close(&w, &mut m).await;
        }
        // The dice were not all against it.
        assert!(accepted > 60, "{accepted}");
    })
    .await;
}

async fn close(w: &World, m: &mut Model) {
    let amina = secretary();
    w.clock.set(m.ends().plus_ms(-1));
    assert_eq!(w.forum.publish_call(&amina, &m.symbol).await.unwrap_err(), CallRefusal::State);
    w.clock.set(m.ends());
    let publication = w.forum.publish_call(&amina, &m.symbol).await.unwrap();
    let to = if m.policy == Policy::NeverWithCounts { StateWord::Counted } else { StateWord::Published };
    for kept in m.kept.values_mut() {
        if matches!(kept.2, StateWord::Received | StateWord::Admissible) {
            kept.2 = to;
        }
    }
    let c = w.forum.counts(&m.symbol).await.unwrap();
    assert_eq!((c, publication.counts), (m.counts(), m.counts()));
    assert_eq!(
        c.received,
        c.published + c.counted + c.withheld + c.inadmissible + c.superseded + c.withdrawn
    );
    let listed = w.forum.list(&m.symbol, Filter::default(), None, 200).await.unwrap();
    assert_eq!(listed.entries.iter().map(|e| e.id).collect::<Vec<_>>(), m.listed());
    for (id, (_, at, state)) in &m.kept {
        // Nothing is dropped silently: each says what became of it.
        match w.forum.submission(*id).await.unwrap() {
            Public::Whole(whole) => {
                assert_eq!((whole.entry.received_at, *state), (*at, StateWord::Published));
                assert_eq!(crypto::sha256(&whole.canonical), whole.entry.digest);
            }
            Public::Gone(gone) => assert_eq!((gone.received_at, gone.state.word()), (*at, *state)),
        }
    }
    assert_eq!(w.forum.clock.now(), m.ends());
}
