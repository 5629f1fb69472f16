//! Devices that log in and stay: each sends its heartbeats and listens, no more.
use std::{collections::BTreeMap, time::Duration};

use anyhow::Result;
use futures_util::{StreamExt as _, stream};
use tokio::{task::JoinSet, time};

use crate::{
    arguments, clock,
    device::Device,
    drive::LOGINS_AT_ONCE,
    failure::Failure,
    process::Processes,
    report::{Idle, Report},
    target::{self, Target},
    wire::Heard,
};

/// Runs `offhook-load idle`.
pub(crate) async fn hold(idle: &arguments::Idle) -> Result<Report> {
    target::make_room_for(idle.users)?;
    let server = idle.target.pid.map(Processes::of).transpose()?;
    let target = Target::new(&idle.target)?;
    let cpu = || server.as_ref().map(Processes::cpu).unwrap_or_default();
    let memory = || server.as_ref().map(Processes::memory);

    let (began, cpu_at_first, memory_before) = (clock::now(), cpu(), memory());
    let (mut staying, failed) = log_in(&target, idle.users).await;
    let (in_at, cpu_when_in, users) = (clock::now(), cpu(), staying.len());
    time::sleep(idle.hold).await;
    let (held, cpu_at_last, memory_after) = (in_at.elapsed(), cpu(), memory());
    let mut lost = 0;
    while staying.try_join_next().is_some() {
        lost += 1;
    }
    Ok(Report::Idle(Idle {
        failed,
        held: (held, cpu_at_last.since(cpu_when_in)),
        lost,
        logins: (in_at.saturating_duration_since(began), cpu_when_in.since(cpu_at_first)),
        memory: memory_before.zip(memory_after),
        users: u64::try_from(users).unwrap_or(u64::MAX),
    }))
}

/// Logs so many users in. Returns those who are in, each in a task that ends only when the connection does, and why
/// others are not.
async fn log_in(target: &Target, users: u32) -> (JoinSet<Failure>, BTreeMap<String, u64>) {
    let (mut staying, mut failed) = (JoinSet::new(), BTreeMap::new());
    let logins = stream::iter(0..users).map(|number| Device::log_in(target, number));
    let mut logins = logins.buffer_unordered(LOGINS_AT_ONCE);
    while let Some(outcome) = logins.next().await {
        match outcome {
            Ok(device) => {
                staying.spawn(stay(device));
            }
            Err(failure) => *failed.entry(failure.to_string()).or_default() += 1,
        }
    }
    (staying, failed)
}

/// Listens and sends heartbeats; returns why that came to an end.
async fn stay(mut device: Device) -> Failure {
    let mut beat = time::interval(Duration::from_millis(device.welcome.heartbeat_ms.max(1)));
    beat.tick().await; // The first tick is at once.
    loop {
        let outcome = tokio::select! {
            frame = device.hear() => frame.and_then(|frame| Heard::read(&frame).map(|_| ())),
            _ = beat.tick() => device.beat().await,
        };
        if let Err(failure) = outcome {
            return failure;
        }
    }
}
