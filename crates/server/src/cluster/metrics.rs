//! What an operator sees of the bus.
use std::fmt::Write as _;

use offhook_bus::{Counts, Health};

/// In the text form of Prometheus.
pub(crate) fn render(health: &Health) -> String {
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
    text
}
