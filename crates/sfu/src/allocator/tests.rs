//! Scenarios: who wants what, what the network bears, who gets what.
use super::*;

#[expect(clippy::disallowed_methods, reason = "an origin to count from; nothing is compared with the clock")]
pub(super) fn start() -> Instant {
    Instant::now()
}

pub(super) fn sound(track: u32) -> Demand<u32> {
    let offers = vec![offer(0, 40, 0)];
    Demand { flows: true, kind: Kind::Audio, offers, shown: Size::default(), speaks: false, track }
}

/// A camera in three encodings of 150, 500 and 1,500 kbit/s.
pub(super) fn camera(track: u32) -> Demand<u32> {
    let offers = vec![offer(0, 150, 180), offer(1, 500, 360), offer(2, 1500, 720)];
    Demand { flows: true, kind: Kind::Camera, offers, shown: Size::default(), speaks: false, track }
}

pub(super) fn screen(track: u32) -> Demand<u32> {
    Demand { kind: Kind::Screen, ..camera(track) }
}

fn offer(encoding: u8, kbps: u64, height: u32) -> Offer {
    Offer { bps: kbps * 1000, encoding, size: Size { width: height * 16 / 9, height } }
}

fn shown(height: u32) -> Size {
    Size { width: height * 16 / 9, height }
}

/// A subscriber whose estimate is reported every 100 ms.
struct Subscriber {
    allocator: Allocator<u32>,
    now: Instant,
    demands: Vec<Demand<u32>>,
}

impl Subscriber {
    fn new(demands: Vec<Demand<u32>>) -> Self {
        let mut subscriber = Self { allocator: Allocator::new(), now: start(), demands };
        subscriber.evaluate();
        subscriber
    }

    fn evaluate(&mut self) -> Vec<Change<u32>> {
        self.allocator.evaluate(self.now, &self.demands)
    }

    /// One report.
    fn report(&mut self, kbps: u64) -> Vec<Change<u32>> {
        self.now += Duration::from_millis(100);
        self.allocator.estimate(self.now, kbps * 1000);
        self.evaluate()
    }

    /// The same report for so long, in milliseconds. Gives all changes.
    fn reports(&mut self, kbps: u64, ms: u64) -> Vec<Change<u32>> {
        (0..ms / 100).flat_map(|_| self.report(kbps)).collect()
    }

    /// What is given, in the order of the demands.
    fn given(&self) -> Vec<Option<u8>> {
        self.demands.iter().map(|demand| self.allocator.encoding(demand.track)).collect()
    }

    fn demand(&mut self, track: u32) -> &mut Demand<u32> {
        self.demands.iter_mut().find(|demand| demand.track == track).unwrap()
    }
}

#[test]
fn with_nothing_known_it_starts_in_the_middle() {
    let one = Subscriber::new(vec![sound(1), camera(2)]);
    assert_eq!(one.given(), [Some(0), Some(1)]);
    let many = Subscriber::new(vec![sound(1), camera(2), camera(3), camera(4), camera(5)]);
    assert_eq!(many.given(), [Some(0), Some(0), Some(0), Some(0), None], "600 kbit/s");
}

#[test]
fn it_steps_down_in_the_first_report_that_says_so() {
    let mut alice = Subscriber::new(vec![sound(1), camera(2)]);
    alice.reports(3000, 2000);
    assert_eq!(alice.given(), [Some(0), Some(2)]);
    assert_eq!(alice.report(1500), [change(2, Some(2), Some(1), Why::Congested)]);
    assert_eq!(alice.report(300), [change(2, Some(1), Some(0), Why::Congested)]);
    assert_eq!(alice.report(100), [change(2, Some(0), None, Why::Congested)]);
    assert_eq!(alice.report(30), [], "sound stays");
    assert_eq!(alice.given(), [Some(0), None]);
}

