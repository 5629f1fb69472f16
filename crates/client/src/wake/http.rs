//! One request over HTTP/1.1, on a connection of its own: a woken process makes two or three in its life.
use bytes::Bytes;
use http::{Request, Response, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use offhook_signaling::MAX_SERVER_FRAME_BYTES;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};

use crate::{ConnectError, target::is_loopback};

/// Where requests go.
pub(super) struct Host {
    address: String,
    authority: String,
    /// What stands before `/v1`, without a slash at its end.
    base: String,
    #[cfg(feature = "tls")]
    tls: Option<(tokio_rustls::TlsConnector, rustls_pki_types::ServerName<'static>)>,
}

/// Why no answer came. It is worth another try.
#[derive(Debug, thiserror::Error)]
pub(super) enum Lost {
    #[error("the answer's body broke off, or is too long")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the connection could not be made")]
    Connection(#[from] std::io::Error),
    #[error("the exchange failed")]
    Exchange(#[from] hyper::Error),
}

trait Line: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

impl Host {
    pub(super) fn new(server: &str, allow_plaintext: bool) -> Result<Self, ConnectError> {
        let uri: Uri = server.parse().map_err(|_| ConnectError::Url)?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(ConnectError::Url)?;
        let default_port = match uri.scheme_str() {
            Some("http") if allow_plaintext || is_loopback(host) => 80,
            Some("http") => return Err(ConnectError::Plaintext),
            Some("https") => 443,
            Some(_) | None => return Err(ConnectError::Url),
        };
        #[cfg(not(feature = "tls"))]
        if default_port == 443 {
            return Err(ConnectError::TlsMissing);
        }
        Ok(Self {
            address: format!("{host}:{}", uri.port_u16().unwrap_or(default_port)),
            authority: match uri.port_u16() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            },
            base: uri.path().trim_end_matches('/').to_owned(),
            #[cfg(feature = "tls")]
            tls: if default_port == 443 { Some(tls(host)?) } else { None },
        })
    }

    /// Sends a request to a path from `/v1` on, and reads the answer whole. Has no time limit of its own.
    pub(super) async fn send(&self, mut request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Lost> {
        let path = format!("{}{}", self.base, request.uri().path());
        *request.uri_mut() = path.parse().expect("a path of a URL and one of ours are a path");
        let authority = self.authority.parse().expect("host and port of a URL are a header");
        request.headers_mut().insert(header::HOST, authority);
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(self.secure(stream).await?)).await?;
        let exchange = async {
            let (head, body) = sender.send_request(request).await?.into_parts();
            let body = Limited::new(body, MAX_SERVER_FRAME_BYTES).collect().await.map_err(Lost::Body)?;
            Ok(Response::from_parts(head, body.to_bytes()))
        };
        tokio::pin!(exchange);
        tokio::select! {
            answer = &mut exchange => answer,
            // It may end with the last byte of the answer; then the rest needs it no more.
            ended = connection => {
                ended?;
                exchange.await
            }
        }
    }

    #[cfg(feature = "tls")]
    async fn secure(&self, stream: TcpStream) -> Result<Box<dyn Line>, Lost> {
        Ok(match &self.tls {
            Some((connector, name)) => Box::new(connector.connect(name.clone(), stream).await?),
            None => Box::new(stream),
        })
    }

    #[cfg(not(feature = "tls"))]
    async fn secure(&self, stream: TcpStream) -> Result<Box<dyn Line>, Lost> {
        Ok(Box::new(stream))
    }
}

#[cfg(feature = "tls")]
fn tls(
    host: &str,
) -> Result<(tokio_rustls::TlsConnector, rustls_pki_types::ServerName<'static>), ConnectError> {
    let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = rustls_pki_types::ServerName::try_from(bare).map_err(|_| ConnectError::Url)?;
    Ok((crate::target::trusting()?.into(), name))
}
