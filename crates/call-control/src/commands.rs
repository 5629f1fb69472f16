//! Commands to a call that exists.
use std::{collections::BTreeSet, sync::Arc};

use offhook_bus::Bus;
use offhook_call::{Actor, Call, Command, InviteeProblem, Outcome, Refusal, RejectReason};
use offhook_signaling::{
    CallReply, Cancel, Code, LeftOut, LeftOutCause, Problem, PushConfig, RejectCause, Reply, Request,
};
use offhook_store::{CommitError, Remembered, Store};
use offhook_types::{CallId, Opaque, Party, Timestamp, UserId};

use crate::{
    CallControl, World,
    control::{ATTEMPTS, Decision},
    policy::AppPolicy,
    problem::{self, WithCall},
    pushes::{Cause, check_config},
    view,
};

/// A request to an existing call.
struct Asked {
    call: CallId,
    /// What the answer tells of the call.
    answer: Answer,
    /// What was sent along for pushes.
    push: Option<Box<PushConfig>>,
    wish: Wish,
}

/// What the answer to a request tells of its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// Nothing, because its sender knows all of it.
    Brief,
    /// The call.
    Call,
    /// The call, and the way into its room.
    CallAndRoom,
}

/// What a request asks of an existing call, before the standing of invitees is known.
enum Wish {
    /// A command that needs nothing more.
    Plain(Command),
    /// An invitation of more users.
    Add(Vec<UserId>),
}

impl<S: Store, B: Bus, W: World> CallControl<S, B, W> {
    /// Carries out a command to an existing call.
    pub(crate) async fn command(&self, party: &Party, request: Request) -> Result<Reply, Problem> {
        let policy = self.policy(party.account.app);
        let asked = asked_of(request, &policy)?;
        self.check_push(party, asked.push.as_deref())?;
        self.carry_out(party, &asked).await
    }

    /// Takes invitations back, by the call's id or by the key of the invite.
    pub(crate) async fn cancel(&self, party: &Party, cancel: Cancel) -> Result<Reply, Problem> {
        check_data(&cancel.data, &self.policy(party.account.app))?;
        let id = match (cancel.call, cancel.key) {
            (Some(id), _) => id,
            (None, Some(key)) => {
                let buried = self.store.bury(&party.account, &key, self.world.now()).await;
                match buried.map_err(|error| problem::of_store(&error))? {
                    Some(Remembered::Call { call, .. }) => call,
                    Some(Remembered::Canceled) | None => {
                        return Ok(Reply::Call(CallReply { call: None, left_out: Vec::new(), room: None }));
                    }
                }
            }
            (None, None) => {
                return Err(Problem::new(Code::BadRequest, "name the call, or the key of its invite"));
            }
        };
        let wish = Wish::Plain(Command::Cancel { data: cancel.data, invitees: cancel.invitees });
        self.check_push(party, cancel.push.as_deref())?;
        self.carry_out(party, &Asked { answer: Answer::Call, call: id, push: cancel.push, wish }).await
    }

    /// Checks what is sent along for pushes, where there are any: apps that send it may run where there are none.
    pub(crate) fn check_push(&self, party: &Party, config: Option<&PushConfig>) -> Result<(), Problem> {
        let app = party.account.app;
        check_config(config, |name| {
            name.is_empty() || !self.pushes.is_on(app) || self.pushes.resource(app, name).is_some()
        })
    }

    async fn carry_out(&self, party: &Party, asked: &Asked) -> Result<Reply, Problem> {
        let id = asked.call;
        for _ in 0..ATTEMPTS {
            let Some(call) = self.load(party.account.app, id).await? else {
                return Err(problem::call_not_found());
            };
            let (command, guards) = match &asked.wish {
                Wish::Plain(command) => (command.clone(), Vec::new()),
                Wish::Add(users) => {
                    let standing = self.standing(party, Some(id), users).await?;
                    (Command::Add { invitees: standing.invitees }, standing.guards)
                }
            };
            let now = self.world.now();
            let mut next = Call::clone(&call);
            let outcome = decide(&mut next, now, party, command).map_err(|(refusal, message)| {
                self.tell_rooms_again(&call, &party.account.user);
                problem::of_refusal(refusal, message).with_call(&call, party, now)
            })?;
            let left_out = left_out(outcome.problems);
            if next.seq == call.seq {
                self.tell_rooms_again(&call, &party.account.user);
                return Ok(self.reply(asked.answer, left_out, (&call, party, now)));
            }
            let cause = Cause { config: asked.push.clone(), device: party.device.clone() };
            let decision = Decision { cause, guards, ..Decision::of(call, next, outcome.notices) };
            let next = Arc::clone(&decision.call);
            match self.commit(now, decision).await {
                Ok(()) => return Ok(self.reply(asked.answer, left_out, (&next, party, now))),
                Err(CommitError::Conflict(_) | CommitError::GuardFailed) => {}
                Err(CommitError::Store(error)) => return Err(problem::of_store(&error)),
                Err(CommitError::KeyTaken(_)) => {
                    return Err(problem::internal("a command without key met one"));
                }
            }
        }
        Err(problem::contended())
    }

