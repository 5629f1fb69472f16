//! Times and counters. All of them come from outside; this crate knows no clock.
use core::{fmt, ops, time::Duration};

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(transparent))]
        pub struct $name(pub u64);

        impl $name {
            /// The number after this one; the greatest number stays.
            #[must_use]
            pub fn next(self) -> Self {
                Self(self.0.saturating_add(1))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

number! {
    /// The version of a call: 1 when it is created, one more with each committed transition.
    CallSeq
}

number! {
    /// A place in one user's event log: gapless, first event 1. Zero stands before the first event.
    Offset
}

number! {
    /// One life of a store's event logs. Offsets of different epochs have nothing to do with each other.
    Epoch
}

number! {
    /// A place in a list that is read page by page; its meaning belongs to the store.
    Cursor
}

/// Milliseconds since the UNIX epoch on the server's clock, made monotonic by the driver that reads it.
///
/// Not an `Instant`: a call is stored and taken up by another process, or another node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Timestamp(u64);

impl Timestamp {
    /// A time that no deadline reaches.
    pub const FAR_FUTURE: Self = Self(u64::MAX);

    /// Takes milliseconds since the UNIX epoch.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the UNIX epoch.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// How long after `earlier` this is; zero if it is not after.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl ops::Add<Duration> for Timestamp {
    type Output = Self;

    /// Saturates: adding to a far future stays there. Parts of a millisecond are cut off.
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
    }
}
