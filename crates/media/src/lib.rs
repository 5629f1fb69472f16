//! Sockets and threads of media rooms: drives [`offhook_sfu`] and knows nothing of what it forwards.
//!
//! A [`MediaNode`] runs one or more *workers*. A worker is a thread with its own [`Sfu`](offhook_sfu::Sfu), its own UDP
//! sockets and its own TCP connections; a room lives on one worker from its first join to its end, so nothing in a room
//! is shared and no lock is taken per packet.
//!
//! ```text
//!              ┌────────── worker 0: Poll ─ Sfu ─ UDP sockets ─ TCP connections
//!  MediaNode ──┤ mailboxes        ▲│
//!  (placement) │      handed over ││ in batches: the kernel spreads one UDP port by address, not by room
//!              └────────── worker 1: Poll ─ Sfu ─ UDP sockets ─ TCP connections
//!  acceptor ─── reads the first frame of a TCP connection, gives it to the worker that the frame names
//! ```
//!
//! All workers share one UDP port, so that clients and firewalls see one address. A datagram that the kernel gives to
//! the wrong worker is handed over; which worker an address belongs to is learnt from ICE checks that a room's
//! machine has answered, so nobody can divert the packets of others ([`routes`]).
mod acceptor;
mod addresses;
mod clock;
mod config;
mod connection;
mod directory;
mod gate;
mod load;
mod mailbox;
mod node;
mod routes;
mod statistics;
mod udp;
mod worker;

pub use config::{MediaConfig, MediaError, MediaRefusal};
pub use node::{Listener, MediaNode};
pub use statistics::WorkerStatistics;
