//! An app on a device: what it was told, and whether that makes sense to somebody who knows nothing else.
use std::collections::BTreeMap;

use offhook_client_core::{ConnectionState, Event, Handle};
use offhook_signaling::{CallView, LegStatus, LegView, Request};
use offhook_types::{CallId, IdempotencyKey, Timestamp, UserId};

use crate::ledger::Violation;

/// What the app knows.
#[derive(Debug, Default)]
pub(crate) struct App {
    /// Requests that wait for their end.
    pub(crate) asked: BTreeMap<Handle, Request>,
    pub(crate) calls: BTreeMap<CallId, Known>,
    /// The key of the last invite.
    pub(crate) last_key: Option<IdempotencyKey>,
    /// Grows over restarts, so that no two requests of a device share a key.
    pub(crate) requests: u64,
    /// What rings, and until when by the device's clock.
    pub(crate) ringing: BTreeMap<CallId, Timestamp>,
}

/// A call as the app was told of it.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) is_merged: bool,
    pub(crate) is_over: bool,
    pub(crate) legs: BTreeMap<UserId, LegStatus>,
}

impl Known {
    fn of(view: &CallView) -> Self {
        let legs = view.legs.iter().map(|leg| (leg.user.clone(), leg.status.clone())).collect();
        Self { is_merged: false, is_over: view.end.is_some(), legs }
    }

    fn change(&mut self, changed: &[LegView]) {
        self.legs.extend(changed.iter().map(|leg| (leg.user.clone(), leg.status.clone())));
    }
}

impl App {
    /// The app after its process died.
    pub(crate) fn restarted(&self) -> Self {
        Self { requests: self.requests, ..Self::default() }
    }

    /// Takes in what the client says.
    ///
    /// # Errors
    /// A violation if it makes no sense.
    pub(crate) fn hear(&mut self, now: Timestamp, event: &Event) -> Result<(), Violation> {
        match event {
            Event::CallChanged { call, changed } => match self.calls.get_mut(call) {
                Some(known) if known.is_over => Err(after_end(*call)),
                Some(known) => {
                    known.change(changed);
                    Ok(())
                }
                None => Ok(()),
            },
            Event::CallCreated(view) => {
                self.calls.insert(view.call, Known::of(view));
                Ok(())
            }
            Event::Merged(view) => {
                // A general call is over with its acceptance; of that the app may hear next, or not.
                let known = Known { is_merged: true, is_over: false, ..Known::of(view) };
                self.calls.insert(view.call, known);
                Ok(())
            }
            Event::CallEnded { call, changed, .. } => match self.calls.get_mut(call) {
                Some(known) if known.is_over => Err(after_end(*call)),
                Some(known) => {
                    known.change(changed);
                    known.is_over = true;
                    Ok(())
                }
                None => {
                    // The reply that tells of the call may come after its end.
                    let known = Known { is_merged: false, is_over: true, legs: BTreeMap::new() };
                    self.calls.insert(*call, known);
                    Ok(())
                }
            },
            Event::Connection(state) => self.connection(state),
            Event::Incoming(view) => self.rings(now, view),
            Event::RingStopped { call, .. } => self.ring_stops(*call),
            Event::Refused(_) | Event::TokenNeeded => Ok(()),
            Event::Room(_) => {
                Err(Violation::of("I7", "the client told of a room, and nobody enters rooms here"))
            }
            other => Err(Violation::of("I7", format!("the client told something unheard of: {other:?}"))),
        }
    }

    /// Takes in a call that a reply told of.
    pub(crate) fn learn(&mut self, view: &CallView) {
        self.calls.entry(view.call).or_insert_with(|| Known::of(view));
    }

    fn rings(&mut self, now: Timestamp, view: &CallView) -> Result<(), Violation> {
        self.calls.insert(view.call, Known::of(view));
        let until = now + std::time::Duration::from_millis(view.remaining_ms);
        if self.ringing.insert(view.call, until).is_some() {
            return Err(Violation::of("I4", format!("{:?} rings twice at once", view.call)));
        }
        Ok(())
    }

    /// I4: who rings stops, once.
    fn ring_stops(&mut self, call: CallId) -> Result<(), Violation> {
        match self.ringing.remove(&call) {
            Some(_) => Ok(()),
            None => Err(Violation::of("I4", format!("{call:?} stops ringing without having rung"))),
        }
    }

    fn connection(&mut self, state: &ConnectionState) -> Result<(), Violation> {
        if let ConnectionState::Stopped(_) = state {
            // Everything known is void.
            self.calls.clear();
            if !self.ringing.is_empty() {
                return Err(Violation::of("I4", "a device rings on although its session is over"));
            }
        }
        Ok(())
    }
}

fn after_end(call: CallId) -> Violation {
    Violation::of("I7", format!("the app is told of {call:?} after its end"))
}

/// An event in a line of the trace.
pub(crate) fn line_of(event: &Event) -> String {
    let call = |call: &CallId| format!("{call:?}");
    match event {
        Event::CallChanged { call: id, changed } => format!("changed {} {:?}", call(id), legs(changed)),
        Event::CallCreated(view) => format!("created {} {:?}", call(&view.call), legs(&view.legs)),
        Event::CallEnded { call: id, end, .. } => {
            format!("ended {} {:?}", call(id), end.as_ref().map(|end| end.cause.as_str()))
        }
        Event::Connection(state) => format!("{state:?}"),
        Event::Incoming(view) => format!("incoming {} for {} ms", call(&view.call), view.remaining_ms),
        Event::Merged(view) => format!("merged {}", call(&view.call)),
        Event::RingStopped { call: id, reason, .. } => format!("ring of {} stopped: {reason:?}", call(id)),
        Event::Refused(_) | Event::TokenNeeded | _ => format!("{event:?}"),
    }
}

fn legs(legs: &[LegView]) -> Vec<(&str, &str)> {
    legs.iter().map(|leg| (leg.user.as_str(), leg.status.as_str())).collect()
}
