// What this device knows of a room, as one pure function: `reduce(roster, input)`. No connection, no clock, no document.
import type {
  Layer,
  MemberQuality,
  MembersChanged,
  MemberView,
  Presence,
  RoomEvent,
  RoomRole,
  RoomView,
  StreamsChanged,
  StreamView,
  TrackSource,
  UserId,
} from "../generated/frames.js";
import type { Participant, RemoteStream, RemoteTrack } from "../api/room.js";
import { given } from "../given.js";

/** What is known of a room. It never changes; a newer one takes its place. */
export interface Roster {
  readonly me: UserId;
  readonly role?: RoomRole;
  /** In the order in which they came. */
  readonly members: readonly MemberView[];
  /** In the order in which they came, this user's as far as the server knows them. */
  readonly streams: readonly StreamView[];
  /** What is received, by `trackKey`. */
  readonly media: ReadonlyMap<string, MediaStream>;
  /** By `trackKey`. */
  readonly layers: ReadonlyMap<string, Layer>;
  /** Who is silent is not named. */
  readonly levels: ReadonlyMap<UserId, number>;
  readonly quality: ReadonlyMap<UserId, MemberQuality>;
  readonly activeSpeaker: UserId | undefined;
  readonly downlinkBps: number;
  readonly rttMs: number;
}

/** What the roster is told: events of the room, and what this side finds out by itself. */
export type RosterInput =
  | RoomEvent
  /** The whole room, in reply to entering or reading it. */
  | { readonly type: "reply.room"; readonly body: RoomView }
  /** What this user publishes, as the server has taken it. */
  | { readonly type: "own"; readonly streams: readonly StreamView[] }
  /** What is received. */
  | { readonly type: "media"; readonly media: ReadonlyMap<string, MediaStream> };

/** Knows nothing yet. */
export function emptyRoster(me: UserId): Roster {
  return {
    me,
    members: [],
    streams: [],
    media: new Map(),
    layers: new Map(),
    levels: new Map(),
    quality: new Map(),
    activeSpeaker: undefined,
    downlinkBps: 0,
    rttMs: 0,
  };
}

/** What a track is called inside this package. Names of streams hold no slash. */
export function trackKey(stream: string, source: TrackSource): string {
  return `${stream}/${source}`;
}

/** The roster after an input: the same object if that brought nothing. */
export function reduce(roster: Roster, input: RosterInput): Roster {
  switch (input.type) {
    case "reply.room": {
      const { members, role, streams } = input.body;
      const all = byKey(streams.map(withEachSourceOnce), nameOf);
      return withoutTheGone({ ...roster, role, members: byKey(members, userOf), streams: all });
    }
    case "own": {
      const others = roster.streams.filter(({ user }) => user !== roster.me);
      return { ...roster, streams: [...others, ...input.streams] };
    }
    case "media":
      return { ...roster, media: input.media };
    case "room.members":
      return withMembers(roster, input.body);
    case "room.streams":
      return withStreams(roster, input.body);
    case "room.layers": {
      const news = input.body.tracks.map(({ layer, source, stream }) => [trackKey(stream, source), layer] as const);
      return { ...roster, layers: new Map([...roster.layers, ...news]) };
    }
    case "room.levels": {
      const { active, levels } = input.body;
      return { ...roster, levels: new Map(levels.map(({ level, user }) => [user, level])), activeSpeaker: active };
    }
    case "room.quality": {
      const { downlink_bps, members, rtt_ms } = input.body;
      const quality = new Map(members.map((each) => [each.user, each]));
      return { ...roster, quality, downlinkBps: downlink_bps, rttMs: rtt_ms };
    }
    case "room.left":
    case "room.message":
    case "room.offer":
    case "room.reset":
    default: // The server may be newer.
      return roster;
  }
}

/**
 * The participants, each the same object as before if nothing about it changed.
 * @param ownPresence of this user, of which the server tells nobody but the others
 */
export function participants(
  roster: Roster,
  ownPresence: Presence,
  before: readonly Participant[],
): readonly Participant[] {
  const known = new Map(before.map((each) => [each.user, each]));
  const streams = new Map<UserId, StreamView[]>();
  for (const stream of roster.streams) {
    const others = streams.get(stream.user);
    if (others) others.push(stream);
    else streams.set(stream.user, [stream]);
  }
  const now = roster.members.map(({ name, presence, user }) => {
    const was = known.get(user);
    const quality = roster.quality.get(user);
    const next: Participant = {
      user,
      name: name ?? "",
      isMe: user === roster.me,
      presence: user === roster.me ? ownPresence : presence,
      streams: remoteStreams(roster, streams.get(user) ?? [], was?.streams ?? []),
      level: roster.levels.get(user) ?? 0,
      uplink: quality?.uplink ?? 0,
      downlink: quality?.downlink ?? 0,
    };
    return keep(was, next);
  });
  return keepAll(before, now);
}

