//! The answer to a request that was not carried out.
use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{CallView, Code};

/// Why a request was not carried out, and what can be done. REST wraps the same fields into RFC 9457.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// The call as it now is, if the request named one and the sender has to do with it: a late request learns the
    /// outcome it missed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallView>,
    /// The stable code.
    pub code: Code,
    /// A sentence for the developer: what is wrong, and what to do.
    pub message: String,
    /// When to try again, in milliseconds, if that may help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// The nearest code of the reference's ZIM packages; for rooms, of its Express packages.
    pub zim_code: u32,
}

impl Problem {
    /// A problem of this code, explained to the developer.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            call: None,
            zim_code: code.zim_code(),
            retryable: code.is_retryable(),
            code,
            message: message.into(),
            retry_after_ms: None,
        }
    }
}
