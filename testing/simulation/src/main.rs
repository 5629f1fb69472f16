//! Plays seeds and says what they showed.
use std::{
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};

use clap::Parser;
use offhook_testing_simulation::{Counts, Failure, Played, play, play_aloud};

/// Seeds that once failed, each with what it showed. They are played first.
const REGRESSIONS: &str = include_str!("../regressions.txt");

/// Which worlds to play.
#[derive(Parser)]
struct Options {
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// One seed alone.
    #[arg(long)]
    seed: Option<u64>,
    /// How many seeds to play.
    #[arg(long, default_value_t = 20_000)]
    seeds: u64,
    /// How many threads to play them on.
    #[arg(long, default_value_t = 2)]
    threads: u32,
    /// Prints everything that happens in the seed.
    #[arg(long, requires = "seed")]
    trace: bool,
}

/// What all seeds together showed.
#[derive(Default)]
struct Tally {
    counts: Mutex<Counts>,
    events: AtomicU64,
    failures: Mutex<Vec<(u64, Failure)>>,
    stop: AtomicBool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let begin = now();
    let tally = Tally::default();
    let seeds = match options.seed {
        Some(seed) => {
            tally.take(seed, if options.trace { play_aloud(seed) } else { play(seed) });
            1
        }
        None => play_all(&options, &tally),
    };
    let mut failures = tally.failures.into_inner().expect("no player panics");
    failures.sort_by_key(|(seed, _)| *seed);
    for (seed, failure) in &failures {
        report(*seed, failure);
    }
    println!("{}", tally.counts.into_inner().expect("no player panics"));
    let seconds = begin.elapsed().as_secs_f64();
    let events = tally.events.into_inner();
    let rate = seeds as f64 / seconds;
    println!(
        "simulated {seeds} seeds, {events} events, {} violations, {seconds:.1} s, {rate:.0} seeds/s",
        failures.len()
    );
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Plays the seeds that once failed, then those that are asked for. Returns how many.
fn play_all(options: &Options, tally: &Tally) -> u64 {
    let known = REGRESSIONS.lines().filter_map(|line| line.split_whitespace().next()?.parse().ok());
    let seeds: Vec<u64> = known.chain(options.from..options.from + options.seeds).collect();
    let next = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..options.threads.max(1) {
            scope.spawn(|| {
                while !tally.stop.load(Ordering::Relaxed) {
                    let place = usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap_or(usize::MAX);
                    let Some(seed) = seeds.get(place) else { return };
                    tally.take(*seed, play(*seed));
                }
            });
        }
    });
    next.into_inner().min(seeds.len() as u64)
}

impl Tally {
    /// How many failures are enough to read.
    const ENOUGH: usize = 5;

    fn take(&self, seed: u64, played: Played) {
        self.events.fetch_add(played.events, Ordering::Relaxed);
        *self.counts.lock().expect("no player panics") += played.counts;
        if let Some(failure) = played.failure {
            let mut failures = self.failures.lock().expect("no player panics");
            failures.push((seed, failure));
            if failures.len() >= Self::ENOUGH {
                self.stop.store(true, Ordering::Relaxed);
            }
        }
    }
}

fn report(seed: u64, failure: &Failure) {
    println!("seed {seed}: {}", failure.what);
    for line in &failure.lines {
        println!("    {line}");
    }
    println!("    replay: cargo xtask simulate --seed {seed} --trace\n");
}

#[expect(clippy::disallowed_methods, reason = "how long playing took is about the real world")]
fn now() -> Instant {
    Instant::now()
}
