//! From a resource's settings to its words and its lines.
use std::{fs, sync::Arc};

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use offhook_gateway::{Clock as _, SystemClock};
use offhook_push::{Address, Carriers, Lines as Texts, Resource, Signer, Vendor};
use offhook_push_apns as apns;
use offhook_push_fcm as fcm;
use offhook_push_line::{Identity, Line, LineConfig};
use offhook_push_web as web;
use offhook_push_webhook as webhook;
use offhook_signaling::{
    ApnsResource, ApnsStop, FcmResource, PushResource, PushTexts, WebResource, WebhookResource,
};
use offhook_types::Timestamp;
use rustls_pki_types::{CertificateDer, pem::PemObject as _};

use crate::config::{BaseUrls, Push};

/// A resource that can be sent by.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) resource: Arc<Resource>,
    pub(crate) lines: Lines,
    /// With which key browsers subscribe.
    pub(crate) web_key: Option<String>,
}

/// The lines of a resource, one for each vendor that it has credentials for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines {
    pub(crate) apns: Option<Arc<Line>>,
    pub(crate) fcm: Option<Arc<Line>>,
    pub(crate) web: Option<Arc<Line>>,
    pub(crate) webhook: Option<Arc<Line>>,
}

/// How vendors are reached from here.
#[derive(Clone)]
pub(crate) struct Reach {
    allow_private: bool,
    clock: Arc<SystemClock>,
    is_checking: bool,
    roots: Vec<CertificateDer<'static>>,
}

impl Lines {
    /// The line to the vendor of an address.
    pub(crate) fn to(&self, address: &Address) -> Option<&Arc<Line>> {
        match address {
            Address::Apns(_) => self.apns.as_ref(),
            Address::Fcm { .. } => self.fcm.as_ref(),
            Address::Web(_) => self.web.as_ref(),
            Address::Webhook { .. } => self.webhook.as_ref(),
        }
    }

    /// Each line with the name of its vendor.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'static str, &Arc<Line>)> {
        let lines =
            [("apns", &self.apns), ("fcm", &self.fcm), ("web", &self.web), ("webhook", &self.webhook)];
        lines.into_iter().filter_map(|(name, line)| Some((name, line.as_ref()?)))
    }

    /// When the first of the credentials ends that is known to end.
    pub(crate) fn expires(&self) -> Option<Timestamp> {
        self.all().filter_map(|(_, line)| line.state().identity_expires).min()
    }
}

impl Reach {
    /// As the configuration says.
    ///
    /// # Errors
    /// A file of roots cannot be read.
    pub(crate) fn new(config: &Push, clock: Arc<SystemClock>) -> anyhow::Result<Self> {
        let mut roots = Vec::new();
        for path in &config.roots {
            let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
            let certificates = certificates.with_context(|| format!("{} is no PEM", path.display()))?;
            roots.extend(certificates);
        }
        Ok(Self { allow_private: config.allow_private, clock, is_checking: false, roots })
    }

    /// The same, but where a vendor can check without delivering, that is all it does.
    pub(crate) fn checking_only(self) -> Self {
        Self { is_checking: true, ..self }
    }

    fn line(
        &self,
        vendor: impl Vendor + 'static,
        (base_url, identity): (&str, Option<Identity>),
    ) -> anyhow::Result<Arc<Line>> {
        let base_url = match base_url {
            "" => None,
            url => Some(url.parse().context("base_url is no URL")?),
        };
        let config = LineConfig {
            allow_private: self.allow_private,
            base_url,
            identity,
            roots: self.roots.clone(),
            ..LineConfig::default()
        };
        let clock = Arc::clone(&self.clock);
        let line = Line::new(Box::new(vendor), config, Arc::new(move || clock.now()))?;
        Ok(Arc::new(line))
    }
}

