//! What the command line says.
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::media;

/// The whole command line.
#[derive(Parser)]
#[command(name = "offhook-load", about = "Places calls on a running server and reports what they cost")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) mode: Mode,
}

/// What kind of load.
#[derive(Subcommand)]
pub(crate) enum Mode {
    /// Calls back to back, one at a time for each pair: the most that the server takes.
    Closed(Closed),
    /// Calls that are placed and accepted and then go on, without anybody connected.
    Hold(Hold),
    /// Devices that log in and stay: the memory that each takes.
    Idle(Idle),
    /// Rooms whose publishers send to their subscribers: packets, delay, and the CPU that a packet takes.
    Media(media::Arguments),
    /// Serves rooms without anything else, to be measured by `media`. Speaks JSON lines.
    #[command(hide = true)]
    MediaNode(media::NodeArguments),
    /// Calls at a fixed rate: latencies, and the CPU that a call takes.
    Open(Open),
}

/// The server, and who the tool is to it.
#[derive(Args)]
pub(crate) struct Target {
    /// Where clients connect: `ws://127.0.0.1:7400/v1/ws`. The tool speaks no TLS. Given for each of several nodes, devices go
    /// to them in turn: of two, callers to the first and callees to the second.
    #[arg(long, required = true)]
    pub(crate) url: Vec<String>,
    /// The app whose users call.
    #[arg(long)]
    pub(crate) app: u32,
    /// The id of the app's key for users' tokens.
    #[arg(long)]
    pub(crate) key: String,
    /// That key's secret (HS256), in base64url. Every process of the machine can read it: use a key made for the run.
    #[arg(long)]
    pub(crate) secret: String,
    /// The server's process, for its CPU and memory; those that it started count with it. Without, no such figures.
    #[arg(long)]
    pub(crate) pid: Option<u32>,
    /// Print one JSON object in one line instead of a text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The calls.
#[derive(Args)]
pub(crate) struct Calls {
    /// How many pairs of a caller and a callee there are.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) pairs: u32,
    /// How long to measure, in seconds.
    #[arg(long, default_value = "8", value_parser = seconds)]
    pub(crate) secs: Duration,
    /// How long to call before measuring, in seconds.
    #[arg(long, default_value = "2", value_parser = seconds)]
    pub(crate) warm: Duration,
    /// After how long a call that is not through has failed, in seconds.
    #[arg(long, default_value = "10", value_parser = seconds)]
    pub(crate) timeout: Duration,
    /// Bytes of extended data in each invite.
    #[arg(long, default_value_t = 200)]
    pub(crate) data_bytes: usize,
    /// The callee tells that it rings before it accepts, as the SDKs do: one more request and one more event per call.
    #[arg(long)]
    pub(crate) acknowledge: bool,
    /// A process whose CPU is told apart, as `NAME=PID`, with those that it started; may be given for each of several. Names
    /// are other than `sum`.
    #[arg(long, value_parser = part)]
    pub(crate) part: Vec<(String, u32)>,
}

/// `offhook-load closed`.
#[derive(Args)]
pub(crate) struct Closed {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) calls: Calls,
}

/// `offhook-load open`.
#[derive(Args)]
pub(crate) struct Open {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) calls: Calls,
    /// Calls a second.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate: u32,
}

/// `offhook-load hold`.
#[derive(Args)]
pub(crate) struct Hold {
    #[command(flatten)]
    pub(crate) target: Target,
    /// How many calls, each of two users of its own.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) calls: u32,
    /// Bytes of extended data in each invite.
    #[arg(long, default_value_t = 200)]
    pub(crate) data_bytes: usize,
}

/// `offhook-load idle`.
#[derive(Args)]
pub(crate) struct Idle {
    #[command(flatten)]
    pub(crate) target: Target,
    /// How many devices, each of a user of its own.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) users: u32,
    /// How long they stay before the memory is read, in seconds. Longer than the server's heartbeat, every device has
    /// sent one by then.
    #[arg(long, default_value = "12", value_parser = seconds)]
    pub(crate) hold: Duration,
}

/// Reads the name of a part and its process.
fn part(text: &str) -> Result<(String, u32), String> {
    let (name, pid) = text.split_once('=').ok_or("not of the form NAME=PID")?;
    if name.is_empty() || name == "sum" {
        return Err("a part needs a name, other than `sum`".to_owned());
    }
    Ok((name.to_owned(), pid.parse().map_err(|_| "not the number of a process")?))
}

/// Reads seconds with a fraction.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|_| "not a duration".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_a_name_and_a_process() {
        assert_eq!(part("node-1=42"), Ok(("node-1".to_owned(), 42)));
        for text in ["node-1", "=42", "sum=42", "node-1=", "node-1=-4"] {
            assert!(part(text).is_err(), "{text}");
        }
    }
}
