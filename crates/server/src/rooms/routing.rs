//! Finds the node of a room, and brings requests there.
use std::{sync::atomic::Ordering::Relaxed, time::Duration};

use offhook_bus::NodeId;
use offhook_media::MediaRefusal;
use offhook_sfu::{Address, LeaveCause, Refusal, RoomKey};
use offhook_signaling::{Code, JoinRoom, LeaveRoom, Problem, Reply, Request};
use offhook_store::{Place, StoreError};
use offhook_types::Party;
use tokio::time::Instant;

use super::{
    MediaRooms, convert,
    fleet::{Action, Answer, Carry, Fleet, Order, Unheld, Unreached, Visit, Where},
    index::account_of,
    requests::{Inside, Kind, RoomRequest, address_of, check_call},
};
use crate::handler::Control;

/// So often a room is looked for again that has moved meanwhile, and so long it is waited before.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(50);

/// How long a client waits before it tries again what the store could not do.
const STORE_RETRY_MS: u64 = 1_000;

impl MediaRooms {
    /// Carries out a request where its room lives.
    pub(super) async fn anywhere(
        &self,
        (fleet, control): (&Fleet, &Control),
        party: &Party,
        request: RoomRequest,
    ) -> Result<Reply, Problem> {
        let RoomRequest { kind, original } = request;
        match (kind, original) {
            (Kind::Join(join), Some(original)) => {
                self.join_anywhere((fleet, control), party, (join, original)).await
            }
            (Kind::Inside(room, inside), Some(original)) => {
                let address = address_of(party, room)?;
                self.inside_anywhere((fleet, control), &address, (inside, original)).await
            }
            (kind, None) => self.here(control, party, kind).await,
        }
    }

