//! The judgement after a restart: what players asked, were answered and heard, held against what the server says now.
use std::{collections::BTreeMap, ops::Range};

use offhook_signaling::{EventBody, Invite, LegStatus, LegView, Reply, Request, UpdateUser};
use offhook_types::{CallId, Opaque, Timestamp, UserId};

use crate::{
    book::{self, Book},
    player::{Answer, Asked, Player, view_of},
    violation::Violation,
};

/// Requests of these ids that were answered with a reply.
pub(crate) fn acknowledged(player: &Player, ids: Range<usize>) -> u64 {
    let replied = |asked: &&Asked| matches!(asked.answer, Some(Answer::Reply(_)));
    player.asked[ids].iter().filter(replied).count() as u64
}

/// Whether each reply says what its request was for, and whether what has no call in its reply is in the book.
pub(crate) fn answers(player: &Player, ids: Range<usize>, book: &Book) -> Vec<Violation> {
    let mut found = Vec::new();
    for Asked { answer, answered, request, .. } in &player.asked[ids] {
        let Some(Answer::Reply(reply)) = answer else { continue };
        let own = view_of(reply).and_then(|view| view.legs.iter().find(|leg| leg.user == player.user));
        let wanted = match request {
            Request::Accept(_) | Request::Invite(_) => LegStatus::Accepted,
            Request::Cancel(_) if view_of(reply).is_some() => LegStatus::Canceled,
            Request::End(_) => LegStatus::Ended,
            Request::Quit(_) => LegStatus::Quit,
            Request::Reject(_) => LegStatus::Rejected,
            Request::Acknowledge(asked) => {
                found.extend(acknowledgement(player, (asked.call, *answered), book));
                continue;
            }
            Request::Add(_)
            | Request::AddCandidate(_)
            | Request::AnswerMedia(_)
            | Request::AskPushKey(_)
            | Request::RegisterDevice(_)
            | Request::UnregisterDevice
            | Request::AskRoomToken(_)
            | Request::Cancel(_)
            | Request::Ignore(_)
            | Request::Join(_)
            | Request::JoinRoom(_)
            | Request::LeaveRoom(_)
            | Request::ListCalls(_)
            | Request::Logout
            | Request::OfferMedia(_)
            | Request::QueryUsers(_)
            | Request::ReadCall(_)
            | Request::ReadRoom(_)
            | Request::RemoveMember(_)
            | Request::RenewToken(_)
            | Request::SendMessage(_)
            | Request::Subscribe(_)
            | Request::UpdateStream(_)
            | Request::UpdateUser(_) => continue,
        };
        if own.is_none_or(|leg| leg.status != wanted) {
            let shown = own.map_or("nothing".into(), book::show);
            let what = format!("a reply shows {shown} where its request made {}", wanted.as_str());
            found.push(Violation::lost(what));
        }
    }
    found
}

/// A ring that was acknowledged before its deadline is never again one that nobody heard.
fn acknowledgement(player: &Player, (call, answered): (CallId, Timestamp), book: &Book) -> Option<Violation> {
    let entry = book.calls.get(&call).filter(|entry| entry.deadline().is_some_and(|end| answered < end))?;
    let own = entry.legs().get(&player.user).copied()?;
    let is_forgotten = matches!(own.status, LegStatus::Inviting | LegStatus::NotYetReceived);
    is_forgotten
        .then(|| Violation::lost(format!("call {call}: the acknowledged ring of {}", book::show(own))))
}

/// Whether calls that were read after the restart are there and not older than what was seen before it.
pub(crate) fn reads(player: &Player, ids: Range<usize>, book: &Book) -> Vec<Violation> {
    let mut found = Vec::new();
    for Asked { answer, request, .. } in &player.asked[ids] {
        let Request::ReadCall(read) = request else { continue };
        let floor = book.calls.get(&read.call).map(|entry| entry.floor).unwrap_or_default();
        let what = match answer {
            Some(Answer::Reply(Reply::Call(reply))) => match &reply.call {
                Some(view) if view.call == read.call && view.seq >= floor => continue,
                Some(view) => format!("version {floor} was seen, version {} is left", view.seq),
                None => "the answer to a read holds no call".into(),
            },
            Some(Answer::Problem(problem)) => {
                format!("version {floor} was seen, now {}", problem.code.as_str())
            }
            Some(Answer::Reply(_)) | None => "a read was not answered as one".into(),
        };
        found.push(Violation::lost(format!("call {} for {}: {what}", read.call, player.user.as_str())));
    }
    found
}

