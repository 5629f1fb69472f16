//! What the loads on two nodes cost: read from the load tool's reports, shown as medians.
use serde_json::{Map, Value, json};

use super::super::{book, table};

/// The closed loop's name in the table.
pub(super) const PEAK: &str = "as many calls as go";

/// A call is three transitions of its machine, each committed: invite, accept, end.
const TRANSITIONS: f64 = 3.0;

/// Columns of the table: their head, where the load tool's report has the figures, and digits behind the point.
const COLUMNS: [(&str, &[&str], usize); 10] = [
    ("CPU µs/call: node-1", &["/parts_cpu_us_per_call/node-1"], 0),
    ("node-2", &["/parts_cpu_us_per_call/node-2"], 0),
    ("postgres", &["/parts_cpu_us_per_call/postgres"], 0),
    ("nats", &["/parts_cpu_us_per_call/nats"], 0),
    ("sum", &["/parts_cpu_us_per_call/sum"], 0),
    ("calls/s", &["/calls_per_s"], 0),
    ("ring p50 / p99 ms", &["/ring_ms/p50", "/ring_ms/p99"], 2),
    ("accept", &["/accept_ms/p50", "/accept_ms/p99"], 2),
    ("end", &["/end_ms/p50", "/end_ms/p99"], 2),
    ("cores of tool / others", &["/load_cores", "/other_cores"], 2),
];

/// The reports of a run, by load.
#[derive(Default)]
pub(super) struct Figures(Vec<(String, Vec<Value>)>);

impl Figures {
    /// Takes a report down under the load's name.
    pub(super) fn add(&mut self, load: &str, report: Value) {
        match self.0.iter_mut().find(|(name, _)| name == load) {
            Some((_, reports)) => reports.push(report),
            None => self.0.push((load.to_owned(), vec![report])),
        }
    }

    /// How many calls failed in all loads and rounds.
    pub(super) fn failed(&self) -> f64 {
        self.0.iter().map(|(_, reports)| failed(reports)).sum()
    }

    /// A line for each load.
    pub(super) fn table(&self) -> String {
        let heads = COLUMNS.iter().map(|(head, ..)| *head);
        let head = ["load"].into_iter().chain(heads).chain(["transitions/s", "failed"]).map(str::to_owned);
        let mut lines = vec![head.collect()];
        for (name, reports) in &self.0 {
            let cells = COLUMNS.iter().map(|(_, places, digits)| cell(reports, places, *digits));
            let transitions = transitions(reports).map_or_else(dash, |value| format!("{value:.0}"));
            let last = [transitions, format!("{:.0}", failed(reports))];
            lines.push([name.clone()].into_iter().chain(cells).chain(last).collect());
        }
        table::text(&lines)
    }

    /// The headline figures, then every load's.
    pub(super) fn json(&self) -> Value {
        let loads: Vec<Value> = self.0.iter().map(|(name, reports)| figures_of(name, reports)).collect();
        let of = |name: Option<&str>, figure: &str| {
            let load = match name {
                Some(name) => loads.iter().find(|load| load["load"] == name),
                None => loads.first(),
            };
            load.map_or(Value::Null, |load| load[figure].clone())
        };
        json!({
            "cpu_us_per_call": of(None, "parts_cpu_us_per_call_sum"),
            "ring_p50_ms": of(None, "ring_ms_p50"),
            "ring_p99_ms": of(None, "ring_ms_p99"),
            "peak_calls_per_s": of(Some(PEAK), "calls_per_s"),
            "peak_transitions_per_s": of(Some(PEAK), "transitions_per_s"),
            "failed": self.failed(),
            "loads": loads,
        })
    }
}

fn figures_of(name: &str, reports: &[Value]) -> Value {
    let mut figures = Map::new();
    figures.insert("load".to_owned(), json!(name));
    for place in COLUMNS.iter().flat_map(|(_, places, _)| *places) {
        figures.insert(place[1..].replace('/', "_"), json!(median(reports, place)));
    }
    figures.insert("transitions_per_s".to_owned(), json!(transitions(reports)));
    figures.insert("failed".to_owned(), json!(failed(reports)));
    Value::Object(figures)
}

fn cell(reports: &[Value], places: &[&str], digits: usize) -> String {
    let shown = places.iter().map(|place| Some(format!("{:.*}", digits, median(reports, place)?)));
    shown.collect::<Option<Vec<_>>>().map_or_else(dash, |shown| shown.join(" / "))
}

fn dash() -> String {
    "–".to_owned()
}

fn median(reports: &[Value], place: &str) -> Option<f64> {
    book::median(reports.iter().filter_map(|report| report.pointer(place)?.as_f64()).collect())
}

fn transitions(reports: &[Value]) -> Option<f64> {
    median(reports, "/calls_per_s").map(|calls| calls * TRANSITIONS)
}

fn failed(reports: &[Value]) -> f64 {
    reports.iter().filter_map(|report| report["failed"].as_f64()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(sum: f64, failed: u32) -> Value {
        json!({
            "parts_cpu_us_per_call": { "node-1": 100.0, "sum": sum },
            "calls_per_s": 500.0,
            "ring_ms": { "p50": 1.25, "p99": 4.0 },
            "failed": failed,
        })
    }

    #[test]
    fn a_load_has_the_medians_of_its_rounds_and_all_failed_calls() {
        let mut figures = Figures::default();
        for sum in [400.0, 900.0, 380.0] {
            figures.add("500 calls/s", report(sum, 1));
        }
        figures.add(PEAK, report(200.0, 0));
        let table = figures.table();
        let cells: Vec<&str> =
            table.lines().nth(2).expect("the first load").split('|').map(str::trim).collect();
        let shown = [
            "",
            "500 calls/s",
            "100",
            "–",
            "–",
            "–",
            "400",
            "500",
            "1.25 / 4.00",
            "–",
            "–",
            "–",
            "1500",
            "3",
            "",
        ];
        assert_eq!(cells, shown);
        let object = figures.json();
        assert_eq!((&object["cpu_us_per_call"], &object["failed"]), (&json!(400.0), &json!(3.0)));
        assert_eq!(object["peak_transitions_per_s"], json!(1500.0));
        assert_eq!(object["loads"][1]["parts_cpu_us_per_call_sum"], json!(200.0));
    }
}
