//! The server's address, and how to get there.
use std::net::IpAddr;

use http::Uri;
use offhook_signaling::{MAX_SERVER_FRAME_BYTES, SUBPROTOCOL};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, client_async_tls_with_config,
    tungstenite::{ClientRequestBuilder, Error, protocol::WebSocketConfig},
};

use crate::{Config, ConnectError};

/// An open WebSocket.
pub(crate) type Line = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What is allocated for reading, in bytes, for as long as the connection lives. Frames are a few hundred bytes; more
/// costs memory in a process of many clients, less costs system calls.
const READ_BUFFER: usize = 4 * 1024;

/// The server's address.
#[derive(Clone)]
pub(crate) struct Target {
    address: String,
    connector: Connector,
    uri: Uri,
}

impl Target {
    pub(crate) fn new(config: &Config) -> Result<Self, ConnectError> {
        let uri: Uri = config.url.parse().map_err(|_| ConnectError::Url)?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(ConnectError::Url)?;
        let (connector, default_port) = match uri.scheme_str() {
            Some("ws") if config.allow_plaintext || is_loopback(host) => (Connector::Plain, 80),
            Some("ws") => return Err(ConnectError::Plaintext),
            Some("wss") => (secure()?, 443),
            Some(_) | None => return Err(ConnectError::Url),
        };
        let address = format!("{host}:{}", uri.port_u16().unwrap_or(default_port));
        Ok(Self { address, connector, uri })
    }

    /// Host and port.
    #[cfg(feature = "media")]
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Opens a socket. Has no time limit of its own.
    pub(crate) async fn open(self) -> Result<Line, Error> {
        let stream = TcpStream::connect(self.address).await?;
        // A frame must not wait for the acknowledgment of the one before.
        stream.set_nodelay(true)?;
        let request = ClientRequestBuilder::new(self.uri).with_sub_protocol(SUBPROTOCOL);
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_message_size(Some(MAX_SERVER_FRAME_BYTES))
            .max_frame_size(Some(MAX_SERVER_FRAME_BYTES));
        let opened =
            client_async_tls_with_config(request, stream, Some(config), Some(self.connector)).await?;
        Ok(opened.0)
    }
}

pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(feature = "tls")]
fn secure() -> Result<Connector, ConnectError> {
    Ok(Connector::Rustls(trusting()?))
}

/// TLS that trusts what the machine trusts: who runs a server of their own may have a certificate of their own
/// authority, and installs its root where every program finds it. Built once for all connections of a client.
#[cfg(feature = "tls")]
pub(crate) fn trusting() -> Result<std::sync::Arc<rustls::ClientConfig>, ConnectError> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(ConnectError::Roots);
    }
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider serves the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(std::sync::Arc::new(config))
}

#[cfg(not(feature = "tls"))]
fn secure() -> Result<Connector, ConnectError> {
    Err(ConnectError::TlsMissing)
}
