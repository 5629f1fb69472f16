//! What holds whatever happens.
use proptest::prelude::*;

use super::{
    share::Step,
    tests::{camera, screen, sound, start},
    *,
};

fn size() -> impl Strategy<Value = Size> {
    prop_oneof![Just(0u32), 90u32..1200].prop_map(|height| Size { width: height * 16 / 9, height })
}

/// A track with one to three encodings of any price.
fn demand() -> impl Strategy<Value = Demand<u32>> {
    let prices = prop::collection::vec(30_000u64..2_000_000, 1..=3);
    (0u8..5, prices, size(), any::<bool>(), prop::bool::weighted(0.9)).prop_map(
        |(kind, mut prices, shown, speaks, flows)| {
            let demand = match kind {
                0 => return Demand { flows, ..sound(0) },
                1 => screen(0),
                _ => camera(0),
            };
            prices.sort_unstable();
            let mut offers = demand.offers.clone();
            offers.truncate(prices.len());
            offers.iter_mut().zip(prices).for_each(|(offer, bps)| offer.bps = bps);
            Demand { flows, offers, shown, speaks, ..demand }
        },
    )
}

fn demands() -> impl Strategy<Value = Vec<Demand<u32>>> {
    prop::collection::vec(demand(), 1..12).prop_map(|mut demands| {
        demands.iter_mut().zip(0..).for_each(|(demand, track)| demand.track = track);
        demands
    })
}

fn sum(demands: &[Demand<u32>], steps: &[Step]) -> u64 {
    demands.iter().zip(steps).map(|(demand, step)| demand.bps(*step)).sum()
}

fn sound_of(demands: &[Demand<u32>]) -> u64 {
    demands.iter().filter(|demand| demand.kind == Kind::Audio).map(|demand| demand.bps(demand.lowest())).sum()
}

/// The order in which steps are granted, as tracks and indices of offers.
fn order(demands: &[Demand<u32>]) -> Vec<(usize, usize)> {
    let class = |index: &usize| match (demands[*index].kind, demands[*index].speaks) {
        (Kind::Audio, _) => 0,
        (Kind::Screen, _) => 1,
        (Kind::Camera, true) => 2,
        (Kind::Camera, false) => 3,
    };
    let size = |index: &usize| match demands[*index].shown.width * demands[*index].shown.height {
        0 => 99,
        area => area.ilog2() / 2,
    };
    let mut steps: Vec<(usize, usize)> =
        (0..demands.len()).flat_map(|index| (0..3).map(move |step| (index, step))).collect();
    steps.sort_by_key(|(index, step)| {
        let class = (class(index), std::cmp::Reverse(size(index)));
        (*step > 0, class, *step, *index)
    });
    steps
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Pictures fit into what sound leaves, sound is whole, and nothing is larger than it is shown.
    #[test]
    fn a_division_fits(demands in demands(), total in 0u64..8_000_000) {
        let held = vec![Step::OFF; demands.len()];
        let steps = share(&demands, &held, Room { total, gains: Some(total) });
        prop_assert!(sum(&demands, &steps) <= total.max(sound_of(&demands)));
        for (demand, step) in demands.iter().zip(&steps) {
            prop_assert!(*step <= cap(demand) || demand.kind == Kind::Audio);
            prop_assert!(demand.flows || *step == Step::OFF);
            prop_assert!(demand.kind != Kind::Audio || !demand.flows || *step == demand.lowest());
        }
    }

    /// The first step in the order of importance that differs is one that more room gained.
    #[test]
    fn more_room_never_gives_less(demands in demands(), less in 0u64..6_000_000, more in 0u64..3_000_000) {
        let held = vec![Step::OFF; demands.len()];
        let divide = |total| share(&demands, &held, Room { total, gains: Some(total) });
        let (poor, rich) = (divide(less), divide(less + more));
        let first = order(&demands).into_iter().find_map(|(index, offer)| {
            let has = |steps: &[Step]| steps[index] >= Step::of(offer);
            (has(&poor) != has(&rich)).then(|| has(&rich))
        });
        prop_assert_ne!(first, Some(false));
    }

    /// Equals differ by one step at most.
    #[test]
    fn equals_are_served_alike(count in 2u32..10, total in 0u64..20_000_000) {
        let demands: Vec<Demand<u32>> = (0..count).map(camera).collect();
        let steps = share(&demands, &vec![Step::OFF; demands.len()], Room { total, gains: Some(total) });
        let offers = |step: Option<&Step>| step.and_then(|step| step.offer()).map_or(0, |offer| offer + 1);
        prop_assert!(offers(steps.iter().max()) - offers(steps.iter().min()) <= 1);
    }

    /// An estimate that swings by a tenth around what the network bears does not make the pictures swing.
    #[test]
    fn a_steady_network_gives_a_steady_picture(demands in demands(), kbps in 50u64..6000, seed in any::<u64>()) {
        let mut seed = seed;
        let falls = most_falls(&demands, 600, |_| kbps * 10 * (90 + noise(&mut seed) % 21));
        prop_assert!(falls <= 4, "{falls}");
    }

    /// The same for one that swings within twelve seconds, for two minutes; slower swings are news.
    #[test]
    fn a_swing_is_followed_less_and_less(demands in demands(), kbps in 50u64..6000, period in 10u32..120) {
        let falls = most_falls(&demands, 1200, |tick| {
            let wave = (f64::from(tick) / f64::from(period) * std::f64::consts::TAU).sin();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "about a hundred")]
            let percent = (100.0 + 10.0 * wave) as u64;
            kbps * 10 * percent
        });
        prop_assert!(falls <= 12, "{falls}");
    }

    /// Every evaluation: what is given fits or is sound alone, a falling estimate is obeyed at once, every change has the
    /// reason that it names, and without news only steps up are made.
    #[test]
    fn every_change_has_its_reason(
        walk in prop::collection::vec((demands(), 20u64..5000, 1u64..20), 1..20),
    ) {
        let mut allocator = Allocator::new();
        let mut now = start();
        for (demands, kbps, ticks) in walk {
            for _ in 0..ticks {
                now += Duration::from_millis(200);
                allocator.estimate(now, kbps * 1000);
                let before = allocator.given.clone();
                let changes = allocator.evaluate(now, &demands);
                prop_assert!(allocator.given_bps() <= (kbps * 1000).max(sound_of(&demands)));
                for change in &changes {
                    explain(change, &before, &demands, kbps * 1000)?;
                }
                let again = allocator.evaluate(now, &demands);
                let gained = again.iter().any(|change| change.why == Why::Room);
                prop_assert!(again.is_empty() || gained, "{again:?}");
            }
        }
    }
}

