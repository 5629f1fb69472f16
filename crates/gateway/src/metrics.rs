//! What an operator counts. No label names a user, a device or a call.
use std::{
    fmt::{self, Write},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use offhook_signaling::{CloseCode, Code, Problem, Request, RoomEvent};

/// Upper ends of the histogram's buckets, in microseconds. More buckets cost a line each per scrape.
const BUCKETS: [u64; 12] =
    [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000, 1_000_000, 10_000_000];

/// Types of requests, in the order of [`kind`].
const KINDS: [&str; 30] = [
    "call.accept",
    "call.acknowledge",
    "call.add",
    "call.cancel",
    "call.end",
    "call.ignore",
    "call.invite",
    "call.join",
    "call.list",
    "call.quit",
    "call.read",
    "call.reject",
    "room.answer",
    "room.candidate",
    "room.join",
    "room.leave",
    "room.offer",
    "room.read",
    "room.remove",
    "room.send",
    "room.subscribe",
    "room.token",
    "room.update_stream",
    "session.logout",
    "session.renew_token",
    "user.query",
    "user.update",
    "device.push_key",
    "device.register",
    "device.unregister",
];

/// Counters of the gateway, rendered in the text form of Prometheus.
#[derive(Debug)]
pub struct Metrics {
    closed: Vec<AtomicU64>,
    pub(crate) connections: Gauge,
    pub(crate) connections_refused: AtomicU64,
    pub(crate) events_delivered: AtomicU64,
    pub(crate) kicked: AtomicU64,
    pub(crate) logins: AtomicU64,
    /// One row per type of request, one column per result: success, each code, any other code.
    requests: Vec<AtomicU64>,
    durations: Histogram,
    refused: Vec<AtomicU64>,
    room_events: AtomicU64,
    room_resets: AtomicU64,
    pub(crate) sessions: Gauge,
}

/// A level that goes up and down.
#[derive(Debug, Default)]
pub(crate) struct Gauge(AtomicU64);

impl Gauge {
    pub(crate) fn up(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    pub(crate) fn down(&self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[derive(Debug, Default)]
struct Histogram {
    /// The last one is for what is beyond all buckets.
    counts: [AtomicU64; BUCKETS.len() + 1],
    sum_us: AtomicU64,
}

impl Default for Metrics {
    fn default() -> Self {
        let zeros = |count: usize| (0..count).map(|_| AtomicU64::new(0)).collect();
        Self {
            closed: zeros(CloseCode::ALL.len()),
            connections: Gauge::default(),
            connections_refused: AtomicU64::new(0),
            events_delivered: AtomicU64::new(0),
            kicked: AtomicU64::new(0),
            logins: AtomicU64::new(0),
            requests: zeros(KINDS.len() * COLUMNS),
            durations: Histogram::default(),
            refused: zeros(COLUMNS),
            room_events: AtomicU64::new(0),
            room_resets: AtomicU64::new(0),
            sessions: Gauge::default(),
        }
    }
}

/// Success, each known code, any other code.
const COLUMNS: usize = Code::KNOWN.len() + 2;

impl Metrics {
    /// A request of this [`kind`] was answered.
    pub(crate) fn request(&self, kind: usize, problem: Option<&Problem>, took: Duration) {
        self.requests[kind * COLUMNS + column(problem)].fetch_add(1, Relaxed);
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.partition_point(|end| *end < us);
        self.durations.counts[bucket].fetch_add(1, Relaxed);
        self.durations.sum_us.fetch_add(us, Relaxed);
    }

    /// A login was refused.
    pub(crate) fn refused(&self, problem: &Problem) {
        self.refused[column(Some(problem))].fetch_add(1, Relaxed);
    }

    /// Events of rooms go out to a session.
    pub(crate) fn room_events(&self, events: &[RoomEvent]) {
        let is_reset = |event: &&RoomEvent| event.type_name() == "room.reset";
        self.room_events.fetch_add(events.len() as u64, Relaxed);
        self.room_resets.fetch_add(events.iter().filter(is_reset).count() as u64, Relaxed);
    }

    /// The server closed a connection.
    pub(crate) fn closed(&self, code: CloseCode) {
        if let Some(place) = CloseCode::ALL.iter().position(|known| *known == code) {
            self.closed[place].fetch_add(1, Relaxed);
        }
    }

    /// All counters in the text form of Prometheus, version 0.0.4.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::with_capacity(4096);
        self.write(&mut text).expect("a text takes whatever is written to it");
        text
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        single(out, "connections", "gauge", &self.connections.0)?;
        single(out, "connections_refused_total", "counter", &self.connections_refused)?;
        single(out, "events_delivered_total", "counter", &self.events_delivered)?;
        single(out, "kicked_total", "counter", &self.kicked)?;
        single(out, "logins_total", "counter", &self.logins)?;
        single(out, "room_events_delivered_total", "counter", &self.room_events)?;
        single(out, "room_resets_total", "counter", &self.room_resets)?;
        single(out, "sessions", "gauge", &self.sessions.0)?;
        head(out, "closed_total", "counter")?;
        for (code, count) in CloseCode::ALL.iter().zip(&self.closed) {
            writeln!(
                out,
                "offhook_gateway_closed_total{{code=\"{}\"}} {}",
                code.as_str(),
                count.load(Relaxed)
            )?;
        }
        head(out, "logins_refused_total", "counter")?;
        for (place, count) in self.refused.iter().enumerate().filter(|(_, count)| count.load(Relaxed) > 0) {
            let code = column_name(place);
            writeln!(out, "offhook_gateway_logins_refused_total{{code=\"{code}\"}} {}", count.load(Relaxed))?;
        }
        head(out, "requests_total", "counter")?;
        for (place, count) in self.requests.iter().enumerate().filter(|(_, count)| count.load(Relaxed) > 0) {
            let (kind, code) = (KINDS[place / COLUMNS], column_name(place % COLUMNS));
            let count = count.load(Relaxed);
            writeln!(out, "offhook_gateway_requests_total{{type=\"{kind}\",code=\"{code}\"}} {count}")?;
        }
        self.durations.write(out, "request_duration_seconds")
    }
}

impl Histogram {
    fn write(&self, out: &mut String, name: &str) -> fmt::Result {
        head(out, name, "histogram")?;
        let mut total = 0;
        for (place, count) in self.counts.iter().enumerate() {
            total += count.load(Relaxed);
            match BUCKETS.get(place) {
                Some(end) => {
                    let end = Duration::from_micros(*end).as_secs_f64();
                    writeln!(out, "offhook_gateway_{name}_bucket{{le=\"{end}\"}} {total}")?;
                }
                None => writeln!(out, "offhook_gateway_{name}_bucket{{le=\"+Inf\"}} {total}")?,
            }
        }
        let sum = Duration::from_micros(self.sum_us.load(Relaxed)).as_secs_f64();
        writeln!(out, "offhook_gateway_{name}_sum {sum}")?;
        writeln!(out, "offhook_gateway_{name}_count {total}")
    }
}

fn head(out: &mut String, name: &str, kind: &str) -> fmt::Result {
    writeln!(out, "# TYPE offhook_gateway_{name} {kind}")
}

fn single(out: &mut String, name: &str, kind: &str, value: &AtomicU64) -> fmt::Result {
    head(out, name, kind)?;
    writeln!(out, "offhook_gateway_{name} {}", value.load(Relaxed))
}

fn column(problem: Option<&Problem>) -> usize {
    let Some(problem) = problem else { return 0 };
    let place = Code::KNOWN.iter().position(|known| *known == problem.code);
    place.map_or(COLUMNS - 1, |place| place + 1)
}

fn column_name(column: usize) -> &'static str {
    match column {
        0 => "ok",
        _ => Code::KNOWN.get(column - 1).map_or("other", Code::as_str),
    }
}

/// The row of a request's type.
pub(crate) fn kind(request: &Request) -> usize {
    match request {
        Request::Accept(_) => 0,
        Request::Acknowledge(_) => 1,
        Request::Add(_) => 2,
        Request::Cancel(_) => 3,
        Request::End(_) => 4,
        Request::Ignore(_) => 5,
        Request::Invite(_) => 6,
        Request::Join(_) => 7,
        Request::ListCalls(_) => 8,
        Request::Quit(_) => 9,
        Request::ReadCall(_) => 10,
        Request::Reject(_) => 11,
        Request::AnswerMedia(_) => 12,
        Request::AddCandidate(_) => 13,
        Request::JoinRoom(_) => 14,
        Request::LeaveRoom(_) => 15,
        Request::OfferMedia(_) => 16,
        Request::ReadRoom(_) => 17,
        Request::RemoveMember(_) => 18,
        Request::SendMessage(_) => 19,
        Request::Subscribe(_) => 20,
        Request::AskPushKey(_) => 27,
        Request::AskRoomToken(_) => 21,
        Request::RegisterDevice(_) => 28,
        Request::UnregisterDevice => 29,
        Request::UpdateStream(_) => 22,
        Request::Logout => 23,
        Request::RenewToken(_) => 24,
        Request::QueryUsers(_) => 25,
        Request::UpdateUser(_) => 26,
    }
}

#[cfg(test)]
mod tests {
    use offhook_signaling::{ListCalls, RenewToken};

    use super::*;

    #[test]
    fn a_request_is_counted_under_the_name_of_its_type() {
        let renewal = Request::RenewToken(RenewToken { token: String::new() });
        let list = Request::ListCalls(ListCalls { cursor: None, limit: 1 });
        for request in [renewal, list, Request::Logout] {
            assert_eq!(KINDS[kind(&request)], request.type_name());
        }
    }

    #[test]
    fn a_histogram_counts_each_request_in_every_bucket_it_fits_into() {
        let metrics = Metrics::default();
        metrics.request(kind(&Request::Logout), None, Duration::from_micros(100));
        metrics.request(kind(&Request::Logout), None, Duration::from_secs(60));
        let problem = Problem::new(Code::RateLimited, "");
        metrics.request(kind(&Request::Logout), Some(&problem), Duration::from_millis(1));
        let text = metrics.render();
        for line in [
            "requests_total{type=\"session.logout\",code=\"ok\"} 2",
            "requests_total{type=\"session.logout\",code=\"rate_limited\"} 1",
            "request_duration_seconds_bucket{le=\"0.00005\"} 0",
            "request_duration_seconds_bucket{le=\"0.0001\"} 1",
            "request_duration_seconds_bucket{le=\"0.001\"} 2",
            "request_duration_seconds_bucket{le=\"10\"} 2",
            "request_duration_seconds_bucket{le=\"+Inf\"} 3",
            "request_duration_seconds_sum 60.0011",
        ] {
            assert!(text.contains(&format!("offhook_gateway_{line}\n")), "{line} in {text}");
        }
    }
}
