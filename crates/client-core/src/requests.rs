//! Requests that wait for their reply, over the end of a connection if need be.
use alloc::collections::BTreeMap;

use offhook_signaling::{ClientFrame, Request, RequestId};
use offhook_types::{CallId, Timestamp};

use crate::{ClientError, Handle, Output, turn::Turn};

/// How many requests of the app may wait. More lets an app that does not wait for replies hold more memory.
const MAX_WAITING: usize = 64;

/// For whom a request was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The client's own: this device rings.
    Acknowledge,
    /// The app's.
    App(Handle),
    /// The client's own: a call of which a part was missed.
    Read,
    /// The client's own: a new token.
    Renew,
}

/// A request, and what is to be known of it.
pub(crate) struct Ask {
    /// Whether it can be written at once.
    pub(crate) online: bool,
    pub(crate) purpose: Purpose,
    pub(crate) request: Request,
    /// When it fails for want of a reply.
    pub(crate) until: Timestamp,
}

#[derive(Debug)]
struct Waiting {
    purpose: Purpose,
    request: Request,
    /// Whether it was ever written to a socket.
    sent: bool,
    until: Timestamp,
}

/// Requests that wait for their reply.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    last: u64,
    /// By id, hence in the order in which they were asked.
    waiting: BTreeMap<RequestId, Waiting>,
}

impl Requests {
    /// Takes a request. It is written at once if the client is online, else after the next welcome.
    pub(crate) fn ask(&mut self, ask: Ask, turn: &mut Turn) {
        let Ask { online, purpose, request, until } = ask;
        if let (true, Purpose::App(handle)) = (self.waiting.len() >= MAX_WAITING, purpose) {
            return fail(handle, ClientError::TooManyRequests, turn);
        }
        self.last += 1;
        let id = RequestId(self.last);
        if online {
            turn.send(ClientFrame::Request(id, request.clone()));
        }
        self.waiting.insert(id, Waiting { purpose, request, sent: online, until });
    }

    /// Takes out the request that a reply belongs to.
    pub(crate) fn answered(&mut self, id: RequestId) -> Option<(Purpose, Request)> {
        self.waiting.remove(&id).map(|waiting| (waiting.purpose, waiting.request))
    }

    /// The connection is gone: what cannot be repeated fails.
    pub(crate) fn connection_lost(&mut self, turn: &mut Turn) {
        self.waiting.retain(|_, waiting| {
            let stays = !waiting.sent || may_repeat(&waiting.request);
            if let (false, Purpose::App(handle)) = (stays, waiting.purpose) {
                fail(handle, ClientError::Disconnected { maybe_applied: true }, turn);
            }
            stays
        });
    }

    /// Whether a reply will tell of a call; of one that is not known yet, an invite may.
    pub(crate) fn will_bring(&self, call: CallId, is_known: bool) -> bool {
        self.waiting.values().any(|waiting| match &waiting.request {
            Request::Invite(_) => !is_known,
            Request::Accept(accept) => accept.call == call,
            Request::Join(join) => join.call == call,
            Request::ReadCall(read) => read.call == call,
            Request::Acknowledge(_)
            | Request::Add(_)
            | Request::AddCandidate(_)
            | Request::AnswerMedia(_)
            | Request::AskPushKey(_)
            | Request::RegisterDevice(_)
            | Request::UnregisterDevice
            | Request::AskRoomToken(_)
            | Request::Cancel(_)
            | Request::End(_)
            | Request::Ignore(_)
            | Request::JoinRoom(_)
            | Request::LeaveRoom(_)
            | Request::ListCalls(_)
            | Request::Logout
            | Request::OfferMedia(_)
            | Request::QueryUsers(_)
            | Request::Quit(_)
            | Request::ReadRoom(_)
            | Request::Reject(_)
            | Request::RemoveMember(_)
            | Request::RenewToken(_)
            | Request::SendMessage(_)
            | Request::Subscribe(_)
            | Request::UpdateStream(_)
            | Request::UpdateUser(_) => false,
        })
    }

    /// Whether the server is to take a token.
    pub(crate) fn is_renewing(&self) -> bool {
        self.waiting.values().any(|waiting| matches!(waiting.request, Request::RenewToken(_)))
    }

    /// Nobody will connect: everything fails.
    pub(crate) fn fail_all(&mut self, turn: &mut Turn) {
        for waiting in core::mem::take(&mut self.waiting).into_values() {
            if let Purpose::App(handle) = waiting.purpose {
                fail(handle, ClientError::Disconnected { maybe_applied: waiting.sent }, turn);
            }
        }
    }

    /// Drops the acknowledgments of calls that ring no more.
    pub(crate) fn forget_acknowledgments(&mut self, rings: impl Fn(CallId) -> bool) {
        self.waiting.retain(|_, waiting| match (waiting.purpose, &waiting.request) {
            (Purpose::Acknowledge, Request::Acknowledge(acknowledge)) => rings(acknowledge.call),
            (Purpose::Acknowledge | Purpose::App(_) | Purpose::Read | Purpose::Renew, _) => true,
        });
    }

    /// Writes what waits, on a new connection.
    pub(crate) fn send_all(&mut self, turn: &mut Turn) {
        for (id, waiting) in &mut self.waiting {
            waiting.sent = true;
            turn.send(ClientFrame::Request(*id, waiting.request.clone()));
        }
    }

    pub(crate) fn timeout(&mut self, turn: &mut Turn) {
        self.waiting.retain(|_, waiting| {
            let stays = turn.now < waiting.until;
            if let (false, Purpose::App(handle)) = (stays, waiting.purpose) {
                fail(handle, ClientError::TimedOut { maybe_applied: waiting.sent }, turn);
            }
            stays
        });
    }

    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        self.waiting.values().map(|waiting| waiting.until).min()
    }
}

fn fail(handle: Handle, error: ClientError, turn: &mut Turn) {
    turn.push(Output::Resolve { handle, result: Err(error) });
}

/// Whether a request may be sent again although the server may have carried it out. Most depend on the call's state
/// alone, so the second time changes nothing. Not so an invite without key, which would ring twice, nor an `add`, which
/// would ring again for whoever has declined meanwhile, nor a renewal, which belongs to its session. In rooms, a message
/// would be heard twice, and a negotiation begins anew after the room has been read.
fn may_repeat(request: &Request) -> bool {
    match request {
        Request::Accept(_)
        | Request::Acknowledge(_)
        | Request::AskPushKey(_)
        | Request::RegisterDevice(_)
        | Request::UnregisterDevice
        | Request::AskRoomToken(_)
        | Request::Cancel(_)
        | Request::End(_)
        | Request::Ignore(_)
        | Request::Join(_)
        | Request::JoinRoom(_)
        | Request::LeaveRoom(_)
        | Request::ListCalls(_)
        | Request::Logout
        | Request::QueryUsers(_)
        | Request::Quit(_)
        | Request::ReadCall(_)
        | Request::ReadRoom(_)
        | Request::Reject(_)
        | Request::RemoveMember(_)
        | Request::Subscribe(_)
        | Request::UpdateStream(_)
        | Request::UpdateUser(_) => true,
        Request::Invite(invite) => invite.key.is_some(),
        Request::Add(_)
        | Request::AddCandidate(_)
        | Request::AnswerMedia(_)
        | Request::OfferMedia(_)
        | Request::RenewToken(_)
        | Request::SendMessage(_) => false,
    }
}
