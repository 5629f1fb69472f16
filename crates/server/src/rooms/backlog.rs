//! What rooms mean to calls, until call-control has taken it.
use std::{
    collections::{BTreeSet, VecDeque},
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
};

use offhook_call_control::RoomUsage;
use offhook_sfu::{Address, Fact, LeaveCause, RoomKey};
use offhook_types::{CallId, Party};
use tokio::sync::Notify;

use super::{convert, index::account_of};

/// How many closed rooms wait for a store that does not answer. More costs memory, about 200 bytes a participant; less
/// forgets what was used during a long trouble.
const MAX_CLOSED: usize = 50_000;

/// How many lines of the log wait for their writer. More costs memory, less forgets lines when it stalls.
const MAX_LINES: usize = 4_096;

/// What rooms mean to calls and to the log, until it is taken. Media threads put in and never wait.
///
/// Losses free calls, so none is dropped: they are a set, which cannot outgrow those who are in calls. Of closed rooms
/// beyond [`MAX_CLOSED`] the usage is dropped, of the log the lines beyond [`MAX_LINES`]; both are counted.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    arrived: Notify,
    waiting: Mutex<Waiting>,
}

/// What waits.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) closed: VecDeque<RoomUsage>,
    pub(super) dropped_lines: u64,
    pub(super) dropped_usage: u64,
    pub(super) lines: VecDeque<Line>,
    pub(super) lost: BTreeSet<Address>,
}

/// A life-cycle change, for the log.
#[derive(Clone, Debug)]
pub(super) enum Line {
    Closed { members: usize, room: RoomKey },
    Joined(Address),
    Left(Address, LeaveCause),
    Opened(RoomKey),
}

impl Backlog {
    /// A room is there that was not.
    pub(super) fn opened(&self, room: &RoomKey) {
        self.lock().write(Line::Opened(room.clone()));
        self.arrived.notify_one();
    }

    /// Notes what a fact means.
    pub(super) fn note(&self, fact: Fact) {
        match fact {
            Fact::Closed { room, usage } => {
                let mut waiting = self.lock();
                waiting.write(Line::Closed { members: usage.len(), room: room.clone() });
                if let Some(call) = room.room.call().filter(|_| !usage.is_empty()) {
                    waiting.close(RoomUsage::new(room.app, call, usage.iter().map(convert::usage)));
                }
            }
            Fact::Joined(address) => {
                let mut waiting = self.lock();
                // Who is back is not lost. One who is lost again is noted again.
                waiting.lost.remove(&address);
                waiting.write(Line::Joined(address));
            }
            Fact::Left(address, cause) => {
                let mut waiting = self.lock();
                if frees_the_call(cause) && address.room.room.call().is_some() {
                    waiting.lost.insert(address.clone());
                }
                waiting.write(Line::Left(address, cause));
            }
            Fact::Presence(..) => return,
        }
        self.arrived.notify_one();
    }

    /// Takes all that waits.
    pub(super) fn take(&self) -> Waiting {
        mem::take(&mut *self.lock())
    }

    /// Puts back what could not be stored, before what has come since.
    pub(super) fn put_back(&self, lost: BTreeSet<Address>, closed: VecDeque<RoomUsage>) {
        let mut waiting = self.lock();
        waiting.lost.extend(lost);
        for usage in closed.into_iter().rev() {
            waiting.closed.push_front(usage);
        }
    }

    /// Waits until something has come since the last wait.
    pub(super) async fn arrived(&self) {
        self.arrived.notified().await;
    }

    /// Nothing is left half-done by a thread that died while it held the lock.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn write(&mut self, line: Line) {
        if self.lines.len() < MAX_LINES {
            self.lines.push_back(line);
        } else {
            self.dropped_lines += 1;
        }
    }

    fn close(&mut self, usage: RoomUsage) {
        if self.closed.len() < MAX_CLOSED {
            self.closed.push_back(usage);
        } else {
            self.dropped_usage += 1;
        }
    }
}

