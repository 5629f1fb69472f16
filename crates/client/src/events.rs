//! What happened, in order.
use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::Stream;
use offhook_client_core::Event;
use tokio::sync::mpsc;

/// What happened, in order, each once. Take events promptly: see [`Config::event_buffer`](crate::Config::event_buffer).
/// When it is dropped, the client lives on and its events are lost.
#[derive(Debug)]
pub struct Events(pub(crate) mpsc::Receiver<Event>);

impl Events {
    /// Waits for the next event; `None` once the client is closed. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Event> {
        self.0.recv().await
    }

    /// Takes the next event if it is there.
    pub fn try_next(&mut self) -> Option<Event> {
        self.0.try_recv().ok()
    }
}

impl Stream for Events {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.0.poll_recv(context)
    }
}
