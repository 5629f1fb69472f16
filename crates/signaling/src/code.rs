//! The codes of problems. A code, once published, keeps its meaning for ever.
use alloc::boxed::Box;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $variant:ident = $text:literal, zim $zim:literal, http $http:literal, retry $retry:literal;)+) => {
        /// Why a request was not carried out. Docs: docs/protocol.md, "Codes".
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Code {
            $($(#[doc = $doc])* $variant,)+
            /// A code of a newer version, kept as it came.
            Unknown(Box<str>),
        }

        impl Code {
            /// Every code that this version knows.
            pub const KNOWN: &[Self] = &[$(Self::$variant),+];

            /// The word on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown(text) => text,
                }
            }

            /// The nearest code of the reference's packages: ZIM's (seven digits from 6), for rooms Express's (from 1).
            #[must_use]
            pub fn zim_code(&self) -> u32 {
                match self {
                    $(Self::$variant => $zim,)+
                    Self::Unknown(_) => 6_000_002,
                }
            }

            /// The status with which REST answers.
            #[must_use]
            pub fn http_status(&self) -> u16 {
                match self {
                    $(Self::$variant => $http,)+
                    Self::Unknown(_) => 500,
                }
            }

            /// Whether the same request may succeed later.
            #[must_use]
            pub fn is_retryable(&self) -> bool {
                match self {
                    $(Self::$variant => $retry,)+
                    Self::Unknown(_) => false,
                }
            }
        }

        impl From<&str> for Code {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)+
                    other => Self::Unknown(other.into()),
                }
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for Code {
            fn schema_name() -> alloc::borrow::Cow<'static, str> {
                "Code".into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let known = [$(($text, concat!($($doc),*), $zim, $http, $retry)),+];
                let known = known.map(|(text, doc, zim, http, retryable)| {
                    let doc = doc.trim();
                    (text, serde_json::json!({ "description": doc, "http": http, "retryable": retryable, "zim": zim }))
                });
                crate::schema::word("Why a request was not carried out.", known)
            }
        }
    };
}

codes! {
    /// Everyone whose invitation was to be taken back has accepted.
    AlreadyAccepted = "already_accepted", zim 6_000_271, http 409, retry false;
    /// This device already is the user's main device in the call.
    AlreadyMainDevice = "already_main_device", zim 6_000_283, http 409, retry false;
    /// Another device of the user answered first.
    AnsweredElsewhere = "answered_elsewhere", zim 6_000_276, http 409, retry false;
    /// The request breaks the form that docs/protocol.md gives it.
    BadRequest = "bad_request", zim 6_000_001, http 400, retry false;
    /// The session description cannot be read, or asks for something that the server does not offer.
    BadSdp = "bad_sdp", zim 1_003_001, http 400, retry false;
    /// The call is over.
    CallEnded = "call_ended", zim 6_000_276, http 409, retry false;
    /// No such call, or none that the user has to do with.
    CallNotFound = "call_not_found", zim 6_000_276, http 404, retry false;
    /// The invite was canceled before it arrived.
    Canceled = "canceled", zim 6_000_276, http 409, retry false;
    /// A call of the general mode does not know this request.
    GeneralMode = "general_mode", zim 6_000_286, http 409, retry false;
    /// The user was removed from the room and may not come back.
    Kicked = "kicked", zim 1_002_055, http 403, retry false;
    /// The idempotency key was used for a different request.
    KeyReused = "key_reused", zim 6_000_275, http 422, retry false;
    /// Something broke on the server; it has been logged.
    Internal = "internal", zim 6_000_272, http 500, retry true;
    /// The server's media threads are full; try again, or elsewhere.
    MediaBusy = "media_busy", zim 1_002_033, http 503, retry true;
    /// This server carries no media.
    MediaUnavailable = "media_unavailable", zim 1_002_033, http 501, retry false;
    /// The offer that was answered has been replaced by a later one.
    NegotiationOver = "negotiation_over", zim 1_003_001, http 409, retry false;
    /// No user was named to invite.
    NoInvitees = "no_invitees", zim 6_000_001, http 422, retry false;
    /// None of the named users is registered.
    NobodyRegistered = "nobody_registered", zim 6_000_281, http 422, retry false;
    /// The user did not invite whom they want to cancel.
    NotCaller = "not_caller", zim 6_000_273, http 403, retry false;
    /// The user is not invited to this call.
    NotInvited = "not_invited", zim 6_000_274, http 403, retry false;
    /// The user is not in the call.
    NotJoined = "not_joined", zim 6_000_276, http 409, retry false;
    /// The device is not in the room, or no longer.
    NotInRoom = "not_in_room", zim 1_002_053, http 409, retry false;
    /// There is no such place.
    NotFound = "not_found", zim 6_000_001, http 404, retry false;
    /// What is said of pushes cannot be used: a resource, an address, or what goes along with an invitation.
    PushInvalid = "push_invalid", zim 6_000_001, http 422, retry false;
    /// Requests came faster than permitted.
    RateLimited = "rate_limited", zim 6_000_005, http 429, retry true;
    /// The invitation is no longer open.
    RingOver = "ring_over", zim 6_000_276, http 409, retry false;
    /// The role that the room token gives does not permit this.
    RoleForbids = "role_forbids", zim 1_103_019, http 403, retry false;
    /// The app's policy opens no such room to this user.
    RoomForbidden = "room_forbidden", zim 1_002_016, http 403, retry false;
    /// The room has as many members as it may have.
    RoomFull = "room_full", zim 1_002_034, http 409, retry true;
    /// The room token has expired.
    RoomTokenExpired = "room_token_expired", zim 1_102_018, http 401, retry false;
    /// The room token is not one of this app, user, device and room.
    RoomTokenInvalid = "room_token_invalid", zim 1_102_016, http 401, retry false;
    /// The server cannot store at the moment; nothing was done.
    StoreUnavailable = "store_unavailable", zim 6_000_272, http 503, retry true;
    /// No such stream in the room.
    StreamNotFound = "stream_not_found", zim 1_004_002, http 404, retry false;
    /// The stream's name is taken in this room.
    StreamTaken = "stream_taken", zim 1_003_028, http 409, retry false;
    /// The token has expired.
    TokenExpired = "token_expired", zim 6_000_106, http 401, retry false;
    /// The token is not one of this app, user and purpose.
    TokenInvalid = "token_invalid", zim 6_000_103, http 401, retry false;
    /// The token lives longer than permitted.
    TokenTooLong = "token_too_long", zim 6_000_109, http 401, retry false;
    /// The body is larger than permitted.
    TooLarge = "too_large", zim 6_000_001, http 413, retry false;
    /// More users than one request, or one call, may have.
    TooManyInvitees = "too_many_invitees", zim 6_000_272, http 422, retry false;
    /// The user is in as many rooms as the app permits.
    TooManyRooms = "too_many_rooms", zim 1_002_001, http 409, retry false;
    /// More tracks than one user may publish.
    TooManyTracks = "too_many_tracks", zim 1_003_001, http 422, retry false;
    /// No such type of frame.
    UnknownType = "unknown_type", zim 6_000_001, http 400, retry false;
    /// Nobody of this name is registered.
    UserNotFound = "user_not_found", zim 6_000_011, http 404, retry false;
}

impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = alloc::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Ok(Self::from(text.as_ref()))
    }
}
