//! Devices in rooms here whose sessions are on other nodes.
use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
};

use offhook_bus::NodeId;
use offhook_sfu::Address;
use offhook_signaling::{RoomEvent, RoomReset};

use super::{
    post::{Post, To},
    wire::{Answer, Item},
};

/// So many events wait for an answer that goes before them. More would let a request that hangs hold much memory.
const MOST_WAITING: usize = 1_024;

/// On which node each device is reached that is in a room here and has its session elsewhere.
///
/// A device hears the answer to what it asked before whatever its room tells from then on, as it does on a node that is alone: an
/// answer may say that an offer is void which came before it. So while a request is carried out, events for the device wait.
#[derive(Debug, Default)]
pub(crate) struct Homes {
    homes: Mutex<HashMap<Address, Home>>,
}

#[derive(Debug)]
struct Home {
    /// Requests that are carried out.
    asking: u32,
    node: NodeId,
    waiting: Vec<RoomEvent>,
}

impl Homes {
    /// Sends an event to the node of the device, or gives it back if its session is here.
    pub(crate) fn tell(&self, post: &Post, to: &Address, event: RoomEvent) -> Option<RoomEvent> {
        let mut homes = self.lock();
        let Some(home) = homes.get_mut(to) else { return Some(event) };
        if home.asking > 0 {
            home.wait(event);
        } else {
            post.put(To::Node(home.node), Item::Event { to: to.into(), event });
        }
        None
    }

    /// The device is reached over that node. Whether that is new.
    pub(crate) fn set(&self, address: &Address, node: NodeId) -> bool {
        let mut homes = self.lock();
        match homes.get_mut(address) {
            Some(home) => mem::replace(&mut home.node, node) != node,
            None => {
                homes.insert(address.clone(), Home { asking: 0, node, waiting: Vec::new() });
                true
            }
        }
    }

    /// A request of the device is carried out from now on.
    pub(crate) fn ask(&self, address: &Address) {
        if let Some(home) = self.lock().get_mut(address) {
            home.asking += 1;
        }
    }

    /// It has been: the answer goes to the node that asked, and what waited for it.
    pub(crate) fn answer(&self, post: &Post, address: &Address, (to, ticket, answer): (NodeId, u64, Answer)) {
        let mut homes = self.lock();
        post.put(To::Node(to), Item::Answer { ticket, answer });
        let Some(home) = homes.get_mut(address) else { return };
        home.asking = home.asking.saturating_sub(1);
        if home.asking == 0 {
            for event in mem::take(&mut home.waiting) {
                post.put(To::Node(home.node), Item::Event { to: address.into(), event });
            }
        }
    }

    /// The device is out of the room, or its session is here. Whether it was elsewhere. What waits still goes there.
    pub(crate) fn remove(&self, post: &Post, address: &Address) -> bool {
        let Some(home) = self.lock().remove(address) else { return false };
        for event in home.waiting {
            post.put(To::Node(home.node), Item::Event { to: address.into(), event });
        }
        true
    }

    /// Whether the session of the device is elsewhere.
    pub(crate) fn has(&self, address: &Address) -> bool {
        self.lock().contains_key(address)
    }

    /// Whether the device is reached over that node.
    pub(crate) fn is(&self, address: &Address, node: NodeId) -> bool {
        self.lock().get(address).is_some_and(|home| home.node == node)
    }

    /// Takes out those whose nodes are gone.
    pub(crate) fn take_gone(&self, is_gone: impl Fn(NodeId) -> bool) -> Vec<Address> {
        let mut gone = Vec::new();
        self.lock().retain(|address, home| {
            let stays = !is_gone(home.node);
            if !stays {
                gone.push(address.clone());
            }
            stays
        });
        gone
    }

