//! What a person wants to know of a room: who is there, what they publish, what arrives.
use std::collections::BTreeMap;

use offhook_client::{
    MemberView, RoomEvent, RoomView, StreamView,
    media::{Codec, Reception, RoomFrame, RoomStatistics},
};
use offhook_types::StreamId;
use serde_json::{Value, json};

use crate::commands::timeline::Line;

/// Remembers what the last second knew.
pub(super) struct Report {
    /// Counts at the last report, by media section.
    last: BTreeMap<String, Reception>,
    /// What the server believes that it can send here, in bits a second, and the round trip in milliseconds.
    network: Option<(u64, u32)>,
    /// Who publishes what, for streams whose end is told by their name alone.
    publishers: BTreeMap<StreamId, String>,
    /// The size of the last picture of each media section.
    sizes: BTreeMap<String, (u16, u16)>,
    user: String,
}

impl Report {
    pub(super) fn new(user: String) -> Self {
        Self {
            last: BTreeMap::new(),
            network: None,
            publishers: BTreeMap::new(),
            sizes: BTreeMap::new(),
            user,
        }
    }

    /// The room as it is.
    pub(super) fn room(&mut self, view: &RoomView) -> Line {
        for stream in &view.streams {
            self.publishers.insert(stream.stream.clone(), stream.user.as_str().to_owned());
        }
        let members = view.members.iter().map(|member| member.user.as_str());
        let sentence = format!("in the room: {}; {}", list(members), streams(&view.streams));
        Line::new("room", sentence)
            .with("members", view.members.iter().map(member).collect::<Vec<_>>())
            .with("streams", view.streams.iter().map(stream).collect::<Vec<_>>())
    }

    /// What an event says.
    pub(super) fn event(&mut self, event: &RoomEvent) -> Vec<Line> {
        match event {
            RoomEvent::Layers(layers) => layers
                .tracks
                .iter()
                .map(|track| {
                    let (source, layer) = (track.source.as_str(), track.layer.as_str());
                    let whose = self.publisher(&track.stream);
                    Line::new("layer", format!("{whose}'s {source} comes at {layer}"))
                        .with("stream", track.stream.as_str())
                        .with("source", source)
                        .with("layer", layer)
                })
                .collect(),
            RoomEvent::Members(members) => {
                let added = members.added.iter().map(|added| {
                    Line::new("came", format!("{} came", added.user.as_str()))
                        .with("user", added.user.as_str())
                });
                let changed = members.changed.iter().map(|changed| {
                    let (user, presence) = (changed.user.as_str(), changed.presence.as_str());
                    Line::new("presence", format!("{user} is {presence}"))
                        .with("user", user)
                        .with("presence", presence)
                });
                let removed = members.removed.iter().map(|removed| {
                    let (user, cause) = (removed.user.as_str(), removed.cause.as_str());
                    Line::new("went", format!("{user} is gone: {}", cause.replace('_', " ")))
                        .with("user", user)
                        .with("cause", cause)
                });
                added.chain(changed).chain(removed).collect()
            }
            RoomEvent::Message(message) => {
                let (from, text) = (message.from.as_str(), message.data.as_str());
                let line = Line::new("message", format!("{from} says: {text}"));
                vec![line.with("from", from).with("kind", message.kind.as_str()).with("data", text)]
            }
            RoomEvent::Quality(quality) => {
                self.network = Some((quality.downlink_bps, quality.rtt_ms));
                Vec::new()
            }
            RoomEvent::Streams(changed) => self.streams(changed),
            // Followed by the SDK, or too frequent for a person.
            RoomEvent::Left(_) | RoomEvent::Levels(_) | RoomEvent::Offer(_) | RoomEvent::Reset(_) => {
                Vec::new()
            }
        }
    }

    fn streams(&mut self, changed: &offhook_signaling::StreamsChanged) -> Vec<Line> {
        let mut lines = Vec::new();
        for (word, views) in [("published", &changed.added), ("changed", &changed.changed)] {
            for view in views {
                self.publishers.insert(view.stream.clone(), view.user.as_str().to_owned());
                let line = Line::new("stream", streams(std::slice::from_ref(view)));
                lines.push(line.with("change", word).with("stream", stream(view)));
            }
        }
        for gone in &changed.removed {
            let sentence = format!("{} publishes {} no longer", self.publisher(gone), gone.as_str());
            lines.push(Line::new("stream", sentence).with("change", "gone").with("stream", gone.as_str()));
            self.publishers.remove(gone);
        }
        lines
    }