/// Whether the pages of the player's list hold every call the player has to do with, once.
pub(crate) fn list(player: &Player, ids: Range<usize>, book: &Book) -> Vec<Violation> {
    let mut listed: BTreeMap<CallId, u64> = BTreeMap::new();
    let mut found = Vec::new();
    let user = player.user.as_str();
    for asked in &player.asked[ids] {
        match &asked.answer {
            Some(Answer::Reply(Reply::Calls(page))) => {
                page.calls.iter().for_each(|view| *listed.entry(view.call).or_default() += 1);
            }
            _ => found.push(Violation::lost(format!("the list of {user} cannot be read"))),
        }
    }
    for (call, _) in listed.iter().filter(|(_, count)| **count > 1) {
        found.push(Violation::doubled(format!("call {call} stands twice in the list of {user}")));
    }
    for (call, entry) in &book.calls {
        if entry.legs().contains_key(&player.user) && !listed.contains_key(call) {
            found.push(Violation::lost(format!("call {call} is not in the list of {user}")));
        }
    }
    for call in listed.keys().filter(|call| !book.calls.contains_key(call)) {
        found.push(Violation::lost(format!("call {call} is in the list of {user}, but no event told of it")));
    }
    found
}

/// Whether the player's profile, asked for by this id, bears the last acknowledged name, or a later one; or one that was asked for
/// over a line that was given up, if those may linger.
pub(crate) fn name(player: &Player, id: usize, may_linger: bool) -> Option<Violation> {
    let none = Opaque::default();
    let mut possible = vec![&none];
    let mut lingering = Vec::new();
    for Asked { answer, request, session, .. } in &player.asked[..id] {
        let Request::UpdateUser(UpdateUser { name: Some(name), .. }) = request else { continue };
        match answer {
            Some(Answer::Reply(_)) => possible.clear(),
            None if may_linger && session + 1 < player.sessions.len() => lingering.push(name),
            Some(Answer::Problem(_)) | None => {}
        }
        possible.push(name);
    }
    possible.extend(lingering);
    let shown = match &player.asked[id].answer {
        Some(Answer::Reply(Reply::Users(users))) => users.users.first().map(|user| &user.name),
        _ => None,
    };
    let is_right = shown.is_some_and(|shown| possible.contains(&shown));
    let (user, shown) = (player.user.as_str(), shown.map(Opaque::as_str));
    (!is_right).then(|| Violation::lost(format!("the name of {user} is {shown:?}")))
}

/// An invite, or a tombstone, whose key is tried again after the restart.
pub(crate) struct Retry {
    /// What was answered before the crash; `None` if nothing came.
    pub(crate) before: Option<Answer>,
    /// Whether the player also canceled by the key, so that its invite may be refused.
    pub(crate) may_be_canceled: bool,
    pub(crate) request: Request,
}

/// Whether the retries, asked in this order from the id `first` on, were answered like the first time.
pub(crate) fn retries(player: &Player, first: usize, retries: &[Retry]) -> Vec<Violation> {
    let mut found = Vec::new();
    for (retry, asked) in retries.iter().zip(&player.asked[first..]) {
        let Request::Invite(Invite { key: Some(key), .. }) = &retry.request else { continue };
        let call = match &asked.answer {
            Some(Answer::Reply(Reply::Invited(invited))) => Ok(invited.call.call),
            Some(Answer::Problem(problem)) => Err(problem.code.as_str()),
            Some(Answer::Reply(_)) | None => Err("something else"),
        };
        let lost = |what| Some(Violation::lost(format!("key {}: {what}", key.as_str())));
        let violation = match (&retry.before, call) {
            (Some(Answer::Reply(Reply::Invited(before))), Ok(call)) if before.call.call != call => {
                let what = format!("key {}: placed {} and again {call}", key.as_str(), before.call.call);
                Some(Violation::doubled(what))
            }
            (Some(Answer::Reply(Reply::Invited(before))), Err(code)) => {
                lost(format!("placed {}, now {code}", before.call.call))
            }
            (Some(Answer::Reply(Reply::Call(_))), Ok(call)) => {
                lost(format!("its tombstone is gone, it placed {call}"))
            }
            (None, Err("canceled")) if retry.may_be_canceled => None,
            (None, Err(code)) => lost(format!("the retry of an unanswered invite is refused: {code}")),
            (Some(_) | None, _) => None,
        };
        found.extend(violation);
    }
    found
}

