//! Steps of a trace, as they stand in the file.
use offhook_client_core::{Handle, Input, Token};
use offhook_signaling::{ClientFrame, Request, ServerFrame};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub(crate) at_ms: u64,
    pub(crate) expect: Vec<Value>,
    pub(crate) input: WrittenInput,
    #[serde(default)]
    pub(crate) random: Random,
    pub(crate) wake_at_ms: Option<u64>,
}

/// A number from 0 to below 1.
#[derive(Clone, Copy, Default, Deserialize)]
pub(crate) struct Random(f64);

impl From<Random> for u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the product is within the type"
    )]
    fn from(Random(fraction): Random) -> Self {
        assert!((0.0..1.0).contains(&fraction), "a random number is from 0 to below 1");
        (fraction * 4_294_967_296.0) as Self
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WrittenInput {
    Connect,
    Disconnect,
    Frame(Value),
    Paused,
    Request { handle: u64, frame: Value },
    Resumed,
    SocketClosed { code: Option<u16> },
    SocketFailed,
    SocketOpened,
    Timeout,
    Token(String),
    TokenFailed,
    TokenGone,
}

impl From<WrittenInput> for Input {
    fn from(written: WrittenInput) -> Self {
        match written {
            WrittenInput::Connect => Self::Connect,
            WrittenInput::Disconnect => Self::Disconnect,
            WrittenInput::Frame(frame) => Self::Frame(ServerFrame::parse(&frame.to_string())),
            WrittenInput::Paused => Self::Paused,
            WrittenInput::Request { handle, frame } => {
                Self::Request { handle: Handle(handle), request: request(frame) }
            }
            WrittenInput::Resumed => Self::Resumed,
            WrittenInput::SocketClosed { code } => Self::SocketClosed(code),
            WrittenInput::SocketFailed => Self::SocketFailed,
            WrittenInput::SocketOpened => Self::SocketOpened,
            WrittenInput::Timeout => Self::Timeout,
            WrittenInput::Token(token) => Self::Token(Token(token)),
            WrittenInput::TokenFailed => Self::TokenFailed,
            WrittenInput::TokenGone => Self::TokenGone,
        }
    }
}

/// A request is written as its frame, without the id that the machine chooses.
fn request(mut frame: Value) -> Request {
    frame["id"] = json!(0);
    match ClientFrame::parse(&frame.to_string()) {
        Ok(ClientFrame::Request(_, request)) => request,
        Ok(ClientFrame::Heartbeat(_) | ClientFrame::Hello(_)) | Err(_) => panic!("no request: {frame}"),
    }
}
