//! What is forgotten, and when: slots of events, keys, jobs and ledgers, months of ended calls.
#![expect(clippy::unwrap_used, reason = "a test fails by it, also in what its tests share")]
mod support;

use std::time::Duration;

use offhook_store::{
    LedgerKey, Outbox as _, Store, Transition, Turn,
    call::Call,
    suite::{
        pushes::{all_jobs, device_id, entry},
        world::{APP, account, at, id, key, key_text, next, rejected, ringing, silent, telling, user},
    },
};
use offhook_store_postgres::{Options, PostgresStore};
use offhook_testing_services::Database;
use offhook_types::{CallId, CallSeq, Offset, Opaque, Timestamp};
use support::{database, node, open, runtime};

const DAY: u64 = 24 * 3600;
/// A period of retention, in seconds.
const PERIOD: u64 = 15 * 60;
/// 1 January 2026, 0:00 UTC, in seconds after the beginning of the world, which is 21 November 2025, 4:40 UTC.
const NEW_YEAR: u64 = 3_525_600;

/// The beginning of the `p`-th period after the world's, in seconds.
fn period(p: u64) -> u64 {
    let into = at(0).as_millis() / 1000 % PERIOD;
    (p + 1) * PERIOD - into
}

/// Tells bob of the call's next version at a time.
async fn tell(store: &PostgresStore, call: &mut Call, seconds: u64) {
    store.trim(at(seconds)).await.unwrap();
    store.commit(Transition { at: at(seconds), ..telling(call, &["bob"]) }).await.unwrap();
    *call = next(call);
}

/// Bob's floor, and the offsets that are there.
async fn log(store: &PostgresStore) -> (u64, Vec<u64>) {
    let page = store.events(&account("bob"), Offset(0), 99).await.unwrap();
    (page.floor.0, page.events.iter().map(|event| event.offset.0).collect())
}

fn count(database: &Database, table: &str) -> u64 {
    database.query(&format!("SELECT count(*) FROM offhook.{table}")).unwrap().parse().unwrap()
}

#[test]
fn events_are_there_for_one_period_and_gone_after_two() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let store = node(&database.url(), 1).await;
        let mut call = ringing(1, &["alice", "bob"]);
        // Two events in each of nine periods: in its first second and in its last.
        for p in 0..9 {
            tell(&store, &mut call, period(p)).await;
            let (newest, oldest) = (2 * p + 1, 2 * p.saturating_sub(1));
            assert_eq!(log(&store).await, (oldest, (oldest + 1..=newest).collect()), "at the start of {p}");
            tell(&store, &mut call, period(p + 1) - 1).await;
            assert_eq!(log(&store).await, (oldest, (oldest + 1..=newest + 1).collect()), "at the end of {p}");
        }
        assert!(
            count(&database, "event") <= 6 && count(&database, "step") <= 6,
            "what is forgotten takes no room"
        );
    });
}

#[test]
fn a_store_that_was_away_forgets_what_is_old_and_keeps_what_is_fresh() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        for away in [1, 2, 3, 4, 5, 100] {
            let store = node(&database.url(), 1).await;
            let mut call = ringing(away, &["alice", "bob"]);
            let begin = away * 1000;
            tell(&store, &mut call, period(begin)).await;
            drop(store);
            let store = node(&database.url(), 1).await;
            // Committed before the first trim, as after a start: it may share its slot with the old.
            let now = period(begin + away);
            store.commit(Transition { at: at(now), ..telling(&call, &["bob"]) }).await.unwrap();
            store.trim(at(now + 2)).await.unwrap();
            let (floor, there) = log(&store).await;
            let head = there.last().copied();
            let kept = if away == 1 { vec![head.unwrap() - 1, head.unwrap()] } else { vec![head.unwrap()] };
            assert_eq!((floor + 1, &there), (kept[0], &kept), "away for {away} periods");
        }
    });
}

