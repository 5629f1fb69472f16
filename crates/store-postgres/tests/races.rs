//! Several nodes on one database, all at once: whatever wins is whole, and nobody waits in a circle.
#![expect(clippy::unwrap_used, reason = "a test fails by it, also in what its tests share")]
mod support;

use std::{collections::BTreeMap, sync::Arc};

use offhook_store::{
    CommitError, Committed, Guard, Store, Transition,
    call::{Call, Event, Notice},
    memory::MemoryStore,
    suite::{
        pushes::all_jobs,
        world::{
            APP, accepted, account, at, id, joined_by, key, key_text, next, notice, rejected, ringing,
            silent, used, user,
        },
    },
};
use offhook_store_postgres::PostgresStore;
use offhook_types::{CallId, Offset, Opaque};
use support::{Chance, NODES, database, deadlocks, nodes, runtime};
use tokio::task::JoinSet;

const TASKS: u64 = 16;
const ATTEMPTS: u64 = 250;
const NAMES: [&str; 8] = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"];
/// So many calls are raced for at a time.
const PLACES: u64 = 10;

/// A transition that became true.
struct Win {
    committed: Committed,
    transition: Transition,
}

/// What came of a task's attempts.
#[derive(Default)]
struct Tally {
    conflicts: u64,
    guards: u64,
    keys: u64,
    wins: Vec<Win>,
}

/// One of those who do what they like.
struct Racer {
    chance: Chance,
    store: Arc<PostgresStore>,
    tally: Tally,
}

impl Racer {
    async fn run(mut self) -> Tally {
        let mut generations = [0; PLACES as usize];
        for _ in 0..ATTEMPTS {
            let place = self.chance.below(PLACES);
            let generation = &mut generations[place as usize];
            let n = 1 + place + PLACES * *generation;
            let known = self.store.load(APP, id(n)).await.expect("readable");
            let transition = match known {
                None => self.birth(n).await,
                Some(call) if call.is_over() && self.chance.once_in(2) => {
                    *generation += 1;
                    continue;
                }
                Some(call) => self.step(&call, n).await,
            };
            self.attempt(transition).await;
        }
        self.tally
    }

    /// A call of two to four, half of them under one of a few keys. Whether a key's call is guarded is the key's, as it is the
    /// app's policy for requests.
    async fn birth(&mut self, n: u64) -> Transition {
        let count = 2 + self.chance.below(3) as usize;
        let parties = self.chance.some_of(&NAMES, count);
        let call = ringing(n, &parties);
        let number = self.chance.below(60);
        let mut transition = self.told(&call, n);
        if number < 30 {
            transition.key = Some(key(&account(parties[0]), &(number % 4).to_string()));
        }
        if number.is_multiple_of(2) {
            transition.guards = vec![self.guard(parties[1]).await];
        }
        transition
    }

    async fn step(&mut self, call: &Call, n: u64) -> Transition {
        let parties: Vec<&str> = call.legs.keys().map(|user| user.as_str()).collect();
        let one = (self.chance.one_of(&parties)).to_owned();
        let then = match self.chance.below(8) {
            _ if call.is_over() => used(call, &one, n),
            0 | 1 => accepted(call, &one, n + 3),
            2 => {
                let added = self.chance.one_of(&NAMES);
                if call.legs.contains_key(&user(added)) { next(call) } else { joined_by(call, added, n + 4) }
            }
            3 => rejected(call, n + 5),
            _ => next(call),
        };
        let mut transition = self.told(&then, n);
        if !call.is_over() && self.chance.once_in(4) {
            let guarded = self.chance.one_of(&NAMES);
            transition.guards = vec![self.guard(guarded).await];
        }
        transition
    }

    /// Up to five notices, some of them to the same user, each with words of its own; and jobs for some of the users.
    fn told(&mut self, call: &Call, n: u64) -> Transition {
        let words = format!("{n}/{}/{}", call.seq.0, self.chance.below(u64::MAX));
        let told: Vec<&str> = (0..self.chance.below(6)).map(|_| self.chance.one_of(&NAMES)).collect();
        let notices = told.iter().zip(0..).map(|(name, nth)| Notice {
            event: Event::Ended { by: None, data: Opaque::new(format!("{words}/{nth}")) },
            ..notice(name)
        });
        let notices = notices.collect();
        let count = self.chance.below(3) as usize;
        let jobs = self.chance.some_of(&NAMES, count).into_iter();
        let jobs = jobs.map(|name| (user(name), Opaque::new(words.clone()))).collect();
        Transition { at: at(n), jobs, notices, ..silent(call) }
    }

    async fn guard(&self, name: &str) -> Guard {
        let account = account(name);
        let revision = self.store.live(&account).await.expect("readable").revision;
        Guard { account, revision }
    }

