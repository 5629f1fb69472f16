//! A woken process that has connected: it hears how its ring ends.
use offhook_client_core::{ConnectionState, Event, RingStopReason, StopReason};
use offhook_signaling::{CallView, Code, LegStatus, RejectCause};
use offhook_types::Opaque;
use tokio::time::{Instant, timeout_at};

use super::{Accepted, AnswerError, Wake, answer::Verb};
use crate::{Client, ConnectError, Error, Events, TokenSource};

/// A woken process that has connected as its device.
#[derive(Debug)]
pub struct Woken {
    client: Client,
    events: Events,
    /// The end of the ring has been told.
    is_over: bool,
    /// This device has rejected, so nobody else has.
    has_rejected: bool,
    /// The session rings, and ends its ring itself.
    is_ringing: bool,
    /// The call is to be looked at: the session may have begun without it.
    is_unread: bool,
    wake: Wake,
}

/// What happens to a ring. All but [`WakeEvent::Connected`], [`WakeEvent::Ringing`] and [`WakeEvent::SessionStopped`] are its end,
/// after which nothing more is told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WakeEvent {
    /// Another device of the user accepted: close the notification.
    AnsweredElsewhere,
    /// This device accepted.
    AnsweredHere,
    /// The invitation was taken back, with these words: show a missed call.
    Canceled(Opaque),
    /// The session stands.
    Connected,
    /// The call is over: show a missed call.
    Ended,
    /// Another device of the user, or the server, rejected: close the notification.
    RejectedElsewhere,
    /// This device rejected.
    RejectedHere,
    /// The session rings, too: go on.
    Ringing(Box<CallView>),
    /// The session was stopped, and will not come back. The ring goes on by the push's own clock, and can be answered.
    SessionStopped(StopReason),
    /// The ring was silenced on this device.
    Silenced,
    /// Nobody answered in time: show a missed call.
    TimedOut,
}

impl WakeEvent {
    /// Whether it is the end of the ring.
    #[must_use]
    pub fn is_end(&self) -> bool {
        match self {
            Self::Connected | Self::Ringing(_) | Self::SessionStopped(_) => false,
            Self::AnsweredElsewhere
            | Self::AnsweredHere
            | Self::Canceled(_)
            | Self::Ended
            | Self::RejectedElsewhere
            | Self::RejectedHere
            | Self::Silenced
            | Self::TimedOut => true,
        }
    }
}

impl Woken {
    pub(super) fn connect(wake: Wake, token: TokenSource) -> Result<Self, ConnectError> {
        let config = wake.config.client(&wake.push.invitation.to, token);
        let (client, events) = Client::connect(config)?;
        Ok(Self {
            client,
            events,
            is_over: false,
            has_rejected: false,
            is_ringing: false,
            is_unread: false,
            wake,
        })
    }

