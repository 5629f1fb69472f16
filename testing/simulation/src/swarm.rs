//! What a seed draws: who is there, under which rules, and which faults are on. A world in which everything breaks at
//! once hides what breaks when little does, so each seed turns a part of the faults on.
use std::time::Duration;

use offhook_call::{EndPolicy, JoinPolicy, LateCancel};
use offhook_call_control::{AppPolicy, BusyPolicy, GlarePolicy};
use offhook_types::{Account, AppId, DeviceId, Party, UserId};

use crate::{pushes::PushPlan, random::Random};

/// The world of one seed.
pub(crate) struct Plan {
    pub(crate) faults: Faults,
    /// For how long things break, in milliseconds.
    pub(crate) breaking_ms: u64,
    /// Every device there is.
    pub(crate) parties: Vec<Party>,
    /// The rules of app 1 and app 2.
    pub(crate) policies: [AppPolicy; 2],
    /// How long a user waits between two acts, at most, in milliseconds.
    pub(crate) pace_ms: u64,
    /// The pushes, where there are any.
    pub(crate) pushes: Option<PushPlan>,
}

/// Which faults are on.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent switch of the swarm")]
pub(crate) struct Faults {
    pub(crate) async_store: bool,
    pub(crate) clock_skew: bool,
    pub(crate) device_crash: bool,
    pub(crate) half_open: bool,
    pub(crate) late_timers: bool,
    pub(crate) link_loss: bool,
    pub(crate) lost_hints: bool,
    pub(crate) new_epoch: bool,
    pub(crate) server_crash: bool,
    pub(crate) server_drain: bool,
    pub(crate) short_log: bool,
    pub(crate) short_tokens: bool,
    pub(crate) slow_reader: bool,
    pub(crate) slow_store: bool,
    pub(crate) stall: bool,
    pub(crate) store_down: bool,
    pub(crate) store_errors: bool,
    pub(crate) suspend: bool,
}

impl Plan {
    pub(crate) fn draw(random: &mut Random) -> Self {
        let faults = Faults::draw(random);
        let policies = [policy(random), policy(random)];
        let apps = if random.percent(20) { 2 } else { 1 };
        let users = random.between(2, if apps == 2 { 3 } else { 5 });
        let mut parties = Vec::new();
        for app in 1..=apps {
            for user in 0..users {
                for device in 0..*random.pick(&[1, 1, 1, 1, 2, 3]) {
                    parties.push(party(app, user, device));
                }
            }
        }
        let longest = if random.percent(10) { 120 } else { 60 };
        let breaking_ms = random.between(30, longest) * 1_000;
        let pace_ms = *random.pick(&[2_000, 6_000, 15_000]);
        Self { faults, breaking_ms, parties, policies, pace_ms, pushes: PushPlan::draw(random) }
    }
}

impl Faults {
    fn draw(random: &mut Random) -> Self {
        // Some worlds break often, some hardly, some not at all: those show that quiet worlds are quiet.
        let chance = *random.pick(&[0, 15, 15, 30, 50]);
        let mut on = || random.percent(chance);
        Self {
            clock_skew: on(),
            device_crash: on(),
            half_open: on(),
            late_timers: on(),
            link_loss: on(),
            lost_hints: on(),
            new_epoch: on(),
            server_crash: on(),
            server_drain: on(),
            short_log: on(),
            short_tokens: on(),
            slow_reader: on(),
            slow_store: on(),
            stall: on(),
            store_down: on(),
            store_errors: on(),
            suspend: on(),
            async_store: random.percent(60),
        }
    }

    /// How long one pause of the store may take.
    pub(crate) fn longest_pause(&self) -> Duration {
        Duration::from_millis(if self.slow_store { 1_000 } else { 4 })
    }

    /// Whether timers are at home: nothing makes the server miss a deadline.
    pub(crate) fn let_timers_be(&self) -> bool {
        !(self.late_timers
            || self.server_crash
            || self.server_drain
            || self.slow_store
            || self.store_down
            || self.store_errors)
    }
}

fn policy(random: &mut Random) -> AppPolicy {
    let mut policy = AppPolicy {
        busy: *random.pick(&[BusyPolicy::Ring, BusyPolicy::Ring, BusyPolicy::Reject, BusyPolicy::Waiting]),
        glare: *random.pick(&[GlarePolicy::Off, GlarePolicy::Merge]),
        ..AppPolicy::default()
    };
    policy.caller_lease = Duration::from_secs(*random.pick(&[30, 30, 5]));
    let call = &mut policy.call;
    call.grace = Duration::from_millis(*random.pick(&[0, 0, 2_000]));
    call.late_cancel = *random.pick(&[LateCancel::Refuse, LateCancel::End]);
    call.end = EndPolicy { caller_leaves: random.percent(30), last_one_left: random.percent(30) };
    call.join = *random.pick(&[JoinPolicy::Anyone, JoinPolicy::Invited]);
    if random.percent(20) {
        call.not_received_check = Some(Duration::from_secs(5));
    }
    if random.percent(20) {
        call.max_age = Duration::from_secs(random.between(10, 60));
    }
    policy
}

fn party(app: u32, user: u64, device: u64) -> Party {
    // The users of both apps have the same names, and so have their devices.
    let id = UserId::new(format!("user{user}")).expect("a short name");
    let device = DeviceId::new(format!("user{user}-{device}")).expect("a short name");
    Party { account: Account::new(AppId(app), id), device: Some(device) }
}
