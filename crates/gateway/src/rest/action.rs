//! What each operation asks of the handler.
use axum::body::Body;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use offhook_signaling::{
    Accept, Cancel, Code, End, Invite, ListCalls, Problem, QueryUsers, ReadCall, RegisterDevice, Reject,
    Reply, Request, RoomRole, UpdateUser,
};
use offhook_types::{Account, AppId, CallId, DeviceId, IdempotencyKey, Party, RoomId, UserId};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Refusal,
    body::{AcceptCall, CancelCall, EndCall, MintRoomToken, PlaceCall, RejectCall, RoomState},
    openapi,
    operation::{Operation, Status},
};
use crate::{Handler, PushAnswer, PushOrder, RoomAction, RoomOrder, gateway::Shared, work};

/// A request of a back end that has shown who it is.
pub(super) struct Asked<'a> {
    pub(super) app: AppId,
    pub(super) body: &'a [u8],
    pub(super) headers: &'a HeaderMap,
    /// What stands for `{id}` or `{room}` in the path.
    pub(super) id: &'a str,
    /// What stands for `{device}` or `{user}` in the path.
    pub(super) member: &'a str,
    pub(super) query: &'a str,
}

/// Answers what needs no token.
pub(super) fn look<H: Handler>(shared: &Shared<H>, operation: Operation) -> Result<Response<Body>, Refusal> {
    if operation == Operation::OpenApi {
        return Ok(json(StatusCode::OK, &openapi()));
    }
    if operation == Operation::Ready
        && let Err(problem) = shared.handler.ready()
    {
        return Err(Box::new(super::problem_response(StatusCode::SERVICE_UNAVAILABLE, &problem)));
    }
    Ok(json(StatusCode::OK, &Status { status: "ok" }))
}

/// Carries out what needs a token.
pub(super) async fn act<H: Handler>(
    shared: &Shared<H>,
    operation: Operation,
    asked: &Asked<'_>,
) -> Result<Response<Body>, Problem> {
    if let Some(order) = asked.push_order(operation)? {
        return work::contained(shared.handler.push(asked.app, order)).await.map(show_push);
    }
    if let Some(order) = asked.room_order(operation)? {
        let reply = work::contained(shared.handler.room(asked.app, order)).await?;
        return Ok(show(reply));
    }
    let (user, request) = asked.request(operation)?;
    let party = Party { account: Account::new(asked.app, user), device: asked.device(operation)? };
    let result = work::carry_out(shared, &party, request).await;
    match (operation, result.map_err(uniform)?) {
        (Operation::PlaceCall, Reply::Invited(placed)) => {
            let mut response = json(StatusCode::CREATED, &placed);
            let place = format!("/v1/calls/{}", placed.call.call);
            let place = HeaderValue::try_from(place).expect("a call id is a header value");
            response.headers_mut().insert(header::LOCATION, place);
            Ok(response)
        }
        (Operation::PutUser | Operation::ReadUser, Reply::Users(mut users)) => match users.users.pop() {
            Some(user) => Ok(json(StatusCode::OK, &user)),
            None => Err(no_such_user()),
        },
        (_, reply) => Ok(show(reply)),
    }
}

pub(super) fn show(reply: Reply) -> Response<Body> {
    match reply {
        Reply::Answer(reply) => json(StatusCode::OK, &reply),
        Reply::Call(reply) => json(StatusCode::OK, &reply),
        Reply::Calls(reply) => json(StatusCode::OK, &reply),
        Reply::Done => json(StatusCode::OK, &Status { status: "ok" }),
        Reply::Invited(reply) => json(StatusCode::OK, &reply),
        Reply::PushKey(reply) => json(StatusCode::OK, &reply),
        Reply::Renewed(reply) => json(StatusCode::OK, &reply),
        Reply::Room(reply) => json(StatusCode::OK, &RoomState::from(reply)),
        Reply::RoomToken(reply) => json(StatusCode::OK, &reply),
        Reply::Users(reply) => json(StatusCode::OK, &reply),
    }
}

fn show_push(answer: PushAnswer) -> Response<Body> {
    match answer {
        PushAnswer::Done => json(StatusCode::OK, &Status { status: "ok" }),
        PushAnswer::Ledger(ledger) => json(StatusCode::OK, &ledger),
        PushAnswer::Resources(resources) => json(StatusCode::OK, &resources),
    }
}

