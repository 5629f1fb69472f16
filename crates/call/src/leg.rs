//! One party's part in a call.
use alloc::collections::BTreeSet;
use core::time::Duration;

use offhook_types::{DeviceId, Opaque, Timestamp, UserId};

use crate::{Actor, Audience, Refusal, RejectReason};

/// One party's part in a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// When the party (first) accepted; stays after they left. The caller's is the first acceptance by another.
    pub accepted_at: Option<Timestamp>,
    /// What the party sent with their last answer.
    pub data: Opaque,
    /// How far the invitation has got; `None` unless the caller wants to know.
    pub delivery: Option<Delivery>,
    /// Devices on which the ring was silenced.
    pub ignored_on: BTreeSet<DeviceId>,
    /// Who invited this party; the caller and joiners invite themselves.
    pub inviter: UserId,
    /// When the party was invited last, joined or created the call.
    pub invited_at: Timestamp,
    /// When the party left after having accepted.
    pub left_at: Option<Timestamp>,
    /// Devices that have rung, as they told.
    pub rung_on: BTreeSet<DeviceId>,
    /// Where the party stands.
    pub state: LegState,
}

/// How far an invitation has got on its way to a user whose devices do not ring yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Delivery {
    /// Stored, to be told to every device.
    Queued,
    /// A vendor has taken a push for one of the devices.
    PushAccepted,
    /// One of the devices has it.
    Delivered,
}

/// Where a party stands. The specification's code stands beside each (call-semantics section 3.1).
///
/// ```text
///               check failed
///   Inviting ───────────────▶ NotYetReceived
///      │ a device rings          │ a device rings
///      └────────▶ Received ◀─────┘
///
///   these three ring:
///      │ accept · join ─────▶ Accepted ─── quit ──▶ Quit
///      │                          └─────── end ───▶ Ended
///      │ reject ────────────▶ Rejected
///      │ the ring ends ─────▶ TimedOut
///      └ taken back ────────▶ BeCanceled
///
///   BeCanceled · Quit · Rejected · TimedOut ─┬─ join ────▶ Accepted
///                                            └─ invited ─▶ Inviting (busy: Rejected)
///   the caller ── takes the whole call back · lost before anyone came in ──▶ Canceled
/// ```
///
/// `Canceled` and `Ended` occur only together with the end of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LegState {
    /// In the call (1). The caller is from the start.
    Accepted {
        /// The device that accepted, joined or created, and alone hears what happens next; `None` if a back end did.
        main_device: Option<DeviceId>,
    },
    /// The invitation was taken back (10).
    BeCanceled,
    /// The caller took the whole call back, or was lost before anyone accepted (3).
    Canceled,
    /// This party ended the call for all (8).
    Ended,
    /// Invited; no device has rung yet (0).
    Inviting {
        /// When to tell the others that nothing arrived, if they asked.
        check_at: Option<Timestamp>,
        /// The end of the visible ring.
        ring_until: Timestamp,
        /// Rings although in another call (call waiting).
        waiting: bool,
    },
    /// Invited; no device rang in time for the check (9).
    NotYetReceived {
        /// The end of the visible ring.
        ring_until: Timestamp,
        /// Rings although in another call (call waiting).
        waiting: bool,
    },
    /// Left after having accepted (7).
    Quit,
    /// A device rings (5).
    Received {
        /// The end of the visible ring.
        ring_until: Timestamp,
        /// Rings although in another call (call waiting).
        waiting: bool,
    },
    /// Turned down (2).
    Rejected {
        /// Why.
        reason: RejectReason,
    },
    /// Did not answer in time (6).
    TimedOut,
}

impl Leg {
    /// A leg whose party was invited by `inviter`.
    pub(crate) fn new(now: Timestamp, inviter: &UserId, state: LegState) -> Self {
        Self {
            accepted_at: None,
            data: Opaque::default(),
            delivery: None,
            ignored_on: BTreeSet::new(),
            inviter: inviter.clone(),
            invited_at: now,
            left_at: None,
            rung_on: BTreeSet::new(),
            state,
        }
    }

