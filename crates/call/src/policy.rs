//! What goes beyond the specification, as data. The default is the specification.
use core::time::Duration;

/// The rules of one call, fixed at its creation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// When a call of the advanced mode ends by itself.
    pub end: EndPolicy,
    /// How long after the visible ring an accept still wins. Default zero. More forgives a slow cold start of an app,
    /// and lets the caller wait longer for `timed_out`.
    pub grace: Duration,
    /// Who may join uninvited.
    pub join: JoinPolicy,
    /// What a cancel means once somebody has accepted.
    pub late_cancel: LateCancel,
    /// A call of the advanced mode ends at this age. Default 24 h.
    pub max_age: Duration,
    /// How many users one command may invite. Default 9.
    pub max_invitees: u16,
    /// How many users may be in a call of the advanced mode at once, ringing ones and the caller included. Default 10.
    pub max_participants: u16,
    /// Tell the others when no device of an invitee rang for this long. Default off; 5 s where a client asks.
    pub not_received_check: Option<Duration>,
    /// Tell the caller how far invitations have got. Default off.
    pub tell_delivery: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            end: EndPolicy { caller_leaves: false, last_one_left: false },
            grace: Duration::ZERO,
            join: JoinPolicy::Anyone,
            late_cancel: LateCancel::Refuse,
            max_age: Duration::from_hours(24),
            max_invitees: 9,
            max_participants: 10,
            not_received_check: None,
            tell_delivery: false,
        }
    }
}

/// When a call of the advanced mode ends although nobody ended it. It always ends when nobody is in it and nobody rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndPolicy {
    /// When the caller quits. Default no.
    pub caller_leaves: bool,
    /// When one party is left and nobody rings. Default no: the specification lets them wait.
    pub last_one_left: bool,
}

/// Who may join uninvited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinPolicy {
    /// Whoever knows the call's id (the specification).
    Anyone,
    /// Only users who were invited to this call before.
    Invited,
}

/// What a cancel of the whole call means once somebody has accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LateCancel {
    /// The call ends, as a hang-up would end it.
    End,
    /// It is refused (the specification).
    Refuse,
}
