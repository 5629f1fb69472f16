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

/// How long after a restart a ring may end whose deadline passed while the server was down.
const LATE_AFTER_RESTART: Duration = Duration::from_secs(5);

/// How much the clock of the driver and those of the servers may differ: each reads the machine's clock at another time.
const CLOCKS_DIFFER: Duration = Duration::from_millis(5);

/// The ends of rings that came early or late, and those that did not come although the call was asked about after them.
pub(crate) fn judge(players: &[Player], book: &Book) -> Vec<Violation> {
    let mut found: Vec<Violation> = players.iter().flat_map(|player| of_player(player, book)).collect();
    for (call, entry) in &book.calls {
        let Some(deadline) = entry.deadline().filter(|_| !entry.is_over()) else { continue };
        if deadline + LATE >= entry.read_at {
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

fn of_player(player: &Player, book: &Book) -> Vec<Violation> {
    let mut found = Vec::new();
    for heard in player.heard.values() {
        let EventBody::Unanswered(happening) = &heard.body else { continue };
        let deadline = book.calls.get(&happening.call).and_then(book::Entry::deadline);
        let Some(deadline) = deadline else { continue };
        let ended = happening.end.as_ref().map(|end| end.at);
        let early = ended.is_some_and(|at| at < deadline) || heard.at + CLOCKS_DIFFER < deadline;
        let limit = limit(player, heard, deadline);
        if early || heard.at > limit {
            let (call, user) = (happening.call, player.user.as_str());
            let [due, at, limit] = [deadline, heard.at, limit].map(Timestamp::as_millis);
            let what =
                format!("call {call}: the ring of {user} was due at {due}, by {limit}, and ended at {at}");
            found.push(Violation::mistimed(what));
        }
    }
    found
}

/// When the player must have heard of it.
fn limit(player: &Player, heard: &Heard, deadline: Timestamp) -> Timestamp {
    let Some(session) = player.sessions.get(heard.session) else { return Timestamp::FAR_FUTURE };
    if deadline <= session.ready {
        session.ready + LATE_AFTER_RESTART
    } else if session.caught_up == Timestamp::FAR_FUTURE {
        Timestamp::FAR_FUTURE
    } else {
        deadline.max(session.caught_up) + LATE
    }
}
