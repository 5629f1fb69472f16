//! What a node announces of itself to the others, once a second, in a form to which later versions add.
use serde::{Deserialize, Serialize};

/// The form of the facts. A later one may only add fields, which this version passes over.
const VERSION: u8 = 1;

/// What a node says of itself.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct Facts {
    #[serde(rename = "v")]
    version: u8,
    /// How it stands with media there; absent where a version knows of none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) media: Option<MediaFacts>,
}

/// How it stands with media on a node.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct MediaFacts {
    /// Where clients send media to, for people to read.
    #[serde(default)]
    pub(crate) addresses: Vec<String>,
    /// The share of their cores that the media threads use, on average over a second: 0 to 1.
    pub(crate) load: f32,
    /// How many rooms live there.
    pub(crate) rooms: usize,
    pub(crate) state: MediaState,
}

/// Whether a node takes rooms.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MediaState {
    /// It takes no new rooms; those that it has go on for a while.
    Draining,
    /// It takes no new rooms for now, as its threads have enough to do.
    Full,
    /// It carries no media.
    #[default]
    None,
    /// It takes rooms.
    Serving,
    /// Of a later version.
    #[serde(other)]
    Unknown,
}

impl Facts {
    /// Facts of this version.
    pub(crate) fn new(media: MediaFacts) -> Self {
        Self { version: VERSION, media: Some(media) }
    }

    /// As they are announced.
    pub(crate) fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("numbers and texts are written to memory")
    }

    /// As another node announced them; nothing is known of one whose facts cannot be read.
    pub(crate) fn decode(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_of_other_versions_are_read_as_far_as_they_are_known() {
        let media = MediaFacts {
            addresses: vec!["udp 192.0.2.1:7410".into()],
            load: 0.25,
            rooms: 3,
            state: MediaState::Serving,
        };
        let facts = Facts::new(media);
        assert_eq!(Facts::decode(&facts.encode()), facts);
        let later = br#"{"v":2,"calls":{},"media":{"load":0.25,"rooms":3,"state":"resting","region":"x"}}"#;
        let read = Facts::decode(later).media.expect("media is known");
        assert_eq!((read.rooms, read.state), (3, MediaState::Unknown));
        assert_eq!(Facts::decode(b"").media, None, "a node that has only started");
    }
}
