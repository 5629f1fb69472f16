//! How long a dump of the nodes' tables takes, and how long its restoration: as docs/runbook.md has operators do it.
use std::{fs, process::Command, time::Duration};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::stage::{DATABASE, Stage, folder};
use crate::shell::{self, Stopwatch};

/// The database that is restored into.
const RESTORED: &str = "restored";

/// What came of it.
pub(super) struct Restored {
    /// Ended calls, in either database.
    calls: u32,
    /// The tables with their indexes, in bytes.
    database: u64,
    dumped: Duration,
    /// The dump, in bytes.
    file: u64,
    restored: Duration,
}

impl Stage {
    /// Dumps the tables and restores them beside, while the nodes are idle.
    pub(super) fn dump_and_restore(&self) -> Result<Restored> {
        let file = folder().join("calls.dump");
        println!("dumping");
        let mut dump = self.client("pg_dump", DATABASE)?;
        dump.args(["--format=custom", "--schema=offhook", "--no-unlogged-table-data", "--file"]).arg(&file);
        let dumped = timed(&mut dump)?;
        println!("restoring");
        let sql = format!("CREATE DATABASE {RESTORED} TEMPLATE template0");
        self.postgres.address().query(DATABASE, &sql)?;
        let mut restore = self.client("pg_restore", RESTORED)?;
        let restored = timed(restore.args(["--jobs=2", "--exit-on-error"]).arg(&file))?;
        let ask = |database: &str, statement: &str| self.postgres.address().query(database, statement);
        let count = |database: &str| ask(database, "SELECT count(*) FROM offhook.past");
        let (before, after) = (count(DATABASE)?, count(RESTORED)?);
        ensure!(before == after, "of {before} ended calls, {after} were restored");
        let size = ask(RESTORED, "SELECT pg_database_size(current_database())")?;
        let outcome = Restored {
            calls: after.parse().context("a number of calls")?,
            database: size.parse().context("a size")?,
            dumped,
            file: fs::metadata(&file)?.len(),
            restored,
        };
        ask(DATABASE, &format!("DROP DATABASE {RESTORED}"))?;
        fs::remove_file(file)?;
        Ok(outcome)
    }

    /// A program of the server's version that connects to a database of it.
    fn client(&self, program: &str, database: &str) -> Result<Command> {
        let url = self.postgres.url(database);
        let (address, password) = without_password(&url).context("the database's URL has a password")?;
        let mut command = shell::program(self.postgres.version().program(program));
        // The password is not among the arguments, which every user of the machine may read.
        command.arg(format!("--dbname={address}")).env("PGPASSWORD", password);
        Ok(command)
    }
}

impl Restored {
    /// A sentence for people.
    pub(super) fn text(&self) -> String {
        let Self { calls, database, dumped, file, restored } = self;
        format!(
            "{calls} ended calls, {} MB in the database: dumped in {:.0} s to {} MB, restored by two processes in {:.0} s",
            database / 1_000_000,
            dumped.as_secs_f64(),
            file / 1_000_000,
            restored.as_secs_f64(),
        )
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "calls": self.calls,
            "database_bytes": self.database,
            "dump_bytes": self.file,
            "dump_s": self.dumped.as_secs_f64(),
            "restore_s": self.restored.as_secs_f64(),
        })
    }
}

fn timed(command: &mut Command) -> Result<Duration> {
    let watch = Stopwatch::start();
    shell::run(command)?;
    Ok(watch.elapsed())
}

/// Takes `password` out of `postgres://user:password@host`.
fn without_password(url: &str) -> Option<(String, String)> {
    let (authority, rest) = url.split_once('@')?;
    let (user, password) = authority.rsplit_once(':')?;
    Some((format!("{user}@{rest}"), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_taken_out_of_its_url() {
        let parts = without_password("postgres://ann:secret@127.0.0.1:5432/calls");
        assert_eq!(parts, Some(("postgres://ann@127.0.0.1:5432/calls".to_owned(), "secret".to_owned())));
    }
}
