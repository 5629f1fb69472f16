//! Jobs that transitions leave.
#![expect(missing_docs, reason = "a law's name is its sentence")]
use super::{
    Subject,
    pushes::{all_jobs, job_key, jobs, leaving},
    world::{OTHER_APP, account, at, commit, key, next, refused, ringing, silent},
};
use crate::{CommitError, Guard, LEDGER_RETENTION, Outbox, Store, Transition};
use offhook_call::Call;

pub async fn a_job_is_there_once_its_step_is_committed<S: Subject>(subject: &S) {
    let store = subject.open();
    assert_eq!(all_jobs(&store).await, []);
    let call = ringing(1, &["alice", "bob", "carol"]);
    commit(&store, leaving(&call, &["bob", "carol"], 1)).await;
    assert_eq!(all_jobs(&store).await, jobs(&call, &["bob", "carol"], 1));
    commit(&store, silent(&next(&call))).await;
    assert_eq!(all_jobs(&store).await.len(), 2, "a step without jobs leaves none");
}

pub async fn jobs_come_in_the_order_of_their_commits<S: Subject>(subject: &S) {
    let store = subject.open();
    let (one, two) = (ringing(2, &["alice", "bob"]), ringing(1, &["alice", "bob"]));
    let steps = [(one.clone(), 5), (two, 5), (next(&one), 5), (next(&next(&one)), 6)];
    for (call, seconds) in &steps {
        commit(&store, leaving(call, &["bob"], *seconds)).await;
    }
    let expected: Vec<_> = steps.iter().flat_map(|(call, seconds)| jobs(call, &["bob"], *seconds)).collect();
    assert_eq!(all_jobs(&store).await, expected);
}

pub async fn jobs_of_later_commits_are_left_out<S: Subject>(subject: &S) {
    let store = subject.open();
    for n in 1..=3 {
        commit(&store, leaving(&ringing(n, &["alice", "bob"]), &["bob"], n)).await;
    }
    let until = store.jobs(at(2)).await.unwrap();
    assert_eq!(until.iter().map(|job| job.at).collect::<Vec<_>>(), [at(1), at(2)]);
}

pub async fn a_job_may_be_for_somebody_who_is_not_in_the_call<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    commit(&store, leaving(&call, &["zoe"], 1)).await;
    drop(store);
    assert_eq!(all_jobs(&subject.open()).await, jobs(&call, &["zoe"], 1));
}

pub async fn a_refused_transition_leaves_no_job<S: Subject>(subject: &S) {
    let store = subject.open();
    let alice = account("alice");
    let keyed = Some(key(&alice, "k"));
    commit(&store, Transition { key: keyed.clone(), ..silent(&ringing(1, &["alice", "bob"])) }).await;
    let conflict = leaving(&ringing(1, &["alice", "bob"]), &["bob"], 1);
    assert!(matches!(refused(&store, conflict).await, CommitError::Conflict(_)));
    let fresh = leaving(&ringing(2, &["alice", "bob"]), &["bob"], 1);
    let guards = vec![Guard { account: alice, revision: 99 }];
    let guarded = Transition { guards, ..fresh.clone() };
    assert!(matches!(refused(&store, guarded).await, CommitError::GuardFailed));
    assert!(matches!(refused(&store, Transition { key: keyed, ..fresh }).await, CommitError::KeyTaken(_)));
    assert_eq!(all_jobs(&store).await, []);
}

pub async fn a_finished_job_is_done<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob", "carol"]);
    commit(&store, leaving(&call, &["bob", "carol"], 1)).await;
    assert_eq!(store.claim(vec![], Some(&job_key(&call, "bob"))).await, Ok(vec![]));
    assert_eq!(all_jobs(&store).await, jobs(&call, &["carol"], 1));
    assert_eq!(store.claim(vec![], Some(&job_key(&call, "bob"))).await, Ok(vec![]), "once more does no harm");
    assert_eq!(store.claim(vec![], Some(&job_key(&next(&call), "carol"))).await, Ok(vec![]));
    assert_eq!(all_jobs(&store).await, jobs(&call, &["carol"], 1), "another step's job is another job");
}

pub async fn a_job_of_one_app_is_not_finished_by_another<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    commit(&store, leaving(&call, &["bob"], 1)).await;
    let elsewhere = Call { app: OTHER_APP, ..call.clone() };
    store.claim(vec![], Some(&job_key(&elsewhere, "bob"))).await.unwrap();
    assert_eq!(all_jobs(&store).await, jobs(&call, &["bob"], 1));
}

pub async fn a_job_that_nobody_finished_is_forgotten_after_a_day<S: Subject>(subject: &S) {
    let store = subject.open();
    let (old, young) = (ringing(1, &["alice", "bob"]), ringing(2, &["alice", "bob"]));
    commit(&store, leaving(&old, &["bob"], 1)).await;
    commit(&store, leaving(&young, &["bob"], 2)).await;
    store.trim(at(0) + LEDGER_RETENTION).await.unwrap();
    assert_eq!(all_jobs(&store).await.len(), 2);
    store.trim(at(1) + LEDGER_RETENTION).await.unwrap();
    assert_eq!(all_jobs(&store).await, jobs(&young, &["bob"], 2));
}

pub async fn a_reopened_store_knows_its_jobs<S: Subject>(subject: &S) {
    let store = subject.open();
    let calls: Vec<_> = (1..=4).map(|n| ringing(n, &["alice", "bob"])).collect();
    for call in &calls[..3] {
        commit(&store, leaving(call, &["bob", "alice"], 1)).await;
    }
    store.claim(vec![], Some(&job_key(&calls[0], "bob"))).await.unwrap();
    drop(store);
    let store = subject.open();
    store.claim(vec![], Some(&job_key(&calls[1], "alice"))).await.unwrap();
    commit(&store, leaving(&calls[3], &["bob"], 1)).await;
    drop(store);
    let expected = [(0, &["alice"][..]), (1, &["bob"]), (2, &["bob", "alice"]), (3, &["bob"])];
    let expected: Vec<_> = expected.into_iter().flat_map(|(at, names)| jobs(&calls[at], names, 1)).collect();
    assert_eq!(all_jobs(&subject.open()).await, expected);
}
