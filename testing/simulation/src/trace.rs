//! What happened, as a number to compare two runs by, and as lines to read after a failure.
use std::collections::VecDeque;

use offhook_types::Timestamp;

/// How many lines a failure shows.
const SHOWN: usize = 40;

/// How a trace is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// Every line is printed.
    All,
    /// The number alone.
    Hash,
    /// The last lines.
    Tail,
}

/// The trace of one run.
#[derive(Debug)]
pub(crate) struct Trace {
    hash: u64,
    keeping: Keeping,
    lines: VecDeque<String>,
    start: Timestamp,
}

impl Trace {
    pub(crate) fn new(keeping: Keeping, start: Timestamp) -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, keeping, lines: VecDeque::new(), start }
    }

    /// Counts something into the number.
    pub(crate) fn count(&mut self, now: Timestamp, bytes: &[u8]) {
        self.mix(now.as_millis());
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            self.mix(u64::from_le_bytes(word.try_into().expect("eight bytes")));
        }
        let mut rest = [0; 8];
        rest[..words.remainder().len()].copy_from_slice(words.remainder());
        self.mix(u64::from_le_bytes(rest) ^ bytes.len() as u64);
    }

    /// Writes a line, if anybody is going to read it.
    pub(crate) fn say(&mut self, now: Timestamp, line: impl FnOnce() -> String) {
        if self.keeping == Keeping::Hash {
            return;
        }
        let millis = now.since(self.start).as_millis();
        let line = format!("{:>4}.{:03}  {}", millis / 1_000, millis % 1_000, line());
        if self.keeping == Keeping::All {
            println!("{line}");
        }
        if self.lines.len() == SHOWN {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) fn into_lines(self) -> Vec<String> {
        self.lines.into()
    }

    fn mix(&mut self, word: u64) {
        self.hash = (self.hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
}
