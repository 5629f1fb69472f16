//! What is looked after now and then among several nodes.
use std::{
    collections::{HashMap, HashSet},
    future::Future,
    pin::pin,
    sync::{Arc, PoisonError},
    time::Duration,
};

use offhook_call::EndReason;
use offhook_sfu::{LeaveCause, RoomKey};
use offhook_store::Store as _;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::{
    MediaRooms,
    fleet::{Fleet, Item, To},
};
use crate::{
    cluster::{MediaFacts, MediaState},
    handler::Control,
};

/// How often this node says how it stands, and looks who is gone.
const TICK: Duration = Duration::from_secs(1);
/// A tick that comes so much late means that the process was paused: rooms may have been placed elsewhere meanwhile.
const PAUSED_AFTER: Duration = Duration::from_secs(3);
/// After so many ticks it is looked anyhow which rooms are placed here.
const CHECK_EVERY: u32 = 15;
/// After so many ticks everything else is looked after: rooms of calls that are over, devices that stay away, who is in calls.
const SWEEP_EVERY: u32 = 60;
/// A device that has been away for so many sweeps is forgotten. Its room gave it up after the lease.
const FORGET_AFTER: u32 = 5;
/// So many rooms are compared with their calls in a sweep.
const CALLS_AT_ONCE: usize = 500;
/// Loads are announced in steps of so much of a core, lest every node announces something new every second.
const LOAD_STEP: f32 = 0.05;

impl MediaRooms {
    /// Looks after what several nodes have to do with each other, until `stop`. Returns at once on a node that is alone.
    pub(crate) async fn tend(self: Arc<Self>, control: Arc<Control>, stop: CancellationToken) {
        let Some(fleet) = self.fleet.clone() else { return };
        let post = fleet.post.run(Arc::clone(&fleet.peers.0));
        let release = release(&fleet);
        let watch = self.watch(&fleet, &control);
        let all = pin!(async { tokio::join!(post, release, watch) });
        let _ = stop.run_until_cancelled(all).await;
    }

    async fn watch(&self, fleet: &Fleet, control: &Control) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut round = Round::new(fleet);
        loop {
            tokio::select! {
                _ = ticks.tick() => {
                    let now = Instant::now();
                    fleet.announce(self.media_facts(fleet));
                    self.look_who_is_gone(fleet);
                    fleet.inboxes.lose_patience(now, &mut |node, arrived| self.take(fleet, node, arrived));
                    if round.is_check_due(fleet, now) {
                        self.check_held(fleet, &mut round.orphans).await;
                    }
                    if round.number.is_multiple_of(SWEEP_EVERY) {
                        self.sweep(fleet, control, &mut round.seen).await;
                    }
                }
                () = fleet.changed.notified() => self.look_who_is_gone(fleet),
            }
        }
    }

    pub(super) fn media_facts(&self, fleet: &Fleet) -> MediaFacts {
        let workers = self.node().map(|node| node.statistics()).unwrap_or_default();
        #[expect(clippy::cast_precision_loss, reason = "there are few workers")]
        let load = workers.iter().map(|worker| worker.load).sum::<f32>() / workers.len().max(1) as f32;
        let is_full = !workers.is_empty() && workers.iter().all(|worker| worker.load >= self.max_load);
        let mut state = fleet.state();
        if state == MediaState::Serving && is_full {
            state = MediaState::Full;
        }
        let load = (load / LOAD_STEP).round() * LOAD_STEP;
        MediaFacts { addresses: self.addresses(), load, rooms: fleet.held.len(), state }
    }

    /// Compares the rooms here with those that are placed here. One that was placed elsewhere closes; one of which the registry knows
    /// nothing is placed here again; and what is placed here and not used is let go.
    async fn check_held(&self, fleet: &Fleet, orphans: &mut HashSet<u64>) {
        let held = fleet.held.all();
        let placed = match fleet.placements.held_by(fleet.me().bits()).await {
            Ok(placed) => placed,
            Err(error) => {
                tracing::warn!(%error, "it cannot be looked which rooms live here");
                return;
            }
        };
        let mut placed: HashMap<RoomKey, u64> =
            placed.into_iter().map(|it| (RoomKey { app: it.app, room: it.room }, it.epoch)).collect();
        for (room, epoch) in held {
            match placed.remove(&room) {
                Some(found) if found == epoch => {}
                Some(found) => fleet.held.adopt(&room, found),
                None => self.place_again(fleet, &room, epoch).await,
            }
        }
        // Whoever placed them here may be about to ask for them.
        let unused = placed.into_iter().filter(|(room, _)| fleet.held.epoch(room).is_none());
        let before = std::mem::take(orphans);
        for (room, epoch) in unused {
            if before.contains(&epoch) {
                fleet.release(room, epoch);
            } else {
                orphans.insert(epoch);
            }
        }
        for (room, epoch) in fleet.held.take_idle(|room| self.ears.index.is_open(room)) {
            fleet.release(room, epoch);
        }
    }

    /// The registry does not say that this room lives here: either it lives elsewhere by now, or that was lost.
    async fn place_again(&self, fleet: &Fleet, room: &RoomKey, epoch: u64) {
        // It may have closed since it was looked.
        if fleet.held.epoch(room) != Some(epoch) {
            return;
        }
        match fleet.placements.place((room.app, &room.room), fleet.me().bits(), None).await {
            Ok(place) if place.node == fleet.me().bits() => {
                if fleet.held.epoch(room).is_some() {
                    fleet.held.adopt(room, place.epoch);
                } else {
                    fleet.release(room.clone(), place.epoch);
                }
            }
            Ok(_) => self.lose(fleet, room),
            Err(error) => tracing::warn!(%error, "a room cannot be placed again"),
        }
    }

    async fn sweep(&self, fleet: &Fleet, control: &Control, seen: &mut Option<RoomKey>) {
        fleet.abroad.forget_absent(FORGET_AFTER);
        fleet.post.put(To::Everybody, Item::TellOccupants);
        let mut rooms: Vec<RoomKey> = fleet.held.all().into_iter().map(|(room, _)| room).collect();
        rooms.sort_unstable();
        let begin = rooms.partition_point(|room| Some(room) <= seen.as_ref());
        let turn = rooms.iter().skip(begin).take(CALLS_AT_ONCE);
        for room in turn.clone() {
            if is_over(control, room).await {
                tracing::info!(app = room.app.0, room = ?room.room, "the call of a room is over, which it had not heard");
                if let Ok(node) = self.node() {
                    node.close(room, LeaveCause::Ended);
                }
            }
        }
        *seen = turn.clone().next_back().cloned();
    }
}

