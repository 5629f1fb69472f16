//! Nodes that know of each other, tell each other things, and ask.
use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use crate::{Health, Node, NodeId};

/// What comes of a question, in time.
pub type Asking = Pin<Box<dyn Future<Output = Result<Vec<u8>, AskError>> + Send>>;

/// An answer in the making.
pub type Answering = Pin<Box<dyn Future<Output = Vec<u8>> + Send>>;

/// Other nodes: who lives, and how to reach one of them.
///
/// Each node announces itself every second, is gone when it says goodbye, and when it has been silent for 5 s. While this node hears
/// nothing at all because the bus is away, the others' silence is not held against them: [`Peers::nodes`] stays as it was, and
/// [`Peers::health`] says so.
pub trait Peers: Send + Sync + 'static {
    /// This node.
    fn me(&self) -> NodeId;

    /// The nodes that live, this one among them, in the order of their ids.
    fn nodes(&self) -> Vec<Node>;

    /// Announces other facts, within a second.
    ///
    /// # Errors
    /// They have more than [`crate::MAX_FACTS`] bytes; the earlier ones stay.
    fn set_facts(&self, facts: Vec<u8>) -> Result<(), TooLarge>;

    /// The most bytes that a message, a question or an answer may have.
    fn max_message(&self) -> usize;

    /// Sends a message to another node; one to this node itself is dropped, as its owner needs no bus for that. It may get lost,
    /// overtake another, or arrive twice. Never blocks.
    ///
    /// # Errors
    /// It has more than [`Peers::max_message`] bytes.
    fn tell(&self, to: NodeId, message: Vec<u8>) -> Result<(), TooLarge>;

    /// As [`Peers::tell`], to every other node.
    ///
    /// # Errors
    /// It has more than [`Peers::max_message`] bytes.
    fn tell_all(&self, message: Vec<u8>) -> Result<(), TooLarge>;

    /// Asks a node, which may be this one, and waits for its answer for so long at the most. Asked once: after a
    /// [`AskError::TimedOut`] the node may have done what was asked for, or not.
    fn ask(&self, to: NodeId, question: Vec<u8>, patience: Duration) -> Asking;

    /// Sets who answers. The first one stays; until there is one, questions are answered with [`AskError::Busy`].
    fn respond(&self, responder: Arc<dyn Responder>);

    /// How the bus is.
    fn health(&self) -> Health;
}

/// Who answers other nodes.
pub trait Responder: Send + Sync + 'static {
    /// Answers a question, or takes note of a message, whose answer nobody reads. The same may come twice, so doing it twice must do no
    /// more than doing it once. At most some hundreds run at the same time; with more, questions are answered with
    /// [`AskError::Busy`], and messages are dropped and counted.
    fn respond(&self, from: NodeId, message: Vec<u8>) -> Answering;

    /// A node came, went, or has other facts: here are all that live. Must be quick and must not call back.
    fn nodes_changed(&self, nodes: &[Node]) {
        let _ = nodes; // Who wants to know now and then asks for them.
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The node's answer has more bytes than fit.
    #[error("the answer of the other node is larger than the bus carries")]
    AnswerTooLarge,
    /// This node's bus is away; nothing was asked.
    #[error("this node is not connected to its bus")]
    Away,
    /// The node has more questions than it answers at a time, or is only starting. It did nothing.
    #[error("the other node has too much to do to answer")]
    Busy,
    /// There is no such node, or it went before it answered.
    #[error("the other node is gone")]
    Gone,
    /// No answer came in time. The node may have done what was asked for, or not.
    #[error("the other node did not answer in time")]
    TimedOut,
    /// The question is too large; nothing was asked.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

/// A message has more bytes than the bus carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bus carries at most {limit} bytes at a time")]
pub struct TooLarge {
    /// The most bytes.
    pub limit: usize,
}

impl TooLarge {
    /// Whether so many bytes fit.
    ///
    /// # Errors
    /// They do not.
    pub fn check(len: usize, limit: usize) -> Result<(), Self> {
        if len > limit { Err(Self { limit }) } else { Ok(()) }
    }
}
