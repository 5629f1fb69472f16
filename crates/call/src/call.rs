//! The call itself.
use alloc::{collections::BTreeMap, vec::Vec};
use core::time::Duration;

use offhook_types::{AppId, CallId, CallSeq, Opaque, Timestamp, UserId};

use crate::machine::{Recall, Rejection};
use crate::{Actor, Command, Incident, Invitee, Leg, Outcome, Policy, Refusal, Usage};

/// One call. A plain value: only `merge`, `add_usage` and the `handle*` methods change it, and each change raises `seq` by
/// one.
///
/// ```text
///            general                              advanced
/// invite ──▶ lives                     invite ──▶ lives ◀─┐ add · join · quit
///              │ nobody rings any more              │ └───┘
///              │ taken back                         │ ended · nobody left, nobody rings
///              │ caller lost                        │ taken back · caller lost
///              ▼                                    │ a policy · too old
///            over                                   ▼
///                                                 over
/// ```
///
/// Accepting, rejecting, acknowledging and taking back single invitations belong to the legs ([`LegState`](crate::LegState)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The tenant.
    pub app: AppId,
    /// Who created the call.
    pub caller: UserId,
    /// When it was created.
    pub created_at: Timestamp,
    /// How it ended; `None` while it lives.
    pub end: Option<End>,
    /// What the caller sent with the invitation; the same for users added later.
    pub extended_data: Opaque,
    /// The call's name.
    pub id: CallId,
    /// Each party's part, the caller's included.
    pub legs: BTreeMap<UserId, Leg>,
    /// What the caller wants to send.
    pub media: Media,
    /// When it is over.
    pub mode: Mode,
    /// What goes beyond the specification.
    pub policy: Policy,
    /// The version of this value: 1 at creation.
    pub seq: CallSeq,
    /// How long each invitee rings.
    pub timeout: Duration,
    /// Two calls were merged and one of them was a video call: the parties may be offered to turn on their cameras.
    pub upgrade_offered: bool,
    /// What each user used of the call's media, as far as it is known.
    pub usage: BTreeMap<UserId, Usage>,
}

/// When a call is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// When ended, quit by all, or canceled; users may be added, join and quit (1).
    Advanced,
    /// When every invitee has answered, so that a call of two is over once accepted (0).
    General,
}

/// What kind of call the caller placed. The server only passes it on, and picks the weaker when two calls merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Media {
    /// Sound alone.
    Audio,
    /// Sound and picture.
    Video,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// When.
    pub at: Timestamp,
    /// Who ended it; `None` for timers and policies.
    pub by: Option<UserId>,
    /// Why.
    pub reason: EndReason,
}

/// Why a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// Nobody was left in the call, and nobody rang (advanced).
    AllLeft,
    /// Everybody invited answered, and at least one accepted (general).
    Answered,
    /// The caller left, and the policy ends the call with them.
    CallerLeft,
    /// The caller was lost before anyone accepted.
    CallerLost,
    /// The caller took the call back.
    Canceled,
    /// Everybody who could have accepted has been taken back or turned it down, at least one by rejecting (general).
    Rejected,
    /// A party ended the call for all.
    Ended,
    /// One party was left, and the policy does not let them wait.
    LastOneLeft,
    /// The call reached the age at which it must end.
    MaxAge,
    /// Nobody accepted or rejected in time (general).
    Unanswered,
}

/// What it takes to create a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The tenant.
    pub app: AppId,
    /// Who calls. With a device, that device is told by its reply; without, every device of the caller is told.
    pub caller: Actor,
    /// What the caller sends along.
    pub extended_data: Opaque,
    /// The new call's name.
    pub id: CallId,
    /// Whom to ring, each with what the driver knows of them.
    pub invitees: Vec<Invitee>,
    /// What the caller wants to send.
    pub media: Media,
    /// When the call is over.
    pub mode: Mode,
    /// The app's rules.
    pub policy: Policy,
    /// How long each invitee rings.
    pub timeout: Duration,
}

impl Call {
    /// Creates a call and rings the invitees.
    ///
    /// # Errors
    /// [`Refusal::NoInvitees`], [`Refusal::NobodyRegistered`], [`Refusal::TooManyInvitees`].
    pub fn invite(now: Timestamp, invitation: Invitation) -> Result<(Self, Outcome), Refusal> {
        Self::create(now, invitation)
    }

    /// Lets a party act.
    ///
    /// # Errors
    /// The [`Refusal`] says why the command was turned down; the call is as it was.
    pub fn handle(&mut self, now: Timestamp, actor: &Actor, command: Command) -> Result<Outcome, Refusal> {
        self.check_alive(now)?;
        match command {
            Command::Accept { data } => self.accept(now, actor, data),
            Command::AcknowledgeRinging => self.acknowledge(now, actor),
            Command::Add { invitees } => self.add(now, actor, invitees),
            Command::Cancel { data, invitees } => self.cancel(now, actor, Recall { data, users: invitees }),
            Command::End { data } => self.end_for_all(now, actor, data),
            Command::Ignore => self.ignore(actor),
            Command::Join { data } => self.join(now, actor, data),
            Command::Quit { data } => self.quit(now, actor, data),
            Command::Reject { data, reason } => self.reject(now, actor, Rejection { data, reason }),
        }
    }

    /// Accepts on behalf of a ringing invitee who called the caller back at the same time, with `media`: the two
    /// attempts become this call, with the weaker of both media. Meant for calls of two; in a larger one the others
    /// hear of an acceptance.
    ///
    /// # Errors
    /// Those of [`Command::Accept`].
    pub fn merge(&mut self, now: Timestamp, actor: &Actor, media: Media) -> Result<Outcome, Refusal> {
        self.check_alive(now)?;
        self.accept_merged(now, actor, media)
    }

    /// Lets something befall the call. Once it has no meaning (the call is over, or somebody accepted), nothing happens.
    pub fn handle_incident(&mut self, now: Timestamp, incident: Incident) -> Outcome {
        match incident {
            Incident::CallerLost => self.lose_caller(now),
            Incident::Delivered { reached, user } => self.deliver(&user, reached),
            Incident::ParticipantLost(party) => self.lose_participant(now, &party),
        }
    }

    /// Adds to what users used of the call's media, while it lives or after. Nobody is told. Doing it twice counts twice.
    pub fn add_usage<'a>(&mut self, usage: impl IntoIterator<Item = (&'a UserId, &'a Usage)>) {
        let mut changed = false;
        for (user, more) in usage.into_iter().filter(|(_, more)| **more != Usage::default()) {
            let known = self.usage.get(user).copied().unwrap_or_default();
            self.usage.insert(user.clone(), known.plus(more));
            changed = true;
        }
        if changed {
            self.seq = self.seq.next();
        }
    }

    /// Does what was due at or before `now`: rings that end, checks, the age limit. Doing it late is harmless.
    pub fn handle_timeout(&mut self, now: Timestamp) -> Outcome {
        self.pass_time(now)
    }

    /// When [`Call::handle_timeout`] has something to do next; `None` once the call is over.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.next_deadline()
    }

    /// Whether the call is over. Nothing but [`Call::add_usage`] changes it any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.end.is_some()
    }
}
