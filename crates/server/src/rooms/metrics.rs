//! What an operator counts of media. No label names a user, a device or a room.
use std::{
    fmt::{self, Write},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use offhook_media::WorkerStatistics;
use offhook_sfu::{Fact, LeaveCause};
use offhook_signaling::Code;

/// The tiers of usage, in the order of [`offhook_sfu::Usage::tiers`].
const TIERS: [&str; 6] = ["audio", "sd", "hd", "full_hd", "2k", "4k"];

/// Why participants leave, in the order of [`place_of`].
const CAUSES: [LeaveCause; 6] = [
    LeaveCause::Ended,
    LeaveCause::Kicked,
    LeaveCause::Left,
    LeaveCause::Lost,
    LeaveCause::Shutdown,
    LeaveCause::TakenOver,
];

/// Counters of what happened in rooms.
#[derive(Debug)]
pub(super) struct Counters {
    joined: AtomicU64,
    left: [AtomicU64; CAUSES.len()],
    pub(super) lost_usage: AtomicU64,
    /// Joins that were refused: one for each known code, and one for any other.
    refused: Vec<AtomicU64>,
    rooms_closed: AtomicU64,
    present_ms: AtomicU64,
    tier_ms: [AtomicU64; TIERS.len()],
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            joined: AtomicU64::default(),
            left: Default::default(),
            lost_usage: AtomicU64::default(),
            refused: (0..=Code::KNOWN.len()).map(|_| AtomicU64::default()).collect(),
            rooms_closed: AtomicU64::default(),
            present_ms: AtomicU64::default(),
            tier_ms: Default::default(),
        }
    }
}

impl Counters {
    pub(super) fn count(&self, fact: &Fact) {
        match fact {
            Fact::Closed { usage, .. } => {
                self.rooms_closed.fetch_add(1, Relaxed);
                for usage in usage {
                    add(&self.present_ms, usage.present);
                    usage.tiers.iter().zip(&self.tier_ms).for_each(|(time, counter)| add(counter, *time));
                }
            }
            Fact::Joined(_) => {
                self.joined.fetch_add(1, Relaxed);
            }
            Fact::Left(_, cause) => {
                if let Some(place) = CAUSES.iter().position(|known| known == cause) {
                    self.left[place].fetch_add(1, Relaxed);
                }
            }
            Fact::Presence(..) => {}
        }
    }

    /// A join was refused.
    pub(super) fn refused(&self, code: &Code) {
        let place = Code::KNOWN.iter().position(|known| known == code).unwrap_or(Code::KNOWN.len());
        self.refused[place].fetch_add(1, Relaxed);
    }

    /// Everything in the text form of Prometheus, version 0.0.4.
    pub(super) fn render(&self, workers: &[WorkerStatistics]) -> String {
        let mut text = String::with_capacity(4096);
        self.write(&mut text, workers).expect("a text takes whatever is written to it");
        text
    }

    fn write(&self, out: &mut String, workers: &[WorkerStatistics]) -> fmt::Result {
        for gauge in GAUGES.iter().chain(COUNTERS) {
            gauge.write(out, workers)?;
        }
        single(out, "participants_joined_total", self.joined.load(Relaxed))?;
        single(out, "rooms_closed_total", self.rooms_closed.load(Relaxed))?;
        single(out, "usage_dropped_total", self.lost_usage.load(Relaxed))?;
        head(out, "participants_left_total", "counter")?;
        for (cause, count) in CAUSES.iter().zip(&self.left) {
            let cause = super::convert::cause(*cause);
            row(out, "participants_left_total", ("cause", cause.as_str()), count.load(Relaxed))?;
        }
        head(out, "joins_refused_total", "counter")?;
        for (place, count) in self.refused.iter().enumerate().filter(|(_, count)| count.load(Relaxed) > 0) {
            let code = Code::KNOWN.get(place).map_or("other", Code::as_str);
            row(out, "joins_refused_total", ("code", code), count.load(Relaxed))?;
        }
        head(out, "present_seconds_total", "counter")?;
        writeln!(out, "offhook_media_present_seconds_total {}", seconds(&self.present_ms))?;
        head(out, "received_seconds_total", "counter")?;
        for (tier, time) in TIERS.iter().zip(&self.tier_ms) {
            writeln!(out, "offhook_media_received_seconds_total{{tier=\"{tier}\"}} {}", seconds(time))?;
        }
        Ok(())
    }
}

/// A figure that every worker has.
struct PerWorker {
    kind: &'static str,
    name: &'static str,
    of: fn(&WorkerStatistics) -> f64,
}

const GAUGES: &[PerWorker] = &[
    PerWorker { kind: "gauge", name: "connections", of: |worker| f64::from(worker.connections) },
    PerWorker { kind: "gauge", name: "load", of: |worker| f64::from(worker.load) },
    PerWorker { kind: "gauge", name: "participants", of: |worker| f64::from(worker.sfu.participants) },
    PerWorker { kind: "gauge", name: "rooms", of: |worker| f64::from(worker.sfu.rooms) },
    PerWorker { kind: "gauge", name: "tracks", of: |worker| f64::from(worker.sfu.tracks) },
];

