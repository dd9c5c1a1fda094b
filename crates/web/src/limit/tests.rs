//! Limits on both databases: at the limit, across instances and restarts, in time, and under a flood.

use std::net::{Ipv4Addr, Ipv6Addr};

use base::time::ManualClock;

use super::*;

const SECRET: [u8; 32] = [7; 32];
const ALLOWED: Allowed =
    Allowed { wrong_secrets: 3, searches: 250, asks: 2, drafts: 4, cards: 2, letters: 1, kept_kib: 100 };
const HERE: Who<'_> = Who::Address(Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1))));
const THERE: Who<'_> = Who::Address(Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2))));
const UNKNOWN: Who<'_> = Who::Address(None);

fn v4(bits: u32) -> Who<'static> {
    Who::Address(Some(Ipv4Addr::from(bits).into()))
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(Instant::from_secs(1_800_000_000)))
}

async fn open(store: &Store, clock: &Arc<ManualClock>, allowed: Allowed) -> Limits {
    Limits::open(store.clone(), clock.clone(), &SECRET, allowed).await.unwrap()
}

async fn fail(limits: &Limits, guess: Guess, who: Who<'_>, times: u32) {
    for _ in 0..times {
        assert_eq!(limits.check(guess, who).await, Ok(()));
        limits.failed(guess, who).await.unwrap();
    }
}

