//! The fault table: what each kind of fault came to over all rounds.
use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use super::{faults::Fault, pulse::Effect};

/// The rounds of one kind.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    acknowledged: u64,
    failed: u64,
    longest_wait: Duration,
    lost: u64,
    nobody: Duration,
    normal_after: Duration,
    rounds: u64,
    violations: usize,
}

/// All rounds.
#[derive(Default)]
pub(crate) struct Table(BTreeMap<Fault, Row>);

impl Table {
    /// Enters a round.
    pub(crate) fn enter(&mut self, fault: Fault, effect: &Effect, (acknowledged, violations): (u64, usize)) {
        let row = self.0.entry(fault).or_default();
        row.acknowledged += acknowledged;
        row.failed += effect.failed;
        row.longest_wait = row.longest_wait.max(effect.longest_wait);
        row.lost += effect.lost;
        row.nobody = row.nobody.max(effect.nobody);
        row.normal_after = row.normal_after.max(effect.normal_after.unwrap_or(Duration::MAX));
        row.rounds += 1;
        row.violations += violations;
    }

    /// How many violations were entered.
    pub(crate) fn violations(&self) -> usize {
        self.0.values().map(|row| row.violations).sum()
    }

    /// The last line: faults, rounds, violations.
    pub(crate) fn summary(&self) -> String {
        let rounds: u64 = self.0.values().map(|row| row.rounds).sum();
        let violations = self.violations();
        format!("crash: {} faults, {rounds} rounds, {violations} violations", self.0.len())
    }

    /// As a table of Markdown.
    pub(crate) fn text(&self) -> String {
        let mut text = "| fault | rounds | acknowledged | refused | line died | nobody served | one waited | usual again after | violations |\n\
                        |---|---|---|---|---|---|---|---|---|\n"
            .to_owned();
        for (fault, row) in &self.0 {
            let Row { acknowledged, failed, longest_wait, lost, nobody, normal_after, rounds, violations } =
                row;
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "| `{}` | {rounds} | {acknowledged} | {failed} | {lost} | {} | {} | {} | {violations} |",
                fault.name(),
                seconds(*nobody),
                seconds(*longest_wait),
                seconds(*normal_after),
            );
        }
        text
    }
}

/// A span of time for people.
pub(crate) fn seconds(span: Duration) -> String {
    if span == Duration::MAX { "not seen".to_owned() } else { format!("{:.1} s", span.as_secs_f64()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_of_a_fault_share_a_row() {
        let mut table = Table::default();
        let effect = |seconds| Effect {
            failed: 2,
            longest_wait: Duration::from_secs(seconds),
            normal_after: Some(Duration::ZERO),
            ..Effect::default()
        };
        table.enter(Fault::KillNode, &effect(3), (100, 0));
        table.enter(Fault::KillNode, &effect(1), (50, 1));
        table.enter(Fault::StopBus, &Effect::default(), (10, 0));
        let text = table.text();
        assert!(text.contains("| `kill-node` | 2 | 150 | 4 | 0 | 0.0 s | 3.0 s | 0.0 s | 1 |"), "{text}");
        assert!(text.contains("not seen"), "{text}");
        assert_eq!(table.summary(), "crash: 2 faults, 3 rounds, 1 violations");
    }
}
