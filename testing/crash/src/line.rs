//! One WebSocket to the server: texts out, frames in, and nothing remembered.
use anyhow::{Context as _, Result};
use futures_util::{SinkExt as _, StreamExt as _};
use offhook_signaling::{ClientFrame, SUBPROTOCOL, ServerFrame};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{ClientRequestBuilder, Message, http::Uri, protocol::WebSocketConfig},
};

/// How much is read at once.
const READ_BUFFER: usize = 16 * 1024;

/// A connection.
pub(crate) struct Line(WebSocketStream<TcpStream>);

impl Line {
    /// Connects, without saying hello.
    pub(crate) async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("no connection")?;
        stream.set_nodelay(true)?;
        let uri: Uri = format!("ws://{address}/v1/ws").parse()?;
        let request = ClientRequestBuilder::new(uri).with_sub_protocol(SUBPROTOCOL);
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER).write_buffer_size(0);
        let (socket, _) =
            client_async_with_config(request, stream, Some(config)).await.context("no upgrade")?;
        Ok(Self(socket))
    }

    /// Sends a frame; whether it left.
    pub(crate) async fn say(&mut self, frame: &ClientFrame) -> bool {
        self.0.send(Message::text(frame.to_text())).await.is_ok()
    }

    /// The next frame; `None` when the line is dead. May be dropped while it waits; nothing is lost.
    ///
    /// # Errors
    /// The server sent something that is no frame.
    pub(crate) async fn hear(&mut self) -> Result<Option<ServerFrame>> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => {
                    return ServerFrame::parse(&text)
                        .map(Some)
                        .with_context(|| format!("not a frame: {text}"));
                }
                Some(Ok(Message::Binary(_) | Message::Frame(_) | Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(None),
            }
        }
    }
}
