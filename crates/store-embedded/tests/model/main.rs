//! The embedded store does what the memory model does, whatever is asked of it, and through any number of reopenings.
mod pushes;

use std::{collections::BTreeSet, ops::Range, time::Duration};

use offhook_store::{
    CommitError, Committed, Guard, Store, Transition, UserChange,
    call::Call,
    memory::MemoryStore,
    suite::{
        block_on,
        world::{
            APP, accepted, account, at, id, joined_by, key, key_text, next, rejected, ringing, telling, used,
            user,
        },
    },
};
use offhook_store_embedded::{Durability, EmbeddedStore, Options};
use offhook_types::{Offset, Opaque};
use proptest::prelude::*;
use pushes::PushOp;
use tempfile::TempDir;

const NAMES: [&str; 4] = ["alice", "bob", "carol", "dave"];
const CALLS: Range<u64> = 1..12;

#[derive(Clone, Debug)]
enum Op {
    Bury { key: u8 },
    Create { n: u64, parties: (usize, usize), key: Option<u8>, guard: Option<(usize, u64)> },
    Push(PushOp),
    PutUser { who: usize, name: String },
    Reopen,
    Step { n: u64, stale: bool, kind: u8, told: Vec<usize> },
    Trim { hours: u64 },
}

fn op() -> impl Strategy<Value = Op> {
    let party = 0_usize..4;
    let guard = proptest::option::of((party.clone(), 0_u64..2));
    let told = proptest::collection::vec(party.clone(), 0..4);
    prop_oneof![
        1 => (0_u8..6).prop_map(|key| Op::Bury { key }),
        4 => (CALLS, (party.clone(), party.clone()), proptest::option::of(0_u8..6), guard)
            .prop_map(|(n, parties, key, guard)| Op::Create { n, parties, key, guard }),
        1 => (party, "[a-z]{0,3}").prop_map(|(who, name)| Op::PutUser { who, name }),
        2 => Just(Op::Reopen),
        8 => pushes::op().prop_map(Op::Push),
        8 => (CALLS, any::<bool>(), 0_u8..8, told)
            .prop_map(|(n, stale, kind, told)| Op::Step { n, stale, kind, told }),
        1 => (1_u64..20).prop_map(|hours| Op::Trim { hours }),
    ]
}

/// A step of a call that is there, or of one that is not.
fn step(known: Option<&Call>, n: u64, kind: u8) -> Call {
    let call = known.cloned().unwrap_or_else(|| ringing(n, &["alice", "bob"]));
    let other = call.legs.keys().find(|user| **user != call.caller).unwrap_or(&call.caller).clone();
    match kind {
        0 => accepted(&call, other.as_str(), n + 3),
        1 => joined_by(&call, "dave", n + 4),
        2 | 3 => rejected(&call, n + 5),
        4 | 5 => used(&call, other.as_str(), n),
        _ => next(&call),
    }
}

fn comparable(result: Result<Committed, CommitError>) -> String {
    match result {
        Ok(mut committed) => {
            committed.heads.sort();
            format!("{committed:?}")
        }
        Err(error) => format!("{error:?}"),
    }
}

struct Pair {
    embedded: Option<EmbeddedStore>,
    folder: TempDir,
    hours: u64,
    model: MemoryStore,
    options: Options,
}

