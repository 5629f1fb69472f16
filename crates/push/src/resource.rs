//! An app's named push policy, as far as it decides who gets which push with which words.
use crate::{Address, InvalidTemplate, Template};

/// The longest name of a resource, in bytes (call-semantics section 6.1).
const MOST_NAME: usize = 32;

/// The resource of callers who name none.
pub const DEFAULT_RESOURCE: &str = "default";

/// An app's named push policy. Its credentials are its adapters'.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// To which vendors it has credentials.
    pub carriers: Carriers,
    /// Whether devices that the ring did not reach are told of a missed call. Default no.
    pub missed: bool,
    /// Its name.
    pub name: String,
    /// Whether iOS is told of the end of a ring by another VoIP push. Default no.
    pub stop_by_voip: bool,
    /// Its words.
    pub texts: Texts,
}

/// To which vendors a resource has credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each vendor is there or not, independently")]
pub struct Carriers {
    /// Apple's service.
    pub apns: bool,
    /// Firebase Cloud Messaging.
    pub fcm: bool,
    /// Browsers.
    pub web: bool,
    /// The app's own provider.
    pub webhook: bool,
}

/// What people read where callers give no words of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    /// Of a ring: default `{caller}`, `Incoming {media} call`.
    pub ring: Lines,
    /// Of a ring that nobody answered: default `{caller}`, `Missed {media} call`.
    pub missed: Lines,
    /// Of a ring that was answered on another device: default `{caller}`, `Answered on another device`.
    pub elsewhere: Lines,
}

/// The two lines of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The first.
    pub title: Template,
    /// The second.
    pub body: Template,
}

/// Why a name is none of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a push resource's name is 1 to 32 letters, digits, dots, hyphens or underscores")]
pub struct InvalidName;

impl Carriers {
    /// All of them.
    pub const ALL: Self = Self { apns: true, fcm: true, web: true, webhook: true };

    /// Whether an address is one of these vendors'.
    #[must_use]
    pub fn carry(self, address: &Address) -> bool {
        match address {
            Address::Apns(_) => self.apns,
            Address::Fcm { .. } => self.fcm,
            Address::Web(_) => self.web,
            Address::Webhook { .. } => self.webhook,
        }
    }
}

impl Lines {
    /// Two templates.
    ///
    /// # Errors
    /// [`InvalidTemplate`].
    pub fn new(title: &str, body: &str) -> Result<Self, InvalidTemplate> {
        Ok(Self { title: Template::new(title)?, body: Template::new(body)? })
    }
}

impl Default for Texts {
    fn default() -> Self {
        let lines = |title, body| Lines::new(title, body).expect("these are templates");
        Self {
            ring: lines("{caller}", "Incoming {media} call"),
            missed: lines("{caller}", "Missed {media} call"),
            elsewhere: lines("{caller}", "Answered on another device"),
        }
    }
}

impl Resource {
    /// A resource with the usual words.
    ///
    /// # Errors
    /// [`InvalidName`].
    pub fn new(name: &str, carriers: Carriers) -> Result<Self, InvalidName> {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if name.is_empty() || name.len() > MOST_NAME || !name.bytes().all(is_name) {
            return Err(InvalidName);
        }
        Ok(Self {
            carriers,
            missed: false,
            name: name.to_owned(),
            stop_by_voip: false,
            texts: Texts::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        for good in ["default", "voip-1", "A_b.c", &"x".repeat(32)] {
            assert!(Resource::new(good, Carriers::ALL).is_ok(), "{good}");
        }
        for bad in ["", "a b", "a/b", "ä", &"x".repeat(33)] {
            assert_eq!(Resource::new(bad, Carriers::ALL), Err(InvalidName), "{bad}");
        }
    }
}
