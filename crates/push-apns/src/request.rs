//! The request that carries an order.
use bytes::Bytes;
use http::{Method, Request, header};
use offhook_push::{ApnsChannel, ApnsToken, Environment, Kind, Order, Unsendable, document};
use offhook_types::Timestamp;
use serde_json::{Map, Value, json};

/// Apple takes so much for a VoIP push, in bytes.
const MOST_VOIP: usize = 5_120;
/// Apple takes so much for any other push, in bytes.
const MOST_OTHER: usize = 4_096;

/// What an app's resource says of its pushes to Apple's devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The bundle's identifier, to which `.voip` is added for VoIP pushes.
    pub bundle: String,
    /// Whether notifications go through the app's service extension before they are shown.
    pub mutable: bool,
    /// The sound of notifications: a file of the app's bundle, or `default`.
    pub sound: String,
    /// How a device is told to ring no more.
    pub stop_as: StopAs,
}

/// How a device is told to ring no more that has no connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StopAs {
    /// A notification that takes the place of the ring's.
    Alert,
    /// The app is woken in silence, if the system sees fit.
    #[default]
    Background,
    /// A second VoIP push. The app must report the same call once more and end it; one that does not is killed.
    Voip,
}

/// The form of a push, by what it says and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Alert,
    Background,
    Voip,
}

impl Form {
    fn of(kind: Kind, channel: ApnsChannel, stop_as: StopAs) -> Option<Self> {
        match (kind, channel) {
            (Kind::Ring, ApnsChannel::Voip) => Some(Self::Voip),
            (Kind::Ring | Kind::Missed, ApnsChannel::Alert) => Some(Self::Alert),
            (Kind::Missed, ApnsChannel::Voip) => None,
            (Kind::Stop(_), ApnsChannel::Voip) => match stop_as {
                StopAs::Voip => Some(Self::Voip),
                StopAs::Alert | StopAs::Background => None,
            },
            (Kind::Stop(_), ApnsChannel::Alert) => match stop_as {
                StopAs::Alert => Some(Self::Alert),
                StopAs::Background | StopAs::Voip => Some(Self::Background),
            },
        }
    }

    fn push_type(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Background => "background",
            Self::Voip => "voip",
        }
    }

    /// Ten is at once; Apple takes no background push at that.
    fn priority(self) -> &'static str {
        match self {
            Self::Alert | Self::Voip => "10",
            Self::Background => "5",
        }
    }

    fn most_bytes(self) -> usize {
        match self {
            Self::Voip => MOST_VOIP,
            Self::Alert | Self::Background => MOST_OTHER,
        }
    }
}

/// Makes the request, without what authorizes it.
pub(crate) fn request(
    now: Timestamp,
    rules: &Rules,
    order: &Order,
    to: &ApnsToken,
) -> Result<Request<Bytes>, Unsendable> {
    if order.kind == Kind::Ring && order.remaining(now).is_zero() {
        return Err(Unsendable::Over);
    }
    let form = Form::of(order.kind, to.channel, rules.stop_as).ok_or(Unsendable::Channel)?;
    let body = Bytes::from(Value::Object(body(now, rules, order, form)).to_string());
    if body.len() > form.most_bytes() {
        return Err(Unsendable::TooLarge { bytes: body.len(), most: form.most_bytes() });
    }
    let topic = match form {
        Form::Voip => format!("{}.voip", rules.bundle),
        Form::Alert | Form::Background => rules.bundle.clone(),
    };
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("https://{}/3/device/{}", host(to.environment), to.token.as_str()))
        .header(header::CONTENT_TYPE, "application/json")
        .header("apns-id", order.push.to_string())
        .header("apns-push-type", form.push_type())
        .header("apns-topic", topic)
        .header("apns-priority", form.priority())
        .header("apns-expiration", expiration(now, order).to_string());
    let request = match form {
        // The ring's notification, and what takes its place.
        Form::Alert => request.header("apns-collapse-id", order.call.to_string()),
        Form::Background | Form::Voip => request,
    };
    Ok(request.body(body).expect("a token is hexadecimal and a bundle was checked"))
}

/// Until when Apple keeps a push for a device that is away, in seconds since 1970: a ring until it ends. Zero is one attempt.
fn expiration(now: Timestamp, order: &Order) -> u64 {
    match order.kind {
        Kind::Ring => order.ring_until.as_millis() / 1_000,
        // A device that was away hears of the end whenever it is back; after a day nobody cares.
        Kind::Stop(_) | Kind::Missed => now.as_millis() / 1_000 + 86_400,
    }
}

fn body(now: Timestamp, rules: &Rules, order: &Order, form: Form) -> Map<String, Value> {
    let alert = json!({ "title": order.text.title, "body": order.text.body });
    let mut aps = match form {
        Form::Background => json!({ "content-available": 1 }),
        Form::Voip => json!({ "alert": alert }),
        Form::Alert => json!({ "alert": alert, "sound": rules.sound }),
    };
    if form == Form::Alert {
        if order.kind == Kind::Ring {
            aps["interruption-level"] = "time-sensitive".into();
        }
        if rules.mutable {
            aps["mutable-content"] = 1.into();
        }
        if let Some(badge) = order.badge {
            aps["badge"] = badge.into();
        }
        if !order.thread.is_empty() {
            aps["thread-id"] = order.thread.as_str().into();
        }
    }
    let mut body = document(now, order);
    body.insert("aps".into(), aps);
    body
}

pub(crate) fn host(environment: Environment) -> &'static str {
    match environment {
        Environment::Production => "api.push.apple.com",
        Environment::Sandbox => "api.sandbox.push.apple.com",
    }
}
