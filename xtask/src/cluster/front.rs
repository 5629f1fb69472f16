//! A front of the cluster: an address that leads to one node, and to the others when that one is dead. What a load balancer is in
//! production, in as few lines as a cluster on one machine needs.
use std::{
    io,
    net::{Shutdown, TcpListener, TcpStream},
    sync::Arc,
    thread,
};

use anyhow::{Context as _, Result};

/// An address that takes connections for as long as the process lives.
pub(super) struct Front {
    port: u16,
}

impl Front {
    /// Leads connections at `port` (0 for any) to the first of these ports where somebody listens.
    pub(super) fn start(port: u16, nodes: Vec<u16>) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port));
        let listener = listener.with_context(|| format!("port {port} is taken: name another with --port"))?;
        let port = listener.local_addr()?.port();
        let nodes = Arc::new(nodes);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let nodes = Arc::clone(&nodes);
                thread::spawn(move || lead(client, &nodes));
            }
        });
        Ok(Self { port })
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// Carries one connection until either side ends it. A client that finds nobody is hung up on, and comes back.
fn lead(client: TcpStream, nodes: &[u16]) {
    let node = nodes.iter().find_map(|port| TcpStream::connect(("127.0.0.1", *port)).ok());
    let Some(node) = node else { return };
    let Ok((to_node, to_client)) = node.try_clone().and_then(|node| Ok((node, client.try_clone()?))) else {
        return;
    };
    let there = thread::spawn(move || carry(client, to_node));
    carry(node, to_client);
    // It carried what it could.
    let _ = there.join();
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    // A side that is gone ends the other: there is nobody to tell of it.
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Read);
}
