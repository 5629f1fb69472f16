//! Standbys: a second server that follows the first, and may take its place.
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::{PostgresAddress, PostgresServer, setup};
use crate::{folder::Folder, port::Port, programs, wait};

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
        let is_name = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        ensure!(is_name, "a standby's name is made of lower-case letters, digits and underscores");
        let folder = Folder::create("postgres", self.account)?;
        let data = folder.path().join("data");
        let mut copy = programs::call(&self.version.program("pg_basebackup"), COPY_LIMIT);
        let mode = if self.authority.is_some() { "require" } else { "disable" };
        let primary = format!(
            "host=127.0.0.1 port={} user=offhook application_name={name} sslmode={mode}",
            self.port.number()
        );
        copy.arg("--pgdata")
            .arg(&data)
            .arg("--dbname")
            .arg(primary)
            .env("PGPASSWORD", self.address.password());
        copy.args(["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"]);
        copy.args(["--create-slot", &format!("--slot={name}")]);
        programs::read(self.account.run(copy.current_dir(folder.path())))
            .context("the copy for a standby")?;
        // Promoted, it waits for nobody until it is told to.
        setup::append(&data.join("postgresql.auto.conf"), "synchronous_standby_names = ''\n")?;
        let port = Port::take()?;
        let address = PostgresAddress::private(
            &self.address.password(),
            port.number(),
            self.authority.is_some(),
            &self.version,
        );
        let mut standby = Self {
            process: None,
            address,
            authority: self.authority.clone(),
            version: self.version.clone(),
            account: self.account,
            port,
            folder,
        };
        standby.run()?;
        Ok(standby)
    }

    /// From its return on, a commit is acknowledged when any one of these standbys has it on disk. With no name, none is waited for.
    ///
    /// # Errors
    /// If this server is down, or a standby that is connected does not follow within half a minute.
    pub fn make_synchronous(&self, names: &[&str]) -> Result<()> {
        let listed = names.join(", ");
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
