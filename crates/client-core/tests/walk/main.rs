//! A random walk: one phone, a right server, a bad network; then the network heals.
mod app;
mod dice;
mod network;
mod server;

use core::time::Duration;
use std::collections::VecDeque;

use app::App;
use dice::Dice;
use network::Network;
use offhook_client_core::{Client, Handle, Input, Output, Token};
use offhook_signaling::{
    Accept, CallMode, End, Ignore, Invite, LegStatus, MediaKind, Reject, RejectCause, Request,
};
use offhook_types::{CallId, IdempotencyKey, Opaque, Timestamp};
use server::{Deed, Server, alice, bob, client, phone, tablet};

/// How many walks, and how many inputs of the user and of chance each has.
const WALKS: u64 = 150;
const DEEDS: u64 = 120;

struct World {
    app: App,
    client: Client,
    dice: Dice,
    last_handle: u64,
    network: Network,
    seed: u64,
    server: Server,
}

#[test]
fn a_client_on_a_bad_network_misses_nothing_doubles_nothing_and_converges() {
    let mut told = 0;
    for seed in 0..WALKS {
        let mut world = World::new(seed);
        for _ in 0..DEEDS {
            world.deed();
            let quiet = Duration::from_millis(1 + world.dice.below(4_000));
            world.pass(quiet);
        }
        world.heal();
        told += world.app.told;
    }
    assert!(told > 4_000, "too little happened: {told} rings and ends");
}

impl World {
    fn new(seed: u64) -> Self {
        let dice = Dice::new(seed);
        let network = Network::new(8);
        let mut world = Self {
            app: App::default(),
            client: client(),
            dice,
            last_handle: 0,
            network,
            seed,
            server: Server::default(),
        };
        world.feed(Input::Connect);
        world
    }

    /// Somebody does something, or something breaks.
    fn deed(&mut self) {
        let calls: Vec<CallId> = self.server.calls.keys().rev().take(3).copied().collect();
        let call = self.dice.pick(&calls);
        match (self.dice.below(16), call) {
            (0..=2, _) if calls.len() < 200 => {
                let mode = if self.dice.chance(50) { CallMode::General } else { CallMode::Advanced };
                self.server.place(&alice(), mode);
            }
            (3, _) => self.ask(Request::Invite(self.invite())),
            (4, Some(call)) => self.ask(Request::Accept(Accept { call, data: Opaque::default() })),
            (5, Some(call)) => {
                let reason = RejectCause::Declined;
                self.ask(Request::Reject(Reject { call, data: Opaque::default(), reason }));
            }
            (6, Some(call)) => self.ask(Request::Ignore(Ignore { call })),
            (7, Some(call)) => self.ask(Request::End(End { call, data: Opaque::default(), push: None })),
            (8, Some(call)) if self.server.calls[&call].rings(&bob()) => {
                self.server.accept(call, tablet());
            }
            (9, Some(call)) if self.server.calls[&call].rings(&bob()) => {
                self.server.act(call, &alice(), Deed::Cancel);
            }
            (9 | 10, Some(call)) if self.server.calls[&call].rings(&alice()) => {
                self.server.act(call, &alice(), Deed::Accept);
            }
            (11, Some(call))
                if !self.server.calls[&call].is_over() && !self.server.calls[&call].rings(&alice()) =>
            {
                self.server.act(call, &alice(), Deed::End);
            }
            (12, _) if self.network.is_open() => self.network.break_off(self.server.now),
            (13, _) => self.network.stuck = true,
            (14, _) => self.network.stuck = false,
            (15, _) if self.dice.chance(10) => self.server.epoch = self.server.epoch.next(),
            _ => {}
        }
        self.network.deliver(&self.server, &mut self.dice);
    }

    fn invite(&self) -> Invite {
        Invite {
            delivery_updates: false,
            extended_data: Opaque::default(),
            invitees: vec![alice()],
            key: Some(IdempotencyKey::new(format!("key-{}", self.last_handle)).expect("valid")),
            media: MediaKind::Audio,
            mode: CallMode::Advanced,
            not_received_check: false,
            push: None,
            timeout_s: 20,
        }
    }

