//! What comes from other nodes, put in order.
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use offhook_bus::NodeId;
use tokio::time::Instant;

use super::wire::{Item, Letter};

/// How long a letter that is missing is waited for. Longer delays what came after it, shorter takes the slow for lost.
const PATIENCE: Duration = Duration::from_secs(1);
/// So many letters wait for one that is missing.
const MOST_EARLY: usize = 256;

/// What has come.
#[derive(Debug)]
pub(crate) enum Arrived {
    /// Something before what comes next got lost.
    Gap,
    /// The next item.
    Item(Item),
}

/// Letters of all other nodes.
#[derive(Debug, Default)]
pub(crate) struct Inboxes {
    inboxes: Mutex<HashMap<NodeId, Inbox>>,
}

#[derive(Debug)]
struct Inbox {
    /// By the number of their first item.
    early: BTreeMap<u64, Letter>,
    line: u64,
    /// The number of the next item.
    next: u64,
    /// Since when one is missing.
    waits: Option<Instant>,
}

impl Inboxes {
    /// Takes a letter. What is its turn is handed to `act` at once and in order, so `act` must be quick.
    pub(crate) fn take(&self, (now, from): (Instant, NodeId), letter: Letter, act: &mut dyn FnMut(Arrived)) {
        let mut inboxes = self.lock();
        let new = |line| Inbox { early: BTreeMap::new(), line, next: 1, waits: None };
        let inbox = inboxes.entry(from).or_insert_with(|| new(letter.line));
        if letter.line < inbox.line {
            return; // Of a time before the sender took this node for gone.
        }
        if letter.line > inbox.line {
            *inbox = new(letter.line);
            act(Arrived::Gap);
        }
        inbox.take(now, letter, act);
    }

    /// Gives up what has been missing for too long.
    pub(crate) fn lose_patience(&self, now: Instant, act: &mut dyn FnMut(NodeId, Arrived)) {
        for (node, inbox) in self.lock().iter_mut() {
            if inbox.waits.is_some_and(|since| now.duration_since(since) >= PATIENCE) {
                inbox.skip(now, &mut |arrived| act(*node, arrived));
            }
        }
    }

    /// Forgets nodes that are gone.
    pub(crate) fn forget(&self, is_gone: impl Fn(NodeId) -> bool) {
        self.lock().retain(|node, _| !is_gone(*node));
    }

    /// Every change is one step: a thread that died while it held the lock left whole values behind.
    fn lock(&self) -> MutexGuard<'_, HashMap<NodeId, Inbox>> {
        self.inboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inbox {
    fn take(&mut self, now: Instant, letter: Letter, act: &mut dyn FnMut(Arrived)) {
        if letter.first > self.next {
            // A recap bears the number of the letter after it.
            let known = self.early.get(&letter.first).map_or(0, |known| known.items.len());
            if known == 0 {
                self.early.insert(letter.first, letter);
            }
            self.waits.get_or_insert(now);
            if self.early.len() > MOST_EARLY {
                self.skip(now, act);
            }
            return;
        }
        self.open(letter, act);
        self.go_on(now, act);
    }

    fn open(&mut self, letter: Letter, act: &mut dyn FnMut(Arrived)) {
        for (number, item) in (letter.first..).zip(letter.items) {
            // Letters may come twice.
            if number == self.next {
                self.next += 1;
                if let Ok(item) = serde_json::from_str(item.get()) {
                    act(Arrived::Item(item));
                }
            }
        }
    }

    /// Opens what has come early, as far as nothing is missing.
    fn go_on(&mut self, now: Instant, act: &mut dyn FnMut(Arrived)) {
        while let Some(letter) = self.early.first_entry().filter(|letter| *letter.key() <= self.next) {
            let letter = letter.remove();
            self.open(letter, act);
            self.waits = Some(now);
        }
        if self.early.is_empty() {
            self.waits = None;
        }
    }

    /// Goes on behind what is missing.
    fn skip(&mut self, now: Instant, act: &mut dyn FnMut(Arrived)) {
        let Some((first, _)) = self.early.first_key_value() else { return };
        self.next = *first;
        act(Arrived::Gap);
        self.go_on(now, act);
    }
}

#[cfg(test)]
mod tests {
    use offhook_types::{AppId, RoomId};

    use super::{super::wire::Where, *};

    const ANN: NodeId = NodeId::new(1);

    /// A letter of items `first..end`, each a closing of the room that bears its number.
    fn letter(line: u64, first: u64, end: u64) -> Letter {
        let item = |number: u64| {
            let room = RoomId::new(number.to_string()).expect("a name");
            serde_json::value::to_raw_value(&Item::Close(Where { app: AppId(1), room })).expect("JSON")
        };
        Letter { first, items: (first..end).map(item).collect(), line }
    }

    fn shown(arrived: Arrived) -> String {
        match arrived {
            Arrived::Gap => "gap".to_owned(),
            Arrived::Item(Item::Close(place)) => place.room.as_str().to_owned(),
            Arrived::Item(other) => panic!("{other:?}"),
        }
    }

    /// What comes of these letters, and of patience ending after them.
    fn heard(letters: &[(u64, u64, u64)]) -> (String, String) {
        let (inboxes, now) = (Inboxes::default(), Instant::now());
        let mut heard = Vec::new();
        for &(line, first, end) in letters {
            inboxes.take((now, ANN), letter(line, first, end), &mut |arrived| heard.push(shown(arrived)));
        }
        let mut later = Vec::new();
        inboxes.lose_patience(now, &mut |_, arrived| later.push(shown(arrived)));
        assert!(later.is_empty(), "it is not time yet");
        inboxes.lose_patience(now + PATIENCE, &mut |_, arrived| later.push(shown(arrived)));
        (heard.join(" "), later.join(" "))
    }

    #[test]
    fn letters_are_opened_in_order_once() {
        for (letters, expected) in [
            (&[(1, 1, 3), (1, 3, 4)][..], "1 2 3"),
            (&[(1, 3, 4), (1, 1, 3)], "1 2 3"),
            (&[(1, 1, 3), (1, 1, 3), (1, 3, 4), (1, 1, 3)], "1 2 3"),
            (&[(1, 4, 5), (1, 2, 4), (1, 1, 2)], "1 2 3 4"),
            (&[(1, 1, 2), (1, 2, 2)], "1"),
            (&[(1, 2, 3), (1, 2, 2), (1, 1, 2)], "1 2"),
            (&[(1, 2, 2), (1, 2, 3), (1, 1, 2)], "1 2"),
        ] {
            assert_eq!(heard(letters), (expected.to_owned(), String::new()), "{letters:?}");
        }
    }

    #[test]
    fn what_stays_missing_is_a_gap() {
        let pair = |now: &str, later: &str| (now.to_owned(), later.to_owned());
        assert_eq!(heard(&[(1, 1, 2), (1, 3, 4), (1, 4, 5)]), pair("1", "gap 3 4"));
        assert_eq!(heard(&[(1, 1, 2), (1, 3, 3)]), pair("1", "gap"), "the last was lost, says the recap");
        assert_eq!(heard(&[(1, 5, 6)]), pair("", "gap 5"), "who is new here and was told before");
        assert_eq!(heard(&[(1, 1, 2), (2, 1, 2), (1, 2, 3)]), pair("1 gap 1", ""), "it began anew");
    }
}
