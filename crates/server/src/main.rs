//! The binary `offhook`: configuration, wiring, shutdown, and the tools a person debugs with.
//!
//! This crate alone names adapters. It decides nothing about calls.

mod cli;
mod cluster;
mod commands;
mod config;
mod handler;
mod logging;
mod node;
mod pushes;
mod rooms;
mod world;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;

fn main() -> ExitCode {
    match commands::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line with the whole chain of causes: what went wrong, and why.
            eprintln!("offhook: {error:#}");
            ExitCode::FAILURE
        }
    }
}
