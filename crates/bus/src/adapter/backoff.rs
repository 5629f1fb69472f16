//! How long to wait before the next attempt.
use std::time::Duration;

/// The first wait; each one after it is twice as long.
const FIRST: Duration = Duration::from_millis(50);
/// The longest. Less knocks more often at a server that is down, more finds out later that it is back.
const LONGEST: Duration = Duration::from_secs(2);

/// Waits that grow, each shortened by chance so that the nodes of a cluster do not come back all at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backoff {
    attempts: u32,
}

impl Backoff {
    /// The wait before attempt `attempt`, counted from zero: between half and all of 50 ms, 100 ms, and so on up to 2 s. `chance` is a
    /// random number.
    #[must_use]
    pub fn wait(attempt: u32, chance: u32) -> Duration {
        let whole = FIRST.saturating_mul(1 << attempt.min(10)).min(LONGEST);
        whole.mul_f64(1.0 - f64::from(chance) / f64::from(u32::MAX) / 2.0)
    }

    /// As [`Backoff::wait`], with a chance of its own.
    #[must_use]
    pub fn delay(attempt: u32) -> Duration {
        Self::wait(attempt, super::identity::chance())
    }

    /// The wait before the next attempt.
    #[must_use]
    pub fn next_wait(&mut self) -> Duration {
        let wait = Self::delay(self.attempts);
        self.attempts = self.attempts.saturating_add(1);
        wait
    }

    /// It has worked: the next wait is short again.
    pub fn reset(&mut self) {
        self.attempts = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_limit_and_differ_by_chance() {
        let millis = |attempt, chance| Backoff::wait(attempt, chance).as_millis();
        assert_eq!(
            [millis(0, 0), millis(1, 0), millis(5, 0), millis(6, 0), millis(u32::MAX, 0)],
            [50, 100, 1_600, 2_000, 2_000]
        );
        assert_eq!([millis(0, u32::MAX), millis(9, u32::MAX)], [25, 1_000]);
    }
}
