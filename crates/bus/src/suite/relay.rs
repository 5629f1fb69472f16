//! A TCP relay between nodes and a server, so that the way can be cut without touching the server.
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering::SeqCst},
    },
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

/// Passes bytes between whoever connects to it and a server on this machine, unless it is told otherwise.
pub struct Relay {
    address: SocketAddr,
    server: Arc<AtomicU16>,
    way: watch::Sender<Way>,
    _task: JoinSet<()>,
}

/// What becomes of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Cut,
    Open,
    Silent,
}

impl Relay {
    /// Listens on a free port of the loopback, for the server on that port.
    ///
    /// # Panics
    /// No port is free.
    pub async fn start(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Arc::new(AtomicU16::new(server));
        let way = watch::channel(Way::Open).0;
        let mut task = JoinSet::new();
        task.spawn(accept(listener, Arc::clone(&server), way.subscribe()));
        Self { address, server, way, _task: task }
    }

    /// Where nodes connect to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// From now on leads to another server. Connections that are open stay with theirs.
    pub fn lead_to(&self, server: u16) {
        self.server.store(server, SeqCst);
    }

    /// Ends every connection, and each new one as soon as it is made.
    pub fn cut(&self) {
        self.way.send_replace(Way::Cut);
    }

    /// Passes nothing on any more, in neither direction, without ending a connection. Those that are open stay silent until they are cut
    /// or given up; new ones wait for [`Relay::mend`].
    pub fn silence(&self) {
        self.way.send_replace(Way::Silent);
    }

    /// Lets connections come about again.
    pub fn mend(&self) {
        self.way.send_replace(Way::Open);
    }
}

async fn accept(listener: TcpListener, server: Arc<AtomicU16>, way: watch::Receiver<Way>) {
    let mut connections = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        connections.spawn(pass(near, server.load(SeqCst), way.clone()));
    }
}

async fn pass(mut near: TcpStream, server: u16, mut way: watch::Receiver<Way>) {
    if way.wait_for(|way| *way != Way::Silent).await.is_ok_and(|way| *way == Way::Cut) {
        return;
    }
    let Ok(mut far) = TcpStream::connect(("127.0.0.1", server)).await else { return };
    // Small messages must not wait for each other on either side.
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let silenced = tokio::select! {
        _ = copy_bidirectional(&mut near, &mut far) => false,
        changed = way.wait_for(|way| *way != Way::Open) => changed.is_ok_and(|way| *way == Way::Silent),
    };
    if silenced {
        // Bytes may have been under way in the copying, so that it cannot be taken up again.
        let _ = way.wait_for(|way| *way == Way::Cut).await;
    }
}
