//! Which addresses we have, and which ones clients are told.
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use offhook_sfu::{Candidate, Transport};

use crate::config::MediaError;

/// The bound addresses, and what clients are told of each.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    pub(crate) candidates: Arc<[Candidate]>,
    udp: Vec<Bound>,
    tcp: Vec<Bound>,
}

/// A bound address.
#[derive(Clone, Debug)]
struct Bound {
    /// What clients are told, the preferred first; never empty.
    told: Vec<SocketAddr>,
    /// Whether one address is told in place of what is bound.
    translated: bool,
    /// What is bound; may be a wildcard.
    local: SocketAddr,
}

impl Addresses {
    /// Decides what clients are told of the bound addresses.
    pub(crate) fn new(
        udp: &[SocketAddr],
        tcp: &[SocketAddr],
        announce: &[IpAddr],
    ) -> Result<Self, MediaError> {
        let interfaces = if udp.iter().chain(tcp).any(|address| address.ip().is_unspecified()) {
            interfaces().map_err(MediaError::Interfaces)?
        } else {
            Vec::new()
        };
        let bound = |all: &[SocketAddr]| {
            let each = (0..all.len()).map(|index| Bound::new(all, index, announce, &interfaces));
            each.collect::<Option<Vec<_>>>().ok_or(MediaError::NoAddress)
        };
        let (udp, tcp) = (bound(udp)?, bound(tcp)?);
        if udp.is_empty() {
            return Err(MediaError::NoAddress);
        }
        let with = |bound: &[Bound], transport| {
            let told = bound.iter().flat_map(|bound| bound.told.clone());
            told.map(move |address| Candidate { address, transport }).collect::<Vec<_>>()
        };
        let mut candidates = with(&udp, Transport::Udp);
        candidates.extend(with(&tcp, Transport::Tcp));
        candidates.extend(with(&tcp, Transport::SslTcp));
        Ok(Self { candidates: candidates.into(), udp, tcp })
    }

    /// The told address that a datagram came to: at which socket, and to which of this machine's addresses.
    pub(crate) fn of_datagram(&self, socket: usize, arrived_at: Option<IpAddr>) -> SocketAddr {
        self.udp[socket].told_for(arrived_at)
    }

    /// The told address that a connection came to.
    pub(crate) fn of_connection(&self, listener: usize, arrived_at: IpAddr) -> SocketAddr {
        self.tcp[listener].told_for(Some(arrived_at))
    }

    /// The socket that sends as the told address, and the address of this machine to send from if it has several.
    pub(crate) fn way_out(&self, told: SocketAddr) -> Option<(usize, Option<IpAddr>)> {
        let socket = self.udp.iter().position(|bound| bound.told.contains(&told))?;
        let bound = &self.udp[socket];
        let chosen = bound.local.ip().is_unspecified() && !bound.translated;
        Some((socket, chosen.then(|| told.ip())))
    }
}

impl Bound {
    /// What clients are told of the bound address at that place; `None` if there is nothing.
    fn new(all: &[SocketAddr], index: usize, announce: &[IpAddr], interfaces: &[IpAddr]) -> Option<Self> {
        let local = all[index];
        let family = |ip: &IpAddr| ip.is_ipv4() == local.is_ipv4();
        let announced: Vec<_> = announce.iter().copied().filter(family).collect();
        let bound = all.iter().filter(|other| family(&other.ip())).count();
        let told: Vec<_> = if announced.is_empty() {
            if local.ip().is_unspecified() {
                interfaces.iter().copied().filter(family).collect()
            } else {
                vec![local.ip()]
            }
        } else if announced.len() == bound {
            let place = all[..index].iter().filter(|other| family(&other.ip())).count();
            vec![announced[place]]
        } else {
            announced.first().copied().into_iter().collect()
        };
        let told: Vec<_> = told.into_iter().map(|ip| SocketAddr::new(ip, local.port())).collect();
        (!told.is_empty()).then_some(Self { told, translated: !announced.is_empty(), local })
    }