    /// Waits for the next thing that happens to the ring; `None` after its end. The end comes in any case, by the push's own
    /// clock while the session does not ring. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<WakeEvent> {
        if self.is_over {
            return None;
        }
        let heard = if self.is_ringing {
            self.hear().await
        } else {
            timeout_at(self.wake.deadline, self.hear()).await.unwrap_or(Some(WakeEvent::TimedOut))
        };
        // A client that has ended tells nothing more; the ring ends all the same.
        let event = heard.unwrap_or(WakeEvent::TimedOut);
        self.is_over = event.is_end();
        Some(event)
    }

    /// Accepts: by HTTPS first, and over the session if that does not get through.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub async fn accept(&mut self, data: Opaque) -> Result<Accepted, AnswerError> {
        let error = match self.wake.asking(Verb::Accept { data: data.clone() }).send(Instant::now()).await {
            Ok(said) => return said.into_accepted(),
            Err(error) if is_told(&error) => return Err(error),
            Err(error) => error,
        };
        let reply = self.client.accept_with(self.wake.call(), data).await;
        let reply = reply.map_err(|second| either(error, second))?;
        Ok(Accepted { call: reply.call.ok_or(AnswerError::Unreadable)?, room: reply.room })
    }

    /// Rejects: by HTTPS first, and over the session if that does not get through.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub async fn reject(&mut self, reason: RejectCause) -> Result<CallView, AnswerError> {
        let data = Opaque::default();
        let verb = Verb::Reject { data: data.clone(), reason: reason.clone() };
        let call = match self.wake.asking(verb).send(Instant::now()).await {
            Ok(said) => said.into_call()?,
            Err(error) if is_told(&error) => return Err(error),
            Err(error) => {
                let reply = self.client.reject_with(self.wake.call(), reason, data).await;
                reply.map_err(|second| either(error, second))?.call.ok_or(AnswerError::Unreadable)?
            }
        };
        self.has_rejected = true;
        Ok(call)
    }

    /// Disconnects without logging out: the device goes on getting pushes, and the call stays as it is.
    pub async fn leave(self) {
        self.client.close().await;
    }

    /// The client that has connected, for a process that goes on with the call itself, as on iOS.
    #[must_use]
    pub fn into_client(self) -> (Client, Events) {
        (self.client, self.events)
    }

    async fn hear(&mut self) -> Option<WakeEvent> {
        loop {
            if self.is_unread {
                let end = self.look().await;
                self.is_unread = false;
                if end.is_some() {
                    return end;
                }
            }
            let event = self.events.next().await?;
            if let Some(told) = self.tell(event) {
                return Some(told);
            }
        }
    }

    /// Puts an event of the session into the words of this ring, if it is about it.
    fn tell(&mut self, event: Event) -> Option<WakeEvent> {
        let of = self.wake.call();
        if let Event::Connection(ConnectionState::Online { .. }) = event {
            self.is_unread = true;
            return Some(WakeEvent::Connected);
        }
        if let Event::Connection(ConnectionState::Stopped(reason)) = event {
            self.is_ringing = false;
            return Some(WakeEvent::SessionStopped(reason));
        }
        if let Event::Incoming(call) = event {
            if call.call != of {
                return None;
            }
            self.is_ringing = true;
            return Some(WakeEvent::Ringing(call));
        }
        if let Event::RingStopped { call, data, reason, .. } = event {
            return if call == of { self.stopped(reason, data) } else { None };
        }
        if let Event::CallEnded { call, .. } | Event::CallChanged { call, .. } = event {
            // Of a ring that the session did not make; otherwise its stop has been told before.
            self.is_unread |= call == of;
        }
        None
    }

    fn stopped(&mut self, reason: RingStopReason, data: Opaque) -> Option<WakeEvent> {
        if reason == RingStopReason::SessionOver {
            self.is_ringing = false;
            return None;
        }
        let ends = [
            (RingStopReason::AnsweredElsewhere, WakeEvent::AnsweredElsewhere),
            (RingStopReason::AnsweredHere, WakeEvent::AnsweredHere),
            (RingStopReason::DeclinedElsewhere, self.rejected()),
            (RingStopReason::DeclinedHere, WakeEvent::RejectedHere),
            (RingStopReason::Ignored, WakeEvent::Silenced),
            (RingStopReason::TimedOut, WakeEvent::TimedOut),
            (RingStopReason::Unanswered, WakeEvent::TimedOut),
            (RingStopReason::Canceled, WakeEvent::Canceled(data)),
        ];
        let known = ends.into_iter().find(|(known, _)| *known == reason);
        Some(known.map_or(WakeEvent::Ended, |(_, end)| end))
    }

    fn rejected(&self) -> WakeEvent {
        if self.has_rejected { WakeEvent::RejectedHere } else { WakeEvent::RejectedElsewhere }
    }

    /// How the ring ended, if it has: a session that begins after its end does not tell of it.
    async fn look(&self) -> Option<WakeEvent> {
        let call = self.wake.call();
        let known = self.client.known_call(call).await.ok().flatten();
        match known {
            Some(view) => self.end_of(&view),
            None => match self.client.call(call).await {
                Ok(view) => self.end_of(&view),
                Err(Error::Problem(problem)) if problem.code == Code::CallNotFound => Some(WakeEvent::Ended),
                // The next connection looks again, and the push's own clock ends the ring.
                Err(_) => None,
            },
        }
    }

    fn end_of(&self, view: &CallView) -> Option<WakeEvent> {
        let own = view.legs.iter().find(|leg| leg.user == self.wake.push.invitation.to)?;
        match &own.status {
            LegStatus::Inviting | LegStatus::NotYetReceived | LegStatus::Received => None,
            LegStatus::Accepted | LegStatus::Quit => Some(match &view.main_device {
                Some(device) if *device == self.wake.config.device => WakeEvent::AnsweredHere,
                Some(_) | None => WakeEvent::AnsweredElsewhere,
            }),
            LegStatus::BeCanceled => Some(WakeEvent::Canceled(Opaque::default())),
            LegStatus::Rejected => Some(self.rejected()),
            LegStatus::TimedOut => Some(WakeEvent::TimedOut),
            LegStatus::Canceled | LegStatus::Ended | LegStatus::Unknown(_) => Some(WakeEvent::Ended),
        }
    }
}

/// Whether the server has judged the answer, so that asking over the session would change nothing.
fn is_told(error: &AnswerError) -> bool {
    match error {
        AnswerError::AnsweredElsewhere(_) | AnswerError::CallEnded(_) | AnswerError::RingOver(_) => true,
        AnswerError::CredentialExpired
        | AnswerError::CredentialInvalid
        | AnswerError::NoCredential
        | AnswerError::Refused(_)
        | AnswerError::Server(_)
        | AnswerError::Unreachable
        | AnswerError::Unreadable => false,
    }
}

/// What the session said counts if it was the server that said it.
fn either(first: AnswerError, second: Error) -> AnswerError {
    match second {
        Error::Problem(problem) => (*problem).into(),
        Error::Closed
        | Error::Disconnected { .. }
        | Error::NotConnected
        | Error::TimedOut { .. }
        | Error::TooManyRequests
        | Error::Unreadable => first,
    }
}
