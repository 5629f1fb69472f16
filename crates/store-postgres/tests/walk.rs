//! The store on PostgreSQL does what the memory model does, whatever is asked of it.
mod support;

use offhook_store::{
    CommitError, Committed, Device, Devices as _, Guard, LedgerEntry, LedgerKey, Outbox as _, Store,
    Transition, Turn, UserChange,
    call::Call,
    memory::MemoryStore,
    suite::{
        pushes::{address, all_jobs, device_id, digest, entry, outcome, resource},
        world::{
            APP, OTHER_APP, accepted, account, at, id, joined_by, key, key_text, next, rejected, ringing,
            stranger, telling, used, user,
        },
    },
};
use offhook_store_postgres::PostgresStore;
use offhook_testing_services::Database;
use offhook_types::{Account, CallSeq, Offset, Opaque, Timestamp};
use support::{Chance, database, node, runtime};

const NAMES: [&str; 5] = ["alice", "bob", "carol", "dave", "erin"];
const CALLS: u64 = 12;
const STEPS: u32 = 300;
/// Everything is compared after so many steps, and what is asked for at each.
const LOOK_EVERY: u32 = 10;

struct Walk {
    chance: Chance,
    database: Database,
    hours: u64,
    model: MemoryStore,
    store: PostgresStore,
}

fn comparable(answer: Result<Committed, CommitError>) -> String {
    let sorted = |mut committed: Committed| {
        committed.heads.sort();
        committed
    };
    format!("{:?}", answer.map(sorted))
}

/// The transition with guards on these users' present revisions, or on ones that are off by so much.
async fn guarded(store: &impl Store, transition: &Transition, guards: &[(Account, u64)]) -> Transition {
    let mut transition = transition.clone();
    for (account, off) in guards {
        let revision = store.live(account).await.expect("readable").revision + off;
        transition.guards.push(Guard { account: account.clone(), revision });
    }
    transition
}

impl Walk {
    async fn begin(seed: u64) -> Self {
        let database = database();
        let store = node(&database.url(), 1).await;
        Self { chance: Chance(seed), database, hours: 0, model: MemoryStore::new(), store }
    }

    fn now(&self) -> Timestamp {
        at(self.hours * 3600)
    }

    async fn go(&mut self) {
        for step in 1..=STEPS {
            match self.chance.below(40) {
                0 => self.bury().await,
                1 => self.put_user().await,
                2 => self.reopen().await,
                3 => self.trim().await,
                4..8 => self.devices().await,
                8..12 => self.claim().await,
                12..20 => self.create().await,
                _ => self.step().await,
            }
            if step % LOOK_EVERY == 0 {
                self.compare().await;
            }
        }
    }

    async fn bury(&mut self) {
        let key = key_text(&self.chance.below(6).to_string());
        let (alice, now) = (account("alice"), self.now());
        assert_eq!(self.store.bury(&alice, &key, now).await, self.model.bury(&alice, &key, now).await);
    }

    async fn put_user(&mut self) {
        let (who, now) = (account(self.chance.one_of(&NAMES)), self.now());
        let name = Opaque::new("n".repeat(self.chance.below(3) as usize));
        let change = UserChange { name: Some(name), ..UserChange::default() };
        assert_eq!(
            self.store.put_user(&who, change.clone(), now).await,
            self.model.put_user(&who, change, now).await,
        );
    }

    async fn reopen(&mut self) {
        self.store = node(&self.database.url(), 1).await;
    }

    async fn trim(&mut self) {
        self.hours += 1 + self.chance.below(19);
        assert_eq!(self.store.trim(self.now()).await, self.model.trim(self.now()).await);
    }

    async fn create(&mut self) {
        let count = 1 + self.chance.below(3) as usize;
        let parties = self.chance.some_of(&NAMES, count);
        let mut call = ringing(1 + self.chance.below(CALLS), &parties);
        if self.chance.once_in(6) {
            call.app = OTHER_APP;
        }
        let key = self.chance.once_in(3).then(|| {
            let key = key(&account("alice"), &self.chance.below(6).to_string());
            // Keys are of the app of their call.
            if call.app == APP { key } else { offhook_store::Key { account: stranger("alice"), ..key } }
        });
        let told = self.told();
        self.commit(Transition { key, ..telling(&call, &told) }).await;
    }

    /// A step of a call that is there, or of one that is not; of the version that is next, or of one that was.
    async fn step(&mut self) {
        let n = 1 + self.chance.below(CALLS);
        let known = self.model.load(APP, id(n)).await.expect("readable");
        let call = known.as_deref().cloned().unwrap_or_else(|| ringing(n, &["alice", "bob"]));
        let other = call.legs.keys().find(|user| **user != call.caller).unwrap_or(&call.caller).clone();
        let mut call: Call = match self.chance.below(10) {
            0 | 1 => accepted(&call, other.as_str(), n + 3),
            2 => joined_by(&call, self.chance.one_of(&NAMES), n + 4),
            3 => rejected(&call, n + 5),
            4 | 5 => used(&call, other.as_str(), n),
            _ => next(&call),
        };
        if self.chance.once_in(6) {
            call.seq = CallSeq(call.seq.0.saturating_sub(1));
        }
        let told = self.told();
        self.commit(telling(&call, &told)).await;
    }