    fn told_for(&self, arrived_at: Option<IpAddr>) -> SocketAddr {
        let same = self.told.iter().find(|told| Some(told.ip()) == arrived_at);
        *same.unwrap_or(&self.told[0])
    }
}

/// The addresses of this machine, loopback last, without those that hold on one link only.
fn interfaces() -> std::io::Result<Vec<IpAddr>> {
    let mut addresses: Vec<_> = if_addrs::get_if_addrs()?
        .into_iter()
        .filter(|interface| interface.is_oper_up() && !interface.is_link_local())
        .map(|interface| interface.ip())
        .collect();
    addresses.sort_by_key(IpAddr::is_loopback);
    addresses.dedup();
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn told(addresses: &Addresses) -> Vec<(SocketAddr, Transport)> {
        addresses.candidates.iter().map(|candidate| (candidate.address, candidate.transport)).collect()
    }

    #[test]
    fn a_bound_address_is_told_as_it_is() {
        let addresses =
            Addresses::new(&[at("127.0.0.1:7000")], &[at("127.0.0.1:7001")], &[]).expect("addresses");
        let (udp, tcp) = (at("127.0.0.1:7000"), at("127.0.0.1:7001"));
        assert_eq!(
            told(&addresses),
            [(udp, Transport::Udp), (tcp, Transport::Tcp), (tcp, Transport::SslTcp)]
        );
        assert_eq!(addresses.of_datagram(0, Some(ip("127.0.0.1"))), udp);
        assert_eq!(addresses.way_out(udp), Some((0, None)));
        assert_eq!(addresses.way_out(at("127.0.0.1:7002")), None);
    }

    #[test]
    fn a_wildcard_is_told_as_the_interfaces_with_loopback_last() {
        let addresses = Addresses::new(&[at("0.0.0.0:7000")], &[], &[]).expect("addresses");
        let all = told(&addresses);
        assert_eq!(all.last().map(|(address, _)| address.ip()), Some(ip("127.0.0.1")));
        assert!(all.iter().all(|(address, _)| address.is_ipv4() && !address.ip().is_unspecified()));
        assert_eq!(addresses.of_datagram(0, Some(ip("127.0.0.1"))), at("127.0.0.1:7000"));
        assert_eq!(addresses.way_out(at("127.0.0.1:7000")), Some((0, Some(ip("127.0.0.1")))));
    }

    #[test]
    fn behind_nat_the_announced_address_stands_for_the_bound_one() {
        let addresses = Addresses::new(&[at("0.0.0.0:7000")], &[], &[ip("192.0.2.1")]).expect("addresses");
        assert_eq!(told(&addresses), [(at("192.0.2.1:7000"), Transport::Udp)]);
        assert_eq!(addresses.of_datagram(0, Some(ip("10.0.0.5"))), at("192.0.2.1:7000"));
        assert_eq!(
            addresses.way_out(at("192.0.2.1:7000")),
            Some((0, None)),
            "the kernel knows where it leaves"
        );
    }

    #[test]
    fn as_many_announced_as_bound_belong_together_by_family() {
        let bound = [at("10.0.0.5:7000"), at("[fd00::1]:7000"), at("10.0.1.5:7000")];
        let announced = [ip("192.0.2.1"), ip("192.0.2.2"), ip("2001:db8::1")];
        let addresses = Addresses::new(&bound, &[], &announced).expect("addresses");
        assert_eq!(addresses.of_datagram(0, None), at("192.0.2.1:7000"));
        assert_eq!(addresses.of_datagram(1, None), at("[2001:db8::1]:7000"));
        assert_eq!(addresses.of_datagram(2, None), at("192.0.2.2:7000"));
        assert_eq!(addresses.way_out(at("192.0.2.2:7000")), Some((2, None)));
    }

    #[test]
    fn without_an_address_there_is_no_node() {
        assert!(matches!(Addresses::new(&[], &[], &[]), Err(MediaError::NoAddress)));
    }
}
