//! The apps of an installation and their keys, as one immutable value.
use std::{collections::BTreeMap, sync::Arc};

use offhook_types::{Account, AppId, Timestamp, UserId};
use thiserror::Error;

use crate::{
    AuthError,
    grant::{Grant, Signer},
    key::{KeyId, Purpose, VerifyingKey},
    token04::{MAX_TOKEN04_LIFETIME, Token04Secret},
    verify::LEEWAY,
};

/// One app, as the configuration describes it.
#[derive(Clone, Debug)]
pub struct AppSpec {
    /// The tenant, and the `iss` of its tokens.
    pub id: AppId,
    /// The app's keys, in any order and number: two while a key is being replaced.
    pub keys: Vec<KeySpec>,
    /// Secret of clients that still bring token04. Default none, which refuses every token04.
    pub token04_secret: Option<Token04Secret>,
    /// Tokens issued before this time are refused. Default the epoch: all are accepted.
    pub tokens_valid_after: Timestamp,
    /// The same for single users. A token's time of issue is a whole second, so that one issued in the very second of
    /// the revocation is refused, too.
    pub users_valid_after: BTreeMap<UserId, Timestamp>,
}

impl AppSpec {
    /// An app with these keys, no token04 and nothing revoked.
    #[must_use]
    pub fn new(id: AppId, keys: Vec<KeySpec>) -> Self {
        Self {
            id,
            keys,
            token04_secret: None,
            tokens_valid_after: Timestamp::default(),
            users_valid_after: BTreeMap::new(),
        }
    }
}

/// One key, as the configuration describes it.
#[derive(Clone, Debug)]
pub struct KeySpec {
    /// Whether tokens of this key are accepted. Default true.
    pub enabled: bool,
    /// The `kid` of its tokens, unique among all keys of all apps.
    pub id: KeyId,
    /// The key itself, with its algorithm.
    pub key: VerifyingKey,
    /// Tokens of this key are refused until then, on the server's clock and without leeway. Default the epoch.
    pub not_before: Timestamp,
    /// What its tokens are for.
    pub purpose: Purpose,
}

impl KeySpec {
    /// An enabled key that is in force from the start.
    #[must_use]
    pub fn new(id: KeyId, purpose: Purpose, key: VerifyingKey) -> Self {
        Self { enabled: true, id, key, not_before: Timestamp::default(), purpose }
    }
}

/// Why the configuration makes no ring.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum InvalidRing {
    /// Two apps have the same id.
    #[error("two apps have the id {0}")]
    DuplicateApp(AppId),
    /// Two keys, of one app or of two, have the same id.
    #[error("two keys have the id {}", .0.as_str())]
    DuplicateKey(KeyId),
}

/// All apps and keys at one time. Immutable, and cheap to clone: apps and keys are shared.
#[derive(Clone, Debug, Default)]
pub struct KeyRing {
    apps: BTreeMap<AppId, Arc<App>>,
    keys: BTreeMap<KeyId, Arc<Key>>,
    revision: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) id: AppId,
    /// The id as the `iss` of a token writes it, so that no other spelling of the number passes.
    pub(crate) issuer: String,
    pub(crate) token04_secret: Option<Token04Secret>,
    tokens_valid_after: Timestamp,
    users_valid_after: BTreeMap<UserId, Timestamp>,
}

#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) app: AppId,
    pub(crate) spec: KeySpec,
}

impl KeyRing {
    /// Puts the apps of a configuration together.
    ///
    /// # Errors
    /// [`InvalidRing`] if two apps or two keys have the same id.
    pub fn new(specs: Vec<AppSpec>) -> Result<Self, InvalidRing> {
        let mut ring = Self::default();
        for spec in specs {
            ring.insert(spec)?;
        }
        Ok(ring)
    }

