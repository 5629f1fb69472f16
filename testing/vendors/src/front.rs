//! The front of every server: TLS on loopback, HTTP/2 or HTTP/1.1, and misbehavior on demand.
use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
};

use anyhow::Result;
use bytes::{Bytes, BytesMut};
use h2::{Reason, server::SendResponse};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use rustls_pki_types::CertificateDer;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::{AbortHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;

use crate::Authority;

/// What becomes of a request.
#[derive(Debug)]
pub enum Reply {
    /// An answer.
    Answer(Response<Bytes>),
    /// No answer, or not only one.
    Behave(Behavior),
}

/// What a server in trouble does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behavior {
    /// Closes the connection without a word.
    Close,
    /// Says that it has looked at the request and that the connection ends; answers nothing.
    GoAway,
    /// Looks at the request, and then drops it.
    Reset,
    /// Drops the request without having looked at it.
    Refuse,
    /// Answers nothing, ever.
    Stall,
}

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    /// The number of the connection, from 1.
    pub(crate) connection: u64,
    /// Whether it showed a certificate.
    pub(crate) has_certificate: bool,
    /// How many streams were open when this one began.
    pub(crate) others: usize,
}

/// What a server is behind its front.
pub(crate) trait Site: Send + Sync + 'static {
    /// A stream has begun: refuse it, or wait for its body.
    fn begun(&self, _peer: &Peer) -> Option<Behavior> {
        None
    }

    fn answer(&self, peer: &Peer, request: &Request<Bytes>) -> Reply;
}

/// How the front behaves.
pub(crate) struct Manners {
    pub(crate) protocols: &'static [&'static [u8]],
    pub(crate) most_streams: u32,
    pub(crate) wants_certificate: bool,
}

/// A server that runs until it is dropped.
pub struct Server<S> {
    address: SocketAddr,
    authority: Authority,
    connections: Arc<AtomicU64>,
    site: Arc<S>,
    task: AbortHandle,
}

impl<S> Server<S> {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Its URL, by the name for which its certificate is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    /// The root to trust.
    #[must_use]
    pub fn ca(&self) -> CertificateDer<'static> {
        self.authority.root()
    }

    /// The authority, which also gives certificates to clients.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// How many connections have been made to it.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.connections.load(Relaxed)
    }
}

impl<S> Deref for Server<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.site
    }
}

impl<S> Drop for Server<S> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts a server on a free port. The site may want to know where that is.
pub(crate) async fn start<S: Site>(
    manners: Manners,
    site: impl FnOnce(SocketAddr) -> S,
) -> Result<Server<S>> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let authority = Authority::new()?;
    let tls = TlsAcceptor::from(authority.server(manners.protocols, manners.wants_certificate)?);
    let (site, connections) = (Arc::new(site(address)), Arc::new(AtomicU64::new(0)));
    let shared = Shared {
        connections: Arc::clone(&connections),
        most_streams: manners.most_streams,
        site: Arc::clone(&site),
    };
    let task = tokio::spawn(listen(listener, tls, shared)).abort_handle();
    Ok(Server { address, authority, connections, site, task })
}

struct Shared<S> {
    connections: Arc<AtomicU64>,
    most_streams: u32,
    site: Arc<S>,
}

async fn listen<S: Site>(listener: TcpListener, tls: TlsAcceptor, shared: Shared<S>) {
    let mut all = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let connection = shared.connections.fetch_add(1, Relaxed) + 1;
                let (tls, site) = (tls.clone(), Arc::clone(&shared.site));
                let most_streams = shared.most_streams;
                // Whatever goes wrong on a connection is for its client to tell.
                all.spawn(async move { drop(serve(stream, tls, connection, (site, most_streams)).await) });
            }
            Some(_) = all.join_next() => {}
        }
    }
}

async fn serve<S: Site>(
    stream: TcpStream,
    tls: TlsAcceptor,
    connection: u64,
    (site, most_streams): (Arc<S>, u32),
) -> Result<()> {
    stream.set_nodelay(true)?;
    let stream = tls.accept(stream).await?;
    let session = stream.get_ref().1;
    let is_http2 = session.alpn_protocol() == Some(b"h2");
    let peer = Peer { connection, has_certificate: session.peer_certificates().is_some(), others: 0 };
    if is_http2 {
        serve_http2(stream, site, peer, most_streams).await?;
    } else {
        serve_http1(stream, site, peer).await;
    }
    Ok(())
}

