//! What came of a push.
use std::{borrow::Cow, time::Duration};

use offhook_types::Timestamp;

use crate::Environment;

/// What a vendor's answer means to us, in one vocabulary for all vendors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Taken. Nothing is said of whether it will arrive, or has rung.
    Accepted {
        /// The vendor's name for it.
        id: Option<String>,
    },
    /// Nobody is at this address any more. It is forgotten, unless it was registered anew after `since`.
    AddressDead {
        /// When the vendor learned of it; `None` if it does not say.
        since: Option<Timestamp>,
    },
    /// The address belongs to another app or project: unusable for this one, not to be tried again.
    AddressMisfit,
    /// The other of the vendor's two services has given this address out.
    WrongEnvironment {
        /// The one to try.
        other: Environment,
    },
    /// The vendor does not take our credential. No address is to blame.
    CredentialRefused {
        /// In the vendor's words.
        why: Cow<'static, str>,
    },
    /// Too many, for the vendor or for this device.
    Throttled {
        /// How long to leave it alone, if the vendor says.
        after: Option<Duration>,
    },
    /// The vendor cannot, at present. It has not taken the push.
    Unavailable {
        /// How long to leave it alone, if the vendor says.
        after: Option<Duration>,
    },
    /// The same again at once, with a fresh token or over a fresh connection, would do.
    Again,
    /// We sent what the vendor does not take: a fault of ours, or of the app's texts and settings.
    Malformed {
        /// In the vendor's words.
        why: Cow<'static, str>,
    },
    /// No answer came. The push may have been taken, so it is not sent again.
    Unknown,
}

impl Verdict {
    /// Whether the push is known not to have been taken, so that sending it again rings nobody twice.
    #[must_use]
    pub fn proves_refusal(&self) -> bool {
        match self {
            Self::Accepted { .. } | Self::Unknown => false,
            Self::AddressDead { .. }
            | Self::AddressMisfit
            | Self::WrongEnvironment { .. }
            | Self::CredentialRefused { .. }
            | Self::Throttled { .. }
            | Self::Unavailable { .. }
            | Self::Again
            | Self::Malformed { .. } => true,
        }
    }

    /// The word for it in the ledger and in metrics.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::AddressDead { .. } => "address_dead",
            Self::AddressMisfit => "address_misfit",
            Self::WrongEnvironment { .. } => "wrong_environment",
            Self::CredentialRefused { .. } => "credential_refused",
            Self::Throttled { .. } => "throttled",
            Self::Unavailable { .. } => "unavailable",
            Self::Again => "again",
            Self::Malformed { .. } => "malformed",
            Self::Unknown => "unknown",
        }
    }
}
