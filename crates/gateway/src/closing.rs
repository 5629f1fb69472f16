//! The end of a connection, as RFC 6455 has it.
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::{
    Error,
    error::ProtocolError,
    protocol::{CloseFrame, frame::coding::CloseCode as WsCode},
};

use crate::connection::Socket;

/// How the server closes.
#[derive(Clone, Copy)]
pub(crate) enum Ending {
    /// The client has closed, or is gone.
    Ended,
    /// With a code and the handshake of RFC 6455, section 7.1.
    Closing(WsCode),
    /// With a code, because of frames after which nothing can be read any more.
    Failing(WsCode),
}

/// The code with which frames that break RFC 6455 are answered; `None` if the socket is gone.
pub(crate) fn fault(error: &Error) -> Option<WsCode> {
    match error {
        Error::Capacity(_) => Some(WsCode::Size),
        Error::Protocol(fault) => {
            (*fault != ProtocolError::ResetWithoutClosingHandshake).then_some(WsCode::Protocol)
        }
        Error::Utf8(_) => Some(WsCode::Invalid),
        Error::AlreadyClosed
        | Error::AttackAttempt
        | Error::ConnectionClosed
        | Error::Http(_)
        | Error::HttpFormat(_)
        | Error::Io(_)
        | Error::Tls(_)
        | Error::Url(_)
        | Error::WriteBufferFull(_) => None,
    }
}

/// Says goodbye and reads on until the client has, too: a socket closed on unread bytes would take the farewell with it.
pub(crate) async fn close_socket(mut socket: Socket, ending: Ending) {
    match ending {
        Ending::Ended => {
            let _ = socket.flush().await;
        }
        Ending::Closing(code) => {
            let frame = CloseFrame { code, reason: "".into() };
            if socket.close(Some(frame)).await.is_ok() {
                while let Some(Ok(_)) = socket.next().await {}
            }
        }
        Ending::Failing(code) => {
            let frame = CloseFrame { code, reason: "".into() };
            if socket.close(Some(frame)).await.is_ok() {
                let stream = socket.get_mut();
                let _ = stream.shutdown().await;
                let mut rest = [0; 1024];
                while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
            }
        }
    }
}
