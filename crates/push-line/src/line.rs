//! The line: one credential, its connections, and what becomes of each push.
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::Request;
use offhook_push::{Address, Answer, Order, Prepared, Unsendable, Vendor, Verdict};
use offhook_types::Timestamp;
use tokio::time::timeout;

use crate::{
    Identity, LineConfig, LineError, LineState,
    connection::Pings,
    dial::Dialer,
    exchange::{Begun, Failure},
    flight::Flight,
    health::{Clock, Health},
    origin::Origin,
    pool::{Manner, Pool, Sent, Slot},
    reach::Reach,
};

/// Sends pushes to one vendor under one credential.
pub struct Line {
    allow_private: bool,
    base: Option<Origin>,
    clock: Clock,
    health: Health,
    identity_expires: Option<Timestamp>,
    pool: Pool,
    request_timeout: Duration,
    token: Flight<Result<(), Verdict>>,
    vendor: Mutex<Box<dyn Vendor>>,
}

/// What can be done at once.
enum Step {
    AskForToken,
    Sent(Sent),
    Wait(Origin),
}

/// Why nothing more is tried.
enum Stop {
    Unsendable(Unsendable),
    Verdict(Verdict),
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("state", &self.state()).finish_non_exhaustive()
    }
}

impl Line {
    /// A line under this vendor's credential. Connects when the first push goes out.
    ///
    /// # Errors
    /// [`LineError`].
    pub fn new(vendor: Box<dyn Vendor>, config: LineConfig, clock: Clock) -> Result<Self, LineError> {
        let (base, allow_private, request_timeout) =
            (config.base()?, config.allow_private, config.request_timeout);
        let identity_expires = config.identity.as_ref().map(Identity::expires);
        let dialer = Dialer {
            connect_timeout: config.connect_timeout,
            has_identity: identity_expires.is_some(),
            pings: Pings { interval: config.ping_interval, timeout: config.connect_timeout },
            tls: config.into_tls()?,
        };
        Ok(Self {
            allow_private,
            base,
            health: Health::new(Arc::clone(&clock)),
            clock,
            identity_expires,
            pool: Pool::new(dialer, request_timeout / 10),
            request_timeout,
            token: Flight::default(),
            vendor: Mutex::new(vendor),
        })
    }

    /// Sends one push and says what came of it, within the timeouts of connecting and of an answer. What a fresh token or a fresh
    /// connection mends is mended in here, once. May be given up at any time.
    ///
    /// # Errors
    /// [`Unsendable`] says why it cannot be carried to this address; [`Unsendable::Host`] also for a browser's endpoint in a private
    /// network.
    pub async fn send(&self, order: &Order, address: &Address) -> Result<Verdict, Unsendable> {
        let trial = match self.health.admit(address) {
            Ok(trial) => trial,
            Err(verdict) => return Ok(self.health.counted(verdict)),
        };
        let verdict = match self.carry(order, address).await {
            Ok(verdict) | Err(Stop::Verdict(verdict)) => verdict,
            Err(Stop::Unsendable(why)) => return Err(why),
        };
        trial.end(&verdict);
        Ok(self.health.counted(verdict))
    }

    /// How the line does.
    #[must_use]
    pub fn state(&self) -> LineState {
        LineState {
            connections: self.pool.connections(),
            identity_expires: self.identity_expires,
            ..self.health.state()
        }
    }

    async fn carry(&self, order: &Order, address: &Address) -> Result<Verdict, Stop> {
        let (mut may_try_again, mut may_dial_again) = (true, true);
        loop {
            let mut sent = self.begin(order, address).await?;
            match self.answer(&mut sent).await {
                Ok(answer) => {
                    let verdict = self.verdict(address, &answer, &sent);
                    if verdict == Verdict::Again && std::mem::take(&mut may_try_again) {
                        continue;
                    }
                    return Ok(verdict);
                }
                Err(Failure::Unsent(_)) if sent.was_kept() && std::mem::take(&mut may_dial_again) => {}
                Err(failure) => return Err(self.stop(failure)),
            }
        }
    }

    fn verdict(&self, address: &Address, answer: &Answer, sent: &Sent) -> Verdict {
        self.health.note(None);
        let verdict = lock(&self.vendor).verdict((self.clock)(), address, answer);
        match verdict {
            Verdict::Again => sent.retire(),
            Verdict::CredentialRefused { .. } => {}
            Verdict::Accepted { .. }
            | Verdict::AddressDead { .. }
            | Verdict::AddressMisfit
            | Verdict::WrongEnvironment { .. }
            | Verdict::Throttled { .. }
            | Verdict::Unavailable { .. }
            | Verdict::Malformed { .. }
            | Verdict::Unknown => sent.prove(),
        }
        verdict
    }

    /// What a push comes to that has no answer.
    fn stop(&self, failure: Failure) -> Stop {
        Stop::Verdict(match failure {
            Failure::Forbidden => return Stop::Unsendable(Unsendable::Host),
            Failure::Lost => Verdict::Unknown,
            Failure::Certificate(why) => {
                self.health.note(Some(&why));
                Verdict::CredentialRefused { why: why.to_string().into() }
            }
            Failure::Unsent(why) => {
                self.health.note(Some(&why));
                Verdict::Unavailable { after: None }
            }
        })
    }

