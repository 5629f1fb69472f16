//! The words in which the scenarios are told: `bob@all: Changed [alice, bob]` is a notice to all devices of bob.
use std::time::Duration;

use offhook_call::{
    Actor, Call, Command, Delivery, EndPolicy, Incident, Invitation, Invitee, JoinPolicy, LateCancel, Media,
    Mode, Outcome, Policy, Refusal, RejectReason, Standing,
};
use offhook_types::{AppId, CallId, DeviceId, Opaque, Timestamp, UserId};

pub(crate) use crate::show::{notices, problems, standing_of};

/// A call under test. Alice calls from her phone at second 0 with a ring of 60 s, unless said otherwise.
pub(crate) struct Scene {
    pub(crate) call: Call,
}

#[expect(
    clippy::too_many_arguments,
    reason = "a line of a scenario says when, who, what, and who hears of it"
)]
impl Scene {
    pub(crate) fn start(invitation: Invitation, told: &[&str]) -> Self {
        let (call, outcome) = Call::invite(s(0), invitation).expect("the invitation is in order");
        assert_eq!(notices(&outcome.notices), told);
        assert_eq!(call.seq.0, 1, "a new call is at its first version");
        Self { call }
    }

    /// A call of the general mode that rings `invitees`.
    pub(crate) fn general(invitees: &[&str]) -> Self {
        Self::quiet(invitation(Mode::General, invitees))
    }

    /// A call of the advanced mode that rings `invitees`.
    pub(crate) fn advanced(invitees: &[&str]) -> Self {
        Self::quiet(invitation(Mode::Advanced, invitees))
    }

    /// A call whose first notices another test has compared.
    pub(crate) fn quiet(invitation: Invitation) -> Self {
        Self { call: Call::invite(s(0), invitation).expect("the invitation is in order").0 }
    }

    /// `actor` succeeds, everyone is `told` just this, and the call is one version further.
    pub(crate) fn does(&mut self, at: u64, actor: &str, command: Command, told: &[&str]) {
        let before = self.call.seq;
        let outcome = self.call.handle(s(at), &who(actor), command).expect("the command is in order");
        assert_eq!(notices(&outcome.notices), told);
        assert_eq!(outcome.problems, [], "no named user was left out");
        assert_eq!(self.call.seq, before.next(), "a change is one version");
    }

    /// As [`Scene::does`], with named users to whom the command could not be applied.
    pub(crate) fn does_in_part(
        &mut self,
        at: u64,
        actor: &str,
        command: Command,
        (told, left_out): (&[&str], &[&str]),
    ) {
        let outcome = self.call.handle(s(at), &who(actor), command).expect("the command is in order");
        assert_eq!(notices(&outcome.notices), told);
        assert_eq!(problems(&outcome), left_out);
    }

    /// The command succeeds and changes nothing, not even the version.
    pub(crate) fn repeats(&mut self, at: u64, actor: &str, command: Command) {
        let before = self.call.clone();
        assert_eq!(self.call.handle(s(at), &who(actor), command), Ok(Outcome::default()));
        assert_eq!(self.call, before, "a repeat leaves no trace");
    }

    /// The command is refused and changes nothing.
    pub(crate) fn refuses(&mut self, at: u64, actor: &str, command: Command, refusal: Refusal) {
        let before = self.call.clone();
        assert_eq!(self.call.handle(s(at), &who(actor), command), Err(refusal));
        assert_eq!(self.call, before, "a refusal leaves no trace");
    }

    /// The timer is due exactly at `at`, and `told` is what it brings.
    pub(crate) fn wakes(&mut self, at: u64, told: &[&str]) {
        assert_eq!(self.call.poll_timeout(), Some(s(at)));
        self.serves_timer(at, told);
    }

    /// The timer is served at `at`, perhaps late.
    pub(crate) fn serves_timer(&mut self, at: u64, told: &[&str]) {
        let early = Timestamp::from_millis(self.call.poll_timeout().expect("a deadline").as_millis() - 1);
        let before = self.call.clone();
        assert_eq!(self.call.handle_timeout(early), Outcome::default());
        assert_eq!(self.call, before, "a timer served too early does nothing");
        let outcome = self.call.handle_timeout(s(at));
        assert_eq!(notices(&outcome.notices), told);
        assert_eq!(self.call.seq, before.seq.next(), "a change is one version");
        assert_eq!(self.call.handle_timeout(s(at)), Outcome::default(), "a timer served twice does nothing");
    }

    pub(crate) fn loses_caller(&mut self, at: u64, told: &[&str]) {
        let outcome = self.call.handle_incident(s(at), Incident::CallerLost);
        assert_eq!(notices(&outcome.notices), told);
    }

    pub(crate) fn delivers(&mut self, at: u64, party: &str, (reached, told): (Delivery, &[&str])) {
        let before = self.call.clone();
        let incident = Incident::Delivered { reached, user: user(party) };
        let outcome = self.call.handle_incident(s(at), incident);
        assert_eq!(notices(&outcome.notices), told);
        if told.is_empty() {
            assert_eq!(self.call, before, "what is no news leaves no trace");
        }
    }

