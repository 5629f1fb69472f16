//! What other nodes ask of the rooms here, and what they tell.
use std::sync::{Arc, Weak, atomic::Ordering::Relaxed};

use offhook_bus::{Answering, Node, NodeId};
use offhook_gateway::{RoomAction, RoomOrder};
use offhook_sfu::{Address, LeaveCause, RoomKey};
use offhook_signaling::{LeaveCause as WireCause, Problem, Reply, RoomEvent, RoomLeft, RoomReset};
use offhook_types::{Account, Party};
use tokio::time::Instant;

use super::{
    MediaRooms, convert,
    fleet::{Action, Answer, Arrived, Carry, Fleet, Item, Order, Say, To, occupied},
    listener::party_of,
    requests::{Kind, address_of, sort},
};
use crate::{cluster::Subject, handler::Control};

/// Says that a question was understood; what comes of it comes by letter.
const UNDERSTOOD: &[u8] = b"+";

/// Answers other nodes.
pub(crate) struct RoomDesk {
    control: Weak<Control>,
    fleet: Arc<Fleet>,
    rooms: Arc<MediaRooms>,
}

impl RoomDesk {
    /// `None` for a node that is alone.
    pub(crate) fn new(rooms: &Arc<MediaRooms>, control: &Arc<Control>) -> Option<Self> {
        let fleet = Arc::clone(rooms.fleet.as_ref()?);
        // The control holds the bus, and the bus holds this.
        Some(Self { control: Arc::downgrade(control), fleet, rooms: Arc::clone(rooms) })
    }
}

impl Subject for RoomDesk {
    fn answer(&self, from: NodeId, message: Vec<u8>) -> Answering {
        let (rooms, fleet) = (Arc::clone(&self.rooms), Arc::clone(&self.fleet));
        let control = self.control.upgrade();
        Box::pin(async move {
            match (Say::decode(&message), control) {
                (Some(Say::Letter(letter)), _) => {
                    let now = Instant::now();
                    let act = &mut |arrived| rooms.take(&fleet, from, arrived);
                    fleet.inboxes.take((now, from), letter, act);
                    Vec::new()
                }
                (Some(Say::Carry(carry)), Some(control)) => {
                    rooms.carried((&fleet, &control), from, carry).await;
                    UNDERSTOOD.to_vec()
                }
                (Some(Say::Order(order)), Some(control)) => {
                    Answer::from(rooms.ordered(&control, order).await).encode()
                }
                (Some(Say::Carry(_) | Say::Order(_)), None) | (None, _) => Vec::new(),
            }
        })
    }

    fn nodes_changed(&self, _: &[Node]) {
        self.fleet.changed.notify_one();
    }
}

impl MediaRooms {
    /// Carries out a request of a device whose session is on another node.
    async fn carried(&self, (fleet, control): (&Fleet, &Control), from: NodeId, carry: Carry) {
        fleet.counters.served.fetch_add(1, Relaxed);
        let Carry { device, epoch, request, room, ticket, user } = carry;
        let (app, room) = (room.app, RoomKey::from(room));
        let party = Party { account: Account::new(app, user), device: Some(device) };
        let answer = |answer: Answer| fleet.post.put(To::Node(from), Item::Answer { ticket, answer });
        let address = match address_of(&party, room.room.clone()) {
            Ok(address) => address,
            Err(problem) => return answer(problem.into()),
        };
        let visit = match self.admit(fleet, &room, epoch).await {
            Ok(Some(visit)) => visit,
            Ok(None) => return answer(Answer::Moved),
            Err(problem) => return answer(problem.into()),
        };
        let Ok(request) = sort(request) else {
            return answer(convert::busy("the node of the room does not know this request").into());
        };
        let is_join = match &request {
            Kind::Join(_) => true,
            Kind::Inside(..) => false,
        };
        if is_join || self.is_in(&address) {
            self.reached_over(fleet, &address, from);
        }
        fleet.homes.ask(&address);
        let result = self.here(control, &party, request).await;
        drop(visit);
        if is_join {
            self.let_go_of_unused(fleet, &room, &result);
        }
        let is_out = is_join && result.is_err() && !self.is_in(&address);
        fleet.homes.answer(&fleet.post, &address, (from, ticket, result.into()));
        if is_out {
            fleet.homes.remove(&fleet.post, &address);
        }
    }

    /// The device is reached over that node, from its last request on.
    fn reached_over(&self, fleet: &Fleet, address: &Address, node: NodeId) {
        if fleet.homes.set(address, node)
            && let Ok(media) = self.node()
        {
            media.signaling(address.clone(), true);
        }
    }

    fn is_in(&self, address: &Address) -> bool {
        self.ears.index.device_in(&address.room, &address.user).as_ref() == Some(&address.device)
    }

    /// Carries out what a back end ordered on another node.
    async fn ordered(&self, control: &Control, order: Order) -> Result<Reply, Problem> {
        let key = RoomKey::from(order.room);
        let action = match order.action {
            Action::Close => RoomAction::Close,
            Action::Read => RoomAction::Read,
            Action::Remove(user) => RoomAction::Remove { user },
        };
        self.order_here(control, key.app, RoomOrder { action, room: key.room }).await
    }