async fn serve_http2<S: Site>(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    site: Arc<S>,
    peer: Peer,
    most_streams: u32,
) -> Result<(), h2::Error> {
    let mut connection =
        h2::server::Builder::new().max_concurrent_streams(most_streams).handshake(stream).await?;
    let (misbehave, mut misbehavior) = mpsc::unbounded_channel();
    let open = Arc::new(AtomicUsize::new(0));
    let mut streams = JoinSet::new();
    loop {
        tokio::select! {
            accepted = connection.accept() => {
                let Some(accepted) = accepted else { return Ok(()) };
                let (request, respond) = accepted?;
                let peer = Peer { others: open.fetch_add(1, Relaxed), ..peer.clone() };
                let stream = Stream { misbehave: misbehave.clone(), open: Open(Arc::clone(&open)), peer };
                streams.spawn(stream.serve(Arc::clone(&site), request, respond));
            }
            Some(behavior) = misbehavior.recv() => match behavior {
                Behavior::GoAway => connection.abrupt_shutdown(Reason::NO_ERROR),
                Behavior::Close | Behavior::Refuse | Behavior::Reset | Behavior::Stall => return Ok(()),
            },
            Some(_) = streams.join_next() => {}
        }
    }
}

/// Counts down when a stream is over, however it ends.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

struct Stream {
    misbehave: mpsc::UnboundedSender<Behavior>,
    open: Open,
    peer: Peer,
}

impl Stream {
    /// Fails if the client has given the stream up.
    async fn serve<S: Site>(
        self,
        site: Arc<S>,
        request: Request<h2::RecvStream>,
        mut respond: SendResponse<Bytes>,
    ) -> Result<(), h2::Error> {
        let reply = match site.begun(&self.peer) {
            Some(behavior) => Reply::Behave(behavior),
            None => {
                let (head, mut body) = request.into_parts();
                let mut read = BytesMut::new();
                while let Some(chunk) = body.data().await {
                    let chunk = chunk?;
                    body.flow_control().release_capacity(chunk.len())?;
                    read.extend_from_slice(&chunk);
                }
                site.answer(&self.peer, &Request::from_parts(head, read.freeze()))
            }
        };
        drop(self.open); // Before the answer, after which the client may begin another.
        match reply {
            Reply::Answer(response) => {
                let (head, body) = response.into_parts();
                let mut stream = respond.send_response(Response::from_parts(head, ()), body.is_empty())?;
                if !body.is_empty() {
                    stream.send_data(body, true)?;
                }
            }
            Reply::Behave(Behavior::Refuse) => respond.send_reset(Reason::REFUSED_STREAM),
            Reply::Behave(Behavior::Reset) => respond.send_reset(Reason::INTERNAL_ERROR),
            Reply::Behave(Behavior::Stall) => std::future::pending().await,
            Reply::Behave(behavior @ (Behavior::Close | Behavior::GoAway)) => {
                let _ = self.misbehave.send(behavior); // Fails if the connection is gone already.
                std::future::pending().await
            }
        }
        Ok(())
    }
}

async fn serve_http1<S: Site>(stream: impl AsyncRead + AsyncWrite + Unpin, site: Arc<S>, peer: Peer) {
    let service = hyper::service::service_fn(|request: Request<hyper::body::Incoming>| {
        let (site, peer) = (Arc::clone(&site), peer.clone());
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
            match site.answer(&peer, &Request::from_parts(head, body)) {
                Reply::Answer(response) => Ok(response.map(Full::new)),
                Reply::Behave(Behavior::Stall) => {
                    Ok(std::future::pending::<Result<_, Infallible>>().await.unwrap_or_default())
                }
                Reply::Behave(Behavior::Close | Behavior::GoAway | Behavior::Refuse | Behavior::Reset) => {
                    Err(io::Error::other("told to"))
                }
            }
        }
    });
    // A client that goes away in between is no fault of the server's.
    drop(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}
