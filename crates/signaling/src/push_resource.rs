//! Push resources, as back ends keep them: the named policies by which an app's devices are woken.
use alloc::{string::String, vec::Vec};

use offhook_types::{DeviceId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::Hidden;

/// How an app's devices are woken: credentials of at least one vendor, and what people read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PushResource {
    /// Apple's service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apns: Option<ApnsResource>,
    /// Firebase Cloud Messaging.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fcm: Option<FcmResource>,
    /// Whether devices that no ring has reached are told of a missed call. Default no.
    #[serde(default)]
    pub missed: bool,
    /// What people read where callers give no words of their own.
    #[serde(default)]
    pub texts: PushTexts,
    /// Browsers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web: Option<WebResource>,
    /// The app's own provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<WebhookResource>,
}

/// Credentials and rules for Apple's service: a key, or a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApnsResource {
    /// The app's bundle identifier, without `.voip`.
    pub bundle: String,
    /// A certificate with its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<ApnsCertificate>,
    /// A key of the team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<ApnsKey>,
    /// Whether notifications go through the app's service extension before they are shown. Default no.
    #[serde(default)]
    pub mutable: bool,
    /// The sound of notifications: a file of the app's bundle. Default `default`.
    #[serde(default = "default_sound")]
    pub sound: String,
    /// How a device is told that the ring is over. Default `background`.
    #[serde(default)]
    pub stop: ApnsStop,
}

/// A key of a team, for all of its apps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApnsKey {
    /// The key's identifier: ten letters and digits.
    pub id: String,
    /// The text of the `.p8` file.
    pub p8: Hidden,
    /// The team's identifier: ten letters and digits.
    pub team: String,
}

/// A certificate of one app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApnsCertificate {
    /// The bytes of the `.p12` file in base64.
    pub p12: Hidden,
    /// Its password; empty for none.
    #[serde(default)]
    pub password: Hidden,
}

/// How a device of Apple's is told that a ring is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ApnsStop {
    /// By a notification in the place of the ring's.
    Alert,
    /// The app is woken in silence, if the system sees fit.
    #[default]
    Background,
    /// By a second VoIP push. The app must report the same call once more and end it, or it is killed.
    Voip,
}

/// Credentials and rules for Firebase Cloud Messaging.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FcmResource {
    /// The channel in which the app shows a ring; passed on to it.
    #[serde(default)]
    pub channel: String,
    /// The one Android package that may receive messages; empty for any of the project.
    #[serde(default)]
    pub package: String,
    /// The text of the service account's JSON file.
    pub service_account: Hidden,
    /// The sound of a ring; passed on to the app.
    #[serde(default)]
    pub sound: String,
}

/// Credentials and rules for browsers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WebResource {
    /// Push services beside those of the well-known browsers: host names, `*.` in front for all below.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// The private half of the VAPID key: 32 bytes in base64url. `offhook vapid` makes a pair.
    pub private_key: Hidden,
    /// The public half: 65 bytes in base64url.
    pub public_key: String,
    /// Whom a push service turns to: `mailto:` and an address, or an https URL.
    pub subject: String,
}

/// The app's own provider of pushes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WebhookResource {
    /// The secret of the signature: `whsec_` and base64.
    pub secret: Hidden,
    /// Where pushes are posted to.
    pub url: String,
}

/// What people read. `{caller}`, `{media}`, `{title}` and `{body}` stand for what is known; absent is the usual text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PushTexts {
    /// The first line of a ring. Default `{caller}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The second line of a ring. Default `Incoming {media} call`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The first line of a call that was missed. Default `{caller}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed_title: Option<String>,
    /// The second line of a call that was missed. Default `Missed {media} call`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed_body: Option<String>,
    /// The first line of a ring that was answered on another device. Default `{caller}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere_title: Option<String>,
    /// The second line of a ring that was answered on another device. Default `Answered on another device`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere_body: Option<String>,
}

/// The push resources of an app, without their credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PushResources {
    /// In the order of their names.
    pub resources: Vec<PushResourceView>,
}

/// A push resource without its credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PushResourceView {
    /// When the first of its credentials ends, if one is known to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Whether it stands in the configuration: then it cannot be changed here.
    pub is_configured: bool,
    /// Its name.
    pub name: String,
    /// The vendors that it has credentials for.
    pub providers: Vec<String>,
}

/// What was sent to the devices of a call's parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PushLedger {
    /// In the order of users and devices.
    pub pushes: Vec<PushView>,
}

/// One push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PushView {
    /// When it was entered into the ledger, right before it was sent.
    pub at: Timestamp,
    /// How often it was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
    /// The vendor's own words, or its name for the push.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The device.
    pub device: DeviceId,
    /// What it said: `ring`, `stop` or `missed`.
    pub kind: String,
    /// The id by which the device and the vendor know it.
    pub push: String,
    /// The kind of the device's address.
    pub provider: String,
    /// By which resource.
    pub resource: String,
    /// When the vendor answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<Timestamp>,
    /// The user.
    pub user: UserId,
    /// What the vendor's answer means; absent while it is awaited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
}

fn default_sound() -> String {
    "default".into()
}
