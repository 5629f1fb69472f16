//! One call, as its two parties play it. Each party is a script of its own, so that neither waits for what the other is
//! still to read.
use std::time::{Duration, Instant};

use crate::{
    clock,
    device::Device,
    failure::Failure,
    wire::{Heard, Template, Texts},
};

/// Two devices that call each other again and again, always the same one first.
pub(crate) struct Pair {
    pub(crate) callee: Device,
    pub(crate) caller: Device,
    pub(crate) invite: Template,
}

/// How long each step took, from the sending of the request until the other party had the event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steps {
    pub(crate) accept: Duration,
    pub(crate) end: Duration,
    pub(crate) ring: Duration,
}

/// What the caller noted until the accept.
struct Placed {
    accepted: Instant,
    call: String,
    invite_sent: Instant,
}

/// What the caller noted.
struct CallerNotes {
    accepted: Instant,
    call: String,
    end_sent: Instant,
    invite_sent: Instant,
}

/// What the callee noted.
struct CalleeNotes {
    accept_sent: Instant,
    call: String,
    ended: Instant,
    invited: Instant,
}

impl Pair {
    /// Plays one call. After a failure the pair is of no more use: it may hear what is left of the failed call.
    pub(crate) async fn call(&mut self, texts: &Texts, acknowledge: bool) -> Result<Steps, Failure> {
        let Self { callee, caller, invite } = self;
        let (caller, callee) =
            tokio::try_join!(place(caller, invite, texts), answer(callee, texts, acknowledge))?;
        if caller.call != callee.call {
            return Err(Failure::WrongCall);
        }
        Ok(Steps {
            accept: caller.accepted.saturating_duration_since(callee.accept_sent),
            end: callee.ended.saturating_duration_since(caller.end_sent),
            ring: callee.invited.saturating_duration_since(caller.invite_sent),
        })
    }

    /// Places a call and accepts it, and leaves it so.
    pub(crate) async fn hold(&mut self, texts: &Texts) -> Result<(), Failure> {
        let Self { callee, caller, invite } = self;
        let take = async {
            let (call, _) = rung(callee).await?;
            let asked = callee.ask(&texts.accept, &call).await?;
            replied(callee, asked).await
        };
        tokio::try_join!(reach(caller, invite), take).map(|_| ())
    }
}

/// The caller: invites, waits for the accept, ends. Every request's reply is waited for, in whatever order it comes.
async fn place(device: &mut Device, invite: &Template, texts: &Texts) -> Result<CallerNotes, Failure> {
    let Placed { accepted, call, invite_sent } = reach(device, invite).await?;
    let end_sent = clock::now();
    let asked = device.ask(&texts.end, &call).await?;
    replied(device, asked).await?;
    Ok(CallerNotes { accepted, call, end_sent, invite_sent })
}

/// The caller as far as the accept.
async fn reach(device: &mut Device, invite: &Template) -> Result<Placed, Failure> {
    let invite_sent = clock::now();
    let asked = device.ask(invite, "").await?;
    let (mut placed, mut accepted) = (None, None);
    loop {
        let frame = device.hear().await?;
        match Heard::read(&frame)? {
            Heard::Accepted { call } => accepted = Some((call.to_owned(), clock::now())),
            Heard::Reply { id, call: Some(call) } if id == asked => placed = Some(call.to_owned()),
            Heard::Ended { .. } | Heard::Invited { .. } | Heard::Other | Heard::Reply { .. } => {}
        }
        if let (Some(call), Some((accepted_call, at))) = (&placed, &accepted) {
            if call != accepted_call {
                return Err(Failure::WrongCall);
            }
            return Ok(Placed { accepted: *at, call: call.clone(), invite_sent });
        }
    }
}

/// The callee: rings, accepts at once, waits for the end.
async fn answer(device: &mut Device, texts: &Texts, acknowledge: bool) -> Result<CalleeNotes, Failure> {
    let (call, invited) = rung(device).await?;
    let mut waiting = 1_u32;
    let first = if acknowledge {
        waiting += 1;
        Some(device.ask(&texts.acknowledge, &call).await?)
    } else {
        None
    };
    let accept_sent = clock::now();
    let last = device.ask(&texts.accept, &call).await?;
    let mut ended = None;
    loop {
        let frame = device.hear().await?;
        match Heard::read(&frame)? {
            Heard::Ended { call: over } if over == call => ended = Some(clock::now()),
            Heard::Reply { id, .. } if (first.unwrap_or(last)..=last).contains(&id) => waiting -= 1,
            Heard::Accepted { .. }
            | Heard::Ended { .. }
            | Heard::Invited { .. }
            | Heard::Other
            | Heard::Reply { .. } => {}
        }
        if let (Some(ended), 0) = (ended, waiting) {
            return Ok(CalleeNotes { accept_sent, call, ended, invited });
        }
    }
}

/// Waits for an invitation.
async fn rung(device: &mut Device) -> Result<(String, Instant), Failure> {
    loop {
        let frame = device.hear().await?;
        match Heard::read(&frame)? {
            Heard::Invited { call } => return Ok((call.to_owned(), clock::now())),
            Heard::Accepted { .. } | Heard::Ended { .. } | Heard::Other | Heard::Reply { .. } => {}
        }
    }
}

/// Waits for the reply to a request.
async fn replied(device: &mut Device, asked: u64) -> Result<(), Failure> {
    loop {
        let frame = device.hear().await?;
        match Heard::read(&frame)? {
            Heard::Reply { id, .. } if id == asked => return Ok(()),
            Heard::Accepted { .. }
            | Heard::Ended { .. }
            | Heard::Invited { .. }
            | Heard::Other
            | Heard::Reply { .. } => {}
        }
    }
}
