//! Hints: who sends them, who hears them.
use offhook_types::{Account, Offset};

/// A hint: the user's log reaches at least to this offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The newest offset.
    pub head: Offset,
    /// Whose log.
    pub account: Account,
}

/// Carries hints from where events are committed to where the users' sessions are.
pub trait Bus: Send + Sync + 'static {
    /// Passes hints on to every node that attends one of their users, or somebody who shares a shard with one. This node's listener
    /// is called at once, within this call, and not a second time for it. Never blocks and never fails; what cannot be passed on is
    /// dropped and counted. Hints of one user from one node arrive in their order as long as nothing breaks.
    fn publish(&self, hints: &[Hint]);

    /// This node has a session of the user more. Counted: each call wants its [`Bus::forsake`]. Takes effect a moment later; for hints
    /// that were lost until then [`Listener::missed`] is called.
    fn attend(&self, account: &Account) {
        let _ = account; // A bus for one process, or one that carries everything to everyone, need not know.
    }

    /// This node has a session of the user less. Hints may go on arriving.
    fn forsake(&self, account: &Account) {
        let _ = account; // As above.
    }
}

/// Whose hints may have been lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missed {
    /// Anybody's: a connection was lost, or could not keep up.
    All,
    /// These users'; the same user may stand here twice.
    Of(Vec<Account>),
}

/// Where hints arrive.
pub trait Listener: Send + Sync + 'static {
    /// Takes note of a hint. Called from the committing task, so it must be quick and must not call back. The same hint may come
    /// twice, and an older one after a newer.
    fn hint(&self, hint: &Hint);

    /// Hints may have been lost until now: the logs of these users that have sessions here are to be looked at. Must be quick, like
    /// [`Listener::hint`]; all nodes hear this at the same time when the bus comes back, so the look is best spread over some seconds.
    fn missed(&self, whose: &Missed) {
        let _ = whose; // Without it the sessions' heartbeats heal, later.
    }
}
