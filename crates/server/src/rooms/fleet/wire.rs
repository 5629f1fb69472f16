//! What nodes say to each other of rooms, as JSON: frames of clients travel in it as they are.
//!
//! A node that cannot read what it is asked answers nothing, so nodes of adjacent versions may live together: whoever gets no
//! answer tells its client to try again.
use offhook_sfu::{Address, RoomKey};
use offhook_signaling::{Problem, Reply, Request, RoomEvent};
use offhook_types::{AppId, CallId, DeviceId, RoomId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::frames;

/// The form. A later one may add kinds of messages and fields, which this version passes over.
const VERSION: u8 = 1;

/// Something that one node says to another.
#[derive(Debug, Deserialize, Serialize)]
struct Message {
    #[serde(rename = "v")]
    version: u8,
    say: Say,
}

/// What nodes say.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Say {
    /// A question: a device wants something of a room. What comes of it comes as [`Item::Answer`].
    Carry(Carry),
    /// A message: what happened, in order.
    Letter(Letter),
    /// A question: an app's back end wants something of a room. It is answered by an [`Answer`].
    Order(Order),
}

/// A request of a device whose session is on the asking node.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Carry {
    pub(crate) device: DeviceId,
    /// Under which the room is placed on the asked node.
    pub(crate) epoch: u64,
    #[serde(with = "frames::request")]
    pub(crate) request: Request,
    pub(crate) room: Where,
    /// The asking node's number for it.
    pub(crate) ticket: u64,
    pub(crate) user: UserId,
}

/// An order of a back end.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Order {
    pub(crate) action: Action,
    pub(crate) room: Where,
}

/// What a back end may order of a room that is elsewhere.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Close,
    Read,
    Remove(UserId),
}

/// Consecutive items of what one node has to say to another.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Letter {
    /// The number of the first item; of the next one to come if there is none. The first of a line is 1.
    pub(crate) first: u64,
    /// Each an [`Item`]. Those that cannot be read are passed over.
    pub(crate) items: Vec<Box<RawValue>>,
    /// Numbers begin anew with a line, and lines of a node only grow.
    pub(crate) line: u64,
}

/// One thing that one node has to say to another.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Item {
    /// What came of a question.
    Answer { ticket: u64, answer: Answer },
    /// The call of the room is over.
    Close(Where),
    /// A device whose session is there is to be told this.
    Event {
        to: Place,
        #[serde(with = "frames::event")]
        event: RoomEvent,
    },
    /// The user is in the room of a call here.
    Occupied { app: AppId, call: CallId, user: UserId },
    /// All that are in rooms of calls here were named since the last request for them.
    OccupantsEnd,
    /// Who is in rooms of calls is named from now on.
    OccupantsBegin,
    /// The user is no longer in the call.
    Remove { room: Where, user: UserId },
    /// The session of a device that is in a room there came or went.
    Signaling { of: Place, present: bool },
    /// Wants to be told who is in rooms of calls there.
    TellOccupants,
    /// The user is no longer in the room of a call here.
    Vacated { app: AppId, call: CallId, user: UserId },
}

/// What came of a question.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// The room does not live here, or under another epoch: look again where it does.
    Moved,
    Problem(Box<Problem>),
    Reply(#[serde(with = "frames::reply")] Box<Reply>),
}

/// A room.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Where {
    pub(crate) app: AppId,
    pub(crate) room: RoomId,
}

/// A device in a room.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Place {
    pub(crate) app: AppId,
    pub(crate) device: DeviceId,
    pub(crate) room: RoomId,
    pub(crate) user: UserId,
}

impl Say {
    /// As it goes over the bus.
    pub(crate) fn encode(self) -> Vec<u8> {
        serde_json::to_vec(&Message { version: VERSION, say: self }).expect("texts are written to memory")
    }

    /// What another node said; `None` if it is of a version that says more.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok().map(|message: Message| message.say)
    }
}

impl Answer {
    /// As it goes over the bus.
    pub(crate) fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts are written to memory")
    }

    /// What another node answered; `None` if it cannot be read.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

impl From<Result<Reply, Problem>> for Answer {
    fn from(result: Result<Reply, Problem>) -> Self {
        match result {
            Ok(reply) => Self::Reply(Box::new(reply)),
            Err(problem) => problem.into(),
        }
    }
}

impl From<Problem> for Answer {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<&RoomKey> for Where {
    fn from(key: &RoomKey) -> Self {
        Self { app: key.app, room: key.room.clone() }
    }
}

impl From<Where> for RoomKey {
    fn from(place: Where) -> Self {
        Self { app: place.app, room: place.room }
    }
}

impl From<&Address> for Place {
    fn from(address: &Address) -> Self {
        let Address { device, room, user } = address.clone();
        Self { app: room.app, device, room: room.room, user }
    }
}

impl From<Place> for Address {
    fn from(place: Place) -> Self {
        let Place { app, device, room, user } = place;
        Self { device, room: RoomKey { app, room }, user }
    }
}

#[cfg(test)]
mod tests {
    use offhook_signaling::{Code, Hidden, LeaveCause, OfferMedia, RoomLeft};

    use super::*;

    fn room() -> RoomId {
        RoomId::new("lobby").expect("a name")
    }

    fn place() -> Place {
        Place {
            app: AppId(7),
            device: DeviceId::new("phone").expect("an id"),
            room: room(),
            user: UserId::new("zoe").expect("an id"),
        }
    }

    #[test]
    fn a_request_and_its_answer_come_as_they_went() {
        let offer = OfferMedia { room: room(), sdp: Hidden("v=0\r\n\"".into()), streams: Vec::new() };
        let request = Request::OfferMedia(offer);
        let Place { app, device, room, user } = place();
        let carry = Carry {
            device,
            epoch: u64::MAX,
            request: request.clone(),
            room: Where { app, room },
            ticket: 3,
            user,
        };
        let read = Say::decode(&Say::Carry(carry).encode());
        let Some(Say::Carry(carry)) = read else { panic!("a carry: {read:?}") };
        assert_eq!((carry.request, carry.epoch, carry.ticket), (request, u64::MAX, 3));
        let problem = Problem::new(Code::NotInRoom, "out");
        for answer in [Ok(Reply::Done), Err(problem)] {
            let read = Answer::decode(&Answer::from(answer.clone()).encode());
            let read = match read {
                Some(Answer::Reply(reply)) => Ok(*reply),
                Some(Answer::Problem(problem)) => Err(*problem),
                Some(Answer::Moved) | None => panic!("{read:?}"),
            };
            assert_eq!(read, answer);
        }
    }

    #[test]
    fn items_of_a_later_version_are_passed_over_one_by_one() {
        let event = RoomEvent::Left(RoomLeft { cause: LeaveCause::Shutdown, room: room() });
        let known = serde_json::to_string(&Item::Event { to: place(), event: event.clone() }).expect("JSON");
        let text = format!(
            r#"{{"v":2,"say":{{"letter":{{"line":1,"first":5,"items":[{{"resting":{{"a":[1]}}}},{known}],"x":1}}}}}}"#
        );
        let Some(Say::Letter(letter)) = Say::decode(text.as_bytes()) else { panic!("a letter") };
        let items: Vec<Option<Item>> =
            letter.items.iter().map(|item| serde_json::from_str(item.get()).ok()).collect();
        assert!(items[0].is_none());
        assert!(matches!(&items[1], Some(Item::Event { event: read, .. }) if *read == event));
        assert!(Say::decode(br#"{"v":2,"say":{"rest":{}}}"#).is_none());
        assert!(Answer::decode(b"").is_none());
    }
}
