//! What processes cost, as Linux's /proc tells it.
use std::{collections::BTreeMap, fs, time::Duration};

use anyhow::{Context as _, Result};

/// A process and those that descend from it, as they were when they were looked for.
pub(crate) struct Processes(Vec<u32>);

/// A process whose CPU is told apart, and those that it started.
pub(crate) struct Part {
    pub(crate) name: String,
    root: u32,
}

/// CPU time of processes, both ways of counting; ended children that were not waited for are missing from both.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cpu {
    /// From the scheduler, of live threads: exact to nanoseconds, but blind for threads that have ended.
    pub(crate) scheduled: Duration,
    /// User and system time: in steps of 10 ms, with ended threads.
    pub(crate) times: Duration,
}

impl Processes {
    /// Finds the process and its descendants.
    pub(crate) fn of(root: u32) -> Result<Self> {
        stat(root).with_context(|| format!("there is no process {root}"))?;
        Ok(Self(descendants(root)?))
    }

    /// This process alone.
    pub(crate) fn own() -> Self {
        Self(vec![std::process::id()])
    }

    /// What they have used since they began.
    pub(crate) fn cpu(&self) -> Cpu {
        let sum = |of: fn(u32) -> Option<Duration>| self.0.iter().filter_map(|pid| of(*pid)).sum();
        Cpu { scheduled: sum(scheduled), times: sum(times) }
    }

    /// Their memory, in bytes; pages that several share are counted once (proportional set size). Takes milliseconds for a
    /// large process.
    pub(crate) fn memory(&self) -> u64 {
        let of = |pid: &u32| {
            let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
            let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
            Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
        };
        self.0.iter().filter_map(of).sum()
    }
}

impl Part {
    /// A part of this name, around a process.
    pub(crate) fn new(name: &str, root: u32) -> Result<Self> {
        stat(root).with_context(|| format!("there is no process {root} for {name}"))?;
        Ok(Self { name: name.to_owned(), root })
    }

    /// User and system time of all its processes since they began, those of the past included whose parents waited for them:
    /// what a server starts for a connection and ends with it is not lost. `None` once the process is gone.
    pub(crate) fn times(&self) -> Option<Duration> {
        let own = times_with_ended(self.root)?;
        let all = descendants(self.root).ok()?;
        Some(own + all.into_iter().skip(1).filter_map(times_with_ended).sum::<Duration>())
    }
}

impl Cpu {
    /// What was used since an earlier look.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            scheduled: self.scheduled.saturating_sub(earlier.scheduled),
            times: self.times.saturating_sub(earlier.times),
        }
    }
}

/// The process and all that descend from it at this moment.
fn descendants(root: u32) -> Result<Vec<u32>> {
    let mut parents = BTreeMap::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let parent = stat(pid).and_then(|fields| fields.get(PARENT)?.parse::<u32>().ok());
        parents.extend(parent.map(|parent| (pid, parent)));
    }
    let mut found = vec![root];
    let mut at = 0;
    while let Some(&parent) = found.get(at) {
        found.extend(parents.iter().filter(|(_, its)| **its == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    Ok(found)
}

/// CPU time of the whole machine, idleness and waiting left out.
pub(crate) fn machine() -> Duration {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let fields = text.lines().next().unwrap_or_default().split_whitespace().skip(1);
    let times: Vec<u64> = fields.filter_map(|field| field.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq; proc(5)
    ticks([0, 1, 2, 5, 6].iter().filter_map(|at| times.get(*at)).sum())
}

/// Places in [`stat`], which begins with field 3 of proc(5).
const PARENT: usize = 1;
const USER: usize = 11;
const SYSTEM: usize = 12;
const ENDED_USER: usize = 13;
const ENDED_SYSTEM: usize = 14;

/// The fields of /proc/PID/stat behind the name, which may hold anything.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

fn times(pid: u32) -> Option<Duration> {
    sum_of(pid, &[USER, SYSTEM])
}

/// With what its ended children used, as far as it waited for them.
fn times_with_ended(pid: u32) -> Option<Duration> {
    sum_of(pid, &[USER, SYSTEM, ENDED_USER, ENDED_SYSTEM])
}

fn sum_of(pid: u32, places: &[usize]) -> Option<Duration> {
    let fields = stat(pid)?;
    let sum = places.iter().map(|at| fields.get(*at)?.parse::<u64>().ok()).sum::<Option<u64>>();
    sum.map(ticks)
}

fn ticks(count: u64) -> Duration {
    Duration::from_nanos(count * (1_000_000_000 / rustix::param::clock_ticks_per_second()))
}

fn scheduled(pid: u32) -> Option<Duration> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let nanos = threads.flatten().filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Some(Duration::from_nanos(nanos.sum()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_cpu_and_memory() {
        let own = Processes::own();
        assert!(own.cpu().scheduled > Duration::ZERO);
        assert!(own.memory() > 100 * 1024);
        assert!(machine() > Duration::ZERO);
    }

    #[test]
    fn a_child_is_found_and_a_missing_process_is_said() {
        let mut child =
            std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let found = Processes::of(std::process::id()).unwrap();
        assert!(found.0.contains(&child.id()));
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(Processes::of(child.id()).is_err());
    }

    #[test]
    fn a_part_keeps_what_its_ended_children_used() {
        let part = Part::new("shell", std::process::id()).unwrap();
        let before = part.times().unwrap();
        let mut shell = std::process::Command::new("sh");
        let busy = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done";
        shell.args(["-c", busy]).status().unwrap();
        let used = part.times().unwrap().saturating_sub(before);
        assert!(used >= Duration::from_millis(20), "a loop of 300,000 turns used {used:?}");
    }

    #[test]
    fn a_part_that_is_gone_has_no_figure() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let part = Part { name: "gone".to_owned(), root: child.id() };
        child.wait().unwrap();
        assert_eq!(part.times(), None);
        assert!(Part::new("gone", child.id()).is_err());
    }
}