#[test]
fn sound_is_served_before_any_picture() {
    let mut alice = Subscriber::new(vec![camera(1), sound(2), sound(3), sound(4)]);
    alice.reports(269, 3000);
    assert_eq!(alice.given(), [None, Some(0), Some(0), Some(0)], "120 for sound leave less than 150");
    alice.reports(298, 3000);
    assert_eq!(alice.given()[0], Some(0), "with a tenth to spare");
}

#[test]
fn sound_that_was_not_measured_yet_is_sent() {
    let quiet = Demand { offers: vec![], ..sound(1) };
    assert_eq!(Subscriber::new(vec![quiet]).given(), [Some(0)]);
}

#[test]
fn everybody_is_seen_before_anybody_is_seen_well() {
    let mut alice = Subscriber::new(vec![camera(1), camera(2), camera(3), camera(4)]);
    alice.reports(670, 3000);
    assert_eq!(alice.given(), [Some(0), Some(0), Some(0), Some(0)]);
    alice.reports(1100, 3000);
    assert_eq!(alice.given(), [Some(1), Some(0), Some(0), Some(0)]);
    alice.reports(2300, 3000);
    assert_eq!(alice.given(), [Some(1), Some(1), Some(1), Some(1)], "equals rise in turn");
}

#[test]
fn a_screen_comes_before_the_speaker_and_the_speaker_before_others() {
    let speaker = Demand { speaks: true, ..camera(2) };
    let mut alice = Subscriber::new(vec![camera(1), speaker, screen(3)]);
    alice.reports(200, 3000);
    assert_eq!(alice.given(), [None, None, Some(0)]);
    alice.reports(340, 3000);
    assert_eq!(alice.given(), [None, Some(0), Some(0)]);
    alice.reports(2000, 3000);
    assert_eq!(alice.given(), [Some(0), Some(0), Some(2)]);
    alice.reports(3500, 3000);
    assert_eq!(alice.given(), [Some(0), Some(2), Some(2)]);
}

#[test]
fn a_new_speaker_takes_the_room_of_the_last() {
    let speaker = Demand { speaks: true, ..camera(1) };
    let mut alice = Subscriber::new(vec![speaker, camera(2)]);
    alice.reports(1900, 5000);
    assert_eq!(alice.given(), [Some(2), Some(0)]);
    alice.demand(1).speaks = false;
    alice.demand(2).speaks = true;
    let mut changes = alice.evaluate();
    changes.sort_by_key(|change| change.track);
    assert_eq!(
        changes,
        [change(1, Some(2), Some(0), Why::Outranked), change(2, Some(0), Some(2), Why::Room)]
    );
}

#[test]
fn nothing_larger_is_sent_than_is_shown() {
    let mut alice = Subscriber::new(vec![camera(1)]);
    alice.reports(9000, 3000);
    for (height, encoding) in [(150, 0), (180, 0), (220, 0), (240, 1), (400, 1), (470, 2), (1080, 2), (0, 2)]
    {
        alice.demand(1).shown = shown(height);
        alice.evaluate();
        assert_eq!(alice.given(), [Some(encoding)], "shown at {height}");
    }
    alice.demand(1).shown = Size { width: 0, height: 360 };
    assert_eq!(alice.evaluate(), [change(1, Some(2), Some(1), Why::Smaller)]);
}

#[test]
fn what_one_does_not_show_large_another_gains() {
    let mut alice = Subscriber::new(vec![camera(1), camera(2)]);
    alice.demand(1).shown = shown(180);
    alice.reports(1900, 5000);
    assert_eq!(alice.given(), [Some(0), Some(2)]);
}

#[test]
fn what_is_shown_much_larger_comes_first() {
    let mut alice = Subscriber::new(vec![camera(1), camera(2)]);
    alice.demand(1).shown = shown(300);
    alice.demand(2).shown = shown(720);
    alice.reports(1900, 5000);
    assert_eq!(alice.given(), [Some(0), Some(2)]);
}

