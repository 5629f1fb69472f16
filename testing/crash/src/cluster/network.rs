//! Hosts of their own on one machine: a network namespace each, joined by a bridge, so that the way between any two can be cut.
//!
//! The driver itself lives in the namespace with the bridge, and reaches everybody always. Where there may be no namespaces, all hosts
//! are the loopback, and no way can be cut.
use std::{
    fs::{self, File},
    net::Ipv4Addr,
    process::{Command, Stdio},
    sync::Arc,
    thread,
};

use anyhow::{Context as _, Result, anyhow, bail};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// How the names of our namespaces begin; the number of the driver's process follows.
const PREFIX: &str = "offhook-crash-";
/// Where the kernel shows namespaces that have names.
const SPACES: &str = "/run/netns";
/// The network inside; no other host hears of it.
const NET: [u8; 3] = [10, 214, 66];
/// A hardware address that nobody has: what is sent there is lost without a word.
const NOBODY: &str = "02:0f:f0:00:00:00";

/// All hosts, joined.
pub(crate) struct Network {
    /// The namespace of the driver; absent on the loopback.
    hub: Option<Arc<Space>>,
}

/// Where servers run that live and die with each other.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) address: Ipv4Addr,
    space: Option<Arc<Space>>,
}

/// A network namespace with a name; gone when dropped.
struct Space {
    file: File,
    name: String,
}

impl Network {
    /// Namespaces if we may have them, else the loopback; then it says why.
    ///
    /// # Errors
    /// There are namespaces, but they cannot be joined.
    pub(crate) fn open() -> Result<(Self, Option<String>)> {
        clear_leftovers();
        let hub = match Space::create("hub") {
            Ok(hub) => Arc::new(hub),
            Err(error) => return Ok((Self { hub: None }, Some(format!("{error:#}")))),
        };
        hub.ip(&["link", "add", "bridge", "type", "bridge"])?;
        hub.ip(&["address", "add", &format!("{}/24", address(1)), "dev", "bridge"])?;
        hub.ip(&["link", "set", "bridge", "up"])?;
        hub.ip(&["link", "set", "lo", "up"])?;
        hub.enter()?; // The driver's first thread, and with it all that it starts.
        Ok((Self { hub: Some(hub) }, None))
    }

    /// A new host; the number is its own, from 2 to 254.
    ///
    /// # Errors
    /// It cannot be made, or not be joined to the others.
    pub(crate) fn host(&self, name: &str, number: u8) -> Result<Host> {
        let Some(hub) = &self.hub else { return Ok(Host { address: Ipv4Addr::LOCALHOST, space: None }) };
        let space = Space::create(name)?;
        hub.ip(&["link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", &space.name])?;
        hub.ip(&["link", "set", name, "master", "bridge", "up"])?;
        space.ip(&["address", "add", &format!("{}/24", address(number)), "dev", "eth0"])?;
        space.ip(&["link", "set", "eth0", "up"])?;
        space.ip(&["link", "set", "lo", "up"])?;
        Ok(Host { address: address(number), space: Some(Arc::new(space)) })
    }
}

impl Host {
    /// Does something on this host: processes started and sockets opened in it are the host's.
    ///
    /// # Errors
    /// The host cannot be entered; or what `work` says.
    pub(crate) fn run<T: Send>(&self, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        let Some(space) = &self.space else { return work() };
        let on_it = || {
            space.enter()?;
            work()
        };
        let done = thread::scope(|scope| scope.spawn(on_it).join());
        done.map_err(|_| anyhow!("what was done on a host panicked"))?
    }

    /// From now on, nothing that this host sends to the other arrives; what comes from there does.
    ///
    /// # Errors
    /// There are no ways to cut.
    pub(crate) fn lose_to(&self, other: &Self) -> Result<()> {
        let to = other.address.to_string();
        self.space()?.ip(&["neigh", "replace", &to, "lladdr", NOBODY, "dev", "eth0", "nud", "permanent"])
    }

    /// Mends what [`lose_to`](Self::lose_to) broke.
    ///
    /// # Errors
    /// It was not broken.
    pub(crate) fn find_to(&self, other: &Self) -> Result<()> {
        self.space()?.ip(&["neigh", "del", &other.address.to_string(), "dev", "eth0"])
    }

    fn space(&self) -> Result<&Space> {
        self.space.as_deref().context("on the loopback nothing can be cut")
    }
}

impl Space {
    fn create(name: &str) -> Result<Self> {
        let name = format!("{PREFIX}{}-{name}", std::process::id());
        ip(&["netns", "add", &name])?;
        let file = File::open(format!("{SPACES}/{name}")).context("a namespace cannot be entered");
        match file {
            Ok(file) => Ok(Self { file, name }),
            Err(error) => {
                let _ = ip(&["netns", "del", &name]); // What went wrong before is told.
                Err(error)
            }
        }
    }

    /// Takes the calling thread, and the threads and processes that it starts, into the namespace.
    fn enter(&self) -> Result<()> {
        use std::os::fd::AsFd as _;
        move_into_link_name_space(self.file.as_fd(), Some(LinkNameSpaceType::Network))
            .context("a namespace cannot be entered")
    }

    fn ip(&self, words: &[&str]) -> Result<()> {
        ip(&[&["-n", self.name.as_str()], words].concat())
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        let _ = ip(&["netns", "del", &self.name]); // The next run clears away what is left.
    }
}

fn address(number: u8) -> Ipv4Addr {
    let [a, b, c] = NET;
    Ipv4Addr::new(a, b, c, number)
}

fn ip(words: &[&str]) -> Result<()> {
    let output = Command::new("ip").args(words).stdin(Stdio::null()).output().context("there is no `ip`")?;
    if !output.status.success() {
        bail!("`ip {}` failed: {}", words.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

/// Removes the namespaces of drivers that were killed.
fn clear_leftovers() {
    let Ok(entries) = fs::read_dir(SPACES) else { return };
    for name in entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()) {
        let owner = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next()?.parse::<u32>().ok());
        if owner.is_some_and(|owner| !fs::exists(format!("/proc/{owner}")).unwrap_or(true)) {
            let _ = ip(&["netns", "del", &name]); // Somebody else may be at it.
        }
    }
}