fn explain(
    change: &Change<u32>,
    before: &BTreeMap<u32, Given>,
    demands: &[Demand<u32>],
    estimate: u64,
) -> Result<(), TestCaseError> {
    let demand = demands.iter().find(|demand| demand.track == change.track && demand.flows);
    prop_assert_eq!(before.get(&change.track).and_then(|given| given.encoding), change.from);
    let Some(demand) = demand else {
        prop_assert_eq!((change.to, change.why), (None, Why::Paused));
        return Ok(());
    };
    let offered = |encoding: Option<u8>| demand.offers.iter().any(|offer| Some(offer.encoding) == encoding);
    match change.why {
        Why::Congested => {
            let needed: u64 = demands
                .iter()
                .map(|demand| match before.get(&demand.track) {
                    _ if demand.kind == Kind::Audio => demand.bps(demand.lowest()),
                    None => demand.bps(demand.lowest()),
                    Some(given) => {
                        given.encoding.map_or(0, |encoding| demand.bps(demand.step_at_most(encoding)))
                    }
                })
                .sum();
            prop_assert!(needed > estimate && change.to < change.from);
        }
        Why::Dried => prop_assert!(!offered(change.from) && change.to < change.from),
        Why::Outranked => {
            let others =
                demands.iter().filter(|other| other.kind != Kind::Audio && other.track != change.track);
            prop_assert!(others.count() > 0 && change.to < change.from);
        }
        Why::Paused => prop_assert!(false, "it flows"),
        Why::Room => prop_assert!(change.to > change.from),
        Why::Smaller => prop_assert_eq!(demand.encoding(cap(demand)), change.to),
    }
    Ok(())
}

/// How often the network took a step from the picture that it took most from, after the first ten seconds.
fn most_falls(demands: &[Demand<u32>], ticks: u32, mut estimate: impl FnMut(u32) -> u64) -> u32 {
    let mut allocator = Allocator::new();
    let mut now = start();
    let mut falls = BTreeMap::<u32, u32>::new();
    for tick in 0..ticks {
        now += Duration::from_millis(100);
        allocator.estimate(now, estimate(tick));
        let changes = allocator.evaluate(now, demands);
        for change in changes.iter().filter(|change| change.why == Why::Congested && tick > 100) {
            *falls.entry(change.track).or_default() += 1;
        }
    }
    falls.into_values().max().unwrap_or(0)
}

/// The next of a series of numbers without order (xorshift).
fn noise(state: &mut u64) -> u64 {
    *state |= 1;
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state >> 20
}
