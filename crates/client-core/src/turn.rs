//! One input being handled: when it came, the dice it came with, and what is to be done about it.
use alloc::vec::Vec;

use offhook_signaling::ClientFrame;
use offhook_types::Timestamp;

use crate::{Event, Output};

/// One input being handled.
pub(crate) struct Turn {
    pub(crate) now: Timestamp,
    pub(crate) out: Vec<Output>,
    /// Uniform over its type.
    pub(crate) random: u32,
}

impl Turn {
    pub(crate) fn push(&mut self, output: Output) {
        self.out.push(output);
    }

    pub(crate) fn send(&mut self, frame: ClientFrame) {
        self.out.push(Output::Send(frame));
    }

    pub(crate) fn tell(&mut self, event: Event) {
        self.out.push(Output::Event(event));
    }
}
