//! What is counted.

/// Counters of one worker since the node started, and gauges of the last moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WorkerStatistics {
    /// TCP connections now.
    pub connections: u32,
    /// Datagrams that arrived here and were given to the worker that they belong to.
    pub handed_over: u64,
    /// Datagrams not given to the worker that they belong to, as its queue was full.
    pub handover_dropped: u64,
    /// Share of a core that the thread used over the last second.
    pub load: f32,
    /// Datagrams received, handed over ones not included.
    pub received: u64,
    /// How often the worker failed, losing its rooms, and began anew.
    pub restarts: u64,
    /// Packets not sent, as the socket or the connection would not take them.
    pub send_dropped: u64,
    /// System calls that sent datagrams; one may carry several.
    pub send_calls: u64,
    /// Datagrams sent.
    pub sent: u64,
    /// What the rooms' machine counts. Begins anew when the worker does.
    pub sfu: offhook_sfu::Statistics,
    /// Datagrams dropped unread, as they belong to nobody or come too fast from somebody unknown.
    pub unknown_dropped: u64,
    /// Which worker.
    pub worker: u16,
}
