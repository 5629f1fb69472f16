//! The deterministic simulator: everything that has state in Offhook, real code, in one thread and in virtual time.
//!
//! A seed is a world: users with devices, each the real `client-core` machine with an app and a user on top; links that
//! are slow, break, or fall silent; a node of real `session` machines and the real call-control; and the memory model of
//! the store behind a weather of pauses, errors and lost answers. One queue says what happens next and one stream of
//! numbers decides whatever is left to chance, so a seed is always the same world.
//!
//! First things break, then everything heals and nobody wishes anything more, and then all must agree. What must be true
//! at every moment is checked at every moment; docs/testing.md lists the invariants by number.
//!
//! Not here: media, tokens and credentials (honest texts), real sockets, vendors' own wire, and more than one node.

mod app;
mod attendance;
mod device;
mod habits;
mod hub;
mod ledger;
mod link;
mod pushes;
mod queue;
mod random;
mod rules;
mod server;
mod simulation;
mod stage;
mod store;
mod swarm;
mod token;
mod trace;
mod trouble;
mod verdict;
mod wire;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub use pushes::Counts;
use simulation::{Outcome, Simulation};
use trace::Keeping;

/// How often a seed is played twice, to see that it is the same world both times.
const TWICE_EVERY: u64 = 50;

/// A seed that was played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// What happened with pushes.
    pub counts: Counts,
    /// How many things happened.
    pub events: u64,
    /// What went wrong, if anything did.
    pub failure: Option<Failure>,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The last lines of the trace.
    pub lines: Vec<String>,
    /// The invariant and how it was broken.
    pub what: String,
}

/// Plays a seed; one of fifty twice. A failure is played again to tell how it came about.
#[must_use]
pub fn play(seed: u64) -> Played {
    let first = run(seed, Keeping::Hash);
    let differs = seed.is_multiple_of(TWICE_EVERY) && run(seed, Keeping::Hash).hash != first.hash;
    let Some(violation) = &first.violation else {
        let what = "the same seed gave two different worlds".to_owned();
        let failure = differs.then(|| Failure { lines: Vec::new(), what });
        return Played { counts: first.counts, events: first.events, failure };
    };
    let lines = run(seed, Keeping::Tail).lines;
    let what = format!("{}: {}", violation.invariant, violation.what);
    Played { counts: first.counts, events: first.events, failure: Some(Failure { lines, what }) }
}

/// Plays a seed and prints everything that happens in it.
#[must_use]
pub fn play_aloud(seed: u64) -> Played {
    let outcome = run(seed, Keeping::All);
    let failure = outcome.violation.map(|violation| Failure {
        lines: Vec::new(),
        what: format!("{}: {}", violation.invariant, violation.what),
    });
    Played { counts: outcome.counts, events: outcome.events, failure }
}

fn run(seed: u64, keeping: Keeping) -> Outcome {
    let played = catch_unwind(AssertUnwindSafe(|| Simulation::new(seed, keeping).play()));
    played.unwrap_or_else(|_| Outcome {
        counts: Counts::default(),
        events: 0,
        hash: 0,
        lines: Vec::new(),
        violation: Some(ledger::Violation::of("I0", "a machine panicked")),
    })
}