    /// Notes the size of a picture.
    pub(super) fn frame(&mut self, received: &RoomFrame) {
        if let Some(size) = received.frame.picture_size() {
            self.sizes.insert(received.frame.mid.to_string(), size);
        }
    }

    /// What arrived in the last second.
    pub(super) fn second(&mut self, statistics: &RoomStatistics) -> Line {
        let mut sentences = Vec::new();
        let mut tracks = Vec::new();
        for received in &statistics.received {
            let (Some(track), now) = (&received.track, &received.reception) else { continue };
            let before = self.last.insert(now.mid.to_string(), now.clone()).unwrap_or_default();
            let size = self.sizes.get(&*now.mid).copied();
            let kilobits = (now.bytes - before.bytes) * 8 / 1_000;
            let frames = now.decodable_frames - before.decodable_frames;
            let picture = size.map(|(width, height)| format!(" {width}x{height}")).unwrap_or_default();
            let lost = if now.lost > 0 { format!(", {} packets lost", now.lost) } else { String::new() };
            let (user, source) = (track.user.as_str(), track.source.as_str());
            sentences.push(format!("{user}'s {source}{picture} {frames} frames {kilobits} kbit/s{lost}"));
            tracks.push(json!({
                "user": user, "stream": track.stream.as_str(), "source": source, "codec": now.codec.map(codec),
                "width": size.map(|size| size.0), "height": size.map(|size| size.1),
                "kbit_s": kilobits, "frames_s": frames, "frames": now.decodable_frames,
                "undecodable_frames": now.frames - now.decodable_frames, "keyframes": now.keyframes,
                "packets": now.packets, "lost": now.lost, "gaps": now.gaps,
                "keyframe_requests": now.keyframe_requests,
            }));
        }
        if sentences.is_empty() {
            sentences.push("nothing arrives".into());
        }
        if let Some((downlink, rtt)) = self.network.filter(|_| !tracks.is_empty()) {
            sentences.push(format!("room for {} kbit/s, {rtt} ms", downlink / 1_000));
        }
        let asked: u64 = statistics.published.iter().map(|published| published.keyframe_requests).sum();
        Line::new("received", sentences.join("; "))
            .with("user", self.user.as_str())
            .with("tracks", tracks)
            .with("bytes_in", statistics.traffic.bytes_in)
            .with("bytes_out", statistics.traffic.bytes_out)
            .with("dropped_frames", statistics.dropped_frames)
            .with("downlink_bps", self.network.map(|network| network.0))
            .with("rtt_ms", self.network.map(|network| network.1))
            .with("keyframes_asked_of_us", asked)
    }

    fn publisher(&self, stream: &StreamId) -> &str {
        self.publishers.get(stream).map_or("somebody", String::as_str)
    }
}

fn codec(codec: Codec) -> &'static str {
    match codec {
        Codec::Av1 => "av1",
        Codec::H264 => "h264",
        Codec::Opus => "opus",
        Codec::Vp8 => "vp8",
        Codec::Vp9 => "vp9",
    }
}

fn member(member: &MemberView) -> Value {
    json!({"user": member.user.as_str(), "presence": member.presence.as_str()})
}

fn stream(view: &StreamView) -> Value {
    let sources = view.tracks.iter().map(|track| track.source.as_str());
    json!({"stream": view.stream.as_str(), "user": view.user.as_str(), "tracks": sources.collect::<Vec<_>>()})
}

fn streams(views: &[StreamView]) -> String {
    if views.is_empty() {
        return "nobody publishes".into();
    }
    let one = |view: &StreamView| {
        let track = |track: &offhook_client::TrackView| {
            let muted = if track.muted { " (muted)" } else { "" };
            format!("{}{muted}", track.source.as_str())
        };
        let tracks: Vec<_> = view.tracks.iter().map(track).collect();
        format!("{} publishes {}", view.user.as_str(), tracks.join(" and "))
    };
    views.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
