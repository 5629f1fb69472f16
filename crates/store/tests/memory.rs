//! The memory model keeps the laws of the port, and its fault plan does what it says.
use offhook_store::{
    CommitError, Store, StoreError,
    memory::{Fault, MemoryStore, Op},
    store_suite,
    suite::{
        Subject, block_on,
        world::{APP, account, commit, id, ringing, silent},
    },
};

struct Memory(MemoryStore);

impl Subject for Memory {
    type Store = MemoryStore;

    fn create() -> Self {
        Self(MemoryStore::new())
    }

    fn open(&self) -> MemoryStore {
        self.0.clone()
    }
}

store_suite!(Memory);

fn failing(op: Op, fault: Fault) -> MemoryStore {
    MemoryStore::with_faults(Box::new(move |asked| if asked == op { fault } else { Fault::None }))
}

#[test]
fn a_fault_before_the_commit_leaves_nothing() {
    let store = failing(Op::Commit, Fault::FailBefore);
    let result = block_on(store.commit(silent(&ringing(1, &["alice", "bob"]))));
    assert!(matches!(result, Err(CommitError::Store(StoreError::Unavailable(_)))));
    assert_eq!(block_on(store.load(APP, id(1))), Ok(None));
}

#[test]
fn a_fault_after_the_commit_leaves_the_call() {
    let store = failing(Op::Commit, Fault::FailAfter);
    let result = block_on(store.commit(silent(&ringing(1, &["alice", "bob"]))));
    assert!(matches!(result, Err(CommitError::Store(StoreError::Unavailable(_)))));
    assert!(block_on(store.load(APP, id(1))).unwrap().is_some());
}

#[test]
fn a_fault_of_one_operation_spares_the_others() {
    let store = failing(Op::Live, Fault::FailBefore);
    block_on(commit(&store, silent(&ringing(1, &["alice", "bob"]))));
    assert!(block_on(store.live(&account("bob"))).is_err());
    assert_eq!(block_on(store.waiting_callers()), Ok(vec![account("alice")]));
}
