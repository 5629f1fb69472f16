//! The calls that this device knows, and what rings. Told by events, replies and snapshots; each change is passed on once.
use alloc::{boxed::Box, collections::BTreeMap, vec::Vec};
use core::time::Duration;

use offhook_signaling::{CallView, EventBody, Happening, LegStatus, Snapshot};
use offhook_types::{CallId, Opaque, Timestamp, UserId};

use crate::{
    CallState, Event, RingStopReason,
    call::{Change, Me, Ring},
    missed::PassedOver,
    turn::Turn,
};

/// How many calls are kept that will not be heard of again. More costs memory, fewer lets a late reply of an old call
/// look like a new one.
const MAX_CLOSED: usize = 64;

/// The longest ring, in milliseconds: the longest that an invite may ask for. A slip of a server shall not ring longer.
const MAX_RING_MS: u64 = 600_000;

/// Who did something to a call, and what they sent along.
#[derive(Clone, Default)]
struct Deed {
    by: Option<UserId>,
    data: Opaque,
}

/// What an event, a reply or a snapshot does to a known call.
struct News {
    call: CallId,
    change: Change,
    deed: Deed,
    was_ended: bool,
}

/// The calls that this device knows.
#[derive(Debug)]
pub(crate) struct Calls {
    pub(crate) known: BTreeMap<CallId, CallState>,
    pub(crate) me: Me,
    pub(crate) passed_over: PassedOver,
}

impl Calls {
    pub(crate) fn new(me: Me) -> Self {
        Self { known: BTreeMap::new(), me, passed_over: PassedOver::default() }
    }

    pub(crate) fn user(&self) -> &UserId {
        &self.me.user
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &CallState> {
        self.known.values()
    }

    pub(crate) fn call(&self, call: CallId) -> Option<&CallState> {
        self.known.get(&call)
    }

    pub(crate) fn rings(&self, call: CallId) -> bool {
        self.known.get(&call).is_some_and(|state| state.ring_until().is_some())
    }

    /// Takes the next event of the log.
    pub(crate) fn event(&mut self, body: EventBody, turn: &mut Turn) {
        match body {
            EventBody::Canceled(happening)
            | EventBody::Changed(happening)
            | EventBody::Ended(happening)
            | EventBody::Unanswered(happening) => self.happened(happening, turn),
            EventBody::Created(view) => self.came_up(view, Event::CallCreated, turn),
            EventBody::Invited(view) => self.invited(view, turn),
            EventBody::Merged(view) => self.merged(view, turn),
        }
        self.prune();
    }

    /// Takes the state that a reply or a problem bears. It makes no call ring: an event does. If `news`, the app is told
    /// of a call that it does not know; otherwise the reply tells it.
    pub(crate) fn learn(&mut self, view: &CallView, news: bool, turn: &mut Turn) {
        match self.known.get(&view.call) {
            Some(known) if view.seq < known.view.seq => {}
            Some(_) => self.replace(view.clone(), Deed::default(), turn),
            None => {
                let mut state = CallState::new(view.clone());
                state.has_gap = self.passed_over.is_past(view);
                if self.is_in(&state) && !state.is_closed(&self.me) {
                    if news {
                        turn.tell(Event::CallCreated(Box::new(view.clone())));
                    }
                    self.insert(state);
                } else if !state.has_gap {
                    self.passed_over.remove(view.call);
                }
            }
        }
        self.prune();
    }

    /// Begins anew with the server's state; what differs from what was known is told.
    pub(crate) fn reset(&mut self, snapshot: Snapshot, turn: &mut Turn) {
        let Snapshot { calls, ended } = snapshot;
        self.passed_over.clear();
        let alive: Vec<CallId> = calls.iter().map(|view| view.call).collect();
        for view in ended {
            if self.known.contains_key(&view.call) && !alive.contains(&view.call) {
                self.replace(view, Deed::default(), turn);
            }
        }
        self.forget_all_but(&alive, turn);
        for view in calls {
            self.restore(view, turn);
        }
        self.prune();
    }

    /// Stops the rings whose time has passed.
    pub(crate) fn timeout(&mut self, turn: &mut Turn) {
        let now = turn.now;
        let late = |state: &&mut CallState| state.ring_until().is_some_and(|until| until <= now);
        for state in self.known.values_mut().filter(late) {
            stop_ring(state, RingStopReason::TimedOut, Deed::default(), turn);
        }
    }

    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        self.known.values().filter_map(CallState::ring_until).min()
    }

