//! The machine beside a model that is slow and obvious: a log of facts, from which everything is counted anew.
//! Random walks must find both of one mind, and hold the invariants.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the model names what matters to a rule; the machine, every pair"
)]
mod acts;
mod facts;
mod model;
mod view;
mod walk;
