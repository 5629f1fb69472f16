//! The user names of our ICE agents: they say whose they are, so that no packet has to be tried on every participant.
use str0m::ice::{IceCreds, StunMessage};

/// What the user name of one of our ICE agents says: `WWWWNNNNNNNNRRRRRRRRRRRR` in base 16, worker, number, noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ufrag {
    /// The worker.
    pub(crate) worker: u16,
    /// The number of the participant's connection; never used twice.
    pub(crate) peer: u32,
}

const LENGTH: usize = 24;

impl Ufrag {
    /// Credentials that say this; the rest of the name and the password are str0m's noise.
    pub(crate) fn credentials(self) -> IceCreds {
        let fresh = IceCreds::new();
        let noise: u64 =
            fresh.ufrag.bytes().fold(0, |sum, byte| sum.wrapping_mul(131).wrapping_add(u64::from(byte)));
        IceCreds {
            ufrag: format!("{:04x}{:08x}{:012x}", self.worker, self.peer, noise & 0xffff_ffff_ffff),
            pass: fresh.pass,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if text.len() != LENGTH || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let worker = u16::from_str_radix(&text[..4], 16).ok()?;
        let peer = u32::from_str_radix(&text[4..12], 16).ok()?;
        Some(Self { worker, peer })
    }
}

/// What the user name in a STUN binding request says; `None` if it is no such request, or none to us.
pub(crate) fn of_request(datagram: &[u8]) -> Option<Ufrag> {
    // RFC 7983: STUN begins with 0 to 3. The check spares the parser whatever else a stranger sends.
    if datagram.len() < 20 || datagram[0] > 3 {
        return None;
    }
    let message = StunMessage::parse(datagram).ok()?;
    if !message.is_binding_request() {
        return None;
    }
    let (ours, _theirs) = message.split_username()?;
    Ufrag::parse(ours)
}