    /// Counts the rings that [`crate::SharedKeyRing`] has held: when it has grown, open sockets are due for
    /// [`KeyRing::still_valid`]. Zero for the first.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether an identity that was granted earlier still holds: its app exists, the very key that signed its token is
    /// still there and enabled, and neither app nor user has revoked the token. Expiry is not looked at: that is a
    /// deadline of the session.
    #[must_use]
    pub fn still_valid(&self, grant: &Grant) -> bool {
        let Some(app) = self.app(grant.account.app) else { return false };
        let known = match &grant.signer {
            Signer::Key(id) => self.keys.get(id).is_some_and(|key| {
                let KeySpec { enabled, id: _, key: verifying, not_before: _, purpose } = &key.spec;
                let same = key.app == app.id && verifying.fingerprint == grant.fingerprint;
                same && *enabled && *purpose == Purpose::User
            }),
            Signer::Token04 => {
                app.token04_secret.as_ref().is_some_and(|secret| secret.fingerprint() == grant.fingerprint)
            }
        };
        known && app.check_revocation(&grant.account.user, grant.issued).is_ok()
    }

    /// The same ring, except that the user's tokens issued before `after` are refused. Revocations that no living
    /// token can fall under, taking `after` as the present, are dropped. No effect if the app does not exist.
    #[must_use]
    pub fn with_user_revoked(mut self, account: &Account, after: Timestamp) -> Self {
        if let Some(app) = self.apps.get_mut(&account.app) {
            let app = Arc::make_mut(app);
            let longest = MAX_TOKEN04_LIFETIME + LEEWAY;
            app.users_valid_after.retain(|_, earlier| *earlier + longest >= after);
            app.revoke_user(&account.user, after);
        }
        self
    }

    /// Makes this the ring that comes after `older`.
    pub(crate) fn succeeding(mut self, older: &Self) -> Self {
        self.revision = older.revision + 1;
        self
    }

    /// The same ring with the revocations of single users in `older`, which were made while the service ran, so that a
    /// configuration may not know them.
    pub(crate) fn with_revocations_of(mut self, older: &Self) -> Self {
        for (id, app) in &mut self.apps {
            let Some(older) = older.apps.get(id).filter(|older| !older.users_valid_after.is_empty()) else {
                continue;
            };
            let app = Arc::make_mut(app);
            for (user, after) in &older.users_valid_after {
                app.revoke_user(user, *after);
            }
        }
        self
    }

    pub(crate) fn app(&self, id: AppId) -> Option<&App> {
        self.apps.get(&id).map(Arc::as_ref)
    }

    pub(crate) fn key(&self, id: &str) -> Option<&Key> {
        self.keys.get(id).map(Arc::as_ref)
    }

    fn insert(&mut self, spec: AppSpec) -> Result<(), InvalidRing> {
        let AppSpec { id, keys, token04_secret, tokens_valid_after, users_valid_after } = spec;
        let app = App { id, issuer: id.to_string(), token04_secret, tokens_valid_after, users_valid_after };
        if self.apps.insert(id, Arc::new(app)).is_some() {
            return Err(InvalidRing::DuplicateApp(id));
        }
        for spec in keys {
            let key_id = spec.id.clone();
            if self.keys.insert(key_id.clone(), Arc::new(Key { app: id, spec })).is_some() {
                return Err(InvalidRing::DuplicateKey(key_id));
            }
        }
        Ok(())
    }
}

impl App {
    /// Refuses a user's token that was issued before the app or the user revoked its like.
    pub(crate) fn check_revocation(&self, user: &UserId, issued: Timestamp) -> Result<(), AuthError> {
        let user_after = self.users_valid_after.get(user).copied().unwrap_or_default();
        if issued < self.tokens_valid_after.max(user_after) { Err(AuthError::Revoked) } else { Ok(()) }
    }

    /// Refuses a back end's token that was issued before the app revoked its like.
    pub(crate) fn check_server_revocation(&self, issued: Timestamp) -> Result<(), AuthError> {
        if issued < self.tokens_valid_after { Err(AuthError::Revoked) } else { Ok(()) }
    }

    /// A revocation only ever moves forward.
    fn revoke_user(&mut self, user: &UserId, after: Timestamp) {
        let stands = self.users_valid_after.entry(user.clone()).or_default();
        *stands = after.max(*stands);
    }
}
