//! The life of one call and of each party's leg in it.
//!
//! A [`Call`] is a plain value. Feed it a [`Command`] of a party, an [`Incident`] or the passing of time; it answers with
//! the [`Notice`]s to send, or with a [`Refusal`] and stays as it was. It knows no clock, store, socket or user
//! directory: time, ids and the standing of invitees come in as arguments.
//!
//! **The contract of the driver.** Load the call, call one `handle*`, and if [`Call::seq`] grew, commit the new value
//! together with the notices under "the stored seq is one less"; then, and only then, act. If it did not grow, there is
//! nothing to commit: a repeat is answered and forgotten. After the end every `handle*` refuses and no deadline is left;
//! only [`Call::add_usage`] still has an effect, which nobody is told.
//!
//! The rules are those of the call-invitation specification (docs/call.md names the clauses), in both its modes;
//! what goes beyond it is data in [`Policy`], off by default.
#![no_std]

extern crate alloc;

mod call;
mod command;
mod leg;
mod machine;
mod notice;
mod policy;
mod refusal;
mod usage;

pub use call::{Call, End, EndReason, Invitation, Media, Mode};
pub use command::{Actor, Command, Incident, Invitee, RejectReason, Standing};
pub use leg::{Delivery, Leg, LegState};
pub use notice::{Audience, Event, Notice, Outcome};
pub use policy::{EndPolicy, JoinPolicy, LateCancel, Policy};
pub use refusal::{InviteeProblem, Refusal};
pub use usage::Usage;
