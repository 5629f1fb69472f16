//! What lets a device into a room, and through a firewall: room tokens and TURN credentials.
use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use offhook_auth::{
    AuthError, RoomGrant, RoomKeys, RoomTokenClaims, SigningKey, random_secret, turn_credentials,
    verify_room_token,
};
use offhook_gateway::{Clock as _, SystemClock};
use offhook_signaling::{Code, Hidden, IceServer, Problem, RoomRole, RoomToken};
use offhook_types::{Party, RoomId, UserId};

use crate::config::Turn;

/// How long one may enter with a token. More lets a stolen session back in for longer; less makes whoever rings long ask
/// for another. The room looks the user up in the call whatever the token says.
const LIFETIME: Duration = Duration::from_secs(120);

/// Makes and checks passes. On a node that is alone the key is drawn at the start and never leaves: tokens die with the process, as
/// its rooms do. Nodes that share a store share the key as well, for any of them may host the room.
#[derive(Debug)]
pub(super) struct Passes {
    clock: Arc<SystemClock>,
    keys: RoomKeys,
    turn: Turn,
}

impl Passes {
    /// Draws a key.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub(super) fn new(clock: Arc<SystemClock>, turn: Turn) -> anyhow::Result<Self> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).context("the system gives no randomness")?;
        Self::shared(clock, turn, &seed)
    }

    /// Takes the key that several nodes share.
    ///
    /// # Errors
    /// None, as 32 bytes are a key.
    pub(super) fn shared(clock: Arc<SystemClock>, turn: Turn, seed: &[u8; 32]) -> anyhow::Result<Self> {
        let key = SigningKey::ed25519(&random_secret(seed)).context("a random key is a key")?;
        Ok(Self { clock, keys: RoomKeys::new(key).context("a random key is a key")?, turn })
    }

    /// A token for this device; `None` for a back end, which has none.
    pub(super) fn mint(&self, party: &Party, room: &RoomId, role: &RoomRole) -> Option<RoomToken> {
        let claims = RoomTokenClaims {
            app: party.account.app,
            device: party.device.clone()?,
            issued: self.clock.now(),
            lifetime: LIFETIME,
            role: role_of(role)?,
            room: room.clone(),
            user: party.account.user.clone(),
        };
        let token = self.keys.mint(&claims).expect("our own claims are in order");
        let expires_in_ms = u64::try_from(LIFETIME.as_millis()).expect("minutes fit");
        Some(RoomToken { expires_in_ms, token: Hidden(token) })
    }

    /// What a token permits the party that brings it.
    pub(super) fn verify(&self, party: &Party, token: &str) -> Result<RoomGrant, Problem> {
        verify_room_token(&self.keys, self.clock.now(), token, party).map_err(|error| {
            if error == AuthError::Expired {
                Problem::new(Code::RoomTokenExpired, "the room token has expired")
            } else {
                Problem::new(Code::RoomTokenInvalid, "the room token is not one for this device and room")
            }
        })
    }

    /// The way around what blocks media, for this user.
    pub(super) fn ice_servers(&self, user: &UserId) -> Vec<IceServer> {
        let Turn { secret, ttl_s, urls } = &self.turn;
        if urls.is_empty() {
            return Vec::new();
        }
        let credentials =
            turn_credentials(secret.as_bytes(), user, self.clock.now() + Duration::from_secs(*ttl_s));
        vec![IceServer {
            credential: Some(Hidden(credentials.credential)),
            urls: urls.clone(),
            username: Some(Hidden(credentials.username)),
        }]
    }
}

/// The role as a token says it.
fn role_of(role: &RoomRole) -> Option<offhook_auth::RoomRole> {
    match role {
        RoomRole::Host => Some(offhook_auth::RoomRole::Host),
        RoomRole::Member => Some(offhook_auth::RoomRole::Member),
        RoomRole::Viewer => Some(offhook_auth::RoomRole::Viewer),
        RoomRole::Unknown(_) => None,
    }
}
