//! A commit is a compare-and-set on the call's version, whole or not at all.
#![expect(missing_docs, reason = "a law's name is its sentence")]
use std::sync::Arc;

use super::{
    Subject,
    world::{
        self, APP, accepted, account, at, commit, id, next, refused, rejected, ringing, silent, telling, used,
    },
};
use crate::{CommitError, Store};
use offhook_call::Call;
use offhook_types::{CallSeq, Offset};

fn conflict(error: CommitError) -> Option<Arc<Call>> {
    match error {
        CommitError::Conflict(call) => call,
        other @ (CommitError::GuardFailed | CommitError::KeyTaken(_) | CommitError::Store(_)) => {
            panic!("a conflict was expected, not {other:?}")
        }
    }
}

pub async fn a_call_begins_at_version_one<S: Subject>(subject: &S) {
    let store = subject.open();
    for seq in [0, 2, 7] {
        let call = Call { seq: CallSeq(seq), ..ringing(1, &["alice", "bob"]) };
        assert_eq!(conflict(refused(&store, silent(&call)).await), None, "version {seq}");
    }
    commit(&store, silent(&ringing(1, &["alice", "bob"]))).await;
}

pub async fn a_call_cannot_be_created_twice<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    commit(&store, silent(&call)).await;
    assert_eq!(conflict(refused(&store, silent(&call)).await).as_deref(), Some(&call));
}

pub async fn a_call_comes_back_as_it_was_committed<S: Subject>(subject: &S) {
    let store = subject.open();
    let mut call = ringing(1, &["alice", "bob", "carol"]);
    assert_eq!(store.load(APP, call.id).await, Ok(None));
    for step in [world::accepted, |call: &Call, _: &str, n| world::joined_by(call, "dave", n)] {
        commit(&store, silent(&call)).await;
        assert_eq!(store.load(APP, call.id).await.unwrap().as_deref(), Some(&call));
        call = step(&call, "carol", 5);
    }
}

pub async fn a_conflict_gives_the_call_as_it_stands<S: Subject>(subject: &S) {
    let store = subject.open();
    let first = ringing(1, &["alice", "bob"]);
    let second = accepted(&first, "bob", 3);
    commit(&store, silent(&first)).await;
    commit(&store, silent(&second)).await;
    let late = rejected(&first, 4);
    assert_eq!(conflict(refused(&store, silent(&late)).await).as_deref(), Some(&second));
}

pub async fn a_conflict_over_an_unknown_call_gives_none<S: Subject>(subject: &S) {
    let store = subject.open();
    let unknown = next(&ringing(1, &["alice", "bob"]));
    assert_eq!(conflict(refused(&store, silent(&unknown)).await), None);
}

pub async fn a_refused_transition_leaves_nothing_behind<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    commit(&store, telling(&call, &["bob"])).await;
    let (before, deadline) = (store.live(&account("bob")).await, store.next_deadline().await);
    let stale = Call { legs: ringing(1, &["alice", "bob", "carol"]).legs, ..rejected(&call, 2) };
    refused(&store, telling(&Call { seq: CallSeq(1), ..stale }, &["bob", "carol"])).await;
    assert_eq!(store.live(&account("bob")).await, before);
    assert_eq!(store.next_deadline().await, deadline);
    assert_eq!(store.events(&account("bob"), Offset(0), 9).await.unwrap().head, Offset(1));
    assert_eq!(store.events(&account("carol"), Offset(0), 9).await.unwrap().head, Offset(0));
    assert_eq!(store.calls(&account("carol"), None, 9).await.unwrap().calls, []);
}

pub async fn a_version_cannot_be_skipped<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    commit(&store, silent(&call)).await;
    assert_eq!(conflict(refused(&store, silent(&next(&next(&call)))).await).as_deref(), Some(&call));
}

pub async fn an_ended_call_takes_no_transition<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    let ended = rejected(&call, 2);
    commit(&store, silent(&call)).await;
    commit(&store, silent(&ended)).await;
    for late in [next(&ended), rejected(&call, 3), call] {
        assert_eq!(conflict(refused(&store, silent(&late)).await).as_deref(), Some(&ended));
    }
}

pub async fn an_ended_call_takes_its_usage<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    let ended = rejected(&call, 2);
    commit(&store, silent(&call)).await;
    commit(&store, silent(&ended)).await;
    let first = used(&ended, "alice", 60);
    commit(&store, silent(&first)).await;
    for wrong in [
        used(&ended, "alice", 61),
        used(&next(&first), "alice", 1),
        used(&Call { mode: offhook_call::Mode::General, ..first.clone() }, "bob", 1),
        used(&Call { end: None, ..first.clone() }, "bob", 1),
    ] {
        assert_eq!(conflict(refused(&store, silent(&wrong)).await).as_deref(), Some(&first));
    }
    let second = used(&first, "bob", 30);
    commit(&store, silent(&second)).await;
    assert_eq!(store.load(APP, call.id).await.unwrap().as_deref(), Some(&second));
}

pub async fn usage_after_the_end_leaves_everything_else_in_place<S: Subject>(subject: &S) {
    let store = subject.open();
    let (call, other) = (ringing(1, &["alice", "bob"]), ringing(2, &["alice", "bob"]));
    commit(&store, silent(&call)).await;
    commit(&store, silent(&other)).await;
    let ended = rejected(&call, 2);
    commit(&store, telling(&ended, &["bob"])).await;
    let after = used(&ended, "alice", 60);
    commit(&store, silent(&after)).await;
    let live = store.live(&account("alice")).await.unwrap().calls;
    assert_eq!(live.iter().map(|call| call.id).collect::<Vec<_>>(), [other.id]);
    assert_eq!(store.next_deadline().await, Ok(other.poll_timeout()));
    let page = store.calls(&account("bob"), None, 9).await.unwrap();
    assert_eq!(page.calls.iter().map(|call| (**call).clone()).collect::<Vec<_>>(), [other, after]);
    assert_eq!(store.events(&account("bob"), Offset(0), 9).await.unwrap().head, Offset(1));
    assert_eq!(store.due(at(0), 9).await.unwrap(), []);
}

pub async fn each_version_follows_the_one_before<S: Subject>(subject: &S) {
    let store = subject.open();
    let mut call = ringing(1, &["alice", "bob"]);
    for _ in 0..20 {
        commit(&store, silent(&call)).await;
        call = next(&call);
    }
    assert_eq!(store.load(APP, id(1)).await.unwrap().unwrap().seq, CallSeq(20));
}