    /// Silences the ring on this device, whatever the server says later.
    pub(crate) fn ignore(&mut self, call: CallId, turn: &mut Turn) {
        let Some(state) = self.known.get_mut(&call) else { return };
        state.view.ignored = true;
        if state.ring_until().is_some() {
            stop_ring(state, RingStopReason::Ignored, Deed::default(), turn);
        }
    }

    /// The app rejects on this device.
    pub(crate) fn rejecting(&mut self, call: CallId) {
        if let Some(state) = self.known.get_mut(&call) {
            state.rejected_here = true;
        }
    }

    /// Stops every ring, because the session is over for good.
    pub(crate) fn silence(&mut self, turn: &mut Turn) {
        for state in self.known.values_mut().filter(|state| state.ring_until().is_some()) {
            stop_ring(state, RingStopReason::SessionOver, Deed::default(), turn);
        }
    }

    fn happened(&mut self, happening: Happening, turn: &mut Turn) {
        let Some(state) = self.known.get_mut(&happening.call) else {
            let is_here = happening.main_device.as_ref() == Some(&self.me.device);
            return self.passed_over.add(&happening, is_here);
        };
        let was_ended = state.is_ended();
        let change = state.take(&happening, &self.me);
        let Happening { by, call, data, .. } = happening;
        self.tell(News { call, change, deed: Deed { by, data }, was_ended }, turn);
    }

    fn insert(&mut self, state: CallState) {
        self.passed_over.remove(state.view.call);
        self.known.insert(state.view.call, state);
    }

    fn replace(&mut self, view: CallView, deed: Deed, turn: &mut Turn) {
        let call = view.call;
        let Some(state) = self.known.get_mut(&call) else { return };
        let was_ended = state.is_ended();
        let change = state.replace(view);
        self.tell(News { call, change, deed, was_ended }, turn);
    }

    /// Passes on what is new of a call: first that the ring stopped, then the end or the change.
    fn tell(&mut self, news: News, turn: &mut Turn) {
        let News { call, change, deed, was_ended } = news;
        let Some(state) = self.known.get_mut(&call) else { return };
        match state.ring_stops(&self.me) {
            Some(reason) if state.ring_until().is_some() => stop_ring(state, reason, deed.clone(), turn),
            Some(RingStopReason::Ignored) | None => {}
            // What was done about this invitation does not count for the next.
            Some(_) => (state.ring, state.view.ignored) = (Ring::Silent, false),
        }
        if was_ended {
            return;
        }
        if state.is_ended() {
            let end = state.view.end.clone();
            let Deed { by, data } = deed;
            turn.tell(Event::CallEnded { by, call, changed: change.legs, data, end });
        } else if !change.is_nothing() {
            turn.tell(Event::CallChanged { call, changed: change.legs });
        }
    }

    /// A call in which the user is without having asked on this device.
    fn came_up(&mut self, view: CallView, event: fn(Box<CallView>) -> Event, turn: &mut Turn) {
        match self.known.get(&view.call) {
            Some(known) if view.seq < known.view.seq => {}
            Some(known) if known.is_ended() => {}
            Some(_) => {
                turn.tell(event(Box::new(view.clone())));
                self.replace(view, Deed::default(), turn);
            }
            None => {
                turn.tell(event(Box::new(view.clone())));
                self.insert(CallState::new(view));
            }
        }
    }

    /// An attempt of the user became a call that is accepted, and over if it is a general one. The end is told by itself,
    /// whether the call was known or not.
    fn merged(&mut self, view: CallView, turn: &mut Turn) {
        let (call, is_known) = (view.call, self.known.contains_key(&view.call));
        self.came_up(view, Event::Merged, turn);
        if !is_known {
            let (change, deed) = (Change::default(), Deed::default());
            self.tell(News { call, change, deed, was_ended: false }, turn);
        }
    }

    fn invited(&mut self, view: CallView, turn: &mut Turn) {
        let (call, remaining_ms) = (view.call, view.remaining_ms);
        if let Some(known) = self.known.get_mut(&call).filter(|known| !known.is_ended()) {
            // Another invitation to the same call is another ring: what was done about the last one is past.
            known.view.ignored = false;
            known.rejected_here = false;
            if view.seq >= known.view.seq {
                self.replace(view, Deed::default(), turn);
            }
        } else if !self.known.contains_key(&call) {
            self.come_to_know(CallState::new(view), turn);
        }
        self.ring(call, remaining_ms, turn);
    }

