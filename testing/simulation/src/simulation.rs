//! The world of one seed: everything that is in it, and the loop that lets it happen.
use std::{sync::Arc, time::Duration};

use offhook_call_control::AppPolicy;
use offhook_store::Job;
use offhook_types::{AppId, CallId, Party, Timestamp};

use crate::{
    device::{Device, Power},
    ledger::Violation,
    link::Link,
    pushes::{Counts, Office, Phone, Vendor},
    queue::{Queue, What},
    random::Random,
    rules,
    server::Server,
    stage::Stage,
    store::WatchedStore,
    swarm::Plan,
    trace::{Keeping, Trace},
};

/// When every world begins: some ordinary day.
const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// For how long a healed world is left alone.
const QUIET: Duration = Duration::from_secs(60);

/// How long the last news of a healed world may take.
const DELIVERY: Duration = Duration::from_secs(6);

/// Whether things still break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Breaking,
    Healed,
}

/// The world of one seed.
pub(crate) struct Simulation {
    /// Calls that somebody might name, rightly or not.
    pub(crate) calls: Vec<(AppId, CallId)>,
    pub(crate) counts: Counts,
    pub(crate) devices: Vec<Device>,
    pub(crate) extensions: u32,
    pub(crate) links: Vec<Link>,
    pub(crate) now: Timestamp,
    /// Where pushes are posted, if the world has any.
    pub(crate) office: Option<Office>,
    pub(crate) phase: Phase,
    pub(crate) plan: Plan,
    pub(crate) queue: Queue,
    pub(crate) random: Random,
    /// The jobs for pushes that were committed before everything healed.
    pub(crate) recent_jobs: Vec<Job>,
    pub(crate) server: Server,
    pub(crate) stage: Arc<Stage>,
    pub(crate) store: WatchedStore,
    pub(crate) trace: Trace,
    pub(crate) vendor: Vendor,
}

/// How a run went.
pub(crate) struct Outcome {
    /// What happened with pushes.
    pub(crate) counts: Counts,
    /// How many things happened.
    pub(crate) events: u64,
    /// The number that two runs of one seed must share.
    pub(crate) hash: u64,
    pub(crate) lines: Vec<String>,
    pub(crate) violation: Option<Violation>,
}

impl Simulation {
    pub(crate) fn new(seed: u64, keeping: Keeping) -> Self {
        let mut random = Random::new(seed);
        let plan = Plan::draw(&mut random);
        let stage = Stage::new(START, random.fork());
        let store = WatchedStore::new(&stage, plan.faults.short_log);
        let mut world = Self {
            calls: Vec::new(),
            counts: Counts::default(),
            devices: Vec::new(),
            extensions: 0,
            links: Vec::new(),
            now: START,
            office: plan.pushes.as_ref().map(|pushes| Office::new(&stage, pushes)),
            phase: Phase::Breaking,
            queue: Queue::default(),
            recent_jobs: Vec::new(),
            server: Server::default(),
            trace: Trace::new(keeping, START),
            plan,
            random,
            stage,
            store,
            vendor: Vendor::default(),
        };
        world.prepare();
        world
    }

    /// Plays the world to its end, or to the first violation.
    pub(crate) fn play(mut self) -> Outcome {
        let mut events = 0;
        let mut violation = None;
        while let Some((at, what)) = self.queue.next() {
            events += 1;
            self.now = at;
            self.stage.set_now(at);
            if let What::End = what {
                if self.end_comes_later() {
                    continue;
                }
                self.judge();
                violation = self.stage.ledger(|ledger| ledger.violation().cloned());
                break;
            }
            self.happen(what);
            violation = self.stage.ledger(|ledger| ledger.violation().cloned());
            if violation.is_some() {
                break;
            }
        }
        let hash = self.trace.hash();
        Outcome { counts: self.counts, events, hash, lines: self.trace.into_lines(), violation }
    }

    pub(crate) fn after(&self, millis: u64) -> Timestamp {
        self.now + Duration::from_millis(millis)
    }

    pub(crate) fn policy_of(&self, party: &Party) -> &AppPolicy {
        &self.plan.policies[usize::from(party.account.app.0 == 2)]
    }

    /// Enters a violation that a check outside the ledger found.
    pub(crate) fn note(&mut self, verdict: Result<(), Violation>) {
        self.stage.ledger(|ledger| ledger.note(verdict));
    }

    /// I5: looks whether something is overdue.
    pub(crate) fn check_overdue(&mut self) {
        let now = self.now;
        self.stage.ledger(|ledger| ledger.check_overdue(now));
    }

