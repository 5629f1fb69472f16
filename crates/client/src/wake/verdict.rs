//! What a device makes of a push: whether it rings. Pure, and the same as in `sdk/web`.
//!
//! Pushes come late, twice, and in any order. What counts is the step of the call that a push tells of.
use offhook_types::{CallSeq, Timestamp, UserId};

use super::{Push, PushKind, PushStop};

/// What a device makes of a push. Platforms have rules beside it: see [`crate::wake`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Pass over it: show nothing new.
    Ignore(Ignored),
    /// Show a missed call; do not ring, and stop if this call rings.
    Missed,
    /// Ring, until [`Push::until`].
    Ring,
    /// Stop ringing; where [`PushStop::is_missed`] says so, show a missed call, unless this device has answered it.
    Stop(PushStop),
}

/// Why a push is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// This device has seen this step of the call, or a later one.
    Seen,
    /// Somebody else is logged in on this device.
    SomebodyElse,
}

impl Push {
    /// Decides, at this time of the device's clock. `last_seen` is the latest step of this call that the device has heard of, by
    /// push or session; `logged_in` is who uses it, and `None`, if that is not known, passes over nobody's.
    #[must_use]
    pub fn verdict(&self, now: Timestamp, last_seen: Option<CallSeq>, logged_in: Option<&UserId>) -> Verdict {
        let Self { invitation, kind, until, .. } = self;
        if logged_in.is_some_and(|user| *user != invitation.to) {
            return Verdict::Ignore(Ignored::SomebodyElse);
        }
        // A ring rings once. Its end may be told twice, by the stop and the word that it was missed, and by the step that rang.
        let is_seen = last_seen.is_some_and(|last| match kind {
            PushKind::Ring => invitation.seq <= last,
            PushKind::Missed | PushKind::Stop(_) => invitation.seq < last,
        });
        match kind {
            _ if is_seen => Verdict::Ignore(Ignored::Seen),
            PushKind::Missed => Verdict::Missed,
            PushKind::Ring if now < *until => Verdict::Ring,
            PushKind::Ring => Verdict::Missed,
            PushKind::Stop(reason) => Verdict::Stop(*reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::wake::testing::{NOW, document};

    /// (kind, step, last seen, seconds after the receipt, who is logged in)
    type Row = (&'static str, u64, Option<u64>, u64, Option<&'static str>);

    #[test]
    fn every_push_has_the_verdict_of_the_table() {
        use Verdict::{Ignore, Missed, Ring, Stop};
        let table: [(Row, Verdict); 16] = [
            (("ring", 1, None, 0, Some("bob")), Ring),
            (("ring", 1, None, 0, None), Ring),
            (("ring", 1, None, 0, Some("carol")), Ignore(Ignored::SomebodyElse)),
            (("ring", 1, None, 29, None), Ring),
            (("ring", 1, None, 30, None), Missed),
            (("ring", 1, Some(1), 0, None), Ignore(Ignored::Seen)),
            (("ring", 1, Some(1), 30, None), Ignore(Ignored::Seen)),
            (("ring", 1, Some(3), 0, None), Ignore(Ignored::Seen)),
            (("ring", 4, Some(3), 0, None), Ring),
            (("stop", 2, Some(1), 0, None), Stop(PushStop::Canceled)),
            (("stop", 1, Some(1), 0, None), Stop(PushStop::Canceled)),
            (("stop", 2, None, 0, None), Stop(PushStop::Canceled)),
            (("stop", 3, Some(4), 0, None), Ignore(Ignored::Seen)),
            (("stop", 2, None, 0, Some("carol")), Ignore(Ignored::SomebodyElse)),
            (("missed", 2, Some(2), 90, None), Missed),
            (("missed", 2, Some(4), 90, None), Ignore(Ignored::Seen)),
        ];
        for (row @ (kind, seq, seen, after, user), verdict) in table {
            let push = Push::read(&document(kind, seq).to_string(), NOW).expect("ours");
            let user = user.map(|user| UserId::new(user).expect("valid"));
            let now = NOW + Duration::from_secs(after);
            assert_eq!(push.verdict(now, seen.map(CallSeq), user.as_ref()), verdict, "{row:?}");
        }
    }

    #[test]
    fn every_reason_of_a_stop_says_whether_the_call_was_missed() {
        for (reason, stop, is_missed) in [
            ("answered_elsewhere", PushStop::AnsweredElsewhere, false),
            ("canceled", PushStop::Canceled, true),
            ("ended", PushStop::Ended, true),
            ("of_a_newer_server", PushStop::Ended, true),
            ("rejected_elsewhere", PushStop::RejectedElsewhere, false),
            ("timed_out", PushStop::TimedOut, true),
        ] {
            let mut document = document("stop", 2);
            document["offhook"]["reason"] = reason.into();
            let push = Push::read(&document.to_string(), NOW).expect("ours");
            assert_eq!(push.verdict(NOW, None, None), Verdict::Stop(stop), "{reason}");
            assert_eq!(stop.is_missed(), is_missed, "{reason}");
        }
    }
}
