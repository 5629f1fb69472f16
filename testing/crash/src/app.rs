//! The app whose users play: how servers are told of it, and what its users show at the door.
use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use offhook_auth::{KeyId, Scope, SigningKey, UserTokenClaims, mint_user_token};
use offhook_types::{Account, AppId, UserId};

use crate::clock;

/// The app whose users call.
pub(crate) const APP: AppId = AppId(7);

/// A key for runs of this driver only; nobody else reaches the servers that it opens, and they are gone a moment later.
const SECRET: &[u8] = b"the crash driver opens this door";
const KEY: &str = "crash";

/// How long tokens live: longer than any run.
const TOKEN_LIFETIME: Duration = Duration::from_hours(24);

/// The app in a server's configuration, with its policy for logins.
pub(crate) fn config(login: &str) -> String {
    format!(
        "[[apps]]\nid = {APP}\nlogin = \"{login}\"\n\n\
         [[apps.keys]]\nid = \"{KEY}\"\npurpose = \"user\"\nsecret = \"{}\"\n",
        URL_SAFE_NO_PAD.encode(SECRET),
    )
}

/// A token for the user.
pub(crate) fn token(user: &UserId) -> String {
    let key = SigningKey::hs256(SECRET).expect("32 bytes make a key");
    let id = KeyId::new(KEY).expect("a word is a key id");
    let claims = UserTokenClaims {
        account: Account::new(APP, user.clone()),
        issued: clock::date(),
        lifetime: TOKEN_LIFETIME,
        name: None,
        scope: Scope::default(),
    };
    mint_user_token(&key, &id, &claims).expect("a token without name may live for a day")
}
