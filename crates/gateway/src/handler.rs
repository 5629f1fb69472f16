//! Where the gateway takes requests to: the seam between connections and calls.
use std::future::Future;

use offhook_signaling::{Event, Platform, Problem, Reply, Request, Resume, Snapshot};
use offhook_types::{Epoch, Offset, Opaque, Party};

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

    /// Whether requests can be carried out at present. Asked by the readiness probe, so it must be quick.
    ///
    /// # Errors
    /// A [`Problem`] that says what is not ready.
    fn ready(&self) -> Result<(), Problem> {
        Ok(())
    }
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
