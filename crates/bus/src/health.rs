//! How a bus is, for operators and metrics.
use std::{fmt, time::Duration};

use crate::NodeId;

/// How the bus is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether it is connected.
    pub state: State,
    /// What it has done since the start.
    pub counts: Counts,
    /// Nodes that live and bear this node's name. Whoever starts two nodes under one name mixes them up in logs and metrics; every node
    /// needs a name of its own.
    pub namesakes: Vec<NodeId>,
}

/// Whether a bus is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is not. Hints reach this node's own sessions; others' are healed by their sweep.
    Away {
        /// For how long.
        lasting: Duration,
        /// Why.
        trouble: Trouble,
    },
    /// It is.
    Connected,
}

impl State {
    /// Whether it is connected.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        match self {
            Self::Away { .. } => false,
            Self::Connected => true,
        }
    }
}

/// Why a bus is away, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What kind of trouble.
    pub kind: TroubleKind,
    /// A sentence for the operator, without secrets.
    pub advice: String,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.advice)
    }
}

/// Kinds of trouble. All but [`TroubleKind::Refused`] may pass by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// This side has ended it.
    Closed,
    /// There was a connection; it was lost or fell silent.
    Lost,
    /// The server does not let this node in: credentials, permissions, its certificate.
    Refused,
    /// No server has been reached since the start.
    Unreached,
}

/// What a bus has done since the start. Each only grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Hints that were given to be passed on.
    pub published: u64,
    /// Hints that came from other nodes.
    pub received: u64,
    /// Hints that were not passed on, as the bus was away or could not keep up.
    pub dropped: u64,
    /// Messages to or from other nodes that were not passed on, for the same reasons.
    pub dropped_messages: u64,
    /// Messages that came and were thrown away because this side fell behind. At least: not all are told of.
    pub overrun: u64,
    /// Connections that were made after the first.
    pub reconnects: u64,
    /// Messages that could not be read: damaged, or of a version that this one does not know.
    pub undecodable: u64,
    /// Questions of others that were turned away for want of capacity.
    pub busy: u64,
    /// How often another living node was found to bear this node's name.
    pub name_clashes: u64,
}