    /// Sends the push, after whatever must come first.
    async fn begin(&self, order: &Order, address: &Address) -> Result<Sent, Stop> {
        let manner = self.manner(address);
        let mut slot = None;
        loop {
            match self.step(order, address, &mut slot).map_err(Stop::Unsendable)? {
                Step::Sent(sent) => return Ok(sent),
                Step::AskForToken => {
                    let token = self.token.run(|| self.ask_for_token(order, address)).await;
                    token.map_err(Stop::Verdict)?;
                }
                Step::Wait(origin) => {
                    let free = self.slot(&origin, manner).await;
                    slot = Some(free.map_err(|failure| self.stop(failure))?);
                }
            }
        }
    }

    /// Makes the request and puts it on its way in one piece, so that requests leave in the order in which they were made: a vendor
    /// never sees an older token after a newer one. What had to wait is made anew, and says how much of the ring is left by then.
    fn step(&self, order: &Order, address: &Address, slot: &mut Option<Slot>) -> Result<Step, Unsendable> {
        let mut vendor = lock(&self.vendor);
        let mut request = match vendor.prepare((self.clock)(), order, address)? {
            Prepared::Push(request) => request,
            Prepared::Token(_) => return Ok(Step::AskForToken),
        };
        if let Some(base) = &self.base {
            base.aim(&mut request);
        }
        let origin = Origin::of(request.uri()).ok_or(Unsendable::Host)?;
        let free = slot.take().filter(|slot| slot.leads_to(&origin));
        let free = free.or_else(|| self.pool.try_slot(&origin, self.manner(address)));
        Ok(match free {
            Some(slot) => Step::Sent(slot.send(request)),
            None => Step::Wait(origin),
        })
    }

    async fn slot(&self, origin: &Origin, manner: Manner) -> Result<Slot, Failure> {
        let manner = if origin.is_tls() { manner } else { Manner { reach: Reach::Loopback, ..manner } };
        let full = || Failure::unsent(format!("{origin} takes no more at a time, and is slow"));
        timeout(self.request_timeout, self.pool.slot(origin, manner)).await.unwrap_or_else(|_| Err(full()))
    }

    /// Apple wants one stream alone until it has seen a good token (its rule for connections); browsers' endpoints are named by clients.
    fn manner(&self, address: &Address) -> Manner {
        let is_checked = self.base.is_some() || self.allow_private;
        match address {
            Address::Apns(_) => {
                Manner { first_alone: self.identity_expires.is_none(), reach: Reach::Anywhere }
            }
            Address::Web(_) if !is_checked => Manner { first_alone: false, reach: Reach::Public },
            Address::Fcm { .. } | Address::Web(_) | Address::Webhook { .. } => {
                Manner { first_alone: false, reach: Reach::Anywhere }
            }
        }
    }

    /// Asks for a token, if there is still none.
    async fn ask_for_token(&self, order: &Order, address: &Address) -> Result<(), Verdict> {
        let mut may_dial_again = true;
        loop {
            let prepared = lock(&self.vendor).prepare((self.clock)(), order, address);
            let Ok(Prepared::Token(request)) = prepared else { return Ok(()) };
            let failure = match self.post(request).await {
                Ok(mut sent) => match self.answer(&mut sent).await {
                    Ok(answer) => return lock(&self.vendor).granted((self.clock)(), &answer),
                    Err(Failure::Unsent(_)) if sent.was_kept() && std::mem::take(&mut may_dial_again) => {
                        continue;
                    }
                    // Without a token no push was sent, whatever became of the request for one.
                    Err(Failure::Lost) => Failure::unsent("the token endpoint did not answer"),
                    Err(failure) => failure,
                },
                Err(failure) => failure,
            };
            return Err(match self.stop(failure) {
                Stop::Verdict(verdict) => verdict,
                Stop::Unsendable(_) => Verdict::Unavailable { after: None },
            });
        }
    }

    async fn post(&self, request: Request<Bytes>) -> Result<Sent, Failure> {
        let origin = Origin::of(request.uri()).ok_or(Failure::Forbidden)?;
        let manner = Manner { first_alone: false, reach: Reach::Anywhere };
        Ok(self.slot(&origin, manner).await?.send(request))
    }

    /// Waits for the answer. A connection that gave none gets no more requests.
    async fn answer(&self, sent: &mut Sent) -> Result<Answer, Failure> {
        let begun = timeout(self.request_timeout, sent.answer()).await.unwrap_or(Err(Failure::Lost));
        match begun {
            Ok(Begun::Whole(answer)) => Ok(answer),
            Ok(Begun::Torn(answer)) if answer.status.is_success() => Ok(answer),
            // Not taken, for certain; only the reason is missing.
            Ok(Begun::Torn(_)) => {
                sent.retire();
                Err(Failure::unsent("the vendor's answer broke off before it said why"))
            }
            Err(failure) => {
                sent.retire();
                Err(failure)
            }
        }
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