    pub(crate) fn loses(&mut self, at: u64, party: &str, told: &[&str]) {
        let before = self.call.clone();
        let outcome = self.call.handle_incident(s(at), Incident::ParticipantLost(who(party)));
        assert_eq!(notices(&outcome.notices), told);
        if told.is_empty() {
            assert_eq!(self.call, before, "a loss that means nothing leaves no trace");
        }
    }

    /// Where everyone stands, and how the call ended.
    pub(crate) fn stands(&self, expected: &str) {
        assert_eq!(standing_of(&self.call), expected);
    }
}

/// A call of the advanced mode: alice and bob talk, carol rings.
pub(crate) fn talk() -> Scene {
    let mut scene = Scene::advanced(&["bob", "carol"]);
    scene.does(
        1,
        "bob/phone",
        accept(),
        &["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
    );
    scene
}

pub(crate) fn s(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_000_000 + seconds * 1000)
}

pub(crate) fn user(name: &str) -> UserId {
    UserId::new(name).expect("a valid user id")
}

pub(crate) fn users(names: &[&str]) -> Vec<UserId> {
    names.iter().map(|name| user(name)).collect()
}

/// `bob/phone` acts on his phone, `bob` through the app's back end.
pub(crate) fn who(text: &str) -> Actor {
    match text.split_once('/') {
        Some((name, device)) => {
            Actor { device: Some(DeviceId::new(device).expect("a valid device id")), user: user(name) }
        }
        None => Actor { device: None, user: user(text) },
    }
}

/// `bob`, `bob:busy`, `bob:waiting` or `bob:unregistered`.
pub(crate) fn invitees(texts: &[&str]) -> Vec<Invitee> {
    texts.iter().map(|text| invitee(text)).collect()
}

fn invitee(text: &str) -> Invitee {
    let (name, standing) = text.split_once(':').unwrap_or((text, "free"));
    let standing = match standing {
        "busy" => Standing::Busy,
        "free" => Standing::Free,
        "unregistered" => Standing::Unregistered,
        "waiting" => Standing::Waiting,
        other => panic!("no such standing: {other}"),
    };
    Invitee { standing, user: user(name) }
}

pub(crate) fn invitation(mode: Mode, named: &[&str]) -> Invitation {
    Invitation {
        app: AppId(1),
        caller: who("alice/phone"),
        extended_data: Opaque::new("hello"),
        id: CallId::from_parts(s(0), [7; 10]),
        invitees: invitees(named),
        media: Media::Video,
        mode,
        policy: Policy::default(),
        timeout: Duration::from_secs(60),
    }
}

/// An advanced call under a policy that `change` derives from the default.
pub(crate) fn advanced_with(named: &[&str], change: impl FnOnce(&mut Policy)) -> Invitation {
    with(Mode::Advanced, named, change)
}

/// A general call under a policy that `change` derives from the default.
pub(crate) fn general_with(named: &[&str], change: impl FnOnce(&mut Policy)) -> Invitation {
    with(Mode::General, named, change)
}

fn with(mode: Mode, named: &[&str], change: impl FnOnce(&mut Policy)) -> Invitation {
    let mut invitation = invitation(mode, named);
    change(&mut invitation.policy);
    invitation
}

pub(crate) fn grace(policy: &mut Policy) {
    policy.grace = Duration::from_secs(5);
}

pub(crate) fn check(policy: &mut Policy) {
    policy.not_received_check = Some(Duration::from_secs(5));
}

pub(crate) fn late_cancel_ends(policy: &mut Policy) {
    policy.late_cancel = LateCancel::End;
}

pub(crate) fn only_invited_join(policy: &mut Policy) {
    policy.join = JoinPolicy::Invited;
}

pub(crate) fn ends_with_caller(policy: &mut Policy) {
    policy.end = EndPolicy { caller_leaves: true, last_one_left: false };
}

pub(crate) fn ends_with_last(policy: &mut Policy) {
    policy.end = EndPolicy { caller_leaves: false, last_one_left: true };
}

pub(crate) fn accept() -> Command {
    Command::Accept { data: Opaque::default() }
}

pub(crate) fn acknowledge() -> Command {
    Command::AcknowledgeRinging
}

pub(crate) fn add(named: &[&str]) -> Command {
    Command::Add { invitees: invitees(named) }
}

pub(crate) fn cancel(named: &[&str]) -> Command {
    Command::Cancel { data: Opaque::new("sorry"), invitees: users(named) }
}

pub(crate) fn end() -> Command {
    Command::End { data: Opaque::new("bye") }
}

pub(crate) fn ignore() -> Command {
    Command::Ignore
}

pub(crate) fn join() -> Command {
    Command::Join { data: Opaque::new("hi") }
}

pub(crate) fn quit() -> Command {
    Command::Quit { data: Opaque::new("off") }
}

pub(crate) fn reject() -> Command {
    Command::Reject { data: Opaque::new("no"), reason: RejectReason::Declined }
}
