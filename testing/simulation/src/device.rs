//! A device: the real `client-core` machine, its socket, its clock and its app.
use std::{collections::VecDeque, time::Duration};

use offhook_client_core::{Client, Config, ConnectionState, Event, Input, Output, StopReason, Token};
use offhook_signaling::{Platform, ServerFrame};
use offhook_types::{Party, Timestamp};

use crate::{
    app::App,
    ledger::Violation,
    pushes::Phone,
    queue::{DeviceIndex, LinkId, Parcel, What},
    simulation::{Phase, Simulation},
    token,
};

/// How long a committed event may take to a device whose connection nothing disturbs, once nothing disturbs the server.
const PROMPT: Duration = Duration::from_secs(5);

/// How long a ring may outlast its end.
const RING_SLACK: Duration = Duration::from_secs(2);

/// Whether the app runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Power {
    Off,
    On,
    /// The operating system has frozen the app: nothing reaches it, and its memory stays.
    Suspended,
}

/// A device.
pub(crate) struct Device {
    pub(crate) app: App,
    armed_for: Option<Timestamp>,
    pub(crate) client: Client,
    /// When the server last counted the device as connected.
    pub(crate) last_here: Timestamp,
    pub(crate) link: Option<LinkId>,
    /// What arrived while the app was frozen.
    mailbox: VecDeque<(LinkId, Parcel)>,
    /// No network before this.
    pub(crate) offline_until: Timestamp,
    pub(crate) party: Party,
    /// Where it is woken; `None` in worlds without pushes.
    pub(crate) phone: Option<Phone>,
    pub(crate) power: Power,
    /// By how much the device's clock is ahead of an origin a day behind the server's, in milliseconds.
    skew_ms: u64,
    welcomed_at: Timestamp,
}

/// How far the clocks of devices may be ahead or behind.
const DAY_MS: u64 = 24 * 3_600_000;

impl Device {
    pub(crate) fn new(party: Party) -> Self {
        Self {
            app: App::default(),
            armed_for: None,
            client: client_of(&party),
            last_here: Timestamp::default(),
            link: None,
            mailbox: VecDeque::new(),
            offline_until: Timestamp::default(),
            phone: None,
            power: Power::Off,
            skew_ms: DAY_MS,
            welcomed_at: Timestamp::default(),
            party,
        }
    }

    /// What the device's own clock shows at a time of the world.
    pub(crate) fn clock(&self, at: Timestamp) -> Timestamp {
        Timestamp::from_millis(at.as_millis() + self.skew_ms - DAY_MS)
    }

    /// The time of the world at which the device's own clock shows `at`.
    fn world_time(&self, at: Timestamp) -> Timestamp {
        Timestamp::from_millis((at.as_millis() + DAY_MS).saturating_sub(self.skew_ms))
    }
}

fn client_of(party: &Party) -> Client {
    let device = party.device.clone().expect("a simulated party has a device");
    Client::new(Config::new(device, Platform::Android))
}

impl Simulation {
    /// The app starts, and remembers nothing.
    pub(crate) fn start_device(&mut self, index: DeviceIndex) {
        if self.devices[index].power != Power::Off {
            return;
        }
        self.trace.say(self.now, || format!("device {index} starts"));
        if self.plan.faults.clock_skew {
            self.devices[index].skew_ms = self.random.between(0, 2 * DAY_MS);
        }
        let device = &mut self.devices[index];
        device.power = Power::On;
        device.client = client_of(&device.party);
        device.app = device.app.restarted();
        device.armed_for = None;
        self.tell_client(index, Input::Connect);
    }

    /// The app dies. Its socket is closed by its system, or not at all.
    pub(crate) fn kill_device(&mut self, index: DeviceIndex, is_silent: bool) {
        self.trace.say(self.now, || format!("device {index} dies"));
        self.remember_calls(index);
        let device = &mut self.devices[index];
        device.power = Power::Off;
        device.mailbox.clear();
        if let Some(link) = device.link.take() {
            if !is_silent {
                self.send_up(link, Parcel::Closed(None));
            }
            self.cut(link, true, true);
        }
    }

    pub(crate) fn suspend_device(&mut self, index: DeviceIndex) {
        self.trace.say(self.now, || format!("device {index} is suspended"));
        self.devices[index].power = Power::Suspended;
    }

