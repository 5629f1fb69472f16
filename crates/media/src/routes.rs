//! Which worker an address belongs to.
use std::{
    collections::HashMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

/// How long an address is remembered after its last answered check; at least, and at most twice as long. Clients check
/// every few seconds; consent ends after 30 s (RFC 7675). Longer keeps dead addresses.
const ROUTE_LIFE: Duration = Duration::from_secs(40);

/// How long a mere claim is remembered: from a client's first check to our first answer.
const CLAIM_LIFE: Duration = Duration::from_secs(2);

/// How many claims there may be. An attacker who sends checks from many addresses can fill them; then a client whose
/// packets overtake its route loses a few of them while it connects.
const MAX_CLAIMS: usize = 8192;

/// Which worker an address belongs to. A **route** is known: that worker's machine has answered an ICE check from the
/// address, so its sender knows the password of somebody in a room. A **claim** is what a check said that has not been
/// answered yet; anybody can make one, so it yields to a route and is forgotten at once.
#[derive(Debug)]
pub(crate) struct Routes {
    claims: Generations,
    routes: Generations,
}

impl Routes {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            claims: Generations::new(now, CLAIM_LIFE, MAX_CLAIMS),
            routes: Generations::new(now, ROUTE_LIFE, usize::MAX),
        }
    }

    /// An answer went to the address.
    pub(crate) fn learn(&mut self, now: Instant, address: SocketAddr, worker: u16) {
        self.routes.insert(now, address, worker);
    }

    /// A check from the address names the worker.
    pub(crate) fn claim(&mut self, now: Instant, address: SocketAddr, worker: u16) {
        self.claims.insert(now, address, worker);
    }

    /// The worker that the address belongs to for sure.
    pub(crate) fn known(&self, address: &SocketAddr) -> Option<u16> {
        self.routes.find(address)
    }

    /// The worker that the address says it belongs to.
    pub(crate) fn claimed(&self, address: &SocketAddr) -> Option<u16> {
        self.claims.find(address)
    }

    /// Forgets what is old.
    pub(crate) fn tidy(&mut self, now: Instant) {
        self.claims.turn(now);
        self.routes.turn(now);
    }
}

/// By which worker an ICE check was handed over, until it is answered.
#[derive(Debug)]
pub(crate) struct Entrances(Generations);

impl Entrances {
    pub(crate) fn new(now: Instant) -> Self {
        Self(Generations::new(now, CLAIM_LIFE, MAX_CLAIMS))
    }

    pub(crate) fn insert(&mut self, now: Instant, address: SocketAddr, worker: u16) {
        self.0.insert(now, address, worker);
    }

    pub(crate) fn find(&self, address: &SocketAddr) -> Option<u16> {
        self.0.find(address)
    }

    pub(crate) fn tidy(&mut self, now: Instant) {
        self.0.turn(now);
    }
}

/// A map that forgets by halves: what was not put in again during a whole life is gone.
#[derive(Debug)]
struct Generations {
    capacity: usize,
    current: HashMap<SocketAddr, u16>,
    life: Duration,
    previous: HashMap<SocketAddr, u16>,
    since: Instant,
}

impl Generations {
    fn new(now: Instant, life: Duration, capacity: usize) -> Self {
        Self { capacity, current: HashMap::new(), life, previous: HashMap::new(), since: now }
    }

    fn insert(&mut self, now: Instant, address: SocketAddr, worker: u16) {
        self.turn(now);
        if self.current.len() < self.capacity || self.current.contains_key(&address) {
            self.current.insert(address, worker);
        }
    }

    fn find(&self, address: &SocketAddr) -> Option<u16> {
        self.current.get(address).or_else(|| self.previous.get(address)).copied()
    }

    fn turn(&mut self, now: Instant) {
        if now.saturating_duration_since(self.since) >= self.life {
            self.previous = std::mem::take(&mut self.current);
            self.since = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], port))
    }

    #[test]
    fn a_claim_never_diverts_a_known_address() {
        let begin = crate::clock::now();
        let mut routes = Routes::new(begin);
        routes.learn(begin, address(1), 0);
        routes.claim(begin, address(1), 1);
        assert_eq!(routes.known(&address(1)), Some(0));
    }

    #[test]
    fn what_is_not_renewed_is_forgotten() {
        let begin = crate::clock::now();
        let mut routes = Routes::new(begin);
        routes.learn(begin, address(1), 1);
        routes.learn(begin, address(2), 1);
        routes.claim(begin, address(3), 1);
        routes.tidy(begin + ROUTE_LIFE);
        routes.learn(begin + ROUTE_LIFE, address(1), 1);
        assert_eq!(routes.known(&address(2)), Some(1), "one life is not over");
        routes.tidy(begin + 2 * ROUTE_LIFE);
        assert_eq!(routes.known(&address(1)), Some(1));
        assert_eq!(routes.known(&address(2)), None);
        routes.tidy(begin + 3 * ROUTE_LIFE);
        assert_eq!(routes.known(&address(1)), None);
        assert_eq!(routes.claimed(&address(3)), None);
    }

    #[test]
    fn claims_are_bounded() {
        let begin = crate::clock::now();
        let mut routes = Routes::new(begin);
        for port in 0..=u16::MAX {
            routes.claim(begin, address(port), 1);
        }
        assert_eq!(routes.claims.current.len(), MAX_CLAIMS);
    }
}
