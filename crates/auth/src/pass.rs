//! One-shot credentials: what a push bears, so that a device whose app does not run may answer this one ring by a plain
//! HTTPS request.
//!
//! Minted and verified by the installation itself, with a key of its own that outlives restarts as the ring does. One
//! names its app, user, device and call; it opens nothing else, and ends a little after the ring.
use std::{borrow::Cow, fmt, time::Duration};

use offhook_types::{Account, AppId, CallId, DeviceId, Party, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::{
    AuthError, KeyId, SigningKey, VerifyingKey,
    jws::{self, Parts},
    verify::{Life, Seconds, parse},
};

/// The longest life of a credential: the longest ring and what it is given beyond.
pub const MAX_PASS_LIFETIME: Duration = Duration::from_mins(15);

/// How long a credential outlives its ring. An answer that comes too late is then told so, instead of that it has no
/// right to speak.
pub const PASS_GRACE: Duration = Duration::from_mins(2);

/// How far the clocks of the installation's nodes may be apart.
const LEEWAY: Duration = Duration::from_secs(5);
const TYPE: &str = "push+jwt";
const AUDIENCE: &str = "invitation";

/// The key of one-shot credentials.
#[derive(Clone)]
pub struct PassKeys {
    id: KeyId,
    signing: SigningKey,
    verifying: VerifyingKey,
}

/// What a credential permits: this device of this user may answer this call's ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassGrant {
    /// The call.
    pub call: CallId,
    /// Who, on which device.
    pub party: Party,
}

impl PassKeys {
    /// Signs with a key derived from the installation's secret.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self {
            id: KeyId::new("push-1").expect("graphic ASCII"),
            signing: SigningKey::hs256(key).expect("32 bytes are enough"),
            verifying: VerifyingKey::hs256(key).expect("32 bytes are enough"),
        }
    }

    /// Mints a credential for the ring of this device that ends at `ring_until`; `None` for a back end, which has no
    /// device. A longer life than [`MAX_PASS_LIFETIME`] is cut.
    #[must_use]
    pub fn mint(
        &self,
        now: Timestamp,
        (party, call): (&Party, CallId),
        ring_until: Timestamp,
    ) -> Option<String> {
        let device = party.device.as_ref()?;
        let issued = now.as_millis() / 1_000;
        let expires = (ring_until + PASS_GRACE).as_millis().div_ceil(1_000);
        let claims = serde_json::to_vec(&Claims {
            aud: AUDIENCE.into(),
            app: party.account.app.0,
            sub: party.account.user.as_str().into(),
            device: device.as_str().into(),
            call,
            iat: Seconds::new(issued),
            exp: Seconds::new(expires.min(issued + MAX_PASS_LIFETIME.as_secs())),
        });
        let claims = claims.expect("texts and numbers are always JSON");
        Some(jws::sign(&self.signing, &self.id, TYPE, &claims))
    }

    /// Verifies a credential for this call.
    ///
    /// # Errors
    /// [`AuthError`]; tell the client no more than whether it has expired.
    pub fn verify(&self, now: Timestamp, token: &str, call: CallId) -> Result<PassGrant, AuthError> {
        let parts = Parts::split(token)?;
        let header = parts.header(TYPE)?;
        if header.key_id() != self.id.as_str() {
            return Err(AuthError::UnknownKey);
        }
        header.check_algorithm(&self.verifying)?;
        let claims = parts.claims(&self.verifying)?;
        let claims: Claims<'_> = parse(&claims)?;
        if claims.aud != AUDIENCE || claims.call != call {
            return Err(AuthError::WrongAudience);
        }
        let life = Life { issued: claims.iat.into(), expires: claims.exp.into() };
        life.check_length(MAX_PASS_LIFETIME)?;
        life.check_time(now, LEEWAY)?;
        let user = UserId::new(&claims.sub).map_err(|_| AuthError::Malformed)?;
        let device = DeviceId::new(&claims.device).map_err(|_| AuthError::Malformed)?;
        let account = Account::new(AppId(claims.app), user);
        Ok(PassGrant { call, party: Party { account, device: Some(device) } })
    }
}

impl fmt::Debug for PassKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PassKeys").field(&self.id).finish()
    }
}

/// The claims as they stand in the credential.
#[derive(Serialize, Deserialize)]
struct Claims<'a> {
    #[serde(borrow)]
    aud: Cow<'a, str>,
    app: u32,
    #[serde(borrow)]
    sub: Cow<'a, str>,
    #[serde(borrow)]
    device: Cow<'a, str>,
    call: CallId,
    iat: Seconds,
    exp: Seconds,
}
