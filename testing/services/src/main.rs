//! `offhook-services`: a private PostgreSQL and a private NATS for as long as somebody wants them.
//!
//! It prints their URLs and folders, and ends them when its standard input ends or it is stopped.
use std::io::{Read as _, Write as _};

use anyhow::Result;
use offhook_testing_services::{NatsOptions, NatsServer, PostgresOptions, PostgresServer, TEST_POSTGRES};

fn main() -> Result<()> {
    let postgres = PostgresServer::start(&PostgresOptions::default())?;
    let nats = NatsServer::start(&NatsOptions::default())?;
    println!("{TEST_POSTGRES}={}", postgres.url("postgres"));
    println!("NATS={}", nats.url());
    println!("FOLDERS={}:{}", postgres.folder().display(), nats.folder().display());
    std::io::stdout().flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
