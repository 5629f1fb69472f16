//! What a call's media cost: kept with the call, and nothing the call decides by.
use core::time::Duration;

/// What one user used of a call's media. The driver measures it; a moment of receiving counts in one tier, that of the
/// sum of all received pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Time in the call's room.
    pub present: Duration,
    /// From the server to the user, in bytes of payload.
    pub received_bytes: u64,
    /// From the user to the server, in bytes of payload.
    pub sent_bytes: u64,
    /// Time of receiving, by tier: audio alone, SD, HD, Full HD, 2K, 4K.
    pub tiers: [Duration; 6],
}

impl Usage {
    /// Both together; what does not fit stays at the largest number there is.
    #[must_use]
    pub(crate) fn plus(self, more: &Self) -> Self {
        let mut tiers = self.tiers;
        for (tier, more) in tiers.iter_mut().zip(more.tiers) {
            *tier = tier.saturating_add(more);
        }
        Self {
            present: self.present.saturating_add(more.present),
            received_bytes: self.received_bytes.saturating_add(more.received_bytes),
            sent_bytes: self.sent_bytes.saturating_add(more.sent_bytes),
            tiers,
        }
    }
}
