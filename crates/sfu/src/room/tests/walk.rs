//! Random walks, and what holds on each of them.
use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::{
    MessageKind, Refusal,
    room::{Message, Reading, StreamUpdate},
};

const USERS: [&str; 4] = [ALICE, BOB, CAROL, "dave"];
const DEVICES: [&str; 2] = [PHONE, TABLET];
const STREAMS: [&str; 3] = ["a", "b", "c"];
const SOURCES: [Source; 3] = [Source::Camera, Source::Microphone, Source::Screen];

#[derive(Clone, Debug)]
enum Step {
    Close,
    Expel(usize, LeaveCause),
    Join(usize, usize, Role),
    Leave(usize, LeaveCause),
    Media(usize, MediaState),
    Meter(usize, Reading),
    Mute(usize, usize, usize, bool),
    Publish(usize, Vec<(usize, usize)>),
    Remove(usize, usize),
    Send(usize, Vec<usize>),
    Signaling(usize, bool),
}

/// Some time, then something. Numbers of members go a little beyond those that exist.
fn steps() -> impl Strategy<Value = Vec<(u64, Step)>> {
    let role = prop_oneof![3 => Just(Role::Member), 1 => Just(Role::Host), 1 => Just(Role::Viewer)];
    let cause = prop_oneof![9 => Just(LeaveCause::Left), 1 => Just(LeaveCause::Kicked)];
    let report = prop_oneof![
        Just(MediaState::Connecting),
        Just(MediaState::Connected),
        Just(MediaState::Flowing),
        Just(MediaState::Lost)
    ];
    let reading = (any::<bool>(), prop_oneof![Just(0), 1..9_000_000_u64])
        .prop_map(|(audio, pixels)| Reading { audio, pixels, received_bytes: 3, sent_bytes: 2 });
    let member = 0..12_usize;
    let step = prop_oneof![
        1 => Just(Step::Close),
        2 => (0..4_usize, cause.clone()).prop_map(|(user, cause)| Step::Expel(user, cause)),
        12 => (0..4_usize, 0..2_usize, role).prop_map(|(user, device, role)| Step::Join(user, device, role)),
        3 => (member.clone(), cause).prop_map(|(member, cause)| Step::Leave(member, cause)),
        10 => (member.clone(), report).prop_map(|(member, report)| Step::Media(member, report)),
        5 => (member.clone(), reading).prop_map(|(member, reading)| Step::Meter(member, reading)),
        3 => (member.clone(), 0..3_usize, 0..3_usize, any::<bool>()).prop_map(|(m, n, s, mute)| Step::Mute(m, n, s, mute)),
        8 => (member.clone(), vec((0..3_usize, 0..3_usize), 0..4)).prop_map(|(m, tracks)| Step::Publish(m, tracks)),
        1 => (member.clone(), 0..4_usize).prop_map(|(member, user)| Step::Remove(member, user)),
        3 => (member.clone(), vec(0..4_usize, 0..3)).prop_map(|(member, to)| Step::Send(member, to)),
        8 => (member, any::<bool>()).prop_map(|(member, present)| Step::Signaling(member, present)),
    ];
    let pause = prop_oneof![3 => Just(0_u64), 3 => 1..2_000_u64, 1 => 2_000..100_000_u64];
    vec((pause, step), 1..80)
}

/// Streams, one source each at most, over sections that follow from both; several of one name break a rule.
fn offers(tracks: &[(usize, usize)]) -> Vec<OfferedStream> {
    tracks.iter().map(|&(name, source)| offer(STREAMS[name], &[(SOURCES[source], STREAMS[name])])).collect()
}