    async fn join_anywhere(
        &self,
        (fleet, control): (&Fleet, &Control),
        party: &Party,
        (join, original): (JoinRoom, Request),
    ) -> Result<Reply, Problem> {
        let grant = self.passes.verify(party, &join.token.0)?;
        let address = address_of(party, grant.room)?;
        self.check_stays(fleet, &address)?;
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            let place = self.place_of((fleet, control), party, &address.room).await?;
            if place.node == fleet.me().bits() {
                let Some(visit) = self.admit(fleet, &address.room, place.epoch).await? else { continue };
                self.is_here(fleet, &address);
                let result = self.here(control, party, Kind::Join(join)).await;
                drop(visit);
                self.let_go_of_unused(fleet, &address.room, &result);
                return result;
            }
            if let Some(result) = self.carry(fleet, (place, &address), &original).await {
                return result;
            }
        }
        Err(convert::busy("the room is on its way to another node: try again"))
    }

    async fn inside_anywhere(
        &self,
        (fleet, control): (&Fleet, &Control),
        address: &Address,
        (inside, original): (Inside, Request),
    ) -> Result<Reply, Problem> {
        let party = super::listener::party_of(address);
        if self.ears.index.device_in(&address.room, &address.user).as_ref() == Some(&address.device) {
            self.is_here(fleet, address);
            return self.here(control, &party, Kind::Inside(address.room.room.clone(), inside)).await;
        }
        for _ in 0..2 {
            let place = match fleet.abroad.place_of(address) {
                Some(place) => Some(place),
                None => self.find(fleet, &address.room).await?,
            };
            let there = |place: &Place| place.node != fleet.me().bits() && fleet.hosts(place.node);
            let Some(place) = place.filter(there) else { break };
            if let Some(result) = self.carry(fleet, (place, address), &original).await {
                return result;
            }
        }
        match inside {
            Inside::Leave => Ok(Reply::Done),
            Inside::Command(_) | Inside::Read => Err(not_in_room()),
        }
    }

    /// Where the room lives; if nowhere, or on a node that is gone, it is placed.
    async fn place_of(
        &self,
        (fleet, control): (&Fleet, &Control),
        party: &Party,
        room: &RoomKey,
    ) -> Result<Place, Problem> {
        let over = match self.find(fleet, room).await? {
            Some(place) if fleet.hosts(place.node) => return Ok(place),
            Some(_) if !fleet.is_sure(Instant::now()) => {
                return Err(convert::busy("this node does not know yet which nodes live: try again"));
            }
            Some(place) => Some(place.epoch),
            None => None,
        };
        check_call(control, party, &room.room).await?;
        let chosen =
            fleet.choose().ok_or_else(|| convert::busy("no media node takes rooms now: try again"))?;
        let placed = fleet.placements.place((room.app, &room.room), chosen.bits(), over).await;
        let place = placed.map_err(|error| of_store(&error))?;
        if place.node == chosen.bits() {
            let is_anew = over.is_some();
            if is_anew {
                fleet.counters.replaced.fetch_add(1, Relaxed);
            }
            tracing::info!(app = room.app.0, room = ?room.room, node = %chosen, is_anew, "a room was placed");
        }
        Ok(place)
    }

    /// Where the room lives, if it is known here or placed anywhere.
    pub(super) async fn find(&self, fleet: &Fleet, room: &RoomKey) -> Result<Option<Place>, Problem> {
        if let Some(epoch) = fleet.held.epoch(room) {
            return Ok(Some(Place { epoch, node: fleet.me().bits() }));
        }
        fleet.placements.find(room.app, &room.room).await.map_err(|error| of_store(&error))
    }

    /// Lets a request pass to a room here, if it lives here under this epoch; the registry is asked if that is not known.
    pub(super) async fn admit<'a>(
        &self,
        fleet: &'a Fleet,
        room: &RoomKey,
        epoch: u64,
    ) -> Result<Option<Visit<'a>>, Problem> {
        match fleet.held.visit(room, Some(epoch)) {
            Ok(visit) => return Ok(Some(visit)),
            Err(Unheld::Closed) => return Ok(None),
            Err(Unheld::Other | Unheld::Unknown) => {}
        }
        let found = fleet.placements.find(room.app, &room.room).await.map_err(|error| of_store(&error))?;
        match found {
            Some(place) if place.node == fleet.me().bits() => fleet.held.adopt(room, place.epoch),
            Some(_) | None => self.lose(fleet, room),
        }
        Ok(fleet.held.visit(room, Some(epoch)).ok())
    }

    /// The room lives elsewhere: whoever is in it here is to go there.
    pub(super) fn lose(&self, fleet: &Fleet, room: &RoomKey) {
        if fleet.held.lose(room) {
            fleet.counters.fenced.fetch_add(1, Relaxed);
            tracing::warn!(app = room.app.0, room = ?room.room, "a room was placed on another node, and closes here");
            if let Ok(node) = self.node() {
                node.close(room, LeaveCause::Shutdown);
            }
        }
    }

    /// The session of a device is here, and so is its room.
    pub(super) fn is_here(&self, fleet: &Fleet, address: &Address) {
        fleet.abroad.remove(address);
        if fleet.homes.remove(&fleet.post, address)
            && let Ok(node) = self.node()
        {
            node.signaling(address.clone(), true);
        }
    }

    /// A room into which its first participant was not let need not live here.
    pub(super) fn let_go_of_unused(&self, fleet: &Fleet, room: &RoomKey, result: &Result<Reply, Problem>) {
        if result.is_err() && !self.ears.index.is_open(room) {
            fleet.closed(room);
        }
    }

    /// Has the node of the room carry out a request of a device; `None` if the room is not there, or not under that epoch.
    async fn carry(
        &self,
        fleet: &Fleet,
        (place, address): (Place, &Address),
        request: &Request,
    ) -> Option<Result<Reply, Problem>> {
        // Before it is asked, as events may come before the answer does.
        let before = fleet.abroad.put(address, place);
        let turn = fleet.abroad.turn(address);
        let turn = turn.lock().await;
        let carried = fleet
            .carry(NodeId::new(place.node), |ticket| Carry {
                device: address.device.clone(),
                epoch: place.epoch,
                request: request.clone(),
                room: Where::from(&address.room),
                ticket,
                user: address.user.clone(),
            })
            .await;
        drop(turn);
        let result = match carried {
            Ok(Answer::Moved) => {
                fleet.abroad.remove(address);
                return None;
            }
            Ok(Answer::Problem(problem)) => Err(*problem),
            Ok(Answer::Reply(reply)) => Ok(*reply),
            Err(unreached) => {
                put_back(fleet, address, before);
                return Some(Err(unreached_problem(unreached)));
            }
        };
        note(fleet, address, (request, &result, before));
        Some(result)
    }

    /// Where an order of a back end is carried out, if elsewhere.
    pub(super) async fn order_elsewhere(
        &self,
        room: &RoomKey,
        action: Action,
    ) -> Result<Option<Reply>, Problem> {
        let Some(fleet) = &self.fleet else { return Ok(None) };
        if self.ears.index.is_open(room) {
            return Ok(None);
        }
        let place = self.find(fleet, room).await?;
        let there = |place: &Place| place.node != fleet.me().bits() && fleet.hosts(place.node);
        let Some(place) = place.filter(there) else { return Ok(None) };
        let order = Order { action, room: Where::from(room) };
        match fleet.order(NodeId::new(place.node), order).await {
            Ok(Answer::Reply(reply)) => Ok(Some(*reply)),
            Ok(Answer::Problem(problem)) => Err(*problem),
            Ok(Answer::Moved) => Ok(None),
            Err(unreached) => Err(unreached_problem(unreached)),
        }
    }

    /// A device that logged out leaves its rooms elsewhere.
    pub(super) async fn leave_abroad(&self, fleet: &Fleet, address: &Address, place: Place) {
        let request = Request::LeaveRoom(LeaveRoom { room: address.room.room.clone() });
        // Who cannot leave is out already, or is lost after the lease.
        let _ = self.carry(fleet, (place, address), &request).await;
        fleet.abroad.remove(address);
    }

    /// A user is in as many rooms as permitted, over all nodes that this one knows of.
    fn check_stays(&self, fleet: &Fleet, address: &Address) -> Result<(), Problem> {
        let account = account_of(address);
        let max = self.max_rooms_of(address.room.app);
        let mut others = fleet.abroad.rooms_of(&account);
        others.extend(self.ears.index.rooms_of(&account));
        others.remove(&address.room);
        if others.len() < max { Ok(()) } else { Err(too_many_rooms(max)) }
    }
}

