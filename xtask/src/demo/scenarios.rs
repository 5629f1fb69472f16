//! The scenarios of `cargo xtask demo --check`: who does what, and the whole list of what each party saw.
use anyhow::Result;

use super::player::Stage;

/// A scenario plays itself with client processes and compares what they saw.
type Scenario = fn(&Stage<'_>) -> Result<()>;

/// All of them, in the order in which a person would try them.
pub(super) fn all() -> Vec<(&'static str, Scenario)> {
    vec![
        ("alice calls bob, who accepts; alice hangs up", accepted),
        ("alice calls bob, who rejects", rejected),
        ("alice calls bob and takes it back", canceled),
        ("alice calls bob, who does not answer", unanswered),
        ("alice calls bob, then adds carol; alice ends the call for all", grown),
        ("alice calls bob, who has two devices", answered_elsewhere),
    ]
}

fn accepted(stage: &Stage<'_>) -> Result<()> {
    let bob = stage.listening("bob", &["--once", "--auto", "accept", "--after", "0.2"])?;
    let alice =
        stage.calling("alice", &["--to", "bob", "--video", "--mode", "advanced", "--end-after", "0.3"])?;
    alice.saw(&[
        "online",
        "placed alice:accepted bob:inviting",
        "changed bob:received",
        "changed bob:accepted",
        "did end",
        "ended ended alice:ended",
    ])?;
    bob.saw(&[
        "online",
        "incoming alice",
        "changed bob:received",
        "did accept",
        "ring_stopped answered_here",
        "changed bob:accepted",
        "ended ended alice:ended",
    ])
}

fn rejected(stage: &Stage<'_>) -> Result<()> {
    let bob = stage.listening("bob", &["--once", "--auto", "reject", "--after", "0.2"])?;
    let alice = stage.calling("alice", &["--to", "bob"])?;
    alice.saw(&[
        "online",
        "placed alice:accepted bob:inviting",
        "changed bob:received",
        "ended rejected bob:rejected",
    ])?;
    bob.saw(&[
        "online",
        "incoming alice",
        "changed bob:received",
        "did reject",
        "ring_stopped declined_here",
        "ended rejected bob:rejected",
    ])
}

fn canceled(stage: &Stage<'_>) -> Result<()> {
    let bob = stage.listening("bob", &["--once"])?;
    let alice = stage.calling("alice", &["--to", "bob", "--cancel-after", "0.3"])?;
    alice.saw(&[
        "online",
        "placed alice:accepted bob:inviting",
        "changed bob:received",
        "did cancel",
        "ended canceled alice:canceled bob:be_canceled",
    ])?;
    bob.saw(&[
        "online",
        "incoming alice",
        "changed bob:received",
        "ring_stopped canceled",
        "ended canceled alice:canceled bob:be_canceled",
    ])
}

fn unanswered(stage: &Stage<'_>) -> Result<()> {
    let bob = stage.listening("bob", &["--once"])?;
    let alice = stage.calling("alice", &["--to", "bob", "--timeout", "1"])?;
    alice.saw(&[
        "online",
        "placed alice:accepted bob:inviting",
        "changed bob:received",
        "ended unanswered bob:timed_out",
    ])?;
    bob.saw(&[
        "online",
        "incoming alice",
        "changed bob:received",
        "ring_stopped unanswered | ring_stopped timed_out",
        "ended unanswered bob:timed_out",
    ])
}

fn grown(stage: &Stage<'_>) -> Result<()> {
    let soon = ["--once", "--auto", "accept", "--after", "0.2"];
    let bob = stage.listening("bob", &soon)?;
    let carol = stage.listening("carol", &soon)?;
    let alice = stage
        .calling("alice", &["--to", "bob", "--mode", "advanced", "--add", "carol", "--end-after", "1"])?;
    alice.saw(&[
        "online",
        "placed alice:accepted bob:inviting",
        "changed bob:received",
        "changed bob:accepted",
        "did add",
        "changed carol:inviting",
        "changed carol:received",
        "changed carol:accepted",
        "did end",
        "ended ended alice:ended",
    ])?;
    carol.saw(&[
        "online",
        "incoming alice",
        "changed carol:received",
        "did accept",
        "ring_stopped answered_here",
        "changed carol:accepted",
        "ended ended alice:ended",
    ])?;
    bob.saw(&[
        "online",
        "incoming alice",
        "changed bob:received",
        "did accept",
        "ring_stopped answered_here",
        "changed bob:accepted",
        "changed carol:inviting",
        "changed carol:received",
        "changed carol:accepted",
        "ended ended alice:ended",
    ])
}

fn answered_elsewhere(stage: &Stage<'_>) -> Result<()> {
    let phone =
        stage.listening("bob", &["--once", "--device", "phone", "--auto", "accept", "--after", "0.2"])?;
    let tablet = stage.listening("bob", &["--once", "--device", "tablet"])?;
    let alice = stage.calling("alice", &["--to", "bob"])?;
    alice.saw(&[
        "online",
        "placed alice:accepted bob:inviting",
        "changed bob:received",
        "ended answered bob:accepted",
    ])?;
    phone.saw(&[
        "online",
        "incoming alice",
        "changed bob:received",
        "did accept",
        "ring_stopped answered_here",
        "ended answered bob:accepted",
    ])?;
    tablet.saw(&[
        "online",
        "incoming alice",
        "changed bob:received",
        "ring_stopped answered_elsewhere",
        "ended answered bob:accepted",
    ])
}
