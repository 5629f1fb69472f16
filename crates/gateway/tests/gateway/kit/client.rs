//! A WebSocket client of foreign make (tungstenite's), and raw sockets.
use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::CloseFrame},
};

pub struct Client {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next_id: u64,
}

/// How a session ended: the frames before the end, and the code.
#[derive(Debug)]
pub struct Closed {
    pub frames: Vec<Value>,
    pub code: Option<u16>,
}

impl Client {
    pub async fn dial(address: SocketAddr, origin: Option<&str>) -> Result<Self, Error> {
        let mut request = format!("ws://{address}/v1/ws").into_client_request()?;
        request.headers_mut().insert("sec-websocket-protocol", "offhook.v1".parse().unwrap());
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        let (socket, _) = tokio_tungstenite::connect_async(request).await?;
        Ok(Self { socket, next_id: 1 })
    }

    pub async fn send(&mut self, frame: Value) {
        self.send_text(frame.to_string()).await;
    }

    pub async fn send_text(&mut self, text: String) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    pub async fn hello(&mut self, token: &str, device: &str, platform: &str) {
        let body = json!({ "device": device, "platform": platform, "token": token });
        self.send(json!({ "type": "hello", "body": body })).await;
    }

    /// Asks, and returns the id under which the reply will come.
    pub async fn ask(&mut self, kind: &str, body: Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.send(json!({ "type": kind, "id": id, "body": body })).await;
        id
    }

    /// Asks and waits for the answer, over which nothing else may come.
    pub async fn answer(&mut self, kind: &str, body: Value) -> Value {
        let id = self.ask(kind, body).await;
        let frame = self.next().await;
        assert_eq!(frame["id"], id, "{frame}");
        frame
    }

    /// The next frame.
    pub async fn next(&mut self) -> Value {
        loop {
            match self.socket.next().await.expect("the session goes on").expect("the socket works") {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("a text was expected, not {other:?}"),
            }
        }
    }

    /// The next frame, which is of this type.
    pub async fn expect(&mut self, kind: &str) -> Value {
        let frame = self.next().await;
        assert_eq!(frame["type"], kind, "{frame}");
        frame
    }

    /// Reads to the end.
    pub async fn closed(mut self) -> Closed {
        let mut closed = Closed { frames: Vec::new(), code: None };
        while let Some(Ok(message)) = self.socket.next().await {
            match message {
                Message::Text(text) => closed.frames.push(serde_json::from_str(&text).unwrap()),
                Message::Close(Some(CloseFrame { code, .. })) => closed.code = Some(code.into()),
                _ => {}
            }
        }
        closed
    }
}

/// A raw socket that has sent `text`.
pub async fn connect_raw(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// What the server sends until it closes.
pub async fn read_until_closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    bytes
}
