//! `offhook token`.
use std::time::Duration;

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use offhook_auth::{
    KeyId, Scope, ServerTokenClaims, SigningKey, UserTokenClaims, mint_server_token, mint_user_token,
};
use offhook_gateway::{Clock, SystemClock};
use offhook_types::{Account, AppId, UserId};

use crate::{
    cli::TokenArgs,
    config::{Config, Key, KeyAlgorithm, KeyPurpose},
};

const BACK_END_LIFETIME_S: u64 = 300;
const USER_LIFETIME_S: u64 = 3_600;

/// Prints a token signed with the first enabled key of its purpose.
///
/// # Errors
/// There is no such app, no key that can sign, or the lifetime is too long.
pub(crate) fn run(args: &TokenArgs) -> anyhow::Result<()> {
    let config = super::configuration(args.config.config.as_deref())?;
    let token = match &args.user {
        Some(user) => {
            let user = UserId::new(user).context("the user's id is not valid")?;
            for_user(&config, AppId(args.app), user, args.lifetime_s)?
        }
        None => for_back_end(&config, AppId(args.app), args.lifetime_s)?,
    };
    println!("{token}");
    Ok(())
}

/// A token of a user.
///
/// # Errors
/// There is no such app, no key that can sign, or the lifetime is too long.
pub(crate) fn for_user(
    config: &Config,
    app: AppId,
    user: UserId,
    lifetime_s: Option<u64>,
) -> anyhow::Result<String> {
    let (id, key) = signing_key(config, app, KeyPurpose::User)?;
    let claims = UserTokenClaims {
        account: Account::new(app, user),
        issued: SystemClock::new().now(),
        lifetime: Duration::from_secs(lifetime_s.unwrap_or(USER_LIFETIME_S)),
        name: None,
        scope: Scope::default(),
    };
    mint_user_token(&key, &id, &claims).context("no token is minted")
}

/// A token of an app's back end.
///
/// # Errors
/// There is no such app, no key that can sign, or the lifetime is too long.
pub(crate) fn for_back_end(config: &Config, app: AppId, lifetime_s: Option<u64>) -> anyhow::Result<String> {
    let (id, key) = signing_key(config, app, KeyPurpose::Server)?;
    let claims = ServerTokenClaims {
        app,
        issued: SystemClock::new().now(),
        lifetime: Duration::from_secs(lifetime_s.unwrap_or(BACK_END_LIFETIME_S)),
        scope: Scope::default(),
    };
    mint_server_token(&key, &id, &claims).context("no token is minted")
}

fn signing_key(config: &Config, app: AppId, purpose: KeyPurpose) -> anyhow::Result<(KeyId, SigningKey)> {
    let Some(found) = config.apps.iter().find(|candidate| candidate.id == app.0) else {
        bail!("no app {app} is configured");
    };
    let can_sign = |key: &&Key| key.enabled && key.purpose == purpose && key.algorithm == KeyAlgorithm::Hs256;
    let Some(key) = found.keys.iter().find(can_sign) else {
        bail!(
            "app {app} has no enabled HS256 key for this purpose; the private half of an EdDSA key is yours alone"
        );
    };
    let secret =
        URL_SAFE_NO_PAD.decode(key.secret.trim_end_matches('=')).context("the secret is not base64url")?;
    Ok((KeyId::new(&key.id)?, SigningKey::hs256(&secret)?))
}
