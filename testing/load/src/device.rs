//! One device: a logged-in connection that says what it is told to and returns what it hears.
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use offhook_signaling::{ClientFrame, Heartbeat, Hello, Platform, SUBPROTOCOL, ServerFrame, Welcome};
use offhook_types::{DeviceId, Opaque, UserId};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{ClientRequestBuilder, Message, Utf8Bytes, protocol::WebSocketConfig},
};

use crate::{
    failure::Failure,
    target::{Place, Target},
    wire::{Heard, Template},
};

/// How much is read at once. The library's own 128 KiB would cost ten thousand devices more than a gigabyte.
const READ_BUFFER: usize = 4096;

/// How long a connection may take until it is logged in.
const LOGIN_TIMEOUT: Duration = Duration::from_secs(30);

/// A device that is logged in.
pub(crate) struct Device {
    last_id: u64,
    socket: WebSocketStream<TcpStream>,
    pub(crate) user: UserId,
    pub(crate) welcome: Welcome,
}

impl Device {
    /// Connects and logs the run's user of this number in.
    pub(crate) async fn log_in(target: &Target, number: u32) -> Result<Self, Failure> {
        let user = target.user(number);
        match tokio::time::timeout(LOGIN_TIMEOUT, Self::open(target, target.place(number), user)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failure::Timeout),
        }
    }

    async fn open(target: &Target, place: &Place, user: UserId) -> Result<Self, Failure> {
        let stream = TcpStream::connect(&place.address).await.map_err(|_| Failure::Closed)?;
        stream.set_nodelay(true).map_err(|_| Failure::Closed)?;
        let request = ClientRequestBuilder::new(place.uri.clone()).with_sub_protocol(SUBPROTOCOL);
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER).write_buffer_size(0);
        let connected = client_async_with_config(request, stream, Some(config)).await;
        let (mut socket, _) = connected.map_err(|_| Failure::Closed)?;
        let hello = Hello {
            app: Some(target.app),
            device: DeviceId::new("load").expect("a word is a device id"),
            name: Opaque::default(),
            platform: Platform::Linux,
            resume: None,
            token: target.token(&user),
            user: None,
        };
        say(&mut socket, ClientFrame::Hello(hello).to_text()).await?;
        let welcome = welcome(&hear(&mut socket).await?)?;
        Ok(Self { last_id: 0, socket, user, welcome })
    }

    /// Sends a request and returns its id.
    pub(crate) async fn ask(&mut self, request: &Template, call: &str) -> Result<u64, Failure> {
        self.last_id += 1;
        say(&mut self.socket, request.fill(self.last_id, call)).await?;
        Ok(self.last_id)
    }

    /// Shows that the device lives.
    pub(crate) async fn beat(&mut self) -> Result<(), Failure> {
        let heartbeat = Heartbeat { offset: self.welcome.offset };
        say(&mut self.socket, ClientFrame::Heartbeat(heartbeat).to_text()).await
    }

    /// The next frame of the server. May be dropped while it waits; nothing is lost.
    pub(crate) async fn hear(&mut self) -> Result<Utf8Bytes, Failure> {
        hear(&mut self.socket).await
    }
}

async fn say(socket: &mut WebSocketStream<TcpStream>, text: String) -> Result<(), Failure> {
    socket.send(Message::text(text)).await.map_err(|_| Failure::Closed)
}

async fn hear(socket: &mut WebSocketStream<TcpStream>) -> Result<Utf8Bytes, Failure> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => return Ok(text),
            Some(Ok(Message::Binary(_) | Message::Frame(_) | Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Failure::Closed),
        }
    }
}

fn welcome(text: &str) -> Result<Welcome, Failure> {
    Heard::read(text)?; // A refusal says why.
    match ServerFrame::parse(text) {
        Ok(ServerFrame::Welcome(welcome)) => Ok(welcome),
        Ok(
            ServerFrame::Closing(_)
            | ServerFrame::Event(_)
            | ServerFrame::Heartbeat(_)
            | ServerFrame::Problem(..)
            | ServerFrame::Reply(..)
            | ServerFrame::Room(_)
            | ServerFrame::TokenWillExpire(_),
        )
        | Err(_) => Err(Failure::Unreadable),
    }
}
