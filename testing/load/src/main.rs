//! The load tool: places calls on a running server over the real wire and reports what they cost.
//!
//! One thread plays every device, each over a WebSocket of its own, so both parties of a call share a clock. A call is
//! counted from the invite to the end that the callee hears: invite, the callee has it, accept, the caller has it, end,
//! the callee has it; every reply is waited for. The tool decides nothing about calls and knows no SDK: its frames are
//! written ahead and its ears look for a few words, so that it takes little from the machine it measures. `media` plays
//! rooms instead: see [`media`].
//! docs/performance.md explains the figures.
mod arguments;
mod call;
mod clock;
mod device;
mod drive;
mod failure;
mod histogram;
mod hold;
mod idle;
mod media;
mod process;
mod report;
mod target;
mod wire;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;

use crate::arguments::{Arguments, Mode};

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Measures and prints; whether every call, or every device, went through.
fn run(arguments: &Arguments) -> Result<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (target, report) = match &arguments.mode {
        Mode::Media(media) => return runtime.block_on(media::run(media)),
        Mode::MediaNode(node) => return runtime.block_on(media::serve(node)).map(|()| true),
        Mode::Closed(closed) => (&closed.target, runtime.block_on(drive::closed(closed))?),
        Mode::Hold(hold) => (&hold.target, runtime.block_on(hold::hold(hold))?),
        Mode::Idle(idle) => (&idle.target, runtime.block_on(idle::hold(idle))?),
        Mode::Open(open) => (&open.target, runtime.block_on(drive::open(open))?),
    };
    println!("{}", if target.json { report.json().to_string() } else { report.text() });
    Ok(report.is_clean())
}