/** The older of two values if they are the same, field by field. */
export function keep<Value extends object>(before: Value | undefined, next: Value): Value {
  if (!before) return next;
  const names = Object.keys(next) as (keyof Value)[];
  const isSame = names.length === Object.keys(before).length && names.every((name) => before[name] === next[name]);
  return isSame ? before : next;
}

/** The older of two lists if they are the same, item by item. */
export function keepAll<Value>(before: readonly Value[], next: readonly Value[]): readonly Value[] {
  return before.length === next.length && before.every((each, index) => each === next[index]) ? before : next;
}

/** The tracks of streams, by `trackKey`. */
export function trackKeys(
  streams: Iterable<{ readonly stream: string; readonly tracks: readonly { readonly source: TrackSource }[] }>,
): Set<string> {
  const keys = new Set<string>();
  for (const { stream, tracks } of streams) for (const { source } of tracks) keys.add(trackKey(stream, source));
  return keys;
}

function remoteStreams(
  roster: Roster,
  streams: readonly StreamView[],
  before: readonly RemoteStream[],
): readonly RemoteStream[] {
  const now = streams.map(({ extra_info, stream, tracks, user }) => {
    const was = before.find(({ name }) => name === stream);
    const next = tracks.map(({ muted = false, source }): RemoteTrack => {
      const key = trackKey(stream, source);
      const layer = isPicture(source) ? roster.layers.get(key) : undefined;
      const media = user === roster.me ? undefined : roster.media.get(key);
      const known = was?.tracks.find((each) => each.source === source);
      // Most tracks are as they were, most of the time.
      const isSame = known?.isMuted === muted && known.layer === layer && known.media === media;
      return isSame ? known : given({ source, isMuted: muted, layer, media });
    });
    return keep(was, { name: stream, user, extraInfo: extra_info ?? "", tracks: keepAll(was?.tracks ?? [], next) });
  });
  return keepAll(before, now);
}

/** Whether a source is seen, not heard. */
export function isPicture(source: TrackSource): boolean {
  return source !== "microphone" && source !== "screen_audio";
}

function withMembers(roster: Roster, { added = [], changed = [], removed = [] }: MembersChanged): Roster {
  const gone = new Set(removed.map(({ user }) => user));
  const members = merge(roster.members, [...added, ...changed], gone, userOf);
  if (gone.size === 0) return { ...roster, members };
  const streams = roster.streams.filter(({ user }) => !gone.has(user));
  const activeSpeaker = gone.has(roster.activeSpeaker ?? "") ? undefined : roster.activeSpeaker;
  return withoutTheGone({ ...roster, members, streams, activeSpeaker });
}

function withStreams(roster: Roster, { added = [], changed = [], removed = [] }: StreamsChanged): Roster {
  const news = [...added, ...changed].map(withEachSourceOnce);
  return withoutTheGone({ ...roster, streams: merge(roster.streams, news, new Set(removed), nameOf) });
}

/** The layer of a track that is no longer there would come to life again with its name. */
function withoutTheGone(roster: Roster): Roster {
  if (roster.layers.size === 0) return roster;
  const keys = trackKeys(roster.streams);
  return { ...roster, layers: new Map([...roster.layers].filter(([key]) => keys.has(key))) };
}

function withEachSourceOnce(stream: StreamView): StreamView {
  return { ...stream, tracks: [...byKey(stream.tracks, ({ source }) => source)] };
}

/** Takes over what is new. Something that is told twice stands once, at its first place. */
function merge<Value>(
  known: readonly Value[],
  news: readonly Value[],
  gone: ReadonlySet<string>,
  keyOf: (value: Value) => string,
): readonly Value[] {
  const all = new Map(known.map((each) => [keyOf(each), each]));
  for (const key of gone) all.delete(key);
  for (const each of news) all.set(keyOf(each), each);
  return [...all.values()];
}

function byKey<Value>(values: readonly Value[], keyOf: (value: Value) => string): readonly Value[] {
  return merge([], values, new Set(), keyOf);
}

function userOf({ user }: MemberView): string {
  return user;
}

function nameOf({ stream }: StreamView): string {
  return stream;
}
