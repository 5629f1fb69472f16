//! One file of the outbox: something that the user has done with a call.
use std::time::Duration;

use offhook_signaling::{Hidden, RejectCause, RoomToken};
use offhook_types::{DeviceId, Opaque, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Answered, AnsweredKind, Pending, PendingKind};
use crate::{
    random,
    wake::{Accepted, Invitation, Wake},
};

/// The version of the files. One of another version is left alone.
const VERSION: u32 = 1;

/// Something that the user has done with a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) allow_plaintext: bool,
    pub(super) at: Timestamp,
    pub(super) credential: Option<Hidden>,
    pub(super) deed: Deed,
    device: DeviceId,
    /// Tells this deed from a later one on the same call.
    pub(super) id: String,
    pub(super) invitation: Invitation,
    pub(super) server: String,
    /// The end of the ring.
    pub(super) until: Timestamp,
    v: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Deed {
    /// The server does not know it yet.
    Accept {
        data: Opaque,
    },
    /// The server knows it, and the app does not.
    Accepted(Box<Accepted>),
    Reject {
        data: Opaque,
        reason: RejectCause,
    },
    Tapped,
}

impl Entry {
    pub(super) fn new(wake: &Wake, deed: Deed, now: Timestamp) -> Self {
        let needs_credential = deed != Deed::Tapped;
        Self {
            allow_plaintext: wake.config.allow_plaintext,
            at: now,
            credential: wake.push.credential.clone().filter(|_| needs_credential),
            deed,
            device: wake.config.device.clone(),
            id: random::name(),
            invitation: wake.push.invitation.clone(),
            server: wake.config.server.clone(),
            until: wake.push.until,
            v: VERSION,
        }
    }

    /// What is left for the app once the server knows.
    pub(super) fn accepted(&self, accepted: Accepted, now: Timestamp) -> Self {
        let deed = Deed::Accepted(Box::new(accepted));
        Self { at: now, credential: None, deed, id: random::name(), ..self.clone() }
    }

    /// `None` for what this version does not read.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Self>(text).ok().filter(|entry| entry.v == VERSION)
    }

    pub(super) fn to_text(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and numbers are always JSON")
    }

    pub(super) fn pending(&self) -> Option<Pending> {
        let kind = match self.deed {
            Deed::Accept { .. } => PendingKind::Accept,
            Deed::Reject { .. } => PendingKind::Reject,
            Deed::Accepted(_) | Deed::Tapped => return None,
        };
        Some(Pending { at: self.at, invitation: self.invitation.clone(), kind })
    }

    pub(super) fn answered(&self, now: Timestamp) -> Option<Answered> {
        let kind = match &self.deed {
            Deed::Accepted(accepted) => {
                let Accepted { call, room } = (**accepted).clone();
                let room = room.and_then(|room| aged(room, now.since(self.at)));
                AnsweredKind::Accepted { call: Box::new(call), room }
            }
            Deed::Tapped => AnsweredKind::Tapped,
            Deed::Accept { .. } | Deed::Reject { .. } => return None,
        };
        let (device, invitation) = (self.device.clone(), self.invitation.clone());
        Some(Answered { at: self.at, device, invitation, kind })
    }
}

/// A pass after this time; `None` once it has run out.
pub(super) fn aged(room: RoomToken, age: Duration) -> Option<RoomToken> {
    let age = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
    let expires_in_ms = room.expires_in_ms.saturating_sub(age);
    (expires_in_ms > 0).then_some(RoomToken { expires_in_ms, ..room })
}
