//! Agreeing with the server on what is sent, and following what it tells.
use std::{mem, sync::Arc};

use futures_util::FutureExt as _;
use offhook_sfu::endpoint::EndpointError;
use offhook_signaling::{
    AnswerMedia, Code, Hidden, LeaveCause, MediaAnswer, OfferMedia, OfferedStream, OfferedTrack, RoomEvent,
    RoomView, ServerOffer,
};
use tokio::task::unconstrained;

use super::{Departure, RoomUpdate, Task, now};
use crate::Error;

/// What is to be asked of the server, in this order.
#[derive(Default)]
pub(super) struct Needs {
    /// Something may have been missed: read the room.
    pub(super) read: bool,
    /// The server's offer has been taken, and this answers it.
    pub(super) answer: Option<AnswerMedia>,
    /// What is published has changed.
    pub(super) offer: bool,
}

/// A request's outcome.
pub(super) enum Answered {
    Answer(Result<(), Error>),
    Offer(Result<MediaAnswer, Error>),
    Read(Result<RoomView, Error>),
}

impl Task {
    /// Asks the next thing, unless a reply is waited for.
    pub(super) fn ask(&mut self) {
        if self.asking.is_some() || self.departure.is_some() {
            return;
        }
        let (client, room) = (self.client.clone(), self.room.clone());
        if mem::take(&mut self.needs.read) {
            self.asking = Some(Box::pin(async move { Answered::Read(client.read_room(room).await) }));
        } else if let Some(answer) = self.needs.answer.take() {
            self.asking = Some(Box::pin(async move { Answered::Answer(client.answer_media(answer).await) }));
        } else if mem::take(&mut self.needs.offer)
            && let Some(offer) = self.offer()
        {
            self.asking = Some(Box::pin(async move { Answered::Offer(client.offer_media(offer).await) }));
        }
    }

    /// Everything that is published, by stream.
    fn offer(&mut self) -> Option<OfferMedia> {
        let offer = self.endpoint.offer(now())?;
        let mut streams: Vec<OfferedStream> = Vec::new();
        for published in &self.published {
            let Some((_, mid)) = offer.tracks.iter().find(|(track, _)| *track == published.track) else {
                continue;
            };
            let track = OfferedTrack { mid: mid.clone(), muted: false, source: published.source.clone() };
            match streams.iter_mut().find(|stream| stream.stream == published.stream) {
                Some(stream) => stream.tracks.push(track),
                None => streams.push(OfferedStream {
                    extra_info: published.extra_info.clone(),
                    stream: published.stream.clone(),
                    tracks: vec![track],
                }),
            }
        }
        Some(OfferMedia { room: self.room.clone(), sdp: Hidden(offer.sdp), streams })
    }

    pub(super) fn answered(&mut self, answered: Answered) {
        match answered {
            Answered::Answer(Ok(())) => {}
            // A later offer of the server is on its way.
            Answered::Answer(Err(Error::Problem(problem))) if problem.code == Code::NegotiationOver => {}
            Answered::Offer(Ok(answer)) => {
                self.voided = answer.voids.unwrap_or(0);
                if let Err(error) = self.endpoint.accept_answer(now(), &answer.sdp.0) {
                    tracing::warn!(%error, "the server's answer cannot be used");
                    self.depart(Departure::MediaClosed);
                }
            }
            Answered::Read(Ok(_)) if self.media_is_over => self.depart(Departure::MediaClosed),
            Answered::Read(Ok(view)) => {
                self.tell(RoomUpdate::Room(Box::new(view)));
                // An offer whose answer was lost is made again.
                self.needs.offer |= self.endpoint.has_offered();
            }
            Answered::Answer(Err(error)) | Answered::Offer(Err(error)) | Answered::Read(Err(error)) => {
                self.failed(error);
            }
        }
    }

    fn failed(&mut self, error: Error) {
        match error {
            Error::Closed | Error::NotConnected => self.depart(Departure::ClientStopped),
            Error::Problem(problem) if problem.code == Code::NotInRoom => {
                self.depart(Departure::Told(LeaveCause::Lost));
            }
            Error::Problem(_) => {
                self.endpoint.withdraw_offer();
                let endpoint = self.endpoint.published();
                self.published
                    .retain(|published| endpoint.iter().any(|(track, _)| *track == published.track));
                let published = &self.published;
                self.players.retain(|player| published.iter().any(|published| player.plays(published.track)));
                self.tell(RoomUpdate::Refused(error));
            }
            // The client reconnects; what was missed is read then.
            Error::Disconnected { .. }
            | Error::TimedOut { .. }
            | Error::TooManyRequests
            | Error::Unreadable => self.needs.read = true,
        }
    }

    /// What the server told; `None` when it can tell no more.
    ///
    /// Replies and events come over different channels, and each is there before what the server said after it. So a reply
    /// that is there is heard first: whether an offer counts depends on it.
    pub(super) fn hear(&mut self, event: Option<RoomEvent>) {
        if let Some(answered) = self.asking.as_mut().and_then(|asking| unconstrained(asking).now_or_never()) {
            self.asking = None;
            self.answered(answered);
        }
        self.event(event);
    }

    fn event(&mut self, event: Option<RoomEvent>) {
        match event {
            None => self.depart(Departure::ClientStopped),
            Some(RoomEvent::Left(left)) => self.depart(Departure::Told(left.cause)),
            Some(RoomEvent::Offer(offer)) => self.server_offered(offer),
            Some(RoomEvent::Reset(_)) => {
                self.needs.read = true;
                // What was answered is offered again, under another number.
                self.needs.answer = None;
            }
            Some(
                event @ (RoomEvent::Layers(_)
                | RoomEvent::Levels(_)
                | RoomEvent::Members(_)
                | RoomEvent::Message(_)
                | RoomEvent::Quality(_)
                | RoomEvent::Streams(_)),
            ) => self.tell(RoomUpdate::Event(Box::new(event))),
        }
    }

    fn server_offered(&mut self, offer: ServerOffer) {
        if offer.negotiation <= self.voided {
            return;
        }
        match self.endpoint.accept_offer(now(), &offer.sdp.0) {
            Ok(sdp) => {
                let carried = offer.tracks.into_iter().map(|track| (track.mid.clone(), Arc::new(track)));
                self.carried = carried.collect();
                let (negotiation, room) = (offer.negotiation, offer.room);
                self.needs.answer = Some(AnswerMedia { negotiation, room, sdp: Hidden(sdp) });
            }
            // The server gives way and offers again.
            Err(EndpointError::OfferPending) => {}
            Err(error) => tracing::warn!(%error, "the server's offer cannot be used"),
        }
    }
}

#[cfg(test)]
mod tests;
