//! What is known of a credential: whether it is refused, what failed last, how many pushes came to what.
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use offhook_push::{Address, Breaker, BreakerState, Verdict};
use offhook_types::Timestamp;

/// While one push finds out whether a vendor is back, the others come again after this.
const WHILE_TRYING: Duration = Duration::from_secs(1);

/// The time, as the assembly keeps it.
pub(crate) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How a line does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineState {
    /// Connections that live.
    pub connections: usize,
    /// When the client certificate ends, if there is one.
    pub identity_expires: Option<Timestamp>,
    /// Why the latest push could not be sent, in a sentence that says what to do; `None` since one could.
    pub last_failure: Option<Arc<str>>,
    /// Why the vendor does not take the credential, in its words, while it does not.
    pub refused: Option<Arc<str>>,
    /// Until when nothing goes out, because the vendor refused the credential or could not for long; then one push tries.
    pub resting_until: Option<Timestamp>,
    /// How many pushes came to which verdict, by [`Verdict::as_str`], since the start.
    pub verdicts: BTreeMap<&'static str, u64>,
}

pub(crate) struct Health {
    clock: Clock,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    breaker: Breaker,
    last_failure: Option<Arc<str>>,
    refused: Option<Arc<str>>,
    verdicts: BTreeMap<&'static str, u64>,
}

impl Health {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, known: Mutex::default() }
    }

    /// Lets a push through, or says what to answer in the vendor's place.
    pub(crate) fn admit(&self, address: &Address) -> Result<Trial<'_>, Verdict> {
        let now = (self.clock)();
        let mut known = self.known();
        match known.breaker.admit(now) {
            BreakerState::Closed | BreakerState::Trying => {
                let learns_of_absence = !matches!(address, Address::Web(_));
                Ok(Trial { health: self, is_open: true, learns_of_absence })
            }
            BreakerState::Open(until) => Err(match &known.refused {
                Some(why) => Verdict::CredentialRefused { why: why.to_string().into() },
                None => Verdict::Unavailable { after: Some(until.since(now).max(WHILE_TRYING)) },
            }),
        }
    }

    pub(crate) fn counted(&self, verdict: Verdict) -> Verdict {
        *self.known().verdicts.entry(verdict.as_str()).or_default() += 1;
        verdict
    }

    /// Says once what is wrong, and takes note of it; `None` once all is well.
    pub(crate) fn note(&self, failure: Option<&Arc<str>>) {
        let mut known = self.known();
        if known.last_failure.as_ref() != failure {
            if let Some(why) = failure {
                tracing::warn!(why = &**why, "a push cannot be sent");
            }
            known.last_failure = failure.cloned();
        }
    }

    /// What is known, without what others know.
    pub(crate) fn state(&self) -> LineState {
        let known = self.known();
        LineState {
            last_failure: known.last_failure.clone(),
            refused: known.refused.clone(),
            resting_until: known.breaker.resting_until(),
            verdicts: known.verdicts.clone(),
            ..LineState::default()
        }
    }

    fn learn(&self, lesson: &Verdict) {
        let mut known = self.known();
        let has_opened = known.breaker.learn((self.clock)(), lesson);
        match lesson {
            Verdict::CredentialRefused { why } => {
                if has_opened {
                    tracing::error!(
                        why = &**why,
                        "the vendor refuses this credential: nothing is sent with it for a minute"
                    );
                }
                known.refused = Some(why.as_ref().into());
            }
            Verdict::Unavailable { .. } | Verdict::Unknown => {
                if has_opened {
                    tracing::warn!(
                        "the vendor has been away for many pushes: nothing is sent to it for a minute"
                    );
                }
            }
            Verdict::Accepted { .. }
            | Verdict::AddressDead { .. }
            | Verdict::AddressMisfit
            | Verdict::WrongEnvironment { .. }
            | Verdict::Malformed { .. } => known.refused = None,
            Verdict::Throttled { .. } | Verdict::Again => {}
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A push that the breaker let through. If it is given up, the next one finds out.
pub(crate) struct Trial<'a> {
    health: &'a Health,
    is_open: bool,
    /// Whether a vendor that is away is held against the credential. Not for browsers: an endpoint that leads nowhere, named by any
    /// client, must not silence all others.
    learns_of_absence: bool,
}

impl Trial<'_> {
    pub(crate) fn end(mut self, verdict: &Verdict) {
        self.is_open = false;
        let is_absence = matches!(verdict, Verdict::Unavailable { .. } | Verdict::Unknown);
        self.health.learn(if is_absence && !self.learns_of_absence { &Verdict::Again } else { verdict });
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        if self.is_open {
            self.health.learn(&Verdict::Again);
        }
    }
}
