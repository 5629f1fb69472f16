//! The rounds: play, kill, restart, verify, and again.
use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, bail};
use futures_util::future::try_join_all;
use offhook_types::{Timestamp, UserId};
use tokio::time::{sleep, timeout};

use crate::{
    cast::{Begins, Cast},
    clock,
    play::{self, Game},
    player::Player,
    random::Random,
    rings::Trouble,
    server::{Durability, Server, Site, kill},
    violation::Violation,
};

/// How long a round is played before the kill, at most.
const PLAY: u64 = 2_000;
/// How long the server stays down, at most: longer than the shortest rings last.
const DOWN: u64 = 1_200;
/// Bytes of extended data in the calls of every other folder: enough that its journal has more than one segment.
const PADDING: usize = 1_900;
/// How far back players resume: within what the server keeps of a user's events.
const BACK: u64 = 32;
/// How many milliseconds a server lives that is killed while it starts, at most.
const STILLBORN: u64 = 40;
/// How many bytes of the journal a sabotaged store forgets.
const SABOTAGE: usize = 4_096;

/// What the rounds came to.
#[derive(Default)]
pub(crate) struct Totals {
    pub(crate) acknowledged: u64,
    pub(crate) kills: u64,
    pub(crate) restarts: Vec<Duration>,
    pub(crate) rounds: u64,
    pub(crate) violations: Vec<Violation>,
}

/// What to do.
pub(crate) struct Plan {
    pub(crate) binary: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) rounds: u64,
    /// Cut the journal after each kill, so that the run must fail.
    pub(crate) sabotage: bool,
    pub(crate) seed: u64,
    pub(crate) verbose: bool,
}

/// One round: its choices, and where they come from.
struct Turn<'a> {
    number: u64,
    plan: &'a Plan,
    random: Random,
}

/// The players of one folder, over several lives of its server.
struct Town {
    cast: Cast,
    /// What the running server's replies survive.
    durability: Durability,
    padding: usize,
    /// Rounds that this folder is still good for.
    rounds_left: u64,
    server: Option<Server>,
    site: Site,
}

/// Plays all rounds, or stops after the first that is not clean.
pub(crate) async fn run(plan: &Plan) -> Result<Totals> {
    let mut totals = Totals::default();
    let mut town: Option<Town> = None;
    let mut is_heavy = true;
    for number in 0..plan.rounds {
        let mut turn = Turn { number, plan, random: Random::new(plan.seed, number) };
        let mut current = match town.take().filter(|town| town.rounds_left > 0) {
            Some(town) => town,
            None => {
                is_heavy = !is_heavy;
                Town::open(plan, is_heavy, &mut turn.random).await?
            }
        };
        let outcome = current.round(&mut turn, &mut totals).await;
        outcome.with_context(|| format!("round {number} of seed {}", plan.seed))?;
        totals.rounds += 1;
        if !totals.violations.is_empty() {
            break;
        }
        town = Some(current);
    }
    Ok(totals)
}

impl Town {
    /// A fresh folder with users who are all registered. A heavy one lasts for more rounds, until its journal is long.
    async fn open(plan: &Plan, is_heavy: bool, random: &mut Random) -> Result<Self> {
        let site = Site::fresh(&plan.binary, plan.folder.clone())?;
        let server = site.start(Durability::Process)?;
        let user = |number| UserId::new(format!("u{number}")).expect("a letter and digits are a user");
        let mut players: Vec<Player> = (0..random.within(20..61)).map(user).map(Player::new).collect();
        let address = site.address();
        try_join_all(players.iter_mut().map(|player| player.connect(&address, 0))).await?;
        Ok(Self {
            cast: Cast::new(players, false),
            durability: Durability::Process,
            padding: if is_heavy { PADDING } else { 0 },
            rounds_left: if is_heavy { random.within(9..13) } else { random.within(3..6) },
            server: Some(server),
            site,
        })
    }

