//! The project's own commands, run as `cargo xtask <command>`.
//!
//! One file per command. Nothing here ships: this crate may read the environment, start programs and install tools
//! under `target/tools`; no other crate may import it.
mod autobahn;
mod bench;
mod cluster;
mod codegen;
mod conform;
mod crash;
mod demo;
mod e2e;
mod push_peers;
mod schemathesis;
mod server;
mod services;
mod shell;
mod simulate;
mod supply;
mod test;
mod tidy;
mod tools;
mod web;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Offhook's own commands")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures calls per second, latencies and memory with the load tool, in a release build.
    Bench(bench::Options),
    /// Starts several nodes on a private PostgreSQL and NATS and prints their addresses; with --check, plays every scenario on them.
    Cluster(cluster::Options),
    /// Writes the generated files anew: the frames' JSON Schema and TypeScript types.
    Codegen(codegen::Options),
    /// Runs foreign conformance suites: Autobahn against the WebSocket, Schemathesis against REST.
    Conform(conform::Options),
    /// Kills a real server again and again and checks that it kept what it had promised.
    Crash(crash::Options),
    /// Builds Offhook and starts it to try things out; with --check, plays every scenario and compares.
    Demo(demo::Options),
    /// Holds both ends of our pushes against independent programs.
    PushPeers,
    /// Starts a private PostgreSQL and a private NATS to try things with; installs them where they are missing.
    Services,
    /// Plays whole worlds of clients, faults and crashes, one per seed.
    Simulate(simulate::Options),
    /// Checks the dependencies: licenses, banned crates, sources.
    Supply,
    /// Runs every check there is, in the order in which CI runs them.
    Test(test::Options),
    /// Checks the architecture: who imports whom, purity, names on the wire, file lengths.
    Tidy,
    /// Builds the demo app from the web SDKs, to be put into the server.
    Web,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Bench(options) => bench::run(&options),
        Command::Cluster(options) => cluster::run(&options),
        Command::Codegen(options) => codegen::run(&options),
        Command::Conform(options) => conform::run(&options),
        Command::Crash(options) => crash::run(&options),
        Command::Demo(options) => demo::run(&options),
        Command::PushPeers => push_peers::run(),
        Command::Services => services::run(),
        Command::Simulate(options) => simulate::run(&options),
        Command::Supply => supply::run(),
        Command::Test(options) => test::run(&options),
        Command::Tidy => tidy::run(),
        Command::Web => web::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}"); // Without the backtrace that returning the error would print.
            ExitCode::FAILURE
        }
    }
}
