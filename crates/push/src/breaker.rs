//! Leaves a vendor alone that does not take our credential.
use std::time::Duration;

use offhook_types::Timestamp;

use crate::Verdict;

/// How long a credential rests that was refused. More leaves devices asleep after it was mended, less annoys the vendor.
const REST: Duration = Duration::from_secs(60);
/// So many answers in a row that a vendor cannot are one too many.
const MOST_FAILURES: u32 = 20;

/// Watches over the credential of one vendor. A refused credential is a matter for the operator: until somebody mends it,
/// one push a minute is enough to find out.
#[derive(Debug, Default)]
pub struct Breaker {
    failures: u32,
    /// Until when nothing goes out; then one push may try.
    resting_until: Option<Timestamp>,
    is_trying: bool,
}

/// What a breaker lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// Everything.
    Closed,
    /// Nothing, until then.
    Open(Timestamp),
    /// One push, to find out.
    Trying,
}

impl Breaker {
    /// Whether a push may go out now. Where this says [`BreakerState::Trying`], the others wait for its verdict.
    pub fn admit(&mut self, now: Timestamp) -> BreakerState {
        match self.resting_until {
            None => BreakerState::Closed,
            Some(until) if now < until || self.is_trying => BreakerState::Open(until.max(now)),
            Some(_) => {
                self.is_trying = true;
                BreakerState::Trying
            }
        }
    }

    /// Until when it rests, for somebody to see; asking lets nothing through.
    #[must_use]
    pub fn resting_until(&self) -> Option<Timestamp> {
        self.resting_until
    }

    /// Learns from a verdict, and says whether the breaker has just opened, which the operator must hear of.
    pub fn learn(&mut self, now: Timestamp, verdict: &Verdict) -> bool {
        let was_open = self.resting_until.is_some();
        match verdict {
            Verdict::CredentialRefused { .. } => self.open(now),
            Verdict::Unavailable { .. } | Verdict::Unknown => {
                self.failures += 1;
                if was_open || self.failures >= MOST_FAILURES {
                    self.open(now);
                }
            }
            Verdict::Accepted { .. }
            | Verdict::AddressDead { .. }
            | Verdict::AddressMisfit
            | Verdict::WrongEnvironment { .. }
            | Verdict::Malformed { .. } => *self = Self::default(),
            // Says nothing of the credential, and nothing of the vendor's health.
            Verdict::Again | Verdict::Throttled { .. } => self.is_trying = false,
        }
        !was_open && self.resting_until.is_some()
    }

    fn open(&mut self, now: Timestamp) {
        *self = Self { failures: 0, resting_until: Some(now + REST), is_trying: false };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(100_000);

    fn refused() -> Verdict {
        Verdict::CredentialRefused { why: "InvalidProviderToken".into() }
    }

    #[test]
    fn a_refused_credential_rests_and_then_one_push_tries() {
        let mut breaker = Breaker::default();
        assert_eq!(breaker.admit(NOW), BreakerState::Closed);
        assert!(breaker.learn(NOW, &refused()));
        assert_eq!(breaker.admit(NOW), BreakerState::Open(NOW + REST));
        let later = NOW + REST;
        assert_eq!(breaker.admit(later), BreakerState::Trying);
        assert_eq!(breaker.admit(later), BreakerState::Open(later));
        assert!(!breaker.learn(later, &refused()), "the operator has heard of it");
        assert_eq!(breaker.admit(later), BreakerState::Open(later + REST));
        assert_eq!(breaker.admit(later + REST), BreakerState::Trying);
        breaker.learn(later + REST, &Verdict::Accepted { id: None });
        assert_eq!(breaker.admit(later + REST), BreakerState::Closed);
    }

    #[test]
    fn dead_addresses_say_that_the_credential_is_good() {
        let mut breaker = Breaker::default();
        breaker.learn(NOW, &refused());
        breaker.learn(NOW, &Verdict::AddressDead { since: None });
        assert_eq!(breaker.admit(NOW), BreakerState::Closed);
    }

    #[test]
    fn a_vendor_that_is_away_is_left_alone_after_a_while() {
        let mut breaker = Breaker::default();
        for _ in 1..MOST_FAILURES {
            assert!(!breaker.learn(NOW, &Verdict::Unavailable { after: None }));
        }
        assert_eq!(breaker.admit(NOW), BreakerState::Closed);
        assert!(breaker.learn(NOW, &Verdict::Unknown));
        assert_eq!(breaker.admit(NOW), BreakerState::Open(NOW + REST));
    }

    #[test]
    fn being_throttled_while_trying_lets_another_one_try() {
        let mut breaker = Breaker::default();
        breaker.learn(NOW, &refused());
        let later = NOW + REST;
        assert_eq!(breaker.admit(later), BreakerState::Trying);
        breaker.learn(later, &Verdict::Throttled { after: None });
        assert_eq!(breaker.admit(later), BreakerState::Trying);
    }
}
