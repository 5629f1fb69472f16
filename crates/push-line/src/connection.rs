//! One connection: what goes over it at the same time, and whether it lives.
use std::{
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Waker},
    time::Duration,
};

use bytes::Bytes;
use h2::{Ping, PingPong, client::SendRequest};
use http::{HeaderValue, Request, header};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{
    sync::oneshot,
    time::{Instant, sleep, timeout},
};

use crate::{
    dial::Stream,
    exchange::{Begun, Failure, read_http1, read_http2},
    origin::Origin,
};

/// No more requests at a time than this, whatever the peer permits.
const MOST_STREAMS: usize = 1_000;
/// How long a peer may take to be ready for another request after an answer over HTTP/1.1.
const READY_WITHIN: Duration = Duration::from_secs(1);

type Http1 = http1::SendRequest<Full<Bytes>>;
type Receiving = Pin<Box<dyn Future<Output = Result<Begun, Failure>> + Send>>;

/// When a connection is asked whether it lives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pings {
    pub(crate) interval: Duration,
    pub(crate) timeout: Duration,
}

/// One connection, kept for many requests.
pub(crate) struct Connection {
    in_flight: AtomicUsize,
    is_retired: Arc<AtomicBool>,
    /// When a valid answer came over it.
    proven: OnceLock<Instant>,
    /// When it was made.
    since: Instant,
    was_used: AtomicBool,
    wire: Wire,
}

enum Wire {
    /// Empty while a request is on its way.
    Http1(Arc<Mutex<Option<Http1>>>),
    Http2(SendRequest<Bytes>),
}

impl Connection {
    fn new(wire: Wire, is_retired: Arc<AtomicBool>) -> Self {
        Self {
            in_flight: AtomicUsize::new(0),
            is_retired,
            proven: OnceLock::new(),
            since: Instant::now(),
            was_used: AtomicBool::new(false),
            wire,
        }
    }

    /// Its task ends when the last handle is gone, or the peer is.
    pub(crate) async fn over_http1(stream: Box<dyn Stream>) -> io::Result<Self> {
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        tokio::spawn(connection);
        Ok(Self::new(Wire::Http1(Arc::new(Mutex::new(Some(sender)))), Arc::default()))
    }

    /// Begins with a ping: a peer's settings come before its answer (RFC 9113, section 3.4), so that from then on its limit of
    /// streams is known and not guessed.
    pub(crate) async fn over_http2(stream: Box<dyn Stream>, pings: Pings) -> io::Result<Self> {
        let (sender, mut connection) =
            h2::client::Builder::new().enable_push(false).handshake(stream).await.map_err(into_io)?;
        let ping_pong = connection.ping_pong().expect("it is asked for once");
        let is_retired = Arc::new(AtomicBool::new(false));
        let (alive, lives) = oneshot::channel();
        // The task ends when the last handle is gone and its streams with it, or the peer is.
        tokio::spawn({
            let is_retired = Arc::clone(&is_retired);
            async move {
                let mut alive = Some(alive);
                let outcome = tokio::select! {
                    closed = connection => closed.map_err(into_io),
                    () = keep_alive(ping_pong, pings, &mut alive) => Ok(()),
                };
                is_retired.store(true, Relaxed);
                if let (Some(alive), Err(error)) = (alive, outcome) {
                    let _ = alive.send(Err(error)); // Whoever dialed may have given up.
                }
            }
        });
        let closed = || io::Error::new(io::ErrorKind::ConnectionAborted, "it closed the connection");
        lives.await.map_err(|_| closed())??;
        Ok(Self::new(Wire::Http2(sender), is_retired))
    }

    /// Whether requests may still go over it.
    pub(crate) fn is_usable(&self) -> bool {
        if self.is_retired.load(Relaxed) {
            return false;
        }
        match &self.wire {
            // Without a sender a request is on its way, or one ended badly and took the connection with it.
            Wire::Http1(sender) => match lock(sender).as_ref() {
                Some(sender) => !sender.is_closed(),
                None => self.in_flight.load(Relaxed) > 0,
            },
            // An error is kept from when the peer said GOAWAY, or went.
            Wire::Http2(sender) => {
                let ready = sender.clone().poll_ready(&mut Context::from_waker(Waker::noop()));
                !matches!(ready, std::task::Poll::Ready(Err(_)))
            }
        }
    }

    /// No request begins on it any more; those on their way go on.
    pub(crate) fn retire(&self) {
        self.is_retired.store(true, Relaxed);
    }

