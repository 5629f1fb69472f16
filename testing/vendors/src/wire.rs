//! A peer that speaks frames of HTTP/2 by a script, for what well-behaved servers never do (RFC 9113, section 4.1).
use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use anyhow::Result;
use rustls_pki_types::CertificateDer;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
    task::{AbortHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;

use crate::{Authority, ledger::lock};

const PREFACE: usize = 24;
const HEADERS: u8 = 0x1;
const RST_STREAM: u8 = 0x3;
const SETTINGS: u8 = 0x4;
const PING: u8 = 0x6;
const GOAWAY: u8 = 0x7;
const ACK: u8 = 0x1;
const END_STREAM_AND_HEADERS: u8 = 0x5;
/// `:status: 200` of the static table (RFC 7541, appendix A).
const STATUS_200: u8 = 0x88;
const INTERNAL_ERROR: u32 = 2;
const REFUSED_STREAM: u32 = 7;

/// What becomes of one stream, in the order in which they come over all connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// 200, with an empty body.
    Answer,
    /// 200, and from then on not even a ping is answered.
    AnswerAndGoDeaf,
    /// 200, and then leave for so many streams at a time.
    AnswerAndPermit(u32),
    /// 200, and a GOAWAY that says that this stream was the last.
    AnswerAndLeave,
    /// Closes the connection.
    Close,
    /// A GOAWAY that says that this stream was not looked at.
    LeaveBefore,
    /// A GOAWAY that says that this stream was looked at, and then the end.
    LeaveWith,
    /// RST_STREAM with REFUSED_STREAM.
    Refuse,
    /// RST_STREAM with INTERNAL_ERROR.
    Reset,
    /// Nothing.
    Silence,
}

/// A peer that runs until it is dropped.
pub struct Wire {
    address: SocketAddr,
    authority: Authority,
    shared: Arc<Shared>,
    task: AbortHandle,
}

struct Shared {
    connections: AtomicUsize,
    most_streams: u32,
    script: Mutex<VecDeque<Act>>,
    streams: AtomicUsize,
}

impl Wire {
    /// Starts it. After the script every stream is answered.
    ///
    /// # Errors
    /// If there is no port or no randomness.
    pub async fn start(script: &[Act], most_streams: u32) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let (address, authority) = (listener.local_addr()?, Authority::new()?);
        let tls = TlsAcceptor::from(authority.server(&[b"h2"], false)?);
        let shared = Arc::new(Shared {
            connections: AtomicUsize::new(0),
            most_streams,
            script: Mutex::new(script.iter().copied().collect()),
            streams: AtomicUsize::new(0),
        });
        let task = tokio::spawn(listen(listener, tls, Arc::clone(&shared))).abort_handle();
        Ok(Self { address, authority, shared, task })
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    /// The root to trust.
    #[must_use]
    pub fn ca(&self) -> CertificateDer<'static> {
        self.authority.root()
    }

    /// How many connections have been made.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Relaxed)
    }

    /// How many streams it has looked at, or could have.
    #[must_use]
    pub fn streams(&self) -> usize {
        self.shared.streams.load(Relaxed)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listener: TcpListener, tls: TlsAcceptor, shared: Arc<Shared>) {
    let mut all = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, shared) = (tls.clone(), Arc::clone(&shared));
        all.spawn(async move {
            // Whatever goes wrong on a connection is for its client to tell.
            if let Ok(stream) = tls.accept(stream).await {
                shared.connections.fetch_add(1, Relaxed);
                drop(converse(stream, &shared).await);
            }
        });
    }
}

async fn converse(mut stream: impl AsyncRead + AsyncWrite + Unpin, shared: &Shared) -> Result<()> {
    let mut preface = [0; PREFACE];
    stream.read_exact(&mut preface).await?;
    send(&mut stream, (SETTINGS, 0), 0, &max_streams(shared.most_streams)).await?;
    let (mut is_deaf, mut is_leaving) = (false, false);
    loop {
        let ((kind, flags), id, payload) = receive(&mut stream).await?;
        match kind {
            _ if is_deaf => {}
            SETTINGS if flags & ACK == 0 => send(&mut stream, (SETTINGS, ACK), 0, &[]).await?,
            PING if flags & ACK == 0 => send(&mut stream, (PING, ACK), 0, &payload).await?,
            // What comes after a GOAWAY is not looked at.
            HEADERS if !is_leaving => {
                shared.streams.fetch_add(1, Relaxed);
                let act = lock(&shared.script).pop_front().unwrap_or(Act::Answer);
                if perform(&mut stream, act, id).await? {
                    return Ok(());
                }
                is_deaf = act == Act::AnswerAndGoDeaf;
                is_leaving = [Act::AnswerAndLeave, Act::LeaveBefore].contains(&act);
            }
            _ => {}
        }
    }
}

/// Whether that was the end of the connection.
async fn perform(stream: &mut (impl AsyncWrite + Unpin), act: Act, id: u32) -> Result<bool> {
    let leave = |last: u32| [last.to_be_bytes(), 0_u32.to_be_bytes()].concat();
    match act {
        Act::Answer | Act::AnswerAndGoDeaf | Act::AnswerAndLeave | Act::AnswerAndPermit(_) => {
            send(stream, (HEADERS, END_STREAM_AND_HEADERS), id, &[STATUS_200]).await?;
            if act == Act::AnswerAndLeave {
                send(stream, (GOAWAY, 0), 0, &leave(id)).await?;
            }
            if let Act::AnswerAndPermit(most) = act {
                send(stream, (SETTINGS, 0), 0, &max_streams(most)).await?;
            }
        }
        Act::Close => {
            stream.shutdown().await?;
            return Ok(true);
        }
        Act::LeaveBefore => send(stream, (GOAWAY, 0), 0, &leave(id.saturating_sub(2))).await?,
        Act::LeaveWith => {
            send(stream, (GOAWAY, 0), 0, &leave(id)).await?;
            stream.shutdown().await?;
            return Ok(true);
        }
        Act::Refuse => send(stream, (RST_STREAM, 0), id, &REFUSED_STREAM.to_be_bytes()).await?,
        Act::Reset => send(stream, (RST_STREAM, 0), id, &INTERNAL_ERROR.to_be_bytes()).await?,
        Act::Silence => {}
    }
    Ok(false)
}

/// SETTINGS_MAX_CONCURRENT_STREAMS.
fn max_streams(most: u32) -> Vec<u8> {
    [&[0, 3], &most.to_be_bytes()[..]].concat()
}

async fn send(
    stream: &mut (impl AsyncWrite + Unpin),
    (kind, flags): (u8, u8),
    id: u32,
    payload: &[u8],
) -> Result<()> {
    let length = u32::try_from(payload.len())?.to_be_bytes();
    let head = [&length[1..], &[kind, flags], &id.to_be_bytes()].concat();
    stream.write_all(&[&head, payload].concat()).await?;
    Ok(stream.flush().await?)
}

async fn receive(stream: &mut (impl AsyncRead + Unpin)) -> Result<((u8, u8), u32, Vec<u8>)> {
    let mut head = [0; 9];
    stream.read_exact(&mut head).await?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]) & 0x7fff_ffff;
    let mut payload = vec![0; usize::try_from(length)?];
    stream.read_exact(&mut payload).await?;
    Ok(((head[3], head[4]), id, payload))
}
