//! The half of a connection that must be driven.
use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio_postgres::{AsyncMessage, Error, Notification, Socket, tls::MakeTlsConnect};
use tokio_postgres_rustls::MakeRustlsConnect;

type Tls = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;

/// Moves bytes between the client and the server for as long as it is polled. As a future it drops notifications; through
/// [`Connection::notification`] it hands them out.
#[must_use = "a connection that nobody polls stands still"]
pub struct Connection {
    inner: Box<tokio_postgres::Connection<Socket, Tls>>,
}

impl Connection {
    pub(crate) fn new(inner: tokio_postgres::Connection<Socket, Tls>) -> Self {
        Self { inner: Box::new(inner) }
    }

    /// What the server reported at login, such as `server_version`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.inner.parameter(name)
    }

    /// Drives the connection until the server notifies. `None` when it has ended in order; not to be called again after that, or
    /// after an error. Nothing is lost if the future is dropped.
    pub async fn notification(&mut self) -> Option<Result<Notification, Error>> {
        poll_fn(|cx| self.poll_notification(cx)).await
    }

    fn poll_notification(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Notification, Error>>> {
        loop {
            match ready!(self.inner.poll_message(cx)) {
                Some(Ok(AsyncMessage::Notification(notification))) => {
                    return Poll::Ready(Some(Ok(notification)));
                }
                Some(Ok(AsyncMessage::Notice(notice))) => {
                    tracing::debug!(
                        code = notice.code().code(),
                        "notice of the database: {}",
                        notice.message()
                    );
                }
                // The enum is open; what is none of the two carries nothing for us.
                Some(Ok(_)) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl Future for Connection {
    type Output = Result<(), Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        while let Some(notification) = ready!(self.poll_notification(cx)) {
            notification?;
        }
        Poll::Ready(Ok(()))
    }
}
