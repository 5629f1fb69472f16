//! The end of a client that asks for things.
use offhook_client_core::Client as Machine;
use offhook_signaling::{
    Accept, Add, CallReply, CallView, Calls, Cancel, DeviceAddress, End, Ignore, Invited, Join, ListCalls,
    QueryUsers, Quit, ReadCall, RegisterDevice, Reject, RejectCause, Reply, Request, UpdateUser, UserView,
    Users,
};
use offhook_types::{CallId, IdempotencyKey, Opaque, UserId};
use tokio::sync::{mpsc, oneshot};

use crate::{
    Config, ConnectError, Error, Events, Invite,
    clock::Clock,
    driver::{Command, Driver, Tokens, Work},
    random::Random,
    target::Target,
};

/// How many commands may wait for the task. Who asks faster waits; more would only hold more of them.
const COMMANDS: usize = 16;

/// The end of a client that asks for things. Cheap to clone; when the last one is dropped, the client disconnects.
///
/// Every request waits up to 10 s, also for the connection. Dropping the future of a request does not take the request
/// back. Each fails with [`Error`]; [`Error::Problem`] says what the server refused.
#[derive(Clone, Debug)]
pub struct Client {
    commands: mpsc::Sender<Command>,
    /// Where the server is: host and port.
    #[cfg(feature = "media")]
    server: std::sync::Arc<str>,
}