/// Whether one who is out of a call's room for this cause has left the call. One who left by themself may come back, and
/// the others are out because call or server are.
fn frees_the_call(cause: LeaveCause) -> bool {
    match cause {
        LeaveCause::Kicked | LeaveCause::Lost => true,
        LeaveCause::Ended | LeaveCause::Left | LeaveCause::Shutdown | LeaveCause::TakenOver => false,
    }
}

/// Whose leg in which call it was.
pub(super) fn leg_of(address: &Address) -> Option<(Party, CallId)> {
    let party = Party { account: account_of(address), device: Some(address.device.clone()) };
    Some((party, address.room.room.call()?))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use offhook_sfu::Usage;
    use offhook_types::{AppId, DeviceId, RoomId, Timestamp, UserId};

    use super::*;

    fn call(number: u8) -> RoomKey {
        RoomKey { app: AppId(1), room: CallId::from_parts(Timestamp::default(), [number; 10]).into() }
    }

    fn lobby() -> RoomKey {
        RoomKey { app: AppId(1), room: RoomId::new("lobby").expect("a name") }
    }

    fn address(user: &str, room: RoomKey) -> Address {
        let device = DeviceId::new("phone").expect("an id");
        Address { device, room, user: UserId::new(user).expect("an id") }
    }

    fn used(user: &str) -> Usage {
        let present = Duration::from_secs(1);
        let user = UserId::new(user).expect("an id");
        Usage { present, received_bytes: 1, sent_bytes: 1, tiers: [Duration::ZERO; 6], user }
    }

    #[test]
    fn one_who_is_lost_is_taken_to_the_call_once_and_not_if_they_are_back() {
        let backlog = Backlog::default();
        let (alice, bob) = (address("alice", call(1)), address("bob", call(1)));
        for _ in 0..3 {
            backlog.note(Fact::Left(alice.clone(), LeaveCause::Lost));
        }
        backlog.note(Fact::Left(bob.clone(), LeaveCause::Kicked));
        backlog.note(Fact::Joined(bob));
        assert_eq!(backlog.take().lost, [alice].into());
        assert!(backlog.take().lost.is_empty(), "it has been taken");
    }

    #[test]
    fn only_losses_and_removals_in_calls_are_the_calls_business() {
        let backlog = Backlog::default();
        backlog.note(Fact::Left(address("alice", lobby()), LeaveCause::Lost));
        for cause in [LeaveCause::Ended, LeaveCause::Left, LeaveCause::Shutdown, LeaveCause::TakenOver] {
            backlog.note(Fact::Left(address("alice", call(1)), cause));
        }
        backlog.note(Fact::Closed { room: lobby(), usage: vec![used("alice")] });
        backlog.note(Fact::Closed { room: call(1), usage: Vec::new() });
        let waiting = backlog.take();
        assert!(waiting.lost.is_empty() && waiting.closed.is_empty());
        assert_eq!(waiting.lines.len(), 7, "each is a line of the log");
    }

    #[test]
    fn a_log_that_stalls_loses_lines_and_nothing_that_frees_a_call() {
        let backlog = Backlog::default();
        for number in 0..MAX_LINES + 5 {
            backlog.note(Fact::Left(address(&format!("user-{number}"), call(1)), LeaveCause::Lost));
        }
        let waiting = backlog.take();
        assert_eq!((waiting.lines.len(), waiting.dropped_lines), (MAX_LINES, 5));
        assert_eq!(waiting.lost.len(), MAX_LINES + 5);
    }

    #[test]
    fn what_could_not_be_stored_comes_before_what_came_since() {
        let backlog = Backlog::default();
        for number in [1, 2] {
            backlog.note(Fact::Closed { room: call(number), usage: vec![used("alice")] });
        }
        let Waiting { closed, lost, .. } = backlog.take();
        let order = |closed: &VecDeque<RoomUsage>| format!("{closed:?}");
        let before = order(&closed);
        backlog.put_back(lost, closed);
        backlog.note(Fact::Closed { room: call(3), usage: vec![used("alice")] });
        let mut after = backlog.take().closed;
        assert_eq!(after.len(), 3);
        after.pop_back();
        assert_eq!(order(&after), before);
    }
}