    async fn round(&mut self, turn: &mut Turn<'_>, totals: &mut Totals) -> Result<()> {
        self.rounds_left -= 1;
        let begins: Begins = self.cast.begins();
        let killed = self.durability;
        let killed_at = self.play_and_kill(turn).await?;
        totals.kills += 1;
        totals.violations.extend(self.cast.write_down());
        self.cast.book.mark();
        if turn.plan.sabotage {
            self.site.cut_journal(SABOTAGE)?;
        }
        let durability = if turn.number.is_multiple_of(2) { Durability::Power } else { Durability::Process };
        if turn.random.percent(25) {
            self.kill_while_starting(durability, &mut turn.random).await?;
            totals.kills += 1;
        }
        sleep(Duration::from_millis(turn.random.within(0..DOWN))).await;
        let took = self.restart(durability, (killed_at, &mut turn.random)).await?;
        totals.restarts.push(took);
        totals.acknowledged += self.cast.acknowledged(&begins);
        totals.violations.extend(self.cast.verify(&begins, &mut turn.random).await?);
        if let Some(complaint) = self.site.complaint() {
            bail!("the server complains: {complaint}");
        }
        if turn.plan.verbose {
            self.report(turn.number, killed, totals);
        }
        Ok(())
    }

    /// One line on the round.
    fn report(&self, number: u64, killed: Durability, totals: &Totals) {
        let (players, calls) = (self.cast.players.len(), self.cast.book.calls.len());
        let took = totals.restarts.last().map_or(0, Duration::as_millis);
        println!(
            "round {number}: killed under durability {killed:?}; {players} players, {calls} calls in the folder; \
             restart to ready {took} ms, {} acknowledged requests so far",
            totals.acknowledged
        );
    }

    /// A server that does not live long enough to be of use: what it had begun to repair must be repaired again.
    async fn kill_while_starting(&self, durability: Durability, random: &mut Random) -> Result<()> {
        let mut stillborn = self.site.launch(durability)?;
        sleep(Duration::from_millis(random.within(0..STILLBORN))).await;
        kill(&mut stillborn)
    }

    /// Plays until the server is killed in the middle of it, and hears what it had sent until then. Returns when that was.
    async fn play_and_kill(&mut self, turn: &mut Turn<'_>) -> Result<Timestamp> {
        let (seed, round) = (turn.plan.seed, turn.number);
        let users: Vec<UserId> = self.cast.users();
        let name = format!("r{round}");
        // Each player acts every so many milliseconds on average as there are players: a thousand acts a second together.
        let pause = users.len() as u64;
        let game = Game { name: &name, padding: self.padding, pause, users: &users };
        let server = self.server.take().context("no server runs")?;
        let alive = Duration::from_millis(turn.random.within(0..PLAY));
        let games = self.cast.players.iter_mut().enumerate().map(|(number, player)| {
            let stream = (round + 1) << 16 | number as u64;
            play::play(player, &game, Random::new(seed, stream))
        });
        let all = timeout(alive + Duration::from_secs(10), try_join_all(games));
        let (played, killed) = tokio::join!(all, async {
            sleep(alive).await;
            let at = clock::date();
            server.kill().map(|()| at)
        });
        played.context("the lines did not die with the server")??;
        killed
    }

    /// Starts the next server, and lets everybody hear what they missed. Returns how long until it was ready.
    async fn restart(
        &mut self,
        durability: Durability,
        (killed_at, random): (Timestamp, &mut Random),
    ) -> Result<Duration> {
        let server = self.site.start(durability)?;
        self.cast.troubles.push(Trouble {
            aftermath: Duration::ZERO,
            begin: killed_at,
            end: server.ready,
            spares_one: false,
        });
        let (address, took) = (self.site.address(), server.took);
        (self.server, self.durability) = (Some(server), durability);
        let connects = self.cast.players.iter_mut().map(|player| {
            let back = random.within(0..BACK);
            player.connect(&address, back)
        });
        try_join_all(connects).await?;
        Ok(took)
    }
}
