//! `offhook call`: places a call and prints what becomes of it.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the SDK's events may become more; what is new is of no interest here"
)]
use std::time::Duration;

use anyhow::{Context as _, bail};
use offhook_client::{Client, ConnectionState, Event, Events, Invite, Invited};
use offhook_signaling::{CallMode, LegStatus, LegView, MediaKind};
use offhook_types::{CallId, Opaque, UserId};
use tokio::{
    signal,
    time::{self, Instant},
};

use super::{
    timeline::{Line, Timeline, line_of, placed},
    tool,
};
use crate::cli::{CallArgs, ModeArg};

const NEVER: Duration = Duration::from_secs(365 * 24 * 3_600);

/// How far the call has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Ringing,
    Talking,
}

/// A call in the making.
struct Placed {
    args: CallArgs,
    call: CallId,
    client: Client,
    due: Option<Instant>,
    stage: Stage,
    timeline: Timeline,
}

/// Places the call and prints until it is over. Ctrl-C takes it back, or ends it.
///
/// # Errors
/// The user cannot log in, or the call is refused.
pub(crate) async fn run(args: CallArgs) -> anyhow::Result<()> {
    let timeline = Timeline::begin(args.connection.json);
    let (client, mut events) = tool::connect(&args.connection).await?;
    let invite = invite_of(&args)?;
    let view = online_then_invite(&client, &mut events, &timeline, invite).await?;
    let mut watched = Placed {
        due: args.cancel_after.map(after),
        args,
        call: view.call.call,
        client,
        stage: Stage::Ringing,
        timeline,
    };
    watched.watch(&mut events).await?;
    watched.client.close().await;
    Ok(())
}

/// Places the call once the user is online, and prints both.
async fn online_then_invite(
    client: &Client,
    events: &mut Events,
    timeline: &Timeline,
    invite: Invite,
) -> anyhow::Result<Invited> {
    loop {
        let event = events.next().await.context("the client stopped")?;
        if let Some(line) = line_of(&event) {
            timeline.print(line)?;
        }
        match event {
            Event::Connection(ConnectionState::Online { .. }) => break,
            Event::Connection(ConnectionState::Stopped(reason)) => {
                bail!("the server does not let the user in: {reason:?}")
            }
            _ => {}
        }
    }
    let invited = client.invite(invite).await.context("the call is refused")?;
    timeline.print(placed(&invited))?;
    Ok(invited)
}

impl Placed {
    async fn watch(&mut self, events: &mut Events) -> anyhow::Result<()> {
        loop {
            let due = self.due.unwrap_or_else(|| Instant::now() + NEVER);
            tokio::select! {
                event = events.next() => {
                    let Some(event) = event else { return Ok(()) };
                    if let Some(line) = line_of(&event).filter(|_| !self.is_own(&event)) {
                        self.timeline.print(line)?;
                    }
                    match event {
                        Event::CallEnded { call, .. } if call == self.call => return Ok(()),
                        Event::CallChanged { call, changed } if call == self.call => self.changed(&changed).await?,
                        _ => {}
                    }
                }
                () = time::sleep_until(due) => self.stop().await?,
                stopped = signal::ctrl_c() => {
                    stopped.context("signals cannot be heard")?;
                    self.stop().await?;
                }
            }
        }
    }

    /// Whether the event only tells of the call's creation, which has been printed.
    fn is_own(&self, event: &Event) -> bool {
        match event {
            Event::CallCreated(view) => view.call == self.call,
            _ => false,
        }
    }

    /// The first accept turns a ringing call into talk, for which the command line may have plans.
    async fn changed(&mut self, changed: &[LegView]) -> anyhow::Result<()> {
        let me = &self.args.connection.user;
        let accepted = |leg: &LegView| leg.status == LegStatus::Accepted && leg.user.as_str() != me;
        if self.stage == Stage::Talking || !changed.iter().any(accepted) {
            return Ok(());
        }
        self.stage = Stage::Talking;
        self.due = self.args.end_after.map(after);
        if !self.args.add.is_empty() {
            let added = self.client.add(self.call, users(&self.args.add)?).await.map(drop);
            self.did("add", added)?;
        }
        Ok(())
    }

    /// Takes a ringing call back, ends a talk.
    async fn stop(&mut self) -> anyhow::Result<()> {
        self.due = None;
        match self.stage {
            Stage::Ringing => {
                let canceled = self.client.cancel(self.call).await.map(drop);
                self.did("cancel", canceled)
            }
            Stage::Talking => {
                let ended = self.client.end(self.call).await.map(drop);
                self.did("end", ended)
            }
        }
    }

    fn did(&self, action: &str, result: Result<(), offhook_client::Error>) -> anyhow::Result<()> {
        let line = match result {
            Ok(()) => Line::new("did", format!("you {action}")),
            Err(error) => Line::new("failed", format!("you {action}, but {error}")),
        };
        self.timeline.print(line.about(self.call).with("action", action))?;
        Ok(())
    }
}

fn invite_of(args: &CallArgs) -> anyhow::Result<Invite> {
    let mut invite = Invite::new(users(&args.to)?);
    invite.extended_data = Opaque::new(&args.extended_data);
    invite.media = if args.video { MediaKind::Video } else { MediaKind::Audio };
    invite.mode = match args.mode {
        ModeArg::Advanced => CallMode::Advanced,
        ModeArg::General => CallMode::General,
    };
    invite.timeout_s = args.timeout;
    Ok(invite)
}

fn users(names: &[String]) -> anyhow::Result<Vec<UserId>> {
    names
        .iter()
        .map(|name| UserId::new(name).with_context(|| format!("{name:?} is not a user's id")))
        .collect()
}

fn after(seconds: f64) -> Instant {
    Instant::now() + Duration::from_secs_f64(seconds.clamp(0.0, 86_400.0))
}
