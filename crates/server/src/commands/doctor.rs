//! `offhook doctor push`: whether vendors take the credentials of the configuration, and what to do where they do not.
use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use offhook_gateway::{Clock as _, SystemClock};
use offhook_push::{
    Address, ApnsChannel, ApnsToken, Environment, Kind, Order, PushId, Text, Token, Unsendable, Verdict,
    Voip, WebSubscription,
};
use offhook_push_line::Line;
use offhook_types::{AppId, CallId, CallSeq, DeviceId, Opaque, Timestamp, UserId};
use serde::Deserialize;

use crate::{
    cli::DoctorArgs,
    config::{self, Configured},
    pushes::{Built, Reach},
};

/// A device token that Apple gave to nobody: of the right length, so that the credential is looked at first.
const NOBODY: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// From when on an operator is told that a certificate ends soon.
const SOON: Duration = Duration::from_hours(30 * 24);

const GOOD: &str = "the vendor takes the credential. Nobody is at the address that was tried, as expected.";

/// What was found of one credential.
struct Finding {
    is_good: bool,
    sentence: String,
    what: String,
}

/// One thing to send, and what shows that the credential is good.
struct Trial {
    address: Address,
    is_made_up: bool,
    what: &'static str,
}

/// Tries every credential of the configuration, and prints what was found.
///
/// # Errors
/// The configuration is not valid, or a credential is not good.
pub(crate) async fn run(args: &DoctorArgs) -> anyhow::Result<()> {
    let config = super::configuration(args.config.config.as_deref())?;
    let clock = Arc::new(SystemClock::new());
    let reach = Reach::new(&config.push, Arc::clone(&clock))?.checking_only();
    let wanted = |configured: &Configured| {
        args.app.is_none_or(|app| configured.app == AppId(app))
            && args.resource.as_ref().is_none_or(|name| configured.name == *name)
    };
    let resources: Vec<Configured> = config::push_resources(&config)?.into_iter().filter(wanted).collect();
    if resources.is_empty() {
        bail!("there is no such push resource in the configuration: add an [[apps.push]] block");
    }
    let mut bad = 0;
    for configured in resources {
        println!("app {}, push resource {}", configured.app, configured.name);
        for finding in examine(&configured, (&reach, &clock), args).await? {
            let mark = if finding.is_good { "ok  " } else { "BAD " };
            println!("  {mark} {:<16} {}", finding.what, finding.sentence);
            bad += usize::from(!finding.is_good);
        }
    }
    if bad > 0 {
        bail!("{bad} of the above need your attention");
    }
    Ok(())
}

async fn examine(
    configured: &Configured,
    (reach, clock): (&Reach, &Arc<SystemClock>),
    args: &DoctorArgs,
) -> anyhow::Result<Vec<Finding>> {
    let built = match Built::new(&configured.name, (&configured.resource, &configured.base_urls), reach) {
        Ok(built) => built,
        Err(error) => {
            let sentence = format!("it cannot be used: {error:#}");
            return Ok(vec![Finding { is_good: false, sentence, what: "settings".into() }]);
        }
    };
    let mut findings = Vec::new();
    for (vendor, line) in built.lines.all() {
        for trial in trials(vendor, args)? {
            findings.push(try_out(line, (&trial, clock.now())).await);
        }
        if vendor == "web" && args.subscription.is_none() {
            let sentence =
                "the keys are a pair. Give a browser's subscription with --subscription to try it out".into();
            findings.push(Finding { is_good: true, sentence, what: "web".into() });
        }
        findings.extend(expiry(line, clock.now()));
    }
    Ok(findings)
}

/// What is sent to whom: to nobody, unless an address was given.
fn trials(vendor: &str, args: &DoctorArgs) -> anyhow::Result<Vec<Trial>> {
    let apns = |environment, what| -> anyhow::Result<Trial> {
        let token = ApnsToken::new(ApnsChannel::Voip, environment, NOBODY)?;
        Ok(Trial { address: Address::Apns(token), is_made_up: false, what })
    };
    Ok(match vendor {
        "apns" => vec![
            apns(Environment::Production, "apns production")?,
            apns(Environment::Sandbox, "apns sandbox")?,
        ],
        "fcm" => {
            let token = Token::new(args.fcm_token.as_deref().unwrap_or("offhook-doctor"))?;
            let is_made_up = args.fcm_token.is_none();
            vec![Trial { address: Address::Fcm { token }, is_made_up, what: "fcm" }]
        }
        "web" => match &args.subscription {
            Some(path) => {
                let address = Address::Web(subscription(path)?);
                vec![Trial { address, is_made_up: false, what: "web" }]
            }
            None => Vec::new(),
        },
        _ => {
            let token = Token::new("offhook-doctor")?;
            vec![Trial { address: Address::Webhook { token }, is_made_up: false, what: "webhook" }]
        }
    })
}

