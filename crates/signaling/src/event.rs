//! What a user's devices are told.
use alloc::vec::Vec;

use offhook_types::{CallId, CallSeq, DeviceId, Offset, Opaque, UserId};
use serde::{Deserialize, Serialize};

use crate::{CallView, EndView, LegView, tagged::tagged};

/// One event of the user's log, as one device hears it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The offset up to which this device had heard everything that was meant for it before this event. Events for
    /// other devices of the user stand between; a client whose own offset is less has missed something.
    pub after: Offset,
    /// What happened.
    pub body: EventBody,
    /// The event's place in the user's log.
    pub offset: Offset,
}

tagged! {
    /// What happened. In the specification's terms: the specific event first, then a change of state for each of `changed`.
    EventBody {
        /// The receiver's invitation was taken back: stop ringing.
        Canceled(body: Happening) = "call.canceled",
        /// Parties changed their state.
        Changed(body: Happening) = "call.changed",
        /// A call of the receiver was created: on this device, or by the app's back end.
        Created(body: CallView) = "call.created",
        /// The call was ended for all.
        Ended(body: Happening) = "call.ended",
        /// The receiver is invited: ring for `remaining_ms`, unless that is 0.
        Invited(body: CallView) = "call.invited",
        /// Two users called each other at once; the receiver's attempt became this accepted call.
        Merged(body: CallView) = "call.merged",
        /// The receiver did not answer in time: stop ringing.
        Unanswered(body: Happening) = "call.unanswered",
    }
}

/// What happened to a call that the receiver knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Happening {
    /// Who canceled or ended; absent for changes, timers and policies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
    /// The call.
    pub call: CallId,
    /// The parties whose state changed, with their new states; who acted comes first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<LegView>,
    /// What the acting party sent along with a cancel or end.
    #[serde(default, skip_serializing_if = "Opaque::is_empty")]
    pub data: Opaque,
    /// How the call ended; absent while it lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<EndView>,
    /// The receiver's main device in the call, if they have one. If it is not this device, the call was answered
    /// elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main_device: Option<DeviceId>,
    /// The call's version after this.
    pub seq: CallSeq,
}
