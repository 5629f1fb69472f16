//! Requests about rooms, as docs/protocol.md names them. Taking part with media is `Client::join_room` of the feature
//! `media`, which makes most of these by itself.
use offhook_signaling::{
    AddCandidate, AnswerMedia, AskRoomToken, JoinRoom, LeaveRoom, MediaAnswer, OfferMedia, ReadRoom,
    RemoveMember, Reply, Request, RoomToken, RoomView, SendMessage, Subscribe, UpdateStream,
};
use offhook_types::{RoomId, UserId};

use crate::{Client, Error, client::unexpected};

impl Client {
    /// Asks for a room token: of a call that the user is in, or of a room that the app opens to them.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn room_token(&self, room: RoomId) -> Result<RoomToken, Error> {
        let reply = self.ask(Request::AskRoomToken(AskRoomToken { room })).await?;
        let Reply::RoomToken(token) = reply else { return Err(unexpected()) };
        Ok(token)
    }

    /// Enters a room, without media.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn enter_room(&self, join: JoinRoom) -> Result<RoomView, Error> {
        self.room(Request::JoinRoom(join)).await
    }

    /// Reads a room that this device is in. What the server wanted to negotiate is offered again.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn read_room(&self, room: RoomId) -> Result<RoomView, Error> {
        self.room(Request::ReadRoom(ReadRoom { room })).await
    }

    /// Leaves a room.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn leave_room(&self, room: RoomId) -> Result<(), Error> {
        self.order(Request::LeaveRoom(LeaveRoom { room })).await
    }

    /// Offers what this device publishes, whole.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn offer_media(&self, offer: OfferMedia) -> Result<MediaAnswer, Error> {
        let reply = self.ask(Request::OfferMedia(offer)).await?;
        let Reply::Answer(answer) = reply else { return Err(unexpected()) };
        Ok(answer)
    }

    /// Answers an offer of the server.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn answer_media(&self, answer: AnswerMedia) -> Result<(), Error> {
        self.order(Request::AnswerMedia(answer)).await
    }

    /// Adds an ICE candidate.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn add_candidate(&self, candidate: AddCandidate) -> Result<(), Error> {
        self.order(Request::AddCandidate(candidate)).await
    }

    /// Says what this device wants to receive, and how large it shows it.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn subscribe(&self, subscribe: Subscribe) -> Result<(), Error> {
        self.order(Request::Subscribe(subscribe)).await
    }

    /// Changes what the others are told of an own stream, and which of its tracks are silent.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn update_stream(&self, update: UpdateStream) -> Result<(), Error> {
        self.order(Request::UpdateStream(update)).await
    }

    /// Sends a message to others in a room.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn send_room_message(&self, message: SendMessage) -> Result<(), Error> {
        self.order(Request::SendMessage(message)).await
    }

    /// Removes a user from a room; only hosts may.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn remove_room_member(&self, room: RoomId, user: UserId) -> Result<(), Error> {
        self.order(Request::RemoveMember(RemoveMember { room, user })).await
    }

    async fn room(&self, request: Request) -> Result<RoomView, Error> {
        let Reply::Room(view) = self.ask(request).await? else { return Err(unexpected()) };
        Ok(view)
    }

    pub(crate) async fn order(&self, request: Request) -> Result<(), Error> {
        let Reply::Done = self.ask(request).await? else { return Err(unexpected()) };
        Ok(())
    }
}
