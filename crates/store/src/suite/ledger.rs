//! The ledger of pushes.
#![expect(missing_docs, reason = "a law's name is its sentence")]
use std::thread;

use super::{
    Subject,
    pushes::{all_jobs, device_id, entry, job_key, jobs, leaving, ledger_key, outcome},
    world::{APP, OTHER_APP, at, commit, id, ringing, user},
};
use crate::{LEDGER_RETENTION, LedgerEntry, LedgerKey, Outbox, Store, Turn};
use offhook_types::CallSeq;

const CLAIMERS: usize = 10;

fn of_bob(n: u64, device: &str) -> LedgerKey {
    ledger_key(&ringing(n, &["alice", "bob"]), "bob", device)
}

pub async fn a_claim_is_written_down_as_it_was_made<S: Subject>(subject: &S) {
    let store = subject.open();
    assert_eq!(store.ledger(APP, id(1)).await, Ok(vec![]));
    let made = entry(of_bob(1, "phone"), 3);
    assert_eq!(store.claim(vec![made.clone()], None).await, Ok(vec![true]));
    assert_eq!(store.ledger(APP, id(1)).await, Ok(vec![made]));
    assert_eq!(store.ledger(APP, id(2)).await, Ok(vec![]));
}

pub async fn a_push_is_claimed_once_and_the_first_stays<S: Subject>(subject: &S) {
    let store = subject.open();
    let first = entry(of_bob(1, "phone"), 3);
    let again = entry(of_bob(1, "phone"), 4);
    assert_eq!(store.claim(vec![first.clone()], None).await, Ok(vec![true]));
    assert_eq!(store.claim(vec![again], None).await, Ok(vec![false]));
    assert_eq!(store.ledger(APP, id(1)).await, Ok(vec![first]));
}

pub async fn a_claim_says_of_each_entry_whether_it_is_new<S: Subject>(subject: &S) {
    let store = subject.open();
    store.claim(vec![entry(of_bob(1, "phone"), 3)], None).await.unwrap();
    let entries = ["tablet", "phone", "watch", "tablet"].map(|device| entry(of_bob(1, device), 4));
    assert_eq!(store.claim(entries.into(), None).await, Ok(vec![true, false, true, false]));
    let devices: Vec<_> =
        store.ledger(APP, id(1)).await.unwrap().into_iter().map(|entry| entry.key.device).collect();
    assert_eq!(devices, ["phone", "tablet", "watch"].map(device_id));
}

pub async fn pushes_that_differ_in_any_part_of_their_name_are_different<S: Subject>(subject: &S) {
    let store = subject.open();
    let one = of_bob(1, "phone");
    let others = [
        LedgerKey { app: OTHER_APP, ..one.clone() },
        LedgerKey { call: id(2), ..one.clone() },
        LedgerKey { user: user("carol"), ..one.clone() },
        LedgerKey { device: device_id("tablet"), ..one.clone() },
        LedgerKey { ring: CallSeq(2), ..one.clone() },
        LedgerKey { turn: Turn::Stop, ..one.clone() },
        LedgerKey { turn: Turn::Missed, ..one.clone() },
    ];
    store.claim(vec![entry(one, 3)], None).await.unwrap();
    for other in others {
        assert_eq!(store.claim(vec![entry(other.clone(), 3)], None).await, Ok(vec![true]), "{other:?}");
    }
}

pub async fn entries_come_in_the_order_of_their_keys<S: Subject>(subject: &S) {
    let store = subject.open();
    let key = |device, ring, turn| LedgerKey { ring: CallSeq(ring), turn, ..of_bob(1, device) };
    let in_order = [
        key("phone", 1, Turn::Ring),
        key("phone", 1, Turn::Stop),
        key("phone", 1, Turn::Missed),
        key("phone", 300, Turn::Ring),
        key("tablet", 1, Turn::Ring),
        LedgerKey { user: user("carol"), ..key("phone", 1, Turn::Ring) },
    ];
    for at in [3, 0, 5, 4, 2, 1] {
        store.claim(vec![entry(in_order[at].clone(), 9)], None).await.unwrap();
    }
    let keys: Vec<_> = store.ledger(APP, id(1)).await.unwrap().into_iter().map(|entry| entry.key).collect();
    assert_eq!(keys, in_order);
}

