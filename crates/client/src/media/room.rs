//! The two ends of a room that has been joined.
use std::net::{IpAddr, SocketAddr};

use offhook_sfu::endpoint::{Endpoint, EndpointConfig};
use offhook_signaling::JoinRoom;
use offhook_types::{RoomId, StreamId};
use tokio::{
    net::{UdpSocket, lookup_host},
    sync::{mpsc, oneshot},
    time::Instant,
};

use super::{
    JoinError, Publication, RoomOptions, RoomStatistics, RoomUpdate,
    task::{Command, Task},
};
use crate::{Client, Error};

/// How many updates wait for an app that is slow to take them. When it is full, frames are dropped and the room's signaling
/// is not followed. More costs memory: frames are a few kilobytes.
const UPDATES: usize = 512;

/// How many of the server's events wait for the task; it takes them at once.
const EVENTS: usize = 256;

/// The end of a room that asks for things. When it is dropped, the device leaves.
#[derive(Debug)]
pub struct Room {
    client: Client,
    commands: mpsc::Sender<Command>,
    room: RoomId,
}

/// What happens in a room, in order. It ends after [`RoomUpdate::Left`], or when this device has left.
#[derive(Debug)]
pub struct RoomEvents(mpsc::Receiver<RoomUpdate>);

impl Client {
    /// Enters a room, and connects media with it. The room follows the client over lost connections; it keeps the client
    /// alive.
    ///
    /// # Errors
    /// See [`JoinError`].
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn join_room(&self, options: RoomOptions) -> Result<(Room, RoomEvents), JoinError> {
        offhook_sfu::install_crypto();
        let token = match options.token {
            Some(token) => token,
            None => self.room_token(options.room.clone()).await?.token,
        };
        let socket = UdpSocket::bind((self.own_address(options.bind).await?, 0)).await?;
        let now = Instant::now().into_std();
        let local = socket.local_addr()?;
        let endpoint = Endpoint::new(EndpointConfig::new(vec![local]), now)?;
        let (events, events_end) = mpsc::channel(EVENTS);
        // From before the room is entered, so that no event is missed.
        self.watch_room(options.room.clone(), events).await?;
        let (max_members, subscribe_all) = (options.max_members, options.subscribe_all);
        let view = self.enter_room(JoinRoom { max_members, subscribe_all, token }).await?;
        let (commands, commands_end) = mpsc::channel(16);
        let (updates, updates_end) = mpsc::channel(UPDATES);
        let mut task = Task::new(self.clone(), (endpoint, socket, local), options.room.clone());
        task.publish(options.publications);
        task.begin(view);
        drop(tokio::spawn(task.run(commands_end, events_end, updates)));
        Ok((Room { client: self.clone(), commands, room: options.room }, RoomEvents(updates_end)))
    }

    /// The address of this machine from which the server is reached. Nothing is sent to find out.
    async fn own_address(&self, wanted: Option<IpAddr>) -> std::io::Result<IpAddr> {
        if let Some(address) = wanted {
            return Ok(address);
        }
        let server: SocketAddr =
            lookup_host(self.server()).await?.next().ok_or(std::io::ErrorKind::NotFound)?;
        let any: IpAddr = if server.is_ipv4() { [0, 0, 0, 0].into() } else { [0_u16; 8].into() };
        let probe = UdpSocket::bind((any, 0)).await?;
        probe.connect(server).await?;
        Ok(probe.local_addr()?.ip())
    }
}

impl Room {
    /// Publishes a stream. If the server refuses, [`RoomUpdate::Refused`] follows.
    ///
    /// # Errors
    /// [`Error::Closed`] once the device is out of the room.
    pub async fn publish(&self, publication: Publication) -> Result<(), Error> {
        self.send(Command::Publish(publication)).await
    }

    /// Publishes a stream no longer.
    ///
    /// # Errors
    /// [`Error::Closed`] once the device is out of the room.
    pub async fn unpublish(&self, stream: StreamId) -> Result<(), Error> {
        self.send(Command::Unpublish(stream)).await
    }

    /// What went to and from the room until now.
    ///
    /// # Errors
    /// [`Error::Closed`] once the device is out of the room.
    pub async fn statistics(&self) -> Result<RoomStatistics, Error> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Statistics(reply)).await?;
        answer.await.map_err(|_| Error::Closed)
    }

    /// The client that is in the room, for requests about it: messages, subscriptions, mutes.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The room.
    #[must_use]
    pub fn id(&self) -> &RoomId {
        &self.room
    }

    /// Leaves, and waits until the server knows.
    pub async fn leave(self) {
        let (done, is_done) = oneshot::channel();
        if self.send(Command::Leave(done)).await.is_ok() {
            // An error means that the task has ended, which is what was wanted.
            drop(is_done.await);
        }
    }

    async fn send(&self, command: Command) -> Result<(), Error> {
        self.commands.send(command).await.map_err(|_| Error::Closed)
    }
}

impl RoomEvents {
    /// Waits for the next update; `None` once this device is out of the room. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<RoomUpdate> {
        self.0.recv().await
    }
}