impl Built {
    /// Makes a resource ready to send.
    ///
    /// # Errors
    /// Says which credential or text is not valid, and what it should be. Never says what it was.
    pub(crate) fn new(
        name: &str,
        (form, urls): (&PushResource, &BaseUrls),
        reach: &Reach,
    ) -> anyhow::Result<Self> {
        let lines = Lines {
            apns: form
                .apns
                .as_ref()
                .map(|form| apns_line(form, &urls.apns, reach))
                .transpose()
                .context("apns")?,
            fcm: form.fcm.as_ref().map(|form| fcm_line(form, &urls.fcm, reach)).transpose().context("fcm")?,
            web: form.web.as_ref().map(|form| web_line(form, &urls.web, reach)).transpose().context("web")?,
            webhook: form
                .webhook
                .as_ref()
                .map(|form| webhook_line(form, reach))
                .transpose()
                .context("webhook")?,
        };
        if lines.all().next().is_none() {
            bail!("a push resource has at least one of apns, fcm, web and webhook");
        }
        let carriers = Carriers {
            apns: lines.apns.is_some(),
            fcm: lines.fcm.is_some(),
            web: lines.web.is_some(),
            webhook: lines.webhook.is_some(),
        };
        let resource = Resource {
            missed: form.missed,
            stop_by_voip: form.apns.as_ref().is_some_and(|apns| apns.stop == ApnsStop::Voip),
            texts: texts(&form.texts).context("texts")?,
            ..Resource::new(name, carriers)?
        };
        let web_key = form.web.as_ref().map(|web| web.public_key.trim_end_matches('=').to_owned());
        Ok(Self { resource: Arc::new(resource), lines, web_key })
    }
}

impl Built {
    /// The same for a development server, whose own vendor takes what has no line.
    pub(crate) fn for_every_device(self) -> Self {
        let resource = Resource { carriers: Carriers::ALL, ..Resource::clone(&self.resource) };
        Self { resource: Arc::new(resource), ..self }
    }
}

fn apns_line(form: &ApnsResource, url: &str, reach: &Reach) -> anyhow::Result<Arc<Line>> {
    let rules = apns::Rules {
        bundle: form.bundle.clone(),
        mutable: form.mutable,
        sound: form.sound.clone(),
        stop_as: match form.stop {
            ApnsStop::Alert => apns::StopAs::Alert,
            ApnsStop::Background => apns::StopAs::Background,
            ApnsStop::Voip => apns::StopAs::Voip,
        },
    };
    let (credential, identity) = match (&form.key, &form.certificate) {
        (Some(key), None) => {
            let signer = Signer::es256(&key.p8.0).context("key")?;
            let (key_id, team_id) = (key.id.clone(), key.team.clone());
            (apns::Credential::Key { key_id, signer, team_id }, None)
        }
        (None, Some(certificate)) => {
            let p12 = STANDARD.decode(certificate.p12.0.trim()).context("certificate: p12 is base64")?;
            let identity = Identity::from_p12(&p12, &certificate.password.0).context("certificate")?;
            (apns::Credential::Certificate, Some(identity))
        }
        (Some(_), Some(_)) | (None, None) => bail!("give either a key or a certificate"),
    };
    reach.line(apns::Provider::new(credential, rules)?, (url, identity))
}

fn fcm_line(form: &FcmResource, url: &str, reach: &Reach) -> anyhow::Result<Arc<Line>> {
    let account = fcm::ServiceAccount::read(&form.service_account.0).context("service_account")?;
    let rules = fcm::Rules {
        channel: form.channel.clone(),
        package: form.package.clone(),
        sound: form.sound.clone(),
        validate_only: reach.is_checking,
    };
    reach.line(fcm::Provider::new(account, rules), (url, None))
}

fn web_line(form: &WebResource, url: &str, reach: &Reach) -> anyhow::Result<Arc<Line>> {
    let signer = Signer::es256_of_halves(&form.private_key.0, &form.public_key)
        .context("private_key and public_key")?;
    let vapid = web::Vapid::new(signer, &form.subject).context("subject")?;
    let hosts = web::Hosts::default().and(&form.hosts).context("hosts")?;
    reach.line(web::Provider::new(vapid, web::Rules { hosts }), (url, None))
}

fn webhook_line(form: &WebhookResource, reach: &Reach) -> anyhow::Result<Arc<Line>> {
    let secret = webhook::Secret::new(&form.secret.0).context("secret")?;
    let rules = webhook::Rules::new(&form.url, "").context("url")?;
    reach.line(webhook::Provider::new(secret, rules), ("", None))
}

fn texts(form: &PushTexts) -> anyhow::Result<offhook_push::Texts> {
    let usual = offhook_push::Texts::default();
    let lines = |title: &Option<String>, body: &Option<String>, usual: Texts| -> anyhow::Result<Texts> {
        let template = |text: &Option<String>, usual| match text {
            Some(text) => offhook_push::Template::new(text),
            None => Ok(usual),
        };
        Ok(Texts { title: template(title, usual.title)?, body: template(body, usual.body)? })
    };
    Ok(offhook_push::Texts {
        ring: lines(&form.title, &form.body, usual.ring)?,
        missed: lines(&form.missed_title, &form.missed_body, usual.missed)?,
        elsewhere: lines(&form.elsewhere_title, &form.elsewhere_body, usual.elsewhere)?,
    })
}
