//! Where a server is reached, and as whom; a client for the few words that tests and measurements need.
use std::{fmt, net::SocketAddrV4, path::PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::{Database, PostgresVersion};
use crate::programs;

/// How long one statement of ours may take, connecting included, in seconds.
const STATEMENT_LIMIT: u32 = 60;
/// How long connecting alone may take, in seconds: a server that is paused takes a connection and says nothing.
const CONNECT_LIMIT: &str = "5";

/// A server's place and its superuser. It says nothing of whether the server runs.
#[derive(Clone)]
pub struct PostgresAddress {
    user: String,
    /// As it stands in the URL, escaped.
    password: Option<String>,
    /// Host and port.
    host: String,
    /// What follows `?` in the URL.
    parameters: Option<String>,
    psql: PathBuf,
}

impl PostgresAddress {
    pub(super) fn private(password: &str, place: SocketAddrV4, tls: bool, version: &PostgresVersion) -> Self {
        Self {
            user: "offhook".to_owned(),
            password: Some(password.to_owned()),
            host: place.to_string(),
            parameters: tls.then(|| "sslmode=require".to_owned()),
            psql: version.program("psql"),
        }
    }

    /// Reads `postgres://user:password@host:port/database?parameters`; password, database and parameters may be missing.
    ///
    /// # Errors
    /// If it is not that, without repeating it; and if `psql` is not installed.
    pub fn parse(url: &str) -> Result<Self> {
        let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
        let rest = rest.context("the URL must begin with `postgres://`")?;
        let (rest, parameters) = split(rest, '?');
        let (authority, _database) = split(rest, '/');
        let (user, host) = authority.rsplit_once('@').context("the URL must name a user")?;
        let (user, password) = split(user, ':');
        ensure!(!user.is_empty() && !host.is_empty(), "the URL must name a user and a host");
        let on_path = || {
            let candidates = programs::folders().into_iter().map(|folder| folder.join("psql"));
            candidates.into_iter().find(|psql| psql.is_file())
        };
        // Debian's `psql` on the path is a script that looks for the real one, which costs as much again.
        let installed = PostgresVersion::newest().ok().map(|version| version.program("psql"));
        Ok(Self {
            user: user.to_owned(),
            password: password.map(str::to_owned),
            host: host.to_owned(),
            parameters: parameters.map(str::to_owned),
            psql: installed.or_else(on_path).context("`psql` is not installed")?,
        })
    }

    /// Host and port, as they stand in the URL.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The URL of a database, with user and password.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let password = self.password.as_ref().map(|password| format!(":{password}")).unwrap_or_default();
        self.with_password(&password, database)
    }

    /// Makes a fresh, empty database (UTF-8, compared byte by byte); it is dropped with what is returned, whoever is connected. Takes
    /// some 50 ms, and as much again to drop.
    ///
    /// # Errors
    /// If the server does not do it.
    pub fn database(&self) -> Result<Database> {
        Database::create(self)
    }

    /// Runs one statement in a session of its own and returns its rows: a line each, columns separated by `|`, no header.
    ///
    /// For setting up and looking on, at the cost of a program's start. The code under test has its own connections.
    ///
    /// # Errors
    /// In the server's words, or if it takes a minute.
    pub fn query(&self, database: &str, statement: &str) -> Result<String> {
        let mut psql = programs::call(&self.psql, STATEMENT_LIMIT);
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]);
        psql.arg("-d").arg(self.with_password("", database)).arg("-c").arg(statement);
        psql.env("PGCONNECT_TIMEOUT", CONNECT_LIMIT);
        psql.env("PGPASSWORD", self.password()); // Not among the arguments, which every user of the machine may read.
        programs::read(&mut psql)
    }

    /// The password as it was meant; empty if there is none.
    pub(super) fn password(&self) -> String {
        self.password.as_deref().map(unescape).unwrap_or_default()
    }

    fn with_password(&self, password: &str, database: &str) -> String {
        let Self { user, host, .. } = self;
        let parameters = self.parameters.as_ref().map(|text| format!("?{text}")).unwrap_or_default();
        format!("postgres://{user}{password}@{host}/{database}{parameters}")
    }
}

/// Without the password.
impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresAddress").field("host", &self.host).finish_non_exhaustive()
    }
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// Turns `%2F` into `/`. What is no such escape stays.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let byte = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(b'%'));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_a_url_is_replaced_and_the_rest_stays() {
        let address = PostgresAddress::parse("postgresql://ann:a%2Fb@db:5433/other?sslmode=require").unwrap();
        assert_eq!(address.url("calls"), "postgres://ann:a%2Fb@db:5433/calls?sslmode=require");
        let address = PostgresAddress::parse("postgres://ann@localhost").unwrap();
        assert_eq!(address.url("calls"), "postgres://ann@localhost/calls");
    }

    #[test]
    fn what_names_nobody_or_nowhere_is_refused_without_repeating_it() {
        for url in [
            "mysql://ann:secret@db",
            "postgres://db/calls",
            "postgres://:secret@db",
            "postgres://ann:secret@",
        ] {
            let error = format!("{:#}", PostgresAddress::parse(url).unwrap_err());
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_password_is_read_as_a_url_writes_it_and_is_not_shown() {
        assert_eq!(unescape("a%2Fb%40%C3%A4"), "a/b@ä");
        assert_eq!(unescape("100%"), "100%");
        assert_eq!(unescape("%zz%4"), "%zz%4");
        let address = PostgresAddress::parse("postgres://ann:secret@db").unwrap();
        assert!(!format!("{address:?}").contains("secret"));
    }
}
