//! What players do to each other until the server dies: they call, answer, cancel and leave at random.
use std::time::Duration;

use anyhow::{Result, bail};
use offhook_signaling::{
    Accept, Acknowledge, CallMode, CallStatus, Cancel, End, EventBody, Invite, MediaKind, Quit, Reject,
    RejectCause, Reply, Request, ServerFrame, UpdateUser,
};
use offhook_types::{CallId, IdempotencyKey, Opaque, UserId};
use tokio::time::{Instant, timeout_at};

use crate::{
    player::{Asked, Player},
    random::Random,
};

/// Requests of one player on their way at once. More die unanswered with the server, fewer make fewer races.
pub(crate) const OPEN_REQUESTS: usize = 6;

/// Who plays, and what is new in this round.
pub(crate) struct Game<'a> {
    /// Begins the keys of the round, so that no two are alike.
    pub(crate) name: &'a str,
    /// How long the extended data of every invite is at least: long ones fill the journal, so that segments end.
    pub(crate) padding: usize,
    /// Each player acts every so many milliseconds on average.
    pub(crate) pause: u64,
    pub(crate) users: &'a [UserId],
}

/// What a player could do something about.
#[derive(Default)]
pub(crate) struct Hand {
    joined: Vec<CallId>,
    placed: Vec<(CallId, Option<IdempotencyKey>)>,
    ringing: Vec<CallId>,
    /// How many keys the player has used.
    used: u64,
}

/// Plays until the line is dead.
pub(crate) async fn play(player: &mut Player, game: &Game<'_>, mut random: Random) -> Result<()> {
    let mut hand = Hand::default();
    let pause = 1..2 * game.pause;
    loop {
        let next = Instant::now() + Duration::from_millis(random.within(pause.clone()));
        while let Ok(frame) = timeout_at(next, player.hear()).await {
            match frame? {
                Some(ServerFrame::Closing(closing)) => {
                    bail!("the server ends a session: {}", closing.message)
                }
                Some(frame) => hand.take(&frame, player),
                None => return Ok(()),
            }
        }
        if player.open_requests() < OPEN_REQUESTS {
            for request in hand.play(player, game, &mut random) {
                player.ask(request).await;
            }
        }
    }
}

impl Hand {
    /// Looks at what came.
    pub(crate) fn take(&mut self, frame: &ServerFrame, player: &Player) {
        match frame {
            ServerFrame::Event(event) => match &event.body {
                EventBody::Invited(view) if view.status == CallStatus::Started => {
                    self.ringing.push(view.call)
                }
                EventBody::Canceled(gone) | EventBody::Ended(gone) | EventBody::Unanswered(gone) => {
                    self.ringing.retain(|call| *call != gone.call);
                }
                EventBody::Changed(_)
                | EventBody::Created(_)
                | EventBody::Invited(_)
                | EventBody::Merged(_) => {}
            },
            ServerFrame::Reply(id, reply) => {
                let asked = usize::try_from(id.0).ok().and_then(|id| player.asked.get(id));
                if let Some(Asked { request, .. }) = asked {
                    self.take_reply(request, reply);
                }
            }
            ServerFrame::Closing(_)
            | ServerFrame::Heartbeat(_)
            | ServerFrame::Problem(..)
            | ServerFrame::Room(_)
            | ServerFrame::TokenWillExpire(_)
            | ServerFrame::Welcome(_) => {}
        }
    }

    fn take_reply(&mut self, request: &Request, reply: &Reply) {
        let lasts = |mode: &CallMode, status: &CallStatus| {
            *mode == CallMode::Advanced && *status == CallStatus::Started
        };
        if let (Request::Invite(invite), Reply::Invited(invited)) = (request, reply) {
            let view = &invited.call;
            self.placed.push((view.call, invite.key.clone()));
            if lasts(&view.mode, &view.status) {
                self.joined.push(view.call);
            }
        }
        if let (Request::Accept(_), Reply::Call(reply)) = (request, reply)
            && let Some(view) = &reply.call
            && lasts(&view.mode, &view.status)
        {
            self.joined.push(view.call);
        }
    }

