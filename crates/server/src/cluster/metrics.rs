//! What an operator sees of a node among others.
use std::fmt::Write as _;

use offhook_bus::{Counts, Health};

/// In the text form of Prometheus.
pub(super) fn render(health: &Health, ahead_ms: i32, unsettled_logins: u64) -> String {
    let Counts { published, received, dropped, reconnects, .. } = health.counts;
    let mut text = String::new();
    let mut family = |name: &str, kind: &str, help: &str, value: u64| {
        // Writing to a String cannot fail.
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
    };
    family(
        "offhook_bus_connected",
        "gauge",
        "Whether this node hears the others.",
        u64::from(health.state.is_connected()),
    );
    family(
        "offhook_bus_namesakes",
        "gauge",
        "Other nodes that bear this node's name.",
        health.namesakes.len() as u64,
    );
    family("offhook_bus_published_total", "counter", "Hints given to the bus.", published);
    family("offhook_bus_received_total", "counter", "Hints heard from other nodes.", received);
    family(
        "offhook_bus_dropped_total",
        "counter",
        "What could not be passed on; sessions find it by looking.",
        dropped,
    );
    family("offhook_bus_reconnects_total", "counter", "How often the bus came back.", reconnects);
    family(
        "offhook_logins_unsettled_total",
        "counter",
        "Sessions of which another node did not say whether they end one there.",
        unsettled_logins,
    );
    // As above.
    let _ = write!(
        text,
        "# HELP offhook_clock_ahead_seconds How far this node's clock is ahead of the database's; negative if behind.\n\
         # TYPE offhook_clock_ahead_seconds gauge\noffhook_clock_ahead_seconds {}\n",
        f64::from(ahead_ms) / 1_000.0,
    );
    text
}
