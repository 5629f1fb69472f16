//! Devices that are woken: the vendor between the server and its devices, the network behind it, what a device does with
//! a push, and what must be true of all of it (I4, I11).
//!
//! ```text
//!  call-control ──▶ Office ──▶ vendor ──▶ push network ──▶ phone ──▶ starts its app, answers by HTTPS, or keeps silent
//!        ▲            │ I11       │ verdict                   │ I4
//!        └────────────┴───────────┘
//! ```
mod book;
mod counts;
mod office;
mod phone;
mod plan;
mod vendor;
mod watch;
mod woken;

pub(crate) use self::book::Book;
pub use self::counts::Counts;
pub(crate) use self::office::Office;
pub(crate) use self::phone::Phone;
pub(crate) use self::plan::PushPlan;
pub(crate) use self::vendor::{Answered, Message, Vendor};
