//! Room tokens: one device of one user into one media room, for a short while.
//!
//! They are minted and verified by the installation itself, so their key is none of the apps', and no key of an app signs
//! one. A token names its app, user and device, and whoever enters has shown by their session that they are these: a stolen
//! token opens nothing.
use std::{borrow::Cow, fmt, time::Duration};

use offhook_types::{AppId, DeviceId, Party, RoomId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::{
    AuthError, InvalidKey, KeyId, MintError, SigningKey, VerifyingKey,
    jws::{self, Parts},
    mint::whole_seconds,
    verify::{Life, Seconds, parse},
};

/// The longest time for which a room token may be issued. More leaves a removed user a way back in for longer; less makes
/// whoever rings long ask for another.
pub const MAX_ROOM_TOKEN_LIFETIME: Duration = Duration::from_mins(10);

/// How far the clocks of the installation's nodes may be apart. More lets dead tokens live on.
pub const ROOM_LEEWAY: Duration = Duration::from_secs(5);

const TYPE: &str = "room+jwt";
const AUDIENCE: &str = "room";

/// What the bearer of a room token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoomRole {
    /// What a member may, and remove others.
    Host,
    /// Publish, receive and send messages.
    Member,
    /// Receive only.
    Viewer,
}

/// What a room token shall say.
#[derive(Clone, Debug)]
pub struct RoomTokenClaims {
    /// The tenant.
    pub app: AppId,
    /// The device that enters.
    pub device: DeviceId,
    /// When it is issued; cut to the second.
    pub issued: Timestamp,
    /// How long one may enter with it; cut to the second. Two minutes, and the time of a ring, are usual; ten the most.
    pub lifetime: Duration,
    /// What the user may do in the room.
    pub role: RoomRole,
    /// The room.
    pub room: RoomId,
    /// The user.
    pub user: UserId,
}

/// What a room token proves of the party that brings it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoomGrant {
    /// When the token ends, without leeway. Who is in by then stays in.
    pub expires: Timestamp,
    /// When the token was issued, to the second: what a later removal from the room compares with.
    pub issued: Timestamp,
    /// What the user may do in the room.
    pub role: RoomRole,
    /// The room.
    pub room: RoomId,
}

/// The keys of room tokens: the one that signs, and the one before it, whose tokens are still good.
#[derive(Clone)]
pub struct RoomKeys {
    current: (KeyId, SigningKey),
    /// The current key's public half first.
    verifying: Vec<(KeyId, VerifyingKey)>,
}

impl RoomKeys {
    /// Signs with this Ed25519 key, which the caller draws at random at the start, or reads where several nodes share it.
    ///
    /// # Errors
    /// [`InvalidKey::Ed25519`] for a key of another algorithm.
    pub fn new(key: SigningKey) -> Result<Self, InvalidKey> {
        let verifying = key.verifying_key().ok_or(InvalidKey::Ed25519)?;
        let id = key_id(&verifying);
        Ok(Self { current: (id.clone(), key), verifying: vec![(id, verifying)] })
    }

    /// Takes tokens of the key before this one, too; for [`MAX_ROOM_TOKEN_LIFETIME`] after the change there may be some.
    ///
    /// # Errors
    /// [`InvalidKey::Ed25519`] for a key of another algorithm.
    pub fn with_previous(mut self, key: VerifyingKey) -> Result<Self, InvalidKey> {
        if key.algorithm() != crate::Algorithm::EdDsa {
            return Err(InvalidKey::Ed25519);
        }
        self.verifying.truncate(1);
        self.verifying.push((key_id(&key), key));
        Ok(self)
    }

    /// Mints a token with the key that signs.
    ///
    /// # Errors
    /// [`MintError::Lifetime`] for claims that would be refused.
    pub fn mint(&self, claims: &RoomTokenClaims) -> Result<String, MintError> {
        mint_room_token(&self.current.1, &self.current.0, claims)
    }

    fn find(&self, id: &str) -> Option<&VerifyingKey> {
        self.verifying.iter().find(|(known, _)| known.as_str() == id).map(|(_, key)| key)
    }
}

impl fmt::Debug for RoomKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.verifying.iter().map(|(id, _)| id)).finish()
    }
}

/// The key's name follows from the key, so that two keys never share one.
fn key_id(key: &VerifyingKey) -> KeyId {
    let digits: String = key.fingerprint.iter().map(|byte| format!("{byte:02x}")).collect();
    KeyId::new(&format!("room-{digits}")).expect("hexadecimal digits are graphic ASCII")
}

/// The claims as they stand in the token.
#[derive(Serialize, Deserialize)]
struct Claims<'a> {
    #[serde(borrow)]
    aud: Cow<'a, str>,
    app: u32,
    #[serde(borrow)]
    sub: Cow<'a, str>,
    #[serde(borrow)]
    device: Cow<'a, str>,
    #[serde(borrow)]
    room: Cow<'a, str>,
    role: RoomRole,
    iat: Seconds,
    exp: Seconds,
}

/// Mints a room token.
///
/// # Errors
/// [`MintError`] for claims that would be refused, and for a key that is not Ed25519.
pub fn mint_room_token(key: &SigningKey, id: &KeyId, claims: &RoomTokenClaims) -> Result<String, MintError> {
    if key.verifying_key().is_none() {
        return Err(MintError::Key);
    }
    let issued = claims.issued.as_millis() / 1000;
    let expires = issued + whole_seconds(claims.lifetime, MAX_ROOM_TOKEN_LIFETIME)?;
    let claims = serde_json::to_vec(&Claims {
        aud: AUDIENCE.into(),
        app: claims.app.0,
        sub: claims.user.as_str().into(),
        device: claims.device.as_str().into(),
        room: claims.room.as_str().into(),
        role: claims.role,
        iat: Seconds::new(issued),
        exp: Seconds::new(expires),
    });
    Ok(jws::sign(key, id, TYPE, &claims.expect("texts and numbers are always JSON")))
}

/// Verifies a room token, and that it is the party's, who has shown otherwise who they are.
///
/// # Errors
/// [`AuthError`]; tell the client no more than whether it has expired.
pub fn verify_room_token(
    keys: &RoomKeys,
    now: Timestamp,
    token: &str,
    party: &Party,
) -> Result<RoomGrant, AuthError> {
    let parts = Parts::split(token)?;
    let header = parts.header(TYPE)?;
    let key = keys.find(header.key_id()).ok_or(AuthError::UnknownKey)?;
    header.check_algorithm(key)?;
    let claims = parts.claims(key)?;
    let claims: Claims<'_> = parse(&claims)?;
    if claims.aud != AUDIENCE {
        return Err(AuthError::WrongAudience);
    }
    if claims.app != party.account.app.0 {
        return Err(AuthError::WrongIssuer);
    }
    if claims.sub != party.account.user.as_str() {
        return Err(AuthError::WrongUser);
    }
    if party.device.as_ref().is_none_or(|device| claims.device != device.as_str()) {
        return Err(AuthError::WrongDevice);
    }
    let life = Life { issued: claims.iat.into(), expires: claims.exp.into() };
    life.check_length(MAX_ROOM_TOKEN_LIFETIME)?;
    life.check_time(now, ROOM_LEEWAY)?;
    let room = RoomId::new(&claims.room).map_err(|_| AuthError::Malformed)?;
    Ok(RoomGrant { expires: life.expires, issued: life.issued, role: claims.role, room })
}
