//! Enumerations of the wire. Each keeps a value it does not know.
use alloc::boxed::Box;

/// The longest word of an enumeration, in bytes. Unknown words are kept, so more would let a client store more with us.
pub const MAX_WORD_BYTES: usize = 64;

macro_rules! words {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $variant_doc:literal])* $variant:ident = $text:literal $(($number:literal))?,)+ }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[doc = $variant_doc])* $variant,)+
            /// A value of a newer version, kept as it came.
            Unknown(Box<str>),
        }

        impl $name {
            /// Every value that this version knows.
            pub const KNOWN: &[Self] = &[$(Self::$variant),+];

            /// The word on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown(text) => text,
                }
            }

            /// The number that the reference's ZIM packages know this value by; `None` where they know no such value.
            #[must_use]
            pub fn zim_code(&self) -> Option<i32> {
                match self {
                    $(Self::$variant => words!(@number $($number)?),)+
                    Self::Unknown(_) => None,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)+
                    other => Self::Unknown(other.into()),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $name;

                    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                        f.write_str("a word")
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        if text.len() > MAX_WORD_BYTES {
                            return Err(E::custom("the word is too long"));
                        }
                        Ok(text.into())
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> alloc::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let known = [$(($text, concat!($($variant_doc),*), Self::$variant.zim_code())),+];
                let known = known.map(|(text, doc, zim)| {
                    let doc = doc.trim();
                    let facts = match zim {
                        Some(zim) => serde_json::json!({ "description": doc, "zim": zim }),
                        None => serde_json::json!({ "description": doc }),
                    };
                    (text, facts)
                });
                crate::schema::word(concat!($($doc),*), known)
            }
        }
    };
    (@number $number:literal) => { Some($number) };
    (@number) => { None };
}

words! {
    /// When a call is over.
    CallMode {
        /// When ended, quit by all or canceled.
        Advanced = "advanced" (1),
        /// When every invitee has answered.
        General = "general" (0),
    }
}

words! {
    /// Whether a call lives.
    CallStatus {
        /// It is over.
        Ended = "ended" (2),
        /// It lives.
        Started = "started" (1),
    }
}

words! {
    /// Where a party of a call stands.
    LegStatus {
        /// In the call.
        Accepted = "accepted" (1),
        /// The invitation was taken back.
        BeCanceled = "be_canceled" (10),
        /// Took the whole call back.
        Canceled = "canceled" (3),
        /// Ended the call for all.
        Ended = "ended" (8),
        /// Invited; no device rings yet.
        Inviting = "inviting" (0),
        /// Invited; nothing arrived in time for the check.
        NotYetReceived = "not_yet_received" (9),
        /// Left after having accepted.
        Quit = "quit" (7),
        /// A device rings.
        Received = "received" (5),
        /// Turned the invitation down.
        Rejected = "rejected" (2),
        /// Did not answer in time.
        TimedOut = "timed_out" (6),
    }
}

words! {
    /// Why an invitation was turned down.
    RejectCause {
        /// In another call.
        Busy = "busy",
        /// The user said no.
        Declined = "declined",
    }
}

words! {
    /// Why a call ended.
    EndCause {
        /// Nobody was left in it.
        AllLeft = "all_left",
        /// Everybody invited has answered, and somebody accepted.
        Answered = "answered",
        /// The caller left, and the app's policy ends the call with them.
        CallerLeft = "caller_left",
        /// The caller was lost before anyone accepted.
        CallerLost = "caller_lost",
        /// The caller took the call back.
        Canceled = "canceled",
        /// A party ended it for all.
        Ended = "ended",
        /// One party was left, and the app's policy does not let them wait.
        LastOneLeft = "last_one_left",
        /// It reached the age at which it must end.
        MaxAge = "max_age",
        /// Everybody answered, nobody accepted.
        Rejected = "rejected",
        /// Nobody answered in time.
        Unanswered = "unanswered",
    }
}

words! {
    /// How far an invitation has got, as far as the server knows. Told to callers who ask for it.
    Delivery {
        /// A device of the user has the invitation.
        Delivered = "delivered",
        /// A vendor has taken a push for a device of the user.
        PushAccepted = "push_accepted",
        /// Stored; on its way to sockets and vendors.
        Queued = "queued",
        /// A device of the user rings.
        Ringing = "ringing",
    }
}

words! {
    /// What names a caller in the system's list of calls.
    HandleKind {
        /// An e-mail address.
        Email = "email" (3),
        /// Any text.
        Generic = "generic" (1),
        /// A telephone number.
        Phone = "phone" (2),
    }
}

words! {
    /// What a caller wants to send.
    MediaKind {
        /// Sound alone.
        Audio = "audio",
        /// Sound and picture.
        Video = "video",
    }
}

words! {
    /// Why one of several named users was left out of a request.
    LeftOutCause {
        /// Has accepted, so cannot be canceled.
        AlreadyAccepted = "already_accepted",
        /// Is in the call or rings already.
        AlreadyInCall = "already_in_call",
        /// Is not ringing, so cannot be canceled.
        NotRinging = "not_ringing",
        /// Nobody of this name is registered.
        Unregistered = "unregistered",
    }
}

words! {
    /// What a device runs on; decides which of a user's devices may be logged in together.
    Platform {
        /// Android.
        Android = "android" (3),
        /// HarmonyOS.
        Harmony = "harmony" (10),
        /// iPhone.
        Ios = "ios" (2),
        /// iPad.
        Ipados = "ipados" (9),
        /// Linux.
        Linux = "linux" (5),
        /// macOS.
        Macos = "macos" (4),
        /// A mini program inside another app.
        MiniProgram = "mini_program" (7),
        /// A browser.
        Web = "web" (6),
        /// Windows.
        Windows = "windows" (1),
    }
}

words! {
    /// Where a track comes from; tells sound from picture.
    TrackSource {
        /// Picture of a camera.
        Camera = "camera",
        /// Sound of a microphone.
        Microphone = "microphone",
        /// Picture of a screen or window.
        Screen = "screen",
        /// Sound that goes with a screen.
        ScreenAudio = "screen_audio",
    }
}

words! {
    /// What a message in a room is for.
    MessageKind {
        /// For people: in-call chat.
        Broadcast = "broadcast",
        /// For the apps of the named users.
        Command = "command",
    }
}

words! {
    /// How far a user in a room is.
    Presence {
        /// Media can flow.
        Connected = "connected",
        /// Media flows.
        Flowing = "flowing",
        /// In the room; media is not connected yet.
        Joined = "joined",
        /// The connection broke; there is still hope.
        Reconnecting = "reconnecting",
    }
}

words! {
    /// Why somebody is no longer in a room.
    LeaveCause {
        /// The room is over, most often because its call is.
        Ended = "ended",
        /// Removed by a host or by the app's back end.
        Kicked = "kicked",
        /// Left.
        Left = "left",
        /// The connection did not come back in time.
        Lost = "lost",
        /// The server stops; a new token leads to another.
        Shutdown = "shutdown",
        /// Another device of the user took over.
        TakenOver = "taken_over",
    }
}

words! {
    /// What somebody may do in a room.
    RoomRole {
        /// What a member may, and remove others.
        Host = "host",
        /// Publish, receive and send messages.
        Member = "member",
        /// Receive only.
        Viewer = "viewer",
    }
}

words! {
    /// How much of a track a device receives.
    Layer {
        /// The largest, or the only one there is.
        High = "high",
        /// The smallest of several.
        Low = "low",
        /// The one between.
        Medium = "medium",
        /// Nothing: muted, not wanted, or the connection is too narrow.
        Off = "off",
    }
}
