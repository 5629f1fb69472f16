//! Players who go on whatever happens: whose line dies connects anew, to any node that takes them.
use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use anyhow::Result;
use offhook_signaling::ServerFrame;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::pulse::Pulse;
use crate::{
    clock,
    play::{Game, Hand, OPEN_REQUESTS},
    player::{Answer, Player},
    random::Random,
};

/// How long an attempt to connect may take, with all that was missed.
const ATTEMPT: Duration = Duration::from_secs(3);
/// The pause before the next attempt, in milliseconds: a crowd must not come all at once.
const PAUSE: std::ops::Range<u64> = 50..250;
/// How often a player says that it lives, as the server asks for.
const BEAT: Duration = Duration::from_secs(1);
/// After how long a silence a player gives its line up: the server answers each beat.
const SILENCE: Duration = Duration::from_secs(3);
/// How far back players resume: within what the server keeps of a user's events.
const BACK: u64 = 32;

/// Where players play, and until when.
pub(crate) struct Stage<'a> {
    pub(crate) game: Game<'a>,
    pub(crate) is_over: Cell<bool>,
    /// Where the nodes are, up or not.
    pub(crate) nodes: &'a [String],
    pub(crate) pulse: RefCell<Pulse>,
}

/// A player at play.
struct Turn<'a, 'b> {
    hand: Hand,
    number: usize,
    player: &'a mut Player,
    random: Random,
    stage: &'a Stage<'b>,
}

/// Plays until the stage is over.
///
/// # Errors
/// The server said what is no frame, or that it could not read one.
pub(crate) async fn play(
    (number, player): (usize, &mut Player),
    stage: &Stage<'_>,
    random: Random,
) -> Result<()> {
    let mut turn = Turn { hand: Hand::default(), number, player, random, stage };
    let mut heard = Instant::now();
    let mut beaten = Instant::now();
    while !stage.is_over.get() {
        if !turn.player.is_connected() {
            turn.stay_away();
            if connect(turn.player, stage.nodes, &mut turn.random).await {
                heard = Instant::now();
            }
            continue;
        }
        let next = Instant::now() + Duration::from_millis(turn.random.within(1..2 * stage.game.pause));
        if turn.hear_until(next).await? {
            heard = Instant::now();
        }
        if beaten.elapsed() >= BEAT {
            turn.player.beat().await;
            beaten = Instant::now();
        }
        if heard.elapsed() >= SILENCE {
            turn.player.hang_up();
        } else if turn.player.is_connected() {
            turn.act().await;
        }
    }
    Ok(())
}

/// Hears until the stage is over, without asking anything: the second device of somebody who plays.
///
/// # Errors
/// As [`play`].
pub(crate) async fn look_on(player: &mut Player, stage: &Stage<'_>, mut random: Random) -> Result<()> {
    let mut heard = Instant::now();
    while !stage.is_over.get() {
        if !player.is_connected() {
            connect(player, stage.nodes, &mut random).await;
            heard = Instant::now();
            continue;
        }
        player.beat().await;
        let next = Instant::now() + BEAT;
        while let Ok(frame) = timeout_at(next, player.hear()).await {
            heard = Instant::now();
            if frame?.is_none() {
                break;
            }
        }
        if heard.elapsed() >= SILENCE {
            player.hang_up();
        }
    }
    Ok(())
}

/// Tries a node; whether it took the player. Pauses if it did not.
pub(crate) async fn connect(player: &mut Player, nodes: &[String], random: &mut Random) -> bool {
    let node = &nodes[random.index(nodes.len())];
    let back = random.within(0..BACK);
    if let Ok(Ok(())) = timeout(ATTEMPT, player.connect(node, back)).await {
        return true;
    }
    player.hang_up();
    sleep(Duration::from_millis(random.within(PAUSE))).await;
    false
}

impl Turn<'_, '_> {
    /// Hears until then, or until the line dies; whether anything came.
    async fn hear_until(&mut self, end: Instant) -> Result<bool> {
        let mut has_heard = false;
        while let Ok(frame) = timeout_at(end, self.player.hear()).await {
            let Some(frame) = frame? else { break };
            has_heard = true;
            self.hand.take(&frame, self.player);
            self.time(&frame);
        }
        Ok(has_heard)
    }

    /// Notes when a request was answered.
    fn time(&self, frame: &ServerFrame) {
        let id = match frame {
            ServerFrame::Problem(Some(id), _) | ServerFrame::Reply(id, _) => usize::try_from(id.0),
            ServerFrame::Closing(_)
            | ServerFrame::Event(_)
            | ServerFrame::Heartbeat(_)
            | ServerFrame::Problem(None, _)
            | ServerFrame::Room(_)
            | ServerFrame::TokenWillExpire(_)
            | ServerFrame::Welcome(_) => return,
        };
        let Ok(id) = id else { return };
        let answer = self.player.asked.get(id).and_then(|asked| asked.answer.as_ref());
        let is_served = answer.is_some_and(|answer| !Answer::leaves_doubt(answer));
        self.stage.pulse.borrow_mut().answered((self.number, id), clock::date(), is_served);
    }

    async fn act(&mut self) {
        if self.player.open_requests() >= OPEN_REQUESTS {
            return;
        }
        for request in self.hand.play(self.player, &self.stage.game, &mut self.random) {
            let asked = clock::date();
            let id = self.player.ask(request).await;
            self.stage.pulse.borrow_mut().asked((self.number, id), asked);
        }
    }

    fn stay_away(&mut self) {
        self.player.hang_up();
        self.stage.pulse.borrow_mut().away(self.number, clock::date());
    }
}
