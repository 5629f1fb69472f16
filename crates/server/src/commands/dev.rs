//! `offhook dev`: a server to try things out, with nothing to configure.
use std::{
    env, fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    process,
    sync::{Arc, OnceLock},
};

use anyhow::{Context as _, bail};
use offhook_signaling::{Request, UpdateUser};
use offhook_types::{Account, AppId, Opaque, Party, UserId};
use tokio_util::sync::CancellationToken;

use super::{dev_keys, dev_pages, dev_pushes, serve, token};
use crate::{
    cli::DevArgs,
    config::{App, CallRules, Config, LoginPolicy, Media, PushRules, RoomRules, Store, Turn},
    handler::Control,
    logging,
    node::{Node, Office},
    pushes::DevOffice,
};

/// The one app of a `dev` server.
pub(super) const APP: AppId = AppId(1);

/// Serves until stopped.
///
/// # Errors
/// What keeps the server from starting, or what it died of.
pub(crate) fn run(args: &DevArgs) -> anyhow::Result<()> {
    let address: SocketAddr =
        args.listen.parse().context("--listen is an address with a port, like 127.0.0.1:7400")?;
    if !address.ip().is_loopback() {
        bail!("`offhook dev` gives tokens to whoever asks, so it listens on loopback addresses only");
    }
    let scratch = Scratch::new(args.folder.clone())?;
    let config = Arc::new(configuration(args, &scratch, address)?);
    logging::start(&config.server)?;
    serve::runtime(config.server.worker_threads)?.block_on(async {
        let (office, node) = open(&config).await?;
        for name in &args.users {
            register(node.control(), name).await?;
        }
        greet(&config, &node, args)?;
        let stop = CancellationToken::new();
        tokio::spawn(serve::cancel_on_signal(stop.clone()));
        let pages = dev_pages::router(Arc::clone(&config), (&node, Arc::clone(&office)), &args.users)?;
        let pages = pages.merge(dev_pushes::router(node.control(), office));
        node.run(pages, stop).await
    })
}

/// Opens the node, with a vendor of pushes that shows all of them.
async fn open(config: &Config) -> anyhow::Result<(Arc<DevOffice>, Node)> {
    let made = Arc::new(OnceLock::new());
    let keep = Arc::clone(&made);
    let office: Office = Box::new(move |clock| {
        let office = Arc::new(DevOffice::new(Arc::clone(clock)));
        Arc::clone(keep.get_or_init(|| office))
    });
    let node = Node::open_with(config, Some(office)).await?;
    let office = made.get().context("a node that opened has its vendor")?;
    Ok((Arc::clone(office), node))
}

/// The folder of the store; removed at the end if nobody asked to keep it.
struct Scratch {
    folder: PathBuf,
    is_ours: bool,
}

