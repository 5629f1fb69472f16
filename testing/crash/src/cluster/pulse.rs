//! How the service feels to those who ask: every request of a game, when it was asked, and when and how it was answered.
use std::{collections::BTreeMap, time::Duration};

use offhook_types::Timestamp;

/// What a request may take at its worst percent and still be called normal, whatever it took before.
const QUICK: Duration = Duration::from_millis(250);
/// By which factor the worst percent may be slower than before the fault.
const SLOWER: u32 = 3;
/// For how long all must be normal until it is called so.
const STEADY: Duration = Duration::from_secs(2);
/// How finely it is told when all was normal again.
const STEP: Duration = Duration::from_millis(100);

/// The requests of a game.
#[derive(Default)]
pub(crate) struct Pulse {
    /// By player and id.
    places: BTreeMap<(usize, usize), usize>,
    samples: Vec<Sample>,
}

/// One request, or the wish for one.
#[derive(Clone, Copy, Debug)]
struct Sample {
    asked: Timestamp,
    player: usize,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Carried out, or refused for a good reason.
    Answered(Timestamp),
    /// It could not even be asked: the player had no line.
    Away,
    /// The service could not.
    Failed,
    /// The line died first.
    Lost,
    /// Not yet.
    Open,
}

/// What a fault did to those who ask.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Effect {
    /// Requests that the service answered with its own trouble.
    pub(crate) failed: u64,
    /// The longest that one player asked in vain, or could not ask.
    pub(crate) longest_wait: Duration,
    /// Requests whose lines died before the answer.
    pub(crate) lost: u64,
    /// The longest time in which nobody was answered.
    pub(crate) nobody: Duration,
    /// Until the worst percent of requests was as quick as before, after all was mended; `None` if that was not seen.
    pub(crate) normal_after: Option<Duration>,
    /// The worst percent of the requests before the fault.
    pub(crate) usual: Duration,
}

impl Pulse {
    pub(crate) fn asked(&mut self, (player, id): (usize, usize), at: Timestamp) {
        self.places.insert((player, id), self.samples.len());
        self.samples.push(Sample { asked: at, player, end: End::Open });
    }

    pub(crate) fn answered(&mut self, place: (usize, usize), at: Timestamp, is_served: bool) {
        self.end(place, if is_served { End::Answered(at) } else { End::Failed });
    }

    /// The player has no line. What was asked over the last one and was not answered, will not be.
    pub(crate) fn away(&mut self, player: usize, at: Timestamp) {
        let open = |sample: &&mut Sample| sample.player == player && sample.end == End::Open;
        self.samples.iter_mut().filter(open).for_each(|sample| sample.end = End::Lost);
        self.samples.push(Sample { asked: at, player, end: End::Away });
    }

    fn end(&mut self, place: (usize, usize), end: End) {
        if let Some(sample) = self.places.get(&place).and_then(|place| self.samples.get_mut(*place)) {
            sample.end = end;
        }
    }

    /// What a trouble came to, seen now.
    pub(crate) fn effect(&self, (begin, end): (Timestamp, Timestamp), now: Timestamp) -> Effect {
        let usual = self.usual(begin);
        let count = |what: End| self.samples.iter().filter(|sample| sample.end == what).count() as u64;
        Effect {
            failed: count(End::Failed),
            longest_wait: self.longest_wait(now),
            lost: count(End::Lost),
            nobody: self.nobody(begin, now),
            normal_after: self.normal_after((usual * SLOWER).max(QUICK), end, now),
            usual,
        }
    }

    /// What 99 of 100 requests took at most that were answered by then.
    fn usual(&self, by: Timestamp) -> Duration {
        let answered = self.samples.iter().filter_map(|sample| Some((sample.asked, sample.answer()?)));
        let took = answered.filter(|(_, at)| *at <= by).map(|(asked, at)| at.since(asked));
        p99_of(took.collect()).unwrap_or_default()
    }

