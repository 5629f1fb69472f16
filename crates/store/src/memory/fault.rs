//! Planned faults, for simulators.

/// Says what happens to the next operation.
pub(super) type FaultPlan = Box<dyn FnMut(Op) -> Fault + Send>;

/// What happens to one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is done, and fails nevertheless: whoever asked cannot know.
    FailAfter,
    /// It fails, and nothing is done.
    FailBefore,
    /// It goes well.
    None,
}

/// The operations that can be made to fail: each method of [`crate::Store`] that can return an error of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the method of the port of that name")]
pub enum Op {
    Bury,
    Calls,
    Claim,
    Commit,
    Devices,
    Due,
    Events,
    ExchangeAddress,
    Jobs,
    Ledger,
    Live,
    Load,
    PutDevice,
    PutResource,
    PutUser,
    Remembered,
    RemoveAddress,
    RemoveDevice,
    Resources,
    Settle,
    Trim,
    Users,
    WaitingCallers,
}
