//! The codes of closes. A code, once published, keeps its meaning for ever.

macro_rules! close_codes {
    ($($(#[doc = $doc:literal])* $variant:ident = $text:literal, number $number:literal, reconnect $reconnect:literal;)+) => {
        /// Why the server closes a connection: the WebSocket close code (RFC 6455, section 7.4; 4000–4999 are ours).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum CloseCode {
            $($(#[doc = $doc])* $variant,)+
            /// A code of a newer version; come back with growing pauses.
            Unknown,
        }

        impl CloseCode {
            /// Every close code that this version knows, in the order of its number.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The number on the wire.
            #[must_use]
            pub fn number(self) -> u16 {
                match self {
                    $(Self::$variant => $number,)+
                    Self::Unknown => 4000,
                }
            }

            /// The word in a `closing` frame.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown => "unknown",
                }
            }

            /// The meaning of a number, if it is one of ours.
            #[must_use]
            pub fn from_number(number: u16) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.number() == number)
            }

            /// Whether a client should come back by itself, with the same token.
            #[must_use]
            pub fn may_reconnect(self) -> bool {
                match self {
                    $(Self::$variant => $reconnect,)+
                    Self::Unknown => true,
                }
            }
        }

        impl From<&str> for CloseCode {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)+
                    _ => Self::Unknown,
                }
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for CloseCode {
            fn schema_name() -> alloc::borrow::Cow<'static, str> {
                "CloseCode".into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let known = [$(($text, concat!($($doc),*), $number, $reconnect)),+];
                let known = known.map(|(text, doc, number, reconnect)| {
                    let doc = doc.trim();
                    (text, serde_json::json!({ "description": doc, "number": number, "reconnect": reconnect }))
                });
                crate::schema::word("Why the server closes a connection.", known)
            }
        }
    };
}

close_codes! {
    /// The client's frames break the protocol; mend the client.
    BadFrame = "bad_frame", number 4400, reconnect false;
    /// No valid token came in time.
    Unauthenticated = "unauthenticated", number 4401, reconnect false;
    /// The token expired and was not renewed; reconnect with a new one.
    TokenExpired = "token_expired", number 4403, reconnect false;
    /// The client does not read what it is sent; reconnect and resume.
    SlowReader = "slow_reader", number 4408, reconnect true;
    /// Another device of the user logged in, and the app permits only so many.
    KickedOut = "kicked_out", number 4409, reconnect false;
    /// A newer connection of the same device took over.
    Replaced = "replaced", number 4410, reconnect false;
    /// Nothing was heard from the client for too long; reconnect.
    Lost = "lost", number 4411, reconnect true;
    /// The client logged out.
    LoggedOut = "logged_out", number 4412, reconnect false;
    /// Requests came much faster than permitted; reconnect later.
    RateLimited = "rate_limited", number 4429, reconnect true;
    /// The server stops or restarts; reconnect, to another node if there is one.
    GoingAway = "going_away", number 4503, reconnect true;
}

impl serde::Serialize for CloseCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for CloseCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl serde::de::Visitor<'_> for Text {
            type Value = CloseCode;

            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("a word")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<CloseCode, E> {
                Ok(text.into())
            }
        }
        deserializer.deserialize_str(Text)
    }
}
