//! The Rust SDK of Offhook: place and take calls from any program that runs on tokio.
//!
//! [`Client::connect`] starts a client and gives two ends of it: [`Client`], which asks for things, and [`Events`], which
//! tells what happened. The client keeps itself connected: it reconnects with growing pauses, resumes where it stopped and
//! repeats what may be repeated. Neither end touches media; the id of a call is the name of its room, and with the feature
//! `media` [`Client::join_room`] takes part in it.
//!
//! ```no_run
//! use offhook_client::{Client, Config, Event, Invite, Platform};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::new("ws://127.0.0.1:8088/v1/ws", "laptop-1".parse()?, Platform::Linux, "the user's token");
//! let (client, mut events) = Client::connect(config)?;
//!
//! let placed = client.invite(Invite::new(["bob".parse()?])).await?;
//! println!("ringing, call {}", placed.call.call);
//!
//! while let Some(event) = events.next().await {
//!     match event {
//!         Event::Incoming(call) => drop(client.accept(call.call).await?),
//!         Event::RingStopped { reason, .. } => println!("the ring stopped: {reason:?}"),
//!         Event::CallEnded { end, .. } => println!("the call ended: {end:?}"),
//!         _ => {}
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A process that was started by a push rings and answers with [`wake`], without a login and without this client.
//!
//! docs/client.md tells what the client does by itself, what it promises, and what the app has to do.

mod client;
mod clock;
mod config;
mod driver;
mod error;
mod events;
mod invite;
#[cfg(feature = "media")]
pub mod media;
mod random;
mod rooms;
mod socket;
mod target;
mod token;
pub mod wake;
#[cfg(feature = "media")]
mod watchers;

pub use client::Client;
pub use config::Config;
pub use error::{ConnectError, Error};
pub use events::Events;
pub use invite::Invite;
pub use token::{TokenError, TokenSource};

pub use offhook_client_core::{ConnectionState, Event, RingStopReason, StopReason};
pub use offhook_signaling::{
    ApnsEnvironment, CallMode, CallReply, CallStatus, CallView, Calls, Code, DeviceAddress, EndCause,
    EndView, Invited, LeftOut, LeftOutCause, LegStatus, LegView, MediaKind, Platform, Problem, RejectCause,
    UserView, Users,
};
pub use offhook_signaling::{
    Hidden, JoinRoom, Layer, LeaveCause, MemberView, MessageKind, Presence, RoomEvent, RoomRole, RoomToken,
    RoomView, SendMessage, SentTrack, StreamView, Subscribe, TrackMute, TrackSource, TrackView, TrackWish,
    UpdateStream,
};
pub use offhook_types::{
    AppId, CallId, CallSeq, DeviceId, IdempotencyKey, Opaque, RoomId, StreamId, Timestamp, UserId,
};
