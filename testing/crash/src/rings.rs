//! When rings ended, held against their deadlines.
use std::time::Duration;

use offhook_signaling::EventBody;
use offhook_types::{CallId, Timestamp};

use crate::{
    book::{self, Book},
    player::{Heard, Player},
    violation::Violation,
};

/// How long after its deadline a ring may end while the server runs.
const LATE: Duration = Duration::from_secs(1);

/// How long after the end of some trouble a ring may end whose deadline passed meanwhile.
const LATE_AFTER_TROUBLE: Duration = Duration::from_secs(5);

/// How much the clock of the driver and those of the servers may differ: each reads the machine's clock at another time.
const CLOCKS_DIFFER: Duration = Duration::from_millis(5);

/// A time in which not all was well, so that rings may end later than otherwise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trouble {
    /// How long it still shows after its end: servers that were well find their way back to those that were not.
    pub(crate) aftermath: Duration,
    pub(crate) begin: Timestamp,
    /// When the last of it was mended; for servers, when they were ready again.
    pub(crate) end: Timestamp,
    /// Whether a server that knew of the rings was well all the time: then they end in time, and only the news of it may be late.
    pub(crate) spares_one: bool,
}

/// The ends of rings that came early or late, and those that did not come although the call was asked about after them.
pub(crate) fn judge(players: &[Player], book: &Book, troubles: &[Trouble]) -> Vec<Violation> {
    let of_player = |player| of_player(player, book, troubles);
    let mut found: Vec<Violation> = players.iter().flat_map(of_player).collect();
    for (call, entry) in &book.calls {
        let Some(deadline) = entry.deadline().filter(|_| !entry.is_over()) else { continue };
        if due(deadline, troubles) >= entry.read_at {
            continue;
        }
        for leg in entry.legs().into_values().filter(|leg| book::is_ringing(leg)) {
            let late = entry.read_at.since(deadline).as_millis();
            let what = format!("call {call}: {} {late} ms after its deadline", book::show(leg));
            found.push(Violation::mistimed(what));
        }
    }
    found
}

/// The calls that ring and whose deadline falls before `end`, so that their rings must be seen to end.
pub(crate) fn due_before(book: &Book, end: Timestamp) -> impl Iterator<Item = (CallId, Timestamp)> {
    book.calls.iter().filter_map(move |(call, entry)| {
        let deadline = entry.deadline().filter(|deadline| !entry.is_over() && *deadline < end)?;
        entry.legs().into_values().any(book::is_ringing).then_some((*call, deadline))
    })
}

fn of_player(player: &Player, book: &Book, troubles: &[Trouble]) -> Vec<Violation> {
    let mut found = Vec::new();
    for heard in player.heard.values() {
        let EventBody::Unanswered(happening) = &heard.body else { continue };
        let deadline = book.calls.get(&happening.call).and_then(book::Entry::deadline);
        let Some(deadline) = deadline else { continue };
        let ended = happening.end.as_ref().map(|end| end.at);
        let early = ended.is_some_and(|at| at < deadline) || heard.at + CLOCKS_DIFFER < deadline;
        let limit = limit(player, heard, due(deadline, troubles));
        let decided = decided_by(deadline, troubles);
        if early || heard.at > limit || ended.is_some_and(|at| at > decided) {
            let (call, user) = (happening.call, player.user.as_str());
            let [due, at, limit] = [deadline, heard.at, limit].map(Timestamp::as_millis);
            let ended = ended.map(Timestamp::as_millis);
            let what = format!(
                "call {call}: the ring of {user} was due at {due}, by {limit}; it ended at {ended:?} and was heard of at {at}"
            );
            found.push(Violation::mistimed(what));
        }
    }
    found
}

/// By when a ring with this deadline must have ended for those who are connected. Troubles are in the order of their times.
pub(crate) fn due(deadline: Timestamp, troubles: &[Trouble]) -> Timestamp {
    troubles.iter().fold(deadline + LATE, |due, trouble| {
        let is_hit = trouble.begin <= due && deadline <= trouble.end + trouble.aftermath;
        if is_hit { due.max(trouble.end + LATE_AFTER_TROUBLE) } else { due }
    })
}

/// By when the servers must have decided that it is over.
fn decided_by(deadline: Timestamp, troubles: &[Trouble]) -> Timestamp {
    let with_nobody_well: Vec<Trouble> =
        troubles.iter().filter(|trouble| !trouble.spares_one).copied().collect();
    due(deadline, &with_nobody_well).max(deadline + LATE_AFTER_TROUBLE)
}

/// When the player must have heard of what was due.
fn limit(player: &Player, heard: &Heard, due: Timestamp) -> Timestamp {
    match player.sessions.get(heard.session).map(|session| session.caught_up) {
        None | Some(Timestamp::FAR_FUTURE) => Timestamp::FAR_FUTURE,
        Some(caught_up) => due.max(caught_up + LATE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_in_trouble_has_time_until_after_it() {
        let at = Timestamp::from_millis;
        let aftermath = Duration::ZERO;
        let trouble = Trouble { aftermath, begin: at(10_000), end: at(12_000), spares_one: false };
        assert_eq!(due(at(8_000), &[trouble]), at(9_000));
        assert_eq!(due(at(9_500), &[trouble]), at(17_000), "it had not ended yet when the trouble began");
        assert_eq!(due(at(12_500), &[trouble]), at(13_500));
        let shows = Trouble { aftermath: Duration::from_secs(4), ..trouble };
        assert_eq!(due(at(12_500), &[shows]), at(17_000));
        assert_eq!(due(at(16_500), &[shows]), at(17_500));
        let again = Trouble { begin: at(14_000), end: at(15_000), ..trouble };
        assert_eq!(due(at(11_000), &[trouble, again]), at(20_000), "before it had to end, more came");
    }

    #[test]
    fn a_server_that_was_spared_decides_in_time() {
        let at = Timestamp::from_millis;
        let aftermath = Duration::ZERO;
        let trouble = Trouble { aftermath, begin: at(10_000), end: at(40_000), spares_one: true };
        assert_eq!(decided_by(at(11_000), &[trouble]), at(16_000));
        assert_eq!(decided_by(at(11_000), &[Trouble { spares_one: false, ..trouble }]), at(45_000));
    }
}