    async fn attempt(&mut self, transition: Transition) {
        match self.store.commit(transition.clone()).await {
            Ok(committed) => self.tally.wins.push(Win { committed, transition }),
            Err(CommitError::Conflict(_)) => self.tally.conflicts += 1,
            Err(CommitError::GuardFailed) => self.tally.guards += 1,
            Err(CommitError::KeyTaken(_)) => self.tally.keys += 1,
            Err(CommitError::Store(error)) => panic!("nothing but others may stand against it: {error}"),
        }
    }
}

#[test]
fn whatever_four_nodes_do_at_once_is_whole() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let nodes = nodes(&database.url()).await;
        let mut racers = JoinSet::new();
        for number in 0..TASKS {
            let store = Arc::clone(&nodes[(number % NODES) as usize]);
            racers.spawn(Racer { chance: Chance(number), store, tally: Tally::default() }.run());
        }
        let tallies = racers.join_all().await;
        let sum = |of: fn(&Tally) -> u64| tallies.iter().map(of).sum::<u64>();
        let (conflicts, guards, keys) = (sum(|it| it.conflicts), sum(|it| it.guards), sum(|it| it.keys));
        assert!(conflicts > 50 && guards > 5 && keys > 5, "it was a race: {conflicts}, {guards}, {keys}");
        let wins: Vec<Win> = tallies.into_iter().flat_map(|tally| tally.wins).collect();
        assert!(wins.len() > 200, "{} wins", wins.len());
        compare(&nodes[0], wins).await;
        drop(nodes);
        assert_eq!(deadlocks(&database).await, 0);
    });
}

/// What won, one after the other, gives the same to a store that is alone. Only in whose order events and jobs of different calls
/// stand, the wins alone do not say.
async fn compare(store: &PostgresStore, mut wins: Vec<Win>) {
    wins.sort_by_key(|win| (win.transition.call.id, win.transition.call.seq));
    let model = MemoryStore::new();
    for win in &wins {
        let alone = Transition { guards: vec![], ..win.transition.clone() };
        model.commit(alone).await.expect("each version of a call, and each key, was won once");
    }
    let heads = heads(&wins);
    for name in NAMES {
        let who = account(name);
        assert_eq!(store.live(&who).await.unwrap(), model.live(&who).await.unwrap(), "{name}");
        assert_eq!(
            store.calls(&who, None, 9999).await.unwrap(),
            model.calls(&who, None, 9999).await.unwrap()
        );
        compare_logs((store, &model), name, heads.get(name)).await;
        for text in 0..4 {
            let key = key_text(&text.to_string());
            assert_eq!(
                store.remembered(&who, &key).await.unwrap(),
                model.remembered(&who, &key).await.unwrap()
            );
        }
    }
    let far = at(100_000);
    assert_eq!(store.due(far, 9999).await.unwrap(), model.due(far, 9999).await.unwrap());
    assert_eq!(store.waiting_callers().await.unwrap(), model.waiting_callers().await.unwrap());
    let (mut left, mut right) = (all_jobs(store).await, all_jobs(&model).await);
    left.sort_by_key(|job| job.key.clone());
    right.sort_by_key(|job| job.key.clone());
    assert_eq!(left, right);
}

/// The offsets that winners were told, by the user whose they are: the newest of a version's events.
fn heads(wins: &[Win]) -> BTreeMap<String, BTreeMap<(CallId, u64), Offset>> {
    let mut heads: BTreeMap<String, BTreeMap<_, _>> = BTreeMap::new();
    for Win { committed, transition } in wins {
        for (user, offset) in &committed.heads {
            let version = (transition.call.id, transition.call.seq.0);
            heads.entry(user.as_str().to_owned()).or_default().insert(version, *offset);
        }
    }
    heads
}

async fn compare_logs(
    (store, model): (&PostgresStore, &MemoryStore),
    name: &str,
    heads: Option<&BTreeMap<(CallId, u64), Offset>>,
) {
    let page = store.events(&account(name), Offset(0), 99_999).await.expect("readable");
    let offsets: Vec<u64> = page.events.iter().map(|event| event.offset.0).collect();
    assert_eq!(offsets, (1..=page.head.0).collect::<Vec<_>>(), "{name}'s log has no gap");
    let mut last = BTreeMap::new();
    for event in &page.events {
        let version = (event.call.id, event.call.seq.0);
        assert!(
            last.keys().filter(|(call, _)| *call == version.0).all(|(_, seq)| *seq <= version.1),
            "in order"
        );
        last.insert(version, event.offset);
    }
    assert_eq!(
        Some(&last).filter(|last| !last.is_empty()),
        heads,
        "winners were told where {name}'s log stands"
    );
    let mut expected = model.events(&account(name), Offset(0), 99_999).await.unwrap().events;
    let mut events = page.events;
    for event in events.iter_mut().chain(&mut expected) {
        event.offset = Offset(0);
    }
    // Stable: events of one version keep their order.
    events.sort_by_key(|event| (event.call.id, event.call.seq));
    assert_eq!(events, expected, "{name}");
}
