//! A key stands for one call, or for none for ever, for a day.
#![expect(missing_docs, reason = "a law's name is its sentence")]
use super::{
    Subject,
    world::{APP, account, at, commit, id, key, key_text, next, refused, ringing, silent},
};
use crate::{CommitError, Guard, Key, Remembered, Store, Transition};

fn keyed(n: u64, text: &str) -> Transition {
    Transition { key: Some(key(&account("alice"), text)), ..silent(&ringing(n, &["alice", "bob"])) }
}

fn created(n: u64) -> Remembered {
    Remembered::Call { call: id(n), fingerprint: 7 }
}

fn taken(error: CommitError) -> Remembered {
    match error {
        CommitError::KeyTaken(remembered) => remembered,
        other @ (CommitError::Conflict(_) | CommitError::GuardFailed | CommitError::Store(_)) => {
            panic!("a taken key was expected, not {other:?}")
        }
    }
}

pub async fn a_buried_key_can_be_buried_again<S: Subject>(subject: &S) {
    let store = subject.open();
    let (alice, key) = (account("alice"), key_text("k"));
    assert_eq!(store.bury(&alice, &key, at(1)).await, Ok(None));
    assert_eq!(store.bury(&alice, &key, at(2)).await, Ok(Some(Remembered::Canceled)));
    assert_eq!(store.remembered(&alice, &key).await, Ok(Some(Remembered::Canceled)));
}

pub async fn a_canceled_key_creates_no_call<S: Subject>(subject: &S) {
    let store = subject.open();
    store.bury(&account("alice"), &key_text("k"), at(1)).await.unwrap();
    assert_eq!(taken(refused(&store, keyed(1, "k")).await), Remembered::Canceled);
    assert_eq!(store.load(APP, id(1)).await, Ok(None));
}

pub async fn a_key_is_remembered_with_its_fingerprint<S: Subject>(subject: &S) {
    let store = subject.open();
    let key = Key { fingerprint: u64::MAX, ..key(&account("alice"), "k") };
    commit(&store, Transition { key: Some(key), ..keyed(1, "k") }).await;
    let expected = Remembered::Call { call: id(1), fingerprint: u64::MAX };
    assert_eq!(store.remembered(&account("alice"), &key_text("k")).await, Ok(Some(expected)));
}

pub async fn a_key_belongs_to_its_user<S: Subject>(subject: &S) {
    let store = subject.open();
    commit(&store, keyed(1, "k")).await;
    assert_eq!(store.remembered(&account("bob"), &key_text("k")).await, Ok(None));
    let of_bob = Some(key(&account("bob"), "k"));
    commit(&store, Transition { key: of_bob, ..silent(&ringing(2, &["bob", "alice"])) }).await;
    assert_eq!(store.remembered(&account("alice"), &key_text("k")).await, Ok(Some(created(1))));
    assert_eq!(store.remembered(&account("bob"), &key_text("k")).await, Ok(Some(created(2))));
}

pub async fn a_key_is_forgotten_after_a_day<S: Subject>(subject: &S) {
    let store = subject.open();
    let (alice, day) = (account("alice"), 24 * 3600);
    commit(&store, keyed(1, "call")).await;
    store.bury(&alice, &key_text("grave"), at(1)).await.unwrap();
    store.trim(at(day)).await.unwrap();
    assert_eq!(store.remembered(&alice, &key_text("call")).await, Ok(Some(created(1))));
    assert_eq!(store.remembered(&alice, &key_text("grave")).await, Ok(Some(Remembered::Canceled)));
    store.trim(at(day + 1)).await.unwrap();
    assert_eq!(store.remembered(&alice, &key_text("call")).await, Ok(None));
    assert_eq!(store.remembered(&alice, &key_text("grave")).await, Ok(None));
    commit(&store, keyed(2, "call")).await;
}

pub async fn a_key_that_created_a_call_cannot_be_buried<S: Subject>(subject: &S) {
    let store = subject.open();
    commit(&store, keyed(1, "k")).await;
    assert_eq!(store.bury(&account("alice"), &key_text("k"), at(2)).await, Ok(Some(created(1))));
    assert_eq!(store.remembered(&account("alice"), &key_text("k")).await, Ok(Some(created(1))));
}

pub async fn a_refused_transition_does_not_use_up_its_key<S: Subject>(subject: &S) {
    let store = subject.open();
    let broken = vec![Guard { account: account("bob"), revision: 5 }];
    refused(&store, Transition { guards: broken, ..keyed(1, "k") }).await;
    assert_eq!(store.remembered(&account("alice"), &key_text("k")).await, Ok(None));
    commit(&store, keyed(1, "k")).await;
}

pub async fn a_taken_key_is_named_before_a_conflict<S: Subject>(subject: &S) {
    let store = subject.open();
    commit(&store, keyed(1, "k")).await;
    let broken = vec![Guard { account: account("bob"), revision: 0 }];
    assert_eq!(taken(refused(&store, Transition { guards: broken, ..keyed(1, "k") }).await), created(1));
}

pub async fn a_taken_key_says_which_call_it_created<S: Subject>(subject: &S) {
    let store = subject.open();
    commit(&store, keyed(1, "k")).await;
    commit(&store, silent(&next(&ringing(1, &["alice", "bob"])))).await;
    assert_eq!(taken(refused(&store, keyed(2, "k")).await), created(1));
    assert_eq!(store.load(APP, id(2)).await, Ok(None));
    commit(&store, keyed(2, "another")).await;
}

pub async fn an_unknown_key_stands_for_nothing<S: Subject>(subject: &S) {
    let store = subject.open();
    assert_eq!(store.remembered(&account("alice"), &key_text("k")).await, Ok(None));
}
