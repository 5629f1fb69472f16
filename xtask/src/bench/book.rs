//! The figures of a run: written down per server and load, read as medians.
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{machine::Conditions, table};

/// What a server had to bear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Load {
    /// 100 calls a second.
    Hundred,
    /// Users who are connected and do nothing.
    Idle,
    /// Calls back to back.
    Peak,
    /// 1,000 calls a second.
    Thousand,
}

/// What was measured. Times of steps are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Figure {
    AcceptP50,
    AcceptP99,
    CallsPerSecond,
    EndP50,
    EndP99,
    /// Calls, or logins, that failed.
    Failed,
    /// Memory (PSS) for each idle user.
    IdleBytes,
    /// CPU of the load tool, in cores.
    LoadCores,
    /// CPU of everything but server and load tool, in cores: what disturbed the run.
    OtherCores,
    RingP50,
    RingP99,
    /// User and system time of all the server's processes.
    ServerCpuMicrosPerCall,
}

impl Load {
    fn name(self) -> &'static str {
        match self {
            Self::Hundred => "100_per_s",
            Self::Idle => "idle",
            Self::Peak => "peak",
            Self::Thousand => "1000_per_s",
        }
    }
}

impl Figure {
    fn name(self) -> &'static str {
        match self {
            Self::AcceptP50 => "accept_p50_ms",
            Self::AcceptP99 => "accept_p99_ms",
            Self::CallsPerSecond => "calls_per_s",
            Self::EndP50 => "end_p50_ms",
            Self::EndP99 => "end_p99_ms",
            Self::Failed => "failed",
            Self::IdleBytes => "idle_bytes_per_device",
            Self::LoadCores => "load_cores",
            Self::OtherCores => "other_cores",
            Self::RingP50 => "ring_p50_ms",
            Self::RingP99 => "ring_p99_ms",
            Self::ServerCpuMicrosPerCall => "server_cpu_us_per_call",
        }
    }
}

/// Every figure of a run.
#[derive(Default)]
pub(super) struct Book {
    figures: BTreeMap<(String, Load, Figure), Vec<f64>>,
    /// In the order in which they were measured first.
    servers: Vec<String>,
}

impl Book {
    /// Writes a figure down, if there is one.
    pub(super) fn add(&mut self, (server, load): (&str, Load), figure: Figure, value: Option<f64>) {
        let Some(value) = value else { return };
        if !self.servers.iter().any(|known| known == server) {
            self.servers.push(server.to_owned());
        }
        self.figures.entry((server.to_owned(), load, figure)).or_default().push(value);
    }

    fn median(&self, server: &str, load: Load, figure: Figure) -> Option<f64> {
        median(self.figures.get(&(server.to_owned(), load, figure))?.clone())
    }

    /// The figure summed over all loads and rounds.
    pub(super) fn sum(&self, server: &str, figure: Figure) -> f64 {
        let of_server = self.figures.iter().filter(|((name, _, its), _)| name == server && *its == figure);
        of_server.flat_map(|(_, values)| values).sum()
    }

    /// A line for each server.
    pub(super) fn table(&self) -> String {
        let heads = COLUMNS.map(|column| column.head.to_owned()).to_vec();
        let mut lines = vec![[vec!["server".to_owned()], heads].concat()];
        for server in &self.servers {
            let cells = COLUMNS.map(|column| self.cell(server, &column)).to_vec();
            lines.push([vec![server.clone()], cells].concat());
        }
        table::text(&lines)
    }

    fn cell(&self, server: &str, column: &Column) -> String {
        let shown = column.figures.iter().map(|figure| {
            let value = if *figure == Figure::Failed {
                Some(self.sum(server, Figure::Failed))
            } else {
                self.median(server, column.load, *figure)
            };
            value.map(|value| format!("{value:.*}", column.digits))
        });
        shown.collect::<Option<Vec<_>>>().map_or_else(|| "–".to_owned(), |shown| shown.join(" / "))
    }