    pub(crate) fn resume_device(&mut self, index: DeviceIndex) {
        if self.devices[index].power != Power::Suspended {
            return;
        }
        self.trace.say(self.now, || format!("device {index} goes on"));
        self.devices[index].armed_for = None;
        // Which of the two a thawed process sees first is chance.
        let timer_first = self.random.percent(50);
        if timer_first {
            self.tell_client(index, Input::Timeout);
        }
        while let Some((link, parcel)) = self.devices[index].mailbox.pop_front() {
            self.take_parcel(index, link, parcel);
        }
        self.devices[index].power = Power::On;
        self.tell_client(index, Input::Timeout);
    }

    /// The user logs in again.
    pub(crate) fn return_device(&mut self, index: DeviceIndex) {
        if self.devices[index].power == Power::On {
            self.tell_client(index, Input::Connect);
        }
    }

    pub(crate) fn heal_device(&mut self, index: DeviceIndex) {
        self.devices[index].offline_until = self.now;
        match self.devices[index].power {
            Power::Off => self.start_device(index),
            Power::Suspended => self.resume_device(index),
            Power::On => {}
        }
        self.tell_client(index, Input::Connect);
    }

    /// Something arrives at a device.
    pub(crate) fn down(&mut self, link: LinkId, parcel: Parcel) {
        let index = self.links[link].device;
        match self.devices[index].power {
            Power::Off => {}
            Power::On => self.take_parcel(index, link, parcel),
            Power::Suspended => self.devices[index].mailbox.push_back((link, parcel)),
        }
    }

    fn take_parcel(&mut self, index: DeviceIndex, link: LinkId, parcel: Parcel) {
        if self.devices[index].link != Some(link) {
            return;
        }
        match parcel {
            Parcel::Closed(code) => {
                self.devices[index].link = None;
                self.tell_client(index, Input::SocketClosed(code));
            }
            // The library of the socket answers, and the machine does not hear of it.
            Parcel::Ping => self.send_up(link, Parcel::Pong),
            Parcel::Pong => {}
            Parcel::Text(text) => {
                let frame = ServerFrame::parse(&text);
                match &frame {
                    Ok(frame) => self.check_promptness(index, link, frame),
                    Err(error) => {
                        self.note(Err(Violation::of("I7", format!("a frame cannot be read back: {error}"))));
                    }
                }
                self.tell_client(index, Input::Frame(frame));
            }
        }
    }

    /// I3: what is committed is told within 5 s, where nothing is in the way.
    fn check_promptness(&mut self, index: DeviceIndex, link: LinkId, frame: &ServerFrame) {
        if let ServerFrame::Welcome(_) = frame {
            self.devices[index].welcomed_at = self.now;
        }
        let ServerFrame::Event(event) = frame else { return };
        let device = &self.devices[index];
        let (now, welcomed, account) = (self.now, device.welcomed_at, &device.party.account);
        let is_undisturbed = self.links[link].is_healthy && self.links[link].stalled_until <= welcomed;
        if !is_undisturbed || self.plan.faults.suspend || self.plan.faults.lost_hints {
            return;
        }
        self.stage.ledger(|ledger| {
            let Some(steady) = ledger.steady_since else { return };
            let Some(logged) = ledger.event(account, event.offset) else { return };
            if logged.at >= welcomed.max(steady) && logged.at + PROMPT < now {
                let late = now.since(logged.at).as_millis();
                ledger.note(Err(Violation::of("I3", format!("event {} came {late} ms late", event.offset))));
            }
        });
    }

    pub(crate) fn client_timer(&mut self, index: DeviceIndex) {
        let now = self.now;
        let device = &mut self.devices[index];
        if device.armed_for != Some(now) || device.power != Power::On {
            return;
        }
        device.armed_for = None;
        self.tell_client(index, Input::Timeout);
    }

    /// A socket opens, or fails to.
    pub(crate) fn socket(&mut self, index: DeviceIndex, link: LinkId) {
        let device = &self.devices[index];
        // A frozen app finds its attempt too old when it goes on.
        if device.link != Some(link) || device.power != Power::On {
            return;
        }
        let is_open = self.server.is_up() && device.offline_until <= self.now && !self.links[link].up.cut;
        if is_open {
            self.accept_connection(link);
            self.tell_client(index, Input::SocketOpened);
        } else {
            self.devices[index].link = None;
            self.tell_client(index, Input::SocketFailed);
        }
    }