#[derive(Deserialize)]
struct SubscriptionFile {
    endpoint: String,
    keys: SubscriptionKeys,
}

#[derive(Deserialize)]
struct SubscriptionKeys {
    auth: String,
    p256dh: String,
}

fn subscription(path: &Path) -> anyhow::Result<WebSubscription> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let file: SubscriptionFile = serde_json::from_str(&text)
        .map_err(|_| anyhow::anyhow!("{} is not what PushSubscription.toJSON() gives", path.display()))?;
    Ok(WebSubscription::new(&file.endpoint, &file.keys.p256dh, &file.keys.auth)?)
}

async fn try_out(line: &Arc<Line>, (trial, now): (&Trial, Timestamp)) -> Finding {
    let result = line.send(&order(now), &trial.address).await;
    let (is_good, sentence) = match &result {
        // Google looks at the credential first, and then finds that our token is none.
        Ok(Verdict::Malformed { .. }) if trial.is_made_up => (true, GOOD.into()),
        Ok(verdict) => read(verdict, line),
        Err(unsendable) => (false, unsent(*unsendable)),
    };
    Finding { is_good, sentence, what: trial.what.to_owned() }
}

/// What a verdict says of the credential, and what to do.
fn read(verdict: &Verdict, line: &Line) -> (bool, String) {
    match verdict {
        Verdict::Accepted { .. } => (true, "the vendor takes the credential, and took the push.".into()),
        Verdict::AddressDead { .. } | Verdict::WrongEnvironment { .. } => (
            true,
            "the vendor takes the credential. Nobody is at the address that was tried, as expected.".into(),
        ),
        Verdict::AddressMisfit => {
            (true, "the vendor takes the credential; the address that was tried is another app's.".into())
        }
        Verdict::CredentialRefused { why } => (false, refused(why)),
        Verdict::Malformed { why } => {
            (false, format!("the vendor refuses what was sent ({why}): look at the resource's settings."))
        }
        Verdict::Throttled { .. } => {
            (false, "the vendor has had too much from you for now: try again later.".into())
        }
        Verdict::Again | Verdict::Unavailable { .. } | Verdict::Unknown => {
            let why = line.state().last_failure;
            let why = why.as_deref().unwrap_or("it did not answer").to_owned();
            (false, format!("the vendor cannot be reached: {why}."))
        }
    }
}

fn refused(why: &str) -> String {
    let advice = match why {
        "ExpiredProviderToken" => "this machine's clock is wrong by more than an hour: set it by NTP",
        "InvalidProviderToken" => {
            "key_id, team_id and key_file do not belong together, or the key was revoked"
        }
        "BadEnvironmentKeyIdInToken" => {
            "this key is limited to the other of Apple's two environments: make one for both"
        }
        "TopicDisallowed" | "BadTopic" => {
            "bundle is not the app's identifier, or the certificate is another app's"
        }
        "BadCertificate" | "BadCertificateEnvironment" => {
            "the certificate is no VoIP Services certificate of this environment, or has ended"
        }
        "invalid_grant" => {
            "the service account was removed or its key revoked, or this machine's clock is wrong"
        }
        "BadJwtToken" => {
            "the subject is no mailto: or https address that the vendor takes, or this machine's clock is wrong"
        }
        _ => "make a new one and put it into the resource",
    };
    format!("the vendor refuses the credential ({why}): {advice}.")
}

fn unsent(unsendable: Unsendable) -> String {
    match unsendable {
        Unsendable::Host => "the subscription's host is not on the list: add it to `hosts`.".into(),
        Unsendable::Address | Unsendable::Channel | Unsendable::Over | Unsendable::TooLarge { .. } => {
            format!("nothing could be sent: {unsendable}.")
        }
    }
}

fn expiry(line: &Line, now: Timestamp) -> Option<Finding> {
    let left = line.state().identity_expires?.since(now);
    let days = left.as_secs() / 86_400;
    let sentence = match days {
        0 => "the certificate has ended, or ends today: renew it.".into(),
        days => format!("the certificate ends in {days} days."),
    };
    Some(Finding { is_good: left > SOON, sentence, what: "expiry".into() })
}

/// A ring of nobody's that ends at once.
fn order(now: Timestamp) -> Order {
    let id = |text| UserId::new(text).expect("graphic ASCII");
    Order {
        app: AppId(0),
        badge: None,
        call: CallId::from_parts(now, rand::random()),
        caller: id("offhook-doctor"),
        credential: Opaque::default(),
        device: DeviceId::new("offhook-doctor").expect("graphic ASCII"),
        kind: Kind::Ring,
        payload: Opaque::default(),
        push: PushId::from_random(rand::random()),
        rung_at: now,
        ring_until: now + Duration::from_secs(30),
        seq: CallSeq(1),
        text: Text { title: "Offhook".into(), body: "A test of wake-up pushes".into() },
        thread: String::new(),
        user: id("offhook-doctor"),
        voip: Voip::default(),
    }
}
