//! What a vendor's adapter is.
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use offhook_types::Timestamp;

use crate::{Address, Order, Verdict};

/// The rules of one vendor for one credential, without a socket: makes requests and reads answers. Its only state is the
/// token it goes by. Its driver sends what it makes, in the order in which it makes it.
pub trait Vendor: Send {
    /// Makes the request that carries an order to an address.
    ///
    /// # Errors
    /// [`Unsendable`] says why no request can.
    fn prepare(&mut self, now: Timestamp, order: &Order, address: &Address) -> Result<Prepared, Unsendable>;

    /// Reads the answer to a [`Prepared::Token`]. The next [`Vendor::prepare`] goes by it.
    ///
    /// # Errors
    /// The verdict on everything that waited for the token.
    fn granted(&mut self, now: Timestamp, answer: &Answer) -> Result<(), Verdict>;

    /// Reads the answer to a [`Prepared::Push`] to this address.
    fn verdict(&mut self, now: Timestamp, address: &Address, answer: &Answer) -> Verdict;
}

/// What is to be sent next.
#[derive(Debug)]
pub enum Prepared {
    /// The push itself.
    Push(Request<Bytes>),
    /// First this, which asks for a token; then [`Vendor::prepare`] again. One such request is enough for all that wait.
    Token(Request<Bytes>),
}

/// A vendor's answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The body, cut off after a few kilobytes.
    pub body: Bytes,
    /// The headers.
    pub headers: HeaderMap,
    /// The status.
    pub status: StatusCode,
}

/// Why an order cannot be carried to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    /// The address is another vendor's.
    #[error("the address is another vendor's")]
    Address,
    /// What is to be said is not said over this channel, as a stop over a channel for rings.
    #[error("this is not said over this channel")]
    Channel,
    /// The endpoint's host is none of those to which this installation sends.
    #[error("nothing is sent to this host")]
    Host,
    /// The ring is over.
    #[error("the ring is over")]
    Over,
    /// Texts and payload are larger than the vendor takes.
    #[error("texts and payload have {bytes} bytes, {most} at most")]
    TooLarge {
        /// What they have.
        bytes: usize,
        /// What the vendor takes.
        most: usize,
    },
}
