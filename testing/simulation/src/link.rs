//! The network between a device and the gateway: in each direction things arrive in order, after a while, or not at all.
use std::time::Duration;

use offhook_types::Timestamp;

use crate::{
    queue::{ConnectionId, DeviceIndex, LinkId, Parcel, What},
    simulation::Simulation,
};

/// One attempt of a device to talk to the gateway.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) device: DeviceIndex,
    /// Nothing ever disturbed it.
    pub(crate) is_healthy: bool,
    latency_ms: u64,
    /// Nothing arrives before this.
    pub(crate) stalled_until: Timestamp,
    pub(crate) down: Pipe,
    pub(crate) up: Pipe,
}

/// One direction of a link.
#[derive(Debug, Default)]
pub(crate) struct Pipe {
    /// Everything sent is lost, and nobody is told.
    pub(crate) cut: bool,
    last: Timestamp,
}

impl Simulation {
    pub(crate) fn new_link(&mut self, device: DeviceIndex) -> LinkId {
        let latency_ms = *self.random.pick(&[1, 10, 40, 150]);
        self.links.push(Link {
            connection: None,
            device,
            is_healthy: true,
            latency_ms,
            stalled_until: Timestamp::default(),
            down: Pipe::default(),
            up: Pipe::default(),
        });
        self.links.len() - 1
    }

    /// When something sent on the link now would arrive.
    fn arrival(&mut self, link: LinkId) -> Timestamp {
        let latency = self.links[link].latency_ms;
        let travel = Duration::from_millis(latency + self.random.between(0, latency));
        (self.now + travel).max(self.links[link].stalled_until)
    }

    pub(crate) fn send_up(&mut self, link: LinkId, parcel: Parcel) {
        let arrival = self.arrival(link);
        let pipe = &mut self.links[link].up;
        if pipe.cut {
            return;
        }
        pipe.last = pipe.last.max(arrival);
        self.queue.plan(pipe.last, What::Up(link, parcel));
    }

    pub(crate) fn send_down(&mut self, link: LinkId, parcel: Parcel) {
        let arrival = self.arrival(link);
        let pipe = &mut self.links[link].down;
        if pipe.cut {
            return;
        }
        pipe.last = pipe.last.max(arrival);
        self.queue.plan(pipe.last, What::Down(link, parcel));
    }

    /// The link breaks, and both ends are told.
    pub(crate) fn break_link(&mut self, link: LinkId) {
        self.links[link].is_healthy = false;
        let (up_cut, down_cut) = (self.links[link].up.cut, self.links[link].down.cut);
        if !up_cut {
            self.send_up(link, Parcel::Closed(None));
        }
        if !down_cut {
            self.send_down(link, Parcel::Closed(None));
        }
        self.cut(link, true, true);
    }

    /// The link falls silent, and nobody is told.
    pub(crate) fn cut(&mut self, link: LinkId, up: bool, down: bool) {
        let link = &mut self.links[link];
        link.is_healthy = false;
        link.up.cut |= up;
        link.down.cut |= down;
    }
}