fn apply(room: &mut Room, now: Instant, step: Step) -> Result<(), Refusal> {
    let member = |number: usize| MemberNo(u32::try_from(number).expect("small"));
    match step {
        Step::Close => room.close(now, LeaveCause::Ended),
        Step::Expel(who, cause) => room.expel(now, &user(USERS[who]), cause),
        Step::Join(who, device, role) => {
            return room.join(now, &Join { role, ..join(USERS[who], DEVICES[device]) }).map(drop);
        }
        Step::Leave(number, cause) => room.leave(now, member(number), cause),
        Step::Media(number, report) => room.media(now, member(number), report),
        Step::Meter(number, reading) => room.meter(now, member(number), &reading),
        Step::Mute(number, name, source, mute) => {
            let muted = vec![(SOURCES[source], mute)];
            let update = StreamUpdate { extra_info: None, muted, stream: stream(STREAMS[name]) };
            return room.update_stream(now, member(number), update).map(drop);
        }
        Step::Publish(number, tracks) => {
            let offers = offers(&tracks);
            let permitted = room.check_publish(member(number), &offers);
            let published = room.publish(now, member(number), offers).map(drop);
            assert_eq!(permitted, published, "the check says what will be");
            return published;
        }
        Step::Remove(number, who) => return room.remove(now, member(number), &user(USERS[who])),
        Step::Send(number, to) => {
            let to = to.into_iter().map(|who| user(USERS[who])).collect();
            let message = Message { data: "x".into(), kind: MessageKind::Broadcast, to };
            return room.send(now, member(number), message);
        }
        Step::Signaling(number, present) => room.signaling(now, member(number), present),
    }
    Ok(())
}

/// What somebody knows who reads every output and nothing else.
#[derive(Default)]
struct Witness {
    closed: bool,
    /// Who is in, by the facts: since when, on which device.
    here: BTreeMap<UserId, (Address, Instant)>,
    /// What each device was told: members and streams of others, from their own coming on.
    told: BTreeMap<Address, Picture>,
    /// Time that is over.
    was_here: BTreeMap<UserId, Duration>,
}

/// A room as a device knows it that reads what it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Picture {
    members: BTreeMap<UserId, Presence>,
    streams: BTreeMap<StreamId, Stream>,
}

impl Witness {
    fn see(&mut self, room: &Room, now: Instant, output: RoomOutput) {
        assert!(!self.closed, "something came after the end: {output:?}");
        match output {
            RoomOutput::Event(to, RoomEvent::Left(_)) => {
                assert!(self.told.remove(&to).is_some(), "told to one who is out");
            }
            RoomOutput::Event(to, event) => {
                let picture = self.told.get_mut(&to).expect("only who is in is told anything");
                picture.paint(event);
            }
            RoomOutput::Fact(fact) => self.learn(room, now, fact),
            RoomOutput::Gone(..) | RoomOutput::Unpublished(_) => {}
            RoomOutput::Over => self.closed = true,
        }
    }

    fn learn(&mut self, room: &Room, now: Instant, fact: Fact) {
        match fact {
            Fact::Closed { usage, .. } => {
                assert!(self.here.is_empty(), "a room closes when everybody is out");
                let present: BTreeMap<_, _> =
                    usage.into_iter().map(|usage| (usage.user, usage.present)).collect();
                assert_eq!(present, self.was_here, "time in the room");
            }
            Fact::Joined(address) => {
                let before = self.here.insert(address.user.clone(), (address.clone(), now));
                assert!(before.is_none(), "a user is in at most once");
                // The reply to the join is the room as it stands when everything is said.
                let state = room.member(&address).and_then(|member| room.state_for(member));
                self.told.insert(address, state.map(Picture::of).unwrap_or_default());
            }
            Fact::Left(address, _) => {
                let (device, since) = self.here.remove(&address.user).expect("who leaves was in");
                assert_eq!(device, address);
                *self.was_here.entry(address.user).or_default() += now - since;
            }
            Fact::Presence(address, _) => {
                assert_eq!(self.here.get(&address.user).map(|(device, _)| device), Some(&address));
            }
        }
    }