    /// Every change is one step: a thread that died while it held the lock left whole values behind.
    fn lock(&self) -> MutexGuard<'_, HashMap<Address, Home>> {
        self.homes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Home {
    fn wait(&mut self, event: RoomEvent) {
        if self.waiting.len() == MOST_WAITING {
            let room = event.room().clone();
            self.waiting = vec![RoomEvent::Reset(RoomReset { room })];
        }
        self.waiting.push(event);
    }
}

#[cfg(test)]
mod tests {
    use offhook_sfu::RoomKey;
    use offhook_signaling::{LeaveCause, Reply, RoomLeft};
    use offhook_types::{AppId, DeviceId, RoomId, UserId};

    use super::*;

    const ANN: NodeId = NodeId::new(1);
    const BEN: NodeId = NodeId::new(2);

    fn phone() -> Address {
        let room = RoomKey { app: AppId(1), room: RoomId::new("lobby").expect("a name") };
        Address {
            device: DeviceId::new("phone").expect("an id"),
            room,
            user: UserId::new("bob").expect("an id"),
        }
    }

    fn event() -> RoomEvent {
        RoomEvent::Left(RoomLeft { cause: LeaveCause::Left, room: phone().room.room })
    }

    fn sent(post: &Post) -> Vec<(To, &'static str)> {
        let name = |item: Item| {
            let is_answer = matches!(item, Item::Answer { .. });
            assert!(is_answer || matches!(item, Item::Event { .. }), "{item:?}");
            if is_answer { "answer" } else { "event" }
        };
        post.take_all().into_iter().map(|(to, item)| (to, name(item))).collect()
    }

    #[test]
    fn events_go_where_the_device_was_heard_last() {
        let (homes, post) = (Homes::default(), Post::default());
        assert_eq!(homes.tell(&post, &phone(), event()), Some(event()), "its session is here");
        assert!(homes.set(&phone(), ANN) && !homes.set(&phone(), ANN));
        assert_eq!(homes.tell(&post, &phone(), event()), None);
        assert!(homes.set(&phone(), BEN) && homes.is(&phone(), BEN));
        homes.tell(&post, &phone(), event());
        assert_eq!(sent(&post), [(To::Node(ANN), "event"), (To::Node(BEN), "event")]);
        assert_eq!(homes.take_gone(|node| node == ANN), []);
        assert_eq!(homes.take_gone(|node| node == BEN), [phone()]);
        assert!(!homes.has(&phone()));
    }

    #[test]
    fn an_answer_goes_before_what_is_told_while_it_is_found() {
        let (homes, post) = (Homes::default(), Post::default());
        homes.set(&phone(), ANN);
        homes.ask(&phone());
        homes.tell(&post, &phone(), event());
        assert_eq!(sent(&post), []);
        homes.answer(&post, &phone(), (ANN, 1, Ok(Reply::Done).into()));
        homes.tell(&post, &phone(), event());
        assert_eq!(sent(&post), ["answer", "event", "event"].map(|name| (To::Node(ANN), name)));
        homes.ask(&phone());
        homes.tell(&post, &phone(), event());
        assert!(homes.remove(&post, &phone()));
        assert_eq!(sent(&post), [(To::Node(ANN), "event")], "who is out is told all the same");
        homes.answer(&post, &phone(), (ANN, 2, Ok(Reply::Done).into()));
        assert_eq!(sent(&post), [(To::Node(ANN), "answer")]);
    }

    #[test]
    fn a_request_that_hangs_holds_so_much_and_no_more() {
        let (homes, post) = (Homes::default(), Post::default());
        homes.set(&phone(), ANN);
        homes.ask(&phone());
        for _ in 0..=MOST_WAITING {
            homes.tell(&post, &phone(), event());
        }
        homes.answer(&post, &phone(), (ANN, 1, Ok(Reply::Done).into()));
        let sent = post.take_all();
        assert_eq!(sent.len(), 3, "the answer, to read the room, and the newest event");
        assert!(matches!(&sent[1].1, Item::Event { event: RoomEvent::Reset(_), .. }));
    }
}