impl Scratch {
    fn new(kept: Option<PathBuf>) -> anyhow::Result<Self> {
        let is_ours = kept.is_none();
        let folder = kept.unwrap_or_else(|| env::temp_dir().join(format!("offhook-dev-{}", process::id())));
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(Self { folder, is_ours })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.is_ours {
            // A folder that cannot be removed lies in the system's temporary place and harms nobody.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

fn configuration(args: &DevArgs, scratch: &Scratch, address: SocketAddr) -> anyhow::Result<Config> {
    let mut config = Config::default();
    config.server.listen.clone_from(&args.listen);
    config.server.metrics_listen = String::new();
    config.server.drain_s = 1;
    config.server.log = "warn".into();
    config.media = media(address, args.media_ip);
    config.turn = turn(args)?;
    config.store = Store { folder: scratch.folder.join("store"), ..Store::default() };
    if let Some(database) = &args.database {
        config.store.url.clone_from(database);
        config.cluster.nats.clone_from(&args.nats);
        config.cluster.node.clone_from(&args.node);
        config.push.secret_file = scratch.folder.join("secret");
    }
    config.apps = vec![App {
        id: APP.0,
        origins: vec!["*".into()],
        login: LoginPolicy::Multi,
        token04_secret: String::new(),
        tokens_valid_after: 0,
        calls: CallRules::default(),
        rooms: RoomRules { open: true, ..RoomRules::default() },
        pushes: PushRules::default(),
        push: Vec::new(),
        keys: if scratch.is_ours { dev_keys::fresh()? } else { dev_keys::kept_in(&scratch.folder)? },
    }];
    Ok(config)
}

/// Media ten ports above the listener, or at any port where the listener takes any. At every address unless one is chosen:
/// Firefox has no addresses of loopback, and pairs none of ours there with what it has.
fn media(listener: SocketAddr, chosen: Option<IpAddr>) -> Media {
    let port = match listener.port() {
        0 => 0,
        port => port.checked_add(10).unwrap_or(0),
    };
    let every = match listener {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let address = SocketAddr::new(chosen.unwrap_or(every), port).to_string();
    Media { enabled: true, tcp: vec![address.clone()], udp: vec![address], ..Media::default() }
}

#[expect(clippy::disallowed_methods, reason = "the environment is read in this crate")]
fn turn(args: &DevArgs) -> anyhow::Result<Turn> {
    if args.turn.is_empty() {
        return Ok(Turn::default());
    }
    let secret =
        env::var("OFFHOOK_TURN_SECRET").context("--turn needs the servers' secret in OFFHOOK_TURN_SECRET")?;
    Ok(Turn { secret, urls: args.turn.clone(), ..Turn::default() })
}

/// Lets a user be called before they ever connected.
pub(super) async fn register(control: &Control, name: &str) -> anyhow::Result<()> {
    let user = UserId::new(name).with_context(|| format!("{name:?} is not a user's id"))?;
    let party = Party { account: Account::new(APP, user), device: None };
    let update = UpdateUser { avatar_url: None, extended_data: None, name: Some(Opaque::new(name)) };
    let registered = control.execute(&party, Request::UpdateUser(update)).await;
    registered.map_err(|problem| anyhow::anyhow!("cannot register {name}: {}", problem.message))?;
    Ok(())
}

fn greet(config: &Config, node: &Node, args: &DevArgs) -> anyhow::Result<()> {
    let address = node.address()?;
    println!("Offhook is ready. Open two of these and call:\n");
    for user in &args.users {
        println!("  {user:<10} http://{address}/u/{user}");
    }
    println!("\nOr in two terminals:\n");
    let server =
        if args.listen == "127.0.0.1:7400" { String::new() } else { format!(" --server http://{address}") };
    println!("  offhook listen --user bob{server}");
    println!("  offhook call --user alice --to bob{server}");
    println!(
        "\nFor your own client: connect to ws://{address}/v1/ws with one of these tokens (app {APP}, valid for a day):\n"
    );
    for user in &args.users {
        let id = UserId::new(user).context("checked before")?;
        println!("  {user:<10} {}", token::for_user(config, APP, id, Some(24 * 3_600))?);
    }
    let back_end = token::for_back_end(config, APP, None)?;
    println!(
        "\nFor your back end: http://{address}/v1/openapi.json, with this token (valid for five minutes):\n"
    );
    println!("  {back_end}\n");
    println!("Media comes in at {}.", node.media_addresses().join(", "));
    match (&args.folder, &args.database) {
        (Some(folder), Some(_)) => println!(
            "Calls are kept in the database, keys in {}. Any other node of it serves them too. Stop with Ctrl-C.",
            folder.display()
        ),
        (Some(folder), None) => {
            println!("Calls and keys are kept in {}. Stop with Ctrl-C.", folder.display())
        }
        (None, _) => {
            println!("Calls, keys and tokens die with this server; --folder keeps them. Stop with Ctrl-C.")
        }
    }
    Ok(())
}
