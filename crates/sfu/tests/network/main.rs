//! Media on bad networks, in virtual time. The same trials make the table of docs/performance.md (`cargo xtask bench
//! network`); here stands what must not get worse.
mod link;
mod trial;
mod world;

use std::time::Duration;

use offhook_sfu::{Fact, Layer, LeaveCause};

use link::Weather;
use trial::{Outcome, TRIALS};
use world::World;

fn play(name: &str) -> Outcome {
    let outcome = TRIALS.iter().find(|trial| trial.name == name).expect("a trial of the table").play();
    assert!(
        outcome.good.fps > 24.0 && outcome.good.kbps > 1400 && outcome.good.audio_percent > 99.0,
        "{name}: who has a good network does not notice: {:?}",
        outcome.good
    );
    let picture = outcome.picture.expect("a picture after the network has healed");
    assert!(
        picture < Duration::from_secs(8),
        "{name}: the picture came back after {picture:?}: {:?}",
        outcome.story
    );
    let recovery = outcome.recovery.expect("the largest layer again after the network has healed");
    assert!(
        recovery < Duration::from_secs(12),
        "{name}: whole again after {recovery:?}: {:?}",
        outcome.story
    );
    outcome
}

#[test]
fn on_a_good_network_everything_arrives() {
    let Outcome { bad, swings, .. } = play("good");
    assert_eq!((bad.layer, swings), (Layer::High, 0));
    assert!(bad.fps > 24.0 && bad.audio_percent > 99.0, "{bad:?}");
}

#[test]
fn ten_percent_loss_cost_no_picture() {
    let Outcome { bad, .. } = play("10 % loss");
    assert_eq!(bad.layer, Layer::High);
    assert!(bad.fps > 22.0, "what was lost is sent again: {bad:?}");
    assert!(bad.audio_percent > 85.0, "sound loses what the network loses: {bad:?}");
}

#[test]
fn thirty_percent_loss_leave_the_sound() {
    let Outcome { bad, .. } = play("30 % loss");
    assert!(bad.audio_percent > 62.0, "sound loses what the network loses: {bad:?}");
}

#[test]
fn a_narrow_network_carries_the_sound_and_the_picture_that_fits() {
    let Outcome { bad, picture, stepped_down, .. } = play("300 kbit/s");
    assert!(bad.audio_percent > 95.0, "sound is not given up for pictures: {bad:?}");
    assert!(bad.layer <= Layer::Low && bad.kbps <= 300, "{bad:?}");
    assert!(stepped_down.expect("it must") < Duration::from_secs(3), "{stepped_down:?}");
    assert!(picture.expect("as checked") < Duration::from_secs(8));
}

#[test]
fn a_megabit_carries_the_middle_layer_without_swinging() {
    let Outcome { bad, swings, .. } = play("1,000 kbit/s");
    assert_eq!(bad.layer, Layer::Medium);
    assert!(bad.fps > 23.0 && bad.audio_percent > 97.0 && swings <= 4, "{bad:?}, {swings} changes");
}

#[test]
fn a_long_way_costs_time_alone() {
    let Outcome { bad, .. } = play("200 ms each way");
    assert_eq!(bad.layer, Layer::High);
    assert!(bad.fps > 23.0 && bad.audio_percent > 99.0, "{bad:?}");
}

#[test]
fn packets_that_overtake_each_other_are_not_lost() {
    let Outcome { bad, .. } = play("30 ms jitter");
    assert!(bad.fps > 20.0 && bad.audio_percent > 99.0, "{bad:?}");
}

#[test]
fn who_vanishes_is_let_go() {
    let mut world = World::new();
    world.publisher("alice");
    let bob = world.viewer("bob", Weather::FAIR);
    world.run(Duration::from_secs(5));
    assert_eq!(world.participants(), 2);
    world.devices[bob].down.weather = Weather { loss_percent: 100, ..Weather::FAIR };
    world.devices[bob].up.weather = Weather { loss_percent: 100, ..Weather::FAIR };
    world.hang(bob);
    world.run(Duration::from_secs(60));
    assert_eq!(world.participants(), 1);
    assert!(
        world.facts.iter().any(|fact| matches!(fact, Fact::Left(_, LeaveCause::Lost))),
        "{:?}",
        world.facts
    );
}
