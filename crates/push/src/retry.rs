//! Whether a push that was not taken is sent again.
use std::time::Duration;

use offhook_types::Timestamp;

use crate::Verdict;

/// How often a push is tried at most: a ring is too short for more.
const MOST_ATTEMPTS: u32 = 3;
/// The first pause where the vendor names none. More rings later, less asks a vendor in trouble for nothing.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Too little of a ring for anybody to reach the phone.
const LEAST_RING: Duration = Duration::from_secs(1);

/// An attempt that came to an end.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// Its number, from 1.
    pub number: u32,
    /// When the push is of no use any more.
    pub until: Timestamp,
    /// A number below 1,000 by chance, so that what failed together does not come back together.
    pub jitter: u32,
}

/// When to send again what was not taken; `None` for never. A push that may have been taken is never sent again, so that no
/// phone rings twice; and never with a pause that the ring does not outlast.
#[must_use]
pub fn next_attempt(now: Timestamp, attempt: Attempt, verdict: &Verdict) -> Option<Timestamp> {
    if attempt.number >= MOST_ATTEMPTS {
        return None;
    }
    let growing = FIRST_PAUSE * 2_u32.pow(attempt.number - 1);
    let pause = match verdict {
        Verdict::Again | Verdict::WrongEnvironment { .. } => Duration::ZERO,
        Verdict::Unavailable { after } => after.unwrap_or(growing + growing * attempt.jitter / 1_000),
        Verdict::Throttled { after } => (*after)?,
        Verdict::Accepted { .. }
        | Verdict::AddressDead { .. }
        | Verdict::AddressMisfit
        | Verdict::CredentialRefused { .. }
        | Verdict::Malformed { .. }
        | Verdict::Unknown => return None,
    };
    let at = now + pause;
    (at + LEAST_RING <= attempt.until).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Environment;

    const NOW: Timestamp = Timestamp::from_millis(100_000);

    fn attempt(number: u32, ring_s: u64) -> Attempt {
        Attempt { number, until: NOW + Duration::from_secs(ring_s), jitter: 500 }
    }

    fn pause(number: u32, ring_s: u64, verdict: &Verdict) -> Option<u64> {
        let at = next_attempt(NOW, attempt(number, ring_s), verdict)?;
        Some(at.since(NOW).as_millis().try_into().expect("a short pause"))
    }

    #[test]
    fn a_vendor_in_trouble_is_asked_twice_more_with_growing_pauses() {
        let verdict = Verdict::Unavailable { after: None };
        let pauses: Vec<_> = (1..=3).map(|number| pause(number, 30, &verdict)).collect();
        assert_eq!(pauses, [Some(750), Some(1_500), None]);
    }

    #[test]
    fn what_the_vendor_says_holds_and_only_inside_the_ring() {
        let after = |seconds| Verdict::Unavailable { after: Some(Duration::from_secs(seconds)) };
        assert_eq!(pause(1, 30, &after(20)), Some(20_000));
        assert_eq!(pause(1, 30, &after(30)), None);
        let throttled = |after| Verdict::Throttled { after };
        assert_eq!(pause(1, 30, &throttled(Some(Duration::from_secs(2)))), Some(2_000));
        assert_eq!(pause(1, 30, &throttled(None)), None);
    }

    #[test]
    fn what_a_fresh_token_mends_is_mended_at_once() {
        assert_eq!(pause(1, 30, &Verdict::Again), Some(0));
        assert_eq!(pause(2, 30, &Verdict::WrongEnvironment { other: Environment::Sandbox }), Some(0));
        assert_eq!(pause(3, 30, &Verdict::Again), None);
        assert_eq!(pause(1, 0, &Verdict::Again), None);
    }

    #[test]
    fn what_may_have_been_taken_and_what_never_will_be_is_left() {
        let why = || "no".into();
        for verdict in [
            Verdict::Accepted { id: None },
            Verdict::Unknown,
            Verdict::AddressDead { since: None },
            Verdict::AddressMisfit,
            Verdict::CredentialRefused { why: why() },
            Verdict::Malformed { why: why() },
        ] {
            assert_eq!(pause(1, 30, &verdict), None, "{verdict:?}");
        }
    }
}
