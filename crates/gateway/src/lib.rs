//! Connections of clients and back ends: the accept loop, WebSocket sessions and REST.
//!
//! [`Gateway`] owns the sockets. It drives one [`offhook_session::Session`] per device and takes what is asked for to a
//! [`Handler`]; the bus tells its [`Hub`] which users have news. It decides nothing about calls and stores nothing.
//! `/v1/ws` is the address of sessions, everything else under `/v1` is for the apps' back ends.

mod accept;
mod clock;
mod closing;
mod config;
mod connection;
mod elsewhere;
mod gateway;
mod handler;
mod http;
mod hub;
mod login;
mod mailbox;
mod metrics;
mod rest;
mod scrape;
mod seat;
mod work;

pub use clock::{Clock, SystemClock};
pub use config::{AppPolicy, GatewayConfig, LoginPolicy, Origins, is_browser};
pub use connection::websocket_config;
pub use elsewhere::{Dismissal, Doorkeeper, Newcomer};
pub use gateway::{Gateway, ServeError};
pub use handler::{
    Delivery, Departure, Handler, Login, Opened, PushAnswer, PushOrder, RoomAction, RoomOrder,
};
pub use hub::Hub;
pub use metrics::Metrics;
pub use rest::openapi;
pub use scrape::{Render, serve_metrics};
