//! A private PostgreSQL: starts, crashes, standbys, and what is left of it.
mod support;

use std::{fs, net::TcpStream, path::Path, thread};

use anyhow::{Context as _, Result};
use offhook_testing_services::{PostgresAddress, PostgresOptions, PostgresServer};
use support::{is_stopped, port, until};

#[test]
fn two_servers_run_side_by_side_and_share_nothing() -> Result<()> {
    let first = PostgresServer::start(&PostgresOptions::default())?;
    let second = PostgresServer::start(&PostgresOptions::default())?;
    assert_ne!(first.url("postgres"), second.url("postgres"));
    first.address().query("postgres", "CREATE TABLE calls (id int)")?;
    let tables = "SELECT count(*) FROM pg_tables WHERE tablename = 'calls'";
    assert_eq!(first.address().query("postgres", tables)?, "1");
    assert_eq!(second.address().query("postgres", tables)?, "0");
    Ok(())
}

#[test]
fn what_was_committed_survives_a_kill_and_a_restart() -> Result<()> {
    let mut server = PostgresServer::start(&PostgresOptions::default())?;
    let database = server.database()?;
    let url = database.url();
    database.query("CREATE TABLE calls (id int)")?;
    database.query("INSERT INTO calls VALUES (1)")?;

    server.kill()?;
    assert!(server.processes().is_empty());
    assert!(database.query("SELECT 1").is_err(), "a dead server answers nothing");
    server.start_again()?;
    assert_eq!(database.query("SELECT id FROM calls")?, "1");
    assert_eq!(database.url(), url, "it comes back where it was");

    server.restart()?;
    assert_eq!(database.query("SELECT id FROM calls")?, "1");
    assert!(server.start_again().is_err(), "a running server is not started");
    Ok(())
}

#[test]
fn a_paused_server_keeps_its_sessions_waiting() -> Result<()> {
    let server = PostgresServer::start(&PostgresOptions::default())?;
    let address = server.address().clone();
    server.pause()?;
    let asked = thread::spawn(move || address.query("postgres", "SELECT 1"));
    // The kernel takes the connection, so that the client waits.
    TcpStream::connect(("127.0.0.1", port(&server.url("postgres"))))?;
    assert!(server.processes().into_iter().all(is_stopped), "every process is stopped");
    assert!(!asked.is_finished());
    server.resume();
    assert_eq!(asked.join().unwrap()?, "1");
    Ok(())
}

#[test]
fn a_paused_server_can_be_killed_and_dropped() -> Result<()> {
    let mut server = PostgresServer::start(&PostgresOptions::default())?;
    server.pause()?;
    server.kill()?;
    server.start_again()?;
    server.pause()?;
    let folder = server.folder();
    drop(server);
    assert!(!folder.exists());
    Ok(())
}

#[test]
fn a_database_is_empty_and_goes_with_its_guard_whoever_is_connected() -> Result<()> {
    let server = PostgresServer::for_tests()?;
    let database = server.database()?;
    let name = database.name().to_owned();
    let kept = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(database.query(kept)?, "0");
    let facts = "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = current_database()";
    assert_eq!(database.query(facts)?, "UTF8|C");

    let (address, session) = (server.clone(), name.clone());
    let session = thread::spawn(move || address.query(&session, "SELECT pg_sleep(50)"));
    let connected =
        format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}' AND query LIKE '%sleep%'");
    until("the session is there", || Ok(server.query("postgres", &connected)? == "1"))?;
    drop(database);
    assert!(session.join().unwrap().is_err(), "its sessions end with it");
    let left = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
    assert_eq!(server.query("postgres", &left)?, "0");
    Ok(())
}

#[test]
fn a_standby_follows_and_takes_over_without_a_loss() -> Result<()> {
    let mut primary = PostgresServer::start(&PostgresOptions::default())?;
    primary.address().query("postgres", "CREATE TABLE calls (id int)")?;
    let standby = primary.standby("second")?;
    assert!(standby.address().query("postgres", "INSERT INTO calls VALUES (0)").is_err(), "it only reads");

    primary.make_synchronous(&["second"])?;
    let state = "SELECT application_name, sync_state FROM pg_stat_replication";
    assert_eq!(primary.address().query("postgres", state)?, "second|quorum");
    primary.address().query("postgres", "INSERT INTO calls SELECT generate_series(1, 1000)")?;
    primary.kill()?;
    standby.promote()?;
    let count = "SELECT count(*) FROM calls";
    assert_eq!(standby.address().query("postgres", count)?, "1000", "whatever was acknowledged is here");
    standby.address().query("postgres", "INSERT INTO calls VALUES (1001)")?;

    let third = standby.standby("third")?;
    until("the new standby has caught up", || Ok(third.address().query("postgres", count)? == "1001"))?;

    let url = primary.url("postgres");
    primary.follow(&standby, "first")?;
    assert_eq!(primary.url("postgres"), url, "it comes back where it was");
    until("the old primary has caught up", || Ok(primary.address().query("postgres", count)? == "1001"))?;
    standby.make_synchronous(&["first"])?;
    assert!(primary.follow(&standby, "again").is_err(), "it runs");
    Ok(())
}

