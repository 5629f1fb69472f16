//! What an operator counts of rooms on several nodes.
use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// Counters since the start.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Rooms that had to be closed here, as they live elsewhere.
    pub(crate) fenced: AtomicU64,
    pub(crate) forwarded: AtomicU64,
    pub(crate) gaps: AtomicU64,
    /// Requests of other nodes' devices that were carried out here.
    pub(crate) served: AtomicU64,
    pub(crate) replaced: AtomicU64,
    /// Devices here that were told to enter anew, as the node of their room is gone.
    pub(crate) stranded: AtomicU64,
}

impl Counters {
    /// Everything in the text form of Prometheus.
    pub(crate) fn render(&self, placed: usize) -> String {
        let mut text = format!(
            "# HELP offhook_media_placed_rooms Rooms that live on this node.\n# TYPE offhook_media_placed_rooms gauge\n\
             offhook_media_placed_rooms {placed}\n"
        );
        let counters = [
            (
                "forwarded_requests",
                "Requests about rooms that went to the node of the room.",
                &self.forwarded,
            ),
            ("served_requests", "Requests about rooms that came from other nodes.", &self.served),
            ("replacements", "Rooms that were placed anew, as their node was gone.", &self.replaced),
            ("event_gaps", "How often news of rooms from other nodes got lost.", &self.gaps),
            ("stranded_devices", "Devices whose room was on a node that is gone.", &self.stranded),
            ("fenced_rooms", "Rooms closed here because they had been placed elsewhere.", &self.fenced),
        ];
        for (name, help, counter) in counters {
            let (name, count) = (format!("offhook_media_{name}_total"), counter.load(Relaxed));
            // Writing to a String cannot fail.
            let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {count}\n");
        }
        text
    }
}
