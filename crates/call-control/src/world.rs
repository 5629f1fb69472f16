//! What call-control needs from the world around it.
use offhook_types::{CallId, Timestamp};

/// The clock, the source of ids and the alarm: everything that a simulator must be able to replace.
pub trait World: Send + Sync + 'static {
    /// The present, never earlier than it was before.
    fn now(&self) -> Timestamp;

    /// A new call id. No two ids share their first 64 bits, which are the call's alias.
    fn mint_call_id(&self) -> CallId;

    /// Asks that [`crate::CallControl::run_due`] be called at this time or soon after it, whatever was asked before.
    fn wake_at(&self, at: Timestamp);
}
