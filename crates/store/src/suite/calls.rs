//! The list of a user's calls.
#![expect(missing_docs, reason = "a law's name is its sentence")]
use super::{
    Subject,
    world::{APP, accepted, account, at, commit, id, rejected, ringing, silent},
};
use crate::Store;
use offhook_call::Call;
use offhook_types::CallId;

async fn page(store: &impl Store, before: Option<CallId>, limit: usize) -> (Vec<CallId>, bool) {
    let page = store.calls(&account("bob"), before, limit).await.unwrap();
    (page.calls.iter().map(|call| call.id).collect(), page.more)
}

/// Nine calls to bob, of which every third still lives.
async fn fill(store: &impl Store) {
    for n in 1..=9 {
        let call = ringing(n, &["alice", "bob"]);
        commit(store, silent(&call)).await;
        if n % 3 != 0 {
            commit(store, silent(&rejected(&call, n + 1))).await;
        }
    }
}

pub async fn an_ended_call_stays_readable<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    let ended = rejected(&call, 2);
    commit(&store, silent(&call)).await;
    commit(&store, silent(&ended)).await;
    store.trim(at(90 * 24 * 3600)).await.unwrap();
    assert_eq!(store.load(APP, id(1)).await.unwrap().as_deref(), Some(&ended));
    let page = store.calls(&account("alice"), None, 9).await.unwrap();
    assert_eq!(page.calls.iter().map(|call| (**call).clone()).collect::<Vec<_>>(), [ended]);
}

pub async fn calls_of_one_millisecond_are_all_listed_once<S: Subject>(subject: &S) {
    let store = subject.open();
    let ids: Vec<CallId> = (0..6).rev().map(|n| CallId::from_parts(at(1), [n; 10])).collect();
    for id in &ids {
        let call = Call { id: *id, ..ringing(1, &["alice", "bob"]) };
        commit(&store, silent(&call)).await;
        commit(&store, silent(&rejected(&call, 2))).await;
    }
    let (first, more) = page(&store, None, 4).await;
    let (rest, end) = page(&store, first.last().copied(), 4).await;
    assert_eq!((first, more, rest, end), (ids[..4].to_vec(), true, ids[4..].to_vec(), false));
}

pub async fn calls_are_listed_newest_first<S: Subject>(subject: &S) {
    let store = subject.open();
    fill(&store).await;
    assert_eq!(page(&store, None, 99).await, ((1..=9).rev().map(id).collect(), false));
    assert!(!page(&store, None, 9).await.1, "nothing is older than the oldest");
    assert!(page(&store, None, 8).await.1);
}

pub async fn calls_are_paged_without_gap_or_repetition<S: Subject>(subject: &S) {
    let store = subject.open();
    fill(&store).await;
    let (mut seen, mut before) = (vec![], None);
    loop {
        let (ids, more) = page(&store, before, 2).await;
        before = ids.last().copied();
        seen.extend(ids);
        if !more {
            break;
        }
    }
    assert_eq!(seen, (1..=9).rev().map(id).collect::<Vec<_>>());
    assert_eq!(page(&store, Some(id(1)), 2).await, (vec![], false));
}

pub async fn a_live_call_is_listed_in_its_newest_state<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    let second = accepted(&call, "bob", 2);
    commit(&store, silent(&call)).await;
    commit(&store, silent(&second)).await;
    let page = store.calls(&account("bob"), None, 9).await.unwrap();
    assert_eq!(page.calls.iter().map(|call| (**call).clone()).collect::<Vec<_>>(), [second]);
}

pub async fn every_party_finds_the_call_in_their_list<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob", "carol"]);
    commit(&store, silent(&call)).await;
    commit(&store, silent(&rejected(&call, 2))).await;
    for name in ["alice", "bob", "carol"] {
        assert_eq!(store.calls(&account(name), None, 9).await.unwrap().calls.len(), 1, "{name}");
    }
}

pub async fn somebody_without_calls_has_an_empty_list<S: Subject>(subject: &S) {
    let store = subject.open();
    assert_eq!(page(&store, None, 9).await, (vec![], false));
    assert_eq!(page(&store, Some(id(5)), 0).await, (vec![], false));
}
