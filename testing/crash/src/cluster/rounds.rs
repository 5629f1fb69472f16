//! The rounds: play, break something and mend it, play until all is as usual, verify.
use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use anyhow::{Context as _, Result};
use offhook_types::UserId;
use tokio::{task::spawn_blocking, time::sleep};

use super::{
    Plan,
    crowd::Stage,
    faults::{Fault, Inflicted},
    pulse::Effect,
    table::{Table, seconds},
    topology::Cluster,
    troupe::{Troupe, pause},
};
use crate::{clock, play::Game, random::Random, violation::Violation};

/// Acts of all players together, a second.
const ACTS_PER_SECOND: u64 = 50;
/// How long is played before a fault, in milliseconds: enough to know what is usual.
const BEFORE: std::ops::Range<u64> = 3_000..4_500;
/// Within this time after the end of a fault, the worst percent of requests must be as quick as before.
const USUAL_WITHIN: Duration = Duration::from_secs(10);
/// And it must have been so for some time to be seen.
const SEEN_WITHIN: Duration = Duration::from_secs(13);
/// How often it is looked whether all is as usual.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Evidence beyond this many lines of a round adds nothing.
const SHOWN: usize = 20;

/// A round that is played, up to its judgement.
struct Played {
    cluster: Cluster,
    effect: Effect,
    inflicted: Inflicted,
}

/// One round: what it is about, and where its choices come from.
struct Turn<'a> {
    fault: Fault,
    number: u64,
    plan: &'a Plan,
    random: Random,
}

/// Plays all rounds. Every fault has its turn before one comes again; the order is chance.
pub(super) async fn play(plan: &Plan, mut cluster: Cluster, faults: &[Fault]) -> Result<Table> {
    let mut table = Table::default();
    let mut troupe: Option<Troupe> = None;
    let mut left: Vec<Fault> = Vec::new();
    for number in 0..plan.rounds {
        let mut random = Random::new(plan.seed, number);
        if left.is_empty() {
            left = faults.to_vec();
        }
        let fault = left.swap_remove(random.index(left.len()));
        let mut turn = Turn { fault, number, plan, random };
        let rested = troupe.take().filter(|troupe| troupe.rounds_left > 0);
        let mut current = rested.unwrap_or_else(|| Troupe::new(&format!("t{number}")));
        current.spread(&cluster.addresses(), &mut turn.random).await?;
        let about = || format!("round {number}, {}, of seed {}", fault.name(), plan.seed);
        let (found, back) = turn.round(&mut current, (cluster, &mut table)).await.with_context(about)?;
        cluster = back;
        // Whoever saw a promise broken would see it again in every round.
        troupe = found.is_empty().then_some(current);
    }
    Ok(table)
}

impl Turn<'_> {
    /// Plays and judges a round; returns what is wrong, and the cluster, mended.
    async fn round(
        &mut self,
        troupe: &mut Troupe,
        (cluster, table): (Cluster, &mut Table),
    ) -> Result<(Vec<Violation>, Cluster)> {
        troupe.rounds_left -= 1;
        let begins = troupe.cast.begins();
        let Played { mut cluster, effect, inflicted } = self.play(troupe, cluster).await?;
        let mut found = troupe.cast.write_down();
        troupe.cast.book.mark();
        troupe.cast.troubles.push(inflicted.trouble);
        let acknowledged = troupe.cast.acknowledged(&begins);
        if effect.normal_after.is_none_or(|after| after > USUAL_WITHIN) {
            let what = "requests did not become as quick as before within 10 s after the end of the fault";
            found.push(Violation::stuck(what.to_owned()));
        }
        found.extend(troupe.come_back(&cluster.addresses(), &mut self.random).await);
        let verified = async {
            let mut found = troupe.cast.verify(&begins, &mut self.random).await?;
            found.extend(troupe.compare_twins().await?);
            anyhow::Ok(found)
        };
        match verified.await {
            Ok(more) => found.extend(more),
            Err(error) => found.push(Violation::stuck(format!("the promises cannot be checked: {error:#}"))),
        }
        found.extend(cluster.nodes.iter().filter_map(|node| node.panic()).map(Violation::stuck));
        table.enter(self.fault, &effect, (acknowledged, found.len()));
        self.report(&inflicted, &effect, (acknowledged, &found));
        let mended = spawn_blocking(move || cluster.store.rearm().map(|()| cluster)).await?;
        Ok((found, mended.context("the store gets no new standby")?))
    }

    /// Plays until the fault is over and all is as usual, or should be.
    async fn play(&mut self, troupe: &mut Troupe, cluster: Cluster) -> Result<Played> {
        let (nodes, users, name) = (cluster.addresses(), troupe.cast.users(), format!("r{}", self.number));
        let stage = stage(&nodes, &users, &name);
        let game = troupe.play(&stage, (self.plan.seed, self.number + 1));
        let (game, played) = tokio::join!(game, self.lead(&stage, cluster));
        game?;
        played
    }

    /// Breaks and mends in the middle of the game, and ends it.
    async fn lead(&mut self, stage: &Stage<'_>, mut cluster: Cluster) -> Result<Played> {
        sleep(Duration::from_millis(self.random.within(BEFORE))).await;
        let (fault, brief, mut random) = (self.fault, self.plan.brief, self.random.clone());
        let inflicting = spawn_blocking(move || {
            let inflicted = fault.inflict(&mut cluster, (&mut random, brief));
            inflicted.map(|inflicted| (cluster, inflicted))
        });
        let inflicted = inflicting.await?;
        if inflicted.is_err() {
            stage.is_over.set(true);
        }
        let (cluster, inflicted) = inflicted?;
        let (begin, end) = (inflicted.trouble.begin, inflicted.trouble.end);
        let effect = loop {
            sleep(LOOK_EVERY).await;
            let now = clock::date();
            let effect = stage.pulse.borrow().effect((begin, end), now);
            if effect.normal_after.is_some() || now.since(end) > SEEN_WITHIN {
                break effect;
            }
        };
        stage.is_over.set(true);
        Ok(Played { cluster, effect, inflicted })
    }

    /// One line on the round, and what is wrong.
    fn report(&self, inflicted: &Inflicted, effect: &Effect, (acknowledged, found): (u64, &[Violation])) {
        let Effect { failed, longest_wait, lost, nobody, normal_after, usual } = *effect;
        let Inflicted { trouble, victim } = inflicted;
        println!(
            "round {}: {} {victim} for {:.1} s; {acknowledged} requests acknowledged, {failed} refused, {lost} died with \
             their lines; nobody was served for {}, one waited for {}; p99 of {} ms again after {}; {} violations",
            self.number,
            self.fault.name(),
            Fault::lasted(trouble),
            seconds(nobody),
            seconds(longest_wait),
            usual.as_millis(),
            seconds(normal_after.unwrap_or(Duration::MAX)),
            found.len(),
        );
        found.iter().take(SHOWN).for_each(|violation| println!("  {violation}"));
        if let Some(more) = found.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            println!("  … and {more} more");
        }
    }
}

fn stage<'a>(nodes: &'a [String], users: &'a [UserId], name: &'a str) -> Stage<'a> {
    let game = Game { name, padding: 0, pause: pause(ACTS_PER_SECOND), users };
    Stage { game, is_over: Cell::new(false), nodes, pulse: RefCell::default() }
}
