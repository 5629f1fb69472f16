//! The questions after a restart, or any other trouble: retries, reads, and the wait for deadlines. What the answers mean, [`judge`] decides.
use std::time::Duration;

use anyhow::Result;
use futures_util::future::try_join_all;
use offhook_signaling::{
    CallMode, Cancel, Invite, ListCalls, MediaKind, QueryUsers, ReadCall, Reply, Request,
};
use offhook_types::{CallId, Opaque, Timestamp, UserId};
use tokio::time::Instant;

use crate::{
    cast::{Begins, Cast},
    clock,
    judge::{self, Retry},
    player::{Answer, Asked, Player, view_of},
    random::Random,
    rings,
    violation::Violation,
};

/// Rings with a deadline before this much time has passed are seen to their end in the same round.
const SHORT_RINGS: Duration = Duration::from_millis(3_200);
/// How long after the last deadline the ends of rings are waited for.
const AFTERWARDS: Duration = Duration::from_millis(600);
/// Calls in one page of a list: as many as may be, so that the lists of a folder's last rounds take few requests.
const PAGE: u32 = 100;
/// Old keys that each player tries again.
const OLD_KEYS: usize = 5;

impl Cast {
    /// Everything that was promised, checked over the wire.
    pub(crate) async fn verify(&mut self, begins: &Begins, random: &mut Random) -> Result<Vec<Violation>> {
        let ends = self.begins();
        let mut found = self.write_down();
        found.extend(self.try_keys_again(begins, random).await?);
        found.extend(self.write_down());
        let wanted = self.wanted_reads(begins, random);
        found.extend(self.read(wanted).await?);
        found.extend(self.read_lists().await?);
        self.wait_for_deadlines().await?;
        found.extend(self.write_down());
        let wanted = self.overdue_reads();
        found.extend(self.read(wanted).await?);
        // A ring may have ended between the wait and the read: what the read shows, everybody must be told of by now.
        try_join_all(self.players.iter_mut().map(Player::catch_up)).await?;
        found.extend(self.write_down());
        for (player, (begin, end)) in self.players.iter_mut().zip(begins.iter().zip(ends)) {
            found.append(&mut player.faults);
            found.extend(judge::answers(player, *begin..end, &self.book));
        }
        found.extend(self.book.judge());
        found.extend(judge::counts(&self.players, &self.book));
        found.extend(rings::judge(&self.players, &self.book, &self.troubles));
        Ok(found)
    }

    /// Tries every key of the round twice, and some older ones.
    async fn try_keys_again(&mut self, begins: &Begins, random: &mut Random) -> Result<Vec<Violation>> {
        let users: Vec<UserId> = self.players.iter().map(|player| player.user.clone()).collect();
        let tries: Vec<Vec<Retry>> = (self.players.iter().zip(begins))
            .map(|(player, begin)| {
                let old = (0..OLD_KEYS).filter(|_| *begin > 0).map(|_| random.index(*begin));
                let old: Vec<usize> = old.collect();
                let all = old.into_iter().chain(*begin..player.asked.len());
                all.filter_map(|id| retry_of(player, id, &users)).flat_map(twice).collect()
            })
            .collect();
        let asking = self.players.iter_mut().zip(&tries).map(async |(player, tries)| {
            let first = player.ask_all(tries.iter().map(|retry| retry.request.clone()).collect()).await?;
            anyhow::Ok(judge::retries(player, first, tries))
        });
        Ok(try_join_all(asking).await?.into_iter().flatten().collect())
    }

    /// Who reads which call: the calls of this round are read by all of their parties, older ones by one of them.
    fn wanted_reads(&self, begins: &Begins, random: &mut Random) -> Vec<Vec<CallId>> {
        let is_new = self.calls_named_since(begins);
        let mut wanted = vec![Vec::new(); self.players.len()];
        for (call, entry) in &self.book.calls {
            let parties: Vec<usize> = entry.legs().keys().filter_map(|user| self.number(user)).collect();
            let one = random.index(parties.len());
            for (at, party) in parties.iter().enumerate() {
                if at == one || is_new(*call) {
                    wanted[*party].push(*call);
                }
            }
        }
        wanted
    }

    /// Whether a call was created since the round began.
    fn calls_named_since(&self, begins: &Begins) -> impl Fn(CallId) -> bool + use<> {
        let began = self.players.iter().zip(begins).filter_map(|(player, begin)| {
            let asked = player.asked.get(*begin..)?;
            let views = asked.iter().filter_map(|asked| match (&asked.request, &asked.answer) {
                (Request::Invite(_), Some(Answer::Reply(reply))) => view_of(reply),
                _ => None,
            });
            views.map(|view| view.created_at).min()
        });
        let began = began.min().unwrap_or(Timestamp::FAR_FUTURE);
        move |call| call.created() >= began
    }

