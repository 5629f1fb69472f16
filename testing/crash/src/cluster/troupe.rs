//! Those who play some rounds together: users with their phones, and for some a second device that looks on.
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures_util::future::{join_all, try_join_all};
use offhook_types::UserId;
use tokio::time::{Instant, timeout_at};

use super::{crowd, crowd::Stage, twins};
use crate::{
    cast::Cast,
    player::{PATIENCE, Player},
    random::Random,
    violation::Violation,
};

/// How many users play.
pub(crate) const USERS: u64 = 24;
/// Of so many users, one has a second device.
const TWINS_OF: u64 = 3;
/// For how many rounds a troupe is good, before its book is so long that reading it all takes too long.
const ROUNDS: u64 = 4;

/// The users with their devices.
pub(crate) struct Troupe {
    pub(crate) cast: Cast,
    pub(crate) rounds_left: u64,
    /// Second devices, each with the number of its user's first.
    twins: Vec<(usize, Player)>,
}

impl Troupe {
    /// New users, who must connect before they can be called.
    pub(crate) fn new(name: &str) -> Self {
        let user = |number| UserId::new(format!("{name}u{number}")).expect("letters and digits are a user");
        let (mut players, mut twins) = (Vec::new(), Vec::new());
        for number in 0..USERS {
            if number.is_multiple_of(TWINS_OF) {
                twins.push((players.len(), Player::one_of(user(number), "tablet")));
                players.push(Player::one_of(user(number), "phone"));
            } else {
                players.push(Player::new(user(number)));
            }
        }
        Self { cast: Cast::new(players, true), rounds_left: ROUNDS, twins }
    }

    /// Has everybody connect to a node that is theirs for the time being: as many to each, and the devices of one user to two.
    ///
    /// # Errors
    /// Somebody cannot connect.
    pub(crate) async fn spread(&mut self, nodes: &[String], random: &mut Random) -> Result<()> {
        let first = random.index(nodes.len());
        let mut own = |player: &mut Player, number: usize| {
            player.hang_up();
            let node = (first + number) % nodes.len();
            (node, Random::new(random.within(0..u64::MAX), 0))
        };
        let mut coming = Vec::new();
        for (number, player) in self.cast.players.iter_mut().enumerate() {
            let (node, random) = own(player, number);
            coming.push(come_back(player, &nodes[node..=node], random));
        }
        for (number, twin) in &mut self.twins {
            let (node, random) = own(twin, *number + 1);
            coming.push(come_back(twin, &nodes[node..=node], random));
        }
        try_join_all(coming).await.map(drop)
    }

    /// Has everybody play until the stage is over; each stream of choices has its number.
    ///
    /// # Errors
    /// A server said what is no frame, or could not read one.
    pub(crate) async fn play(&mut self, stage: &Stage<'_>, (seed, stream): (u64, u64)) -> Result<()> {
        let own = |number: usize| Random::new(seed, stream << 16 | number as u64);
        let others = self.cast.players.len();
        let players = self.cast.players.iter_mut().enumerate();
        let games = players.map(|(number, player)| crowd::play((number, player), stage, own(number)));
        let twins = self.twins.iter_mut().enumerate();
        let looks = twins.map(|(number, (_, twin))| crowd::look_on(twin, stage, own(others + number)));
        tokio::try_join!(try_join_all(games), try_join_all(looks))?;
        Ok(())
    }

    /// Connects whoever is not, and waits for what was asked and is still open. All nodes are up, so this must be possible.
    pub(crate) async fn come_back(&mut self, nodes: &[String], random: &mut Random) -> Vec<Violation> {
        let everybody = self.cast.players.iter_mut().chain(self.twins.iter_mut().map(|(_, twin)| twin));
        let coming = everybody.map(|player| {
            let random = Random::new(random.within(0..u64::MAX), 0);
            come_back(player, nodes, random)
        });
        let came = join_all(coming).await.into_iter();
        came.filter_map(|came| came.err().map(|error| Violation::stuck(format!("{error:#}")))).collect()
    }

    /// What the second devices heard otherwise than the first.
    ///
    /// # Errors
    /// A line died.
    pub(crate) async fn compare_twins(&mut self) -> Result<Vec<Violation>> {
        let mut found = Vec::new();
        for (first, twin) in &mut self.twins {
            twin.catch_up().await?;
            found.append(&mut twin.faults);
            if let Some(player) = self.cast.players.get(*first) {
                found.extend(twins::compare(player, twin));
            }
            twin.sights.clear(); // The first has shown the same.
        }
        Ok(found)
    }
}

async fn come_back(player: &mut Player, nodes: &[String], mut random: Random) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    let user = player.user.clone();
    loop {
        while !player.is_connected() {
            let late = Instant::now() > end;
            anyhow::ensure!(!late, "{} is not taken by any node", user.as_str());
            crowd::connect(player, nodes, &mut random).await;
        }
        while player.is_connected() && player.open_requests() > 0 {
            let frame = timeout_at(end, player.hear()).await;
            let open = player.open_requests();
            frame.with_context(|| format!("{open} requests of {} are not answered", user.as_str()))??;
        }
        if player.is_connected() {
            return Ok(());
        }
    }
}

/// How long each player pauses between two acts on average, in milliseconds, for so many acts a second of all together.
pub(crate) fn pause(acts_per_second: u64) -> u64 {
    let second = Duration::from_secs(1).as_millis() as u64;
    USERS * second / acts_per_second
}
