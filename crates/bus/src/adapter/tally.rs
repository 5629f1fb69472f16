//! The counters of a bus.
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::Counts;

macro_rules! tally {
    ($($(#[$doc:meta])* $name:ident)+) => {
        /// Counts what a bus does; read through [`Tally::counts`].
        #[derive(Debug, Default)]
        pub struct Tally {
            $($name: AtomicU64,)+
        }

        impl Tally {
            $($(#[$doc])* pub fn $name(&self, more: usize) {
                self.$name.fetch_add(more as u64, Relaxed);
            })+

            /// As it stands.
            #[must_use]
            pub fn counts(&self) -> Counts {
                Counts { $($name: self.$name.load(Relaxed),)+ }
            }
        }
    };
}

tally! {
    /// So many hints more were given to be passed on.
    published
    /// So many hints more came from other nodes.
    received
    /// So many hints more were dropped.
    dropped
    /// So many messages more were dropped.
    dropped_messages
    /// So many messages more came in vain.
    overrun
    /// So many connections more were made after the first.
    reconnects
    /// So many messages more could not be read.
    undecodable
    /// So many questions more were turned away.
    busy
    /// So many times more a namesake was found.
    name_clashes
}
