//! A call to be placed.
use offhook_signaling::{CallMode, MediaKind, PushConfig};
use offhook_types::{IdempotencyKey, Opaque, UserId};

use crate::random;

/// A call to be placed. [`Invite::new`] gives the defaults; the fields may be set afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Invite {
    /// Tell how far the invitation has got with each invitee, as `delivery` of their leg. Default no.
    pub delivery_updates: bool,
    /// Passed to every invitee, for ever the same; at most 2 KiB. Default empty.
    pub extended_data: Opaque,
    /// Whom; 1 to 9 users.
    pub invitees: Vec<UserId>,
    /// The same for every retry, so that a retry rings nobody twice; [`Client::cancel_key`](crate::Client::cancel_key)
    /// names the call by it while its id is not known. Default: 128 random bits.
    pub key: IdempotencyKey,
    /// What the caller wants to send. Default video.
    pub media: MediaKind,
    /// When the call is over. Default general.
    pub mode: CallMode,
    /// Tell `not_yet_received` of invitees on whose devices nothing rang within 5 s. Default no.
    pub not_received_check: bool,
    /// For devices that must be woken. Default: as the app's policy says.
    pub push: Option<PushConfig>,
    /// How long it rings, in whole seconds, 1 to 600; 0 for 90. Default 0.
    pub timeout_s: u32,
}

impl Invite {
    /// The defaults, with a new key.
    pub fn new(invitees: impl IntoIterator<Item = UserId>) -> Self {
        Self {
            delivery_updates: false,
            extended_data: Opaque::default(),
            invitees: invitees.into_iter().collect(),
            key: random::key(),
            media: MediaKind::Video,
            mode: CallMode::General,
            not_received_check: false,
            push: None,
            timeout_s: 0,
        }
    }

    pub(crate) fn into_request(self) -> offhook_signaling::Invite {
        let Self {
            delivery_updates,
            extended_data,
            invitees,
            key,
            media,
            mode,
            not_received_check,
            push,
            timeout_s,
        } = self;
        offhook_signaling::Invite {
            delivery_updates,
            extended_data,
            invitees,
            key: Some(key),
            media,
            mode,
            not_received_check,
            push: push.map(Box::new),
            timeout_s,
        }
    }
}
