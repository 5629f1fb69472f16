//! Scenarios: who, when, what, and the whole list of outputs. Then a random walk.
mod coming;
mod leases;
mod messages;
mod publishing;
mod usage;
mod walk;

use std::time::{Duration, Instant};

use offhook_types::{AppId, DeviceId, Opaque, RoomId, StreamId, UserId};

use super::{Joined, MediaState, MemberNo, Room, RoomOutput, TrackNo};
use crate::{
    Address, Fact, Join, LeaveCause, Limits, Member, OfferedStream, OfferedTrack, Presence, Role, RoomEvent,
    RoomKey, Source, Stream,
};

const ALICE: &str = "alice";
const BOB: &str = "bob";
const CAROL: &str = "carol";
const PHONE: &str = "phone";
const TABLET: &str = "tablet";

/// A room and the instant at which the story begins.
struct Stage {
    room: Room,
    start: Instant,
}

impl Stage {
    fn new() -> Self {
        Self::with(Limits::default(), 0)
    }

    fn with(limits: Limits, max_members: u32) -> Self {
        let start = beginning();
        Self { room: Room::new(start, key(), limits, max_members), start }
    }

    /// So many seconds into the story.
    fn at(&self, seconds: u64) -> Instant {
        self.start + Duration::from_secs(seconds)
    }

    /// Enters on the phone as a member.
    fn join(&mut self, seconds: u64, user: &str) -> MemberNo {
        self.join_as(seconds, &join(user, PHONE)).member
    }

    fn join_as(&mut self, seconds: u64, join: &Join) -> Joined {
        self.room.join(self.at(seconds), join).expect("permitted")
    }

    fn media(&mut self, seconds: u64, member: MemberNo, report: MediaState) {
        self.room.media(self.at(seconds), member, report);
    }

    fn signaling(&mut self, seconds: u64, member: MemberNo, present: bool) {
        self.room.signaling(self.at(seconds), member, present);
    }

    fn pass(&mut self, seconds: u64) -> Vec<RoomOutput> {
        self.room.handle_timeout(self.at(seconds));
        self.outputs()
    }

    fn outputs(&mut self) -> Vec<RoomOutput> {
        std::iter::from_fn(|| self.room.poll_output()).collect()
    }

    /// Drops what has been said so far.
    fn hush(&mut self) {
        self.outputs();
    }

    /// When the room wants to be woken, in seconds from the start.
    fn deadline(&self) -> Option<u64> {
        self.room.poll_timeout().map(|deadline| (deadline - self.start).as_secs())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "any instant will do for a beginning, and there is no other way to have one"
)]
fn beginning() -> Instant {
    Instant::now()
}

fn key() -> RoomKey {
    RoomKey { app: AppId(7), room: RoomId::new("stage").expect("valid") }
}

fn user(name: &str) -> UserId {
    UserId::new(name).expect("valid")
}

fn stream(name: &str) -> StreamId {
    StreamId::new(name).expect("valid")
}

fn address(name: &str, device: &str) -> Address {
    Address { device: DeviceId::new(device).expect("valid"), room: key(), user: user(name) }
}

fn join(name: &str, device: &str) -> Join {
    Join {
        address: address(name, device),
        max_members: 0,
        name: Opaque::new(name),
        role: Role::Member,
        subscribe_all: true,
    }
}

fn join_in_role(name: &str, role: Role) -> Join {
    Join { role, ..join(name, PHONE) }
}

fn view(name: &str, presence: Presence) -> Member {
    Member { name: Opaque::new(name), presence, user: user(name) }
}

fn offer(name: &str, tracks: &[(Source, &str)]) -> OfferedStream {
    let tracks =
        tracks.iter().map(|&(source, mid)| OfferedTrack { mid: mid.to_owned(), muted: false, source });
    OfferedStream { extra_info: Opaque::default(), stream: stream(name), tracks: tracks.collect() }
}

fn shown(publisher: &str, name: &str, tracks: &[(Source, bool)]) -> Stream {
    Stream {
        extra_info: Opaque::default(),
        stream: stream(name),
        tracks: tracks.to_vec(),
        user: user(publisher),
    }
}

/// To the phone of this user.
fn told(name: &str, event: RoomEvent) -> RoomOutput {
    RoomOutput::Event(address(name, PHONE), event)
}

fn came(member: Member) -> RoomEvent {
    RoomEvent::Members { added: vec![member], changed: vec![], removed: vec![] }
}

fn changed(member: Member) -> RoomEvent {
    RoomEvent::Members { added: vec![], changed: vec![member], removed: vec![] }
}

fn went(name: &str, cause: LeaveCause) -> RoomEvent {
    RoomEvent::Members { added: vec![], changed: vec![], removed: vec![(user(name), cause)] }
}

fn streams_went(names: &[&str]) -> RoomEvent {
    RoomEvent::Streams {
        added: vec![],
        changed: vec![],
        removed: names.iter().map(|name| stream(name)).collect(),
    }
}

fn joined(name: &str, device: &str) -> RoomOutput {
    RoomOutput::Fact(Fact::Joined(address(name, device)))
}

fn left(name: &str, device: &str, cause: LeaveCause) -> RoomOutput {
    RoomOutput::Fact(Fact::Left(address(name, device), cause))
}

/// The three outputs that see a device off.
fn seen_off(member: MemberNo, name: &str, device: &str, cause: LeaveCause) -> Vec<RoomOutput> {
    vec![
        RoomOutput::Event(address(name, device), RoomEvent::Left(cause)),
        RoomOutput::Gone(member, cause),
        left(name, device, cause),
    ]
}
