//! Phones that enforce the rules of their platforms, and the least that an app does on them.
use std::collections::BTreeMap;

use offhook_client::{
    CallId, CallSeq,
    wake::{PushKind, Verdict, Wake, WakeConfig},
};

/// What an app shows of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    Gone,
    Missed,
    Ringing,
}

/// Android: a push of high priority that shows nothing counts against the app, which is then no longer woken at once.
#[derive(Default)]
pub(crate) struct AndroidDevice {
    pub(crate) demerits: u32,
    pub(crate) faces: BTreeMap<CallId, Face>,
    seen: BTreeMap<CallId, CallSeq>,
    posted: u32,
}

impl AndroidDevice {
    /// Hands a push to the app.
    pub(crate) fn push<T>(&mut self, app: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.posted;
        let made = app(self);
        if self.posted == before {
            self.demerits += 1;
        }
        made
    }

    /// Shows something of a call, or takes it away; a push that finds its ring gone says so in a notification that passes.
    pub(crate) fn show(&mut self, call: CallId, face: Face) {
        self.posted += 1;
        self.faces.insert(call, face);
    }

    /// What an app does with a push.
    pub(crate) fn app(&mut self, payload: &str, config: &WakeConfig) -> (Wake, Verdict) {
        let wake = Wake::from_push(payload, config).expect("a push of ours");
        let call = wake.call();
        let verdict = wake.verdict(self.seen.get(&call).copied(), None);
        let face = match verdict {
            // What is there already is shown once more, without a sound.
            Verdict::Ignore(_) => self.faces.get(&call).copied().unwrap_or(Face::Gone),
            Verdict::Missed => Face::Missed,
            Verdict::Ring => Face::Ringing,
            Verdict::Stop(reason) if reason.is_missed() => Face::Missed,
            Verdict::Stop(_) => Face::Gone,
        };
        self.show(call, face);
        let seen = self.seen.entry(call).or_default();
        *seen = wake.push().invitation.seq.max(*seen);
        (wake, verdict)
    }
}

/// A call as the phone's own page of calls knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KitCall {
    Answered,
    Ended(&'static str),
    Ringing,
}

/// `CallKit`: a call has one UUID, and is reported once.
#[derive(Default)]
pub(crate) struct CallKit {
    pub(crate) calls: BTreeMap<CallId, KitCall>,
    reports: u32,
}

impl CallKit {
    /// Rings. A call that is there already is refused, and counts as reported.
    pub(crate) fn report(&mut self, call: CallId) {
        self.reports += 1;
        match self.calls.get(&call) {
            Some(KitCall::Answered | KitCall::Ringing) => {}
            Some(KitCall::Ended(_)) | None => {
                self.calls.insert(call, KitCall::Ringing);
            }
        }
    }

    /// The user has answered.
    pub(crate) fn answered(&mut self, call: CallId) {
        assert_eq!(self.calls.insert(call, KitCall::Answered), Some(KitCall::Ringing));
    }

    /// The app, or the user, has ended a call.
    pub(crate) fn end(&mut self, call: CallId, reason: &'static str) {
        self.calls.insert(call, KitCall::Ended(reason));
    }
}

/// iOS: an app that is handed a VoIP push and has not reported a call when it gives the push back is killed, and gets no more of
/// them.
#[derive(Default)]
pub(crate) struct IosDevice {
    pub(crate) is_killed: bool,
    pub(crate) kit: CallKit,
    pub(crate) lost: u32,
}

impl IosDevice {
    /// Hands a VoIP push to the app; `None` if the app gets none any more.
    pub(crate) fn voip_push<T>(&mut self, app: impl FnOnce(&mut CallKit) -> T) -> Option<T> {
        if self.is_killed {
            self.lost += 1;
            return None;
        }
        let before = self.kit.reports;
        let made = app(&mut self.kit);
        if self.kit.reports == before {
            self.is_killed = true;
        }
        Some(made)
    }
}

impl CallKit {
    /// What an app does with a VoIP push: it reports in any case, and ends at once what is not to ring.
    pub(crate) fn app(&mut self, payload: &str, config: &WakeConfig) -> (Wake, Verdict) {
        let wake = Wake::from_push(payload, config).expect("a push of ours");
        assert_eq!(wake.push().kind, PushKind::Ring, "nothing but a ring comes as a VoIP push");
        self.report(wake.call());
        let verdict = wake.verdict(None, None);
        if verdict != Verdict::Ring {
            self.end(wake.call(), "unanswered");
        }
        (wake, verdict)
    }
}
