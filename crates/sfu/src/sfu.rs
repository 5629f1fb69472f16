//! The machine itself: rooms, the connections of their participants, and what goes from one to the other.
//!
//! ```text
//! receive ─▶ owner of the address ─▶ str0m ─▶ events ─▶ forward ─▶ str0m of each subscriber (queued, "dirty")
//! command ─▶ room ─▶ what it says ─▶ events, facts                          │
//! poll_output ─▶ flush: each dirty participant is told the time once and drained ─▶ packets
//! ```
//!
//! A participant costs nothing while nothing happens: addresses, user names and deadlines are looked up, never searched.
mod forward;
mod hall;
mod layers;
mod negotiate;
mod network;
mod requests;
mod tick;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    net::SocketAddr,
    time::Instant,
};

use offhook_types::UserId;
use str0m::Event;

pub(crate) use self::forward::Passing;
use self::{hall::Hall, network::Schedule};
use crate::{
    Address, Answer, Command, Config, Datagram, Join, LeaveCause, Output, Refusal, Role, RoomKey, RoomState,
    Statistics, Transport,
    peer::{
        HallId, Peer, PeerId,
        connection::{Setup, Trouble},
    },
    room::{Joined, MemberNo, Room},
};

/// Rooms and everything in them. See the crate's documentation for the drain rule.
pub struct Sfu {
    /// Connections that are at their end.
    broken: Vec<(PeerId, Trouble)>,
    config: Config,
    /// Whether events are being looked at; what follows from one waits its turn.
    digesting: bool,
    /// Participants for whom something waits to be sent or done.
    dirty: Vec<PeerId>,
    /// What str0m told and nobody has looked at yet.
    events: VecDeque<(PeerId, Event)>,
    hall_of: BTreeMap<RoomKey, HallId>,
    halls: BTreeMap<HallId, Hall>,
    next_hall: u32,
    next_peer: u32,
    /// The newest time that was given.
    now: Instant,
    outputs: VecDeque<Output>,
    peers: BTreeMap<PeerId, Box<Peer>>,
    schedule: Schedule,
    setup: Setup,
    /// Who was heard from where, and proved it.
    sockets: HashMap<(Transport, SocketAddr), PeerId>,
    statistics: Statistics,
}

impl Sfu {
    /// A machine without rooms. [`crate::install_crypto`] must have been called in this process.
    #[must_use]
    pub fn new(config: Config, now: Instant) -> Self {
        Self {
            broken: Vec::new(),
            digesting: false,
            dirty: Vec::new(),
            events: VecDeque::new(),
            hall_of: BTreeMap::new(),
            halls: BTreeMap::new(),
            next_hall: 0,
            next_peer: 0,
            now,
            outputs: VecDeque::new(),
            peers: BTreeMap::new(),
            schedule: Schedule::new(now),
            setup: Setup::new(&config),
            sockets: HashMap::new(),
            statistics: Statistics::default(),
            config,
        }
    }

    /// Lets a device into a room, which is made if it is not there, or renews its stay. An older device of the same user is
    /// taken over. What is published already is offered at once.
    ///
    /// # Errors
    /// [`Refusal::RoomFull`], [`Refusal::Kicked`], [`Refusal::TooLarge`] for the name, [`Refusal::TooFast`]. Nothing has
    /// changed then.
    #[expect(clippy::needless_pass_by_value, reason = "a request is given away")]
    pub fn join(&mut self, now: Instant, join: Join) -> Result<RoomState, Refusal> {
        self.advance(now);
        let id = self.open_hall(&join);
        let Some(hall) = self.halls.get_mut(&id) else { return Err(Refusal::NotInRoom) };
        let joined = hall.room.join(now, &join);
        if let Ok(Joined { is_new, member, .. }) = joined {
            if is_new {
                self.admit(id, member, &join);
            } else {
                self.renew(id, member, &join);
            }
        }
        self.settle(id);
        let joined = joined?;
        let state = self.halls.get(&id).and_then(|hall| hall.room.state_for(joined.member));
        state.ok_or(Refusal::NotInRoom)
    }

