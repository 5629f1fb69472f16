//! Ids that come from outside: validated once, cheap to clone, silent in logs.
use alloc::sync::Arc;
use core::{fmt, str::FromStr};

use crate::CallId;

/// Why a text is not an id of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidId {
    /// The text is empty.
    Empty,
    /// The text holds a character outside the kind's set.
    ForbiddenCharacter,
    /// The text is longer than `max` bytes.
    TooLong {
        /// The longest permitted length, in bytes.
        max: usize,
    },
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("an id must not be empty"),
            Self::ForbiddenCharacter => f.write_str("the id holds a character outside its permitted set"),
            Self::TooLong { max } => write!(f, "an id of this kind has at most {max} bytes"),
        }
    }
}

impl core::error::Error for InvalidId {}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, max $max:literal, $permitted:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The longest permitted length, in bytes.
            pub const MAX_LEN: usize = $max;

            /// Checks length and characters, and takes the text as an id.
            ///
            /// # Errors
            /// [`InvalidId`] says which rule the text breaks.
            pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidId> {
                let text = text.as_ref();
                let permitted: fn(u8) -> bool = $permitted;
                if text.is_empty() {
                    return Err(InvalidId::Empty);
                }
                if text.len() > Self::MAX_LEN {
                    return Err(InvalidId::TooLong { max: Self::MAX_LEN });
                }
                if !text.bytes().all(permitted) {
                    return Err(InvalidId::ForbiddenCharacter);
                }
                Ok(Self(text.into()))
            }

            /// The id as its owner wrote it. Never put this in a log.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "(#{:08x})"), fingerprint(&self.0))
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("an id")
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        $name::new(text).map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    };
}

text_id! {
    /// A user of one app, as the app names them: at most 32 bytes of letters, digits and ``!#$%&()+-:;<=.>?@[]^_{}|~``
    /// (the character set of the specification, call-semantics section 4; recommendation 17).
    UserId, max 32, |byte| byte.is_ascii_alphanumeric() || b"!#$%&()+-:;<=.>?@[]^_{}|~".contains(&byte)
}

text_id! {
    /// One installation of an app on one machine, stable over its restarts. A device has at most one session.
    DeviceId, max 64, |byte| byte.is_ascii_graphic()
}

text_id! {
    /// A media room of one app. A call's room bears the call's id; other rooms are named by the app: at most 128 bytes of
    /// visible ASCII (call-semantics section 7).
    RoomId, max 128, |byte| byte.is_ascii_graphic()
}

text_id! {
    /// What a participant publishes together, such as camera and microphone, named by the client and unique in its room:
    /// at most 256 letters, digits, `-` and `_` (call-semantics section 7).
    StreamId, max 256, |byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

text_id! {
    /// Chosen by a client for a request that creates something, so that a retry creates nothing more.
    IdempotencyKey, max 64, |byte| byte.is_ascii_graphic()
}

/// One customer of the installation. Calls, users and keys of different apps never meet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct AppId(pub u32);

impl fmt::Debug for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AppId({})", self.0)
    }
}

impl fmt::Display for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl From<CallId> for RoomId {
    /// The room of a call.
    fn from(call: CallId) -> Self {
        Self(alloc::string::ToString::to_string(&call).into())
    }
}

impl RoomId {
    /// The call whose room this is; `None` for a room that the app named.
    #[must_use]
    pub fn call(&self) -> Option<CallId> {
        self.as_str().parse().ok()
    }
}

/// A user together with the app they belong to: the key of everything that is stored per user, so that no query can
/// forget its tenant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    /// The tenant.
    pub app: AppId,
    /// The user within the tenant.
    pub user: UserId,
}

impl Account {
    /// Names `user` of `app`.
    #[must_use]
    pub fn new(app: AppId, user: UserId) -> Self {
        Self { app, user }
    }
}

/// Who asks for something: a user, on one of their devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The user.
    pub account: Account,
    /// The device; `None` for the app's back end acting in the user's name.
    pub device: Option<DeviceId>,
}

/// FNV-1a, 32 bits: tells two redacted ids of one log apart, and says nothing else about them.
fn fingerprint(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::String};

    #[test]
    fn an_id_keeps_its_text_and_hides_it_in_debug() {
        let user = UserId::new("alice@example").expect("valid");
        assert_eq!(user.as_str(), "alice@example");
        assert!(!format!("{user:?}").contains("alice"));
    }

    #[test]
    fn an_id_is_refused_with_the_rule_it_breaks() {
        let long: String = core::iter::repeat_n('a', 33).collect();
        assert_eq!(UserId::new(""), Err(InvalidId::Empty));
        assert_eq!(UserId::new(long), Err(InvalidId::TooLong { max: 32 }));
        assert_eq!(UserId::new("a/b"), Err(InvalidId::ForbiddenCharacter));
        assert_eq!(UserId::new("zoë"), Err(InvalidId::ForbiddenCharacter));
    }
}
