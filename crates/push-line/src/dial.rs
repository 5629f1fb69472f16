//! From an origin to a connection: name, address, TCP, TLS, and what is spoken over it.
use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
    time::Duration,
};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use rustls::{AlertDescription, CertificateError, ClientConfig};
use rustls_pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_rustls::TlsConnector;

use crate::{
    connection::{Connection, Pings},
    exchange::Failure,
    origin::Origin,
    reach::Reach,
};

/// So many addresses of a name are tried.
const MOST_ADDRESSES: usize = 4;
/// So long after one address the next is tried beside it (RFC 8305, section 5).
const STAGGER: Duration = Duration::from_millis(250);

/// A byte stream to a vendor.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<Any: AsyncRead + AsyncWrite + Send + Unpin> Stream for Any {}

/// Makes connections.
pub(crate) struct Dialer {
    pub(crate) connect_timeout: Duration,
    pub(crate) has_identity: bool,
    pub(crate) pings: Pings,
    pub(crate) tls: Arc<ClientConfig>,
}

impl Dialer {
    /// A connection over which requests can go at once.
    pub(crate) async fn dial(&self, origin: &Origin, reach: Reach) -> Result<Connection, Failure> {
        let late = || Failure::unsent(format!("no connection to {origin} within {:?}", self.connect_timeout));
        timeout(self.connect_timeout, self.connect(origin, reach)).await.unwrap_or_else(|_| Err(late()))
    }

    async fn connect(&self, origin: &Origin, reach: Reach) -> Result<Connection, Failure> {
        let addresses = resolve(origin, reach).await?;
        let tcp = reach_first(&addresses).await;
        let tcp = tcp.map_err(|error| Failure::unsent(format!("no connection to {origin}: {error}")))?;
        // A push is one small message: waiting for more to send with it only delays it. Without this it still goes.
        let _ = tcp.set_nodelay(true);
        if !origin.is_tls() {
            return Connection::over_http1(Box::new(tcp)).await.map_err(|error| self.failure(origin, &error));
        }
        let name = ServerName::try_from(origin.host().to_owned()).map_err(|_| {
            Failure::unsent(format!("{} is no name that a certificate is for", origin.host()))
        })?;
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        let tls = connector.connect(name, tcp).await.map_err(|error| self.failure(origin, &error))?;
        let is_http2 = tls.get_ref().1.alpn_protocol() == Some(b"h2");
        let alert = Arc::new(OnceLock::new());
        let stream = Box::new(Listening { alert: Arc::clone(&alert), inner: tls });
        let connection = if is_http2 {
            Connection::over_http2(stream, self.pings).await
        } else {
            Connection::over_http1(stream).await
        };
        connection.map_err(|error| match alert.get() {
            Some(alert) => self.failure(origin, &io::Error::other(rustls::Error::AlertReceived(*alert))),
            None => self.failure(origin, &error),
        })
    }

    /// What a handshake's failure means, in a sentence that says what to do.
    fn failure(&self, origin: &Origin, error: &io::Error) -> Failure {
        match tls_error(error) {
            Some(rustls::Error::AlertReceived(alert)) if self.has_identity && is_about_us(*alert) => {
                Failure::Certificate(format!("{origin} refuses the client certificate ({alert:?})").into())
            }
            Some(rustls::Error::InvalidCertificate(
                CertificateError::BadSignature | CertificateError::UnknownIssuer,
            )) => Failure::unsent(format!(
                "nobody whom this server trusts vouches for the certificate of {origin}: if it is yours, add its root"
            )),
            Some(other) => Failure::unsent(format!("no TLS with {origin}: {other}")),
            None => Failure::unsent(format!("{origin} did not begin to speak HTTP: {error}")),
        }
    }
}

fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// Hears what the layers above do not pass on: with TLS 1.3 a peer refuses our certificate after the handshake.
struct Listening<S> {
    alert: Arc<OnceLock<AlertDescription>>,
    inner: S,
}

impl<S: AsyncRead + Unpin> AsyncRead for Listening<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if let Poll::Ready(Err(error)) = &read
            && let Some(rustls::Error::AlertReceived(alert)) = tls_error(error)
        {
            let _ = self.alert.set(*alert); // The first one says why.
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Listening<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// What a peer says to a certificate that it does not take (RFC 8446, section 6.2).
fn is_about_us(alert: AlertDescription) -> bool {
    [
        AlertDescription::AccessDenied,
        AlertDescription::BadCertificate,
        AlertDescription::CertificateExpired,
        AlertDescription::CertificateRequired,
        AlertDescription::CertificateRevoked,
        AlertDescription::CertificateUnknown,
        AlertDescription::UnknownCA,
        AlertDescription::UnsupportedCertificate,
    ]
    .contains(&alert)
}

/// The addresses of a name that may be gone to. Whoever connects goes to one of these and asks for the name no second time, so that
/// it cannot come to mean another address in between.
async fn resolve(origin: &Origin, reach: Reach) -> Result<Vec<SocketAddr>, Failure> {
    let found = tokio::net::lookup_host((origin.host(), origin.port())).await;
    let found = found.map_err(|error| {
        Failure::unsent(format!("the name {} leads to no address: {error}", origin.host()))
    })?;
    let all: Vec<SocketAddr> = found.collect();
    let mut permitted: Vec<SocketAddr> =
        all.iter().copied().filter(|address| reach.permits(address.ip())).collect();
    if permitted.is_empty() && !all.is_empty() {
        return Err(Failure::Forbidden);
    }
    permitted.truncate(MOST_ADDRESSES);
    Ok(permitted)
}

/// The first that connects. Each is given a head start before the next.
async fn reach_first(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let attempts = addresses.iter().zip(0_u32..).map(|(address, place)| async move {
        sleep(STAGGER * place).await;
        TcpStream::connect(address).await
    });
    let mut attempts: FuturesUnordered<_> = attempts.collect();
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "the name leads to no address");
    while let Some(attempt) = attempts.next().await {
        match attempt {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}
