//! Transitions of several nodes that meet in the worst order: none waits for another that waits for it, and each has its answer.
mod support;

use std::sync::Arc;

use offhook_store::{
    CommitError, Guard, Store, Transition,
    call::Call,
    suite::world::{account, key, ringing, silent},
};
use support::{NODES, database, deadlocks, nodes, runtime};
use tokio::task::JoinSet;

#[test]
fn of_four_nodes_that_create_one_call_one_does() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let nodes = nodes(&database.url()).await;
        for n in 1..=60 {
            let call = ringing(n, &["alice", "bob"]);
            let attempts = nodes.iter().map(|node| (Arc::clone(node), silent(&call)));
            let attempts = attempts.map(|(node, birth)| async move { node.commit(birth).await });
            let mut won = 0;
            for attempt in attempts.collect::<JoinSet<_>>().join_all().await {
                match attempt {
                    Ok(_) => won += 1,
                    Err(CommitError::Conflict(Some(there))) => assert_eq!(*there, call),
                    Err(other) => panic!("the others see a conflict: {other:?}"),
                }
            }
            assert_eq!(won, 1);
        }
    });
}

#[test]
fn nodes_that_use_the_same_keys_in_another_order_do_not_wait_in_a_circle() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let nodes = nodes(&database.url()).await;
        for round in 0..40 {
            let mut attempts = JoinSet::new();
            for request in 0..64 {
                // The calls' ids, and with them their places in groups, run one way on two nodes, the other way on the others.
                let (key_number, node) = (request / NODES, request % NODES);
                let place = if node < 2 { key_number } else { 99 - key_number };
                let call = ringing(round * 1000 + node * 100 + place, &[&format!("caller{key_number}"), "x"]);
                let call = Call {
                    legs: call.legs.into_iter().filter(|(user, _)| user.as_str() != "x").collect(),
                    ..call
                };
                let key = Some(key(&account(call.caller.as_str()), &round.to_string()));
                let store = Arc::clone(&nodes[node as usize]);
                attempts.spawn(async move { store.commit(Transition { key, ..silent(&call) }).await });
            }
            let answers = attempts.join_all().await;
            let taken =
                answers.iter().filter(|answer| matches!(answer, Err(CommitError::KeyTaken(_)))).count();
            assert_eq!((answers.iter().filter(|answer| answer.is_ok()).count(), taken), (16, 48));
        }
        drop(nodes);
        assert_eq!(deadlocks(&database).await, 0);
    });
}

#[test]
fn guards_and_users_who_are_new_do_not_wait_in_a_circle() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let nodes = nodes(&database.url()).await;
        for round in 0..150 {
            let revision = nodes[0].live(&account("zoe")).await.unwrap().revision;
            let newcomer = format!("newcomer{round}");
            let mut attempts = JoinSet::new();
            for (store, number) in nodes.iter().zip(0..) {
                let guards = vec![Guard { account: account("zoe"), revision }];
                let birth = silent(&ringing(round * 10 + number, &[&newcomer, "zoe"]));
                let birth = if number % 2 == 0 { Transition { guards, ..birth } } else { birth };
                let store = Arc::clone(store);
                attempts.spawn(async move { store.commit(birth).await });
            }
            for answer in attempts.join_all().await {
                assert!(matches!(answer, Ok(_) | Err(CommitError::GuardFailed)), "{answer:?}");
            }
        }
        drop(nodes);
        assert_eq!(deadlocks(&database).await, 0);
    });
}