/// Searches as often as that, and answers when it is worth trying again if one of them is refused.
async fn search(limits: &Limits, account: &str, times: u32) -> Result<(), i64> {
    for _ in 0..times {
        match limits.spend(Costly::Search, Who::Account(account)).await {
            Ok(()) => {}
            Err(SpendError::TooMany(too_many)) => return Err(too_many.retry_after_s),
            Err(SpendError::Store(error)) => return Err(-i64::from(error.is_unavailable())),
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_is_counted_by_kind_and_address_until_the_window_ends() {
    ::store::fixture::each_engine(&store::MIGRATIONS, async |store: Store| {
        let clock = clock();
        let limits = open(&store, &clock, ALLOWED).await;
        fail(&limits, Guess::Grant, HERE, 1).await;
        clock.advance_secs(60);
        fail(&limits, Guess::Grant, HERE, 2).await;
        let refused = Err(TooMany { retry_after_s: LIMIT_WINDOW_S - 60 });
        assert_eq!(limits.check(Guess::Grant, HERE).await, refused);
        // Another kind, another address, and one of whom nothing is known, are not touched by it.
        assert_eq!(limits.check(Guess::Offer, HERE).await, Ok(()));
        assert_eq!(limits.check(Guess::Grant, THERE).await, Ok(()));
        assert_eq!(limits.check(Guess::Grant, UNKNOWN).await, Ok(()));
        // With an access token of one's own: nobody else is touched, wherever they are.
        fail(&limits, Guess::WithToken, Who::Account("one"), 3).await;
        assert_eq!(
            limits.check(Guess::WithToken, Who::Account("one")).await,
            Err(TooMany { retry_after_s: LIMIT_WINDOW_S })
        );
        assert_eq!(limits.check(Guess::WithToken, Who::Account("other")).await, Ok(()));
        // What comes while it is refused makes it neither longer nor costs a write.
        let commits = store.commits();
        limits.failed(Guess::Grant, HERE).await.unwrap();
        assert_eq!((limits.check(Guess::Grant, HERE).await, store.commits()), (refused, commits));
        clock.advance_secs(LIMIT_WINDOW_S - 61);
        assert_eq!(limits.check(Guess::Grant, HERE).await, Err(TooMany { retry_after_s: 1 }));
        clock.advance_secs(1);
        // Counted from the start again.
        fail(&limits, Guess::Grant, HERE, 3).await;
        assert!(limits.check(Guess::Grant, HERE).await.is_err());
        fail(&limits, Guess::Grant, UNKNOWN, 3).await;
        assert!(limits.check(Guess::Grant, UNKNOWN).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn of_ipv6_whoever_has_one_address_has_its_neighbours() {
    let v6 = |text: &str| Who::Address(Some(IpAddr::V6(text.parse::<Ipv6Addr>().unwrap())));
    ::store::fixture::each_engine(&store::MIGRATIONS, async |store: Store| {
        let limits = open(&store, &clock(), ALLOWED).await;
        fail(&limits, Guess::Grant, v6("2001:db8:1:2::1"), 3).await;
        assert!(limits.check(Guess::Grant, v6("2001:db8:1:2:ffff::9")).await.is_err());
        assert_eq!(limits.check(Guess::Grant, v6("2001:db8:1:3::1")).await, Ok(()));
        // An IPv4 address in the clothes of IPv6 is that IPv4 address, and of those each is one.
        fail(&limits, Guess::Grant, v6("::ffff:192.0.2.1"), 3).await;
        assert!(limits.check(Guess::Grant, HERE).await.is_err());
        assert_eq!(limits.check(Guess::Grant, THERE).await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn a_limit_survives_a_restart_and_holds_on_the_other_instance_within_a_second() {
    ::store::fixture::each_engine(&store::MIGRATIONS, async |store: Store| {
        let clock = clock();
        let (one, other) = (open(&store, &clock, ALLOWED).await, open(&store, &clock, ALLOWED).await);
        // Two here and one there are three.
        fail(&one, Guess::StaffToken, HERE, 2).await;
        fail(&other, Guess::StaffToken, HERE, 1).await;
        assert!(other.check(Guess::StaffToken, HERE).await.is_err());
        // The first has only seen its own two, until it looks.
        clock.set(clock.now().plus_ms(LIMIT_LOOK_MS - 1));
        assert_eq!(one.check(Guess::StaffToken, HERE).await, Ok(()));
        clock.set(clock.now().plus_ms(1));
        assert!(one.check(Guess::StaffToken, HERE).await.is_err());
        assert_eq!(one.check(Guess::StaffToken, THERE).await, Ok(()));
        drop((one, other));
        let again = open(&store, &clock, ALLOWED).await;
        assert!(again.check(Guess::StaffToken, HERE).await.is_err());
        // What was counted below the limit goes on too.
        fail(&again, Guess::Offer, HERE, 2).await;
        let again = open(&store, &clock, ALLOWED).await;
        fail(&again, Guess::Offer, HERE, 1).await;
        assert!(again.check(Guess::Offer, HERE).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn what_is_right_costs_no_write_and_one_read_a_second() {
    ::store::fixture::each_engine(&store::MIGRATIONS, async |store: Store| {
        let clock = clock();
        let limits = open(&store, &clock, ALLOWED).await;
        let commits = store.commits();
        let looked_at = || limits.0.looked_at.load(Ordering::Relaxed);
        let opened = looked_at();
        for _ in 0..1_000 {
            assert_eq!(limits.check(Guess::Grant, HERE).await, Ok(()));
        }
        assert_eq!((store.commits(), looked_at()), (commits, opened));
        clock.set(clock.now().plus_ms(LIMIT_LOOK_MS));
        for _ in 0..1_000 {
            assert_eq!(limits.check(Guess::Grant, HERE).await, Ok(()));
        }
        assert_eq!((store.commits(), looked_at()), (commits, opened + LIMIT_LOOK_MS));
    })
    .await;
}

#[tokio::test]
async fn an_account_does_as_much_as_it_may_and_no_more_whichever_instance_it_asks() {
    ::store::fixture::each_engine(&store::MIGRATIONS, async |store: Store| {
        let clock = clock();
        let (one, other) = (open(&store, &clock, ALLOWED).await, open(&store, &clock, ALLOWED).await);
        // 250, taken from the database by twos: not a write each.
        let commits = store.commits();
        assert_eq!(search(&one, "clerk", 200).await, Ok(()));
        assert_eq!(store.commits() - commits, 100);
        assert_eq!(search(&other, "clerk", 50).await, Ok(()));
        clock.advance_secs(5);
        assert_eq!(search(&one, "clerk", 1).await, Err(LIMIT_WINDOW_S - 5));
        assert_eq!(search(&other, "clerk", 1).await, Err(LIMIT_WINDOW_S - 5));
        assert_eq!(search(&open(&store, &clock, ALLOWED).await, "clerk", 1).await, Err(LIMIT_WINDOW_S - 5));
        // Another account, and another thing to do, are not touched by it.
        assert_eq!(search(&one, "colleague", 250).await, Ok(()));
        assert!(one.spend(Costly::Ask, Who::Account("clerk")).await.is_ok());
        clock.advance_secs(LIMIT_WINDOW_S);
        assert_eq!(search(&one, "clerk", 250).await, Ok(()));
        assert_eq!(search(&one, "clerk", 1).await, Err(LIMIT_WINDOW_S));
    })
    .await;
}

#[tokio::test]
async fn a_clock_that_is_set_back_leaves_nobody_refused_for_longer_than_a_window() {
    ::store::fixture::each_engine(&store::MIGRATIONS, async |store: Store| {
        let clock = clock();
        let limits = open(&store, &clock, ALLOWED).await;
        fail(&limits, Guess::Grant, HERE, 3).await;
        assert_eq!(search(&limits, "clerk", 250).await, Ok(()));
        assert!(
            limits.check(Guess::Grant, HERE).await.is_err() && search(&limits, "clerk", 1).await.is_err()
        );
        clock.advance_secs(-3_600);
        assert_eq!(limits.check(Guess::Grant, HERE).await, Ok(()));
        assert_eq!(search(&limits, "clerk", 250).await, Ok(()));
        assert_eq!(search(&limits, "clerk", 1).await, Err(LIMIT_WINDOW_S));
        fail(&limits, Guess::Grant, HERE, 3).await;
        assert_eq!(limits.check(Guess::Grant, HERE).await, Err(TooMany { retry_after_s: LIMIT_WINDOW_S }));
    })
    .await;
}

#[tokio::test]
async fn what_is_over_is_erased() {
    ::store::fixture::each_engine(&store::MIGRATIONS, async |store: Store| {
        let clock = clock();
        let limits = open(&store, &clock, ALLOWED).await;
        fail(&limits, Guess::Grant, HERE, 3).await;
        clock.advance_secs(1);
        fail(&limits, Guess::Grant, THERE, 1).await;
        clock.advance_secs(LIMIT_WINDOW_S - 2);
        assert_eq!(limits.erase_expired().await.unwrap(), 0);
        clock.advance_secs(1);
        assert_eq!(limits.erase_expired().await.unwrap(), 1);
        // One that would end later than anything can: the clock was set back.
        clock.advance_secs(-2 * LIMIT_WINDOW_S);
        assert_eq!(limits.erase_expired().await.unwrap(), 1);
        assert_eq!(limits.erase_expired().await.unwrap(), 0);
        // However much it is: nobody may come faster than it goes.
        let many = u32::try_from(LIMIT_ERASE_ROWS).unwrap() + 1;
        for n in 0..many {
            limits.failed(Guess::Grant, v4(n)).await.unwrap();
        }
        clock.advance_secs(LIMIT_WINDOW_S);
        assert_eq!(limits.erase_expired().await.unwrap(), u64::from(many));
    })
    .await;
}

/// In memory alone, as the writes of so many would take long: what a flood may leave there is what is asked here.
#[tokio::test]
async fn a_flood_of_addresses_fills_neither_memory_nor_disk() {
    ::store::fixture::each_engine(&store::MIGRATIONS, async |store: Store| {
        let clock = clock();
        let limits = open(&store, &clock, ALLOWED).await;
        let now = clock.now();
        {
            let mut view = limits.view();
            for n in 0..u32::try_from(LIMIT_ADDRESSES_MAX).unwrap() {
                let key = limits.key_of(Guess::Grant, v4(n));
                view.wrong.insert(key, Count::new(now));
                view.refuse(key, Count::new(now).ends_at);
                view.leased.insert(key, Count::new(now));
            }
        }
        // Who is one more spends as everybody does, and nothing of it is remembered here.
        assert_eq!(search(&limits, "clerk", 250).await, Ok(()));
        assert_eq!(search(&limits, "clerk", 1).await, Err(LIMIT_WINDOW_S));
        assert_eq!(limits.view().leased.len(), LIMIT_ADDRESSES_MAX);
        let commits = store.commits();
        for n in 0..1_000_u32 {
            let who = v4(0xC000_0000 + n);
            limits.failed(Guess::Grant, who).await.unwrap();
            limits.view().refuse(limits.key_of(Guess::Grant, who), Count::new(now).ends_at);
        }
        let lengths = |limits: &Limits| {
            let view = limits.view();
            (view.wrong.len(), view.refused.len())
        };
        assert_eq!(
            (lengths(&limits), store.commits()),
            ((LIMIT_ADDRESSES_MAX, LIMIT_ADDRESSES_MAX), commits)
        );
        // Those that are known are still counted, and when the window is over everybody is again.
        assert!(limits.check(Guess::Grant, v4(5)).await.is_err());
        clock.advance_secs(LIMIT_WINDOW_S);
        fail(&limits, Guess::Grant, HERE, 3).await;
        assert!(limits.check(Guess::Grant, HERE).await.is_err());
        assert_eq!(lengths(&limits), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn the_database_holds_neither_addresses_nor_names() {
    ::store::fixture::each_engine(&store::MIGRATIONS, async |store: Store| {
        let limits = open(&store, &clock(), ALLOWED).await;
        let elsewhere = Limits::open(store.clone(), clock(), &[8; 32], ALLOWED).await.unwrap();
        let key = |limits: &Limits| limits.key_of(Guess::Grant, HERE);
        // Under another secret another digest: who reads the table cannot try all addresses of the world.
        assert_ne!(key(&limits), key(&elsewhere));
        assert_eq!(key(&limits), key(&limits.clone()));
        assert_ne!(key(&limits), limits.key_of(Guess::Grant, THERE));
    })
    .await;
}

#[tokio::test]
async fn what_needs_no_account_is_counted_by_address() {
    ::store::fixture::each_engine(&store::MIGRATIONS, async |store: Store| {
        let limits = open(&store, &clock(), ALLOWED).await;
        for costly in [Costly::TakePart, Costly::TakePart, Costly::Card, Costly::Card, Costly::Letter] {
            assert!(limits.spend(costly, HERE).await.is_ok());
        }
        for costly in [Costly::Card, Costly::Letter] {
            assert!(matches!(limits.spend(costly, HERE).await, Err(SpendError::TooMany(_))));
            assert!(limits.spend(costly, THERE).await.is_ok());
        }
        assert!(limits.spend(Costly::TakePart, HERE).await.is_ok());
        // Whoever asks for it: to one and the same only so many.
        for n in 0..=LETTERS_TO_ONE_MAX {
            let spent = limits.spend(Costly::LetterTo, Who::Account("nerida@example.org")).await;
            assert_eq!(spent.is_ok(), n < LETTERS_TO_ONE_MAX);
        }
        assert!(limits.spend(Costly::LetterTo, Who::Account("amaru@example.org")).await.is_ok());
        // By how much it is: what does not fit is refused alone, and everything once nothing is left.
        for (much, fits) in [(60, true), (41, false), (30, true), (11, false), (10, true), (1, false)] {
            let spent = limits.spend_so_much(Costly::Keep, HERE, much).await;
            assert_eq!(spent.is_ok(), fits, "{much}");
        }
        let commits = store.commits();
        assert!(limits.spend_so_much(Costly::Keep, HERE, 1).await.is_err());
        let other = open(&store, &clock(), ALLOWED).await;
        assert!(other.spend_so_much(Costly::Keep, HERE, 1).await.is_err());
        assert_eq!(store.commits(), commits, "that nothing is left is known");
        assert!(limits.spend_so_much(Costly::Keep, THERE, 101).await.is_err());
    })
    .await;
}
