//! A port that stays a server's own while the server is down.
use std::net::{Ipv4Addr, SocketAddrV4};

use anyhow::{Context as _, Result};
use socket2::{Domain, Socket, Type};

/// A port on one of this machine's addresses that nobody else gets while this lives.
///
/// A socket is bound to it and never listens. The server may bind the same port, because both allow reuse. Others may not: the kernel
/// gives the port to nobody who asks for any port, and to no outgoing connection. So a client that tries again while the server is
/// down is refused, and cannot reach a stranger or itself.
#[derive(Debug)]
pub(crate) struct Port {
    place: SocketAddrV4,
    _socket: Socket,
}

impl Port {
    /// Takes a free one.
    pub(crate) fn take(host: Ipv4Addr) -> Result<Self> {
        let taken = || {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
            // Bound without reuse, it is ours alone; from then on the server may share it.
            socket.bind(&SocketAddrV4::new(host, 0).into())?;
            socket.set_reuse_address(true)?;
            let place = socket.local_addr()?.as_socket_ipv4().expect("an IPv4 socket has an IPv4 address");
            Ok::<_, std::io::Error>(Self { place, _socket: socket })
        };
        taken().context("no port is free")
    }

    /// Address and number.
    pub(crate) fn place(&self) -> SocketAddrV4 {
        self.place
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::ErrorKind,
        net::{TcpListener, TcpStream},
    };

    use super::*;

    #[test]
    fn a_port_refuses_until_its_server_listens_and_again_when_it_is_gone() {
        let port = Port::take(Ipv4Addr::LOCALHOST).unwrap();
        let here = port.place();
        let refused = || TcpStream::connect(here).map_err(|error| error.kind()).map(|_| ());
        assert_eq!(refused(), Err(ErrorKind::ConnectionRefused));
        let server = TcpListener::bind(here).unwrap();
        assert_eq!(refused(), Ok(()));
        drop(server);
        assert_eq!(refused(), Err(ErrorKind::ConnectionRefused));
    }

    #[test]
    fn nobody_else_gets_the_port() {
        let port = Port::take(Ipv4Addr::LOCALHOST).unwrap();
        let strict = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        let bound = strict.bind(&port.place().into());
        assert_eq!(bound.map_err(|error| error.kind()), Err(ErrorKind::AddrInUse));
    }
}
