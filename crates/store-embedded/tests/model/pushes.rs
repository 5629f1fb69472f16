//! Devices, resources, jobs and the ledger in the random walk.
use offhook_store::{
    Device, Devices, LedgerEntry, LedgerKey, Outbox, Turn,
    suite::{
        block_on,
        pushes::{address, all_jobs, device_id, digest, entry, job_key, outcome, resource},
        world::{APP, OTHER_APP, account, at, id, ringing, user},
    },
};
use offhook_types::{CallSeq, Timestamp};
use proptest::prelude::*;

use super::NAMES;

const DEVICES: [&str; 3] = ["laptop", "phone", "tablet"];
const RESOURCES: [&str; 2] = ["plain", "ring"];

#[derive(Clone, Debug)]
pub(super) enum PushOp {
    Claim { pushes: Vec<Push>, finished: Option<usize> },
    PutDevice { who: usize, device: usize, addresses: Vec<u8> },
    PutResource { name: usize, sealed: Vec<u8> },
    RemoveAddress { who: usize, address: u8, later: bool },
    RemoveDevice { who: usize, device: usize },
    Settle { push: Push, seconds: u64 },
}

#[derive(Clone, Debug)]
pub(super) struct Push {
    device: usize,
    n: u64,
    turn: Turn,
    who: usize,
}

pub(super) fn op() -> impl Strategy<Value = PushOp> {
    let who = 0..NAMES.len();
    let device = 0..DEVICES.len();
    let turn = proptest::sample::select(vec![Turn::Ring, Turn::Stop, Turn::Missed]);
    // Few names, so that they meet.
    let push = (device.clone(), 1_u64..4, turn, 0_usize..2).prop_map(|(device, n, turn, who)| Push {
        device,
        n,
        turn,
        who,
    });
    let finished = proptest::option::of(0_usize..9);
    let addresses = proptest::collection::btree_set(0_u8..6, 0..3);
    prop_oneof![
        4 => (proptest::collection::vec(push.clone(), 0..4), finished)
            .prop_map(|(pushes, finished)| PushOp::Claim { pushes, finished }),
        4 => (who.clone(), device.clone(), addresses).prop_map(|(who, device, addresses)| PushOp::PutDevice {
            who,
            device,
            addresses: addresses.into_iter().collect()
        }),
        1 => (0..RESOURCES.len(), proptest::collection::vec(any::<u8>(), 0..2))
            .prop_map(|(name, sealed)| PushOp::PutResource { name, sealed }),
        1 => (who.clone(), 0_u8..6, any::<bool>())
            .prop_map(|(who, address, later)| PushOp::RemoveAddress { who, address, later }),
        1 => (who, device).prop_map(|(who, device)| PushOp::RemoveDevice { who, device }),
        3 => (push, 0_u64..9).prop_map(|(push, seconds)| PushOp::Settle { push, seconds }),
    ]
}

impl Push {
    /// Rings of an hour are named by it: names do not come up again when their entries have left memory.
    fn key(&self, hours: u64) -> LedgerKey {
        LedgerKey {
            app: APP,
            call: id(self.n),
            user: user(NAMES[self.who]),
            device: device_id(DEVICES[self.device]),
            ring: CallSeq(hours),
            turn: self.turn,
        }
    }
}

impl PushOp {
    /// Does it to a store and says what came of it.
    pub(super) fn run(&self, store: &(impl Devices + Outbox), hours: u64) -> String {
        let now = at(hours * 3600);
        match self {
            Self::Claim { pushes, finished } => {
                let entries: Vec<LedgerEntry> =
                    pushes.iter().map(|push| entry(push.key(hours), hours * 3600)).collect();
                // One of the jobs that are there, or one that is not.
                let jobs = block_on(all_jobs(store));
                let absent = job_key(&ringing(1, &["alice"]), "nobody");
                let finished = finished.map(|at| jobs.get(at).map_or(&absent, |job| &job.key));
                format!("{:?}", block_on(store.claim(entries, finished)))
            }
            Self::PutDevice { who, device, addresses } => {
                let addresses = addresses.iter().map(|n| address(*n, hours * 3600)).collect();
                let device = Device { addresses, id: device_id(DEVICES[*device]) };
                format!("{:?}", block_on(store.put_device(&account(NAMES[*who]), device)))
            }
            Self::PutResource { name, sealed } => {
                format!("{:?}", block_on(store.put_resource(resource(RESOURCES[*name], sealed))))
            }
            Self::RemoveAddress { who, address, later } => {
                let since = if *later { now } else { Timestamp::from_millis(now.as_millis() - 1) };
                let whose = account(NAMES[*who]);
                format!("{:?}", block_on(store.remove_address(&whose, digest(*address), since)))
            }
            Self::RemoveDevice { who, device } => {
                let device = device_id(DEVICES[*device]);
                format!("{:?}", block_on(store.remove_device(&account(NAMES[*who]), &device)))
            }
            Self::Settle { push, seconds } => {
                format!("{:?}", block_on(store.settle(&push.key(hours), outcome(hours * 3600 + seconds))))
            }
        }
    }
}

pub(super) fn compare(left: &(impl Devices + Outbox), right: &(impl Devices + Outbox)) {
    for name in NAMES {
        let who = account(name);
        assert_eq!(block_on(left.devices(&who)), block_on(right.devices(&who)));
    }
    assert_eq!(block_on(left.resources()), block_on(right.resources()));
    assert_eq!(block_on(all_jobs(left)), block_on(all_jobs(right)));
    for n in 1..4 {
        for app in [APP, OTHER_APP] {
            assert_eq!(block_on(left.ledger(app, id(n))), block_on(right.ledger(app, id(n))));
        }
    }
}