    /// The calls whose last ring must have ended, each to be read by one of its parties.
    fn overdue_reads(&self) -> Vec<Vec<CallId>> {
        let mut wanted = vec![Vec::new(); self.players.len()];
        for (call, _) in rings::due_before(&self.book, clock::date()) {
            let parties = self.book.calls.get(&call).map(|entry| entry.legs()).unwrap_or_default();
            if let Some(party) = parties.keys().find_map(|user| self.number(user)) {
                wanted[party].push(call);
            }
        }
        wanted
    }

    async fn read(&mut self, wanted: Vec<Vec<CallId>>) -> Result<Vec<Violation>> {
        let asking = self.players.iter_mut().zip(&wanted).map(async |(player, calls)| {
            let read = |call: &CallId| Request::ReadCall(ReadCall { call: *call });
            player.ask_all(calls.iter().map(read).collect()).await
        });
        let firsts = try_join_all(asking).await?;
        let now = clock::date();
        for call in wanted.iter().flatten() {
            if let Some(entry) = self.book.calls.get_mut(call) {
                entry.read_at = now;
            }
        }
        let mut found = Vec::new();
        for ((player, calls), first) in self.players.iter().zip(&wanted).zip(firsts) {
            found.extend(judge::reads(player, first..first + calls.len(), &self.book));
        }
        Ok(found)
    }

    /// Has everybody read the list of all their calls, and their own profile.
    async fn read_lists(&mut self) -> Result<Vec<Violation>> {
        let (book, may_linger) = (&self.book, self.may_linger);
        let asking = self.players.iter_mut().map(async |player| {
            let first = player.asked.len();
            let mut cursor = None;
            loop {
                let list = Request::ListCalls(ListCalls { cursor: cursor.take(), limit: PAGE });
                let id = player.ask_all(vec![list]).await?;
                match &player.asked[id].answer {
                    Some(Answer::Reply(Reply::Calls(page))) if page.next.is_some() => {
                        cursor = page.next.clone()
                    }
                    _ => break,
                }
            }
            let end = player.asked.len();
            let query = Request::QueryUsers(QueryUsers { users: vec![player.user.clone()] });
            let id = player.ask_all(vec![query]).await?;
            let mut found = judge::list(player, first..end, book);
            found.extend(judge::name(player, id, may_linger));
            anyhow::Ok(found)
        });
        Ok(try_join_all(asking).await?.into_iter().flatten().collect())
    }

    /// Listens until the last of the short rings must have ended, then to the end of the log.
    async fn wait_for_deadlines(&mut self) -> Result<()> {
        let now = clock::date();
        // Those that are overdue because of some trouble have until it is forgiven.
        let end = |deadline| if deadline < now { rings::due(deadline, &self.troubles) } else { deadline };
        let last = rings::due_before(&self.book, now + SHORT_RINGS).map(|(_, deadline)| end(deadline)).max();
        let pause = last.map_or(Duration::ZERO, |last| last.since(now)) + AFTERWARDS;
        let end = Instant::now() + pause;
        try_join_all(self.players.iter_mut().map(|player| player.listen_until(end))).await?;
        try_join_all(self.players.iter_mut().map(Player::catch_up)).await?;
        Ok(())
    }
}

/// How to try the key of a request again; `None` if it has none, or was refused for a reason of its own.
fn retry_of(player: &Player, id: usize, users: &[UserId]) -> Option<Retry> {
    let asked = player.asked.get(id)?;
    let answer = asked.answer.as_ref().filter(|answer| !answer.leaves_doubt());
    match (&asked.request, answer) {
        (Request::Invite(Invite { key: Some(key), .. }), None | Some(Answer::Reply(_))) => {
            let cancels = |other: &Asked| matches!(&other.request, Request::Cancel(Cancel { key: Some(other), .. }) if other == key);
            let may_be_canceled = player.asked.iter().any(cancels);
            Some(Retry { before: answer.cloned(), may_be_canceled, request: asked.request.clone() })
        }
        (Request::Cancel(Cancel { key: Some(key), .. }), Some(Answer::Reply(reply)))
            if view_of(reply).is_none() =>
        {
            let invite = Request::Invite(Invite {
                delivery_updates: false,
                extended_data: Opaque::new(key.as_str()),
                invitees: users.iter().filter(|user| **user != player.user).take(1).cloned().collect(),
                key: Some(key.clone()),
                media: MediaKind::Audio,
                mode: CallMode::General,
                not_received_check: false,
                push: None,
                timeout_s: 1,
            });
            Some(Retry { before: answer.cloned(), may_be_canceled: true, request: invite })
        }
        _ => None,
    }
}

/// The same retry two times over.
fn twice(retry: Retry) -> [Retry; 2] {
    let again = Retry { before: retry.before.clone(), request: retry.request.clone(), ..retry };
    [retry, again]
}
