//! One file per command.

mod call;
mod check;
mod dev;
mod dev_keys;
mod dev_pages;
mod dev_people;
mod dev_pushes;
mod doctor;
mod join;
mod listen;
mod serve;
mod timeline;
mod token;
mod tool;
mod vapid;

use std::{env, path::Path};

use anyhow::Context as _;

use crate::{
    cli::{Cli, Command, Doctor},
    config::{self, Config},
};

/// Does what the command line asks for.
///
/// # Errors
/// Says what went wrong and what to do.
pub(crate) fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Call(args) => tool::block_on(call::run(*args)),
        Command::CheckConfig(args) => check::run(args.config.as_deref()),
        Command::DefaultConfig => {
            print!("{}", config::DEFAULT);
            Ok(())
        }
        Command::Dev(args) => dev::run(&args),
        Command::Doctor(Doctor::Push(args)) => tool::block_on(doctor::run(&args)),
        Command::Join(args) => tool::block_on(join::run(*args)),
        Command::Listen(args) => tool::block_on(listen::run(*args)),
        Command::Serve(args) => serve::run(args.config.as_deref()),
        Command::Token(args) => token::run(&args),
        Command::Vapid(args) => vapid::run(&args.file),
    }
}

/// The configuration of the file and of this process's environment.
fn configuration(path: Option<&Path>) -> anyhow::Result<Config> {
    config::load(path, env::vars()).context("the server is not configured")
}
