//! What was promised survives the end of the process.
#![expect(missing_docs, reason = "a law's name is its sentence")]
use super::{
    Subject,
    world::{
        APP, accepted, account, at, commit, id, key, key_text, next, refused, rejected, ringing, silent,
        telling, used,
    },
};
use crate::{CommitError, Remembered, Store, Transition, UserChange};
use offhook_call::Call;
use offhook_types::{Offset, Opaque};

/// One live and one ended call between alice and bob, and their events; gives the newest state of both.
async fn fill(store: &impl Store) -> (Call, Call) {
    let (live, ended) = (ringing(1, &["alice", "bob"]), ringing(2, &["bob", "alice"]));
    commit(store, telling(&live, &["alice", "bob"])).await;
    commit(store, telling(&ended, &["alice"])).await;
    let (live, ended) = (accepted(&live, "bob", 3), rejected(&ended, 3));
    commit(store, telling(&live, &["alice"])).await;
    commit(store, telling(&ended, &["alice"])).await;
    (live, ended)
}

pub async fn a_reopened_store_goes_on_where_it_stopped<S: Subject>(subject: &S) {
    let (live, ended) = fill(&subject.open()).await;
    let store = subject.open();
    for late in [live.clone(), next(&ended)] {
        let error = refused(&store, silent(&late)).await;
        assert!(matches!(error, CommitError::Conflict(Some(_))), "{error:?}");
    }
    let committed = commit(&store, telling(&next(&live), &["alice"])).await;
    assert_eq!(committed.heads[0].1, Offset(5));
}

pub async fn a_reopened_store_has_the_same_epoch<S: Subject>(subject: &S) {
    let epoch = subject.open().epoch();
    assert_eq!(subject.open().epoch(), epoch);
}

pub async fn a_reopened_store_knows_its_calls<S: Subject>(subject: &S) {
    let (live, ended) = fill(&subject.open()).await;
    let store = subject.open();
    for call in [&live, &ended] {
        assert_eq!(store.load(APP, call.id).await.unwrap().as_deref(), Some(call));
    }
    let calls = store.live(&account("bob")).await.unwrap().calls;
    assert_eq!(calls.iter().map(|call| (**call).clone()).collect::<Vec<_>>(), [live]);
    let calls = store.calls(&account("bob"), None, 9).await.unwrap().calls;
    assert_eq!(calls.iter().map(|call| call.id).collect::<Vec<_>>(), [id(2), id(1)]);
}

pub async fn a_reopened_store_knows_its_deadlines<S: Subject>(subject: &S) {
    let call = ringing(1, &["alice", "bob"]);
    commit(&subject.open(), silent(&call)).await;
    let store = subject.open();
    assert_eq!(store.next_deadline().await, Ok(call.poll_timeout()));
    assert_eq!(store.due(at(99), 9).await.unwrap().len(), 1);
    assert_eq!(store.waiting_callers().await, Ok(vec![account("alice")]));
}

pub async fn a_reopened_store_knows_its_events<S: Subject>(subject: &S) {
    let before = {
        let store = subject.open();
        fill(&store).await;
        store.events(&account("alice"), Offset(0), 9).await
    };
    assert_eq!(before.as_ref().unwrap().events.len(), 4);
    assert_eq!(subject.open().events(&account("alice"), Offset(0), 9).await, before);
}

pub async fn a_reopened_store_knows_its_keys<S: Subject>(subject: &S) {
    let alice = account("alice");
    {
        let store = subject.open();
        let keyed = Transition { key: Some(key(&alice, "call")), ..silent(&ringing(1, &["alice", "bob"])) };
        commit(&store, keyed).await;
        store.bury(&alice, &key_text("grave"), at(1)).await.unwrap();
    }
    let store = subject.open();
    let created = Remembered::Call { call: id(1), fingerprint: 7 };
    assert_eq!(store.remembered(&alice, &key_text("call")).await, Ok(Some(created)));
    assert_eq!(store.remembered(&alice, &key_text("grave")).await, Ok(Some(Remembered::Canceled)));
}

pub async fn a_reopened_store_knows_its_users<S: Subject>(subject: &S) {
    let change = UserChange { name: Some(Opaque::new("Alice \u{1f4de}")), ..UserChange::default() };
    let put = subject.open().put_user(&account("alice"), change, at(3)).await.unwrap();
    assert_eq!(subject.open().users(&[account("alice")]).await, Ok(vec![Some(put)]));
}

pub async fn a_reopened_store_takes_the_usage_of_ended_calls<S: Subject>(subject: &S) {
    let (_, mut ended) = fill(&subject.open()).await;
    for seconds in 1..4 {
        let store = subject.open();
        let error = refused(&store, silent(&next(&ended))).await;
        assert!(matches!(error, CommitError::Conflict(Some(_))), "{error:?}");
        ended = used(&ended, "alice", seconds);
        commit(&store, silent(&ended)).await;
        assert_eq!(store.load(APP, ended.id).await.unwrap().as_deref(), Some(&ended));
    }
    let store = subject.open();
    assert_eq!(store.load(APP, ended.id).await.unwrap().as_deref(), Some(&ended));
    let calls = store.calls(&account("alice"), None, 9).await.unwrap().calls;
    assert_eq!(calls.iter().map(|call| call.id).collect::<Vec<_>>(), [id(2), id(1)]);
    assert_eq!(*calls[0], ended);
}
