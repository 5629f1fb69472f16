//! What devices ask of rooms.
use offhook_auth::RoomRole;
use offhook_sfu::{Address, Answer, Command, Join, LeaveCause, Role, RoomKey, RoomState};
use offhook_signaling::{Code, Hidden, JoinRoom, MediaAnswer, Problem, Reply, Request, RoomRole as WireRole};
use offhook_types::{Party, RoomId};

use super::{MediaRooms, convert, routing::too_many_rooms};
use crate::handler::Control;

/// A request about a room.
#[derive(Debug)]
pub(crate) struct RoomRequest {
    pub(super) kind: Kind,
    /// As it came, if it may have to go to another node.
    pub(super) original: Option<Request>,
}

/// What is asked for.
#[derive(Debug)]
pub(super) enum Kind {
    /// To a room that the device is in.
    Inside(RoomId, Inside),
    /// To be let in.
    Join(JoinRoom),
}

/// What is asked of a room that the device is in.
#[derive(Debug)]
pub(super) enum Inside {
    /// What the machine carries out as it is, or why it cannot be put to it.
    Command(Result<Command, Box<Problem>>),
    /// To be let out; harmless for one who is out.
    Leave,
    /// To be shown the room.
    Read,
}

/// Tells requests about rooms from the others, which are given back.
pub(super) fn sort(request: Request) -> Result<Kind, Request> {
    let (room, inside) = match request {
        Request::JoinRoom(body) => return Ok(Kind::Join(body)),
        Request::AddCandidate(body) => (body.room, Ok(Command::AddCandidate(body.candidate.0))),
        Request::AnswerMedia(body) => {
            (body.room, Ok(Command::Answer { negotiation: body.negotiation, sdp: body.sdp.0 }))
        }
        Request::LeaveRoom(body) => return Ok(Kind::Inside(body.room, Inside::Leave)),
        Request::OfferMedia(body) => (body.room.clone(), convert::offer(body)),
        Request::ReadRoom(body) => return Ok(Kind::Inside(body.room, Inside::Read)),
        Request::RemoveMember(body) => (body.room, Ok(Command::Remove(body.user))),
        Request::SendMessage(body) => (body.room.clone(), convert::send(body)),
        Request::Subscribe(body) => (body.room.clone(), convert::subscribe(body)),
        Request::UpdateStream(body) => (body.room.clone(), convert::update(body)),
        other @ (Request::Accept(_)
        | Request::Acknowledge(_)
        | Request::Add(_)
        | Request::AskPushKey(_)
        | Request::RegisterDevice(_)
        | Request::UnregisterDevice
        | Request::AskRoomToken(_)
        | Request::Cancel(_)
        | Request::End(_)
        | Request::Ignore(_)
        | Request::Invite(_)
        | Request::Join(_)
        | Request::ListCalls(_)
        | Request::Logout
        | Request::QueryUsers(_)
        | Request::Quit(_)
        | Request::ReadCall(_)
        | Request::Reject(_)
        | Request::RenewToken(_)
        | Request::UpdateUser(_)) => return Err(other),
    };
    Ok(Kind::Inside(room, Inside::Command(inside.map_err(Box::new))))
}

impl MediaRooms {
    /// Tells requests about rooms from the others, which are given back.
    pub(crate) fn sort(&self, request: Request) -> Result<RoomRequest, Request> {
        let may_travel = self.fleet.is_some() && request.type_name().starts_with("room.");
        let original = may_travel.then(|| request.clone());
        sort(request).map(|kind| RoomRequest { kind, original })
    }

    /// Carries out what a device asks of a room, wherever that lives.
    pub(crate) async fn execute(
        &self,
        control: &Control,
        party: &Party,
        request: RoomRequest,
    ) -> Result<Reply, Problem> {
        match &self.fleet {
            Some(fleet) => self.anywhere((fleet, control), party, request).await,
            None => self.here(control, party, request.kind).await,
        }
    }

    /// Carries out what a device asks of a room of this node.
    pub(super) async fn here(
        &self,
        control: &Control,
        party: &Party,
        request: Kind,
    ) -> Result<Reply, Problem> {
        match request {
            Kind::Inside(room, inside) => self.inside(party, room, inside).await,
            Kind::Join(join) => {
                let result = self.join(control, party, join).await;
                result.inspect_err(|problem| self.ears.counters.refused(&problem.code))
            }
        }
    }

    async fn inside(&self, party: &Party, room: RoomId, inside: Inside) -> Result<Reply, Problem> {
        let address = address_of(party, room.clone())?;
        let command = match inside {
            Inside::Command(command) => command.map_err(|problem| *problem)?,
            Inside::Leave => Command::Leave,
            Inside::Read => Command::Read,
        };
        let leaves = matches!(command, Command::Leave).then(|| address.clone());
        let node = self.node()?;
        let answer = node.command(address, command).await.map_err(convert::refused);
        if let (Some(address), Ok(_)) = (&leaves, &answer) {
            // The fact may come after the answer, upon which the device may enter another room at once.
            self.ears.index.left(address);
        }
        match answer {
            Ok(Answer::Description(answer)) => {
                Ok(Reply::Answer(MediaAnswer { sdp: Hidden(answer.sdp), voids: answer.voids }))
            }
            Ok(Answer::Done) => Ok(Reply::Done),
            Ok(Answer::Room(state)) => Ok(self.show(party, room, state)),
            Err(problem) if leaves.is_some() && problem.code == Code::NotInRoom => Ok(Reply::Done),
            Err(problem) => Err(problem),
        }
    }

    async fn join(&self, control: &Control, party: &Party, body: JoinRoom) -> Result<Reply, Problem> {
        let grant = self.passes.verify(party, &body.token.0)?;
        let address = address_of(party, grant.room.clone())?;
        check_call(control, party, &grant.room).await?;
        let account = &party.account;
        let max = self.max_rooms_of(account.app);
        let place =
            self.ears.index.reserve(account, &address.room, max).ok_or_else(|| too_many_rooms(max))?;
        let join = Join {
            address: address.clone(),
            max_members: body.max_members,
            name: control.name_of(account).await?,
            role: match grant.role {
                RoomRole::Host => Role::Host,
                RoomRole::Member => Role::Member,
                RoomRole::Viewer => Role::Viewer,
            },
            subscribe_all: body.subscribe_all,
        };
        let node = self.node()?;
        let state = node.join(join).await.map_err(convert::refused)?;
        place.keep();
        // The call may have ended before the room was there to be closed.
        if let Err(problem) = check_call(control, party, &grant.room).await {
            node.remove(&address.room, &address.user, LeaveCause::Ended);
            return Err(problem);
        }
        Ok(self.show(party, grant.room, state))
    }

    fn show(&self, party: &Party, room: RoomId, state: RoomState) -> Reply {
        let ice_servers = self.passes.ice_servers(&party.account.user);
        Reply::Room(convert::view(room, state, ice_servers))
    }
}

/// A call's room takes only those who are in the call, whatever their token says; the other rooms' tokens are all there
/// is to say.
pub(super) async fn check_call(control: &Control, party: &Party, room: &RoomId) -> Result<(), Problem> {
    match room.call() {
        Some(_) => control.may_enter(party, room).await.map(|_: WireRole| ()),
        None => Ok(()),
    }
}

pub(super) fn address_of(party: &Party, room: RoomId) -> Result<Address, Problem> {
    let device = party.device.clone();
    let device = device.ok_or_else(|| Problem::new(Code::BadRequest, "only a device can be in a room"))?;
    let key = RoomKey { app: party.account.app, room };
    Ok(Address { device, room: key, user: party.account.user.clone() })
}
