//! Standbys: a second server that follows the first, and may take its place.
use std::{fs, net::Ipv4Addr, time::Duration};

use anyhow::{Context as _, Result, ensure};

use super::{PostgresAddress, PostgresServer, setup};
use crate::{
    folder::{self, Folder},
    port::Port,
    programs, wait,
};

/// How long the first copy may take, in seconds.
const COPY_LIMIT: u32 = 300;
/// How long replication may take to follow a change of settings.
const SETTLE_LIMIT: Duration = Duration::from_secs(30);

impl PostgresServer {
    /// Starts a streaming replica of this server, which reads until it is [promoted](Self::promote). The name, of lower-case letters,
    /// digits and underscores, is what this server knows it by: its application name and its replication slot.
    ///
    /// A slot keeps the log for a standby that is down, without limit.
    ///
    /// # Errors
    /// If this server is down, the name is taken, or the replica does not start.
    pub fn standby(&self, name: &str) -> Result<Self> {
        self.standby_at(name, *self.port.place().ip())
    }

    /// As [`standby`](Self::standby), on another address of this machine, or of the network namespace in which the caller's thread is.
    ///
    /// # Errors
    /// As there.
    pub fn standby_at(&self, name: &str, host: Ipv4Addr) -> Result<Self> {
        let folder = Folder::create("postgres", self.account)?;
        let port = Port::take(host)?;
        let tls = self.authority.is_some();
        let address = PostgresAddress::private(&self.address.password(), port.place(), tls, &self.version);
        let mut standby = Self {
            process: None,
            address,
            authority: self.authority.clone(),
            version: self.version.clone(),
            account: self.account,
            port,
            folder,
        };
        standby.copy(self, name)?;
        standby.run()?;
        Ok(standby)
    }

    /// Makes a server that is down a replica of another, which it was the primary of, or a stranger to. All that it held is gone;
    /// its address stays. The name is as for [`standby`](Self::standby).
    ///
    /// # Errors
    /// If it runs, the other one is down, the name is taken there, or the replica does not start.
    pub fn follow(&mut self, primary: &Self, name: &str) -> Result<()> {
        ensure!(self.process.is_none(), "the server is running");
        folder::give_memory_back(self.folder.path());
        fs::remove_dir_all(self.data()).context("the data of a former server")?;
        self.copy(primary, name)?;
        self.run()
    }

    /// Fills the data folder, which does not exist, with what makes a replica.
    fn copy(&self, primary: &Self, name: &str) -> Result<()> {
        let is_name = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        ensure!(is_name, "a standby's name is made of lower-case letters, digits and underscores");
        let mode = if self.authority.is_some() { "require" } else { "disable" };
        let place = primary.port.place();
        let source = format!(
            "host={} port={} user=offhook application_name={name} sslmode={mode}",
            place.ip(),
            place.port()
        );
        let mut copy = programs::call(&self.version.program("pg_basebackup"), COPY_LIMIT);
        copy.arg("--pgdata").arg(self.data()).arg("--dbname").arg(source);
        copy.env("PGPASSWORD", self.address.password());
        copy.args(["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"]);
        copy.args(["--create-slot", &format!("--slot={name}")]);
        programs::read(self.account.run(copy.current_dir(self.folder.path())))
            .context("the copy for a standby")?;
        // Promoted, it waits for nobody until it is told to.
        setup::append(&self.data().join("postgresql.auto.conf"), "synchronous_standby_names = ''\n")
    }

    /// From its return on, a commit is acknowledged when any one of these standbys has it on disk. With no name, none is waited for.
    ///
    /// # Errors
    /// If this server is down, or a standby that is connected does not follow within half a minute.
    pub fn make_synchronous(&self, names: &[&str]) -> Result<()> {
        // Quoted: a name may be a word of PostgreSQL's own, such as "first".
        let listed: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        let listed = listed.join(", ");
        let wanted = if names.is_empty() { String::new() } else { format!("ANY 1 ({listed})") };
        let ask = |statement: &str| self.address.query("postgres", statement);
        ask(&format!("ALTER SYSTEM SET synchronous_standby_names = '{wanted}'"))?;
        ask("SELECT pg_reload_conf()")?;
        wait::until(SETTLE_LIMIT, "PostgreSQL has read its settings", || {
            Ok((ask("SHOW synchronous_standby_names")? == wanted).then_some(()))
        })?;
        // Commits ask the checkpointer's word, which it gives before its next checkpoint at the latest.
        ask("CHECKPOINT")?;
        let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
        if quoted.is_empty() {
            return Ok(());
        }
        let late = format!(
            "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'async' AND application_name IN ({})",
            quoted.join(", ")
        );
        wait::until(SETTLE_LIMIT, "the standbys are synchronous", || Ok((ask(&late)? == "0").then_some(())))
    }

    /// Makes a standby a server that writes. What it follows should be down, or both write.
    ///
    /// # Errors
    /// If it is no standby, or takes more than half a minute.
    pub fn promote(&self) -> Result<()> {
        let limit = SETTLE_LIMIT.as_secs();
        let promoted = self.address.query("postgres", &format!("SELECT pg_promote(true, {limit})"))?;
        ensure!(promoted == "t", "the standby was not promoted within {limit} s");
        Ok(())
    }
}