/// Remembers where the device is by what came of its request.
fn note(
    fleet: &Fleet,
    address: &Address,
    (request, result, before): (&Request, &Result<Reply, Problem>, Option<Place>),
) {
    let is_join = matches!(request, Request::JoinRoom(_));
    let is_out = match result {
        Ok(_) => matches!(request, Request::LeaveRoom(_)),
        Err(problem) => problem.code == Code::NotInRoom,
    };
    if is_out {
        fleet.abroad.remove(address);
    } else if is_join && result.is_err() {
        put_back(fleet, address, before);
    }
}

fn put_back(fleet: &Fleet, address: &Address, before: Option<Place>) {
    match before {
        Some(place) => fleet.abroad.put(address, place),
        None => fleet.abroad.remove(address),
    };
}

pub(super) fn too_many_rooms(max: usize) -> Problem {
    let message = format!("the user is in {max} other rooms, and may be in no more: leave one first");
    Problem::new(Code::TooManyRooms, message)
}

fn not_in_room() -> Problem {
    convert::refused(MediaRefusal::Refused(Refusal::NotInRoom))
}

fn unreached_problem(unreached: Unreached) -> Problem {
    tracing::debug!(?unreached, "the node of a room was not reached");
    convert::busy("the node of the room cannot be reached: try again")
}

/// The store could not: logged here, once, and told without its inner words.
pub(super) fn of_store(error: &StoreError) -> Problem {
    tracing::warn!(%error, "it cannot be found out where a room lives");
    let mut problem = Problem::new(Code::StoreUnavailable, "the server cannot reach its store: try again");
    problem.retry_after_ms = Some(STORE_RETRY_MS);
    problem
}