    pub(crate) fn token_comes(&mut self, index: DeviceIndex, token: Option<Token>) {
        if self.devices[index].power == Power::On {
            self.tell_client(index, token.map_or(Input::TokenFailed, Input::Token));
        }
    }

    /// Feeds the machine and does what it wants.
    pub(crate) fn tell_client(&mut self, index: DeviceIndex, input: Input) {
        let random = u32::try_from(self.random.next() >> 32).expect("32 bits");
        let device = &mut self.devices[index];
        let now = device.clock(self.now);
        for output in device.client.handle(now, random, input) {
            match output {
                Output::CloseSocket => self.close_socket(index),
                Output::Event(event) => self.tell_app(index, &event),
                Output::NeedToken => self.need_token(index),
                Output::OpenSocket => self.open_socket(index),
                Output::Resolve { handle, result } => self.resolve(index, handle, &result),
                Output::Send(frame) => {
                    let Some(link) = self.devices[index].link else { continue };
                    let text = frame.to_text();
                    self.trace.count(self.now, text.as_bytes());
                    self.trace.say(self.now, || format!("device {index} (link {link}) → gateway: {text}"));
                    self.send_up(link, Parcel::Text(text));
                }
            }
        }
        self.watch_rings(index);
        self.arm_client(index);
    }

    fn arm_client(&mut self, index: DeviceIndex) {
        let lateness = Duration::from_millis(self.random.between(0, 15));
        let device = &mut self.devices[index];
        let Some(at) = device.client.poll_timeout() else { return };
        let at = device.world_time(at).max(self.now);
        if device.armed_for.is_none_or(|armed| at < armed) {
            let at = at + lateness;
            device.armed_for = Some(at);
            self.queue.plan(at, What::ClientTimer(index));
        }
    }

    fn open_socket(&mut self, index: DeviceIndex) {
        let link = self.new_link(index);
        self.devices[index].link = Some(link);
        // A network that swallows the attempt says nothing at all.
        let is_swallowed =
            self.plan.faults.half_open && self.phase == Phase::Breaking && self.random.percent(10);
        if !is_swallowed {
            let at = self.soon(1, 300);
            self.queue.plan(at, What::Socket(index, link));
        }
    }

    fn close_socket(&mut self, index: DeviceIndex) {
        if let Some(link) = self.devices[index].link.take() {
            self.send_up(link, Parcel::Closed(None));
        }
    }

    fn need_token(&mut self, index: DeviceIndex) {
        let life_ms =
            if self.plan.faults.short_tokens { self.random.between(15_000, 90_000) } else { 3_600_000 };
        let fails = self.plan.faults.short_tokens && self.phase == Phase::Breaking && self.random.percent(10);
        let token = (!fails).then(|| token::mint(&self.devices[index].party.account, self.after(life_ms)));
        let at = self.soon(0, 200);
        self.queue.plan(at, What::Token(index, token));
    }

    /// I4: a ring ends by its own clock, also offline.
    fn watch_rings(&mut self, index: DeviceIndex) {
        let device = &self.devices[index];
        let now = device.clock(self.now);
        let late = device.app.ringing.iter().find(|(_, until)| **until + RING_SLACK < now);
        if let Some((call, _)) = late
            && device.power == Power::On
        {
            let what = format!("device {index} still rings for {call:?}");
            self.note(Err(Violation::of("I4", what)));
        }
    }

    fn tell_app(&mut self, index: DeviceIndex, event: &Event) {
        self.trace.say(self.now, || format!("device {index} hears {}", crate::app::line_of(event)));
        let device = &mut self.devices[index];
        let now = device.clock(self.now);
        let heard = device.app.hear(now, event);
        if let Event::Incoming(view) = event {
            let (app, call) = (device.party.account.app, view.call);
            self.calls.push((app, call));
            let at = self.soon(100, 8_000);
            self.queue.plan(at, What::AppReacts(index));
        }
        if let Event::Connection(ConnectionState::Stopped(
            StopReason::LoggedOut | StopReason::Unauthenticated,
        )) = event
        {
            let at = self.soon(0, 3_000);
            self.queue.plan(at, What::DeviceReturns(index));
        }
        self.note(heard);
        self.check_heard(index, event);
        self.phone_hears(index, event);
    }
}
