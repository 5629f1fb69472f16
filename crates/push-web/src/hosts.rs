//! To which push services this installation sends.
//!
//! An endpoint comes from a client, and we send to it from inside: without a list, anybody could make the server knock at the
//! doors of its own network.
use http::Uri;
use offhook_push::WebSubscription;

/// The push services of the common browsers.
const USUAL: [&str; 4] =
    ["fcm.googleapis.com", "updates.push.services.mozilla.com", "*.push.apple.com", "*.notify.windows.com"];

/// Names of hosts; `*.example.com` stands for everything below `example.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts(Vec<String>);

/// A text that is no name of a host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no name of a host: write push.example.com, or *.example.com for all below it")]
pub struct InvalidHost(String);

impl Default for Hosts {
    fn default() -> Self {
        Self(USUAL.map(str::to_owned).to_vec())
    }
}

impl Hosts {
    /// These hosts and no others.
    ///
    /// # Errors
    /// [`InvalidHost`].
    pub fn new<Host: AsRef<str>>(hosts: impl IntoIterator<Item = Host>) -> Result<Self, InvalidHost> {
        let checked = |host: Host| {
            let host = host.as_ref().to_ascii_lowercase();
            let name = host.strip_prefix("*.").unwrap_or(&host);
            let is_name = !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-');
            if is_name { Ok(host) } else { Err(InvalidHost(host)) }
        };
        hosts.into_iter().map(checked).collect::<Result<_, _>>().map(Self)
    }

    /// These hosts, too.
    ///
    /// # Errors
    /// [`InvalidHost`].
    pub fn and<Host: AsRef<str>>(
        mut self,
        hosts: impl IntoIterator<Item = Host>,
    ) -> Result<Self, InvalidHost> {
        self.0.extend(Self::new(hosts)?.0);
        Ok(self)
    }

    /// Whether a subscription may be sent to.
    #[must_use]
    pub fn permit(&self, subscription: &WebSubscription) -> bool {
        let Ok(endpoint) = subscription.endpoint().parse::<Uri>() else { return false };
        let host = endpoint.host().unwrap_or_default().to_ascii_lowercase();
        self.0.iter().any(|permitted| match permitted.strip_prefix('*') {
            Some(below) => host.len() > below.len() && host.ends_with(below),
            None => host == *permitted,
        })
    }
}
