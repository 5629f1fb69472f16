//! From the configured apps to keys and rules.
use std::time::Duration;

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use offhook_auth::{AppSpec, KeyId, KeyRing, KeySpec, Purpose, Token04Secret, VerifyingKey};
use offhook_call::{EndPolicy, JoinPolicy, LateCancel, Policy};
use offhook_call_control::{AppPolicy, BusyPolicy, GlarePolicy, Policies};
use offhook_types::{AppId, Timestamp};

use super::{App, Busy, CallRules, Config, Glare, JoinRule, Key, KeyAlgorithm, KeyPurpose, LateCancelRule};

/// The keys of all apps.
///
/// # Errors
/// Says which key of which app is not valid, and why.
pub(crate) fn key_ring(config: &Config) -> anyhow::Result<KeyRing> {
    let apps = config.apps.iter().map(app_spec).collect::<anyhow::Result<Vec<_>>>()?;
    KeyRing::new(apps).context("the apps of the configuration do not go together")
}

/// The rules of all apps.
pub(crate) fn policies(config: &Config) -> Policies {
    let mut policies = Policies::default();
    for app in &config.apps {
        let policy = AppPolicy {
            open_rooms: app.rooms.open,
            push_always: app.pushes.always,
            ..app_policy(&app.calls)
        };
        policies.set(AppId(app.id), policy);
    }
    policies
}

fn app_spec(app: &App) -> anyhow::Result<AppSpec> {
    let keys = app
        .keys
        .iter()
        .map(|key| key_spec(key).with_context(|| format!("key {:?} of app {}", key.id, app.id)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut spec = AppSpec::new(AppId(app.id), keys);
    spec.tokens_valid_after = seconds(app.tokens_valid_after);
    if !app.token04_secret.is_empty() {
        let secret = Token04Secret::new(&app.token04_secret);
        spec.token04_secret = Some(secret.with_context(|| format!("token04_secret of app {}", app.id))?);
    }
    Ok(spec)
}

fn key_spec(key: &Key) -> anyhow::Result<KeySpec> {
    let verifying = match key.algorithm {
        KeyAlgorithm::EdDsa => VerifyingKey::ed25519(&key.public_key)?,
        KeyAlgorithm::Hs256 => {
            let secret = URL_SAFE_NO_PAD.decode(key.secret.trim_end_matches('='));
            let Ok(secret) = secret else { bail!("secret is base64url of at least 32 bytes") };
            VerifyingKey::hs256(&secret)?
        }
    };
    let purpose = match key.purpose {
        KeyPurpose::Server => Purpose::Server,
        KeyPurpose::User => Purpose::User,
    };
    let mut spec = KeySpec::new(KeyId::new(&key.id)?, purpose, verifying);
    spec.enabled = key.enabled;
    spec.not_before = seconds(key.not_before);
    Ok(spec)
}

fn app_policy(rules: &CallRules) -> AppPolicy {
    AppPolicy {
        busy: match rules.busy {
            Busy::Reject => BusyPolicy::Reject,
            Busy::Ring => BusyPolicy::Ring,
            Busy::Waiting => BusyPolicy::Waiting,
        },
        push_always: true,
        call: Policy {
            tell_delivery: false,
            end: EndPolicy {
                caller_leaves: rules.end_when_caller_leaves,
                last_one_left: rules.end_when_one_is_left,
            },
            grace: Duration::from_secs(rules.grace_s),
            join: match rules.join {
                JoinRule::Anyone => JoinPolicy::Anyone,
                JoinRule::Invited => JoinPolicy::Invited,
            },
            late_cancel: match rules.late_cancel {
                LateCancelRule::End => LateCancel::End,
                LateCancelRule::Refuse => LateCancel::Refuse,
            },
            max_age: Duration::from_secs(rules.max_age_s),
            max_invitees: rules.max_invitees,
            max_participants: rules.max_participants,
            not_received_check: None,
        },
        caller_lease: Duration::from_secs(rules.caller_lease_s),
        glare: match rules.glare {
            Glare::Merge => GlarePolicy::Merge,
            Glare::Off => GlarePolicy::Off,
        },
        max_data_bytes: rules.max_data_bytes,
        open_rooms: false,
    }
}

fn seconds(since_epoch: u64) -> Timestamp {
    Timestamp::from_millis(since_epoch.saturating_mul(1_000))
}
