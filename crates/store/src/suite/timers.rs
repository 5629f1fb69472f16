//! Deadlines, and who still waits for somebody.
#![expect(missing_docs, reason = "a law's name is its sentence")]
use super::{
    Subject,
    world::{APP, OTHER_APP, accepted, account, at, commit, id, next, rejected, ringing, silent, stranger},
};
use crate::{Due, Store};
use offhook_call::Call;
use offhook_types::{CallId, Timestamp};

async fn due(store: &impl Store, now: u64, limit: usize) -> Vec<CallId> {
    store.due(at(now), limit).await.unwrap().iter().map(|due| due.call).collect()
}

fn deadline(call: &Call) -> Timestamp {
    call.poll_timeout().expect("a live call has a deadline")
}

pub async fn a_step_moves_the_deadline<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    let second = accepted(&call, "bob", 2);
    assert!(deadline(&second) > deadline(&call));
    commit(&store, silent(&call)).await;
    commit(&store, silent(&second)).await;
    assert_eq!(store.next_deadline().await, Ok(Some(deadline(&second))));
    assert_eq!(store.due(deadline(&call), 9).await, Ok(vec![]));
    let expected = Due { at: deadline(&second), app: APP, call: id(1) };
    assert_eq!(store.due(deadline(&second), 9).await, Ok(vec![expected]));
}

pub async fn an_ended_call_has_no_deadline<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    commit(&store, silent(&call)).await;
    commit(&store, silent(&rejected(&call, 2))).await;
    assert_eq!(store.next_deadline().await, Ok(None));
    assert_eq!(store.due(Timestamp::FAR_FUTURE, 9).await, Ok(vec![]));
}

pub async fn due_calls_come_in_the_order_of_their_deadlines<S: Subject>(subject: &S) {
    let store = subject.open();
    for n in [3, 1, 2] {
        commit(&store, silent(&ringing(n, &["alice", "bob"]))).await;
    }
    assert_eq!(due(&store, 99, 9).await, [id(1), id(2), id(3)]);
    assert_eq!(due(&store, 99, 9).await.len(), 3, "asking takes nothing away");
}

pub async fn due_calls_are_limited<S: Subject>(subject: &S) {
    let store = subject.open();
    for n in 1..=5 {
        commit(&store, silent(&ringing(n, &["alice", "bob"]))).await;
    }
    assert_eq!(due(&store, 99, 2).await, [id(1), id(2)]);
    assert_eq!(due(&store, 99, 0).await, []);
}

pub async fn nothing_is_due_before_its_time<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    commit(&store, silent(&call)).await;
    let just_before = Timestamp::from_millis(deadline(&call).as_millis() - 1);
    assert_eq!(store.due(just_before, 9).await, Ok(vec![]));
    assert_eq!(store.due(deadline(&call), 9).await.unwrap().len(), 1);
}

pub async fn the_next_deadline_is_the_earliest<S: Subject>(subject: &S) {
    let store = subject.open();
    assert_eq!(store.next_deadline().await, Ok(None));
    for n in [3, 1, 2] {
        commit(&store, silent(&ringing(n, &["alice", "bob"]))).await;
    }
    let first = ringing(1, &["alice", "bob"]);
    assert_eq!(store.next_deadline().await, Ok(Some(deadline(&first))));
    commit(&store, silent(&rejected(&first, 4))).await;
    assert_eq!(store.next_deadline().await, Ok(Some(deadline(&ringing(2, &["alice", "bob"])))));
}

pub async fn waiting_callers_are_those_whom_nobody_accepted<S: Subject>(subject: &S) {
    let store = subject.open();
    assert_eq!(store.waiting_callers().await, Ok(vec![]));
    let calls =
        [ringing(1, &["alice", "bob"]), ringing(2, &["bob", "alice"]), ringing(3, &["carol", "alice"])];
    for call in &calls {
        commit(&store, silent(call)).await;
    }
    commit(&store, silent(&next(&calls[0]))).await;
    commit(&store, silent(&accepted(&calls[1], "alice", 4))).await;
    commit(&store, silent(&rejected(&calls[2], 4))).await;
    commit(&store, silent(&Call { app: OTHER_APP, ..ringing(4, &["carol", "bob"]) })).await;
    let mut waiting = store.waiting_callers().await.unwrap();
    waiting.sort_unstable();
    assert_eq!(waiting, [account("alice"), stranger("carol")]);
}