    /// Takes what another node told. Does not wait.
    pub(super) fn take(&self, fleet: &Fleet, from: NodeId, arrived: Arrived) {
        match arrived {
            Arrived::Gap => self.missed(fleet, from),
            Arrived::Item(item) => self.take_item(fleet, from, item),
        }
    }

    fn take_item(&self, fleet: &Fleet, from: NodeId, item: Item) {
        match item {
            Item::Answer { ticket, answer } => fleet.answered(ticket, answer),
            Item::Close(room) => {
                self.close_here(&room.into());
            }
            Item::Event { to, event } => {
                let to = Address::from(to);
                // A room that has been placed anew may still speak from where it was.
                let is_there = fleet.abroad.place_of(&to).is_some_and(|place| place.node == from.bits());
                if is_there {
                    if let RoomEvent::Left(_) = &event {
                        fleet.abroad.remove(&to);
                    }
                    self.tell(&to, event);
                }
            }
            Item::Occupied { app, call, user } => {
                fleet.occupancy.occupied(from, Account::new(app, user), call);
            }
            Item::OccupantsBegin => fleet.occupancy.begin(from),
            Item::OccupantsEnd => fleet.occupancy.end(from),
            Item::Remove { room, user } => {
                self.remove_here(&room.into(), &user);
            }
            Item::Signaling { of, present } => {
                let address = Address::from(of);
                if fleet.homes.is(&address, from)
                    && let Ok(node) = self.node()
                {
                    node.signaling(address, present);
                }
            }
            Item::TellOccupants => self.name_occupants(fleet, from),
            Item::Vacated { app, call, user } => {
                fleet.occupancy.vacated(from, &Account::new(app, user), call);
            }
        }
    }

    /// News of another node got lost: the devices in its rooms are told to read them, which also brings offers anew.
    fn missed(&self, fleet: &Fleet, from: NodeId) {
        fleet.counters.gaps.fetch_add(1, Relaxed);
        tracing::warn!(node = %from, "news of rooms from another node got lost: devices read their rooms anew");
        for address in fleet.abroad.on(from) {
            let room = address.room.room.clone();
            self.tell(&address, RoomEvent::Reset(RoomReset { room }));
        }
        fleet.post.put(To::Node(from), Item::TellOccupants);
    }

    fn name_occupants(&self, fleet: &Fleet, to: NodeId) {
        fleet.post.put(To::Node(to), Item::OccupantsBegin);
        for (account, call) in self.ears.index.in_calls() {
            fleet.post.put(To::Node(to), occupied(account.app, call, &account.user));
        }
        fleet.post.put(To::Node(to), Item::OccupantsEnd);
    }

    /// Nodes came or went: devices in rooms of those that are gone are to enter anew, and devices in rooms here whose nodes are gone
    /// have no session for now.
    pub(super) fn look_who_is_gone(&self, fleet: &Fleet) {
        if !fleet.is_sure(Instant::now()) {
            return;
        }
        let nodes = fleet.peers.0.nodes();
        let is_gone = |id: NodeId| !nodes.iter().any(|node| node.id == id);
        let stranded = fleet.abroad.take_gone(is_gone);
        if !stranded.is_empty() {
            tracing::warn!(
                devices = stranded.len(),
                "the node of rooms is gone: devices here enter them anew"
            );
            fleet.counters.stranded.fetch_add(stranded.len() as u64, Relaxed);
        }
        for address in stranded {
            let left = RoomLeft { cause: WireCause::Shutdown, room: address.room.room.clone() };
            self.tell(&address, RoomEvent::Left(left));
        }
        for address in fleet.homes.take_gone(is_gone) {
            if let Ok(node) = self.node() {
                node.signaling(address, false);
            }
        }
        fleet.inboxes.forget(is_gone);
        fleet.occupancy.forget(is_gone);
        let others = nodes.iter().map(|node| node.id).filter(|id| *id != fleet.me());
        for node in fleet.occupancy.unheard(others) {
            fleet.post.put(To::Node(node), Item::TellOccupants);
        }
    }

    fn tell(&self, to: &Address, event: RoomEvent) {
        // A device without a session reads the room when it is back.
        let _ = self.ears.hub.get().is_some_and(|hub| hub.tell(&party_of(to), event));
    }

    /// Ends a room if it is open here. Whether it is.
    pub(super) fn close_here(&self, key: &RoomKey) -> bool {
        let is_open = self.ears.index.is_open(key);
        if is_open && let Ok(node) = self.node() {
            node.close(key, LeaveCause::Ended);
        }
        is_open
    }

    /// Puts a user out of a room here. Whether they are in it.
    pub(super) fn remove_here(&self, key: &RoomKey, user: &offhook_types::UserId) -> bool {
        let is_in = self.ears.index.device_in(key, user).is_some();
        if is_in && let Ok(node) = self.node() {
            node.remove(key, user, LeaveCause::Left);
        }
        is_in
    }
}
