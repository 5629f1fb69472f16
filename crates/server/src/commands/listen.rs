//! `offhook listen`: logs in as a user and prints what reaches them.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the SDK's events may become more; what is new is of no interest here"
)]
use std::{
    io::{self, IsTerminal as _},
    time::Duration,
};

use anyhow::{Context as _, bail};
use offhook_client::{Client, ConnectionState, Event};
use offhook_types::CallId;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    signal, time,
};

use super::{
    timeline::{Line, Timeline, line_of},
    tool,
};
use crate::cli::{Auto, ListenArgs};

/// How long `--once` waits for a ring.
const PATIENCE: Duration = Duration::from_secs(60);
const NEVER: Duration = Duration::from_secs(365 * 24 * 3_600);

/// What to do when time comes.
enum Plan {
    Answer(CallId, Auto),
    GiveUp,
    Quit(CallId),
}

/// Prints until stopped, or until the first call is over.
///
/// # Errors
/// The user cannot log in, is logged out by the server, or nothing rings in time.
pub(crate) async fn run(args: ListenArgs) -> anyhow::Result<()> {
    let timeline = Timeline::begin(args.connection.json);
    let (client, mut events) = tool::connect(&args.connection).await?;
    let mut plan = args.once.then_some((time::Instant::now() + PATIENCE, Plan::GiveUp));
    let mut keyboard = Keyboard::open(&args);
    let mut current = None;
    loop {
        let due = plan.as_ref().map_or_else(|| time::Instant::now() + NEVER, |(at, _)| *at);
        tokio::select! {
            event = events.next() => {
                let Some(event) = event else { return Ok(()) };
                if let Some(line) = line_of(&event) {
                    timeline.print(line)?;
                }
                if let Event::Connection(ConnectionState::Stopped(reason)) = &event {
                    bail!("the session is over: {reason:?}");
                }
                if args.once && let Event::CallEnded { .. } = &event {
                    client.close().await;
                    return Ok(());
                }
                current = current_after(current, &event);
                if keyboard.is_some() && let Event::Incoming(_) = &event {
                    timeline.print(Line::new("hint", "a accepts, r rejects, i silences here, q leaves the call"))?;
                }
                plan = planned(&args, &event).or(plan.filter(|plan| !is_settled_by(plan, &event)));
            }
            () = time::sleep_until(due) => {
                let Some((_, due)) = plan.take() else { continue };
                act(&client, &timeline, due).await?;
            }
            key = read_key(&mut keyboard) => {
                if let Some(plan) = key.zip(current).and_then(|(key, call)| plan_of(key, call)) {
                    act(&client, &timeline, plan).await?;
                }
            }
            stopped = signal::ctrl_c() => {
                stopped.context("signals cannot be heard")?;
                client.close().await;
                return Ok(());
            }
        }
    }
}

/// The lines that a person types; only where there is a person, and nothing answers by itself.
struct Keyboard(tokio::io::Lines<BufReader<tokio::io::Stdin>>);

impl Keyboard {
    fn open(args: &ListenArgs) -> Option<Self> {
        let is_wanted = args.auto.is_none() && !args.connection.json && io::stdin().is_terminal();
        is_wanted.then(|| Self(BufReader::new(tokio::io::stdin()).lines()))
    }
}

/// The first letter of the next line; never, if nobody types.
async fn read_key(keyboard: &mut Option<Keyboard>) -> Option<char> {
    match keyboard {
        None => std::future::pending().await,
        Some(Keyboard(lines)) => match lines.next_line().await {
            Ok(Some(line)) => line.chars().next(),
            Ok(None) | Err(_) => {
                *keyboard = None;
                None
            }
        },
    }
}

fn plan_of(key: char, call: CallId) -> Option<Plan> {
    match key {
        'a' => Some(Plan::Answer(call, Auto::Accept)),
        'i' => Some(Plan::Answer(call, Auto::Ignore)),
        'q' => Some(Plan::Quit(call)),
        'r' => Some(Plan::Answer(call, Auto::Reject)),
        _ => None,
    }
}

/// The call that a typed letter is about: the one that rang last and is not over.
fn current_after(current: Option<CallId>, event: &Event) -> Option<CallId> {
    match event {
        Event::Incoming(view) => Some(view.call),
        Event::CallEnded { call, .. } => current.filter(|current| current != call),
        _ => current,
    }
}

/// What an event asks to be done later, if anything.
fn planned(args: &ListenArgs, event: &Event) -> Option<(time::Instant, Plan)> {
    let after = |seconds: f64| time::Instant::now() + Duration::from_secs_f64(seconds.clamp(0.0, 86_400.0));
    match event {
        Event::Incoming(view) => Some((after(args.after), Plan::Answer(view.call, args.auto?))),
        Event::RingStopped { call, reason, .. }
            if *reason == offhook_client::RingStopReason::AnsweredHere =>
        {
            Some((after(args.quit_after?), Plan::Quit(*call)))
        }
        _ => None,
    }
}

/// Whether an event leaves nothing to do of a plan.
fn is_settled_by((_, plan): &(time::Instant, Plan), event: &Event) -> bool {
    match (plan, event) {
        (Plan::Answer(planned, _), Event::RingStopped { call, .. })
        | (Plan::Answer(planned, _) | Plan::Quit(planned), Event::CallEnded { call, .. }) => planned == call,
        (Plan::GiveUp, Event::Incoming(_)) => true,
        (Plan::Answer(..) | Plan::GiveUp | Plan::Quit(_), _) => false,
    }
}

async fn act(client: &Client, timeline: &Timeline, plan: Plan) -> anyhow::Result<()> {
    let (call, action, result) = match plan {
        Plan::GiveUp => bail!("nothing rang within {} s", PATIENCE.as_secs()),
        Plan::Answer(call, Auto::Accept) => (call, "accept", client.accept(call).await.map(drop)),
        Plan::Answer(call, Auto::Ignore) => (call, "ignore", client.ignore(call).await.map(drop)),
        Plan::Answer(call, Auto::Reject) => (call, "reject", client.reject(call).await.map(drop)),
        Plan::Quit(call) => (call, "quit", client.quit(call).await.map(drop)),
    };
    let line = match result {
        Ok(()) => Line::new("did", format!("you {action}")),
        Err(error) => Line::new("failed", format!("you {action}, but {error}")),
    };
    timeline.print(line.about(call).with("action", action))?;
    Ok(())
}
