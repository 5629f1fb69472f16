//! What an operator may say of the bus.
use offhook_bus::NodeName;
use offhook_postgres_line::Options;

/// How the database is reached, and whose bus it is.
#[derive(Clone, Debug)]
pub struct PostgresBusOptions {
    /// How the database is reached. It must be the primary, and not through a pooler that lends connections by transaction. The
    /// application's name is set here.
    pub line: Options,
    /// Whose nodes these are: one to 32 small letters, digits and `_`. Nodes with different words share a database and never meet.
    /// Default `main`.
    pub cluster: String,
    /// What this node is called; no two that live at the same time may have one name. Default: nothing.
    pub name: Option<NodeName>,
}

/// Why options cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// The cluster's word.
    #[error("the bus's cluster must be 1 to 32 small letters, digits and `_`")]
    Cluster,
}

/// How the two connections are made.
pub(crate) struct Lines {
    pub(crate) listening: Options,
    pub(crate) notifying: Options,
}

impl PostgresBusOptions {
    /// All defaults for the database at that URL.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { line: Options::new(url), cluster: "main".to_owned(), name: None }
    }

    pub(crate) fn into_parts(self) -> Result<(Lines, String, Option<NodeName>), StartError> {
        let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if !(1..=32).contains(&self.cluster.len()) || !self.cluster.bytes().all(is_allowed) {
            return Err(StartError::Cluster);
        }
        let line = |purpose: &str, settings: &[(&str, &str)]| {
            let mut line = self.line.clone();
            line.application_name = format!("offhook bus, {purpose}");
            line.settings
                .extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
            line
        };
        // A database may end idle sessions; these are idle by nature.
        let idle = ("idle_session_timeout", "0");
        let listening = line("listening", &[idle]);
        let notifying = line("notifying", &[idle, ("synchronous_commit", "off")]);
        Ok((Lines { listening, notifying }, format!("offhook_{}", self.cluster), self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_cannot_reach_out_of_its_channel() {
        let parts = |cluster: &str| {
            let options = PostgresBusOptions { cluster: cluster.to_owned(), ..PostgresBusOptions::new("") };
            options.into_parts().map(|(_, channel, _)| channel)
        };
        assert_eq!(parts("eu_1"), Ok("offhook_eu_1".to_owned()));
        for word in ["", "a b", "a\"", "A", "a-b", &"a".repeat(33)] {
            assert_eq!(parts(word), Err(StartError::Cluster), "{word:?}");
        }
    }
}