    /// The leg of one who is in the call by their own doing: the caller, a joiner.
    pub(crate) fn in_call(now: Timestamp, actor: &Actor) -> Self {
        Self::new(now, &actor.user, LegState::Accepted { main_device: actor.device.clone() })
    }
}

/// What can happen to one leg. No client can send it: the call decides first who may.
#[derive(Debug)]
pub(crate) enum LegInput<'a> {
    /// The party accepts on this device.
    Accept(&'a Option<DeviceId>),
    /// A device of the party rings.
    Acknowledge,
    /// The party ends the call for all.
    End,
    /// The party is the caller and takes the whole call back, or is lost.
    GiveUp,
    /// The party is invited (again), and begins in this state.
    Invite(LegState),
    /// The party enters unasked, or moves to this device.
    Join(&'a Option<DeviceId>),
    /// The party leaves.
    Leave,
    /// The party declines.
    Reject(RejectReason),
    /// The invitation is taken back.
    TakeBack,
    /// Time has passed.
    Time,
}

impl LegState {
    /// Whether the party is invited and has not answered.
    #[must_use]
    pub fn is_ringing(&self) -> bool {
        self.ring_until().is_some()
    }

    /// Whether the party is in the call.
    #[must_use]
    pub fn is_in_call(&self) -> bool {
        match self {
            Self::Accepted { .. } => true,
            Self::BeCanceled
            | Self::Canceled
            | Self::Ended
            | Self::Inviting { .. }
            | Self::NotYetReceived { .. }
            | Self::Quit
            | Self::Received { .. }
            | Self::Rejected { .. }
            | Self::TimedOut => false,
        }
    }

    pub(crate) fn is_rejected(&self) -> bool {
        match self {
            Self::Rejected { .. } => true,
            Self::Accepted { .. }
            | Self::BeCanceled
            | Self::Canceled
            | Self::Ended
            | Self::Inviting { .. }
            | Self::NotYetReceived { .. }
            | Self::Quit
            | Self::Received { .. }
            | Self::TimedOut => false,
        }
    }

    /// The end of the visible ring, if the party rings.
    #[must_use]
    pub fn ring_until(&self) -> Option<Timestamp> {
        match self {
            Self::Inviting { ring_until, .. }
            | Self::NotYetReceived { ring_until, .. }
            | Self::Received { ring_until, .. } => Some(*ring_until),
            Self::Accepted { .. }
            | Self::BeCanceled
            | Self::Canceled
            | Self::Ended
            | Self::Quit
            | Self::Rejected { .. }
            | Self::TimedOut => None,
        }
    }

    /// Which of the party's devices hear what happens in the call (section 3.7): all while it rings, the main device
    /// once it is in the call, none otherwise.
    #[must_use]
    pub fn audience(&self) -> Option<Audience> {
        match self {
            Self::Accepted { main_device: Some(device) } => Some(Audience::Device(device.clone())),
            Self::Accepted { main_device: None }
            | Self::Inviting { .. }
            | Self::NotYetReceived { .. }
            | Self::Received { .. } => Some(Audience::AllDevices),
            Self::BeCanceled
            | Self::Canceled
            | Self::Ended
            | Self::Quit
            | Self::Rejected { .. }
            | Self::TimedOut => None,
        }
    }

    /// When time alone changes this state next, if ever.
    pub(crate) fn deadline(&self, grace: Duration) -> Option<Timestamp> {
        match self {
            Self::Inviting { check_at: Some(check), ring_until, .. } => {
                Some(*check.min(&(*ring_until + grace)))
            }
            Self::Inviting { check_at: None, ring_until, .. }
            | Self::NotYetReceived { ring_until, .. }
            | Self::Received { ring_until, .. } => Some(*ring_until + grace),
            Self::Accepted { .. }
            | Self::BeCanceled
            | Self::Canceled
            | Self::Ended
            | Self::Quit
            | Self::Rejected { .. }
            | Self::TimedOut => None,
        }
    }

    /// The whole transition table: the new state, or `None` where the input finds its work done. An answer is late by
    /// its own time, whether or not the ring's end has been served.
    #[rustfmt::skip] // One pair a line reads as a table.
    pub(crate) fn next(&self, now: Timestamp, grace: Duration, input: LegInput<'_>) -> Result<Option<Self>, Refusal> {
        use LegInput::{Accept, Acknowledge, End, GiveUp, Invite, Join, Leave, Reject, TakeBack, Time};
        use LegState::{
            Accepted, BeCanceled, Canceled, Ended, Inviting, NotYetReceived, Quit, Received, Rejected, TimedOut,
        };
        /// Invited, and no answer yet.
        macro_rules! rings { () => { Inviting { .. } | NotYetReceived { .. } | Received { .. } } }
        /// Not in the call, but may come (back).
        macro_rules! out { () => { BeCanceled | Quit | Rejected { .. } | TimedOut } }
        let open = self.ring_until().is_some_and(|until| now < until + grace);
        Ok(Some(match (self, input) {
            (rings!(), Accept(device)) if open => Accepted { main_device: device.clone() },
            (rings!(), Reject(reason)) if open => Rejected { reason },
            (rings!(), Accept(_) | Reject(_)) => return Err(Refusal::RingOver),
            (Inviting { ring_until, waiting, .. } | NotYetReceived { ring_until, waiting }, Acknowledge) if open => {
                Received { ring_until: *ring_until, waiting: *waiting }
            }
            (rings!(), Acknowledge) => return Ok(None),
            (rings!(), Time) if !open => TimedOut,
            (Inviting { check_at: Some(check), ring_until, waiting }, Time) if *check <= now => {
                NotYetReceived { ring_until: *ring_until, waiting: *waiting }
            }
            (rings!(), Time | Invite(_)) => return Ok(None),
            (rings!(), Join(device)) => Accepted { main_device: device.clone() },
            (rings!(), TakeBack) => BeCanceled,
            (rings!(), End | Leave) => return Err(Refusal::NotJoined),

            (Accepted { main_device }, Accept(device)) if device == main_device => return Ok(None),
            (Accepted { .. }, Accept(_) | Reject(_)) => return Err(Refusal::AnsweredElsewhere),
            (Accepted { main_device }, Join(device)) if device.is_some() && device != main_device => {
                Accepted { main_device: device.clone() }
            }
            (Accepted { .. }, Join(_)) => return Err(Refusal::AlreadyMainDevice),
            (Accepted { .. }, Leave) => Quit,
            (Accepted { .. }, End) => Ended,
            (Accepted { .. }, Acknowledge | Invite(_) | TakeBack | Time) => return Ok(None),

            (Rejected { .. }, Accept(_)) => return Err(Refusal::AnsweredElsewhere),
            (Rejected { .. }, Reject(_)) => return Ok(None),
            (BeCanceled | Quit | TimedOut, Accept(_) | Reject(_)) => return Err(Refusal::RingOver),
            (Quit, Leave) => return Ok(None),
            (BeCanceled | Rejected { .. } | TimedOut, Leave) => return Err(Refusal::NotJoined),
            (out!(), End) => return Err(Refusal::NotJoined),
            (out!(), Invite(first)) => first,
            (out!(), Join(device)) => Accepted { main_device: device.clone() },
            (out!(), Acknowledge | TakeBack | Time) => return Ok(None),

            (rings!() | out!() | Accepted { .. }, GiveUp) => Canceled,

            (Canceled | Ended, Accept(_) | Join(_) | Reject(_)) => return Err(Refusal::RingOver),
            (Canceled | Ended, End | Leave) => return Err(Refusal::NotJoined),
            (Canceled | Ended, Acknowledge | GiveUp | Invite(_) | TakeBack | Time) => return Ok(None),
        }))
    }
}
