//! Calls of which this device missed a part, and that are therefore read: an event came while the call was not known, or
//! the device comes back into a call of which it was told nothing meanwhile.
use alloc::{collections::BTreeMap, vec::Vec};

use offhook_signaling::{CallReply, CallView, Happening, Problem, ReadCall, Reply, Request};
use offhook_types::{CallId, CallSeq};

use crate::{
    Client,
    calls::Calls,
    client::Phase,
    requests::{Purpose, Requests},
    turn::Turn,
};

/// What was passed over of calls that are not known, because a reply is to tell of them, or never came.
#[derive(Debug, Default)]
pub(crate) struct PassedOver(BTreeMap<CallId, Newest>);

/// The newest that was heard of a call.
#[derive(Debug)]
struct Newest {
    is_over: bool,
    seq: CallSeq,
}

impl PassedOver {
    /// An event is passed over; `is_here` if it says that the user is in the call on this device. Events of other calls
    /// do not concern it.
    pub(crate) fn add(&mut self, happening: &Happening, is_here: bool) {
        let Happening { call, end, seq, .. } = happening;
        let is_over = end.is_some();
        match self.0.get_mut(call) {
            Some(newest) => {
                *newest = Newest { is_over: newest.is_over || is_over, seq: newest.seq.max(*seq) }
            }
            None if is_here => {
                self.0.insert(*call, Newest { is_over, seq: *seq });
            }
            None => {}
        }
    }

    /// Whether something newer than the view was passed over.
    pub(crate) fn is_past(&self, view: &CallView) -> bool {
        self.0.get(&view.call).is_some_and(|newest| newest.seq > view.seq)
    }

    pub(crate) fn has(&self, call: CallId) -> bool {
        self.0.contains_key(&call)
    }

    pub(crate) fn remove(&mut self, call: CallId) {
        self.0.remove(&call);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The calls that no reply will tell of. Those of them that are over were never told to the app, and are dropped.
    pub(crate) fn take_stock(&mut self, is_awaited: impl Fn(CallId) -> bool) -> impl Iterator<Item = CallId> {
        self.0.retain(|call, newest| !newest.is_over || is_awaited(*call));
        self.0.keys().copied().filter(move |call| !is_awaited(*call))
    }
}

impl Calls {
    /// The calls of which this device missed a part, and of which no awaited reply will tell.
    pub(crate) fn missed(&mut self, requests: &Requests) -> Vec<CallId> {
        let unknown = self.passed_over.take_stock(|call| requests.will_bring(call, false));
        let known = self.known.values().filter(|state| state.is_missed(&self.me));
        let known = known.map(|state| state.view.call).filter(|call| !requests.will_bring(*call, true));
        unknown.chain(known).collect()
    }

    /// Whether this device still misses a part of the call.
    pub(crate) fn misses(&self, call: CallId) -> bool {
        self.passed_over.has(call) || self.known.get(&call).is_some_and(|state| state.is_missed(&self.me))
    }

    /// The server will not tell what was missed of the call.
    pub(crate) fn give_up(&mut self, call: CallId) {
        self.passed_over.remove(call);
        if let Some(state) = self.known.get_mut(&call) {
            state.has_gap = false;
        }
    }
}

impl Client {
    /// Reads the calls of which a part was missed, unless a reply that is awaited will tell.
    pub(crate) fn read_missed(&mut self, turn: &mut Turn) {
        let (Phase::Online(online), Some(calls)) = (&mut self.phase, &mut self.calls) else { return };
        if !online.may_read(turn.now) {
            return;
        }
        for call in calls.missed(&self.requests) {
            self.ask(Purpose::Read, Request::ReadCall(ReadCall { call }), turn);
        }
    }

    /// A call was read, or not (`None`: the reply could not be read): what is missed still is read again after a pause, unless the server will not tell.
    pub(crate) fn was_read(&mut self, call: CallId, result: Option<&Result<Reply, Problem>>, turn: &Turn) {
        let (Phase::Online(online), Some(calls)) = (&mut self.phase, &mut self.calls) else { return };
        let may_tell_later = match result {
            Some(Ok(Reply::Call(CallReply { call, .. }))) => call.is_some(),
            Some(Err(problem)) => problem.retryable,
            Some(Ok(
                Reply::Answer(_)
                | Reply::Calls(_)
                | Reply::Done
                | Reply::Invited(_)
                | Reply::PushKey(_)
                | Reply::Renewed(_)
                | Reply::Room(_)
                | Reply::RoomToken(_)
                | Reply::Users(_),
            ))
            | None => false,
        };
        if !may_tell_later {
            calls.give_up(call);
        } else if calls.misses(call) {
            online.pause_reading(turn.now);
        }
    }
}
