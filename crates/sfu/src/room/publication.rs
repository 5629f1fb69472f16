//! What members publish, as names.
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use offhook_types::{Opaque, StreamId, UserId};

use super::{MemberNo, Room, TrackNo};
use crate::{OfferedStream, OfferedTrack, Refusal, Role, RoomEvent, Source, Stream};

/// A published track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Track {
    /// The `a=mid` of its media section in the publisher's description.
    pub(crate) mid: String,
    /// Whether it is silent, and so not forwarded.
    pub(crate) muted: bool,
    /// Its number.
    pub(crate) number: TrackNo,
    /// Where it comes from.
    pub(crate) source: Source,
}

/// A published track and where it belongs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PublishedTrack<'a> {
    /// Who publishes it.
    pub(crate) publisher: MemberNo,
    /// Its stream.
    pub(crate) stream: &'a StreamId,
    /// Itself.
    pub(crate) track: &'a Track,
}

/// A published stream.
#[derive(Clone, Debug)]
pub(super) struct Publication {
    extra_info: Opaque,
    pub(super) publisher: MemberNo,
    pub(super) tracks: Vec<Track>,
}

/// What a member changes of an own stream.
#[derive(Clone, Debug)]
pub(crate) struct StreamUpdate {
    /// The new extra info, if it changes.
    pub(crate) extra_info: Option<Opaque>,
    /// Which tracks fall silent (`true`) or speak again; of two of one source, the later counts.
    pub(crate) muted: Vec<(Source, bool)>,
    /// The stream.
    pub(crate) stream: StreamId,
}

/// What others are told of streams.
#[derive(Default)]
struct News {
    added: Vec<StreamId>,
    changed: Vec<StreamId>,
    removed: Vec<StreamId>,
}

impl Publication {
    pub(super) fn view(&self, stream: &StreamId, user: &UserId) -> Stream {
        Stream {
            extra_info: self.extra_info.clone(),
            stream: stream.clone(),
            tracks: self.tracks.iter().map(|track| (track.source, track.muted)).collect(),
            user: user.clone(),
        }
    }

    /// Whether the others can see no difference.
    fn looks_like(&self, other: &Self) -> bool {
        let shown = |publication: &Self| -> Vec<_> {
            publication.tracks.iter().map(|track| (track.source, track.muted)).collect()
        };
        self.extra_info == other.extra_info && shown(self) == shown(other)
    }

    pub(super) fn numbers(self) -> impl Iterator<Item = TrackNo> {
        self.tracks.into_iter().map(|track| track.number)
    }
}

impl Room {
    /// Whether [`Room::publish`] would do it at the same instant. Ask before the description is accepted, which cannot be
    /// undone, and after [`Room::handle_timeout`] or [`Room::admit`], which find out who is still here.
    ///
    /// # Errors
    /// As [`Room::publish`].
    pub(crate) fn check_publish(&self, member: MemberNo, streams: &[OfferedStream]) -> Result<(), Refusal> {
        match self.known(member)?.role {
            Role::Host | Role::Member => {}
            Role::Viewer if streams.is_empty() => {}
            Role::Viewer => return Err(Refusal::RoleForbids),
        }
        let tracks: usize = streams.iter().map(|stream| stream.tracks.len()).sum();
        if tracks > self.limits.max_tracks {
            return Err(Refusal::TooManyTracks);
        }
        // Numbers run out after four thousand million tracks; the worst case is that all of them are new.
        if u32::try_from(tracks).ok().and_then(|tracks| self.next_track.checked_add(tracks)).is_none() {
            return Err(Refusal::TooManyTracks);
        }
        let names: BTreeSet<&StreamId> = streams.iter().map(|stream| &stream.stream).collect();
        let own = |name: &StreamId| self.streams.get(name).is_none_or(|other| other.publisher == member);
        if names.len() < streams.len() || !names.into_iter().all(own) {
            return Err(Refusal::StreamTaken);
        }
        if streams.iter().any(|stream| stream.extra_info.len() > self.limits.max_extra_info_bytes) {
            return Err(Refusal::TooLarge);
        }
        let mids = streams.iter().flat_map(|stream| &stream.tracks).map(|track| track.mid.as_str());
        let mids: BTreeSet<&str> = mids.filter(|mid| !mid.is_empty()).collect();
        if mids.len() < tracks || !streams.iter().all(has_one_track_a_source) {
            return Err(Refusal::BadSdp);
        }
        Ok(())
    }