    /// The figures that ours is judged by, of the server `ours`; then the conditions, and all figures of all servers.
    pub(super) fn json(&self, ours: &str, conditions: &Conditions) -> Value {
        let mut servers = Map::new();
        for (server, load, figure) in self.figures.keys() {
            let loads = servers.entry(server.clone()).or_insert_with(|| json!({}));
            loads[load.name()][figure.name()] = json!(self.median(server, *load, *figure));
        }
        let of = |load, figure| self.median(ours, load, figure);
        json!({
            "server_cpu_us_per_call": of(Load::Thousand, Figure::ServerCpuMicrosPerCall),
            "peak_calls_per_s": of(Load::Peak, Figure::CallsPerSecond),
            "ring_p50_ms": of(Load::Thousand, Figure::RingP50),
            "ring_p99_ms": of(Load::Thousand, Figure::RingP99),
            "idle_bytes_per_device": of(Load::Idle, Figure::IdleBytes),
            "failed": self.sum(ours, Figure::Failed),
            "conditions": conditions.json(),
            "servers": servers,
        })
    }
}

/// The value in the middle, or between the two in the middle; `None` of none.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.get(values.len().checked_sub(1)? / 2)?, values.get(values.len() / 2)?);
    Some(f64::midpoint(*low, *high))
}

/// A column of the table.
struct Column {
    digits: usize,
    figures: &'static [Figure],
    head: &'static str,
    load: Load,
}

const COLUMNS: [Column; 9] = [
    Column {
        digits: 0,
        figures: &[Figure::ServerCpuMicrosPerCall],
        head: "CPU µs/call at 1,000/s",
        load: Load::Thousand,
    },
    Column { digits: 0, figures: &[Figure::ServerCpuMicrosPerCall], head: "at 100/s", load: Load::Hundred },
    Column { digits: 0, figures: &[Figure::CallsPerSecond], head: "peak calls/s", load: Load::Peak },
    Column {
        digits: 2,
        figures: &[Figure::RingP50, Figure::RingP99],
        head: "ring p50 / p99 ms",
        load: Load::Thousand,
    },
    Column {
        digits: 2,
        figures: &[Figure::AcceptP50, Figure::AcceptP99],
        head: "accept",
        load: Load::Thousand,
    },
    Column { digits: 2, figures: &[Figure::EndP50, Figure::EndP99], head: "end", load: Load::Thousand },
    Column { digits: 0, figures: &[Figure::IdleBytes], head: "bytes/idle device", load: Load::Idle },
    Column {
        digits: 2,
        figures: &[Figure::LoadCores, Figure::OtherCores],
        head: "cores of tool / others",
        load: Load::Thousand,
    },
    Column { digits: 0, figures: &[Figure::Failed], head: "failed", load: Load::Thousand },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_the_median_of_its_rounds() {
        let mut book = Book::default();
        for value in [90.0, 500.0, 80.0] {
            book.add(("ours", Load::Thousand), Figure::ServerCpuMicrosPerCall, Some(value));
        }
        assert_eq!(book.median("ours", Load::Thousand, Figure::ServerCpuMicrosPerCall), Some(90.0));
        book.add(("ours", Load::Thousand), Figure::ServerCpuMicrosPerCall, Some(100.0));
        assert_eq!(book.median("ours", Load::Thousand, Figure::ServerCpuMicrosPerCall), Some(95.0));
    }

    #[test]
    fn a_server_without_a_figure_shows_a_dash() {
        let mut book = Book::default();
        book.add(("ours", Load::Peak), Figure::CallsPerSecond, Some(12_345.6));
        book.add(("ours", Load::Peak), Figure::Failed, Some(2.0));
        book.add(("ours", Load::Thousand), Figure::Failed, Some(1.0));
        let table = book.table();
        let cells: Vec<&str> = table.lines().nth(2).expect("one server").split('|').map(str::trim).collect();
        assert_eq!(cells, ["", "ours", "–", "–", "12346", "–", "–", "–", "–", "–", "3", ""]);
    }
}
