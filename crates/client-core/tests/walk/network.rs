//! One connection at a time between the phone and the server: slow, lossy, and apt to die in silence.
use std::collections::VecDeque;

use offhook_client_core::Input;
use offhook_signaling::{ClientFrame, Event, Heartbeat, Limits, ServerFrame, Welcome};
use offhook_types::{Offset, Timestamp};

use crate::{
    dice::Dice,
    server::{Server, bob},
};

#[derive(Default)]
pub(crate) struct Network {
    /// To the phone.
    down: VecDeque<(Timestamp, Option<String>)>,
    /// In percent: events that the server believes to have sent, events that come twice.
    pub(crate) faults: u64,
    /// The socket will be open at this time.
    opening: Option<Timestamp>,
    /// Up to here the phone has been sent its events; `None` before hello.
    sent: Option<Offset>,
    /// Nothing passes, and nobody is told.
    pub(crate) stuck: bool,
    /// To the server.
    up: VecDeque<(Timestamp, String)>,
}

impl Network {
    pub(crate) fn new(faults: u64) -> Self {
        Self { faults, ..Self::default() }
    }

    pub(crate) fn open(&mut self, now: Timestamp, dice: &mut Dice) {
        let faults = self.faults;
        *self = Self { faults, opening: Some(later(now, dice)), ..Self::default() };
    }

    pub(crate) fn close(&mut self) {
        *self = Self { faults: self.faults, ..Self::default() };
    }

    pub(crate) fn is_open(&self) -> bool {
        self.sent.is_some()
    }

    /// The connection breaks, and the phone notices at once.
    pub(crate) fn break_off(&mut self, now: Timestamp) {
        self.close();
        self.down.push_back((now, None));
    }

    pub(crate) fn send(&mut self, now: Timestamp, frame: &ClientFrame, dice: &mut Dice) {
        let at = self.up.back().map_or(now, |(at, _)| *at).max(later(now, dice));
        self.up.push_back((at, frame.to_text()));
    }

    /// The time at which something arrives.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        if self.stuck {
            return None;
        }
        let down = self.down.front().map(|(at, _)| *at);
        let up = self.up.front().map(|(at, _)| *at);
        [self.opening, down, up].into_iter().flatten().min()
    }

    /// What arrives at the phone by now. Frames for the server are carried out on the way.
    pub(crate) fn arrive(&mut self, server: &mut Server, dice: &mut Dice) -> Option<Input> {
        let now = server.now;
        if self.stuck {
            return None;
        }
        if self.opening.is_some_and(|at| at <= now) {
            self.opening = None;
            return Some(if dice.chance(self.faults) { Input::SocketFailed } else { Input::SocketOpened });
        }
        while self.up.front().is_some_and(|(at, _)| *at <= now) {
            let (_, text) = self.up.pop_front().expect("it is there");
            self.serve(&ClientFrame::parse(&text).expect("the machine writes frames"), server, dice);
        }
        let (_, text) = self.down.pop_front_if(|(at, _)| *at <= now)?;
        Some(text.map_or(Input::SocketClosed(None), |text| Input::Frame(ServerFrame::parse(&text))))
    }

    fn serve(&mut self, frame: &ClientFrame, server: &mut Server, dice: &mut Dice) {
        match frame {
            ClientFrame::Heartbeat(_) => {
                let offset = self.sent.expect("greeted");
                self.push(server.now, &ServerFrame::Heartbeat(Heartbeat { offset }), dice);
            }
            ClientFrame::Hello(hello) => {
                let resume =
                    hello.resume.filter(|resume| resume.epoch == server.epoch && !dice.chance(self.faults));
                let offset = resume.map_or(server.head(), |resume| resume.offset);
                let welcome = Welcome {
                    epoch: server.epoch,
                    heartbeat_ms: 10_000,
                    limits: Limits { frame_bytes: 65_536, request_burst: 40, requests_per_s: 20 },
                    lost_after_ms: 30_000,
                    offset,
                    snapshot: resume.is_none().then(|| server.snapshot()),
                    token_expires_in_ms: 86_400_000,
                    user: bob(),
                };
                self.sent = Some(offset);
                self.push(server.now, &ServerFrame::Welcome(welcome), dice);
            }
            ClientFrame::Request(id, request) => {
                let result = server.execute(request);
                self.deliver(server, dice);
                let frame = match result {
                    Ok(reply) => ServerFrame::Reply(*id, reply),
                    Err(problem) => ServerFrame::Problem(Some(*id), *problem),
                };
                self.push(server.now, &frame, dice);
            }
        }
    }

    /// Sends what is new in the log; loses some, doubles some.
    pub(crate) fn deliver(&mut self, server: &Server, dice: &mut Dice) {
        while let Some((after, (offset, body))) = self.sent.and_then(|sent| Some((sent, server.next(sent)?)))
        {
            let frame = ServerFrame::Event(Event { after, body, offset });
            let copies = if dice.chance(self.faults) { 2 * dice.below(2) } else { 1 };
            for _ in 0..copies {
                self.push(server.now, &frame, dice);
            }
            self.sent = Some(offset);
        }
    }

    fn push(&mut self, now: Timestamp, frame: &ServerFrame, dice: &mut Dice) {
        let at = self.down.back().map_or(now, |(at, _)| *at).max(later(now, dice));
        self.down.push_back((at, Some(frame.to_text())));
    }
}

fn later(now: Timestamp, dice: &mut Dice) -> Timestamp {
    now + core::time::Duration::from_millis(1 + dice.below(300))
}
