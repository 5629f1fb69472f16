//! A random walk: whatever the client, the store and the clock do, the session keeps its promises.
use offhook_session::{Config, Input, Output, Session};
use offhook_signaling::{Code, FrameError, Problem, Request, RequestId, RoomEvent, ServerFrame};
use offhook_types::{Offset, Timestamp};

use crate::*;

/// Small and always the same (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) % sides
    }
}

/// A session and a world around it that knows what has to hold.
struct World {
    asked: Option<Output>,
    dice: Dice,
    head: u64,
    last_event: u64,
    next_id: u64,
    now: Timestamp,
    /// A ping has not been answered, and nothing else was heard.
    is_pinged: bool,
    pings: u64,
    ended: bool,
    /// Events of rooms that were given and that have gone out.
    room_events: (u64, u64),
    unanswered: Vec<u64>,
    session: Session,
    welcomed: bool,
    greeted: bool,
}

impl World {
    fn new(seed: u64) -> Self {
        let config = Config { request_burst: 6, requests_per_s: 2, queue: 4, ..Config::default() };
        Self {
            asked: None,
            dice: Dice(seed),
            head: 10,
            last_event: 10,
            next_id: 1,
            now: s(0),
            is_pinged: false,
            pings: 0,
            ended: false,
            room_events: (0, 0),
            unanswered: vec![],
            session: Session::new(config, s(0)),
            welcomed: false,
            greeted: false,
        }
    }

    fn step(&mut self) {
        let input = self.input();
        self.is_pinged &= !matches!(input, Input::Frame(_) | Input::Pinged | Input::Executed(_));
        let outputs = self.session.handle(self.now, input.clone());
        if self.ended {
            assert_eq!(outputs, [], "silence after the close, even after {input:?}");
            assert_eq!(self.session.poll_timeout(), None);
            assert!(!self.session.is_reading());
        }
        for output in outputs {
            self.check(output);
        }
        assert!(self.ended == self.session.is_closed());
        if let Some(due) = self.session.poll_timeout().filter(|due| *due <= self.now) {
            self.session.handle(self.now, Input::Timeout).into_iter().for_each(|output| self.check(output));
            assert!(self.session.poll_timeout().is_none_or(|next| next > due), "a served deadline is over");
        }
    }

    fn input(&mut self) -> Input {
        if self.dice.roll(3) == 0
            && let Some(asked) = self.asked.take()
        {
            return self.answer(&asked);
        }
        if !self.ended && !self.greeted && self.dice.roll(4) > 0 {
            self.greeted = true;
            return hello();
        }
        match self.dice.roll(40) {
            0..=7 => self.request(),
            8..=15 => Input::Written,
            16..=20 => {
                self.head += self.dice.roll(3);
                Input::Hint(Offset(self.head))
            }
            21..=24 => heartbeat(),
            25 => Input::Pinged,
            26 => Input::Frame(Err(FrameError::Envelope)),
            27..=30 => {
                self.now = self.now + SECOND * u32::try_from(self.dice.roll(12)).unwrap();
                Input::Timeout
            }
            31..=33 if self.session.takes_room_events() => {
                self.room_events.0 += 2;
                Input::Room(vec![level(self.room_events.0 - 1), level(self.room_events.0)])
            }
            37 if self.dice.roll(8) == 0 => Input::Shutdown(SECOND),
            38 if self.dice.roll(8) == 0 => Input::Kicked,
            39 if self.dice.roll(8) == 0 => {
                self.ended = true;
                Input::Disconnected
            }
            _ => Input::Written,
        }
    }

    /// A client that only sends what is read.
    fn request(&mut self) -> Input {
        if !self.session.is_reading() {
            return Input::Written;
        }
        let id = self.next_id;
        self.next_id += 1;
        if self.welcomed {
            self.unanswered.push(id);
        }
        let request = [quit(), list(), renew(), read_room(), Request::Logout][match self.dice.roll(40) {
            0 => 4,
            roll => usize::try_from(roll % 4).unwrap(),
        }]
        .clone();
        ask(id, request)
    }

