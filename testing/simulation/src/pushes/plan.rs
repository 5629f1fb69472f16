//! What a seed draws for the world of pushes.
use crate::random::Random;

/// The pushes of one world, and which of their faults are on.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent switch of the swarm")]
pub(crate) struct PushPlan {
    /// Tokens die, are exchanged, and pass to other users' devices.
    pub(crate) deaths: bool,
    /// The push network delivers twice.
    pub(crate) doubled: bool,
    /// The push network takes its time, beyond the ring too.
    pub(crate) late: bool,
    /// The push network loses.
    pub(crate) lost: bool,
    /// The policy tells of missed calls.
    pub(crate) missed: bool,
    /// The vendor refuses.
    pub(crate) refused: bool,
    /// The policy ends rings by VoIP pushes.
    pub(crate) stop_by_voip: bool,
    /// The vendor gives no answer, whether it took the push or not.
    pub(crate) unknown: bool,
}

impl PushPlan {
    /// Half of the worlds send pushes; so the other half shows as much as before of everything else.
    pub(crate) fn draw(random: &mut Random) -> Option<Self> {
        if !random.percent(50) {
            return None;
        }
        let chance = *random.pick(&[0, 25, 50]);
        let mut on = || random.percent(chance);
        Some(Self {
            deaths: on(),
            doubled: on(),
            late: on(),
            lost: on(),
            refused: on(),
            unknown: on(),
            missed: random.percent(30),
            stop_by_voip: random.percent(20),
        })
    }
}
