//! Wake-up pushes of this installation: the apps' resources with their lines to vendors, the credential that each ring
//! bears, and who counts what came of it.
mod build;
mod dev;
mod metrics;
mod orders;
mod registry;
mod secret;
mod service;

pub(crate) use build::{Built, Reach};
pub(crate) use dev::{DevOffice, Mode};
pub(crate) use registry::Registry;
pub(crate) use secret::Secret;
pub(crate) use service::PushService;