    fn answer(&mut self, asked: &Output) -> Input {
        match asked {
            Output::Open(_) => opened(),
            Output::Execute(_) | Output::LogOut => match self.dice.roll(4) {
                0 => Input::Executed(Err(Problem::new(Code::CallNotFound, "no"))),
                _ => {
                    self.head += self.dice.roll(3);
                    Input::Executed(Ok(done()))
                }
            },
            Output::Renew(_) => Input::Renewed(Ok(self.now + SECOND * 3600)),
            Output::Fetch { after } => {
                assert!(after.0 >= self.last_event && after.0 <= self.head.max(10));
                if self.dice.roll(10) == 0 {
                    return Input::FetchFailed;
                }
                let end = self.head.min(after.0 + 2);
                let events =
                    (after.0 + 1..=end).filter(|offset| offset % 3 != 0).map(|offset| event(0, offset));
                page(events.collect(), end, end < self.head)
            }
            Output::Close(_) | Output::Ping | Output::Send(_) => unreachable!("not a question"),
        }
    }

    fn check(&mut self, output: Output) {
        assert!(!self.ended, "silence after the close");
        match output {
            Output::Close(_) => self.ended = true,
            Output::Ping => {
                assert!(self.welcomed, "nothing before the welcome");
                assert!(!std::mem::replace(&mut self.is_pinged, true), "one ping in a silence");
                self.pings += 1;
            }
            Output::Send(ServerFrame::Welcome(_)) => {
                assert!(self.greeted);
                self.welcomed = true;
            }
            Output::Send(ServerFrame::Event(event)) => {
                assert!(self.welcomed, "nothing before the welcome");
                assert_eq!(event.after, Offset(self.last_event), "chained");
                assert!(event.offset > event.after, "strictly increasing");
                self.last_event = event.offset.0;
            }
            Output::Send(ServerFrame::Reply(id, _) | ServerFrame::Problem(Some(id), _)) => {
                let RequestId(id) = id;
                if self.welcomed {
                    assert_eq!(self.unanswered.remove(0), id, "one answer each, in order");
                }
            }
            Output::Send(ServerFrame::Room(RoomEvent::Quality(quality))) => {
                let reads_room = |asked| matches!(asked, &Output::Execute(Request::ReadRoom(_)));
                assert!(!self.asked.as_ref().is_some_and(reads_room), "the reply about a room goes first");
                self.room_events.1 += 1;
                assert_eq!(quality.downlink_bps, self.room_events.1, "all of them, in order");
            }
            Output::Send(ServerFrame::Room(other)) => panic!("nobody gave {other:?}"),
            Output::Send(ServerFrame::Heartbeat(beat)) => assert_eq!(beat.offset, Offset(self.last_event)),
            Output::Send(
                ServerFrame::Closing(_) | ServerFrame::Problem(None, _) | ServerFrame::TokenWillExpire(_),
            ) => {}
            question @ (Output::Execute(_)
            | Output::Fetch { .. }
            | Output::LogOut
            | Output::Open(_)
            | Output::Renew(_)) => {
                assert!(self.greeted, "nothing is done before hello");
                assert_eq!(self.asked.replace(question), None, "one question at a time");
            }
        }
    }
}

#[test]
fn whatever_happens_replies_come_in_order_events_are_chained_and_the_end_is_silent() {
    let (mut welcomed, mut events, mut room_events, mut pings) = (0, 0, 0, 0);
    for seed in 0..10_000 {
        let mut world = World::new(seed);
        for _ in 0..120 {
            world.step();
        }
        welcomed += usize::from(world.welcomed);
        events += world.last_event - 10;
        room_events += world.room_events.1;
        pings += world.pings;
    }
    assert!(room_events > 10_000, "rooms go somewhere: {room_events}");
    assert!(pings > 1_000, "some are silent: {pings}");
    assert!(welcomed > 7_000 && events > 40_000, "the walk goes somewhere: {welcomed} {events}");
}