impl Pair {
    fn new(options: Options) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let mut pair = Self { embedded: None, folder, hours: 0, model: MemoryStore::new(), options };
        pair.reopen();
        pair
    }

    fn reopen(&mut self) {
        self.embedded = None;
        let store = EmbeddedStore::open(self.folder.path(), self.options.clone()).expect("it opens");
        // Opening brings back what was forgotten but not yet removed from the journal; the next trim takes it.
        block_on(store.trim(at(self.hours * 3600))).expect("trimmed");
        self.embedded = Some(store);
    }

    fn embedded(&self) -> &EmbeddedStore {
        self.embedded.as_ref().expect("open between two reopenings")
    }

    fn commit(&self, transition: &Transition, guard: Option<(usize, u64)>) {
        let of_model = comparable(block_on(self.model.commit(guarded(&self.model, transition, guard))));
        let of_embedded =
            comparable(block_on(self.embedded().commit(guarded(self.embedded(), transition, guard))));
        assert_eq!(of_embedded, of_model);
    }

    fn run(&mut self, op: Op) {
        match op {
            Op::Bury { key } => {
                let (alice, key) = (account("alice"), key_text(&key.to_string()));
                let now = at(self.hours * 3600);
                assert_eq!(
                    block_on(self.embedded().bury(&alice, &key, now)),
                    block_on(self.model.bury(&alice, &key, now))
                );
            }
            Op::Create { n, parties: (one, other), key: with, guard } => {
                let call = ringing(n, &[NAMES[one], NAMES[other]]);
                let key = with.map(|text| key(&account("alice"), &text.to_string()));
                let created = telling(&call, &[NAMES[other]]);
                self.commit(&Transition { key, at: at(self.hours * 3600), ..created }, guard);
            }
            Op::PutUser { who, name } => {
                let change = UserChange { name: Some(name.as_str().into()), ..UserChange::default() };
                let put = (account(NAMES[who]), at(self.hours));
                assert_eq!(
                    block_on(self.embedded().put_user(&put.0, change.clone(), put.1)),
                    block_on(self.model.put_user(&put.0, change, put.1))
                );
            }
            Op::Push(op) => {
                assert_eq!(op.run(self.embedded(), self.hours), op.run(&self.model, self.hours), "{op:?}");
            }
            Op::Reopen => self.reopen(),
            Op::Step { n, stale, kind, told } => {
                let known = block_on(self.model.load(APP, id(n))).expect("readable");
                let mut call = step(known.as_deref(), n, kind);
                if stale {
                    call.seq.0 = call.seq.0.saturating_sub(1);
                }
                let told: Vec<&str> = told.into_iter().map(|at| NAMES[at]).collect();
                let jobs = told.iter().collect::<BTreeSet<_>>().into_iter();
                let jobs = jobs.map(|name| (user(name), Opaque::new(format!("wake {name}")))).collect();
                self.commit(&Transition { at: at(self.hours * 3600), jobs, ..telling(&call, &told) }, None);
            }
            Op::Trim { hours } => {
                self.hours += hours;
                let now = at(self.hours * 3600);
                block_on(self.embedded().trim(now)).expect("trimmed");
                block_on(self.model.trim(now)).expect("trimmed");
            }
        }
    }

    fn compare(&self) {
        let (left, right) = (self.embedded(), &self.model);
        for name in NAMES {
            let who = account(name);
            let live = |store_live: offhook_store::LiveCalls| store_live.calls;
            assert_eq!(block_on(left.live(&who)).map(live), block_on(right.live(&who)).map(live));
            for after in [0, 3] {
                let after = Offset(after);
                assert_eq!(block_on(left.events(&who, after, 50)), block_on(right.events(&who, after, 50)));
            }
            for (before, limit) in [(None, 3), (Some(id(6)), 2), (None, 50)] {
                assert_eq!(
                    block_on(left.calls(&who, before, limit)),
                    block_on(right.calls(&who, before, limit))
                );
            }
            assert_eq!(block_on(left.users(std::slice::from_ref(&who))), block_on(right.users(&[who])));
        }
        for text in 0..6 {
            let (alice, key) = (account("alice"), key_text(&text.to_string()));
            assert_eq!(block_on(left.remembered(&alice, &key)), block_on(right.remembered(&alice, &key)));
        }
        assert_eq!(block_on(left.due(at(1000), 5)), block_on(right.due(at(1000), 5)));
        assert_eq!(block_on(left.next_deadline()), block_on(right.next_deadline()));
        assert_eq!(block_on(left.waiting_callers()), block_on(right.waiting_callers()));
        pushes::compare(left, right);
    }
}

/// The transition with a guard on somebody's present revision, or on one that is off by so much.
fn guarded(store: &impl Store, transition: &Transition, guard: Option<(usize, u64)>) -> Transition {
    let Some((who, off)) = guard else { return transition.clone() };
    let account = account(NAMES[who]);
    let revision = block_on(store.live(&account)).expect("readable").revision + off;
    Transition { guards: vec![Guard { account, revision }], ..transition.clone() }
}

fn check(options: Options, ops: Vec<Op>) {
    let mut pair = Pair::new(options);
    for op in ops {
        pair.run(op);
        pair.compare();
    }
    pair.reopen();
    pair.compare();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_lazy_store_equals_the_model(ops in proptest::collection::vec(op(), 1..40)) {
        check(Options { fold_interval: Duration::from_secs(3600), ..Options::default() }, ops);
    }

    #[test]
    fn a_store_that_folds_all_the_time_equals_the_model(ops in proptest::collection::vec(op(), 1..40)) {
        let hurry = Duration::from_millis(1);
        check(Options { fold_bytes: 1, fold_interval: hurry, segment_bytes: 700, ..Options::default() }, ops);
    }
}

#[test]
fn a_power_safe_store_equals_the_model() {
    let create = |n| Op::Create { n, parties: (0, 1), key: None, guard: None };
    let step = |n, kind| Op::Step { n, stale: false, kind, told: vec![0, 1, 0] };
    let ops =
        vec![create(1), create(2), step(1, 0), step(2, 2), Op::Reopen, step(1, 2), create(1), Op::Reopen];
    check(Options { durability: Durability::Power, ..Options::default() }, ops);
}