#[test]
fn a_node_whose_clock_is_behind_empties_nothing_that_is_fresh() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let (ahead, behind) = (node(&database.url(), 1).await, node(&database.url(), 2).await);
        let mut call = ringing(1, &["alice", "bob"]);
        for p in 0..9 {
            // Five minutes lie between the clocks, at first within a period, then about its end.
            behind.trim(at(period(p))).await.unwrap();
            tell(&ahead, &mut call, period(p) + 300).await;
            tell(&ahead, &mut call, period(p + 1) + 200).await;
            behind.trim(at(period(p + 1) - 100)).await.unwrap();
            let there = log(&behind).await.1;
            let (newest, kept) = (2 * p + 2, if p == 0 { 2 } else { 3 });
            assert_eq!(there, (newest + 1 - kept..=newest).collect::<Vec<_>>(), "about the end of {p}");
        }
    });
}

#[test]
fn a_log_whose_middle_is_forgotten_begins_after_it() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let store = node(&database.url(), 1).await;
        let mut call = ringing(1, &["alice", "bob"]);
        // By a clock that runs ahead, then by one that is right.
        for p in [3, 3, 4, 4, 3] {
            store.commit(Transition { at: at(period(p)), ..telling(&call, &["bob"]) }).await.unwrap();
            call = next(&call);
        }
        let whole = log(&store).await;
        assert_eq!(whole, (0, vec![1, 2, 3, 4, 5]));
        let slot = "SELECT slot FROM offhook.event WHERE n = 3";
        let slot = database.query(slot).unwrap();
        database.query(&format!("TRUNCATE offhook.event_{slot}")).unwrap();
        assert_eq!(log(&store).await, (4, vec![5]), "no page has a gap");
        let page = store.events(&account("bob"), Offset(2), 99).await.unwrap();
        assert_eq!(
            (page.floor, page.events.len()),
            (Offset(4), 1),
            "who has seen the second is told to begin anew"
        );
    });
}

#[test]
fn keys_jobs_and_ledgers_are_forgotten_after_a_day() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let store = node(&database.url(), 1).await;
        let alice = account("alice");
        for (n, seconds) in [(1, 100), (2, 200)] {
            let call = ringing(n, &["alice", "bob"]);
            let jobs = vec![(user("bob"), Opaque::new("ring"))];
            let key = Some(key(&alice, &n.to_string()));
            store.commit(Transition { at: at(seconds), jobs, key, ..silent(&call) }).await.unwrap();
            let name = LedgerKey {
                app: APP,
                call: call.id,
                user: user("bob"),
                device: device_id("phone"),
                ring: CallSeq(1),
                turn: Turn::Ring,
            };
            store.claim(vec![entry(name, seconds)], None).await.unwrap();
        }
        let left = async |seconds: u64| {
            store.trim(at(seconds)).await.unwrap();
            let mut left = Vec::new();
            for n in [1, 2] {
                let key = store.remembered(&alice, &key_text(&n.to_string())).await.unwrap();
                let ledger = store.ledger(APP, id(n)).await.unwrap();
                let jobs = all_jobs(&store).await.iter().filter(|job| job.key.call == id(n)).count();
                left.push((key.is_some(), ledger.len(), jobs));
            }
            left
        };
        let (there, gone) = ((true, 1, 1), (false, 0, 0));
        assert_eq!(left(DAY + 99).await, [there, there]);
        assert_eq!(left(DAY + 101).await, [gone, there]);
        assert_eq!(left(DAY + 201).await, [gone, gone]);
        assert_eq!(count(&database, "idem") + count(&database, "job") + count(&database, "ledger"), 0);
    });
}

/// A call that is begun and over so many seconds after the beginning.
async fn ended(store: &PostgresStore, seconds: u64) -> CallId {
    let call = ringing(seconds, &["alice", "bob"]);
    store.commit(Transition { at: at(seconds), ..silent(&call) }).await.unwrap();
    store.commit(Transition { at: at(seconds), ..silent(&rejected(&call, seconds)) }).await.unwrap();
    call.id
}

