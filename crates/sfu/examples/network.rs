//! Prints what viewers on bad networks get: the table of docs/performance.md, "Media on bad networks". Everything is played
//! in virtual time; no socket is opened. With a part of a network's name, only that one is played, and told in full.
#[path = "../tests/network/link.rs"]
mod link;
#[path = "../tests/network/trial.rs"]
mod trial;
#[path = "../tests/network/world.rs"]
#[expect(dead_code, reason = "the tests hang devices up too")]
mod world;

use trial::{Outcome, TRIALS};

fn main() {
    println!(
        "| network | layer | kbit/s | pictures/s | sound in time | changes in 30 s | smaller after | picture again after | largest again after | beside it: kbit/s | pictures/s | sound |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    let only = std::env::args().nth(1);
    for trial in TRIALS.iter().filter(|trial| only.as_ref().is_none_or(|only| trial.name.contains(only))) {
        let Outcome { bad, good, picture, recovery, story, swings, stepped_down } = trial.play();
        let secs = |time: Option<std::time::Duration>| {
            time.map_or("-".to_owned(), |time| format!("{:.1} s", time.as_secs_f64()))
        };
        println!(
            "| {} | {:?} | {} | {:.1} | {:.1} % | {swings} | {} | {} | {} | {} | {:.1} | {:.1} % |",
            trial.name,
            bad.layer,
            bad.kbps,
            bad.fps,
            bad.audio_percent,
            secs(stepped_down),
            secs(picture),
            secs(recovery),
            good.kbps,
            good.fps,
            good.audio_percent,
        );
        if only.is_some() {
            story.iter().for_each(|(secs, what)| println!("{secs:.1} s: {what}"));
        }
    }
}
