//! Where a device is reached, as it registered itself.
//!
//! An address is a secret: who has it may wake the device. It is kept sealed, is never read back by anybody, and hides in
//! `Debug`.
use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// The longest token of a vendor, in bytes. Vendors promise no length; none is near.
const MAX_TOKEN: usize = 4_096;
/// The longest endpoint of a Web Push subscription, in bytes.
const MAX_ENDPOINT: usize = 2_048;
/// An uncompressed point of the curve P-256 (RFC 8291, section 3.2).
const P256DH: usize = 65;
/// The authentication secret of a subscription (RFC 8291, section 3.2).
const AUTH: usize = 16;

/// Where a device is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "provider")]
pub enum Address {
    /// Apple's service.
    Apns(ApnsToken),
    /// Firebase Cloud Messaging.
    Fcm {
        /// The registration token.
        token: Token,
    },
    /// A browser (RFC 8030).
    Web(WebSubscription),
    /// The app's own provider, told by a webhook.
    Webhook {
        /// Whatever names the device there.
        token: Token,
    },
}

/// A device token of Apple's service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApnsToken {
    /// What may be sent to it: an iOS app has a token of each kind.
    pub channel: ApnsChannel,
    /// Which of the two services gave it out.
    pub environment: Environment,
    /// The token in hexadecimal digits.
    pub token: Token,
}

/// What a device token of Apple's service is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApnsChannel {
    /// Notifications that are shown.
    Alert,
    /// Rings that wake the app; each must be reported as a call at once, or the system kills the app.
    Voip,
}

/// Which of Apple's two services gave a token out. An app that was signed for development has tokens of the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Apps of the store and of test flights.
    Production,
    /// Apps that run from the development tools.
    Sandbox,
}

/// A subscription of a browser.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebSubscription {
    endpoint: String,
    p256dh: String,
    auth: String,
}

/// A token that a vendor gave to a device: visible ASCII, at most 4,096 bytes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(String);

/// Why an address is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// The token is empty, too long, or holds other characters than the vendor's.
    #[error("the token is not one that this vendor gives out")]
    Token,
    /// The endpoint is no `https` URL without a user and without a fragment, of at most 2,048 bytes.
    #[error("the endpoint is an https URL of at most 2048 bytes")]
    Endpoint,
    /// A key of the subscription cannot be read.
    #[error("keys.p256dh is 65 bytes and keys.auth 16 bytes, both in base64url")]
    Keys,
}

impl Token {
    /// Takes a token as the vendor gave it out.
    ///
    /// # Errors
    /// [`InvalidAddress::Token`].
    pub fn new(token: impl Into<String>) -> Result<Self, InvalidAddress> {
        let token = token.into();
        let fits =
            (1..=MAX_TOKEN).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(token)) } else { Err(InvalidAddress::Token) }
    }

    /// The token. Never put this in a log.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ApnsToken {
    /// Takes a token in hexadecimal digits, whose case does not matter.
    ///
    /// # Errors
    /// [`InvalidAddress::Token`].
    pub fn new(channel: ApnsChannel, environment: Environment, token: &str) -> Result<Self, InvalidAddress> {
        let is_hex = token.len().is_multiple_of(2) && token.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hex {
            return Err(InvalidAddress::Token);
        }
        Ok(Self { channel, environment, token: Token::new(token.to_ascii_lowercase())? })
    }
}

impl WebSubscription {
    /// Takes a subscription as `PushSubscription.toJSON()` gives it.
    ///
    /// # Errors
    /// [`InvalidAddress::Endpoint`], [`InvalidAddress::Keys`].
    pub fn new(endpoint: &str, p256dh: &str, auth: &str) -> Result<Self, InvalidAddress> {
        let url: http::Uri = endpoint.parse().map_err(|_| InvalidAddress::Endpoint)?;
        let is_whole = url.scheme_str() == Some("https") && url.host().is_some_and(|host| !host.is_empty());
        let is_plain =
            !endpoint.contains('#') && url.authority().is_some_and(|at| !at.as_str().contains('@'));
        if endpoint.len() > MAX_ENDPOINT || !is_whole || !is_plain {
            return Err(InvalidAddress::Endpoint);
        }
        let subscription = Self {
            endpoint: endpoint.to_owned(),
            p256dh: p256dh.trim_end_matches('=').to_owned(),
            auth: auth.trim_end_matches('=').to_owned(),
        };
        match (subscription.p256dh(), subscription.auth()) {
            (Some(point), Some(_)) if point[0] == 4 => Ok(subscription),
            _ => Err(InvalidAddress::Keys),
        }
    }

