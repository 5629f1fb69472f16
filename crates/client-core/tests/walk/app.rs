//! An app that believes every event and complains of what it should not have been told.
use std::collections::{BTreeMap, BTreeSet};

use offhook_client_core::{Client, ClientError, Event, Handle};
use offhook_signaling::{CallView, LegView, Reply};
use offhook_types::{CallId, Timestamp, UserId};

/// A request, and how it went.
type Resolved = (Handle, Result<Reply, ClientError>);

#[derive(Default)]
pub(crate) struct App {
    /// When each open request must be resolved.
    pub(crate) asked: BTreeMap<Handle, Timestamp>,
    ended: BTreeSet<CallId>,
    pub(crate) legs: BTreeMap<CallId, BTreeMap<UserId, LegView>>,
    /// Until when each ring must have stopped.
    pub(crate) rings: BTreeMap<CallId, Timestamp>,
    /// How many rings and ends were told, so that a walk in which nothing happens does not pass unseen.
    pub(crate) told: u32,
}

impl App {
    pub(crate) fn event(&mut self, now: Timestamp, event: Event, client: &Client) {
        match event {
            Event::CallChanged { call, changed } => self.changed(call, changed, client),
            Event::CallCreated(view) | Event::Merged(view) => self.came_up(view.call, view.legs),
            Event::CallEnded { call, changed, .. } => {
                self.changed(call, changed, client);
                assert!(!self.rings.contains_key(&call), "the ring stops before the call ends");
                assert!(self.ended.insert(call), "a call ends once");
                self.told += 1;
            }
            Event::Incoming(view) => {
                assert!(view.remaining_ms > 0, "a ring has time left");
                assert!(!self.ended.contains(&view.call), "no ring after the end");
                let until = now + core::time::Duration::from_millis(view.remaining_ms);
                assert_eq!(self.rings.insert(view.call, until), None, "one ring per call");
                self.came_up(view.call, view.legs);
                self.told += 1;
            }
            Event::RingStopped { call, .. } => {
                let until = self.rings.remove(&call).expect("what stops has rung");
                assert!(now <= until, "a ring ends by its deadline");
            }
            Event::Connection(_) => {}
            Event::Refused(_) | Event::TokenNeeded => panic!("the server of the walk refuses nobody"),
            Event::Room(_) => panic!("the walk enters no room"),
            _ => panic!("the walk has no word for this event"),
        }
    }

    pub(crate) fn resolved(&mut self, now: Timestamp, (handle, result): Resolved, client: &Client) {
        let until = self.asked.remove(&handle).expect("a request is resolved once");
        assert!(now <= until, "a request is resolved in time");
        let view = match result {
            Ok(Reply::Call(reply)) => reply.call,
            Ok(Reply::Invited(invited)) => Some(invited.call),
            Ok(
                Reply::Answer(_)
                | Reply::Calls(_)
                | Reply::Done
                | Reply::PushKey(_)
                | Reply::Renewed(_)
                | Reply::Room(_)
                | Reply::RoomToken(_)
                | Reply::Users(_),
            )
            | Err(_) => None,
        };
        // A reply tells of the call that it makes known.
        let is_news =
            |view: &CallView| client.call(view.call).is_some() && !self.legs.contains_key(&view.call);
        if let Some(view) = view.filter(|view| view.end.is_none() && is_news(view)) {
            self.came_up(view.call, view.legs);
        }
    }

    fn came_up(&mut self, call: CallId, legs: Vec<LegView>) {
        assert!(!self.ended.contains(&call), "silence after the end");
        self.legs.insert(call, legs.into_iter().map(|leg| (leg.user.clone(), leg)).collect());
    }

    fn changed(&mut self, call: CallId, changed: Vec<LegView>, client: &Client) {
        assert!(!self.ended.contains(&call), "silence after the end");
        let Some(legs) = self.legs.get_mut(&call) else {
            // An invitation that was over when it came is told by its end alone.
            let state = client.call(call).expect("what is told is known");
            return self.came_up(call, state.view().legs.clone());
        };
        for leg in changed {
            let before = legs.insert(leg.user.clone(), leg.clone());
            assert_ne!(before, Some(leg), "a change is told once");
        }
    }
}