    fn told(&mut self) -> Vec<&'static str> {
        (0..self.chance.below(4)).map(|_| self.chance.one_of(&NAMES)).collect()
    }

    async fn commit(&mut self, mut transition: Transition) {
        transition.at = self.now();
        let count = self.chance.below(3) as usize;
        let jobs = self.chance.some_of(&NAMES, count).into_iter();
        transition.jobs = jobs.map(|name| (user(name), Opaque::new(format!("wake {name}")))).collect();
        let count = if self.chance.once_in(3) { 1 + self.chance.below(2) as usize } else { 0 };
        let guards = self.chance.some_of(&NAMES, count);
        let guards: Vec<_> =
            guards.into_iter().map(|name| (account(name), self.chance.below(4) / 3)).collect();
        let to_store = guarded(&self.store, &transition, &guards).await;
        let to_model = guarded(&self.model, &transition, &guards).await;
        assert_eq!(
            comparable(self.store.commit(to_store).await),
            comparable(self.model.commit(to_model).await)
        );
    }

    async fn devices(&mut self) {
        let who = account(self.chance.one_of(&NAMES));
        let device = device_id(self.chance.one_of(&["laptop", "phone"]));
        let (one, other) = (self.chance.below(6) as u8, self.chance.below(6) as u8);
        let (store, model) = (&self.store, &self.model);
        match self.chance.below(6) {
            0 => {
                assert_eq!(store.remove_device(&who, &device).await, model.remove_device(&who, &device).await)
            }
            1 => {
                let since = Timestamp::from_millis(self.now().as_millis() - self.chance.below(2));
                let (left, right) = (
                    store.remove_address(&who, digest(one), since),
                    model.remove_address(&who, digest(one), since),
                );
                assert_eq!(left.await, right.await);
            }
            2 => {
                let name = self.chance.one_of(&["plain", "ring"]);
                let sealed = vec![7; self.chance.below(2) as usize];
                assert_eq!(
                    store.put_resource(resource(name, &sealed)).await,
                    model.put_resource(resource(name, &sealed)).await,
                );
            }
            3 => {
                let known = address(one, self.hours * 3600);
                let (left, right) = (
                    store.exchange_address(&who, &known, vec![other]),
                    model.exchange_address(&who, &known, vec![other]),
                );
                assert_eq!(left.await, right.await);
            }
            _ => {
                let mut addresses = vec![address(one, self.hours * 3600)];
                if other != one {
                    addresses.push(address(other, self.hours * 3600));
                }
                addresses.truncate(self.chance.below(3) as usize);
                let device = Device { addresses, id: device };
                assert_eq!(
                    store.put_device(&who, device.clone()).await,
                    model.put_device(&who, device).await
                );
            }
        }
    }

    /// Claims some pushes and finishes a job, and settles one of them.
    async fn claim(&mut self) {
        let mut entries: Vec<LedgerEntry> = Vec::new();
        for _ in 0..self.chance.below(4) {
            let turn = self.chance.one_of(&[Turn::Ring, Turn::Stop, Turn::Missed]);
            let name = LedgerKey {
                app: APP,
                call: id(1 + self.chance.below(3)),
                user: user(self.chance.one_of(&NAMES[..2])),
                device: device_id(self.chance.one_of(&["laptop", "phone"])),
                ring: CallSeq(self.hours),
                turn,
            };
            entries.push(entry(name, self.hours * 3600));
        }
        let jobs = all_jobs(&self.model).await;
        let job = jobs.get(self.chance.below(9) as usize).map(|job| &job.key);
        assert_eq!(
            self.store.claim(entries.clone(), job).await,
            self.model.claim(entries.clone(), job).await
        );
        if let Some(first) = entries.first() {
            let outcome = outcome(self.hours * 3600 + self.chance.below(9));
            assert_eq!(
                self.store.settle(&first.key, outcome.clone()).await,
                self.model.settle(&first.key, outcome).await,
            );
        }
    }

    async fn compare(&self) {
        let (store, model) = (&self.store, &self.model);
        for who in NAMES.iter().flat_map(|name| [account(name), stranger(name)]) {
            assert_eq!(store.live(&who).await, model.live(&who).await);
            for (after, limit) in [(0, 99), (0, 2), (3, 99)] {
                let after = Offset(after);
                assert_eq!(store.events(&who, after, limit).await, model.events(&who, after, limit).await);
            }
            for (before, limit) in [(None, 3), (Some(id(6)), 2), (None, 50)] {
                assert_eq!(store.calls(&who, before, limit).await, model.calls(&who, before, limit).await);
            }
            assert_eq!(store.devices(&who).await, model.devices(&who).await);
            for text in 0..6 {
                let key = key_text(&text.to_string());
                assert_eq!(store.remembered(&who, &key).await, model.remembered(&who, &key).await);
            }
        }
        let all = NAMES.map(account);
        assert_eq!(store.users(&all).await, model.users(&all).await);
        assert_eq!(store.due(at(1000), 5).await, model.due(at(1000), 5).await);
        assert_eq!(store.next_deadline().await, model.next_deadline().await);
        assert_eq!(store.waiting_callers().await, model.waiting_callers().await);
        assert_eq!(store.resources().await, model.resources().await);
        assert_eq!(all_jobs(store).await, all_jobs(model).await);
        for n in 1..=CALLS {
            for app in [APP, OTHER_APP] {
                assert_eq!(store.load(app, id(n)).await, model.load(app, id(n)).await);
                assert_eq!(store.ledger(app, id(n)).await, model.ledger(app, id(n)).await);
            }
        }
    }
}

fn walk(seed: u64) {
    runtime().block_on(async { Walk::begin(seed).await.go().await });
}

#[test]
fn a_walk_equals_the_models() {
    walk(1);
}

#[test]
fn another_walk_equals_the_models() {
    walk(2);
}