pub async fn a_claim_finishes_its_job_with_it<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob", "carol"]);
    commit(&store, leaving(&call, &["bob", "carol"], 1)).await;
    let claimed = store.claim(vec![entry(of_bob(1, "phone"), 3)], Some(&job_key(&call, "bob"))).await;
    assert_eq!(claimed, Ok(vec![true]));
    assert_eq!(all_jobs(&store).await, jobs(&call, &["carol"], 1));
    let claimed = store.claim(vec![entry(of_bob(1, "phone"), 4)], Some(&job_key(&call, "carol"))).await;
    assert_eq!(claimed, Ok(vec![false]));
    assert_eq!(all_jobs(&store).await, [], "a claim of nothing new finishes its job as well");
}

pub async fn of_ten_claimers_one_gets_each_push<S: Subject>(subject: &S) {
    let store = &subject.open();
    let call = &ringing(1, &["alice", "bob"]);
    commit(store, leaving(call, &["bob"], 1)).await;
    let claim = || {
        let entries = (0..5).map(|n| entry(of_bob(1, &format!("phone-{n}")), 3)).collect();
        subject.block_on(store.claim(entries, Some(&job_key(call, "bob")))).unwrap()
    };
    let claimed: Vec<Vec<bool>> = thread::scope(|scope| {
        let claimers: Vec<_> = (0..CLAIMERS).map(|_| scope.spawn(claim)).collect();
        claimers.into_iter().map(|claimer| claimer.join().unwrap()).collect()
    });
    for at in 0..5 {
        assert_eq!(claimed.iter().filter(|news| news[at]).count(), 1, "{claimed:?}");
    }
    assert_eq!(store.ledger(APP, id(1)).await.unwrap().len(), 5);
    assert_eq!(all_jobs(store).await, []);
}

pub async fn what_came_of_a_push_is_written_down<S: Subject>(subject: &S) {
    let store = subject.open();
    let [phone, tablet] = ["phone", "tablet"].map(|device| entry(of_bob(1, device), 3));
    store.claim(vec![phone.clone(), tablet.clone()], None).await.unwrap();
    store.settle(&phone.key, outcome(5)).await.unwrap();
    let settled = LedgerEntry { outcome: Some(outcome(5)), ..phone.clone() };
    assert_eq!(store.ledger(APP, id(1)).await, Ok(vec![settled, tablet.clone()]));
    store.settle(&phone.key, outcome(6)).await.unwrap();
    let settled = LedgerEntry { outcome: Some(outcome(6)), ..phone };
    assert_eq!(store.ledger(APP, id(1)).await, Ok(vec![settled, tablet]), "the newest is kept");
}

pub async fn a_settled_push_is_not_claimed_again<S: Subject>(subject: &S) {
    let store = subject.open();
    let made = entry(of_bob(1, "phone"), 3);
    store.claim(vec![made.clone()], None).await.unwrap();
    store.settle(&made.key, outcome(5)).await.unwrap();
    assert_eq!(store.claim(vec![made], None).await, Ok(vec![false]));
    assert_eq!(store.ledger(APP, id(1)).await.unwrap()[0].outcome, Some(outcome(5)));
}

pub async fn what_came_of_an_unknown_push_is_passed_over<S: Subject>(subject: &S) {
    let store = subject.open();
    store.claim(vec![entry(of_bob(1, "phone"), 3)], None).await.unwrap();
    store.settle(&of_bob(1, "tablet"), outcome(5)).await.unwrap();
    store.settle(&of_bob(2, "phone"), outcome(5)).await.unwrap();
    assert_eq!(store.ledger(APP, id(1)).await, Ok(vec![entry(of_bob(1, "phone"), 3)]));
    assert_eq!(store.ledger(APP, id(2)).await, Ok(vec![]));
}

