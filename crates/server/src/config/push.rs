//! Push resources as the configuration has them: secrets lie in files of their own.
use std::{fs, path::PathBuf};

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use offhook_signaling::{
    ApnsCertificate, ApnsKey, ApnsResource, ApnsStop, FcmResource, Hidden, PushResource, PushTexts,
    WebResource, WebhookResource,
};
use offhook_types::AppId;
use serde::{Deserialize, Serialize};

use super::Config;

/// What all pushes have in common.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Push {
    pub(crate) secret_file: PathBuf,
    pub(crate) roots: Vec<PathBuf>,
    pub(crate) allow_private: bool,
}

/// When the devices of an app are woken.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PushRules {
    pub(crate) always: bool,
}

impl Default for PushRules {
    fn default() -> Self {
        Self { always: true }
    }
}

/// A push resource.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resource {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) missed: bool,
    #[serde(default)]
    pub(crate) apns: Option<Apns>,
    #[serde(default)]
    pub(crate) fcm: Option<Fcm>,
    #[serde(default)]
    pub(crate) web: Option<Web>,
    #[serde(default)]
    pub(crate) webhook: Option<Webhook>,
    #[serde(default)]
    pub(crate) texts: PushTexts,
}

/// Apple's service.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Apns {
    bundle: String,
    #[serde(default)]
    key_file: PathBuf,
    #[serde(default)]
    key_id: String,
    #[serde(default)]
    team_id: String,
    #[serde(default)]
    certificate_file: PathBuf,
    #[serde(default)]
    password_file: PathBuf,
    #[serde(default = "default_sound")]
    sound: String,
    #[serde(default)]
    mutable: bool,
    #[serde(default)]
    stop: ApnsStop,
    #[serde(default)]
    base_url: String,
}

/// Firebase Cloud Messaging.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fcm {
    service_account_file: PathBuf,
    #[serde(default)]
    package: String,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    sound: String,
    #[serde(default)]
    base_url: String,
}

/// Browsers.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Web {
    subject: String,
    public_key: String,
    private_key_file: PathBuf,
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    base_url: String,
}

/// The app's own provider.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Webhook {
    url: String,
    secret_file: PathBuf,
}

/// Where vendors are reached instead of at their own addresses; empty for those.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BaseUrls {
    pub(crate) apns: String,
    pub(crate) fcm: String,
    pub(crate) web: String,
}

/// A push resource of the configuration, with its secrets read.
pub(crate) struct Configured {
    pub(crate) app: AppId,
    pub(crate) name: String,
    pub(crate) resource: PushResource,
    pub(crate) base_urls: BaseUrls,
}

/// Reads the push resources of all apps.
///
/// # Errors
/// Names the file that cannot be read, or the setting that is missing.
pub(crate) fn push_resources(config: &Config) -> anyhow::Result<Vec<Configured>> {
    let mut all = Vec::new();
    for app in &config.apps {
        for resource in &app.push {
            let read = configured(AppId(app.id), resource);
            all.push(read.with_context(|| format!("push resource {:?} of app {}", resource.name, app.id))?);
        }
    }
    Ok(all)
}

fn configured(app: AppId, resource: &Resource) -> anyhow::Result<Configured> {
    let base_url = |url: Option<&String>| url.cloned().unwrap_or_default();
    Ok(Configured {
        app,
        name: resource.name.clone(),
        base_urls: BaseUrls {
            apns: base_url(resource.apns.as_ref().map(|apns| &apns.base_url)),
            fcm: base_url(resource.fcm.as_ref().map(|fcm| &fcm.base_url)),
            web: base_url(resource.web.as_ref().map(|web| &web.base_url)),
        },
        resource: PushResource {
            apns: resource.apns.as_ref().map(apns).transpose().context("apns")?,
            fcm: resource.fcm.as_ref().map(fcm).transpose().context("fcm")?,
            missed: resource.missed,
            texts: resource.texts.clone(),
            web: resource.web.as_ref().map(web).transpose().context("web")?,
            webhook: resource.webhook.as_ref().map(webhook).transpose().context("webhook")?,
        },
    })
}

fn apns(apns: &Apns) -> anyhow::Result<ApnsResource> {
    let is_given = |path: &PathBuf| !path.as_os_str().is_empty();
    let (key, certificate) = match (is_given(&apns.key_file), is_given(&apns.certificate_file)) {
        (true, false) => {
            let (id, team) = (apns.key_id.clone(), apns.team_id.clone());
            (Some(ApnsKey { id, p8: Hidden(text_of(&apns.key_file)?), team }), None)
        }
        (false, true) => {
            let path = &apns.certificate_file;
            let p12 = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            let password = match is_given(&apns.password_file) {
                true => text_of(&apns.password_file)?.trim_end().to_owned(),
                false => String::new(),
            };
            let (p12, password) = (Hidden(STANDARD.encode(p12)), Hidden(password));
            (None, Some(ApnsCertificate { p12, password }))
        }
        (true, true) | (false, false) => bail!("give either key_file or certificate_file"),
    };
    Ok(ApnsResource {
        bundle: apns.bundle.clone(),
        certificate,
        key,
        mutable: apns.mutable,
        sound: apns.sound.clone(),
        stop: apns.stop,
    })
}

fn fcm(fcm: &Fcm) -> anyhow::Result<FcmResource> {
    Ok(FcmResource {
        channel: fcm.channel.clone(),
        package: fcm.package.clone(),
        service_account: Hidden(text_of(&fcm.service_account_file)?),
        sound: fcm.sound.clone(),
    })
}

fn web(web: &Web) -> anyhow::Result<WebResource> {
    Ok(WebResource {
        hosts: web.hosts.clone(),
        private_key: Hidden(text_of(&web.private_key_file)?.trim().to_owned()),
        public_key: web.public_key.clone(),
        subject: web.subject.clone(),
    })
}

fn webhook(webhook: &Webhook) -> anyhow::Result<WebhookResource> {
    let secret = Hidden(text_of(&webhook.secret_file)?.trim().to_owned());
    Ok(WebhookResource { secret, url: webhook.url.clone() })
}

fn text_of(path: &PathBuf) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn default_sound() -> String {
    "default".into()
}
