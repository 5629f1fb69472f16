//! Wake-up pushes: what a caller sends along, and where a device is reached.
use alloc::{string::String, vec::Vec};
use core::fmt;

use offhook_types::Opaque;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::words::HandleKind;

/// What a caller sends along for devices that must be woken, or whose ring ends. Texts that are absent are the
/// resource's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PushConfig {
    /// What the app's icon counts from now on; 0 to 99. Absent leaves it.
    #[serde(default, deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(max = 99)))]
    pub badge: Option<u32>,
    /// The notification's second line, at most 1 KiB.
    #[serde(default, skip_serializing_if = "Opaque::is_empty")]
    pub body: Opaque,
    /// For the app on the device, untouched; at most 2 KiB.
    #[serde(default, skip_serializing_if = "Opaque::is_empty")]
    pub payload: Opaque,
    /// The app's push resource that says how it is sent; at most 32 bytes. Absent for `default`.
    #[serde(default, skip_serializing_if = "Opaque::is_empty")]
    pub resource: Opaque,
    /// Groups notifications of one conversation; at most 64 bytes.
    #[serde(default, skip_serializing_if = "Opaque::is_empty")]
    pub thread: Opaque,
    /// The notification's first line, at most 256 bytes.
    #[serde(default, skip_serializing_if = "Opaque::is_empty")]
    pub title: Opaque,
    /// What iOS shows of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voip: Option<VoipConfig>,
}

/// What iOS shows of a caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VoipConfig {
    /// Names the caller for the system's list of calls; at most 256 bytes.
    #[serde(default, skip_serializing_if = "Opaque::is_empty")]
    pub handle: Opaque,
    /// What the handle is. Default generic.
    #[serde(default = "generic")]
    pub handle_kind: HandleKind,
    /// Whether it is shown as a video call; absent for what the invite says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_video: Option<bool>,
}

/// Registers where this device is reached when its app does not run, in place of all that it registered before. An
/// address that another device had is that device's no more. Valid until it is unregistered or the device logs out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RegisterDevice {
    /// Where; 1 to 4 addresses, no two of one kind.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 4)))]
    pub addresses: Vec<DeviceAddress>,
}

/// Where a device is reached. Never told to anybody again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "provider", rename_all = "snake_case", deny_unknown_fields)]
pub enum DeviceAddress {
    /// Notifications of Apple's service.
    ApnsAlert {
        /// Which of Apple's two services gave the token out. Default production.
        #[serde(default)]
        environment: ApnsEnvironment,
        /// The device token in hexadecimal digits.
        token: String,
    },
    /// Rings of Apple's service, which start a call screen at once.
    ApnsVoip {
        /// Which of Apple's two services gave the token out. Default production.
        #[serde(default)]
        environment: ApnsEnvironment,
        /// The device token in hexadecimal digits.
        token: String,
    },
    /// Firebase Cloud Messaging.
    Fcm {
        /// The registration token.
        token: String,
    },
    /// A browser.
    Web {
        /// `keys.auth` of the subscription.
        auth: String,
        /// Where its push service takes messages.
        endpoint: String,
        /// `keys.p256dh` of the subscription.
        p256dh: String,
    },
    /// The app's own provider.
    Webhook {
        /// Whatever names the device there.
        token: String,
    },
}

/// Which of Apple's two services gave a token out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ApnsEnvironment {
    /// Apps of the store and of test flights.
    #[default]
    Production,
    /// Apps that run from the development tools.
    Sandbox,
}

impl DeviceAddress {
    /// The kind, as the wire names it.
    #[must_use]
    pub fn provider(&self) -> &'static str {
        match self {
            Self::ApnsAlert { .. } => "apns_alert",
            Self::ApnsVoip { .. } => "apns_voip",
            Self::Fcm { .. } => "fcm",
            Self::Web { .. } => "web",
            Self::Webhook { .. } => "webhook",
        }
    }
}

// Keeps the address to itself.
impl fmt::Debug for DeviceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceAddress({})", self.provider())
    }
}

/// Asks with which key a browser subscribes to pushes of this app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AskPushKey {
    /// The push resource; absent for `default`.
    #[serde(default, skip_serializing_if = "Opaque::is_empty")]
    pub resource: Opaque,
}

/// With which key a browser subscribes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PushKey {
    /// The `applicationServerKey`: an uncompressed point of P-256 in base64url. Absent where the app sends no pushes to
    /// browsers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// A whole number, also one that is written with a point, as JSON Schema has it; or nothing.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let Some(number) = Option::<f64>::deserialize(deserializer)? else { return Ok(None) };
    let truncated = number as u32;
    if f64::from(truncated) == number {
        Ok(Some(truncated))
    } else {
        Err(D::Error::custom("not a whole number"))
    }
}

fn generic() -> HandleKind {
    HandleKind::Generic
}
