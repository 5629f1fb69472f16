//! What goes out.
use std::collections::BTreeMap;

use async_nats::{Client, Subject};
use bytes::Bytes;
use futures_util::FutureExt as _;
use offhook_bus::{
    Hint, NodeId,
    adapter::{Carrier, Target, shard_of, wire},
};
use tokio::task::unconstrained;

use crate::subjects::{SHARDS, Subjects};

/// The most bytes of a message of hints: some 700 of them. More would make a node that reads one keep others waiting.
const HINTS_LIMIT: usize = 32 * 1024;

/// A client's sending half.
pub(crate) struct NatsCarrier {
    client: Client,
    subjects: Subjects,
}

impl NatsCarrier {
    pub(crate) fn new(client: Client, subjects: Subjects) -> Self {
        Self { client, subjects }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn subjects(&self) -> &Subjects {
        &self.subjects
    }

    /// Sends a question, so that the server says if nobody hears it.
    pub(crate) fn ask(&self, to: Target, number: u64, message: Vec<u8>) -> bool {
        self.expect_refusal(self.subjects.target(to), number, message.into())
    }

    /// Sends a question to nobody, whose refusal shows that the server has taken in everything before it.
    pub(crate) fn sync(&self, number: u64) -> bool {
        self.expect_refusal(self.subjects.sync.clone(), number, Bytes::new())
    }

    fn expect_refusal(&self, subject: Subject, number: u64, message: Bytes) -> bool {
        let refusal = self.subjects.refusal(number);
        let sent = self.client.publish_with_reply(subject, refusal, message);
        matches!(unconstrained(sent).now_or_never(), Some(Ok(())))
    }

    /// Sends a message if the client's queue has a place. Not constrained: a task that has published much in one turn must not be told
    /// that a queue is full which is not.
    fn send(&self, subject: Subject, message: Vec<u8>) -> bool {
        let sent = self.client.publish(subject, message.into());
        matches!(unconstrained(sent).now_or_never(), Some(Ok(())))
    }
}

impl Carrier for NatsCarrier {
    fn carry_hints(&self, from: NodeId, hints: &[Hint]) -> usize {
        let mut shards: BTreeMap<u16, Vec<&Hint>> = BTreeMap::new();
        for hint in hints {
            shards.entry(shard_of(&hint.account, SHARDS)).or_default().push(hint);
        }
        let mut carried = 0;
        for (shard, hints) in shards {
            for (message, count) in wire::encode_hints(from, hints, HINTS_LIMIT) {
                carried += if self.send(self.subjects.shard(shard), message) { count } else { 0 };
            }
        }
        carried
    }

    fn carry(&self, to: Target, message: Vec<u8>) -> bool {
        self.send(self.subjects.target(to), message)
    }
}
