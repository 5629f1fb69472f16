//! What stays in memory, and for how long.
use std::time::Duration;

use offhook_store::{
    LEDGER_RETENTION, LedgerEntry,
    suite::{
        pushes::{entry, jobs, ledger_key, outcome},
        world::{APP, at, id, ringing},
    },
};

use super::{KEPT, OutboxBatch};
use crate::memory::{Limits, Memory};

fn memory() -> Memory {
    Memory::new(Limits { age: Duration::ZERO, bytes: 0, per_user: 0 })
}

fn made(n: u64, seconds: u64) -> LedgerEntry {
    entry(ledger_key(&ringing(n, &["alice", "bob"]), "bob", "phone"), seconds)
}

fn fold(memory: &mut Memory) -> OutboxBatch {
    let batch = memory.outbox.take_batch(&memory.users);
    memory.outbox.is_folded();
    batch
}

fn held(memory: &Memory, n: u64) -> usize {
    memory.outbox.ledger(APP, id(n)).entries.len()
}

#[test]
fn an_entry_leaves_once_it_is_folded_settled_and_old() {
    let settled = LedgerEntry { outcome: Some(outcome(2)), ..made(1, 1) };
    let old = at(1) + KEPT;
    for (is_folded, is_settled, now, stays) in [
        (true, true, old, false),
        (false, true, old, true),
        (true, false, old, true),
        (true, true, at(0) + KEPT, true),
        (false, true, at(1) + LEDGER_RETENTION, false),
        (true, false, at(1) + LEDGER_RETENTION, false),
    ] {
        let mut memory = memory();
        memory.claim(vec![if is_settled { settled.clone() } else { made(1, 1) }], None);
        if is_folded {
            assert_eq!(fold(&mut memory).entries.len(), 1);
        }
        memory.outbox.trim(now);
        assert_eq!(held(&memory, 1) == 1, stays, "folded {is_folded}, settled {is_settled}, {now:?}");
    }
}

#[test]
fn an_entry_that_could_not_leave_in_time_leaves_later() {
    let mut memory = memory();
    let key = made(1, 1).key;
    memory.claim(vec![made(1, 1)], None);
    memory.outbox.trim(at(1) + KEPT);
    memory.outbox.settle(&key, outcome(2));
    memory.outbox.trim(at(2) + KEPT);
    let batch = memory.outbox.take_batch(&memory.users);
    assert_eq!(batch.entries.len(), 1);
    memory.outbox.trim(at(3) + KEPT);
    assert_eq!(held(&memory, 1), 1, "the batch is not written yet");
    memory.outbox.is_folded();
    memory.outbox.trim(at(4) + KEPT);
    assert_eq!(held(&memory, 1), 0);
    assert!(memory.outbox.calls.is_empty() && memory.outbox.lingering.is_empty());
}

#[test]
fn the_database_is_asked_for_calls_whose_entries_have_left_alone() {
    let mut memory = memory();
    for n in [5, 9] {
        memory.claim(vec![LedgerEntry { outcome: Some(outcome(n)), ..made(n, n) }], None);
    }
    fold(&mut memory);
    assert!(memory.outbox.ledger(APP, id(5)).is_all);
    memory.outbox.trim(at(5) + KEPT);
    let is_all = [4, 5, 6, 9].map(|n| memory.outbox.ledger(APP, id(n)).is_all);
    assert_eq!(is_all, [false, false, true, true]);
}

#[test]
fn what_a_fold_has_taken_it_does_not_take_again() {
    let mut memory = memory();
    let call = ringing(1, &["alice", "bob"]);
    for job in jobs(&call, &["alice", "bob"], 1) {
        memory.users.number(APP, &job.key.user);
        memory.outbox.add(job);
    }
    memory.claim(vec![made(1, 1)], None);
    let first = fold(&mut memory);
    assert_eq!((first.jobs.len(), first.entries.len(), first.finished.len()), (2, 1, 0));
    let second = fold(&mut memory);
    assert_eq!((second.jobs.len(), second.entries.len(), second.finished.len()), (0, 0, 0));
    memory.claim(vec![], Some(&first.jobs[0].2.key));
    assert_eq!(fold(&mut memory).finished, [first.jobs[0].0]);
}

#[test]
fn the_database_forgets_seldom_and_not_without_end() {
    let mut memory = memory();
    memory.claim(vec![LedgerEntry { outcome: Some(outcome(1)), ..made(1, 1) }, made(2, 600)], None);
    fold(&mut memory);
    let mut trims = vec![];
    for minute in 0..40 {
        memory.outbox.trim(at(1 + minute * 60) + LEDGER_RETENTION);
        trims.extend(memory.outbox.is_behind().then_some(minute));
        fold(&mut memory);
    }
    assert_eq!(trims, (1..=10).collect::<Vec<_>>(), "nothing is left to forget after the tenth minute");
}
