//! What comes from the network and goes to it.
use std::net::SocketAddr;

/// How bytes travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Pseudo-TLS over TCP, as WebRTC clients speak it to get past simple firewalls.
    SslTcp,
    /// ICE over TCP (RFC 6544), packets framed by RFC 4571. The driver does the framing.
    Tcp,
    /// Datagrams.
    Udp,
}

/// A packet that arrived.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// The bytes, without any framing.
    pub contents: &'a [u8],
    /// The announced address of ours that it came to ([`Candidate::address`]).
    pub destination: SocketAddr,
    /// Where it came from.
    pub source: SocketAddr,
    /// How.
    pub transport: Transport,
}

/// A packet to send.
#[derive(Debug)]
pub struct Transmit {
    /// The bytes, without any framing.
    pub contents: Vec<u8>,
    /// Where to.
    pub destination: SocketAddr,
    /// The announced address of ours that it leaves from.
    pub source: SocketAddr,
    /// How.
    pub transport: Transport,
}

/// An address of ours that clients are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where clients send to: the public address behind a one-to-one NAT, else the bound one.
    pub address: SocketAddr,
    /// How.
    pub transport: Transport,
}
