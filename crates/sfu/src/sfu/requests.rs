//! What devices ask.
use str0m::channel::ChannelData;

use super::Sfu;
use crate::{
    Address, Answer, Command, Refusal, Wish,
    peer::{HallId, PeerId, messages},
    room::{MemberNo, Message, StreamUpdate},
};

/// The longest candidate line that is looked at.
const MAX_CANDIDATE_BYTES: usize = 512;

impl Sfu {
    pub(super) fn carry_out(
        &mut self,
        id: HallId,
        member: MemberNo,
        command: Command,
    ) -> Result<Answer, Refusal> {
        let now = self.now;
        let peer = self.peer_of(id, member).ok_or(Refusal::NotInRoom)?;
        let hall = self.halls.get_mut(&id).ok_or(Refusal::NotInRoom)?;
        match command {
            // Clients need not be found: they find us, and we answer to where they come from.
            Command::AddCandidate(candidate) if candidate.len() > MAX_CANDIDATE_BYTES => {
                Err(Refusal::TooLarge)
            }
            Command::AddCandidate(_) => Ok(Answer::Done),
            Command::Answer { negotiation, sdp } => {
                self.take_answer(peer, negotiation, &sdp)?;
                Ok(Answer::Done)
            }
            Command::Leave => {
                hall.room.leave(now, member, crate::LeaveCause::Left);
                Ok(Answer::Done)
            }
            Command::Offer { sdp, streams } => self.take_offer(peer, &sdp, streams).map(Answer::Description),
            Command::Read => {
                hall.room.admit(now, member)?;
                let state = hall.room.state_for(member).ok_or(Refusal::NotInRoom)?;
                self.offer_anew(peer);
                Ok(Answer::Room(state))
            }
            Command::Remove(user) => {
                hall.room.remove(now, member, &user)?;
                Ok(Answer::Done)
            }
            Command::Send { data, kind, to } => {
                hall.room.send(now, member, Message { data, kind, to })?;
                Ok(Answer::Done)
            }
            Command::Subscribe(wishes) => self.subscribe(peer, &wishes).map(|()| Answer::Done),
            Command::UpdateStream { extra_info, muted, stream } => {
                let changed =
                    hall.room.update_stream(now, member, StreamUpdate { extra_info, muted, stream })?;
                for track in changed {
                    self.mute(id, track);
                }
                Ok(Answer::Done)
            }
        }
    }

    fn subscribe(&mut self, id: PeerId, wishes: &[Wish]) -> Result<(), Refusal> {
        let now = self.now;
        let peer = self.peers.get_mut(&id).ok_or(Refusal::NotInRoom)?;
        let (hall_id, member) = (peer.hall, peer.member);
        let hall = self.halls.get_mut(&hall_id).ok_or(Refusal::NotInRoom)?;
        if wishes.iter().any(|wish| hall.room.track(&wish.stream, wish.source).is_none()) {
            return Err(Refusal::StreamNotFound);
        }
        hall.room.admit(now, member)?;
        // Streams that are gone are wished for no longer.
        peer.wishes.retain(|(stream, source), _| hall.room.track(stream, *source).is_some());
        for wish in wishes {
            if !peer.wish(wish) {
                return Err(Refusal::TooFast);
            }
        }
        self.review_views(id);
        self.subscribe_to_all(hall_id, id);
        Ok(())
    }

    /// Brings what is known of each subscription up to what the device wishes.
    pub(super) fn review_views(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get(&id) else { return };
        let Some(hall) = self.halls.get(&peer.hall) else { return };
        let views: Vec<_> = peer
            .subscriptions
            .keys()
            .filter_map(|track| {
                let place = hall.tracks.get(track)?;
                Some((*track, peer.view(&place.stream, place.source)))
            })
            .collect();
        let Some(peer) = self.peers.get_mut(&id) else { return };
        for (track, view) in views {
            if let Some(subscription) = peer.subscriptions.get_mut(&track) {
                subscription.view = view;
            }
        }
        self.evaluate_soon(id);
    }

    /// A message came over a data channel.
    pub(super) fn take_message(&mut self, id: PeerId, data: &ChannelData) {
        let Some(peer) = self.peers.get(&id) else { return };
        if data.binary || peer.connection.channel != Some(data.id) {
            return;
        }
        let Some(message) = messages::read(&data.data) else { return };
        let (hall_id, member) = (peer.hall, peer.member);
        let Some(hall) = self.halls.get_mut(&hall_id) else { return };
        if hall.room.send(self.now, member, message).is_err() {
            return;
        }
        hall.over_channels = true;
        self.settle(hall_id);
        if let Some(hall) = self.halls.get_mut(&hall_id) {
            hall.over_channels = false;
        }
    }

    /// Sends a text over a device's data channel. `false` if it must go another way.
    pub(super) fn send_over_channel(
        &mut self,
        hall: HallId,
        to: &Address,
        text: impl FnOnce() -> String,
    ) -> bool {
        let Some(id) = self.halls.get(&hall).filter(|hall| hall.over_channels).and_then(|hall| {
            let member = hall.room.member(to)?;
            hall.peers.get(&member).copied()
        }) else {
            return false;
        };
        let Some(peer) = self.peers.get_mut(&id) else { return false };
        let Some(channel) = peer.connection.channel else { return false };
        let text = text();
        let mut sent = false;
        let done = peer.connection.guarded(|rtc| {
            if let Some(mut channel) = rtc.channel(channel)
                && channel.buffered_amount() < messages::MAX_WAITING
            {
                sent = channel.write(false, text.as_bytes())?;
            }
            Ok(())
        });
        self.touch(id);
        done.is_ok() && sent
    }
}
