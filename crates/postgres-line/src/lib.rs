//! The driver of PostgreSQL connections: an URL, TLS, and errors that say what to do.
//!
//! [`connect`] makes one connection; pools, retries and statements are the business of whoever asks. Two adapters stand on it, the
//! store and the small deployment's bus, so that both read the same URL the same way and report the same fault in the same words.
mod address;
mod connection;
mod error;
mod options;
mod tls;

use tokio::time::timeout;
use tokio_postgres::Client;

pub use connection::Connection;
pub use error::ConnectError;
pub use options::Options;
pub use tokio_postgres;

use address::Address;

/// Makes a connection to the first of the URL's hosts that takes it, and logs in. The [`Connection`] must be driven for the
/// [`Client`] to get anywhere; it ends when the last handle of the client is gone, or the server is.
///
/// # Errors
/// What keeps the connection from being made, in a sentence for the operator. No password is in it.
pub async fn connect(options: &Options) -> Result<(Client, Connection), ConnectError> {
    let address = Address::parse(&options.url)?;
    let config = options.config(&address);
    let connector = tls::connector(options.roots.as_deref())?;
    match timeout(options.connect_timeout, config.connect(connector)).await {
        Ok(Ok((client, connection))) => Ok((client, Connection::new(connection))),
        Ok(Err(error)) => Err(ConnectError::of(error, &address)),
        Err(_) => Err(ConnectError::TimedOut { place: address.place(), after: options.connect_timeout }),
    }
}
