//! Why an input was turned down. The call is as it was.
use core::fmt;

use crate::EndReason;

/// Why an input was turned down. The call is as it was; the sender is told the reason and the current state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Everyone whose invitation was to be taken back has accepted (6000271).
    AlreadyAccepted,
    /// The acting device already is the main device (6000283).
    AlreadyMainDevice,
    /// Another device of the user was quicker to accept or reject.
    AnsweredElsewhere,
    /// The call is over (6000276).
    CallEnded(EndReason),
    /// The command belongs to the advanced mode (6000286).
    GeneralMode,
    /// No user was named to invite.
    NoInvitees,
    /// None of the named users is registered (6000281).
    NobodyRegistered,
    /// Only the caller, or who invited the named users, may take the invitation back (6000273).
    NotCaller,
    /// The user is not invited to this call (6000274).
    NotInvited,
    /// The user is not in the call.
    NotJoined,
    /// The user's invitation is no longer open: it timed out or was taken back (6000276).
    RingOver,
    /// More users than one command, or one call, may have (6000272).
    TooManyInvitees,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AlreadyAccepted => "everyone named has accepted already",
            Self::AlreadyMainDevice => "this device already is the user's main device in the call",
            Self::AnsweredElsewhere => "another device of the user has answered already",
            Self::CallEnded(_) => "the call is over",
            Self::GeneralMode => "a call of the general mode does not know this command",
            Self::NoInvitees => "no user was named to invite",
            Self::NobodyRegistered => "none of the named users is registered",
            Self::NotCaller => "only the one who invited may take the invitation back",
            Self::NotInvited => "the user is not invited to this call",
            Self::NotJoined => "the user is not in the call",
            Self::RingOver => "the invitation is no longer open",
            Self::TooManyInvitees => "more users than one command or one call may have",
        })
    }
}

impl core::error::Error for Refusal {}

/// Why one of several named users was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InviteeProblem {
    /// Has accepted, so cannot be canceled.
    AlreadyAccepted,
    /// Is in the call or rings already.
    AlreadyInCall,
    /// Is not ringing, so cannot be canceled.
    NotRinging,
    /// Nobody of this name is registered.
    Unregistered,
}
