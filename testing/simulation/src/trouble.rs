//! What breaks, when, and for how long.
use std::time::Duration;

use crate::{
    device::Power,
    queue::{LinkId, Order, What},
    simulation::{Phase, Simulation},
    stage::Weather,
};

/// A kind of trouble.
#[derive(Clone, Copy, Debug)]
enum Kind {
    DeviceCrash,
    HalfOpen,
    LinkLoss,
    LostHints,
    ServerCrash,
    ServerDrain,
    SlowStore,
    Stall,
    StoreDown,
    StoreErrors,
    Suspend,
}

impl Simulation {
    /// Something breaks, of what this seed has turned on.
    pub(crate) fn trouble(&mut self) {
        if self.phase == Phase::Healed {
            return;
        }
        let faults = &self.plan.faults;
        let kinds: Vec<Kind> = [
            (faults.device_crash, Kind::DeviceCrash),
            (faults.half_open, Kind::HalfOpen),
            (faults.link_loss, Kind::LinkLoss),
            (faults.lost_hints, Kind::LostHints),
            (faults.server_crash, Kind::ServerCrash),
            (faults.server_drain, Kind::ServerDrain),
            (faults.slow_store, Kind::SlowStore),
            (faults.stall || faults.slow_reader, Kind::Stall),
            (faults.store_down, Kind::StoreDown),
            (faults.store_errors, Kind::StoreErrors),
            (faults.suspend, Kind::Suspend),
        ]
        .into_iter()
        .filter_map(|(is_on, kind)| is_on.then_some(kind))
        .collect();
        if kinds.is_empty() {
            return;
        }
        let kind = *self.random.pick(&kinds);
        self.trace.say(self.now, || format!("trouble: {kind:?}"));
        self.strike(kind);
        let at = self.soon(200, 8_000);
        self.queue.plan(at, What::Trouble);
    }

    fn strike(&mut self, kind: Kind) {
        let device = self.random.index(self.devices.len());
        let coin = self.random.percent(50);
        match kind {
            Kind::DeviceCrash => {
                self.kill_device(device, coin);
                let at = self.soon(300, 20_000);
                self.queue.plan(at, What::DeviceStarts(device));
            }
            Kind::HalfOpen => {
                if let Some(link) = self.devices[device].link {
                    let (up, down) = *self.random.pick(&[(true, true), (true, false), (false, true)]);
                    self.cut(link, up, down);
                }
            }
            Kind::LinkLoss => {
                if let Some(link) = self.devices[device].link {
                    self.break_link(link);
                }
                self.devices[device].offline_until = self.soon(0, if coin { 15_000 } else { 0 });
            }
            Kind::LostHints => self.weather(|weather| weather.hints_lost = 50, 20_000),
            Kind::ServerCrash => self.crash_server(coin),
            Kind::ServerDrain => self.drain_server(),
            Kind::SlowStore => {
                self.weather(|weather| (weather.pauses, weather.pause_ms) = (50, 1_000), 10_000)
            }
            Kind::Stall => {
                if let Some(link) = self.devices[device].link {
                    self.stall(link);
                }
            }
            Kind::StoreDown => self.weather(|weather| weather.down = true, 10_000),
            Kind::StoreErrors => {
                self.weather(|weather| (weather.fails_before, weather.fails_after) = (10, 10), 20_000);
            }
            Kind::Suspend => {
                if self.devices[device].power == Power::On {
                    self.suspend_device(device);
                    let at = self.soon(500, 60_000);
                    self.queue.plan(at, What::Resumed(device));
                }
            }
        }
    }

    fn stall(&mut self, link: LinkId) {
        let until = self.soon(500, 20_000);
        self.links[link].stalled_until = until;
    }

    fn crash_server(&mut self, is_silent: bool) {
        if !self.server.is_up() {
            return;
        }
        self.kill_server(is_silent);
        if self.plan.faults.new_epoch && self.random.percent(50) {
            self.stage.begin_epoch();
        }
        let at = self.soon(50, 8_000);
        self.queue.plan(at, What::ServerStarts);
    }

    /// The server says goodbye to everybody, and is gone when they have left, or soon.
    fn drain_server(&mut self) {
        if !self.server.is_up() {
            return;
        }
        for connection in self.server.connections.keys().copied().collect::<Vec<_>>() {
            self.queue.plan(self.now, What::Order(connection, Order::Shutdown));
        }
        let at = self.soon(0, 1_000);
        self.queue.plan(at, What::ServerStops);
    }

    pub(crate) fn server_stops(&mut self) {
        if self.phase == Phase::Breaking {
            self.crash_server(false);
        }
    }

    fn weather(&mut self, change: impl FnOnce(&mut Weather), longest_ms: u64) {
        let mut weather = self.stage.weather();
        change(&mut weather);
        self.stage.set_weather(weather);
        let at = self.soon(200, longest_ms);
        self.queue.plan(at, What::WeatherClears);
    }

    pub(crate) fn set_fair_weather(&mut self) {
        let (pauses, pause_ms) = if self.plan.faults.async_store { (30, 4) } else { (0, 0) };
        self.stage.set_weather(Weather { pauses, pause_ms, ..Weather::default() });
    }

    /// Whether the store can be relied on at the moment.
    pub(crate) fn weather_is_fair(&self) -> bool {
        let weather = self.stage.weather();
        !weather.down && weather.fails_after + weather.fails_before == 0
    }

    /// How long the timer task oversleeps.
    pub(crate) fn timer_lateness(&mut self) -> Duration {
        let is_late = self.plan.faults.late_timers && self.phase == Phase::Breaking;
        Duration::from_millis(self.random.between(0, if is_late { 5_000 } else { 20 }))
    }
}