    /// Until when after `end` nothing was normal; known once it has been normal for a while.
    fn normal_after(&self, limit: Duration, end: Timestamp, now: Timestamp) -> Option<Duration> {
        let steps = (0..).map(|step| STEP * step);
        let mut tried = steps.take_while(|after| end + *after + STEADY <= now);
        tried.find(|after| {
            let begin = end + *after;
            self.p99(begin, begin + STEADY).is_some_and(|p99| p99 <= limit)
        })
    }

    /// What 99 of 100 requests took at most that were asked in this time; `None` if one in a hundred failed or waits for its
    /// answer, or nothing was asked.
    fn p99(&self, begin: Timestamp, end: Timestamp) -> Option<Duration> {
        let asked = self.samples.iter().filter(|sample| sample.asked >= begin && sample.asked < end);
        let took = asked.map(|sample| match sample.end {
            End::Answered(at) => at.since(sample.asked),
            End::Away | End::Failed | End::Lost | End::Open => Duration::MAX,
        });
        p99_of(took.collect()).filter(|took| *took < Duration::MAX)
    }

    /// The longest time in which no answer came.
    fn nobody(&self, begin: Timestamp, now: Timestamp) -> Duration {
        let mut answers: Vec<Timestamp> = self.samples.iter().filter_map(Sample::answer).collect();
        answers.sort_unstable();
        let mut longest = Duration::ZERO;
        let mut last = answers.iter().copied().rfind(|at| *at <= begin).unwrap_or(begin);
        for at in answers.into_iter().filter(|at| *at > begin).chain([now]) {
            longest = longest.max(at.since(last));
            last = at;
        }
        longest
    }

    /// The longest time that a player waited for an answer: from the first request that was in vain, or the end of the line, to the
    /// next answer.
    fn longest_wait(&self, now: Timestamp) -> Duration {
        let mut since: BTreeMap<usize, Timestamp> = BTreeMap::new();
        let mut longest = Duration::ZERO;
        for sample in &self.samples {
            let first = *since.entry(sample.player).or_insert(sample.asked);
            if let Some(at) = sample.answer() {
                longest = longest.max(at.since(first));
                since.remove(&sample.player);
            }
        }
        since.values().map(|first| now.since(*first)).fold(longest, Duration::max)
    }
}

fn p99_of(mut took: Vec<Duration>) -> Option<Duration> {
    took.sort_unstable();
    let at = (took.len() * 99).div_ceil(100).checked_sub(1)?;
    took.get(at).copied()
}

impl Sample {
    fn answer(&self) -> Option<Timestamp> {
        match self.end {
            End::Answered(at) => Some(at),
            End::Away | End::Failed | End::Lost | End::Open => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A player who asks every 100 ms and is answered after 10 ms, but for those from 3 s to 5 s, which fail.
    fn outage() -> Pulse {
        let mut pulse = Pulse::default();
        for id in 0..100_usize {
            let asked = at(id as u64 * 100);
            pulse.asked((0, id), asked);
            pulse.answered((0, id), asked + Duration::from_millis(10), !(30..50).contains(&id));
        }
        pulse
    }

    #[test]
    fn an_outage_is_seen_from_its_first_request_to_the_next_answer() {
        let effect = outage().effect((at(2_950), at(4_000)), at(9_910));
        assert_eq!(effect.failed, 20);
        assert_eq!(effect.longest_wait, Duration::from_millis(2_010));
        assert_eq!(effect.nobody, Duration::from_millis(2_100));
        assert_eq!(effect.usual, Duration::from_millis(10));
        assert_eq!(effect.normal_after, Some(Duration::from_millis(1_000)));
    }

    #[test]
    fn what_is_not_answered_is_not_normal() {
        let mut pulse = outage();
        pulse.asked((1, 0), at(9_000));
        let seen = |pulse: &Pulse| pulse.effect((at(2_950), at(8_500)), at(11_000)).normal_after;
        assert_eq!(seen(&pulse), None);
        pulse.away(1, at(9_500));
        assert_eq!(seen(&pulse), None);
        assert_eq!(
            pulse.effect((at(2_950), at(8_500)), at(11_000)).longest_wait,
            Duration::from_millis(2_010)
        );
    }

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }
}
