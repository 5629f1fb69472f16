//! A WebSocket echo with the gateway's own settings and close handshake, for conformance suites:
//! `cargo run --release -p offhook-gateway --example echo -- 127.0.0.1:9001`.
use std::{env, error::Error};

use futures_util::{SinkExt, StreamExt};
use offhook_gateway::websocket_config;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{accept_async_with_config, tungstenite::Message};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).ok_or("name an address to listen on, like 127.0.0.1:9001")?;
    let listener = TcpListener::bind(&address).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(echo(stream));
    }
}

/// Sends every message back until the client has said goodbye; reading goes on to the end, so that the answer to a
/// close is written.
async fn echo(stream: TcpStream) {
    let Ok(mut socket) = accept_async_with_config(stream, Some(websocket_config())).await else { return };
    while let Some(Ok(message)) = socket.next().await {
        let sent = match message {
            Message::Binary(_) | Message::Text(_) => socket.send(message).await,
            Message::Close(_) | Message::Frame(_) | Message::Ping(_) | Message::Pong(_) => {
                socket.flush().await
            }
        };
        if sent.is_err() {
            // What cannot be written ends with the next read.
            continue;
        }
    }
}
