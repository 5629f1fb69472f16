//! Who speaks: loudness out of the audio levels that packets bear (RFC 6464), and the active speaker.
//!
//! Levels come in as minus dBov, 0 the loudest and 127 silence; they go out as 0 for silence to 100. Nothing is decoded, so
//! that it works for encrypted sound, too.
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// How often levels are told: five times a second. More costs every member's signaling, less looks late.
const INTERVAL: Duration = Duration::from_millis(200);

/// What is quieter than this is silence. Lower lets fans and breathing speak, higher misses soft voices.
const QUIETEST_DBOV: u8 = 60;

/// What is this loud is 100; people speak at about -30 dBov, and peaks reach -10.
const LOUDEST_DBOV: u8 = 10;

/// How much of the old level is kept after one interval, in percent, where the new one is lower. More smears words together,
/// less flickers between syllables.
const FADE_PERCENT: u32 = 60;

/// Another becomes the active speaker if for so long louder by [`LEAD`]. Longer shows the new speaker late, shorter jumps at
/// every cough.
const TAKEOVER: Duration = Duration::from_millis(600);

/// How much louder one must be to take over, in levels.
const LEAD: u32 = 10;

/// So long after the last sound the active speaker is active no longer. Longer holds a large picture for who has finished,
/// shorter lets go in pauses for thought.
const SILENCE: Duration = Duration::from_secs(3);

/// How loud everybody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report<U> {
    /// Who speaks.
    pub(crate) active: Option<U>,
    /// Who is heard, 1 to 100, the loudest first.
    pub(crate) levels: Vec<(U, u8)>,
}

/// The loudness of those in a room. `U` names one.
#[derive(Debug)]
pub(crate) struct Speakers<U> {
    active: Option<Active<U>>,
    /// Who is louder than the active speaker, and since when.
    challenger: Option<(U, Instant)>,
    due: Option<Instant>,
    told: Option<Report<U>>,
    voices: BTreeMap<U, Voice>,
}

#[derive(Debug)]
struct Active<U> {
    user: U,
    heard_at: Instant,
}

#[derive(Debug, Default)]
struct Voice {
    /// The loudest since the last report.
    peak: u32,
    level: u32,
}

impl<U: Clone + Ord> Speakers<U> {
    /// Nobody is heard.
    pub(crate) fn new() -> Self {
        Self { active: None, challenger: None, due: None, told: None, voices: BTreeMap::new() }
    }

    /// A packet of a microphone with this level, in minus dBov.
    pub(crate) fn hear(&mut self, now: Instant, user: &U, minus_dbov: u8) {
        let level = level(minus_dbov);
        match self.voices.get_mut(user) {
            Some(voice) => voice.peak = voice.peak.max(level),
            None if level > 0 => {
                self.voices.insert(user.clone(), Voice { peak: level, level: 0 });
            }
            None => {}
        }
        if !self.voices.is_empty() {
            self.due.get_or_insert(now + INTERVAL);
        }
    }

    /// Forgets one who left or fell silent by muting.
    pub(crate) fn remove(&mut self, now: Instant, user: &U) {
        self.voices.remove(user);
        self.challenger.take_if(|challenger| challenger.0 == *user);
        if self.active.take_if(|active| active.user == *user).is_some() || self.told_of(user) {
            self.due.get_or_insert(now + INTERVAL);
        }
    }

    /// Who speaks.
    pub(crate) fn active(&self) -> Option<&U> {
        self.active.as_ref().map(|active| &active.user)
    }

    /// When to poll.
    #[cfg(test)]
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.due
    }

    /// What is new, at most five times a second; silence is told once.
    pub(crate) fn poll(&mut self, now: Instant) -> Option<Report<U>> {
        self.due.take_if(|due| *due <= now)?;
        for voice in self.voices.values_mut() {
            voice.level = voice.peak.max(voice.level * FADE_PERCENT / 100);
            voice.peak = 0;
        }
        self.voices.retain(|_, voice| voice.level > 0);
        self.choose(now);
        if !self.voices.is_empty() || self.active.is_some() {
            self.due = Some(now + INTERVAL);
        }
        let report = self.report();
        let is_news = self.told.as_ref().map_or(!report.levels.is_empty(), |told| *told != report);
        is_news.then(|| self.told.insert(report).clone())
    }

    fn choose(&mut self, now: Instant) {
        let loudest = self.voices.iter().max_by_key(|(_, voice)| voice.level);
        let loudest = loudest.map(|(user, voice)| (user.clone(), voice.level));
        let active_level =
            self.active().and_then(|user| self.voices.get(user)).map_or(0, |voice| voice.level);
        if let Some(active) = &mut self.active {
            if active_level > 0 {
                active.heard_at = now;
            } else if now.saturating_duration_since(active.heard_at) >= SILENCE {
                self.active = None;
            }
        }
        let Some((user, level)) = loudest.filter(|loudest| Some(&loudest.0) != self.active()) else {
            self.challenger = None;
            return;
        };
        if self.active.is_some() && level < active_level + LEAD {
            self.challenger = None;
            return;
        }
        let since = match &self.challenger {
            Some((challenger, since)) if *challenger == user => *since,
            Some(_) | None => now,
        };
        self.challenger = Some((user.clone(), since));
        if self.active.is_none() || now.saturating_duration_since(since) >= TAKEOVER {
            self.challenger = None;
            self.active = Some(Active { user, heard_at: now });
        }
    }

    fn report(&self) -> Report<U> {
        let heard = self.voices.iter().filter_map(|(user, voice)| {
            let level = u8::try_from(voice.level).ok()?;
            Some((user.clone(), level))
        });
        let mut levels: Vec<(U, u8)> = heard.collect();
        levels.sort_by_key(|(_, level)| std::cmp::Reverse(*level));
        Report { active: self.active().cloned(), levels }
    }

    fn told_of(&self, user: &U) -> bool {
        self.told.as_ref().is_some_and(|told| told.levels.iter().any(|level| level.0 == *user))
    }
}