pub async fn a_ledger_of_one_app_cannot_be_read_by_another<S: Subject>(subject: &S) {
    let store = subject.open();
    let ours = entry(of_bob(1, "phone"), 3);
    let theirs = entry(LedgerKey { app: OTHER_APP, ..ours.key.clone() }, 4);
    store.claim(vec![ours.clone()], None).await.unwrap();
    assert_eq!(store.ledger(OTHER_APP, id(1)).await, Ok(vec![]));
    store.settle(&theirs.key, outcome(5)).await.unwrap();
    store.claim(vec![theirs.clone()], None).await.unwrap();
    assert_eq!(store.ledger(APP, id(1)).await, Ok(vec![ours]));
    assert_eq!(store.ledger(OTHER_APP, id(1)).await, Ok(vec![theirs]));
}

pub async fn an_entry_is_forgotten_after_a_day<S: Subject>(subject: &S) {
    let store = subject.open();
    let [old, young] = [1, 2].map(|n| entry(of_bob(1, &format!("phone-{n}")), n));
    store.claim(vec![old.clone(), young.clone()], None).await.unwrap();
    store.settle(&old.key, outcome(3)).await.unwrap();
    store.trim(at(0) + LEDGER_RETENTION).await.unwrap();
    assert_eq!(store.ledger(APP, id(1)).await.unwrap().len(), 2);
    store.trim(at(1) + LEDGER_RETENTION).await.unwrap();
    assert_eq!(store.ledger(APP, id(1)).await, Ok(vec![young]));
    assert_eq!(store.claim(vec![old], None).await, Ok(vec![true]), "its name is free again");
}

pub async fn a_ledger_is_whole_at_any_age_within_a_day<S: Subject>(subject: &S) {
    let store = subject.open();
    let made: Vec<_> = (0..6).map(|n| entry(of_bob(n % 2 + 1, &format!("phone-{n}")), n * 600)).collect();
    for (entry, n) in made.iter().zip(0..) {
        store.claim(vec![entry.clone()], None).await.unwrap();
        if n % 3 != 0 {
            store.settle(&entry.key, outcome(n * 600 + 1)).await.unwrap();
        }
    }
    for minutes in [1, 16, 31, 60, 600] {
        store.trim(at(minutes * 60)).await.unwrap();
        let seen: Vec<_> = [store.ledger(APP, id(1)).await, store.ledger(APP, id(2)).await]
            .into_iter()
            .flat_map(|entries| entries.unwrap().into_iter().map(|entry| (entry.at, entry.outcome.is_some())))
            .collect();
        let expected = [(0, false), (2, true), (4, true), (1, true), (3, false), (5, true)]
            .map(|(n, is)| (at(n * 600), is));
        assert_eq!(seen, expected, "after {minutes} minutes");
    }
}

pub async fn a_reopened_store_knows_its_ledger<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    commit(&store, leaving(&call, &["bob"], 1)).await;
    let [phone, tablet] = ["phone", "tablet"].map(|device| entry(of_bob(1, device), 3));
    store.claim(vec![phone.clone(), tablet.clone()], Some(&job_key(&call, "bob"))).await.unwrap();
    drop(store);
    let store = subject.open();
    assert_eq!(all_jobs(&store).await, []);
    assert_eq!(store.claim(vec![phone.clone()], None).await, Ok(vec![false]));
    store.settle(&phone.key, outcome(5)).await.unwrap();
    drop(store);
    let store = subject.open();
    let settled = LedgerEntry { outcome: Some(outcome(5)), ..phone };
    assert_eq!(store.ledger(APP, id(1)).await, Ok(vec![settled, tablet]));
}