    fn ask(&mut self, request: Request) {
        self.last_handle += 1;
        let handle = Handle(self.last_handle);
        self.app.asked.insert(handle, self.server.now + Duration::from_secs(10));
        self.feed(Input::Request { handle, request });
    }

    /// Lets time pass, from one thing that is due to the next.
    fn pass(&mut self, duration: Duration) {
        let end = self.server.now + duration;
        loop {
            let due = [self.client.poll_timeout(), self.network.next(), self.next_expiry()];
            let next = due.into_iter().flatten().min().unwrap_or(end).min(end);
            self.server.now = next.max(self.server.now);
            self.server.expire();
            self.network.deliver(&self.server, &mut self.dice);
            while let Some(input) = self.network.arrive(&mut self.server, &mut self.dice) {
                self.feed(input);
            }
            if self.client.poll_timeout().is_some_and(|at| at <= self.server.now) {
                self.feed(Input::Timeout);
            }
            self.check();
            if self.server.now >= end {
                return;
            }
        }
    }

    fn next_expiry(&self) -> Option<Timestamp> {
        let rings = |call: &&server::Call| call.rings(&alice()) || call.rings(&bob());
        self.server.calls.values().filter(rings).map(|call| call.ring_until).min()
    }

    fn feed(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let random = u32::try_from(self.dice.draw() >> 32).expect("32 bits");
            for output in self.client.handle(self.server.now, random, input) {
                let now = self.server.now;
                match output {
                    Output::CloseSocket => self.network.close(),
                    Output::Event(event) => self.app.event(now, event, &self.client),
                    Output::NeedToken => inputs.push_back(Input::Token(Token("token".into()))),
                    Output::OpenSocket => self.network.open(now, &mut self.dice),
                    Output::Resolve { handle, result } => {
                        self.app.resolved(now, (handle, result), &self.client)
                    }
                    Output::Send(frame) => self.network.send(now, &frame, &mut self.dice),
                }
            }
        }
    }

    /// What holds at any time.
    fn check(&self) {
        let (seed, now) = (self.seed, self.server.now);
        for state in self.client.calls() {
            let view = state.view();
            let call = &self.server.calls[&view.call];
            assert_eq!(call.history[&view.seq], view.legs, "seed {seed}: what is known was once so");
        }
        assert!(
            self.app.rings.values().all(|until| now < *until),
            "seed {seed}: a ring outlived its deadline"
        );
        assert!(self.app.asked.values().all(|until| now < *until), "seed {seed}: a request was forgotten");
        let rings: Vec<CallId> = self
            .client
            .calls()
            .filter(|state| state.ring_until().is_some())
            .map(|state| state.view().call)
            .collect();
        assert!(
            self.app.rings.keys().eq(rings.iter()),
            "seed {seed}: the app rings for what the client does"
        );
    }

    /// The network is well again: after a minute everybody agrees.
    fn heal(&mut self) {
        (self.network.faults, self.network.stuck) = (0, false);
        self.pass(Duration::from_secs(90));
        let seed = self.seed;
        assert!(self.client.is_online(), "seed {seed}: back online");
        assert_eq!(self.app.rings.len(), 0, "seed {seed}: no ring is left");
        for call in self.server.calls.values() {
            let is_here = call.view.main_device == Some(phone()) && *call.leg(&bob()) == LegStatus::Accepted;
            let known = self.client.call(call.view.call);
            if is_here && !call.is_over() {
                let known = known.unwrap_or_else(|| panic!("seed {seed}: a live call is known"));
                assert_eq!(known.view().seq, call.view.seq, "seed {seed}: and up to date");
            }
            if let Some(known) = known.filter(|known| !known.is_ended()) {
                let is_elsewhere = known.view().main_device == Some(tablet());
                assert!(!call.is_over() || is_elsewhere, "seed {seed}: an ended call is known as ended");
                let told =
                    self.app.legs.get(&call.view.call).map(|legs| legs.values().cloned().collect::<Vec<_>>());
                assert_eq!(
                    told.as_ref(),
                    Some(&known.view().legs),
                    "seed {seed}: the app was told what is known"
                );
            }
        }
    }
}