    fn prepare(&mut self) {
        let plan = format!("{:?} {:?} {:?}", self.plan.faults, self.plan.policies, self.plan.pushes);
        self.trace.say(self.now, || plan);
        self.set_fair_weather();
        let steady = self.plan.faults.let_timers_be().then_some(START);
        let pause = self.plan.faults.longest_pause();
        self.stage.ledger(|ledger| (ledger.steady_since, ledger.book.pause) = (steady, pause));
        self.start_server();
        for party in self.plan.parties.clone() {
            self.devices.push(Device::new(party));
            let device = self.devices.len() - 1;
            if self.office.is_some() {
                self.devices[device].phone = Some(Phone::draw(&mut self.random));
            }
            let at = self.soon(0, 1_000);
            self.queue.plan(at, What::DeviceStarts(device));
            let at = self.soon(1_500, 5_000);
            self.queue.plan(at, What::AppActs(device));
        }
        let at = self.soon(1_000, 5_000);
        self.queue.plan(at, What::Trouble);
        self.queue.plan(self.after(self.plan.breaking_ms), What::Heal);
    }

    /// A time from so many to so many milliseconds from now.
    pub(crate) fn soon(&mut self, low: u64, high: u64) -> Timestamp {
        self.now + Duration::from_millis(self.random.between(low, high))
    }

    fn happen(&mut self, what: What) {
        self.trace.count(self.now, &[]);
        match what {
            What::AppActs(device) => self.app_acts(device),
            What::AppReacts(device) => self.app_reacts(device),
            What::ClientTimer(device) => self.client_timer(device),
            What::DeviceReturns(device) => self.return_device(device),
            What::DeviceStarts(device) => self.start_device(device),
            What::Down(link, parcel) => self.down(link, parcel),
            What::End => {}
            What::Flushed(connection) => self.flushed(connection),
            What::Heal => self.heal(),
            What::Hint(connection, head) => self.hint(connection, head),
            What::Https(device, request) => self.https(device, request),
            What::JobChecked(job) => self.check_job(&job),
            What::JobStep(job) => self.job_step(job),
            What::Order(connection, order) => self.order(connection, order),
            What::PushComes(message) => self.push_comes(&message),
            What::PushRingEnds(device, call, ring) => self.push_ring_ends(device, call, ring),
            What::Registers(device) => self.register(device),
            What::Resumed(device) => self.resume_device(device),
            What::ServerStarts => self.start_server(),
            What::ServerStops => self.server_stops(),
            What::ServerTimer => self.server_timer(),
            What::SessionTimer(connection) => self.session_timer(connection),
            What::Socket(device, link) => self.socket(device, link),
            What::Token(device, token) => self.token_comes(device, token),
            What::Trouble => self.trouble(),
            What::Up(link, parcel) => self.up(link, parcel),
            What::WokenActs(device, call) => self.woken_acts(device, call),
            What::Verdict(answered) => self.verdict_comes(*answered),
            What::WeatherClears => self.set_fair_weather(),
        }
    }

    /// Everything works again, and nobody wishes anything more.
    fn heal(&mut self) {
        self.trace.say(self.now, || "—— everything heals ——".into());
        self.phase = Phase::Healed;
        self.set_fair_weather();
        self.start_server();
        self.wake_server();
        let steady = if self.plan.faults.let_timers_be() { None } else { Some(self.after(10_000)) };
        if steady.is_some() {
            self.stage.ledger(|ledger| ledger.steady_since = steady);
        }
        self.watch_jobs_after(self.after(10_000));
        for device in 0..self.devices.len() {
            // Some apps stay dead for a while, so that the server still has somebody to wake.
            let sleeps_on = self.devices[device].power == Power::Off && self.devices[device].phone.is_some();
            if sleeps_on && self.random.percent(70) {
                let at = self.soon(20_000, 30_000);
                self.queue.plan(at, What::DeviceStarts(device));
                self.devices[device].offline_until = self.now;
            } else {
                self.heal_device(device);
            }
        }
        self.queue.plan(self.now + QUIET, What::End);
    }

    /// Rings that were begun late may still be going on, and the last news may be under way: the world ends after them.
    fn end_comes_later(&mut self) -> bool {
        let (ring, news) = self.stage.ledger(|ledger| {
            let live = ledger.latest().filter(|call| !call.is_over());
            (live.filter_map(rules::earliest_deadline).max(), ledger.last_commit())
        });
        let wanted = [ring, news].into_iter().flatten().max().map(|last| last + DELIVERY);
        let Some(until) = wanted.filter(|until| *until > self.now && self.extensions < 4) else {
            return false;
        };
        self.extensions += 1;
        self.queue.plan(until, What::End);
        true
    }
}
