//! What goes into the machine and what comes out.
mod answer;
mod network;
mod output;
mod request;
mod settings;

pub use self::{answer::*, network::*, output::*, request::*, settings::*};
