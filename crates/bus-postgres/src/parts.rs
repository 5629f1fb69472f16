//! Messages that are larger than a payload travel in parts.
//!
//! A part is a byte for the version (1), a byte for the kind (8), 8 bytes for the node that sends it, its number for the message (8),
//! which part this is (2) and of how many (2), the highest bytes first, and then a piece of the message. One connection notifies, and
//! the database delivers in the order of commits: the parts of a node come in order, and those of one message come together.
use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use offhook_bus::{NodeId, adapter::wire};

use crate::{MAX_MESSAGE, outbox::LIMIT};

/// The kind, beside those of [`wire`].
const KIND: u8 = 8;
/// The bytes before the piece.
const HEAD: usize = 2 + 8 + 8 + 2 + 2;
/// The bytes of a piece.
const PIECE: usize = LIMIT - HEAD;
/// The most parts that a message has.
const MOST_PARTS: usize = (MAX_MESSAGE + wire::OVERHEAD).div_ceil(PIECE);

/// Divides what is too large.
#[derive(Debug, Default)]
pub(crate) struct Splitter {
    number: AtomicU64,
}

impl Splitter {
    /// The message as it is, or its parts in order.
    pub(crate) fn split(&self, message: Vec<u8>) -> Vec<Vec<u8>> {
        if message.len() <= LIMIT {
            return vec![message];
        }
        let Some(from) = wire::sender(&message) else { return Vec::new() };
        let (number, count) = (self.number.fetch_add(1, Relaxed), message.len().div_ceil(PIECE));
        let short = |count: usize| u16::try_from(count).expect("messages are limited").to_be_bytes();
        let part = |(place, piece): (usize, &[u8])| {
            let mut part = Vec::with_capacity(HEAD + piece.len());
            part.extend([wire::VERSION, KIND]);
            part.extend([from.bits(), number].map(u64::to_be_bytes).as_flattened());
            part.extend(short(place));
            part.extend(short(count));
            part.extend(piece);
            part
        };
        message.chunks(PIECE).enumerate().map(part).collect()
    }
}

/// Puts parts together again. Holds at most one unfinished message for each node.
#[derive(Debug, Default)]
pub(crate) struct Joiner {
    unfinished: HashMap<NodeId, Unfinished>,
}

#[derive(Debug)]
struct Unfinished {
    message: Vec<u8>,
    /// The part that comes next.
    next: usize,
    number: u64,
}

impl Joiner {
    /// The message, if this is one, or the last part of one. Parts of which another got lost are dropped.
    pub(crate) fn take(&mut self, bytes: Vec<u8>) -> Option<Vec<u8>> {
        let Some(part) = Part::read(&bytes) else { return Some(bytes) };
        let Part { from, number, place, count, piece } = part;
        if place == 0 {
            self.unfinished.insert(from, Unfinished { message: Vec::new(), next: 0, number });
        }
        let unfinished = self.unfinished.get_mut(&from)?;
        if unfinished.number != number || unfinished.next != place || count > MOST_PARTS {
            self.unfinished.remove(&from);
            return None;
        }
        unfinished.message.extend(piece);
        unfinished.next += 1;
        if unfinished.next < count {
            return None;
        }
        self.unfinished.remove(&from).map(|whole| whole.message)
    }
}

struct Part<'a> {
    from: NodeId,
    number: u64,
    place: usize,
    count: usize,
    piece: &'a [u8],
}

impl<'a> Part<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&[wire::VERSION, KIND])?;
        let (from, rest) = rest.split_first_chunk().map(|(it, rest)| (u64::from_be_bytes(*it), rest))?;
        let (number, rest) = rest.split_first_chunk().map(|(it, rest)| (u64::from_be_bytes(*it), rest))?;
        let (place, rest) = rest.split_first_chunk().map(|(it, rest)| (u16::from_be_bytes(*it), rest))?;
        let (count, piece) = rest.split_first_chunk().map(|(it, rest)| (u16::from_be_bytes(*it), rest))?;
        Some(Self { from: NodeId::new(from), number, place: place.into(), count: count.into(), piece })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use offhook_bus::adapter::wire::{Content, Message};

    fn message(from: u64, len: usize) -> Vec<u8> {
        let body = (0..len).map(|n| u8::try_from(n % 251).unwrap()).collect();
        Message { from: NodeId::new(from), content: Content::Ask { to: NodeId::new(9), number: 1, body } }
            .encode()
    }

    /// What comes out of these parts.
    fn joined(joiner: &mut Joiner, parts: impl IntoIterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
        parts.into_iter().filter_map(|part| joiner.take(part)).collect()
    }

    #[test]
    fn the_largest_message_comes_whole_and_every_part_fits_a_payload() {
        for len in [0, LIMIT - wire::OVERHEAD, LIMIT, MAX_MESSAGE] {
            let message = message(1, len);
            let parts = Splitter::default().split(message.clone());
            assert!(
                parts.iter().all(|part| part.len() <= LIMIT && wire::sender(part) == Some(NodeId::new(1)))
            );
            assert_eq!(parts.len() > 1, message.len() > LIMIT);
            assert_eq!(joined(&mut Joiner::default(), parts), [message]);
        }
    }

    #[test]
    fn messages_of_several_nodes_may_come_mixed() {
        let (splitter, mut joiner) = (Splitter::default(), Joiner::default());
        let (one, other) = (message(1, 20_000), message(2, 20_000));
        let small = message(1, 10);
        let mixed = splitter.split(one.clone()).into_iter().zip(splitter.split(other.clone()));
        let mixed = mixed.flat_map(|(one, other)| [one, other]);
        assert_eq!(joined(&mut joiner, mixed.chain([small.clone()])), [one, other, small]);
        assert!(joiner.unfinished.is_empty());
    }

    #[test]
    fn a_message_that_lacks_a_part_is_dropped_and_the_next_one_comes() {
        let splitter = Splitter::default();
        let next = message(1, 15_000);
        for lost in 0..4 {
            let mut joiner = Joiner::default();
            let mut parts = splitter.split(message(1, 20_000));
            assert_eq!(parts.len(), 4);
            parts.remove(lost);
            parts.extend(splitter.split(next.clone()));
            assert_eq!(joined(&mut joiner, parts), vec![next.clone()], "without part {lost}");
        }
    }
}
