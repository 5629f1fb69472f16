//! Who is in a room, what they publish, and who hears of it.
//!
//! [`Room`] is pure membership: it knows names and numbers, and neither packets nor session descriptions. The connection
//! of each participant tells it how its media is doing ([`Room::media`]), the gateway whether its session is there
//! ([`Room::signaling`]); from both it decides who is still in, and it says what the others are told. The rules in prose
//! are in docs/rooms.md.
//!
//! Outputs are drained with [`Room::poll_output`] after every call that takes `&mut self`. Each call first does what is
//! due at its own time, so that a sign of life that comes after a lease has ended is late even if no timer has run.
//! After [`RoomOutput::Over`], silence.
mod budget;
mod member;
mod membership;
mod messages;
mod presence;
mod publication;
mod usage;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use offhook_types::{StreamId, UserId};

use self::{member::Member, publication::Publication, usage::Record};
pub(crate) use self::{
    membership::Joined,
    messages::Message,
    presence::MediaState,
    publication::{PublishedTrack, StreamUpdate, Track},
    usage::Reading,
};
use crate::{
    Address, Fact, LeaveCause, Limits, Refusal, Role, RoomEvent, RoomKey, RoomState, Source, Stream,
};

/// How long a room waits for its first member, where empty rooms are not kept. Less would end it before they are in.
const FIRST_MEMBER: Duration = Duration::from_secs(1);

/// A stay in a room: of one device, from its coming to its going. Never used again within the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct MemberNo(pub(crate) u32);

/// A published track. Never used again within the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TrackNo(pub(crate) u32);

/// What comes out of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RoomOutput {
    /// To be told to a device; also to one whose session is gone just now.
    Event(Address, RoomEvent),
    /// To be known by the node.
    Fact(Fact),
    /// A stay is over: its connection is to be dropped.
    Gone(MemberNo, LeaveCause),
    /// The room is over: it is to be dropped. Nothing comes after it.
    Over,
    /// Tracks are no longer published, because their publisher says so, may no longer, or is gone.
    Unpublished(Vec<TrackNo>),
}

/// A room: members, streams, and what everybody used.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Room {
    /// When something is due next. Kept, as it is asked for far more often than it changes.
    deadline: Option<Instant>,
    key: RoomKey,
    /// Who may not come back.
    kicked: BTreeSet<UserId>,
    limits: Limits,
    max_members: u32,
    members: BTreeMap<MemberNo, Member>,
    next_member: u32,
    next_track: u32,
    outputs: VecDeque<RoomOutput>,
    /// Everybody who ever was here.
    records: BTreeMap<UserId, Record>,
    state: State,
    streams: BTreeMap<StreamId, Publication>,
}

/// ```text
///          last out
/// Occupied ────────▶ Empty
///   │  ▲               │ │ empty_room has passed
///   │  └── first in ───┘ │ or closed
///   └─ closed ─▶ Over ◀──┘
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nobody is in it.
    Empty {
        /// Since when.
        since: Instant,
    },
    /// Somebody is.
    Occupied,
    /// For good.
    Over,
}

impl Room {
    /// A room for its first member, who is at the door: it is over if nobody comes for a second, or for
    /// [`Limits::empty_room`] if that is longer. `max_members` is capped by [`Limits::max_members`], which also holds if it is
    /// 0.
    pub(crate) fn new(now: Instant, key: RoomKey, limits: Limits, max_members: u32) -> Self {
        let cap = limits.max_members;
        let mut room = Self {
            deadline: None,
            key,
            kicked: BTreeSet::new(),
            max_members: if max_members == 0 { cap } else { max_members.min(cap) },
            limits,
            members: BTreeMap::new(),
            next_member: 0,
            next_track: 0,
            outputs: VecDeque::new(),
            records: BTreeMap::new(),
            state: State::Empty { since: now },
            streams: BTreeMap::new(),
        };
        room.reckon();
        room
    }

    /// The room's name.
    pub(crate) fn key(&self) -> &RoomKey {
        &self.key
    }

    /// Whether the room is over and refuses everything.
    pub(crate) fn is_over(&self) -> bool {
        match self.state {
            State::Empty { .. } | State::Occupied => false,
            State::Over => true,
        }
    }

    /// The stay of this very device.
    pub(crate) fn member(&self, address: &Address) -> Option<MemberNo> {
        let at = self.members.iter().find(|(_, member)| member.address == *address);
        at.map(|(&number, _)| number)
    }

    /// Which device a stay is of.
    pub(crate) fn address(&self, member: MemberNo) -> Option<&Address> {
        self.members.get(&member).map(|member| &member.address)
    }

    /// What a member may do.
    pub(crate) fn role(&self, member: MemberNo) -> Option<Role> {
        self.members.get(&member).map(|member| member.role)
    }