    /// Takes an invitation to a call that is not known. One that is over is not told, neither now nor later; one that
    /// came too late to ring is told as a call.
    fn come_to_know(&mut self, state: CallState, turn: &mut Turn) {
        if state.is_closed(&self.me) {
            return;
        }
        if state.view.remaining_ms == 0 || !state.may_ring(&self.me) {
            turn.tell(Event::CallCreated(Box::new(state.view.clone())));
        }
        self.insert(state);
    }

    /// Takes one call of a snapshot, whatever was known of it.
    fn restore(&mut self, view: CallView, turn: &mut Turn) {
        let (call, remaining_ms) = (view.call, view.remaining_ms);
        match self.known.get(&call) {
            Some(known) if !known.is_ended() => self.replace(view, Deed::default(), turn),
            Some(_) | None => {
                let state = CallState::new(view);
                if self.is_in(&state) {
                    turn.tell(Event::CallCreated(Box::new(state.view.clone())));
                    self.insert(state);
                } else {
                    self.come_to_know(state, turn);
                }
            }
        }
        let Some(state) = self.known.get_mut(&call) else { return };
        match &mut state.ring {
            Ring::Silent => self.ring(call, remaining_ms, turn),
            // The later a deadline is heard of, the later it seems.
            Ring::Ringing { until } => *until = (*until).min(deadline(turn.now, remaining_ms)),
            Ring::Over => {}
        }
    }

    /// Rings, if the call may and does not yet.
    fn ring(&mut self, call: CallId, remaining_ms: u64, turn: &mut Turn) {
        let Some(state) = self.known.get_mut(&call) else { return };
        if remaining_ms == 0 || !state.may_ring(&self.me) {
            return;
        }
        let rings = state.ring_until().is_some();
        state.ring = Ring::Ringing { until: deadline(turn.now, remaining_ms) };
        if !rings {
            let view = CallView { remaining_ms: remaining_ms.min(MAX_RING_MS), ..state.view.clone() };
            turn.tell(Event::Incoming(Box::new(view)));
        }
    }

    fn is_in(&self, state: &CallState) -> bool {
        state.leg_of(&self.me.user).is_some_and(|leg| leg.status == LegStatus::Accepted)
    }

    /// Calls that the server no longer speaks of have ended.
    fn forget_all_but(&mut self, alive: &[CallId], turn: &mut Turn) {
        let gone = |state: &&mut CallState| !state.is_ended() && !alive.contains(&state.view.call);
        for state in self.known.values_mut().filter(gone) {
            if state.ring_until().is_some() {
                stop_ring(state, RingStopReason::Ended, Deed::default(), turn);
            }
            let Deed { by, data } = Deed::default();
            let ended = Event::CallEnded { by, call: state.view.call, changed: Vec::new(), data, end: None };
            turn.tell(ended);
        }
        self.known.retain(|call, state| state.is_ended() || alive.contains(call));
    }

    /// Forgets the oldest of the calls that will not be heard of again; ids are in the order of creation.
    fn prune(&mut self) {
        let closed = self.known.values().filter(|state| state.is_closed(&self.me)).count();
        for _ in MAX_CLOSED..closed {
            let oldest = self.known.values().find(|state| state.is_closed(&self.me));
            let Some(oldest) = oldest.map(|state| state.view.call) else { return };
            self.known.remove(&oldest);
        }
    }
}

fn deadline(now: Timestamp, remaining_ms: u64) -> Timestamp {
    now + Duration::from_millis(remaining_ms.min(MAX_RING_MS))
}

fn stop_ring(state: &mut CallState, reason: RingStopReason, deed: Deed, turn: &mut Turn) {
    state.ring = match reason {
        // The invitation still stands on the server.
        RingStopReason::Ignored | RingStopReason::SessionOver | RingStopReason::TimedOut => Ring::Over,
        RingStopReason::AnsweredElsewhere
        | RingStopReason::AnsweredHere
        | RingStopReason::Canceled
        | RingStopReason::DeclinedElsewhere
        | RingStopReason::DeclinedHere
        | RingStopReason::Ended
        | RingStopReason::Unanswered => Ring::Silent,
    };
    let Deed { by, data } = deed;
    turn.tell(Event::RingStopped { by, call: state.view.call, data, reason });
}
