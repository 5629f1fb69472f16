//! The machine itself: rooms, the connections of their participants, and what is forwarded between them.
use std::{collections::VecDeque, time::Instant};

use offhook_types::UserId;

use crate::{
    Address, Answer, Command, Config, Datagram, Join, LeaveCause, Output, Refusal, RoomKey, RoomState,
    Statistics,
};

/// Rooms and everything in them. See the crate's documentation for the drain rule.
pub struct Sfu {
    config: Config,
    outputs: VecDeque<Output>,
    statistics: Statistics,
}

impl Sfu {
    /// A machine without rooms. [`crate::install_crypto`] must have been called in this process.
    #[must_use]
    pub fn new(config: Config, _now: Instant) -> Self {
        Self { config, outputs: VecDeque::new(), statistics: Statistics::default() }
    }

    /// Lets a device into a room, or renews its stay. An older device of the same user is taken over.
    ///
    /// # Errors
    /// [`Refusal::RoomFull`], [`Refusal::Kicked`]; nothing has changed then.
    pub fn join(&mut self, _now: Instant, _join: Join) -> Result<RoomState, Refusal> {
        Err(Refusal::RoomFull)
    }

    /// Carries out what a device asks.
    ///
    /// # Errors
    /// Says why not; nothing has changed then.
    pub fn command(
        &mut self,
        _now: Instant,
        _address: &Address,
        _command: Command,
    ) -> Result<Answer, Refusal> {
        Err(Refusal::NotInRoom)
    }

    /// The device's signaling session came or went.
    pub fn signaling(&mut self, _now: Instant, _address: &Address, _present: bool) {}

    /// Puts a user out of a room, for the app's back end or because their call is over.
    pub fn remove(&mut self, _now: Instant, _room: &RoomKey, _user: &UserId, _cause: LeaveCause) {}

    /// Ends a room.
    pub fn close(&mut self, _now: Instant, _room: &RoomKey, _cause: LeaveCause) {}

    /// Takes in a packet.
    pub fn receive(&mut self, _now: Instant, _datagram: Datagram<'_>) {
        self.statistics.foreign_packets += 1;
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, _now: Instant) {}

    /// When [`Sfu::handle_timeout`] is to be called next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        None
    }

    /// The next thing to send or tell; `None` when all is done.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Counters and gauges.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let _ = self.config.worker;
        self.statistics
    }
}