/// How often each user was told of a call in one way.
#[derive(Default)]
struct Tally {
    invited: BTreeMap<(CallId, UserId), u64>,
    tagged: BTreeMap<(Opaque, UserId), u64>,
    unanswered: BTreeMap<(CallId, UserId), u64>,
}

impl Tally {
    fn of(players: &[Player]) -> Self {
        let mut tally = Self::default();
        for player in players {
            let user = &player.user;
            for heard in player.heard.values() {
                match &heard.body {
                    EventBody::Invited(view) => {
                        *tally.invited.entry((view.call, user.clone())).or_default() += 1;
                        let tag = (view.extended_data.clone(), user.clone());
                        *tally.tagged.entry(tag).or_default() += 1;
                    }
                    EventBody::Unanswered(happening) => {
                        *tally.unanswered.entry((happening.call, user.clone())).or_default() += 1;
                    }
                    EventBody::Canceled(_)
                    | EventBody::Changed(_)
                    | EventBody::Created(_)
                    | EventBody::Ended(_)
                    | EventBody::Merged(_) => {}
                }
            }
        }
        tally
    }
}

/// Whether everybody was told once: each invitee that it rings, each whose ring ended that it did, and nobody of two
/// calls for one invite.
pub(crate) fn counts(players: &[Player], book: &Book) -> Vec<Violation> {
    let tally = Tally::of(players);
    let by_user: BTreeMap<&UserId, &Player> = players.iter().map(|player| (&player.user, player)).collect();
    let mut found = Vec::new();
    for ((call, user), count) in tally.invited.iter().filter(|(_, count)| **count > 1) {
        found.push(Violation::doubled(format!("call {call}: {} was invited {count} times", user.as_str())));
    }
    for ((tag, user), count) in tally.tagged.iter().filter(|(_, count)| **count > 1) {
        let (tag, user) = (tag.as_str().trim_end(), user.as_str());
        found.push(Violation::doubled(format!("invite {tag}: rang {user} {count} times")));
    }
    for ((call, user), count) in tally.unanswered.iter().filter(|(_, count)| **count > 1) {
        let user = user.as_str();
        found.push(Violation::doubled(format!("call {call}: the ring of {user} ended {count} times")));
    }
    let mut tags: BTreeMap<&Opaque, CallId> = BTreeMap::new();
    for (call, entry) in &book.calls {
        let Some(fixed) = &entry.fixed else { continue };
        if let Some(other) = tags.insert(&fixed.extended_data, *call) {
            let tag = fixed.extended_data.as_str().trim_end();
            found.push(Violation::doubled(format!("invite {tag}: placed {other} and {call}")));
        }
        for (user, leg) in entry.legs() {
            let is_complete = by_user.get(user).is_some_and(|player| player.is_gapless);
            let has = |counts: &BTreeMap<_, _>| counts.contains_key(&(*call, user.clone()));
            if is_complete && *user != fixed.caller && !has(&tally.invited) {
                found.push(missing(*call, leg, "was never told of the ring"));
            }
            if is_complete && leg.status == LegStatus::TimedOut && !has(&tally.unanswered) {
                found.push(missing(*call, leg, "was never told of its end"));
            }
        }
    }
    found
}

fn missing(call: CallId, leg: &LegView, what: &str) -> Violation {
    Violation::lost(format!("call {call}: {} {what}", book::show(leg)))
}
