//! What devices ask of rooms.
use offhook_auth::RoomRole;
use offhook_sfu::{Address, Answer, Command, Join, LeaveCause, Role, RoomKey, RoomState};
use offhook_signaling::{Code, Hidden, JoinRoom, MediaAnswer, Problem, Reply, Request, RoomRole as WireRole};
use offhook_types::{Party, RoomId};

use super::{MediaRooms, convert};
use crate::handler::Control;

/// A request about a room.
#[derive(Debug)]
pub(crate) enum RoomRequest {
    /// To a room that the device is in.
    Inside(RoomId, Inside),
    /// To be let in.
    Join(JoinRoom),
}

/// What is asked of a room that the device is in.
#[derive(Debug)]
pub(crate) enum Inside {
    /// What the machine carries out as it is, or why it cannot be put to it.
    Command(Result<Command, Box<Problem>>),
    /// To be let out; harmless for one who is out.
    Leave,
    /// To be shown the room.
    Read,
}

/// Tells requests about rooms from the others, which are given back.
pub(crate) fn sort(request: Request) -> Result<RoomRequest, Request> {
    let (room, inside) = match request {
        Request::JoinRoom(body) => return Ok(RoomRequest::Join(body)),
        Request::AddCandidate(body) => (body.room, Ok(Command::AddCandidate(body.candidate.0))),
        Request::AnswerMedia(body) => {
            (body.room, Ok(Command::Answer { negotiation: body.negotiation, sdp: body.sdp.0 }))
        }
        Request::LeaveRoom(body) => return Ok(RoomRequest::Inside(body.room, Inside::Leave)),
        Request::OfferMedia(body) => (body.room.clone(), convert::offer(body)),
        Request::ReadRoom(body) => return Ok(RoomRequest::Inside(body.room, Inside::Read)),
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
    Ok(RoomRequest::Inside(room, Inside::Command(inside.map_err(Box::new))))
}

impl MediaRooms {
    /// Carries out what a device asks of a room.
    pub(crate) async fn execute(
        &self,
        control: &Control,
        party: &Party,
        request: RoomRequest,
    ) -> Result<Reply, Problem> {
        match request {
            RoomRequest::Inside(room, inside) => self.inside(party, room, inside).await,
            RoomRequest::Join(join) => {
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
        let max = self.max_rooms.get(&account.app).copied().unwrap_or(1);
        let Some(place) = self.ears.index.reserve(account, &address.room, max) else {
            let message = format!("the user is in {max} other rooms, and may be in no more: leave one first");
            return Err(Problem::new(Code::TooManyRooms, message));
        };
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
async fn check_call(control: &Control, party: &Party, room: &RoomId) -> Result<(), Problem> {
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
