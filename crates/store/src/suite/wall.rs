//! Apps never meet.
#![expect(missing_docs, reason = "a law's name is its sentence")]
use super::{
    Subject,
    world::{
        APP, OTHER_APP, account, at, commit, id, key, key_text, next, refused, rejected, ringing, silent,
        stranger, telling,
    },
};
use crate::{CommitError, Remembered, Store, Transition, UserChange};
use offhook_call::Call;
use offhook_types::Offset;

fn elsewhere(n: u64) -> Call {
    Call { app: OTHER_APP, ..ringing(n, &["alice", "bob"]) }
}

pub async fn a_call_of_one_app_cannot_be_read_by_another<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    for step in [call.clone(), rejected(&call, 2)] {
        commit(&store, silent(&step)).await;
        assert_eq!(store.load(OTHER_APP, id(1)).await, Ok(None));
        assert_eq!(store.load(APP, id(1)).await.unwrap().as_deref(), Some(&step));
    }
}

pub async fn a_call_of_one_app_cannot_be_changed_by_another<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    commit(&store, silent(&call)).await;
    for foreign in [elsewhere(1), next(&elsewhere(1))] {
        let error = refused(&store, silent(&foreign)).await;
        assert!(matches!(error, CommitError::Conflict(None)), "nothing of the call is shown: {error:?}");
    }
    assert_eq!(store.load(APP, id(1)).await.unwrap().as_deref(), Some(&call));
}

pub async fn equal_keys_of_two_apps_do_not_meet<S: Subject>(subject: &S) {
    let store = subject.open();
    store.bury(&stranger("alice"), &key_text("k"), at(1)).await.unwrap();
    let mine = Some(key(&account("alice"), "k"));
    commit(&store, Transition { key: mine, ..silent(&ringing(1, &["alice", "bob"])) }).await;
    assert_eq!(store.remembered(&stranger("alice"), &key_text("k")).await, Ok(Some(Remembered::Canceled)));
}

pub async fn equal_names_of_two_apps_have_their_own_logs<S: Subject>(subject: &S) {
    let store = subject.open();
    commit(&store, telling(&ringing(1, &["alice", "bob"]), &["bob", "bob"])).await;
    commit(&store, telling(&elsewhere(2), &["bob"])).await;
    assert_eq!(store.events(&account("bob"), Offset(0), 9).await.unwrap().head, Offset(2));
    let other = store.events(&stranger("bob"), Offset(0), 9).await.unwrap();
    assert_eq!((other.head, other.events.len()), (Offset(1), 1));
    assert_eq!(other.events[0].call.app, OTHER_APP);
}

pub async fn equal_names_of_two_apps_have_their_own_calls<S: Subject>(subject: &S) {
    let store = subject.open();
    let ended = ringing(3, &["alice", "bob"]);
    for call in [ringing(1, &["alice", "bob"]), elsewhere(2), ended.clone(), rejected(&ended, 4)] {
        commit(&store, silent(&call)).await;
    }
    for (account, live, listed) in
        [(account("bob"), vec![id(1)], vec![id(3), id(1)]), (stranger("bob"), vec![id(2)], vec![id(2)])]
    {
        let calls = store.live(&account).await.unwrap().calls;
        assert_eq!(calls.iter().map(|call| call.id).collect::<Vec<_>>(), live);
        let calls = store.calls(&account, None, 9).await.unwrap().calls;
        assert_eq!(calls.iter().map(|call| call.id).collect::<Vec<_>>(), listed);
    }
}

pub async fn equal_names_of_two_apps_are_different_users<S: Subject>(subject: &S) {
    let store = subject.open();
    store.put_user(&account("alice"), UserChange::default(), at(1)).await.unwrap();
    assert_eq!(store.users(&[stranger("alice")]).await, Ok(vec![None]));
}
