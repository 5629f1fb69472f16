//! What the tests of all servers ask.
#![allow(dead_code, reason = "each test file uses a part of it")]
use std::{
    fs, thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

/// How long something asynchronous may take until it is seen.
const PATIENCE: Duration = Duration::from_secs(20);

/// Looks until it is so.
#[expect(clippy::disallowed_methods, reason = "patience with real processes is counted in real time")]
pub(crate) fn until(what: &str, mut look: impl FnMut() -> Result<bool>) -> Result<()> {
    let start = Instant::now();
    while !look()? {
        if start.elapsed() > PATIENCE {
            bail!("{what}: not within {} s", PATIENCE.as_secs());
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// The port in a URL whose host is 127.0.0.1.
pub(crate) fn port(url: &str) -> u16 {
    let (_, rest) = url.split_once("127.0.0.1:").expect("the servers listen on loopback");
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().expect("a port")
}

/// Whether a process has been stopped by a signal.
pub(crate) fn is_stopped(process: u32) -> bool {
    let state = fs::read_to_string(format!("/proc/{process}/stat")).expect("the process is there");
    let (_, after_name) = state.rsplit_once(") ").expect("a name in parentheses");
    after_name.starts_with('T')
}
