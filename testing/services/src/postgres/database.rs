//! A database of a test's own.
use anyhow::{Context as _, Result};

use super::PostgresAddress;
use crate::programs;

/// An empty database. Dropped, it is removed, whoever is connected to it.
#[derive(Debug)]
pub struct Database {
    address: PostgresAddress,
    name: String,
}

impl Database {
    pub(super) fn create(address: &PostgresAddress) -> Result<Self> {
        // Whatever else shares the server, this name is nobody else's.
        let name = format!("offhook_test_{}", programs::secret()?);
        // template0 holds nothing of this machine's. Writing the copy to the log spares the two checkpoints of copying files.
        let create = format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' STRATEGY wal_log"
        );
        address.query("postgres", &create).context("a database could not be made")?;
        Ok(Self { address: address.clone(), name })
    }

    /// Its URL, with user and password.
    #[must_use]
    pub fn url(&self) -> String {
        self.address.url(&self.name)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs one statement in it; see [`PostgresAddress::query`].
    ///
    /// # Errors
    /// In the server's words.
    pub fn query(&self, statement: &str) -> Result<String> {
        self.address.query(&self.name, statement)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A server that is down takes its databases with it.
        let _ =
            self.address.query("postgres", &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}