    /// A valid answer has come: as many may go at a time as the peer permits. Whether that is new.
    pub(crate) fn prove(&self) -> bool {
        self.proven.set(Instant::now()).is_ok()
    }

    /// Whether it takes no other request, and has had time enough to. A peer that wants the first request alone may permit more only
    /// after its answer, a little later.
    pub(crate) fn is_blocked(&self, first_alone: Option<Duration>) -> bool {
        let Some(patience) = first_alone else { return self.is_full() };
        match self.proven.get() {
            None => self.in_flight.load(Relaxed) > 0 && self.since.elapsed() >= patience,
            Some(proven) => self.is_full() && proven.elapsed() >= patience,
        }
    }

    /// Takes one of the places that the peer grants, and says whether the connection was kept from earlier. Only its pool calls this,
    /// one call at a time.
    pub(crate) fn take_place(&self, first_alone: bool) -> Option<bool> {
        let must_wait = first_alone && self.proven.get().is_none() && self.in_flight.load(Relaxed) > 0;
        if must_wait || self.is_full() {
            return None;
        }
        self.in_flight.fetch_add(1, Relaxed);
        Some(self.was_used.swap(true, Relaxed))
    }

    /// Whether as much is on its way as the peer permits.
    pub(crate) fn is_full(&self) -> bool {
        let limit = match &self.wire {
            Wire::Http1(_) => 1,
            Wire::Http2(sender) => sender.current_max_send_streams().min(MOST_STREAMS),
        };
        self.in_flight.load(Relaxed) >= limit
    }

    pub(crate) fn free_place(&self) {
        self.in_flight.fetch_sub(1, Relaxed);
    }

    /// Puts a request on its way, at once. Whoever calls has taken a place.
    pub(crate) fn send(&self, origin: &Origin, mut request: Request<Bytes>) -> Receiving {
        request.headers_mut().insert(header::USER_AGENT, HeaderValue::from_static("offhook"));
        match &self.wire {
            Wire::Http1(sender) => send_http1(sender, origin.to_http1(request)),
            Wire::Http2(sender) => send_http2(sender.clone(), request),
        }
    }
}

fn send_http2(mut sender: SendRequest<Bytes>, request: Request<Bytes>) -> Receiving {
    let (mut head, body) = request.into_parts();
    head.headers.insert(header::CONTENT_LENGTH, body.len().into());
    let sent = sender.send_request(Request::from_parts(head, ()), body.is_empty());
    Box::pin(async move {
        let Ok((response, mut stream)) = sent else {
            return Err(Failure::unsent("the connection was closed before the push was sent"));
        };
        if !body.is_empty() {
            // Fails if the peer has ended the stream: what it said is the answer.
            let _ = stream.send_data(body, true);
        }
        match response.await {
            Ok(response) => Ok(read_http2(response).await),
            Err(error) => Err(Failure::of_http2(&error)),
        }
    })
}

/// The sender is put back when the answer has been read; unless all goes well to the end, nothing goes over it again.
fn send_http1(slot: &Arc<Mutex<Option<Http1>>>, request: Request<Bytes>) -> Receiving {
    let Some(mut sender) = lock(slot).take() else {
        return Box::pin(async { Err(Failure::unsent("the connection was taken by another push")) });
    };
    let sent = sender.try_send_request(request.map(Full::new));
    let slot = Arc::clone(slot);
    Box::pin(async move {
        let response = sent.await.map_err(|mut error| match error.take_message() {
            Some(_) => Failure::unsent("the connection was closed before the push was sent"),
            None => Failure::Lost,
        })?;
        let (begun, is_read) = read_http1(response).await;
        if is_read && matches!(timeout(READY_WITHIN, sender.ready()).await, Ok(Ok(()))) {
            *lock(&slot) = Some(sender);
        }
        Ok(begun)
    })
}

/// Returns when a ping stays without an answer.
async fn keep_alive(
    mut ping_pong: PingPong,
    pings: Pings,
    alive: &mut Option<oneshot::Sender<io::Result<()>>>,
) {
    loop {
        if !matches!(timeout(pings.timeout, ping_pong.ping(Ping::opaque())).await, Ok(Ok(_))) {
            return;
        }
        if let Some(alive) = alive.take() {
            let _ = alive.send(Ok(())); // Whoever dialed may have given up.
        }
        sleep(pings.interval).await;
    }
}

fn into_io(error: h2::Error) -> io::Error {
    if error.is_io() { error.into_io().expect("it is one") } else { io::Error::other(error) }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
