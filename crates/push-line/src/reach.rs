//! How far a connection may go: what a client named leads out, never in.
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where a connection may lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Reach {
    /// Anywhere: an operator has named the host.
    Anywhere,
    /// To this machine alone: what goes there is not encrypted.
    Loopback,
    /// Out into the Internet alone: a client has named the host.
    Public,
}

impl Reach {
    pub(crate) fn permits(self, address: IpAddr) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Loopback => address.to_canonical().is_loopback(),
            Self::Public => match address.to_canonical() {
                IpAddr::V4(address) => is_public_v4(address),
                IpAddr::V6(address) => is_public_v6(address),
            },
        }
    }
}

/// Not one of the blocks that the registry of special addresses calls not globally reachable (RFC 6890).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b)) // Carriers' own networks (RFC 6598).
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (b == 18 || b == 19)); // Benchmarks (RFC 2544).
    !is_special
}

/// Of the one block that is given out (2000::/3), what does not lead to an address of IPv4 through a translator, and is no example.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let is_tunnel = a == 0x2002 || (a == 0x2001 && b < 0x0200); // 6to4; Teredo and its block.
    let is_example = (a == 0x2001 && b == 0x0db8) || (a == 0x3fff && b < 0x1000);
    (0x2000..0x4000).contains(&a) && !is_tunnel && !is_example
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(reach: Reach, address: &str) -> bool {
        reach.permits(address.parse().expect("an address"))
    }

    #[test]
    fn what_a_client_named_never_leads_in() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
        ] {
            assert!(!permits(Reach::Public, private), "{private}");
        }
        for public in ["17.188.143.34", "142.250.0.1", "2a00:1450::1", "2620:149::1", "::ffff:17.0.0.1"] {
            assert!(permits(Reach::Public, public), "{public}");
        }
    }

    #[test]
    fn what_is_not_encrypted_stays_on_this_machine() {
        assert!(permits(Reach::Loopback, "127.0.0.1") && permits(Reach::Loopback, "::1"));
        assert!(!permits(Reach::Loopback, "10.0.0.1") && !permits(Reach::Loopback, "17.0.0.1"));
        assert!(permits(Reach::Anywhere, "10.0.0.1"));
    }
}
