//! Scenarios and a random walk.
