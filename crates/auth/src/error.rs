//! Why a token is refused: precise for the operator's log, uniform for the sender.
use thiserror::Error;

/// Why a token proves nothing.
///
/// The variant is for the operator: log it. The sender gets [`AuthError::code`], which is the same for everything that
/// could tell a forger how far they came; only the holder of an authentic token learns more.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthError {
    /// The time of expiry, and the leeway where there is one, has passed.
    #[error("the token has expired")]
    Expired,
    /// A token04 lives for less than 30 s more, which is too little to log in with.
    #[error("the token expires too soon to log in with it")]
    ExpiresTooSoon,
    /// The key is disabled, or its time has not come.
    #[error("the key of the token is disabled or not in force yet")]
    KeyNotInForce,
    /// The token was issued for a longer time than tokens of its kind may live.
    #[error("the token was issued for too long a time")]
    LifetimeTooLong,
    /// The text is not a token of this kind, or a claim is missing or has the wrong type.
    #[error("the token is malformed")]
    Malformed,
    /// The signature is wrong, or the ciphertext does not decrypt to claims.
    #[error("the token was not made with the key that it names")]
    NotAuthentic,
    /// The token, or the clock of its issuer, is ahead of the server's clock by more than the leeway.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// The app or the user has revoked the tokens that were issued up to a later time.
    #[error("the token has been revoked")]
    Revoked,
    /// The app does not take token04.
    #[error("the app has not enabled token04")]
    Token04Disabled,
    /// The text is longer than any token; it was not looked into.
    #[error("the token is too large")]
    TooLarge,
    /// No key bears the id that the token names, or no such app exists.
    #[error("the key or the app of the token is unknown")]
    UnknownKey,
    /// The token names another algorithm than its key has.
    #[error("the token names another algorithm than its key has")]
    WrongAlgorithm,
    /// The token is meant for another audience.
    #[error("the token is meant for another audience")]
    WrongAudience,
    /// A room token belongs to another device than the one that enters with it.
    #[error("the token belongs to another device")]
    WrongDevice,
    /// The token belongs to another app than its key or its user.
    #[error("the token belongs to another app")]
    WrongIssuer,
    /// The key is not meant for tokens of this kind.
    #[error("the key is not meant for tokens of this kind")]
    WrongPurpose,
    /// The token is of another kind.
    #[error("the token is of another kind")]
    WrongType,
    /// The token belongs to another user than the one who logs in with it.
    #[error("the token belongs to another user")]
    WrongUser,
    /// The text is neither a JWT nor a token04.
    #[error("the version of the token is not supported")]
    WrongVersion,
}

impl AuthError {
    /// The stable code that the sender of the token may see.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Expired => "token_expired",
            Self::ExpiresTooSoon => "token_expires_too_soon",
            Self::LifetimeTooLong => "token_lifetime_too_long",
            Self::NotYetValid => "token_not_yet_valid",
            Self::Revoked => "token_revoked",
            Self::WrongVersion => "token_version_unsupported",
            Self::KeyNotInForce
            | Self::Malformed
            | Self::NotAuthentic
            | Self::Token04Disabled
            | Self::TooLarge
            | Self::UnknownKey
            | Self::WrongAlgorithm
            | Self::WrongAudience
            | Self::WrongDevice
            | Self::WrongIssuer
            | Self::WrongPurpose
            | Self::WrongType
            | Self::WrongUser => "token_invalid",
        }
    }

    /// The code with which the ZIM façade fails a login. A revoked token counts as expired, because the cure is the
    /// same: the app fetches another.
    #[must_use]
    pub const fn zim_code(self) -> u32 {
        match self {
            Self::Expired | Self::Revoked => 6_000_106,
            Self::WrongVersion => 6_000_107,
            Self::ExpiresTooSoon => 6_000_108,
            Self::LifetimeTooLong => 6_000_109,
            Self::KeyNotInForce
            | Self::Malformed
            | Self::NotAuthentic
            | Self::NotYetValid
            | Self::Token04Disabled
            | Self::TooLarge
            | Self::UnknownKey
            | Self::WrongAlgorithm
            | Self::WrongAudience
            | Self::WrongDevice
            | Self::WrongIssuer
            | Self::WrongPurpose
            | Self::WrongType
            | Self::WrongUser => 6_000_103,
        }
    }
}
