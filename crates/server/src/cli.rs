//! The command line.
use std::{net::IpAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// The variable from which the tools may take a token, so that it appears in no list of processes. No setting.
pub(crate) const TOKEN_VARIABLE: &str = "OFFHOOK_TOKEN";

/// The open, self-hosted call service: invitations, wake-up pushes and media rooms for your own apps.
#[derive(Debug, Parser)]
#[command(name = "offhook", version, about, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Place a call as a user and print what happens, until it is over.
    Call(Box<CallArgs>),
    /// Check a configuration file and say what is wrong with it.
    CheckConfig(ConfigArgs),
    /// Print the configuration with every default and a sentence for each value.
    DefaultConfig,
    /// Start a server to try things out: random keys, users alice, bob and carol, nothing to configure.
    Dev(DevArgs),
    /// Find out what is wrong, and say what to do.
    #[command(subcommand)]
    Doctor(Doctor),
    /// Take part in a room as a user, without a screen, and print what arrives.
    Join(Box<JoinArgs>),
    /// Log in as a user and print what reaches them, until stopped.
    Listen(Box<ListenArgs>),
    /// Start a server with a configuration file.
    Serve(ConfigArgs),
    /// Mint a token for a user of an app of the configuration, or for its back end.
    Token(TokenArgs),
    /// Make a pair of keys for pushes to browsers.
    Vapid(VapidArgs),
}

/// What can be looked into.
#[derive(Debug, Subcommand)]
pub(crate) enum Doctor {
    /// Try every push credential of a configuration with one harmless send, and say what its vendor thinks of it.
    Push(DoctorArgs),
}

#[derive(Args, Debug)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Only this app's resources.
    #[arg(long)]
    pub(crate) app: Option<u32>,
    /// Only the resource of this name.
    #[arg(long)]
    pub(crate) resource: Option<String>,
    /// A registration token of Firebase to check against; nothing is delivered to it.
    #[arg(long, value_name = "TOKEN")]
    pub(crate) fcm_token: Option<String>,
    /// A file with a browser's subscription, as PushSubscription.toJSON() gives it; it gets a ring that nobody makes.
    #[arg(long, value_name = "FILE")]
    pub(crate) subscription: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct VapidArgs {
    /// The new file for the private half.
    #[arg(long, value_name = "FILE", default_value = "vapid.key")]
    pub(crate) file: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct ConfigArgs {
    /// The configuration file. Without one, the defaults and the environment count.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct DevArgs {
    /// The address to listen on; must be loopback.
    #[arg(long, default_value = "127.0.0.1:7400")]
    pub(crate) listen: String,
    /// Keep calls and keys in this folder; by default they are gone when the server stops.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
    /// The address of this machine at which media comes in, ten ports above the listener; by default each that it has, since
    /// some browsers reach no media on loopback. Nobody gets in without a token.
    #[arg(long, value_name = "IP")]
    pub(crate) media_ip: Option<IpAddr>,
    /// Share this PostgreSQL with other `offhook dev`, like postgres://user:password@127.0.0.1:5432/database. They need the same
    /// --folder, in which their keys lie.
    #[arg(long, value_name = "URL", requires = "folder")]
    pub(crate) database: Option<String>,
    /// Talk to the others through this NATS, like nats://127.0.0.1:4222; by default through the database.
    #[arg(long, value_name = "URL", requires = "database")]
    pub(crate) nats: Vec<String>,
    /// What this one is called among them.
    #[arg(long, value_name = "NAME", requires = "database", default_value = "")]
    pub(crate) node: String,
    /// A TURN server to tell clients of, like turn:127.0.0.1:3478. Its shared secret is in OFFHOOK_TURN_SECRET.
    #[arg(long, value_name = "URL")]
    pub(crate) turn: Vec<String>,
    /// Users to print links and tokens for.
    #[arg(long, value_delimiter = ',', default_value = "alice,bob,carol")]
    pub(crate) users: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct TokenArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// The app.
    #[arg(long)]
    pub(crate) app: u32,
    /// The user; without one, the token is for the app's back end.
    #[arg(long)]
    pub(crate) user: Option<String>,
    /// How long it lives, in seconds; at most a day for users and five minutes for back ends.
    #[arg(long)]
    pub(crate) lifetime_s: Option<u64>,
}

/// How the tools find a server and who they are to it.
#[derive(Args, Clone, Debug)]
pub(crate) struct ConnectionArgs {
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:7400")]
    pub(crate) server: String,
    /// The user to act as.
    #[arg(long)]
    pub(crate) user: String,
    /// The user's token; without one, a server started by `offhook dev` is asked for it.
    #[arg(long, env = TOKEN_VARIABLE, hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// The device to act as; one that is used again resumes nothing but replaces the other.
    #[arg(long)]
    pub(crate) device: Option<String>,
    /// Print one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ListenArgs {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    /// Answer what rings without being asked.
    #[arg(long, value_enum)]
    pub(crate) auto: Option<Auto>,
    /// With `--auto`: how long to let it ring before, in seconds.
    #[arg(long, default_value_t = 0.0, value_name = "SECONDS")]
    pub(crate) after: f64,
    /// With `--auto accept`: leave an accepted call after this long, in seconds.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) quit_after: Option<f64>,
    /// Stop once the first call is over, and fail if it does not ring within a minute.
    #[arg(long)]
    pub(crate) once: bool,
}

#[derive(Args, Debug)]
#[group(id = "place", required = true, multiple = false, args = ["call", "room"])]
pub(crate) struct JoinArgs {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    /// The call whose room it is. Who is invited to it accepts, who is not in it joins it.
    #[arg(long, value_name = "ID")]
    pub(crate) call: Option<String>,
    /// The room, where it is not that of a call.
    #[arg(long, value_name = "ID")]
    pub(crate) room: Option<String>,
    /// Publish these, each as a stream: `test-pattern`, or files of VP8 and Opus (.ivf, .webm, .ogg), over and over.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) publish: Vec<String>,
    /// Record the first stream that arrives: .webm with sound and picture, .ogg with sound alone.
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Leave after this long, in seconds.
    #[arg(long)]
    pub(crate) seconds: Option<f64>,
}

#[derive(Args, Debug)]
pub(crate) struct CallArgs {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    /// Whom to call.
    #[arg(long, value_delimiter = ',', required = true)]
    pub(crate) to: Vec<String>,
    /// Announce video; otherwise the call is audio.
    #[arg(long)]
    pub(crate) video: bool,
    /// When the call is over: `general` when everyone has answered, `advanced` when ended.
    #[arg(long, value_enum, default_value_t = ModeArg::General)]
    pub(crate) mode: ModeArg,
    /// How long it rings, in seconds, 1 to 600.
    #[arg(long, default_value_t = 30)]
    pub(crate) timeout: u32,
    /// Take the call back after this long without an answer, in seconds.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) cancel_after: Option<f64>,
    /// In an advanced call: end it this long after the first accept, in seconds.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) end_after: Option<f64>,
    /// In an advanced call: invite these users after the first accept.
    #[arg(long, value_delimiter = ',')]
    pub(crate) add: Vec<String>,
    /// Text to pass along, at most 2 KiB.
    #[arg(long, default_value = "")]
    pub(crate) extended_data: String,
}

/// What to do with a call that rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Auto {
    Accept,
    Ignore,
    Reject,
}

/// When a call is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeArg {
    Advanced,
    General,
}
