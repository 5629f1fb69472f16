//! The live calls of a user carry a revision, and a guard on it holds or refuses.
#![expect(missing_docs, reason = "a law's name is its sentence")]
use super::{
    Subject,
    world::{accepted, account, commit, id, joined_by, next, refused, rejected, ringing, silent, stranger},
};
use crate::{CommitError, Guard, Store, Transition};
use offhook_types::CallId;

async fn live(store: &impl Store, name: &str) -> Vec<CallId> {
    store.live(&account(name)).await.unwrap().calls.iter().map(|call| call.id).collect()
}

async fn guard(store: &impl Store, name: &str) -> Guard {
    Guard { account: account(name), revision: store.live(&account(name)).await.unwrap().revision }
}

/// A call of others that is guarded by `guards`.
fn guarded(n: u64, guards: Vec<Guard>) -> Transition {
    Transition { guards, ..silent(&ringing(n, &["zoe", "yan"])) }
}

async fn broken(store: &impl Store, guard: Guard) {
    let error = refused(store, guarded(90, vec![guard])).await;
    assert!(matches!(error, CommitError::GuardFailed), "{error:?}");
    assert_eq!(live(store, "zoe").await, []);
}

pub async fn a_call_leaves_the_list_when_it_ends<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    commit(&store, silent(&call)).await;
    assert_eq!((live(&store, "alice").await, live(&store, "bob").await), (vec![id(1)], vec![id(1)]));
    commit(&store, silent(&rejected(&call, 2))).await;
    assert_eq!((live(&store, "alice").await, live(&store, "bob").await), (vec![], vec![]));
}

pub async fn a_guard_holds_while_nothing_changes<S: Subject>(subject: &S) {
    let store = subject.open();
    commit(&store, silent(&ringing(1, &["alice", "bob"]))).await;
    let guards = vec![guard(&store, "alice").await, guard(&store, "bob").await];
    commit(&store, silent(&ringing(2, &["carol", "dave"]))).await;
    commit(&store, guarded(3, guards)).await;
}

pub async fn a_guard_is_broken_by_a_new_call<S: Subject>(subject: &S) {
    let store = subject.open();
    let guard = guard(&store, "bob").await;
    commit(&store, silent(&ringing(1, &["alice", "bob"]))).await;
    broken(&store, guard).await;
}

pub async fn a_guard_is_broken_by_a_step<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    commit(&store, silent(&call)).await;
    let guard = guard(&store, "bob").await;
    commit(&store, silent(&accepted(&call, "bob", 2))).await;
    broken(&store, guard).await;
}

pub async fn a_guard_is_broken_by_an_end<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    commit(&store, silent(&call)).await;
    let guard = guard(&store, "bob").await;
    commit(&store, silent(&rejected(&call, 2))).await;
    broken(&store, guard).await;
}

pub async fn a_guard_on_a_stranger_stands_at_zero<S: Subject>(subject: &S) {
    let store = subject.open();
    commit(&store, guarded(1, vec![Guard { account: stranger("nobody"), revision: 0 }])).await;
    let wrong = vec![Guard { account: account("nobody"), revision: 1 }];
    let error = refused(&store, guarded(2, wrong)).await;
    assert!(matches!(error, CommitError::GuardFailed), "{error:?}");
}

pub async fn a_user_may_be_in_several_calls<S: Subject>(subject: &S) {
    let store = subject.open();
    let first = ringing(1, &["alice", "bob"]);
    commit(&store, silent(&first)).await;
    commit(&store, silent(&ringing(2, &["carol", "bob"]))).await;
    assert_eq!(live(&store, "bob").await, [id(1), id(2)]);
    commit(&store, silent(&rejected(&first, 3))).await;
    assert_eq!(live(&store, "bob").await, [id(2)]);
}

pub async fn live_calls_come_oldest_first<S: Subject>(subject: &S) {
    let store = subject.open();
    for n in [3, 1, 2] {
        commit(&store, silent(&ringing(n, &["alice", "bob"]))).await;
    }
    commit(&store, silent(&next(&ringing(1, &["alice", "bob"])))).await;
    assert_eq!(live(&store, "bob").await, [id(1), id(2), id(3)]);
}

pub async fn one_broken_guard_of_several_refuses<S: Subject>(subject: &S) {
    let store = subject.open();
    let (bob, carol) = (guard(&store, "bob").await, guard(&store, "carol").await);
    commit(&store, silent(&ringing(1, &["alice", "carol"]))).await;
    let error = refused(&store, guarded(2, vec![bob, carol])).await;
    assert!(matches!(error, CommitError::GuardFailed), "{error:?}");
}

pub async fn someone_added_later_has_the_call_in_their_list<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    commit(&store, silent(&call)).await;
    assert_eq!(live(&store, "carol").await, []);
    commit(&store, silent(&joined_by(&call, "carol", 5))).await;
    assert_eq!(live(&store, "carol").await, [id(1)]);
    assert_eq!(store.calls(&account("carol"), None, 9).await.unwrap().calls.len(), 1);
}