#[test]
fn a_commit_waits_for_a_synchronous_standby_that_is_down() -> Result<()> {
    let primary = PostgresServer::start(&PostgresOptions::default())?;
    primary.address().query("postgres", "CREATE TABLE calls (id int)")?;
    let mut standby = primary.standby("second")?;
    primary.make_synchronous(&["second"])?;
    standby.kill()?;
    let address = primary.address().clone();
    let commit = thread::spawn(move || address.query("postgres", "INSERT INTO calls VALUES (1)"));
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    until("the commit waits", || Ok(primary.address().query("postgres", waiting)? == "1"))?;
    assert!(!commit.is_finished());
    standby.start_again()?;
    assert_eq!(commit.join().unwrap()?, "");

    standby.kill()?;
    primary.make_synchronous(&[])?;
    primary.address().query("postgres", "INSERT INTO calls VALUES (2)")?;
    Ok(())
}

#[test]
fn a_server_with_tls_speaks_nothing_else() -> Result<()> {
    let options = PostgresOptions { tls: true, durable: true, ..PostgresOptions::default() };
    let server = PostgresServer::start(&options)?;
    assert!(server.authority().is_some_and(|pem| pem.starts_with("-----BEGIN CERTIFICATE-----")));
    let ssl = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    assert_eq!(server.address().query("postgres", ssl)?, "t");
    assert_eq!(server.address().query("postgres", "SHOW fsync")?, "on");
    let plain = server.url("postgres").replace("sslmode=require", "sslmode=disable");
    let plain = PostgresAddress::parse(&plain)?;
    assert!(format!("{:#}", plain.query("postgres", ssl).unwrap_err()).contains("no encryption"));
    let standby = server.standby("second")?;
    assert_eq!(standby.address().query("postgres", ssl)?, "t", "its standby does, too");
    Ok(())
}

#[test]
fn a_wrong_setting_is_told_in_the_servers_words() {
    let settings = vec![("max_wal_senders".to_owned(), "many".to_owned())];
    let error =
        PostgresServer::start(&PostgresOptions { settings, ..PostgresOptions::default() }).unwrap_err();
    assert!(format!("{error:#}").contains("invalid value for parameter \"max_wal_senders\""), "{error:#}");
}

#[test]
fn a_dropped_server_leaves_nothing() -> Result<()> {
    let server = PostgresServer::start(&PostgresOptions::default())?;
    let (folder, processes) = (server.folder(), server.processes());
    assert!(processes.len() > 1, "the postmaster and its helpers");
    let segment = segment(&folder)?;
    assert!(segments()?.contains(&segment));
    drop(server);
    assert!(!folder.exists());
    let is_left =
        |process: &u32| fs::read_link(format!("/proc/{process}/cwd")).is_ok_and(|it| it.starts_with(&folder));
    assert!(!processes.iter().any(is_left));
    assert!(!segments()?.contains(&segment));
    Ok(())
}

#[test]
fn a_killed_server_gives_its_shared_memory_back_when_dropped() -> Result<()> {
    let mut server = PostgresServer::start(&PostgresOptions::default())?;
    let segment = segment(&server.folder())?;
    server.kill()?;
    assert!(segments()?.contains(&segment), "the kernel keeps it");
    drop(server);
    assert!(!segments()?.contains(&segment));
    Ok(())
}

/// The number of a running server's shared memory.
fn segment(folder: &Path) -> Result<String> {
    let state = fs::read_to_string(folder.join("data/postmaster.pid"))?;
    let line = state.lines().nth(6).context("a seventh line")?;
    Ok(line.split_whitespace().nth(1).context("a number")?.to_owned())
}

/// The numbers of all shared memory that the kernel keeps.
fn segments() -> Result<Vec<String>> {
    let table = fs::read_to_string("/proc/sysvipc/shm")?;
    Ok(table.lines().skip(1).filter_map(|line| line.split_whitespace().nth(1)).map(str::to_owned).collect())
}