#[test]
fn nobody_loses_a_picture_to_an_equal() {
    let mut alice = Subscriber::new(vec![camera(1), camera(2)]);
    alice.demand(1).flows = false;
    alice.reports(750, 5000);
    assert_eq!(alice.given(), [None, Some(1)]);
    alice.demand(1).flows = true;
    alice.reports(750, 5000);
    assert_eq!(alice.given(), [Some(0), Some(1)]);
}

#[test]
fn a_muted_track_costs_nothing_and_returns_small() {
    let mut alice = Subscriber::new(vec![sound(1), camera(2)]);
    alice.reports(3000, 2000);
    alice.demand(2).flows = false;
    alice.demand(1).flows = false;
    let paused = [change(1, Some(0), None, Why::Paused), change(2, Some(2), None, Why::Paused)];
    assert_eq!(alice.evaluate(), paused);
    assert_eq!(alice.allocator.given_bps(), 0);
    alice.reports(400, 1000);
    alice.demand(1).flows = true;
    alice.demand(2).flows = true;
    let back = [change(1, None, Some(0), Why::Room), change(2, None, Some(0), Why::Room)];
    assert_eq!(alice.evaluate(), back);
}

#[test]
fn a_track_that_goes_is_told_and_forgotten() {
    let mut alice = Subscriber::new(vec![camera(1)]);
    alice.demands.clear();
    assert_eq!(alice.evaluate(), [change(1, Some(1), None, Why::Paused)]);
    assert_eq!(alice.evaluate(), []);
}

#[test]
fn an_encoding_that_dries_up_is_left_at_once() {
    let mut alice = Subscriber::new(vec![camera(1)]);
    alice.reports(3000, 2000);
    let large = alice.demand(1).offers.pop().unwrap();
    assert_eq!(alice.evaluate(), [change(1, Some(2), Some(1), Why::Dried)]);
    alice.demand(1).offers.push(large);
    assert_eq!(alice.evaluate(), [change(1, Some(1), Some(2), Why::Room)]);
}

#[test]
fn an_encoding_that_grows_beyond_the_network_is_left() {
    let mut alice = Subscriber::new(vec![camera(1)]);
    alice.reports(1700, 5000);
    assert_eq!(alice.given(), [Some(2)]);
    alice.demand(1).offers[2].bps = 1_750_000;
    assert_eq!(alice.evaluate(), [change(1, Some(2), Some(1), Why::Congested)]);
}

#[test]
fn one_encoding_alone_is_given_whole_or_not_at_all() {
    let mut alice = Subscriber::new(vec![screen(1)]);
    alice.demand(1).offers = vec![offer(0, 800, 1080)];
    alice.reports(700, 3000);
    assert_eq!(alice.given(), [None]);
    alice.reports(900, 3000);
    assert_eq!(alice.given(), [Some(0)]);
}

#[test]
fn a_step_up_waits_until_the_room_has_lasted() {
    let mut alice = Subscriber::new(vec![camera(1)]);
    alice.reports(300, 3000);
    assert_eq!(alice.given(), [Some(0)]);
    assert_eq!(alice.reports(600, 900), [], "not yet");
    assert_eq!(alice.reports(600, 300), [change(1, Some(0), Some(1), Why::Room)]);
}

#[test]
fn a_step_up_needs_a_tenth_to_spare() {
    let mut alice = Subscriber::new(vec![camera(1)]);
    alice.reports(300, 3000);
    assert_eq!(alice.reports(549, 60_000), []);
    assert_eq!(alice.reports(550, 3000).len(), 1);
    assert_eq!(alice.reports(500, 60_000), [], "what is held needs nothing to spare");
}

#[test]
fn time_alone_makes_a_step_up_due() {
    let mut alice = Subscriber::new(vec![camera(1)]);
    alice.reports(300, 3000);
    alice.report(2000);
    for _ in 0..8 {
        alice.now = alice.allocator.poll_timeout().unwrap();
        alice.evaluate();
    }
    assert_eq!(alice.given(), [Some(2)]);
}

