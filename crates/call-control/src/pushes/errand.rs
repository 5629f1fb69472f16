//! What a job asks for, in the form in which it is stored.
use offhook_push::StopReason;
use offhook_signaling::PushConfig;
use offhook_types::{DeviceId, Opaque};
use serde::{Deserialize, Serialize};

/// What a job asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Errand {
    /// Wake the user's devices.
    #[serde(rename = "r")]
    Ring {
        /// What the inviter sent along.
        #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
        config: Option<Box<PushConfig>>,
    },
    /// Tell the devices that were woken that the ring is over.
    #[serde(rename = "s")]
    Stop {
        /// What whoever ended it sent along.
        #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
        config: Option<Box<PushConfig>>,
        /// Why it is over.
        #[serde(rename = "w")]
        why: Why,
        /// The device that ended it, which need not be told.
        #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
        spared: Option<DeviceId>,
    },
}

/// Why a ring is over; in the stored form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Why {
    #[serde(rename = "a")]
    AnsweredElsewhere,
    #[serde(rename = "c")]
    Canceled,
    #[serde(rename = "e")]
    Ended,
    #[serde(rename = "r")]
    RejectedElsewhere,
    #[serde(rename = "t")]
    TimedOut,
}

impl Errand {
    pub(super) fn write(&self) -> Opaque {
        Opaque::new(serde_json::to_string(self).expect("texts and words are always JSON"))
    }

    /// `None` for what a newer version wrote, or damage.
    pub(super) fn read(body: &Opaque) -> Option<Self> {
        serde_json::from_str(body.as_str()).ok()
    }
}

impl Why {
    /// Whether the user has missed the call: it rang for them, and none of their devices answered.
    pub(super) fn is_missed(self) -> bool {
        match self {
            Self::Canceled | Self::Ended | Self::TimedOut => true,
            Self::AnsweredElsewhere | Self::RejectedElsewhere => false,
        }
    }
}

impl From<Why> for StopReason {
    fn from(why: Why) -> Self {
        match why {
            Why::AnsweredElsewhere => Self::AnsweredElsewhere,
            Why::Canceled => Self::Canceled,
            Why::Ended => Self::Ended,
            Why::RejectedElsewhere => Self::RejectedElsewhere,
            Why::TimedOut => Self::TimedOut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_errand_is_read_as_it_was_written_and_nothing_else_is_one() {
        let config = Some(Box::new(PushConfig { title: "Alice".into(), ..PushConfig::default() }));
        let spared = DeviceId::new("phone").ok();
        for errand in [
            Errand::Ring { config: None },
            Errand::Ring { config: config.clone() },
            Errand::Stop { config, why: Why::Canceled, spared },
            Errand::Stop { config: None, why: Why::TimedOut, spared: None },
        ] {
            assert_eq!(Errand::read(&errand.write()), Some(errand));
        }
        for text in ["", "{}", "{\"z\":{}}"] {
            assert_eq!(Errand::read(&text.into()), None, "{text}");
        }
    }
}
