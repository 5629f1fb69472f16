//! One stay in a room.
use std::time::Instant;

use offhook_types::Opaque;

use super::{
    MediaState,
    presence::{self, Media, Signaling},
};
use crate::{Address, Join, Limits, Member as View, Role};

/// One stay in a room.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub(super) struct Member {
    pub(super) address: Address,
    pub(super) media: Media,
    pub(super) name: Opaque,
    pub(super) role: Role,
    /// The user's place in the order of coming, which a takeover inherits.
    pub(super) seat: u32,
    pub(super) signaling: Signaling,
}

impl Member {
    pub(super) fn new(join: &Join, seat: u32) -> Self {
        Self {
            address: join.address.clone(),
            media: Media::Idle,
            name: join.name.clone(),
            role: join.role,
            seat,
            signaling: Signaling::Present,
        }
    }

    /// The same device enters again: it is alive, so that its time to connect starts anew.
    pub(super) fn renew(&mut self, now: Instant, join: &Join) {
        self.name = join.name.clone();
        self.role = join.role;
        self.signaling = Signaling::Present;
        self.media = match self.media {
            Media::Connecting { .. } => Media::Connecting { since: now },
            Media::Broken { .. } | Media::Connected | Media::Flowing | Media::Idle => self.media,
        };
    }

    pub(super) fn report(&mut self, now: Instant, report: MediaState) {
        self.media = self.media.next(now, report);
    }

    pub(super) fn deadline(&self, limits: &Limits) -> Option<Instant> {
        presence::deadline(self.media, self.signaling, limits)
    }

    pub(super) fn view(&self) -> View {
        View { name: self.name.clone(), presence: self.media.presence(), user: self.address.user.clone() }
    }
}