impl Asked<'_> {
    /// In whose name what is to be done.
    fn request(&self, operation: Operation) -> Result<(UserId, Request), Problem> {
        Ok(match operation {
            Operation::AcceptCall => {
                let AcceptCall { data, user } = self.parse()?;
                (user, Request::Accept(Accept { call: self.call()?, data }))
            }
            Operation::CancelCall => {
                let CancelCall { data, invitees, push, user } = self.parse()?;
                let call = Some(self.call()?);
                (user, Request::Cancel(Cancel { call, data, invitees, key: None, push }))
            }
            Operation::EndCall => {
                let EndCall { data, push, user } = self.parse()?;
                (user, Request::End(End { call: self.call()?, data, push }))
            }
            Operation::RejectCall => {
                let RejectCall { data, reason, user } = self.parse()?;
                (user, Request::Reject(Reject { call: self.call()?, data, reason }))
            }
            Operation::ListCalls => {
                let limit = self.parameter("limit").map_or(Ok(20), |limit| limit.parse());
                let limit = limit.ok().filter(|limit| (1..=100).contains(limit));
                let limit = limit.ok_or_else(|| bad_request("`limit` is 1 to 100"))?;
                let cursor = self.parameter("cursor");
                (self.user()?, Request::ListCalls(ListCalls { cursor, limit }))
            }
            Operation::PlaceCall => self.place_call()?,
            Operation::PutUser => (self.user()?, Request::UpdateUser(self.parse::<UpdateUser>()?)),
            Operation::QueryUsers => {
                let query: QueryUsers = self.parse()?;
                let first = query.users.first().cloned().ok_or_else(|| bad_request("`users` is empty"))?;
                (first, Request::QueryUsers(query))
            }
            Operation::ReadCall => (self.as_whom()?, Request::ReadCall(ReadCall { call: self.call()? })),
            Operation::ReadUser => {
                let user = self.user()?;
                (user.clone(), Request::QueryUsers(QueryUsers { users: vec![user] }))
            }
            Operation::PutDevice => (self.user()?, Request::RegisterDevice(self.parse::<RegisterDevice>()?)),
            Operation::RemoveDevice => (self.user()?, Request::UnregisterDevice),
            Operation::AcceptInvitation
            | Operation::CloseRoom
            | Operation::Health
            | Operation::ListPushResources
            | Operation::MintRoomToken
            | Operation::OpenApi
            | Operation::PutPushResource
            | Operation::ReadInvitation
            | Operation::ReadPushes
            | Operation::ReadRoom
            | Operation::Ready
            | Operation::RejectInvitation
            | Operation::RemoveMember
            | Operation::RemovePushResource
            | Operation::RingInvitation => {
                return Err(Problem::new(Code::NotFound, "there is nothing at this address"));
            }
        })
    }

    /// The device that it is about.
    fn device(&self, operation: Operation) -> Result<Option<DeviceId>, Problem> {
        if !matches!(operation, Operation::PutDevice | Operation::RemoveDevice) {
            return Ok(None);
        }
        let device = DeviceId::new(self.member);
        device
            .map(Some)
            .map_err(|_| Problem::new(Code::PushInvalid, "a device's id is 1 to 64 graphic ASCII characters"))
    }

    /// What is to be done about pushes; `None` if the operation is about something else.
    fn push_order(&self, operation: Operation) -> Result<Option<PushOrder>, Problem> {
        let name = || self.id.to_owned();
        Ok(match operation {
            Operation::ListPushResources => Some(PushOrder::List),
            Operation::PutPushResource => Some(PushOrder::Put { name: name(), resource: self.parse()? }),
            Operation::RemovePushResource => Some(PushOrder::Remove { name: name() }),
            Operation::ReadPushes => Some(PushOrder::Read { call: self.call()?, user: self.as_whom()? }),
            Operation::AcceptCall
            | Operation::AcceptInvitation
            | Operation::CancelCall
            | Operation::CloseRoom
            | Operation::EndCall
            | Operation::Health
            | Operation::ListCalls
            | Operation::MintRoomToken
            | Operation::OpenApi
            | Operation::PlaceCall
            | Operation::PutDevice
            | Operation::PutUser
            | Operation::QueryUsers
            | Operation::ReadCall
            | Operation::ReadInvitation
            | Operation::ReadRoom
            | Operation::ReadUser
            | Operation::Ready
            | Operation::RejectCall
            | Operation::RejectInvitation
            | Operation::RemoveDevice
            | Operation::RemoveMember
            | Operation::RingInvitation => None,
        })
    }

    /// The party as whom a call is read.
    fn as_whom(&self) -> Result<UserId, Problem> {
        let user = self.parameter("user").and_then(|user| UserId::new(user).ok());
        user.ok_or_else(|| bad_request("the query parameter `user` names a party of the call"))
    }

    /// What is to be done with a room; `None` if the operation is about something else.
    fn room_order(&self, operation: Operation) -> Result<Option<RoomOrder>, Problem> {
        let action = match operation {
            Operation::CloseRoom => RoomAction::Close,
            Operation::MintRoomToken => {
                let MintRoomToken { device, role, user } = self.parse()?;
                if let RoomRole::Unknown(_) = role {
                    return Err(bad_request("`role` is host, member or viewer"));
                }
                RoomAction::Mint { device, role, user }
            }
            Operation::ReadRoom => RoomAction::Read,
            Operation::RemoveMember => {
                let user = UserId::new(self.member);
                RoomAction::Remove { user: user.map_err(|_| no_such_user())? }
            }
            Operation::AcceptCall
            | Operation::AcceptInvitation
            | Operation::CancelCall
            | Operation::EndCall
            | Operation::Health
            | Operation::ListCalls
            | Operation::ListPushResources
            | Operation::OpenApi
            | Operation::PlaceCall
            | Operation::PutDevice
            | Operation::PutPushResource
            | Operation::PutUser
            | Operation::QueryUsers
            | Operation::ReadCall
            | Operation::ReadInvitation
            | Operation::ReadPushes
            | Operation::ReadUser
            | Operation::Ready
            | Operation::RejectCall
            | Operation::RejectInvitation
            | Operation::RemoveDevice
            | Operation::RemovePushResource
            | Operation::RingInvitation => return Ok(None),
        };
        let room = RoomId::new(self.id).map_err(|_| Problem::new(Code::NotFound, "no such room"))?;
        Ok(Some(RoomOrder { action, room }))
    }

    fn place_call(&self) -> Result<(UserId, Request), Problem> {
        let PlaceCall { caller, extended_data, invitees, media, mode, not_received_check, push, timeout_s } =
            self.parse()?;
        let key = match self.headers.get("idempotency-key") {
            None => None,
            Some(key) => {
                let key = key.to_str().ok().and_then(|key| IdempotencyKey::new(key).ok());
                Some(
                    key.ok_or_else(|| bad_request("an Idempotency-Key is 1 to 64 graphic ASCII characters"))?,
                )
            }
        };
        let invite = Invite {
            delivery_updates: false,
            extended_data,
            invitees,
            key,
            media,
            mode,
            not_received_check,
            push,
            timeout_s,
        };
        Ok((caller, Request::Invite(invite)))
    }

    /// As [`Asked::parse`], but an absent body stands for an empty object.
    pub(super) fn parse_or_default<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let body = if self.body.is_empty() { b"{}" } else { self.body };
        Asked { body, ..*self }.parse()
    }

    fn parse<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        // The parser would also take an array of the fields, in an order that nobody promises.
        if !self.body.trim_ascii_start().starts_with(b"{") {
            return Err(bad_request("the body is a JSON object"));
        }
        serde_json::from_slice(self.body).map_err(|error| {
            let text = error.to_string();
            let named = ["missing field", "unknown field", "duplicate field"];
            // The parser quotes wrong values, which may be secrets or names; fields it names are the body's own words.
            if named.iter().any(|start| text.starts_with(start)) && text.len() < 512 {
                bad_request(&text)
            } else {
                bad_request(&format!(
                    "wrong value at line {} column {} of the body",
                    error.line(),
                    error.column()
                ))
            }
        })
    }

    /// A text that is no call id names no call, and is answered like an id of another app.
    fn call(&self) -> Result<CallId, Problem> {
        self.id.parse().map_err(|_| Problem::new(Code::CallNotFound, NO_SUCH_CALL))
    }

    fn user(&self) -> Result<UserId, Problem> {
        UserId::new(self.id).map_err(|_| no_such_user())
    }

    fn parameter(&self, name: &str) -> Option<String> {
        let pair =
            self.query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name)?;
        Some(decode(pair.1))
    }
}

const NO_SUCH_CALL: &str = "no such call, or none that the user has to do with";

fn no_such_user() -> Problem {
    Problem::new(Code::UserNotFound, "no such user")
}

/// What does not exist and what belongs to others are answered in the same words, whoever says so.
fn uniform(problem: Problem) -> Problem {
    if problem.code == Code::CallNotFound {
        Problem::new(Code::CallNotFound, NO_SUCH_CALL)
    } else if problem.code == Code::UserNotFound {
        no_such_user()
    } else {
        problem
    }
}

fn bad_request(message: &str) -> Problem {
    Problem::new(Code::BadRequest, message)
}

/// Undoes the percent encoding of a query's value; what is no encoding stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let encoded = tail.get(..2).and_then(|pair| core::str::from_utf8(pair).ok());
        match encoded.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(if first == b'+' { b' ' } else { first });
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn json(status: StatusCode, body: &impl Serialize) -> Response<Body> {
    let text = serde_json::to_vec(body).expect("replies hold text keys and finite numbers only");
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
