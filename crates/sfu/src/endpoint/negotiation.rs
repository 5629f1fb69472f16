//! Offers and answers.
use std::time::Instant;

use str0m::{
    change::{SdpAnswer, SdpOffer},
    media::{Direction, MediaKind, Simulcast, SimulcastLayer},
};

use super::{
    Endpoint, EndpointError, MESSAGES,
    port::{Cause, Offer, TrackNo, TrackSpec},
    write::Track,
};

impl Endpoint {
    /// Publishes a track with the next offer.
    pub fn publish(&mut self, spec: TrackSpec) -> TrackNo {
        self.tracks.push(Track::new(spec, self.config.first_sequence));
        TrackNo(self.tracks.len() - 1)
    }

    /// Publishes a track no longer, with the next offer; nothing of it is sent from now on.
    pub fn unpublish(&mut self, track: TrackNo) {
        if let Some(track) = self.tracks.get_mut(track.0) {
            track.is_wanted = false;
        }
    }

    /// Describes this side. `None` if there is nothing to agree on. An offer that has not been answered yet is made
    /// again, with the same sections and what has come since; only an answer to the last one is good.
    pub fn offer(&mut self, now: Instant) -> Option<Offer> {
        let stopped: Vec<_> = self
            .tracks
            .iter()
            .filter(|track| !track.is_wanted)
            .filter_map(|track| track.mid)
            .filter(|&mid| self.rtc.media(mid).is_some_and(|media| !media.stopped()))
            .collect();
        let mut changes = self.rtc.sdp_api();
        if std::mem::take(&mut self.wants_channel) {
            changes.add_channel(MESSAGES.to_owned());
        }
        for track in self.tracks.iter_mut().filter(|track| track.is_wanted && track.mid.is_none()) {
            let kind = if track.spec.source.is_video() { MediaKind::Video } else { MediaKind::Audio };
            let layers = simulcast(&track.spec.simulcast);
            track.mid = Some(changes.add_media(kind, Direction::SendOnly, None, None, layers));
        }
        for mid in stopped {
            changes.stop_media(mid);
        }
        if let Some(pending) = self.pending.take() {
            changes.merge(pending);
        }
        let (offer, pending) = changes.apply()?;
        self.pending = Some(pending);
        self.dirty = Some(now);
        Some(Offer { sdp: offer.to_sdp_string(), tracks: self.published() })
    }

    /// Whether an offer of ours waits for its answer.
    #[must_use]
    pub fn has_offered(&self) -> bool {
        self.pending.is_some()
    }

    /// Takes an unanswered offer back, as after a refusal: the tracks that were new in it are not published.
    pub fn withdraw_offer(&mut self) {
        if self.pending.take().is_none() {
            return;
        }
        for track in &mut self.tracks {
            track.is_wanted &= track.mid.is_none_or(|mid| self.rtc.media(mid).is_some());
        }
        self.wants_channel = self.config.messages && self.channel.is_none();
    }

    /// Takes the answer to the last offer.
    ///
    /// # Errors
    /// [`EndpointError::NoOffer`]; [`EndpointError::Description`] if it does not fit the offer, which is then forgotten.
    pub fn accept_answer(&mut self, now: Instant, sdp: &str) -> Result<(), EndpointError> {
        let answer = SdpAnswer::from_sdp_string(sdp).map_err(unusable)?;
        let pending = self.pending.take().ok_or(EndpointError::NoOffer)?;
        self.rtc.sdp_api().accept_answer(pending, answer).map_err(unusable)?;
        self.agreed(now);
        Ok(())
    }

    /// Answers an offer of the other side.
    ///
    /// # Errors
    /// [`EndpointError::OfferPending`] while an offer of ours is unanswered: the other side gives way, and makes its own
    /// again. [`EndpointError::Description`] if it cannot be used.
    pub fn accept_offer(&mut self, now: Instant, sdp: &str) -> Result<String, EndpointError> {
        if self.has_offered() {
            return Err(EndpointError::OfferPending);
        }
        let offer = SdpOffer::from_sdp_string(sdp).map_err(unusable)?;
        let answer = self.rtc.sdp_api().accept_offer(offer).map_err(unusable)?;
        self.agreed(now);
        Ok(answer.to_sdp_string())
    }

    /// Every track that is published, with the `a=mid` of its media section, once it has been offered.
    #[must_use]
    pub fn published(&self) -> Vec<(TrackNo, String)> {
        let wanted = self.tracks.iter().enumerate().filter(|(_, track)| track.is_wanted);
        wanted.filter_map(|(number, track)| Some((TrackNo(number), track.mid?.to_string()))).collect()
    }

    /// Payload types may have changed.
    fn agreed(&mut self, now: Instant) {
        for track in &mut self.tracks {
            track.payload_type = None;
        }
        self.dirty = Some(now);
    }
}

fn simulcast(rids: &[String]) -> Option<Simulcast> {
    let send = rids.iter().map(|rid| SimulcastLayer::new(rid)).collect();
    (!rids.is_empty()).then_some(Simulcast { send, recv: Vec::new() })
}

fn unusable(error: impl Into<Cause>) -> EndpointError {
    EndpointError::Description(error.into())
}
