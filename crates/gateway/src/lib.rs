//! Connections of clients and back ends: the accept loop, WebSocket sessions and REST.

mod handler;

pub use handler::{Delivery, Departure, Handler, Login, Opened};
