//! What waits for the next statement.
use std::{
    collections::{HashMap, VecDeque},
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use offhook_bus::{Hint, NodeId, adapter::wire};
use offhook_types::{Account, Offset};
use tokio::sync::{Notify, watch};

/// The most bytes of a payload: in base64 they are 7,999, which is the most that the server takes.
pub(crate) const LIMIT: usize = 5_999;

/// So many users' hints may wait. More is dropped: the database is away or overwhelmed, and whoever dropped hints says so later.
const MOST_USERS: usize = 50_000;
/// So many messages, or parts of them, may wait.
const MOST_MESSAGES: usize = 4_096;
/// So many payloads go out in one statement. More hold the database's lock for longer, less make more statements.
const MOST_PAYLOADS: usize = 256;

/// Hints and messages on their way to the database.
#[derive(Debug)]
pub(crate) struct Outbox {
    emptied: watch::Sender<bool>,
    waiting: Mutex<Waiting>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    /// No more is taken.
    is_closed: bool,
    /// The newest of each user.
    hints: HashMap<Account, Offset>,
    messages: VecDeque<Vec<u8>>,
}

/// What goes out in one statement.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// As they are notified.
    pub(crate) payloads: Vec<String>,
    /// How many hints are in them.
    pub(crate) hints: usize,
    /// How many messages are in them.
    pub(crate) messages: usize,
}

impl Default for Outbox {
    fn default() -> Self {
        Self { emptied: watch::channel(true).0, waiting: Mutex::default(), wake: Notify::new() }
    }
}

impl Outbox {
    /// Takes hints; how many.
    pub(crate) fn add_hints(&self, hints: &[Hint]) -> usize {
        let mut waiting = self.lock();
        if waiting.is_closed {
            return 0;
        }
        let mut taken = 0;
        for hint in hints {
            if let Some(head) = waiting.hints.get_mut(&hint.account) {
                *head = hint.head.max(*head);
            } else if waiting.hints.len() < MOST_USERS {
                waiting.hints.insert(hint.account.clone(), hint.head);
            } else {
                continue;
            }
            taken += 1;
        }
        drop(waiting);
        self.wake();
        taken
    }

    /// Takes a message, which may be in parts, if there is room for all of it.
    pub(crate) fn add(&self, parts: Vec<Vec<u8>>) -> bool {
        let mut waiting = self.lock();
        if waiting.is_closed || waiting.messages.len() + parts.len() > MOST_MESSAGES {
            return false;
        }
        waiting.messages.extend(parts);
        drop(waiting);
        self.wake();
        true
    }

    /// Waits until there is something to send.
    pub(crate) async fn filled(&self) {
        loop {
            let woken = self.wake.notified();
            if !self.lock().is_empty() {
                return;
            }
            woken.await;
        }
    }

    /// Takes what fits into one statement, messages first. Hints that do not fit stay for the next.
    pub(crate) fn take(&self, from: NodeId) -> Batch {
        let mut waiting = self.lock();
        let count = waiting.messages.len().min(MOST_PAYLOADS);
        let messages: Vec<Vec<u8>> = waiting.messages.drain(..count).collect();
        let hints = mem::take(&mut waiting.hints);
        drop(waiting);
        let hints: Vec<Hint> = hints.into_iter().map(|(account, head)| Hint { head, account }).collect();
        let encoded = wire::encode_hints(from, &hints, LIMIT);
        Batch {
            hints: hints.len(),
            messages: messages.len(),
            payloads: messages
                .iter()
                .chain(encoded.iter().map(|(message, _)| message))
                .map(payload)
                .collect(),
        }
    }

    /// Says that everything that was taken has gone out.
    pub(crate) fn sent(&self) {
        let is_empty = self.lock().is_empty();
        self.emptied.send_replace(is_empty);
    }

    /// Waits until everything has gone out.
    pub(crate) async fn emptied(&self) {
        let _ = self.emptied.subscribe().wait_for(|is_empty| *is_empty).await; // The sender lives as long as this.
    }

    /// Takes nothing more.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
    }

    /// Throws everything away: how many hints and messages.
    pub(crate) fn clear(&self) -> (usize, usize) {
        let mut waiting = self.lock();
        let (hints, messages) = (mem::take(&mut waiting.hints), mem::take(&mut waiting.messages));
        (hints.len(), messages.len())
    }

    fn wake(&self) {
        self.emptied.send_replace(false);
        self.wake.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.hints.is_empty() && self.messages.is_empty()
    }
}

fn payload(message: &Vec<u8>) -> String {
    STANDARD_NO_PAD.encode(message)
}

/// The message of a payload.
pub(crate) fn message(payload: &str) -> Option<Vec<u8>> {
    STANDARD_NO_PAD.decode(payload).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use offhook_bus::adapter::wire::{Content, Message};
    use offhook_types::{AppId, UserId};

    const ME: NodeId = NodeId::new(1);

    fn hint(user: &str, head: u64) -> Hint {
        Hint { head: Offset(head), account: Account::new(AppId(1), UserId::new(user).unwrap()) }
    }

    fn hints(batch: &Batch) -> Vec<Hint> {
        let read = batch.payloads.iter().flat_map(|payload| {
            let message = Message::decode(&message(payload).unwrap()).unwrap();
            let Content::Hints(hints) = message.content else { panic!("not hints") };
            hints
        });
        read.collect()
    }

    #[test]
    fn the_newest_hint_of_a_user_goes_out() {
        let outbox = Outbox::default();
        assert_eq!(outbox.add_hints(&[hint("zoe", 5), hint("zoe", 7)]), 2);
        assert_eq!(outbox.add_hints(&[hint("zoe", 6)]), 1);
        let batch = outbox.take(ME);
        assert_eq!(hints(&batch), [hint("zoe", 7)]);
        assert!(outbox.take(ME).payloads.is_empty());
    }

    #[test]
    fn a_payload_is_never_larger_than_the_server_takes() {
        let outbox = Outbox::default();
        let crowd: Vec<Hint> = (0..2_000).map(|n| hint(&format!("user-{n:027}"), n)).collect();
        assert_eq!(outbox.add_hints(&crowd), 2_000);
        assert!(outbox.add(vec![vec![0xff; LIMIT]]));
        let batch = outbox.take(ME);
        assert!(batch.payloads.iter().all(|payload| payload.len() < 8_000));
        assert_eq!((batch.hints, batch.messages), (2_000, 1));
        assert_eq!(batch.payloads.len(), 17, "the message, and 129 hints in each");
    }

    #[test]
    fn what_waits_is_bounded() {
        let outbox = Outbox::default();
        let crowd: Vec<Hint> = (0..60_000).map(|n| hint(&format!("user-{n}"), 1)).collect();
        assert_eq!(outbox.add_hints(&crowd), MOST_USERS);
        assert_eq!(
            outbox.add_hints(&[hint("user-1", 2), hint("newcomer", 1)]),
            1,
            "who waits already is brought up to date"
        );
        let taken = (0..5_000).filter(|_| outbox.add(vec![Vec::new()])).count();
        assert_eq!(taken, MOST_MESSAGES);
        assert_eq!(outbox.clear(), (MOST_USERS, MOST_MESSAGES));
    }

    #[test]
    fn a_closed_outbox_takes_nothing() {
        let outbox = Outbox::default();
        outbox.close();
        assert_eq!((outbox.add_hints(&[hint("zoe", 1)]), outbox.add(vec![Vec::new()])), (0, false));
    }
}