const COUNTERS: &[PerWorker] = &[
    PerWorker { kind: "counter", name: "bytes_in_total", of: |worker| whole(worker.sfu.bytes_in) },
    PerWorker { kind: "counter", name: "bytes_out_total", of: |worker| whole(worker.sfu.bytes_out) },
    PerWorker { kind: "counter", name: "foreign_packets_total", of: foreign },
    PerWorker {
        kind: "counter",
        name: "forwarded_packets_total",
        of: |worker| whole(worker.sfu.forwarded_packets),
    },
    PerWorker { kind: "counter", name: "handed_over_total", of: |worker| whole(worker.handed_over) },
    PerWorker {
        kind: "counter",
        name: "keyframe_requests_total",
        of: |worker| whole(worker.sfu.keyframe_requests),
    },
    PerWorker { kind: "counter", name: "packets_in_total", of: |worker| whole(worker.sfu.packets_in) },
    PerWorker { kind: "counter", name: "packets_out_total", of: |worker| whole(worker.sfu.packets_out) },
    PerWorker { kind: "counter", name: "restarts_total", of: |worker| whole(worker.restarts) },
    PerWorker { kind: "counter", name: "send_dropped_total", of: |worker| whole(worker.send_dropped) },
];

/// Whatever came that belongs to nobody.
fn foreign(worker: &WorkerStatistics) -> f64 {
    whole(worker.sfu.foreign_packets + worker.unknown_dropped)
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus counts in these, too: exact up to 2^53")]
fn whole(count: u64) -> f64 {
    count as f64
}

impl PerWorker {
    fn write(&self, out: &mut String, workers: &[WorkerStatistics]) -> fmt::Result {
        head(out, self.name, self.kind)?;
        // By place: a worker that has had nothing to do yet has not said which it is.
        workers.iter().enumerate().try_for_each(|(place, worker)| {
            writeln!(out, "offhook_media_{}{{worker=\"{place}\"}} {}", self.name, (self.of)(worker))
        })
    }
}

fn add(counter: &AtomicU64, time: Duration) {
    counter.fetch_add(u64::try_from(time.as_millis()).unwrap_or(u64::MAX), Relaxed);
}

fn seconds(millis: &AtomicU64) -> f64 {
    Duration::from_millis(millis.load(Relaxed)).as_secs_f64()
}

fn head(out: &mut String, name: &str, kind: &str) -> fmt::Result {
    writeln!(out, "# TYPE offhook_media_{name} {kind}")
}

fn single(out: &mut String, name: &str, value: u64) -> fmt::Result {
    head(out, name, "counter")?;
    writeln!(out, "offhook_media_{name} {value}")
}

fn row(out: &mut String, name: &str, (label, value): (&str, &str), count: u64) -> fmt::Result {
    writeln!(out, "offhook_media_{name}{{{label}=\"{value}\"}} {count}")
}

#[cfg(test)]
mod tests {
    use offhook_sfu::{RoomKey, Usage};
    use offhook_types::{AppId, RoomId, UserId};

    use super::*;

    #[test]
    fn what_rooms_carried_is_counted_by_tier() {
        let counters = Counters::default();
        let mut tiers = [Duration::ZERO; 6];
        (tiers[0], tiers[3]) = (Duration::from_millis(1500), Duration::from_secs(60));
        let user = UserId::new("alice").expect("an id");
        let used = Usage { present: Duration::from_secs(62), received_bytes: 1, sent_bytes: 2, tiers, user };
        let room = RoomKey { app: AppId(1), room: RoomId::new("lobby").expect("a name") };
        counters.count(&Fact::Closed { room, usage: vec![used.clone(), used] });
        counters.refused(&Code::RoomFull);
        let worker = WorkerStatistics { load: 0.5, restarts: 2, ..WorkerStatistics::default() };
        let text = counters.render(&[WorkerStatistics::default(), worker]);
        for line in [
            "rooms_closed_total 1",
            "present_seconds_total 124",
            "received_seconds_total{tier=\"audio\"} 3",
            "received_seconds_total{tier=\"full_hd\"} 120",
            "received_seconds_total{tier=\"4k\"} 0",
            "joins_refused_total{code=\"room_full\"} 1",
            "participants_left_total{cause=\"taken_over\"} 0",
            "load{worker=\"0\"} 0",
            "load{worker=\"1\"} 0.5",
            "restarts_total{worker=\"1\"} 2",
        ] {
            assert!(text.contains(&format!("offhook_media_{line}\n")), "{line} in {text}");
        }
        assert!(!text.contains("alice") && !text.contains("lobby"));
    }
}
