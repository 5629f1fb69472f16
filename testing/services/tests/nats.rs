//! A private NATS server, in every version that is installed, spoken to by hand.
mod support;

use std::{
    io::{BufRead as _, BufReader, ErrorKind, Write as _},
    net::TcpStream,
    time::Duration,
};

use anyhow::{Context as _, Result};
use offhook_testing_services::{NatsAccess, NatsOptions, NatsServer};
use support::{is_stopped, port, until};

#[test]
fn every_version_starts_and_says_which_it_is() -> Result<()> {
    let versions = NatsServer::versions();
    assert!(!versions.is_empty(), "`cargo xtask test` installs one");
    for version in versions {
        let server =
            NatsServer::start(&NatsOptions { version: Some(version.clone()), ..NatsOptions::default() })?;
        let (major, minor, patch) = version.number();
        let greeting = Client::connect(&server)?.greeting;
        assert!(greeting.contains(&format!("\"version\":\"{major}.{minor}.{patch}\"")), "{greeting}");
    }
    Ok(())
}

#[test]
fn a_message_goes_from_one_client_to_another() -> Result<()> {
    let server = NatsServer::start(&NatsOptions::default())?;
    let mut reader = Client::connect(&server)?;
    reader.say("CONNECT {\"verbose\":false}\r\nSUB news 1\r\nPING\r\n")?;
    assert_eq!(reader.hear()?, "PONG");
    Client::connect(&server)?.say("CONNECT {\"verbose\":false}\r\nPUB news 5\r\nhello\r\nPING\r\n")?;
    assert_eq!(reader.hear()?, "MSG news 1 5");
    assert_eq!(reader.hear()?, "hello");
    Ok(())
}

#[test]
fn it_comes_back_on_its_port_and_refuses_meanwhile() -> Result<()> {
    let mut server = NatsServer::start(&NatsOptions::default())?;
    let url = server.url();
    server.kill()?;
    let refused = TcpStream::connect(("127.0.0.1", port(&url))).map_err(|error| error.kind());
    assert_eq!(refused.err(), Some(ErrorKind::ConnectionRefused));
    server.start_again()?;
    assert_eq!(server.url(), url);
    let mut client = Client::connect(&server)?;
    assert!(server.start_again().is_err(), "a running server is not started");

    server.stop()?;
    until("the client is told that the server goes", || Ok(client.hear()?.is_empty()))?;
    server.start_again()?;
    Client::connect(&server).map(|_| ())
}

#[test]
fn a_paused_server_says_nothing() -> Result<()> {
    let server = NatsServer::start(&NatsOptions::default())?;
    server.pause()?;
    assert!(server.processes().into_iter().all(is_stopped));
    let silent = TcpStream::connect(("127.0.0.1", port(&server.url())))?;
    silent.set_nonblocking(true)?;
    let heard = silent.peek(&mut [0]).map_err(|error| error.kind());
    assert_eq!(heard, Err(ErrorKind::WouldBlock));
    server.resume();
    let mut client = Client { greeting: String::new(), stream: BufReader::new(silent) };
    client.stream.get_ref().set_nonblocking(false)?;
    assert!(client.hear()?.starts_with("INFO "));
    Ok(())
}

#[test]
fn credentials_are_asked_for() -> Result<()> {
    for version in NatsServer::versions() {
        for access in [NatsAccess::Token, NatsAccess::User] {
            let options = NatsOptions { access, version: Some(version.clone()), ..NatsOptions::default() };
            let server = NatsServer::start(&options)?;
            let url = server.url();
            let (_, rest) = url.split_once("://").context("a scheme")?;
            let (secret, _) = rest.split_once('@').context("credentials")?;
            let login = match secret.split_once(':') {
                Some((user, password)) => format!("\"user\":\"{user}\",\"pass\":\"{password}\""),
                None => format!("\"auth_token\":\"{secret}\""),
            };
            assert!(!format!("{server:?}").contains(secret), "not in a message");
            let mut known = Client::connect(&server)?;
            known.say(&format!("CONNECT {{\"verbose\":false,{login}}}\r\nPING\r\n"))?;
            assert_eq!(known.hear()?, "PONG");
            let mut stranger = Client::connect(&server)?;
            stranger.say("CONNECT {\"verbose\":false}\r\nPING\r\n")?;
            assert_eq!(stranger.hear()?, "-ERR 'Authorization Violation'");
        }
    }
    Ok(())
}

#[test]
fn tls_is_required_where_it_is_spoken() -> Result<()> {
    for version in NatsServer::versions() {
        let options = NatsOptions { tls: true, version: Some(version), ..NatsOptions::default() };
        let server = NatsServer::start(&options)?;
        assert!(server.url().starts_with("tls://"));
        assert!(server.authority().is_some_and(|pem| pem.starts_with("-----BEGIN CERTIFICATE-----")));
        let greeting = Client::connect(&server)?.greeting;
        assert!(greeting.contains("\"tls_required\":true"), "{greeting}");
    }
    Ok(())
}

#[test]
fn a_wrong_setting_is_told_in_the_servers_words() {
    let options = NatsOptions { settings: "max_payload: many".to_owned(), ..NatsOptions::default() };
    let error = format!("{:#}", NatsServer::start(&options).unwrap_err());
    assert!(error.contains("max_payload") || error.contains("int64"), "{error}");
}

/// A client that speaks lines.
struct Client {
    greeting: String,
    stream: BufReader<TcpStream>,
}

impl Client {
    fn connect(server: &NatsServer) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port(&server.url())))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut client = Self { greeting: String::new(), stream: BufReader::new(stream) };
        client.greeting = client.hear()?;
        Ok(client)
    }

    fn say(&mut self, text: &str) -> Result<()> {
        Ok(self.stream.get_mut().write_all(text.as_bytes())?)
    }

    /// The next line; empty when the server has closed.
    fn hear(&mut self) -> Result<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }
}