    /// A member publishes these streams and no others. A track of the same stream, source and `mid` goes on under its
    /// number. Tracks that end come out as [`super::RoomOutput::Unpublished`]. Returns the tracks that begin.
    ///
    /// # Errors
    /// [`Refusal::NotInRoom`]; [`Refusal::RoleForbids`] to viewers; [`Refusal::TooManyTracks`]; [`Refusal::StreamTaken`],
    /// also twice in one offer; [`Refusal::TooLarge`], the extra info; [`Refusal::BadSdp`], a stream without tracks or with two
    /// of one source, a `mid` that is empty or named twice. Nothing has changed then.
    pub(crate) fn publish(
        &mut self,
        now: Instant,
        member: MemberNo,
        streams: Vec<OfferedStream>,
    ) -> Result<Vec<TrackNo>, Refusal> {
        self.handle_timeout(now);
        self.check_publish(member, &streams)?;
        let mut old = self.take_streams(member);
        let mut news = News::default();
        let mut begun = Vec::new();
        let mut ended = Vec::new();
        for offer in streams {
            let name = offer.stream.clone();
            let before = old.remove(&name);
            let publication = self.number_tracks(member, offer, before.as_ref());
            let known: &[Track] = before.as_ref().map_or(&[], |before| &before.tracks);
            begun.extend(without(&publication.tracks, known));
            ended.extend(without(known, &publication.tracks));
            match &before {
                None => news.added.push(name.clone()),
                Some(before) if !before.looks_like(&publication) => news.changed.push(name.clone()),
                Some(_) => {}
            }
            self.streams.insert(name, publication);
        }
        ended.extend(old.values().flat_map(|gone| gone.tracks.iter().map(|track| track.number)));
        news.removed.extend(old.into_keys());
        self.unpublish(ended);
        self.tell_of_streams(member, news);
        Ok(begun)
    }

    /// What was published stays under its number as long as it comes over the same section.
    fn number_tracks(
        &mut self,
        publisher: MemberNo,
        offer: OfferedStream,
        before: Option<&Publication>,
    ) -> Publication {
        let known: &[Track] = before.map_or(&[], |before| &before.tracks);
        let tracks = offer.tracks.into_iter().map(|OfferedTrack { mid, muted, source }| {
            let same = known.iter().find(|track| track.source == source && track.mid == mid);
            let number = same.map_or_else(|| self.number_track(), |track| track.number);
            Track { mid, muted, number, source }
        });
        Publication { tracks: tracks.collect(), extra_info: offer.extra_info, publisher }
    }

    /// `check_publish` has seen that there are enough.
    fn number_track(&mut self) -> TrackNo {
        let number = TrackNo(self.next_track);
        self.next_track += 1;
        number
    }

    /// Changes what the others are told of an own stream. Returns the tracks whose muting changed.
    ///
    /// # Errors
    /// [`Refusal::NotInRoom`]; [`Refusal::StreamNotFound`], no such stream of this member, or no such track in it;
    /// [`Refusal::TooLarge`]; [`Refusal::TooFast`]. Nothing has changed then.
    pub(crate) fn update_stream(
        &mut self,
        now: Instant,
        member: MemberNo,
        update: StreamUpdate,
    ) -> Result<Vec<TrackNo>, Refusal> {
        self.handle_timeout(now);
        self.known(member)?;
        let StreamUpdate { extra_info, muted, stream } = update;
        let own = self.streams.get(&stream).filter(|publication| publication.publisher == member);
        let mut publication = own.cloned().ok_or(Refusal::StreamNotFound)?;
        if extra_info.as_ref().is_some_and(|text| text.len() > self.limits.max_extra_info_bytes) {
            return Err(Refusal::TooLarge);
        }
        for (source, muted) in muted {
            let track = publication.tracks.iter_mut().find(|track| track.source == source);
            track.ok_or(Refusal::StreamNotFound)?.muted = muted;
        }
        publication.extra_info = extra_info.unwrap_or(publication.extra_info);
        self.admit(now, member)?;
        let Some(before) = self.streams.insert(stream.clone(), publication.clone()) else {
            return Ok(vec![]);
        };
        if !before.looks_like(&publication) {
            self.tell_of_streams(member, News { changed: vec![stream], ..News::default() });
        }
        let pairs = before.tracks.iter().zip(&publication.tracks);
        Ok(pairs.filter(|(old, new)| old.muted != new.muted).map(|(_, new)| new.number).collect())
    }

    /// Nothing of `publisher` is published any more; `unaware` alone is not told.
    pub(super) fn drop_streams(&mut self, publisher: MemberNo, unaware: MemberNo) {
        let gone = self.take_streams(publisher);
        let removed = gone.keys().cloned().collect();
        self.unpublish(gone.into_values().flat_map(Publication::numbers).collect());
        self.tell_of_streams(unaware, News { removed, ..News::default() });
    }

    fn take_streams(&mut self, publisher: MemberNo) -> BTreeMap<StreamId, Publication> {
        self.streams.extract_if(.., |_, publication| publication.publisher == publisher).collect()
    }

    fn tell_of_streams(&mut self, unaware: MemberNo, news: News) {
        let look = |names: Vec<StreamId>| -> Vec<Stream> {
            names.iter().filter_map(|name| self.stream_view(name)).collect()
        };
        let News { added, changed, removed } = news;
        if added.is_empty() && changed.is_empty() && removed.is_empty() {
            return;
        }
        let event = RoomEvent::Streams { added: look(added), changed: look(changed), removed };
        self.tell_others(unaware, &event);
    }
}

fn has_one_track_a_source(stream: &OfferedStream) -> bool {
    let sources: BTreeSet<Source> = stream.tracks.iter().map(|track| track.source).collect();
    !sources.is_empty() && sources.len() == stream.tracks.len()
}

/// The numbers that are in the one list and not in the other.
fn without<'a>(these: &'a [Track], those: &'a [Track]) -> impl Iterator<Item = TrackNo> + 'a {
    let numbers = these.iter().map(|track| track.number);
    numbers.filter(|number| those.iter().all(|other| other.number != *number))
}
