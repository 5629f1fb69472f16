//! Keeps calls going: at a fixed rate (open loop), or back to back (closed loop). One task per call; this loop owns them.
use std::{
    collections::VecDeque,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::{task::JoinSet, time};

use crate::{
    arguments,
    call::{Pair, Steps},
    clock,
    device::Device,
    failure::Failure,
    process::{self, Cpu, Part, Processes},
    report::{Calls, PartUsage, Report, Tally, Usage},
    target::{self, Target},
    wire::{Template, Texts},
};

/// How many devices log in at once. More finds the server's limits of accepting, which is not what is measured here.
pub(crate) const LOGINS_AT_ONCE: usize = 64;

/// Runs `offhook-load closed`.
pub(crate) async fn closed(closed: &arguments::Closed) -> Result<Report> {
    drive(&closed.target, &closed.calls, None).await
}

/// Runs `offhook-load open`.
pub(crate) async fn open(open: &arguments::Open) -> Result<Report> {
    drive(&open.target, &open.calls, Some(open.rate)).await
}

async fn drive(target: &arguments::Target, calls: &arguments::Calls, rate: Option<u32>) -> Result<Report> {
    target::make_room_for(calls.pairs.saturating_mul(2))?;
    let meter = Meter::new(target.pid, &calls.part)?;
    let pairs = log_in_pairs(&Target::new(target)?, calls).await?;
    check_no_device_falls_silent(&pairs, rate)?;
    let begin = clock::now() + calls.warm;
    let driver = Driver {
        acknowledge: calls.acknowledge,
        begin,
        calls: JoinSet::new(),
        idle: pairs,
        interval: rate.map(|rate| Duration::from_secs(1) / rate),
        next: clock::now(),
        stop: begin + calls.secs,
        tally: Tally::new(),
        texts: Arc::new(Texts::new()),
        timeout: calls.timeout,
    };
    let (tally, usage) = driver.run(&meter).await;
    let memory = meter.server.as_ref().map(Processes::memory);
    Ok(Report::Calls(Box::new(Calls {
        acknowledge: calls.acknowledge,
        memory,
        pairs: calls.pairs,
        rate,
        tally,
        usage,
    })))
}

async fn log_in_pairs(target: &Target, calls: &arguments::Calls) -> Result<VecDeque<Box<Pair>>> {
    let log_in = |number| log_in_pair(target, number, calls.data_bytes);
    let pairs = stream::iter(0..calls.pairs).map(log_in).buffer_unordered(LOGINS_AT_ONCE / 2);
    pairs.try_collect().await.context("a device could not log in")
}

/// Logs the run's pair of this number in.
pub(crate) async fn log_in_pair(
    target: &Target,
    number: u32,
    data_bytes: usize,
) -> Result<Box<Pair>, Failure> {
    let (caller, callee) =
        tokio::try_join!(Device::log_in(target, 2 * number), Device::log_in(target, 2 * number + 1))?;
    let invite = Template::invite(callee.user.clone(), data_bytes);
    Ok(Box::new(Pair { callee, caller, invite }))
}

/// Devices of this tool send no heartbeats while they call, so each must have its turn before the server takes it for lost.
fn check_no_device_falls_silent(pairs: &VecDeque<Box<Pair>>, rate: Option<u32>) -> Result<()> {
    let (Some(rate), Some(pair)) = (rate, pairs.front()) else { return Ok(()) };
    let permitted = u64::from(rate) * pair.caller.welcome.lost_after_ms / 2_000;
    let count = u64::try_from(pairs.len()).unwrap_or(u64::MAX);
    ensure!(
        count <= permitted.max(1),
        "at {rate} calls/s have at most {permitted} pairs, or the idle ones fall silent"
    );
    Ok(())
}

/// A run under way.
struct Driver {
    acknowledge: bool,
    /// When the warm-up is over.
    begin: Instant,
    calls: JoinSet<Played>,
    idle: VecDeque<Box<Pair>>,
    /// Between two calls of an open loop; `None` for a closed one.
    interval: Option<Duration>,
    /// When the next call of an open loop is due.
    next: Instant,
    stop: Instant,
    tally: Tally,
    texts: Arc<Texts>,
    timeout: Duration,
}

/// A call that is over.
struct Played {
    at: Instant,
    outcome: Result<Steps, Failure>,
    pair: Box<Pair>,
}

impl Driver {
    /// Calls until the time is up, waits for the calls that are under way, and returns what came of it.
    async fn run(mut self, meter: &Meter) -> (Tally, Usage) {
        let mut alarm = pin!(time::sleep_until(self.begin.into()));
        let mut before = None;
        loop {
            let now = clock::now();
            if before.is_none() && now >= self.begin {
                let look = meter.look();
                self.begin = look.at; // Calls and CPU are counted over the same time, also on a busy machine.
                before = Some(look);
            }
            if now >= self.stop {
                break;
            }
            self.start(now);
            let wake = time::Instant::from_std(self.next_alarm(now));
            if alarm.deadline() != wake {
                alarm.as_mut().reset(wake);
            }
            tokio::select! {
                biased;
                Some(played) = self.calls.join_next() => self.note(played.expect("a call does not panic")),
                () = &mut alarm => {}
            }
        }
        let after = meter.look();
        self.stop = after.at;
        let before = before.unwrap_or_else(|| after.clone());
        let usage = after.since(&before, meter.parts(&before, &after));
        while let Some(played) = self.calls.join_next().await {
            self.note(played.expect("a call does not panic"));
        }
        (self.tally, usage)
    }

    /// Starts the calls that are due: in a closed loop whatever can be started.
    fn start(&mut self, now: Instant) {
        let Some(interval) = self.interval else {
            while let Some(pair) = self.idle.pop_front() {
                self.play(pair);
            }
            return;
        };
        while self.next <= now {
            let (due, counts) = (self.next, self.next >= self.begin);
            self.next += interval;
            match self.idle.pop_front() {
                Some(pair) => self.play(pair),
                None if counts => self.tally.fail(&Failure::NoPairFree),
                None => {}
            }
            if counts {
                self.tally.start_delay.add(now.saturating_duration_since(due));
            }
        }
    }

    fn next_alarm(&self, now: Instant) -> Instant {
        let phase = if now < self.begin { self.begin } else { self.stop };
        if self.interval.is_some() { phase.min(self.next) } else { phase }
    }

    fn play(&mut self, mut pair: Box<Pair>) {
        let (texts, acknowledge, timeout) = (Arc::clone(&self.texts), self.acknowledge, self.timeout);
        self.calls.spawn(async move {
            let outcome = match time::timeout(timeout, pair.call(&texts, acknowledge)).await {
                Ok(outcome) => outcome,
                Err(_) => Err(Failure::Timeout),
            };
            Played { at: clock::now(), outcome, pair }
        });
    }

    /// Counts a call if it ended within the time that is measured; failures count always, and cost the pair.
    fn note(&mut self, played: Played) {
        match played.outcome {
            Ok(steps) => {
                if (self.begin..self.stop).contains(&played.at) {
                    self.tally.succeed(steps);
                }
                self.idle.push_back(played.pair);
            }
            Err(failure) => self.tally.fail(&failure),
        }
    }
}

/// Reads the CPU of everyone concerned.
struct Meter {
    own: Processes,
    parts: Vec<Part>,
    server: Option<Processes>,
}

/// One reading.
#[derive(Clone)]
struct Look {
    at: Instant,
    machine: Duration,
    own: Cpu,
    /// In the meter's order; `None` for a part that is gone.
    parts: Vec<Option<Duration>>,
    server: Cpu,
}

impl Meter {
    fn new(server: Option<u32>, parts: &[(String, u32)]) -> Result<Self> {
        Ok(Self {
            own: Processes::own(),
            parts: parts.iter().map(|(name, pid)| Part::new(name, *pid)).collect::<Result<_>>()?,
            server: server.map(Processes::of).transpose()?,
        })
    }

    fn look(&self) -> Look {
        let server = self.server.as_ref().map(Processes::cpu).unwrap_or_default();
        let parts = self.parts.iter().map(Part::times).collect();
        Look { at: clock::now(), machine: process::machine(), own: self.own.cpu(), parts, server }
    }

    /// What each part used between two looks.
    fn parts(&self, earlier: &Look, later: &Look) -> Vec<PartUsage> {
        let looks = earlier.parts.iter().zip(&later.parts);
        let used = looks.map(|(earlier, later)| Some(later.as_ref()?.saturating_sub((*earlier)?)));
        self.parts
            .iter()
            .zip(used)
            .map(|(part, times)| PartUsage { name: part.name.clone(), times })
            .collect()
    }
}

impl Look {
    fn since(&self, earlier: &Self, parts: Vec<PartUsage>) -> Usage {
        Usage {
            elapsed: self.at.saturating_duration_since(earlier.at),
            machine: self.machine.saturating_sub(earlier.machine),
            own: self.own.since(earlier.own),
            parts,
            server: self.server.since(earlier.server),
        }
    }
}