    /// Every published track with its stream and its publisher, by the name of the stream.
    pub(crate) fn tracks(&self) -> impl Iterator<Item = PublishedTrack<'_>> {
        self.streams.iter().flat_map(|(stream, publication)| {
            let publisher = publication.publisher;
            publication.tracks.iter().map(move |track| PublishedTrack { publisher, stream, track })
        })
    }

    /// The track of this stream and source.
    pub(crate) fn track(&self, stream: &StreamId, source: Source) -> Option<&Track> {
        self.streams.get(stream)?.tracks.iter().find(|track| track.source == source)
    }

    /// The room as this member sees it: everybody in the order of their coming, everything published by name.
    pub(crate) fn state_for(&self, member: MemberNo) -> Option<RoomState> {
        Some(self.state_as(self.role(member)?))
    }

    /// The room as one of this role sees it, who need not be in it.
    pub(crate) fn state_as(&self, role: Role) -> RoomState {
        let mut members: Vec<&Member> = self.members.values().collect();
        members.sort_by_key(|member| member.seat);
        RoomState {
            members: members.into_iter().map(Member::view).collect(),
            role,
            streams: self.streams.keys().filter_map(|stream| self.stream_view(stream)).collect(),
        }
    }

    /// Does what is due.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return;
        }
        let late: Vec<MemberNo> = self
            .members
            .iter()
            .filter(|(_, member)| member.deadline(&self.limits).is_some_and(|deadline| deadline <= now))
            .map(|(&number, _)| number)
            .collect();
        for member in late {
            self.put_out(now, member, LeaveCause::Lost);
        }
        if self.empty_deadline().is_some_and(|deadline| deadline <= now) {
            self.finish(now);
        }
        self.reckon();
    }

    /// When [`Room::handle_timeout`] is to be called next. Costs nothing.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.deadline
    }

    /// The next thing to tell or do; `None` when all is done.
    pub(crate) fn poll_output(&mut self) -> Option<RoomOutput> {
        self.outputs.pop_front()
    }

    /// Ends the room: everybody is told why, and the node what they used. Again is harmless.
    pub(crate) fn close(&mut self, now: Instant, cause: LeaveCause) {
        self.handle_timeout(now);
        if self.is_over() {
            return;
        }
        // Nobody is left to hear of the others.
        for (number, member) in std::mem::take(&mut self.members) {
            self.see_off(number, member, cause);
        }
        for record in self.records.values_mut() {
            record.stop(now);
        }
        let streams = std::mem::take(&mut self.streams);
        self.unpublish(streams.into_values().flat_map(Publication::numbers).collect());
        self.finish(now);
        self.reckon();
    }

    fn finish(&mut self, now: Instant) {
        self.state = State::Over;
        self.outputs
            .push_back(RoomOutput::Fact(Fact::Closed { room: self.key.clone(), usage: self.usage(now) }));
        self.outputs.push_back(RoomOutput::Over);
    }

    fn empty_deadline(&self) -> Option<Instant> {
        match self.state {
            State::Empty { since } if self.next_member == 0 => {
                since.checked_add(self.limits.empty_room.max(FIRST_MEMBER))
            }
            State::Empty { since } => since.checked_add(self.limits.empty_room),
            State::Occupied | State::Over => None,
        }
    }

    /// Finds out anew what is due next; to be called after everything that can change it.
    fn reckon(&mut self) {
        let leases = self.members.values().filter_map(|member| member.deadline(&self.limits));
        self.deadline = leases.chain(self.empty_deadline()).min();
    }

    fn tell(&mut self, to: Address, event: RoomEvent) {
        self.outputs.push_back(RoomOutput::Event(to, event));
    }

    fn tell_others(&mut self, except: MemberNo, event: &RoomEvent) {
        for (&number, member) in &self.members {
            if number != except {
                self.outputs.push_back(RoomOutput::Event(member.address.clone(), event.clone()));
            }
        }
    }

    fn inform(&mut self, fact: Fact) {
        self.outputs.push_back(RoomOutput::Fact(fact));
    }

    fn unpublish(&mut self, tracks: Vec<TrackNo>) {
        if !tracks.is_empty() {
            self.outputs.push_back(RoomOutput::Unpublished(tracks));
        }
    }

    fn stream_view(&self, stream: &StreamId) -> Option<Stream> {
        let publication = self.streams.get(stream)?;
        let publisher = self.members.get(&publication.publisher)?;
        Some(publication.view(stream, &publisher.address.user))
    }

    fn known(&self, member: MemberNo) -> Result<&Member, Refusal> {
        self.members.get(&member).ok_or(Refusal::NotInRoom)
    }
}

#[cfg(test)]
mod tests;