impl Client {
    /// Starts a client. It connects by itself and keeps at it; [`Events`] tells how it goes. Has to be called within a
    /// tokio runtime whose timers and I/O are enabled.
    ///
    /// # Errors
    /// [`ConnectError`] if the URL cannot be used at all. A server that is away is no error.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn connect(config: Config) -> Result<(Self, Events), ConnectError> {
        let target = Target::new(&config)?;
        #[cfg(feature = "media")]
        let server = target.address().into();
        let (commands, commands_end) = mpsc::channel(COMMANDS);
        let (events, events_end) = mpsc::channel(config.event_buffer.max(1));
        let driver = Driver {
            clock: Clock::start(),
            commands: commands_end,
            events,
            machine: Machine::new(config.core()),
            random: Random::new(),
            target,
            tokens: Tokens::new(config.token.0),
            work: Work::default(),
        };
        // The task belongs to the channel of commands: it ends when the last `Client` does.
        drop(tokio::spawn(driver.run()));
        let client = Self {
            commands,
            #[cfg(feature = "media")]
            server,
        };
        Ok((client, Events(events_end)))
    }

    /// Places a call. A retry after a lost connection rings nobody twice.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn invite(&self, invite: Invite) -> Result<Invited, Error> {
        let reply = self.ask(Request::Invite(invite.into_request())).await?;
        let Reply::Invited(invited) = reply else { return Err(unexpected()) };
        Ok(invited)
    }

    /// Invites more users into a call of the advanced mode. Fails with [`Error::Disconnected`] if the connection is lost
    /// meanwhile: a retry might ring again for who has declined.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn add(
        &self,
        call: CallId,
        invitees: impl IntoIterator<Item = UserId>,
    ) -> Result<CallReply, Error> {
        self.change(Request::Add(Add { call, invitees: invitees.into_iter().collect(), push: None })).await
    }

    /// Takes the whole call back.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn cancel(&self, call: CallId) -> Result<CallReply, Error> {
        self.cancel_some(call, [], Opaque::default()).await
    }

    /// Takes back the invitations of these users, or of all if there are none; `data` is shown to those who rang, at
    /// most 2 KiB.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn cancel_some(
        &self,
        call: CallId,
        invitees: impl IntoIterator<Item = UserId>,
        data: Opaque,
    ) -> Result<CallReply, Error> {
        let invitees = invitees.into_iter().collect();
        self.change(Request::Cancel(Cancel { call: Some(call), data, invitees, key: None, push: None })).await
    }

    /// Takes back a call whose invite has not been answered, by the invite's key. If the invite comes to the server
    /// later, it rings nobody.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn cancel_key(&self, key: IdempotencyKey) -> Result<CallReply, Error> {
        let cancel =
            Cancel { call: None, data: Opaque::default(), invitees: Vec::new(), key: Some(key), push: None };
        self.change(Request::Cancel(cancel)).await
    }

    /// Accepts a call; this device becomes the main device.
    ///
    /// # Errors
    /// See [`Client`]. If another device was first, the problem bears the call as it now is.
    pub async fn accept(&self, call: CallId) -> Result<CallReply, Error> {
        self.accept_with(call, Opaque::default()).await
    }

    /// Accepts a call, and shows `data` to the others, at most 2 KiB.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn accept_with(&self, call: CallId, data: Opaque) -> Result<CallReply, Error> {
        self.change(Request::Accept(Accept { call, data })).await
    }

    /// Rejects a call on all of the user's devices.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn reject(&self, call: CallId) -> Result<CallReply, Error> {
        self.reject_with(call, RejectCause::Declined, Opaque::default()).await
    }

    /// Rejects a call for this reason, and shows `data` to the others, at most 2 KiB.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn reject_with(
        &self,
        call: CallId,
        reason: RejectCause,
        data: Opaque,
    ) -> Result<CallReply, Error> {
        self.change(Request::Reject(Reject { call, data, reason })).await
    }

    /// Silences the ring on this device alone, at once, also without a connection.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn ignore(&self, call: CallId) -> Result<CallReply, Error> {
        self.change(Request::Ignore(Ignore { call })).await
    }

    /// Enters a call of the advanced mode uninvited, or moves the user's part in it to this device.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn join(&self, call: CallId) -> Result<CallReply, Error> {
        self.change(Request::Join(Join { call, data: Opaque::default() })).await
    }

    /// Leaves a call of the advanced mode; the others stay.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn quit(&self, call: CallId) -> Result<CallReply, Error> {
        self.change(Request::Quit(Quit { call, data: Opaque::default(), push: None })).await
    }

    /// Ends a call of the advanced mode for all.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn end(&self, call: CallId) -> Result<CallReply, Error> {
        self.change(Request::End(End { call, data: Opaque::default(), push: None })).await
    }

    /// Reads one call that the user takes or took part in.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn call(&self, call: CallId) -> Result<CallView, Error> {
        let reply = self.change(Request::ReadCall(ReadCall { call })).await?;
        reply.call.ok_or(Error::Unreadable)
    }

    /// Lists the user's calls, newest first: `limit` of them, 1 to 100, from where the last page ended.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn call_list(&self, cursor: Option<String>, limit: u32) -> Result<Calls, Error> {
        let reply = self.ask(Request::ListCalls(ListCalls { cursor, limit })).await?;
        let Reply::Calls(calls) = reply else { return Err(unexpected()) };
        Ok(calls)
    }

    /// The calls that this device knows without asking, oldest first: what it heard last, not what is. Their
    /// `remaining_ms` and `age_ms` are those of that moment.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub async fn known_calls(&self) -> Result<Vec<CallView>, Error> {
        self.known(None).await
    }

    /// What this device knows of a call without asking.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub async fn known_call(&self, call: CallId) -> Result<Option<CallView>, Error> {
        Ok(self.known(Some(call)).await?.pop())
    }

    /// Asks about users, 1 to 10.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn query_users(&self, users: impl IntoIterator<Item = UserId>) -> Result<Users, Error> {
        let reply = self.ask(Request::QueryUsers(QueryUsers { users: users.into_iter().collect() })).await?;
        let Reply::Users(users) = reply else { return Err(unexpected()) };
        Ok(users)
    }

    /// Changes the user's own profile; what is `None` stays. Gives the profile as it now is.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn update_user(&self, change: UpdateUser) -> Result<UserView, Error> {
        let reply = self.ask(Request::UpdateUser(change)).await?;
        let Reply::Users(mut users) = reply else { return Err(unexpected()) };
        users.users.pop().ok_or(Error::Unreadable)
    }

    /// Registers where this device is woken, in the place of all that it registered before; 1 to 4 addresses, no two of one
    /// provider. To be called at every start, and whenever the vendor gives another token.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn register_device(
        &self,
        addresses: impl IntoIterator<Item = DeviceAddress>,
    ) -> Result<(), Error> {
        let addresses = addresses.into_iter().collect();
        self.order(Request::RegisterDevice(RegisterDevice { addresses })).await
    }

    /// Forgets where this device is woken. It stays logged in.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn unregister_device(&self) -> Result<(), Error> {
        self.order(Request::UnregisterDevice).await
    }

    /// Logs this device out: it gets no pushes any more, and the session stops.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn logout(&self) -> Result<(), Error> {
        let Reply::Done = self.ask(Request::Logout).await? else { return Err(unexpected()) };
        Ok(())
    }

    /// Connects if the session was stopped, and cuts a pause before the next attempt short, as an app does that comes to
    /// the foreground or finds the network back. An open session that needs a token and has none on its way asks for one at
    /// once. A fixed token is used once more.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub async fn reconnect(&self) -> Result<(), Error> {
        self.send(Command::Reconnect).await
    }

    /// Hands over a token that was not asked for; an open session is renewed with it.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub async fn provide_token(&self, token: impl Into<String>) -> Result<(), Error> {
        self.send(Command::Token(token.into())).await
    }

    /// Disconnects and ends the client, also for its clones. Requests that wait fail. The device stays logged in.
    pub async fn close(self) {
        let (done, is_done) = oneshot::channel();
        if self.send(Command::Close(done)).await.is_ok() {
            // An error means that the task has ended, which is what was wanted.
            drop(is_done.await);
        }
    }

    async fn change(&self, request: Request) -> Result<CallReply, Error> {
        let reply = self.ask(request).await?;
        let Reply::Call(reply) = reply else { return Err(unexpected()) };
        Ok(reply)
    }

    async fn known(&self, call: Option<CallId>) -> Result<Vec<CallView>, Error> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Known(call, reply)).await?;
        answer.await.map_err(|_| Error::Closed)
    }

    /// Has the events of a room sent here, instead of to the app, until the receiver is dropped.
    #[cfg(feature = "media")]
    pub(crate) async fn watch_room(
        &self,
        room: offhook_types::RoomId,
        events: mpsc::Sender<offhook_signaling::RoomEvent>,
    ) -> Result<(), Error> {
        self.send(Command::Watch(room, events)).await
    }

    /// Where the server is: host and port.
    #[cfg(feature = "media")]
    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    pub(crate) async fn ask(&self, request: Request) -> Result<Reply, Error> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Request(request, reply)).await?;
        answer.await.map_err(|_| Error::Closed)?
    }

    async fn send(&self, command: Command) -> Result<(), Error> {
        self.commands.send(command).await.map_err(|_| Error::Closed)
    }
}

pub(crate) fn unexpected() -> Error {
    tracing::warn!("the server gave another reply than the request has");
    Error::Unreadable
}