fn tables(database: &Database) -> String {
    let sql = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class
               WHERE relkind = 'r' AND relname ~ '^(past|part)_2' AND relnamespace = 'offhook'::regnamespace";
    database.query(sql).unwrap()
}

async fn listed(store: &PostgresStore) -> Vec<CallId> {
    let page = store.calls(&account("bob"), None, 99).await.unwrap();
    page.calls.iter().map(|call| call.id).collect()
}

#[test]
fn ended_calls_lie_in_the_tables_of_their_months() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let store = node(&database.url(), 1).await;
        store.trim(at(0)).await.unwrap();
        assert_eq!(tables(&database), "part_2025_11 part_2025_12 past_2025_11 past_2025_12");
        let mut calls = vec![ended(&store, 1).await, ended(&store, NEW_YEAR - 1).await];
        // Of a month without a table: no trim has come by since.
        calls.push(ended(&store, NEW_YEAR).await);
        let places = |table: &str| -> Vec<u64> {
            let of = ["2025_11", "2025_12", "rest"];
            of.iter().map(|month| count(&database, &format!("{table}_{month}"))).collect()
        };
        assert_eq!((places("past"), places("part")), (vec![1, 1, 1], vec![2, 2, 2]));
        // A table cannot be made over them: they stay, and the month after it has its own.
        store.trim(at(NEW_YEAR + 10)).await.unwrap();
        assert!(!tables(&database).contains("2026_01") && tables(&database).contains("past_2026_02"));
        calls.push(ended(&store, NEW_YEAR + 20).await);
        assert_eq!(places("past"), [1, 1, 2]);
        calls.reverse();
        assert_eq!(listed(&store).await, calls);
        for call in calls {
            assert!(store.load(APP, call).await.unwrap().is_some());
        }
    });
}

#[test]
fn months_past_their_retention_are_dropped_whole() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let options = Options {
            history_retention: Some(Duration::from_secs(40 * DAY)),
            ..Options::new(&database.url(), 1)
        };
        let store = open(&options).await;
        store.trim(at(0)).await.unwrap();
        let november = ended(&store, 1).await;
        let december = ended(&store, NEW_YEAR - 1).await;
        store.trim(at(NEW_YEAR - 1)).await.unwrap();
        assert_eq!(listed(&store).await, [december, november]);
        let mid_january = NEW_YEAR + 12 * DAY;
        drop(store);
        let store = open(&options).await;
        store.trim(at(mid_january)).await.unwrap();
        assert_eq!(listed(&store).await, [december], "forty days before are in December");
        assert_eq!(store.load(APP, november).await.unwrap(), None);
        assert!(!tables(&database).contains("2025_11"), "{}", tables(&database));
        let keeps_all = node(&database.url(), 2).await;
        keeps_all.trim(at(mid_january + 100 * DAY)).await.unwrap();
        assert_eq!(listed(&store).await, [december], "without a retention nothing is dropped");
    });
}

#[test]
fn nodes_that_trim_at_the_same_time_do_it_once_and_without_error() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let stores =
            [node(&database.url(), 1).await, node(&database.url(), 2).await, node(&database.url(), 3).await];
        let mut call = ringing(1, &["alice", "bob"]);
        for p in 0..12 {
            // From month to month now and then, so that tables are made, too.
            let now: Timestamp = at(period(p) + p / 3 * 31 * DAY);
            let (one, other, third) =
                tokio::join!(stores[0].trim(now), stores[1].trim(now), stores[2].trim(now));
            one.and(other).and(third).unwrap();
            stores[p as usize % 3].commit(Transition { at: now, ..telling(&call, &["bob"]) }).await.unwrap();
            call = next(&call);
            let (floor, there) = log(&stores[0]).await;
            let kept = if p % 3 == 0 { 1 } else { 2 };
            assert_eq!((floor, there.len()), (p + 1 - kept, kept as usize), "period {p}");
        }
        assert!(tables(&database).split(' ').count() >= 8, "{}", tables(&database));
    });
}