    /// Carries out what a device asks.
    ///
    /// # Errors
    /// Says why not; nothing has changed then, with two exceptions. An answer that cannot be read makes the offer that it
    /// answers void, which is made again at the next [`Command::Read`], or when there is something new to offer. An offer that
    /// is refused makes ours void that waits, and ours is made again at once, as the device has passed over it; within a second
    /// if [`Refusal::TooFast`] is why.
    pub fn command(&mut self, now: Instant, address: &Address, command: Command) -> Result<Answer, Refusal> {
        self.advance(now);
        let (hall, member) = self.locate(address).ok_or(Refusal::NotInRoom)?;
        let answer = self.carry_out(hall, member, command);
        self.settle(hall);
        answer
    }

    /// A room as the app's back end sees it, which may do what a host may. Nobody in it notices; `None` if there is no such room.
    #[must_use]
    pub fn look(&self, room: &RoomKey) -> Option<RoomState> {
        let hall = self.halls.get(self.hall_of.get(room)?)?;
        (!hall.room.is_over()).then(|| hall.room.state_as(Role::Host))
    }

    /// A device's signaling session came or went.
    pub fn signaling(&mut self, now: Instant, address: &Address, present: bool) {
        self.advance(now);
        let Some((id, member)) = self.locate(address) else { return };
        if let Some(hall) = self.halls.get_mut(&id) {
            hall.room.signaling(now, member, present);
        }
        self.settle(id);
    }

    /// Puts a user out of a room, for the app's back end or because their call is over. One who is kicked may not come back.
    #[expect(clippy::too_many_arguments, reason = "each is plain, and the driver hands them through")]
    pub fn remove(&mut self, now: Instant, room: &RoomKey, user: &UserId, cause: LeaveCause) {
        self.advance(now);
        let Some(&id) = self.hall_of.get(room) else { return };
        if let Some(hall) = self.halls.get_mut(&id) {
            hall.room.expel(now, user, cause);
        }
        self.settle(id);
    }

    /// Ends a room.
    pub fn close(&mut self, now: Instant, room: &RoomKey, cause: LeaveCause) {
        self.advance(now);
        let Some(&id) = self.hall_of.get(room) else { return };
        if let Some(hall) = self.halls.get_mut(&id) {
            hall.room.close(now, cause);
        }
        self.settle(id);
    }

    /// Takes in a packet. What belongs to nobody is counted and dropped.
    pub fn receive(&mut self, now: Instant, datagram: Datagram<'_>) {
        self.advance(now);
        self.take(datagram);
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
        self.serve_due();
    }

    /// When [`Sfu::handle_timeout`] is to be called next; `None` while nobody is here.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.schedule.next()
    }

    /// The next thing to send or tell; `None` when all is done.
    pub fn poll_output(&mut self) -> Option<Output> {
        if self.outputs.is_empty() {
            self.flush();
        }
        self.outputs.pop_front()
    }

    /// Counters and gauges.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Statistics {
            participants: count(self.peers.len()),
            rooms: count(self.halls.len()),
            tracks: count(self.halls.values().map(|hall| hall.tracks.len()).sum()),
            ..self.statistics
        }
    }

    /// Times given never go back; one that does is taken for the newest.
    fn advance(&mut self, now: Instant) {
        self.now = self.now.max(now);
    }

    fn locate(&self, address: &Address) -> Option<(HallId, MemberNo)> {
        let id = *self.hall_of.get(&address.room)?;
        Some((id, self.halls.get(&id)?.room.member(address)?))
    }

    fn open_hall(&mut self, join: &Join) -> HallId {
        let key = &join.address.room;
        if let Some(&id) = self.hall_of.get(key) {
            // A room may be over although nobody has served its deadline yet.
            if let Some(hall) = self.halls.get_mut(&id) {
                hall.room.handle_timeout(self.now);
            }
            self.settle(id);
            if self.halls.contains_key(&id) {
                return id;
            }
        }
        let id = HallId(self.next_hall);
        self.next_hall += 1;
        let room = Room::new(self.now, key.clone(), self.config.limits.clone(), join.max_members);
        self.halls.insert(id, Hall::new(room, self.now));
        self.hall_of.insert(key.clone(), id);
        id
    }
}

#[cfg(test)]
mod tests;