    /// The room's own view agrees with what was told.
    fn compare(&self, room: &Room, now: Instant) {
        let numbers: Vec<_> = room.members.keys().copied().collect();
        assert_eq!(numbers.len(), self.here.len());
        for &number in &numbers {
            let address = room.address(number).expect("in");
            assert_eq!(self.here.get(&address.user).map(|(device, _)| device), Some(address));
            let state = room.state_for(number).expect("in");
            let mut seen = Picture::of(state);
            // Nobody is told of themself.
            seen.members.remove(&address.user);
            seen.streams.retain(|_, stream| stream.user != address.user);
            let mut told = self.told[address].clone();
            told.members.remove(&address.user);
            told.streams.retain(|_, stream| stream.user != address.user);
            assert_eq!(told, seen, "what a device was told adds up to what it reads");
        }
        let tracks: Vec<_> = room.tracks().map(|at| (at.track.number, at.publisher)).collect();
        let distinct: BTreeSet<_> = tracks.iter().map(|track| track.0).collect();
        assert_eq!(distinct.len(), tracks.len(), "a number is one track's");
        assert!(tracks.iter().all(|track| numbers.contains(&track.1)), "only who is in publishes");
        for usage in room.usage(now) {
            let running = self.here.get(&usage.user).map_or(Duration::ZERO, |(_, since)| now - *since);
            let before = self.was_here.get(&usage.user).copied().unwrap_or_default();
            assert_eq!(usage.present, before + running, "time in the room");
            assert!(
                usage.tiers.iter().sum::<Duration>() <= usage.present,
                "nobody receives in two tiers at once"
            );
        }
    }
}

impl Picture {
    fn of(state: crate::RoomState) -> Self {
        let members = state.members.into_iter().map(|member| (member.user, member.presence)).collect();
        let streams = state.streams.into_iter().map(|stream| (stream.stream.clone(), stream)).collect();
        Self { members, streams }
    }

    fn paint(&mut self, event: RoomEvent) {
        match event {
            RoomEvent::Members { added, changed, removed } => {
                for member in added {
                    assert_eq!(self.members.insert(member.user, member.presence), None, "added once");
                }
                for member in changed {
                    assert!(
                        self.members.insert(member.user, member.presence).is_some(),
                        "changed who is known"
                    );
                }
                for (user, _) in removed {
                    assert!(self.members.remove(&user).is_some(), "removed who is known");
                    assert!(self.streams.values().all(|stream| stream.user != user), "streams go first");
                }
            }
            RoomEvent::Streams { added, changed, removed } => {
                for stream in added {
                    assert!(self.members.contains_key(&stream.user), "of one who is known");
                    assert_eq!(self.streams.insert(stream.stream.clone(), stream), None, "added once");
                }
                for stream in changed {
                    let before = self.streams.insert(stream.stream.clone(), stream.clone());
                    assert!(before.is_some_and(|before| before != stream), "changed what is known");
                }
                for stream in removed {
                    assert!(self.streams.remove(&stream).is_some(), "removed what is known");
                }
            }
            RoomEvent::Message { .. } => {}
            RoomEvent::Layers(_)
            | RoomEvent::Left(_)
            | RoomEvent::Levels { .. }
            | RoomEvent::Offer { .. }
            | RoomEvent::Quality { .. } => panic!("not a room's to say"),
        }
    }
}

fn walk(steps: Vec<(u64, Step)>) {
    let limits = Limits { max_members: 3, max_tracks: 2, messages_per_s: 3, ..Limits::default() };
    let mut stage = Stage::with(limits, 0);
    let mut witness = Witness::default();
    let mut now = stage.start;
    let settle = |room: &mut Room, witness: &mut Witness, now| {
        while let Some(output) = room.poll_output() {
            witness.see(room, now, output);
        }
        witness.compare(room, now);
    };
    for (pause, step) in steps {
        // The driver wakes in time, so that what it is told happens at the time that it is due.
        let then = now + Duration::from_millis(pause);
        while let Some(due) = stage.room.poll_timeout().filter(|due| *due <= then) {
            assert!(due >= now, "nothing is due in the past");
            now = due;
            stage.room.handle_timeout(now);
            assert!(stage.room.poll_timeout().is_none_or(|next| next > now), "what was due is done");
            settle(&mut stage.room, &mut witness, now);
        }
        now = then;
        let before = stage.room.clone();
        if apply(&mut stage.room, now, step).is_err() {
            assert_eq!(format!("{:?}", stage.room), format!("{before:?}"), "a refusal changes nothing");
        }
        settle(&mut stage.room, &mut witness, now);
        // Everything that was done may be due at once.
        stage.room.handle_timeout(now);
        assert!(stage.room.poll_timeout().is_none_or(|next| next > now), "what was due is done");
        settle(&mut stage.room, &mut witness, now);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_rules_hold(steps in steps()) {
        walk(steps);
    }
}