/// What is remembered from tick to tick.
struct Round {
    last: Instant,
    number: u32,
    /// Placements that were not used when it was looked last.
    orphans: HashSet<u64>,
    reconnects: u64,
    /// The room that was swept last.
    seen: Option<RoomKey>,
}

impl Round {
    fn new(fleet: &Fleet) -> Self {
        let reconnects = fleet.peers.0.health().counts.reconnects;
        Self { last: Instant::now(), number: 0, orphans: HashSet::new(), reconnects, seen: None }
    }

    /// Begins a round. Whether the others may have taken this node for gone meanwhile, or it is time to look.
    fn is_check_due(&mut self, fleet: &Fleet, now: Instant) -> bool {
        let reconnects = fleet.peers.0.health().counts.reconnects;
        let was_away = now.duration_since(self.last) >= PAUSED_AFTER || reconnects != self.reconnects;
        self.number = self.number.wrapping_add(1);
        (self.last, self.reconnects) = (now, reconnects);
        was_away || self.number.is_multiple_of(CHECK_EVERY)
    }
}

/// Releases placements of rooms that are over, for as long as it is polled.
fn release(fleet: &Fleet) -> impl Future<Output = ()> + '_ {
    let taken = fleet.released.lock().unwrap_or_else(PoisonError::into_inner).take();
    async move {
        let Some(mut released) = taken else { return };
        while let Some((room, epoch)) = released.recv().await {
            let released = fleet.placements.release(room.app, &room.room, epoch).await;
            // What cannot be released is found unused at the next check.
            let _ = released.inspect_err(|error| tracing::warn!(%error, "a placement cannot be released"));
        }
    }
}

/// Whether the room belongs to a call that is over.
async fn is_over(control: &Control, room: &RoomKey) -> bool {
    let Some(id) = room.room.call() else { return false };
    match control.store().load(room.app, id).await {
        Ok(Some(call)) => call.end.as_ref().is_some_and(|end| end.reason != EndReason::Answered),
        Ok(None) | Err(_) => false,
    }
}