/// 0 to 100 out of minus dBov.
fn level(minus_dbov: u8) -> u32 {
    let above = QUIETEST_DBOV.saturating_sub(minus_dbov.max(LOUDEST_DBOV));
    u32::from(above) * 100 / u32::from(QUIETEST_DBOV - LOUDEST_DBOV)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A room in which everybody sends twenty packets a second.
    struct Room {
        now: Instant,
        speakers: Speakers<&'static str>,
    }

    impl Room {
        #[expect(
            clippy::disallowed_methods,
            reason = "an origin to count from; nothing is compared with the clock"
        )]
        fn new() -> Self {
            Self { now: Instant::now(), speakers: Speakers::new() }
        }

        /// So many milliseconds in which these are so loud.
        fn pass(&mut self, ms: u64, voices: &[(&'static str, u8)]) -> Vec<Report<&'static str>> {
            let mut reports = Vec::new();
            for _ in 0..ms / 50 {
                self.now += Duration::from_millis(50);
                for (user, minus_dbov) in voices {
                    self.speakers.hear(self.now, user, *minus_dbov);
                }
                reports.extend(self.speakers.poll(self.now));
            }
            reports
        }
    }

    #[test]
    fn levels_go_from_nothing_to_a_hundred() {
        assert_eq!([127, 61, 60, 59, 35, 10, 0].map(level), [0, 0, 0, 2, 50, 100, 100]);
    }

    #[test]
    fn silence_is_not_told() {
        let mut room = Room::new();
        assert_eq!(room.pass(5000, &[("alice", 127), ("bob", 70)]), []);
        assert_eq!(room.speakers.poll_timeout(), None, "and wakes nobody");
    }

    #[test]
    fn levels_are_told_five_times_a_second_at_most_the_loudest_first() {
        let mut room = Room::new();
        let first = room.pass(300, &[("alice", 40), ("bob", 30)]);
        assert_eq!(first, [Report { active: Some("bob"), levels: vec![("bob", 60), ("alice", 40)] }]);
        let mut reports = 0;
        for tick in 0..100 {
            reports += room.pass(50, &[("alice", 30 + tick % 20)]).len();
        }
        assert!((20..=25).contains(&reports), "{reports} in five seconds");
    }

    #[test]
    fn what_does_not_change_is_told_once() {
        let mut room = Room::new();
        assert_eq!(room.pass(5000, &[("alice", 30)]).len(), 1);
    }

    #[test]
    fn the_end_of_a_voice_is_told_and_then_nothing() {
        let mut room = Room::new();
        room.pass(1000, &[("alice", 30)]);
        let reports = room.pass(10_000, &[]);
        assert_eq!(reports.last(), Some(&Report { active: None, levels: vec![] }));
        assert_eq!(room.speakers.poll_timeout(), None);
        assert_eq!(room.pass(10_000, &[]), []);
    }

    #[test]
    fn a_cough_does_not_take_over_but_a_voice_does() {
        let mut room = Room::new();
        room.pass(2000, &[("alice", 35)]);
        room.pass(300, &[("alice", 35), ("bob", 15)]);
        assert_eq!(room.speakers.active(), Some(&"alice"));
        room.pass(3000, &[("alice", 35), ("bob", 32)]);
        assert_eq!(room.speakers.active(), Some(&"alice"), "hardly louder");
        room.pass(1200, &[("alice", 35), ("bob", 20)]);
        assert_eq!(room.speakers.active(), Some(&"bob"));
    }

    #[test]
    fn a_pause_for_thought_keeps_the_speaker_active() {
        let mut room = Room::new();
        room.pass(2000, &[("alice", 30)]);
        room.pass(2500, &[]);
        assert_eq!(room.speakers.active(), Some(&"alice"));
        room.pass(3500, &[]);
        assert_eq!(room.speakers.active(), None);
    }

    #[test]
    fn who_leaves_speaks_no_more() {
        let mut room = Room::new();
        room.pass(2000, &[("alice", 30)]);
        room.speakers.remove(room.now, &"alice");
        assert_eq!(room.speakers.active(), None);
        assert_eq!(room.pass(1000, &[]), [Report { active: None, levels: vec![] }]);
    }
}
