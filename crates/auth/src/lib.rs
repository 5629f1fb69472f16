//! Tokens to identities: which keys an app has, what a token proves, and the minting of tokens.
//!
//! A [`PassKeys`] makes the credentials that pushes bear. A [`KeyRing`] holds the apps and their keys; [`verify_login`] and its siblings turn a token into a [`Grant`], or say
//! why not; [`mint_user_token`] and [`mint_server_token`] make tokens for the command line, the development mode and
//! tests. A [`RoomKeys`] holds the installation's own key, which signs the tokens that let a device into a media room, and
//! [`turn_credentials`] makes what a TURN server asks for. [`SharedKeyRing`] replaces the ring under live traffic, and [`KeyRing::still_valid`] tells which open sockets
//! have to go.
//!
//! The crate reads no file, no clock and no randomness: keys, time and random bytes come in as arguments. What a user
//! may do to a call is not decided here. The format of the tokens and the choice of libraries are explained in
//! `docs/decisions/0003-tokens.md`.

mod error;
mod grant;
mod jws;
mod key;
mod mint;
mod pass;
mod ring;
mod room;
mod shared;
mod token04;
mod turn;
mod verify;

pub use error::AuthError;
pub use grant::{Grant, Scope, ServerGrant, Signer};
pub use key::{Algorithm, InvalidKey, KeyId, Purpose, SigningKey, VerifyingKey, random_secret};
pub use mint::{MintError, ServerTokenClaims, UserTokenClaims, mint_server_token, mint_user_token};
pub use pass::{MAX_PASS_LIFETIME, PASS_GRACE, PassGrant, PassKeys};
pub use ring::{AppSpec, InvalidRing, KeyRing, KeySpec};
pub use room::{
    MAX_ROOM_TOKEN_LIFETIME, ROOM_LEEWAY, RoomGrant, RoomKeys, RoomRole, RoomTokenClaims, mint_room_token,
    verify_room_token,
};
pub use shared::SharedKeyRing;
pub use token04::{MAX_TOKEN04_LIFETIME, MIN_TOKEN04_REMAINDER, Token04Secret, verify_token04};
pub use turn::{TurnCredentials, turn_credentials};
pub use verify::{
    LEEWAY, MAX_SERVER_TOKEN_LIFETIME, MAX_TOKEN_LEN, MAX_USER_TOKEN_LIFETIME, verify_login,
    verify_server_token, verify_user_token,
};
