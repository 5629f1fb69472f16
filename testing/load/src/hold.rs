//! Calls that go on without anybody connected: what a server holds beside the calls that are measured.
use std::{collections::BTreeMap, time::Duration};

use anyhow::Result;
use futures_util::{StreamExt as _, stream};

use crate::{
    arguments, clock,
    drive::{LOGINS_AT_ONCE, log_in_pair},
    failure::Failure,
    report::{Hold, Report},
    target::{self, Target},
    wire::Texts,
};

/// How long a call may take until it is accepted.
const LIMIT: Duration = Duration::from_secs(30);

/// Runs `offhook-load hold`.
pub(crate) async fn hold(hold: &arguments::Hold) -> Result<Report> {
    target::make_room_for(u32::try_from(LOGINS_AT_ONCE)?)?;
    let (target, texts) = (Target::new(&hold.target)?, Texts::new());
    let began = clock::now();
    let calls = stream::iter(0..hold.calls).map(|number| {
        let call = place((&target, &texts), number, hold.data_bytes);
        async move { tokio::time::timeout(LIMIT, call).await.unwrap_or(Err(Failure::Timeout)) }
    });
    let mut calls = calls.buffer_unordered(LOGINS_AT_ONCE / 2);
    let (mut held, mut failures) = (0, BTreeMap::new());
    while let Some(outcome) = calls.next().await {
        match outcome {
            Ok(()) => held += 1,
            Err(failure) => *failures.entry(failure.to_string()).or_default() += 1,
        }
    }
    Ok(Report::Hold(Hold { elapsed: began.elapsed(), failures, held }))
}

/// Logs the pair of this number in, and leaves it with a call.
async fn place((target, texts): (&Target, &Texts), number: u32, data_bytes: usize) -> Result<(), Failure> {
    log_in_pair(target, number, data_bytes).await?.hold(texts).await
}