    fn reply(
        &self,
        answer: Answer,
        left_out: Vec<LeftOut>,
        (call, party, now): (&Call, &Party, Timestamp),
    ) -> Reply {
        let (call, room) = match answer {
            Answer::Brief => (None, None),
            Answer::Call => (Some(view::of_call(call, party, now)), None),
            Answer::CallAndRoom => (Some(view::of_call(call, party, now)), self.pass(call, party, now)),
        };
        Reply::Call(CallReply { call, left_out, room })
    }
}

fn decide(
    call: &mut Call,
    now: Timestamp,
    party: &Party,
    command: Command,
) -> Result<Outcome, (Refusal, String)> {
    let actor = Actor { device: party.device.clone(), user: party.account.user.clone() };
    call.handle(now, &actor, command).map_err(|refusal| (refusal, refusal.to_string()))
}

/// What a request asks for, of which call.
fn asked_of(request: Request, policy: &AppPolicy) -> Result<Asked, Problem> {
    let (call, push, wish) = match request {
        Request::Accept(body) => {
            return Ok(Asked::entering(body.call, Command::Accept { data: checked(body.data, policy)? }));
        }
        Request::Acknowledge(body) => return Ok(Asked::briefly(body.call, Command::AcknowledgeRinging)),
        Request::Add(body) => (body.call, body.push, Wish::Add(without_repeats(body.invitees))),
        Request::End(body) => {
            (body.call, body.push, Wish::Plain(Command::End { data: checked(body.data, policy)? }))
        }
        Request::Ignore(body) => return Ok(Asked::briefly(body.call, Command::Ignore)),
        Request::Join(body) => {
            return Ok(Asked::entering(body.call, Command::Join { data: checked(body.data, policy)? }));
        }
        Request::Quit(body) => {
            (body.call, body.push, Wish::Plain(Command::Quit { data: checked(body.data, policy)? }))
        }
        Request::Reject(body) => {
            let reason = match body.reason {
                RejectCause::Busy => RejectReason::Busy,
                RejectCause::Declined | RejectCause::Unknown(_) => RejectReason::Declined,
            };
            (body.call, None, Wish::Plain(Command::Reject { data: checked(body.data, policy)?, reason }))
        }
        Request::AddCandidate(_)
        | Request::AnswerMedia(_)
        | Request::AskPushKey(_)
        | Request::RegisterDevice(_)
        | Request::UnregisterDevice
        | Request::AskRoomToken(_)
        | Request::Cancel(_)
        | Request::Invite(_)
        | Request::JoinRoom(_)
        | Request::LeaveRoom(_)
        | Request::ListCalls(_)
        | Request::Logout
        | Request::OfferMedia(_)
        | Request::QueryUsers(_)
        | Request::ReadCall(_)
        | Request::ReadRoom(_)
        | Request::RemoveMember(_)
        | Request::RenewToken(_)
        | Request::SendMessage(_)
        | Request::Subscribe(_)
        | Request::UpdateStream(_)
        | Request::UpdateUser(_) => return Err(problem::internal("a request went to the wrong room")),
    };
    Ok(Asked { answer: Answer::Call, call, push, wish })
}

impl Asked {
    fn briefly(call: CallId, command: Command) -> Self {
        Self { answer: Answer::Brief, call, push: None, wish: Wish::Plain(command) }
    }

    fn entering(call: CallId, command: Command) -> Self {
        Self { answer: Answer::CallAndRoom, call, push: None, wish: Wish::Plain(command) }
    }
}

/// Passes on a text that is not too large for the app.
pub(crate) fn checked(data: Opaque, policy: &AppPolicy) -> Result<Opaque, Problem> {
    check_data(&data, policy)?;
    Ok(data)
}

fn check_data(data: &Opaque, policy: &AppPolicy) -> Result<(), Problem> {
    let max = policy.max_data_bytes;
    if data.len() > max {
        return Err(Problem::new(
            Code::TooLarge,
            format!("data has at most {max} bytes; send a reference instead"),
        ));
    }
    Ok(())
}

/// Each user once, in the order of their first mention.
pub(crate) fn without_repeats(users: Vec<UserId>) -> Vec<UserId> {
    let mut seen = BTreeSet::new();
    users.into_iter().filter(|user| seen.insert(user.clone())).collect()
}

pub(crate) fn left_out(problems: Vec<(UserId, InviteeProblem)>) -> Vec<LeftOut> {
    let one = |(user, problem)| {
        let cause = match problem {
            InviteeProblem::AlreadyAccepted => LeftOutCause::AlreadyAccepted,
            InviteeProblem::AlreadyInCall => LeftOutCause::AlreadyInCall,
            InviteeProblem::NotRinging => LeftOutCause::NotRinging,
            InviteeProblem::Unregistered => LeftOutCause::Unregistered,
        };
        LeftOut { cause, user }
    };
    problems.into_iter().map(one).collect()
}