    pub(crate) fn play(&mut self, player: &Player, game: &Game<'_>, random: &mut Random) -> Vec<Request> {
        if !self.ringing.is_empty() && random.percent(60) {
            let call = self.ringing.swap_remove(random.index(self.ringing.len()));
            return self.answer(call, random);
        }
        if !self.joined.is_empty() && random.percent(35) {
            let call = self.joined.swap_remove(random.index(self.joined.len()));
            let data = Opaque::new("bye");
            let quits = random.percent(50);
            return vec![if quits {
                Request::Quit(Quit { call, data, push: None })
            } else {
                Request::End(End { call, data, push: None })
            }];
        }
        if !self.placed.is_empty() && random.percent(15) {
            let (call, key) = self.placed.swap_remove(random.index(self.placed.len()));
            let by_key = key.filter(|_| random.percent(50));
            return vec![cancel(by_key.is_none().then_some(call), by_key)];
        }
        self.invite(player, game, random)
    }

    fn answer(&mut self, call: CallId, random: &mut Random) -> Vec<Request> {
        let data = Opaque::new("hi");
        match random.within(0..100) {
            0..12 => vec![], // Rings until its deadline.
            12..30 => {
                self.ringing.push(call);
                vec![Request::Acknowledge(Acknowledge { call })]
            }
            30..75 => vec![Request::Accept(Accept { call, data })],
            _ => vec![Request::Reject(Reject { call, data, reason: RejectCause::Declined })],
        }
    }

    /// An invite; now and then with a cancel by key on its heels, or only a cancel, whose tombstone must stay, or a new
    /// name instead.
    fn invite(&mut self, player: &Player, game: &Game<'_>, random: &mut Random) -> Vec<Request> {
        self.used += 1;
        let tag = format!("{}-{}-{}", game.name, player.user.as_str(), self.used);
        let key = IdempotencyKey::new(&tag).expect("letters, digits and hyphens make a key");
        if random.percent(3) {
            return vec![cancel(None, Some(key))];
        }
        if random.percent(3) {
            let name = Some(Opaque::new(tag));
            return vec![Request::UpdateUser(UpdateUser { avatar_url: None, extended_data: None, name })];
        }
        let is_hasty = random.percent(5);
        let has_key = is_hasty || random.percent(85);
        let count = if random.percent(70) { 1 } else { random.within(2..5) };
        let invite = Request::Invite(Invite {
            delivery_updates: false,
            extended_data: Opaque::new(format!("{tag:<width$}", width = game.padding)),
            invitees: others(player, game.users, count, random),
            key: has_key.then(|| key.clone()),
            media: if random.percent(50) { MediaKind::Audio } else { MediaKind::Video },
            mode: if random.percent(50) { CallMode::Advanced } else { CallMode::General },
            not_received_check: false,
            push: None,
            timeout_s: u32::try_from(if random.percent(55) { random.within(1..4) } else { 60 }).unwrap_or(60),
        });
        if is_hasty { vec![invite, cancel(None, Some(key))] } else { vec![invite] }
    }
}

fn cancel(call: Option<CallId>, key: Option<IdempotencyKey>) -> Request {
    Request::Cancel(Cancel { call, data: Opaque::new("never mind"), invitees: vec![], key, push: None })
}

/// Some of the other users, each once.
fn others(player: &Player, users: &[UserId], count: u64, random: &mut Random) -> Vec<UserId> {
    let mut chosen: Vec<UserId> = Vec::new();
    while (chosen.len() as u64) < count {
        let user = &users[random.index(users.len())];
        if *user != player.user && !chosen.contains(user) {
            chosen.push(user.clone());
        }
    }
    chosen
}
