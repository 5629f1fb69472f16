//! One call as this device knows it.
use alloc::vec::Vec;

use offhook_signaling::{CallStatus, CallView, EndCause, Happening, LegStatus, LegView};
use offhook_types::{DeviceId, Timestamp, UserId};

use crate::RingStopReason;

/// Who looks at a call.
#[derive(Clone, Debug)]
pub(crate) struct Me {
    pub(crate) device: DeviceId,
    pub(crate) user: UserId,
}

/// One call as this device knows it: what it heard last, not what is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallState {
    /// Steps of the call were not heard: only the parties that changed since are known as they are.
    pub(crate) has_gap: bool,
    /// The app asked to reject the call on this device.
    pub(crate) rejected_here: bool,
    pub(crate) ring: Ring,
    pub(crate) view: CallView,
}

/// Where the ring of this device stands for the user's present invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ring {
    /// It has not rung.
    Silent,
    /// It rings.
    Ringing { until: Timestamp },
    /// It has rung, and does not ring again.
    Over,
}

impl CallState {
    pub(crate) fn new(view: CallView) -> Self {
        Self { has_gap: false, rejected_here: false, ring: Ring::Silent, view }
    }

    /// The call, as it was heard of last. Its `remaining_ms` and `age_ms` are those of that moment; for the ring, see
    /// [`CallState::ring_until`].
    #[must_use]
    pub fn view(&self) -> &CallView {
        &self.view
    }

    /// Until when this device rings, on the clock of the driver; `None` if it does not.
    #[must_use]
    pub fn ring_until(&self) -> Option<Timestamp> {
        match self.ring {
            Ring::Ringing { until } => Some(until),
            Ring::Over | Ring::Silent => None,
        }
    }

    /// The user's own leg in the call.
    #[must_use]
    pub fn leg_of(&self, user: &UserId) -> Option<&LegView> {
        self.view.legs.iter().find(|leg| leg.user == *user)
    }

    /// Whether the call is over.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        match self.view.status {
            CallStatus::Ended => true,
            CallStatus::Started => false,
            CallStatus::Unknown(_) => self.view.end.is_some(),
        }
    }

    /// Whether the call may still ring on this device, apart from time.
    pub(crate) fn may_ring(&self, me: &Me) -> bool {
        self.leg_of(&me.user).is_some() && self.ring_stops(me).is_none()
    }

    /// Whether nothing more will be told to this device of the call, unless it joins.
    pub(crate) fn is_closed(&self, me: &Me) -> bool {
        let Some(leg) = self.leg_of(&me.user) else { return true };
        if self.is_ended() {
            return true;
        }
        match &leg.status {
            LegStatus::Inviting | LegStatus::NotYetReceived | LegStatus::Received | LegStatus::Unknown(_) => {
                false
            }
            LegStatus::Accepted => self.view.main_device.as_ref().is_some_and(|main| *main != me.device),
            LegStatus::BeCanceled
            | LegStatus::Canceled
            | LegStatus::Ended
            | LegStatus::Quit
            | LegStatus::Rejected
            | LegStatus::TimedOut => true,
        }
    }

    /// Whether the call should be read: the user is in it on this device, which does not know all of it.
    pub(crate) fn is_missed(&self, me: &Me) -> bool {
        self.has_gap && self.view.main_device.as_ref() == Some(&me.device)
    }

    /// Why the call must not ring on this device; `None` if it may.
    pub(crate) fn ring_stops(&self, me: &Me) -> Option<RingStopReason> {
        use RingStopReason as R;
        match &self.leg_of(&me.user)?.status {
            LegStatus::Accepted if self.view.main_device.as_ref() == Some(&me.device) => {
                Some(R::AnsweredHere)
            }
            LegStatus::Accepted => Some(R::AnsweredElsewhere),
            LegStatus::BeCanceled | LegStatus::Canceled => Some(R::Canceled),
            LegStatus::Ended | LegStatus::Quit => Some(R::Ended),
            LegStatus::Rejected if self.rejected_here => Some(R::DeclinedHere),
            LegStatus::Rejected => Some(R::DeclinedElsewhere),
            LegStatus::TimedOut => Some(R::Unanswered),
            LegStatus::Inviting | LegStatus::NotYetReceived | LegStatus::Received | LegStatus::Unknown(_) => {
                if self.is_ended() {
                    return Some(self.reason_of_end());
                }
                self.view.ignored.then_some(R::Ignored)
            }
        }
    }

    /// Takes what happened into the view; gives the parties that changed. What is older than the view says nothing new.
    pub(crate) fn take(&mut self, happening: &Happening, me: &Me) -> Change {
        if happening.seq < self.view.seq {
            return Change::default();
        }
        // Whom the call is told to hears every step that concerns them; who left it, or is in it elsewhere, does not. And the
        // step that put them out told them of themself alone: others may have been put out in it.
        let is_away = !self.is_ended() && self.is_closed(me);
        self.has_gap |= is_away && happening.seq > self.view.seq;
        self.view.seq = happening.seq;
        let mut legs = Vec::new();
        for leg in &happening.changed {
            let is_news = match self.view.legs.iter_mut().find(|known| known.user == leg.user) {
                Some(known) => {
                    let is_news = !stands_as(known, leg);
                    known.clone_from(leg);
                    is_news
                }
                None => {
                    self.view.legs.push(leg.clone());
                    true
                }
            };
            if is_news {
                legs.push(leg.clone());
            }
        }
        let main_device = self.view.main_device != happening.main_device;
        if main_device {
            self.view.main_device.clone_from(&happening.main_device);
        }
        if let Some(end) = &happening.end {
            self.view.end = Some(end.clone());
            self.view.status = CallStatus::Ended;
        }
        Change { legs, main_device }
    }

    /// Replaces the view by another; gives the parties that differ.
    pub(crate) fn replace(&mut self, view: CallView) -> Change {
        let differs = |leg: &&LegView| !self.view.legs.iter().any(|known| stands_as(known, leg));
        let legs = view.legs.iter().filter(differs).cloned().collect();
        let main_device = self.view.main_device != view.main_device;
        let ignored = self.view.ignored;
        self.has_gap = false;
        self.view = view;
        // A device that was silenced stays so, also if the server has not heard of it yet.
        self.view.ignored |= ignored;
        Change { legs, main_device }
    }

    fn reason_of_end(&self) -> RingStopReason {
        match self.view.end.as_ref().map(|end| &end.cause) {
            Some(EndCause::CallerLost | EndCause::Canceled) => RingStopReason::Canceled,
            Some(EndCause::Unanswered) => RingStopReason::Unanswered,
            Some(
                EndCause::AllLeft
                | EndCause::Answered
                | EndCause::CallerLeft
                | EndCause::Ended
                | EndCause::LastOneLeft
                | EndCause::MaxAge
                | EndCause::Rejected
                | EndCause::Unknown(_),
            )
            | None => RingStopReason::Ended,
        }
    }
}

/// What is new to this device.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub(crate) legs: Vec<LegView>,
    pub(crate) main_device: bool,
}

impl Change {
    pub(crate) fn is_nothing(&self) -> bool {
        self.legs.is_empty() && !self.main_device
    }
}

/// Whether a party stands as before, as far as the app is told. The times of a leg are for display, and the caller's
/// acceptance is dated by the first callee's.
fn stands_as(known: &LegView, leg: &LegView) -> bool {
    known.user == leg.user
        && known.status == leg.status
        && known.data == leg.data
        && known.reason == leg.reason
}