/// A network that bears the middle encoding until it is sent.
#[test]
fn steps_up_that_fail_become_rare() {
    let mut alice = Subscriber::new(vec![camera(1)]);
    let mut climbs = Vec::new();
    let begin = alice.now;
    alice.reports(300, 2000);
    for _ in 0..1200 {
        let kbps = if alice.given() == [Some(0)] { 560 } else { 300 };
        for change in alice.report(kbps).iter().filter(|change| change.to > change.from) {
            climbs.push((alice.now.duration_since(begin).as_secs(), change.to));
        }
    }
    let times: Vec<u64> = climbs.iter().map(|climb| climb.0).collect();
    assert!(times.len() <= 6, "{times:?}");
    let pauses: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses.is_sorted(), "{pauses:?}");
}

#[test]
fn a_network_that_has_healed_is_used_although_steps_up_had_failed() {
    let mut alice = Subscriber::new(vec![camera(1)]);
    alice.reports(300, 2000);
    for _ in 0..600 {
        alice.report(if alice.given() == [Some(0)] { 560 } else { 300 });
    }
    alice.reports(300, 2000);
    assert_eq!(alice.given(), [Some(0)]);
    alice.reports(2500, 2000);
    assert_eq!(alice.given(), [Some(2)]);
}

#[test]
fn it_probes_for_all_that_is_shown() {
    let mut alice = Subscriber::new(vec![sound(1), camera(2), camera(3)]);
    alice.demand(2).shown = shown(360);
    alice.demand(3).shown = shown(180);
    alice.reports(650, 100);
    let young = alice.allocator.desired_bps(alice.now) / 1000;
    assert_eq!(young, 1500, "at first, whatever is shown");
    alice.reports(650, 3000);
    let wished = 40 + 500 + 150;
    let desired = alice.allocator.desired_bps(alice.now) / 1000;
    assert!((wished * 110 / 100..=wished * 115 / 100).contains(&desired), "{desired}");
    alice.reports(4000, 100);
    assert_eq!(
        alice.allocator.desired_bps(alice.now),
        2_000_000,
        "a probe for less would lower the estimate"
    );
}

#[test]
fn a_narrow_network_is_probed_in_small_steps_often() {
    let mut alice = Subscriber::new(vec![sound(1), camera(2)]);
    alice.reports(200, 2500);
    let mut rises = 0;
    let mut last = u64::MAX;
    for _ in 0..100 {
        alice.report(200);
        let desired = alice.allocator.desired_bps(alice.now);
        assert!((240_000..=300_000).contains(&desired), "{desired}");
        rises += u32::from(desired > last);
        last = desired;
    }
    assert!((4..=5).contains(&rises), "{rises} in ten seconds");
}

#[test]
fn an_estimate_that_stands_still_below_the_wishes_is_stale() {
    let mut alice = Subscriber::new(vec![camera(1)]);
    let stale = |alice: &mut Subscriber, kbps: u64, ms: u64| {
        let reports = (0..ms / 100).filter_map(|_| {
            alice.report(kbps);
            alice.allocator.stale_estimate(alice.now)
        });
        reports.collect::<Vec<_>>()
    };
    assert_eq!(stale(&mut alice, 200, 1500), [0; 0]);
    assert_eq!(stale(&mut alice, 210, 3000), [210_000, 210_000], "it crept");
    assert_eq!(stale(&mut alice, 170, 1500), [0; 0], "it fell");
    assert_eq!(stale(&mut alice, 300, 2500), [0; 0], "it leapt");
    assert_eq!(stale(&mut alice, 300, 5000), [300_000, 300_000], "str0m had time to probe by itself");
    assert_eq!(stale(&mut alice, 3000, 60_000), [0; 0], "all is granted");
}

fn change(track: u32, from: Option<u8>, to: Option<u8>, why: Why) -> Change<u32> {
    Change { track, from, to, why }
}
