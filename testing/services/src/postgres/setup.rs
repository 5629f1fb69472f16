//! A fresh server, from an empty folder to the first connection.
use std::{fmt::Write as _, fs, net::Ipv4Addr, path::Path};

use anyhow::{Context as _, Result};

use super::{PostgresAddress, PostgresOptions, PostgresServer, PostgresVersion};
use crate::{
    account::Account,
    folder::Folder,
    port::Port,
    programs,
    tls::{self, Identity},
};

/// How long making the files may take, in seconds.
const FILES_LIMIT: u32 = 120;

pub(super) fn create(options: &PostgresOptions) -> Result<PostgresServer> {
    let version = PostgresVersion::newest()?;
    let account = Account::unprivileged()?;
    let folder = Folder::create("postgres", account)?;
    let data = folder.path().join("data");
    let password = programs::secret()?;
    make_files(&version, account, folder.path(), &password)?;
    let identity = if options.tls { Some(Identity::new()?) } else { None };
    if let Some(identity) = &identity {
        identity.write(&data, account)?;
    }
    append(&data.join("postgresql.conf"), &settings(options))?;
    fs::write(data.join("pg_hba.conf"), who_may_connect(options.host, options.tls))?;
    let port = Port::take(options.host)?;
    let address = PostgresAddress::private(&password, port.place(), options.tls, &version);
    let authority = identity.map(|identity| identity.authority);
    let mut server = PostgresServer { process: None, address, authority, version, account, port, folder };
    server.run()?;
    Ok(server)
}

fn make_files(version: &PostgresVersion, account: Account, folder: &Path, password: &str) -> Result<()> {
    let secret = folder.join("password");
    tls::write_secret(&secret, password, account)?;
    let mut initdb = programs::call(&version.program("initdb"), FILES_LIMIT);
    initdb.arg("--pgdata").arg(folder.join("data")).arg("--pwfile").arg(&secret);
    initdb.args(["--username=offhook", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"]);
    programs::read(account.run(initdb.current_dir(folder)))
        .context("PostgreSQL's files could not be made")?;
    Ok(fs::remove_file(secret)?)
}

/// What `postgresql.conf` says beside the version's defaults. Where the server listens is an argument, so that a standby may share the
/// file.
fn settings(options: &PostgresOptions) -> String {
    let mut pairs = vec![
        ("unix_socket_directories".to_owned(), String::new()),
        ("max_connections".to_owned(), options.max_connections.to_string()),
    ];
    if !options.durable {
        pairs.push(("fsync".to_owned(), "off".to_owned()));
        // In the folder, so that nothing of it is left when the server is killed.
        pairs.push(("dynamic_shared_memory_type".to_owned(), "mmap".to_owned()));
    }
    if options.tls {
        pairs.push(("ssl".to_owned(), "on".to_owned()));
    }
    pairs.extend(options.settings.iter().cloned());
    let mut text = "\n# A private server.\n".to_owned();
    for (name, value) in pairs {
        let _ = writeln!(text, "{name} = '{}'", value.replace('\'', "''")); // Writing to a String cannot fail.
    }
    text
}

fn who_may_connect(host: Ipv4Addr, tls: bool) -> String {
    let how = if tls { "hostssl" } else { "host" };
    let whom = if host.is_loopback() { "127.0.0.1/32" } else { "samenet" };
    let line = |what: &str| format!("{how} {what} all {whom} scram-sha-256\n");
    line("all") + &line("replication")
}

pub(super) fn append(path: &Path, text: &str) -> Result<()> {
    let before = fs::read_to_string(path)?;
    Ok(fs::write(path, before + text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_of_the_test_stands_last_and_is_quoted() {
        let asked =
            vec![("fsync".to_owned(), "on".to_owned()), ("cluster_name".to_owned(), "it's".to_owned())];
        let text = settings(&PostgresOptions { settings: asked, ..PostgresOptions::default() });
        assert!(text.find("fsync = 'off'").unwrap() < text.find("fsync = 'on'").unwrap());
        assert!(text.ends_with("cluster_name = 'it''s'\n"));
    }

    #[test]
    fn a_durable_server_keeps_the_defaults_of_production() {
        let text = settings(&PostgresOptions { durable: true, ..PostgresOptions::default() });
        assert!(!text.contains("fsync") && !text.contains("synchronous_commit"));
    }
}