    /// Where to send. Never put this in a log.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The browser's public key.
    #[must_use]
    pub fn p256dh(&self) -> Option<[u8; P256DH]> {
        decoded(&self.p256dh)
    }

    /// The secret that it shares with whoever may send.
    #[must_use]
    pub fn auth(&self) -> Option<[u8; AUTH]> {
        decoded(&self.auth)
    }
}

fn decoded<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

impl Address {
    /// The vendor, as the wire and the logs name it.
    #[must_use]
    pub fn provider(&self) -> &'static str {
        match self {
            Self::Apns(_) => "apns",
            Self::Fcm { .. } => "fcm",
            Self::Web(_) => "web",
            Self::Webhook { .. } => "webhook",
        }
    }

    /// What tells this address from all others of its vendor, for an index without the secret itself: to be digested with
    /// a key. Two subscriptions of one endpoint are one address.
    #[must_use]
    pub fn identity(&self) -> String {
        let own = match self {
            Self::Apns(apns) => apns.token.as_str(),
            Self::Fcm { token } | Self::Webhook { token } => token.as_str(),
            Self::Web(subscription) => subscription.endpoint(),
        };
        format!("{}:{own}", self.provider())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({} bytes)", self.0.len())
    }
}

impl fmt::Debug for WebSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url: Option<http::Uri> = self.endpoint.parse().ok();
        f.debug_struct("WebSubscription")
            .field("host", &url.as_ref().and_then(http::Uri::host).unwrap_or_default())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The subscription of RFC 8291, section 5.
    const POINT: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const SECRET: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    fn subscription(endpoint: &str) -> Result<WebSubscription, InvalidAddress> {
        WebSubscription::new(endpoint, POINT, SECRET)
    }

    #[test]
    fn a_token_of_apple_is_hexadecimal_and_of_one_case() {
        let token = ApnsToken::new(ApnsChannel::Voip, Environment::Sandbox, "00FFab").expect("a token");
        assert_eq!(token.token.as_str(), "00ffab");
        for bad in ["", "0", "zz", "00 0", &"00".repeat(2_049)] {
            let token = ApnsToken::new(ApnsChannel::Alert, Environment::Production, bad);
            assert_eq!(token, Err(InvalidAddress::Token), "{bad:.20}");
        }
    }

    #[test]
    fn a_subscription_goes_to_an_https_host_and_has_both_keys() {
        let taken = subscription("https://push.example/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV?x=1").expect("taken");
        assert_eq!(taken.p256dh().expect("a point")[0], 4);
        assert_eq!(taken.auth().expect("a secret").len(), 16);
        for bad in ["http://push.example/a", "https://user@push.example/a", "https:///a", "push.example", ""]
        {
            assert_eq!(subscription(bad), Err(InvalidAddress::Endpoint), "{bad}");
        }
        let fragment = subscription("https://push.example/a#b");
        assert_eq!(fragment, Err(InvalidAddress::Endpoint));
        for (point, secret) in [("", SECRET), (POINT, ""), (SECRET, SECRET), (POINT, POINT), ("!", SECRET)] {
            let keys = WebSubscription::new("https://push.example/a", point, secret);
            assert_eq!(keys, Err(InvalidAddress::Keys));
        }
    }

    #[test]
    fn keys_with_padding_are_the_same_keys() {
        let padded =
            WebSubscription::new("https://push.example/a", &format!("{POINT}="), &format!("{SECRET}=="));
        assert_eq!(padded, subscription("https://push.example/a"));
    }

    #[test]
    fn an_address_hides_in_debug_and_says_its_vendor() {
        let fcm = Address::Fcm { token: Token::new("very-secret").expect("a token") };
        let web = Address::Web(subscription("https://push.example/very-secret").expect("a subscription"));
        for (address, provider) in [(fcm, "fcm"), (web, "web")] {
            assert!(!format!("{address:?}").contains("secret"), "{address:?}");
            assert_eq!(address.provider(), provider);
            assert!(address.identity().starts_with(provider));
        }
    }

    #[test]
    fn an_address_is_read_back_as_it_was_kept() {
        let token = ApnsToken::new(ApnsChannel::Voip, Environment::Sandbox, "00ff").expect("a token");
        for address in [
            Address::Apns(token),
            Address::Webhook { token: Token::new("7").expect("a token") },
            Address::Web(subscription("https://push.example/a").expect("a subscription")),
        ] {
            let kept = serde_json::to_string(&address).expect("text");
            assert_eq!(serde_json::from_str::<Address>(&kept).expect("an address"), address);
        }
    }
}
