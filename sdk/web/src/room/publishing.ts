// What this device publishes, as one value that never changes, and what the server must be told when it is another.
import type { OfferedStream, StreamView, TrackMute, TrackSource, UserId } from "../generated/frames.js";
import type { LocalMediaState, LocalTrack } from "../api/local_media.js";
import type { StreamToPublish } from "../api/room.js";
import { given } from "../given.js";
import { streamName } from "./negotiation.js";
import { keep, keepAll, trackKey, trackKeys } from "./roster.js";

/** A track that is published. */
export interface OwnTrack {
  readonly source: TrackSource;
  /** None for now, if null: a camera that is off, whose place is kept. */
  readonly track: MediaStreamTrack | null;
  readonly isMuted: boolean;
}

/** A stream that is published. */
export interface OwnStream {
  readonly stream: string;
  readonly extraInfo: string;
  readonly tracks: readonly OwnTrack[];
}

/** Everything that is published, by name. */
export type Publications = ReadonlyMap<string, OwnStream>;

type Streams = Parameters<typeof trackKeys>[0];

/** What must be told of a stream that the server knows already. */
export interface StreamNews {
  readonly stream: string;
  readonly muted: TrackMute[];
  readonly extra_info?: string;
}

/** With a stream, in place of what was published under its name. */
export function withStream(all: Publications, { name, extraInfo, tracks }: StreamToPublish & { name: string }) {
  const before = all.get(name);
  const bySource = new Map(
    tracks.map(({ isMuted, source, track }): [string, OwnTrack] => [
      source,
      { source, track, isMuted: isMuted ?? !track.enabled },
    ]),
  );
  return set(all, name, { extraInfo: extraInfo ?? before?.extraInfo ?? "", tracks: [...bySource.values()] });
}

export function withoutStream(all: Publications, name: string): Publications {
  if (!all.has(name)) return all;
  const rest = new Map(all);
  rest.delete(name);
  return rest;
}

/** With something changed about one track. The same if there is no such stream. */
export function withTrack(
  all: Publications,
  name: string,
  source: TrackSource,
  change: Partial<Pick<OwnTrack, "isMuted" | "track">>,
): Publications {
  return withChange(all, name, ({ tracks }) => ({
    tracks: tracks.map((track) => (track.source === source ? { ...track, ...change } : track)),
  }));
}

export function withExtraInfo(all: Publications, name: string, extraInfo: string): Publications {
  return withChange(all, name, () => ({ extraInfo }));
}

function withChange(all: Publications, name: string, change: (stream: OwnStream) => Partial<OwnStream>): Publications {
  const stream = all.get(name);
  return stream ? set(all, name, { ...stream, ...change(stream) }) : all;
}

/** The names under which local media is published. */
export function localNames(me: UserId): { readonly main: string; readonly screen: string } {
  return { main: streamName(me, "main"), screen: streamName(me, "screen") };
}

/**
 * With what this device records now. A camera or microphone has its place from the moment it starts, muted, and keeps it
 * while it is off, so that turning it on needs no negotiation; a screen is published anew each time.
 */
export function withLocalMedia(all: Publications, me: UserId, media: LocalMediaState): Publications {
  const names = localNames(me);
  const main = (["microphone", "camera"] as const).flatMap((source): OwnTrack[] => {
    const { status, track }: LocalTrack = media[source];
    const was = all.get(names.main)?.tracks.some((each) => each.source === source) ?? false;
    if (!track) return was || status === "starting" ? [{ source, track: null, isMuted: true }] : [];
    return [{ source, track, isMuted: status !== "on" }];
  });
  const { audioTrack, track } = media.screen;
  const screen: OwnTrack[] = [
    ...(track ? [{ source: "screen", track, isMuted: false }] : []),
    ...(track && audioTrack ? [{ source: "screen_audio", track: audioTrack, isMuted: false }] : []),
  ];
  return withTracks(withTracks(all, names.main, main), names.screen, screen);
}

/** Without what local media published. */
export function withoutLocalMedia(all: Publications, me: UserId): Publications {
  const { main, screen } = localNames(me);
  return withoutStream(withoutStream(all, main), screen);
}

function withTracks(all: Publications, name: string, tracks: readonly OwnTrack[]): Publications {
  if (tracks.length === 0) return withoutStream(all, name);
  const { extraInfo = "", tracks: before = [] } = all.get(name) ?? {};
  const now = keepAll(
    before,
    tracks.map((track, index) => keep(before[index], track)),
  );
  return now === before ? all : set(all, name, { extraInfo, tracks: now });
}

function set(all: Publications, name: string, stream: Omit<OwnStream, "stream">): Publications {
  return new Map(all).set(name, { ...stream, stream: name });
}

/** Whether the same tracks are published under the same names, whatever they carry at present. */
export function hasSameTracks(one: Streams, other: Streams): boolean {
  const [keys, others] = [trackKeys(one), trackKeys(other)];
  return keys.size === others.size && [...keys].every((key) => others.has(key));
}

/** With a change taken back: the streams that it touched are as they were. */
export function reverted(now: Publications, before: Publications, after: Publications): Publications {
  const all = new Map(now);
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const was = before.get(name);
    if (was === after.get(name)) continue;
    if (was) all.set(name, was);
    else all.delete(name);
  }
  return all;
}

/** What an offer names: every stream, by the media sections that carry its tracks. */
export function offeredStreams(all: Publications, midOf: (key: string) => string | undefined): OfferedStream[] {
  return [...all.values()].flatMap(({ extraInfo, stream, tracks }) => {
    const offered = tracks.flatMap(({ isMuted, source }) => {
      const mid = midOf(trackKey(stream, source));
      return mid === undefined ? [] : [{ mid, source, muted: isMuted }];
    });
    return offered.length === 0 ? [] : [{ stream, extra_info: extraInfo, tracks: offered }];
  });
}

/** What the server must be told of streams that it knows: who fell silent, and new extra info. */
export function streamNews(all: Publications, known: readonly StreamView[]): StreamNews[] {
  return known.flatMap((view): StreamNews[] => {
    const own = all.get(view.stream);
    if (!own) return [];
    const muted = own.tracks.flatMap(({ isMuted, source }) => {
      const told = view.tracks.find((each) => each.source === source);
      return told && (told.muted ?? false) !== isMuted ? [{ source, muted: isMuted }] : [];
    });
    const isRenamed = own.extraInfo !== (view.extra_info ?? "");
    if (muted.length === 0 && !isRenamed) return [];
    return [given({ stream: view.stream, muted, extra_info: isRenamed ? own.extraInfo : undefined })];
  });
}

/** What the server knows once it has taken the news. */
export function withNews(known: readonly StreamView[], { extra_info, muted, stream }: StreamNews): StreamView[] {
  return known.map((view) => {
    if (view.stream !== stream) return view;
    const tracks = view.tracks.map((track) => ({
      ...track,
      muted: muted.find(({ source }) => source === track.source)?.muted ?? track.muted ?? false,
    }));
    return { ...view, tracks, extra_info: extra_info ?? view.extra_info ?? "" };
  });
}
