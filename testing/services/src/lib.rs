//! Private servers of PostgreSQL and NATS: real ones, started on loopback and a free port, gone when dropped.
//!
//! For tests, measurements and the local cluster; not for production. Nothing here knows what is stored or said. Every call blocks
//! until what it asks for is so, and ends with an error if that takes too long.
//!
//! **Nothing outlives its owner.** Each server works in a folder of its own. Dropping it ends every process that works in that
//! folder, and removes the folder. A watcher, a shell in a process group of its own, does the same as soon as the process that
//! started the server is gone, however it went ([`Folder`](folder)). What even the watcher could not do, because the machine went
//! down, is done when the next server starts.
//!
//! **Where.** The folders lie in `target/services`, in a temporary folder if the servers' account cannot get there, or where the
//! variable `OFFHOOK_SERVICES_FOLDER` says.
//!
//! Linux only: processes are found in `/proc`.
mod account;
mod folder;
mod nats;
mod port;
mod postgres;
mod processes;
mod programs;
mod tls;
mod wait;
mod watcher;

pub use folder::Workplace;
pub use nats::{NatsAccess, NatsOptions, NatsServer, NatsVersion};
pub use postgres::{
    Database, PostgresAddress, PostgresOptions, PostgresServer, PostgresVersion, TEST_POSTGRES,
};
