//! What many do at once, on threads of their own.
#![expect(missing_docs, reason = "a law's name is its sentence")]
use std::thread;

use super::{
    Subject,
    world::{APP, account, commit, id, key, next, ringing, silent, telling},
};
use crate::{CommitError, Guard, Store, Transition};
use offhook_call::Call;
use offhook_types::Offset;

const COMMITTERS: u64 = 10;

/// Commits one version after another from what is loaded, until the call stands at `last`; counts the wins.
async fn push_to(store: &impl Store, last: u64) -> u64 {
    let mut wins = 0;
    loop {
        let call = store.load(APP, id(1)).await.unwrap().expect("the call was created");
        if call.seq.0 >= last {
            return wins;
        }
        match store.commit(telling(&next(&call), &["bob"])).await {
            Ok(_) => wins += 1,
            Err(CommitError::Conflict(Some(_))) => {}
            Err(other) => panic!("only a conflict may happen: {other:?}"),
        }
    }
}

pub async fn of_ten_committers_one_wins_each_version<S: Subject>(subject: &S) {
    let store = &subject.open();
    commit(store, telling(&ringing(1, &["alice", "bob"]), &["bob"])).await;
    let wins: u64 = thread::scope(|scope| {
        let committers: Vec<_> =
            (0..COMMITTERS).map(|_| scope.spawn(|| subject.block_on(push_to(store, 60)))).collect();
        committers.into_iter().map(|committer| committer.join().unwrap()).sum()
    });
    assert_eq!(wins, 59);
    let page = store.events(&account("bob"), Offset(0), 99).await.unwrap();
    let seen: Vec<_> = page.events.iter().map(|event| (event.offset.0, event.call.seq.0)).collect();
    assert_eq!(seen, (1..=60).map(|n| (n, n)).collect::<Vec<_>>());
}

pub async fn concurrent_commits_number_a_shared_log_without_gap<S: Subject>(subject: &S) {
    let store = &subject.open();
    thread::scope(|scope| {
        for committer in 1..=COMMITTERS {
            scope.spawn(move || {
                let mut call = ringing(committer, &["alice", "bob"]);
                for _ in 0..6 {
                    let heads = subject.block_on(commit(store, telling(&call, &["bob"]))).heads;
                    assert_eq!(heads.len(), 1);
                    call = next(&call);
                }
            });
        }
    });
    let page = store.events(&account("bob"), Offset(0), 99).await.unwrap();
    let offsets: Vec<_> = page.events.iter().map(|event| event.offset.0).collect();
    assert_eq!(offsets, (1..=6 * COMMITTERS).collect::<Vec<_>>());
    for committer in 1..=COMMITTERS {
        let of_one: Vec<_> = page
            .events
            .iter()
            .filter(|event| event.call.id == id(committer))
            .map(|event| event.call.seq.0)
            .collect();
        assert_eq!(of_one, [1, 2, 3, 4, 5, 6], "the steps of a call come in order");
    }
}

pub async fn concurrent_users_of_one_key_create_one_call<S: Subject>(subject: &S) {
    let store = &subject.open();
    let created = count_wins(subject, |n| async move {
        let key = Some(key(&account("alice"), "k"));
        match store.commit(Transition { key, ..silent(&ringing(n, &["alice", "bob"])) }).await {
            Ok(_) => true,
            Err(CommitError::KeyTaken(_)) => false,
            Err(other) => panic!("only a taken key may stand against it: {other:?}"),
        }
    });
    assert_eq!(created, 1);
    assert_eq!(store.live(&account("bob")).await.unwrap().calls.len(), 1);
}

pub async fn of_two_guarded_invitations_one_wins<S: Subject>(subject: &S) {
    let store = &subject.open();
    let created = count_wins(subject, |n| async move {
        let guards = vec![Guard { account: account("bob"), revision: 0 }];
        let caller = format!("caller{n}");
        let call: Call = ringing(n, &[&caller, "bob"]);
        match store.commit(Transition { guards, ..silent(&call) }).await {
            Ok(_) => true,
            Err(CommitError::GuardFailed) => false,
            Err(other) => panic!("only a guard may stand against it: {other:?}"),
        }
    });
    assert_eq!(created, 1);
}

fn count_wins<S: Subject, F: Future<Output = bool>>(subject: &S, attempt: impl Fn(u64) -> F + Sync) -> usize {
    let attempt = &attempt;
    thread::scope(|scope| {
        let attempts: Vec<_> =
            (1..=COMMITTERS).map(|n| scope.spawn(move || subject.block_on(attempt(n)))).collect();
        attempts.into_iter().map(|attempt| attempt.join().unwrap()).filter(|won| *won).count()
    })
}
