//! Where the gateway takes requests to: the seam between connections and calls.
use std::future::Future;

use offhook_signaling::{
    Code, Event, Platform, Problem, PushLedger, PushResource, PushResources, Reply, Request, Resume,
    RoomRole, Snapshot,
};
use offhook_types::{AppId, CallId, DeviceId, Epoch, Offset, Opaque, Party, RoomId, Timestamp, UserId};

/// Carries out what sessions and back ends ask for. The server wires it to call-control.
pub trait Handler: Send + Sync + 'static {
    /// Registers the user if they are new, notes that the device is here, and finds out what it missed.
    ///
    /// # Errors
    /// A [`Problem`] if the store cannot tell.
    fn open(&self, login: Login) -> impl Future<Output = Result<Opened, Problem>> + Send;

    /// Notes that a session is gone. Not called for a session that another one of the same device replaced.
    fn closed(&self, party: &Party, departure: Departure) -> impl Future<Output = ()> + Send;

    /// Carries out a request; an answer means that it is committed. `RenewToken` and `Logout` never get here. An
    /// `UpdateUser` of a back end registers the user if they are new. Once begun, it is never dropped halfway.
    ///
    /// # Errors
    /// A [`Problem`] if it was not carried out.
    fn execute(&self, party: &Party, request: Request)
    -> impl Future<Output = Result<Reply, Problem>> + Send;

    /// The events after `after` that are meant for this device, at most about `limit`.
    ///
    /// # Errors
    /// A [`Problem`] if the store cannot tell.
    fn events(
        &self,
        party: &Party,
        after: Offset,
        limit: usize,
    ) -> impl Future<Output = Result<Delivery, Problem>> + Send;

    /// Carries out what an app's back end orders for one of its rooms. Once begun, it is never dropped halfway. By default
    /// there are no rooms.
    ///
    /// Answers are [`Reply::RoomToken`] to a mint, [`Reply::Room`] to a read (role and ICE servers are not shown), and
    /// [`Reply::Done`] to the others.
    ///
    /// # Errors
    /// A [`Problem`] if it was not carried out: `not_found` if there is no such room, or no such user in it.
    fn room(&self, app: AppId, order: RoomOrder) -> impl Future<Output = Result<Reply, Problem>> + Send {
        let _ = (app, order);
        async { Err(Problem::new(Code::MediaUnavailable, "this server carries no media")) }
    }

    /// Notes that a device has read the invitation that a push told it of. By default nobody wants to know.
    fn woken(&self, party: &Party, call: CallId) -> impl Future<Output = ()> + Send {
        let _ = (party, call);
        async {}
    }

    /// Carries out what an app's back end orders about pushes. By default there are none.
    ///
    /// # Errors
    /// A [`Problem`] if it was not carried out.
    fn push(&self, app: AppId, order: PushOrder) -> impl Future<Output = Result<PushAnswer, Problem>> + Send {
        let _ = (app, order);
        async { Err(Problem::new(Code::NotFound, "this server sends no pushes")) }
    }

    /// Whether requests can be carried out at present. Asked by the readiness probe, so it must be quick.
    ///
    /// # Errors
    /// A [`Problem`] that says what is not ready.
    fn ready(&self) -> Result<(), Problem> {
        Ok(())
    }
}

/// What an app's back end wants done about pushes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushOrder {
    /// The push resources of the app.
    List,
    /// Keep a push resource.
    Put {
        /// Its name.
        name: String,
        /// What it is.
        resource: Box<PushResource>,
    },
    /// What was sent in a call of this user's.
    Read {
        /// The call.
        call: CallId,
        /// One of its parties.
        user: UserId,
    },
    /// Forget a push resource.
    Remove {
        /// Its name.
        name: String,
    },
}

/// The answer to a [`PushOrder`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushAnswer {
    /// To what has nothing to tell.
    Done,
    /// To [`PushOrder::Read`].
    Ledger(PushLedger),
    /// To [`PushOrder::List`].
    Resources(PushResources),
}

/// What an app's back end wants of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomOrder {
    /// What is to be done.
    pub action: RoomAction,
    /// The room.
    pub room: RoomId,
}

/// What an app's back end wants done with a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomAction {
    /// Everybody out.
    Close,
    /// A room token for a device of a user.
    Mint {
        /// The device.
        device: DeviceId,
        /// What the user may do in the room.
        role: RoomRole,
        /// The user.
        user: UserId,
    },
    /// Who is in it, and what is published.
    Read,
    /// This user out, and not in again.
    Remove {
        /// The user.
        user: UserId,
    },
}

/// A device that wants to begin a session. Its token has been verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The user's name to show; empty keeps the last one.
    pub name: Opaque,
    /// Who.
    pub party: Party,
    /// What the device runs on.
    pub platform: Platform,
    /// Where the device stopped listening.
    pub resume: Option<Resume>,
    /// When it said hello.
    pub since: Timestamp,
}

/// A session may begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The life of the event log.
    pub epoch: Epoch,
    /// Where the session begins in the log.
    pub offset: Offset,
    /// The state at `offset`; `None` if the device can resume from there.
    pub snapshot: Option<Snapshot>,
}

/// Events for one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The log no longer reaches back to the wanted offset: the session must end, and the client will get a snapshot.
    Behind,
    /// What was found.
    Events {
        /// Meant for this device, in order; `after` chains them.
        events: Vec<Event>,
        /// Everything up to here has been looked at; the next call asks from here.
        through: Offset,
        /// Whether the log goes on after `through`.
        more: bool,
    },
}

/// How a device went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// It logged out.
    LoggedOut,
    /// Its connection ended or fell silent, it was kicked out, or its token expired; it may come back.
    Lost,
}
