// The wire's edge: a text of the server becomes a frame, or is found unreadable. Past this file everything has its type.
// Unknown fields are passed over, unknown words are kept, null is the same as absent.
import { given } from "../given.js";
import { tried } from "../tried.js";
import { MAX_SERVER_FRAME_BYTES } from "../generated/frames.js";
import type {
  CallReply,
  CallView,
  Calls,
  Closing,
  EndView,
  Happening,
  Heartbeat,
  IceServer,
  Invited,
  LayersChanged,
  LeftOut,
  LegView,
  Levels,
  MediaAnswer,
  MemberLevel,
  MemberQuality,
  MembersChanged,
  MemberView,
  Problem,
  PushKey,
  Quality,
  RemovedMember,
  Renewed,
  RequestId,
  RoomLeft,
  RoomMessage,
  RoomReset,
  RoomToken,
  RoomView,
  SentTrack,
  ServerFrame,
  ServerOffer,
  Snapshot,
  StreamsChanged,
  StreamView,
  TokenWillExpire,
  TrackLayer,
  TrackView,
  Users,
  UserView,
  Welcome,
} from "../generated/frames.js";

/** A text that is no frame, or none that this version knows; with the request that it answers, if that much can be read. */
export interface Unreadable {
  readonly type: "unreadable";
  readonly id?: RequestId;
}

export type HeardFrame = ServerFrame | Unreadable;

/** How deep the JSON of a frame may nest; ours nests six deep. */
const MAX_DEPTH = 16;

type Check<Value> = (value: unknown) => value is Value;
type Fields = Readonly<Record<string, unknown>>;

const isText = (value: unknown): value is string => typeof value === "string";
/** The longest word of an enumeration has 64 bytes. */
const isWord = (value: unknown): value is string => isText(value) && value.length <= 64;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isFlag = (value: unknown): value is boolean => typeof value === "boolean";
const isRequestId = maybe(isCount);
/** Calls, devices, rooms, streams and users: visible ASCII, at most what the longest of them may have. */
const isId = (value: unknown): value is string => isText(value) && /^[!-~]{1,256}$/.test(value);

const isLeg = shape<LegView>({
  accepted_at: maybe(isCount),
  data: maybe(isText),
  delivery: maybe(isWord),
  left_at: maybe(isCount),
  reason: maybe(isWord),
  status: isWord,
  user: isId,
});
const isEnd = shape<EndView>({ at: isCount, by: maybe(isId), cause: isWord });
const isView = shape<CallView>({
  age_ms: isCount,
  alias: isText,
  call: isId,
  caller: isId,
  created_at: isCount,
  end: maybe(isEnd),
  extended_data: maybe(isText),
  ignored: maybe(isFlag),
  inviter: isId,
  legs: list(isLeg),
  main_device: maybe(isId),
  media: isWord,
  missed: maybe(isFlag),
  mode: isWord,
  remaining_ms: isCount,
  seq: isCount,
  status: isWord,
  timeout_ms: isCount,
  upgrade_offered: maybe(isFlag),
  usage: isUnread,
  waiting: maybe(isFlag),
});
const isHappening = shape<Happening>({
  by: maybe(isId),
  call: isId,
  changed: maybe(list(isLeg)),
  data: maybe(isText),
  end: maybe(isEnd),
  main_device: maybe(isId),
  seq: isCount,
});
const isLeftOut = list(shape<LeftOut>({ cause: isWord, user: isId }));
const isRoomToken = shape<RoomToken>({ expires_in_ms: isCount, token: isText });
const isMember = shape<MemberView>({ name: maybe(isText), presence: isWord, user: isId });
const isTrack = shape<TrackView>({ muted: maybe(isFlag), source: isWord });
const isStreamView = shape<StreamView>({
  extra_info: maybe(isText),
  stream: isId,
  tracks: list(isTrack),
  user: isId,
});
const isQuality = shape<MemberQuality>({ downlink: isCount, uplink: isCount, user: isId });
const isTrackLayer = shape<TrackLayer>({ layer: isWord, source: isWord, stream: isId });
const isSentTrack = shape<SentTrack>({ mid: isText, source: isWord, stream: isId, user: isId });

/** What the body of each type must be. */
const BODIES: { readonly [Type in ServerFrame["type"]]: Check<BodyOf<Type>> } = {
  "call.canceled": isHappening,
  "call.changed": isHappening,
  "call.created": isView,
  "call.ended": isHappening,
  "call.invited": isView,
  "call.merged": isView,
  "call.unanswered": isHappening,
  closing: shape<Closing>({ code: isWord, message: isText, reconnect_in_ms: maybe(isCount) }),
  heartbeat: shape<Heartbeat>({ offset: isCount }),
  problem: shape<Problem>({
    call: maybe(isView),
    code: isWord,
    message: isText,
    retry_after_ms: maybe(isCount),
    retryable: isFlag,
    zim_code: isCount,
  }),
  "reply.answer": shape<MediaAnswer>({ sdp: isText, voids: maybe(isCount) }),
  "reply.call": shape<CallReply>({ call: maybe(isView), left_out: maybe(isLeftOut), room: maybe(isRoomToken) }),
  "reply.calls": shape<Calls>({ calls: list(isView), next: maybe(isText) }),
  "reply.done": isUnread,
  "reply.invited": shape<Invited>({
    call: isView,
    left_out: maybe(isLeftOut),
    merged: maybe(isFlag),
    room: maybe(isRoomToken),
  }),
  "reply.push_key": shape<PushKey>({ key: maybe(isText) }),
  "reply.room": shape<RoomView>({
    ice_servers: maybe(
      list(shape<IceServer>({ credential: maybe(isText), urls: list(isText), username: maybe(isText) })),
    ),
    members: list(isMember),
    role: isWord,
    room: isId,
    streams: list(isStreamView),
  }),
  "reply.room_token": isRoomToken,
  "reply.token": shape<Renewed>({ expires_in_ms: isCount }),
  "reply.users": shape<Users>({
    unknown: maybe(list(isId)),
    users: list(
      shape<UserView>({ avatar_url: maybe(isText), extended_data: maybe(isText), name: maybe(isText), user: isId }),
    ),
  }),
  "room.layers": shape<LayersChanged>({ room: isId, tracks: list(isTrackLayer) }),
  "room.left": shape<RoomLeft>({ cause: isWord, room: isId }),
  "room.levels": shape<Levels>({
    active: maybe(isId),
    levels: list(shape<MemberLevel>({ level: isCount, user: isId })),
    room: isId,
  }),
  "room.members": shape<MembersChanged>({
    added: maybe(list(isMember)),
    changed: maybe(list(isMember)),
    removed: maybe(list(shape<RemovedMember>({ cause: isWord, user: isId }))),
    room: isId,
  }),
  "room.message": shape<RoomMessage>({ data: isText, from: isId, kind: isWord, room: isId }),
  "room.offer": shape<ServerOffer>({ negotiation: isCount, room: isId, sdp: isText, tracks: list(isSentTrack) }),
  "room.quality": shape<Quality>({ downlink_bps: isCount, members: list(isQuality), room: isId, rtt_ms: isCount }),
  "room.reset": shape<RoomReset>({ room: isId }),
  "room.streams": shape<StreamsChanged>({
    added: maybe(list(isStreamView)),
    changed: maybe(list(isStreamView)),
    removed: maybe(list(isId)),
    room: isId,
  }),
  token_will_expire: shape<TokenWillExpire>({ remaining_ms: isCount }),
  welcome: shape<Welcome>({
    epoch: isCount,
    heartbeat_ms: isCount,
    limits: isUnread,
    lost_after_ms: isCount,
    offset: isCount,
    snapshot: maybe(shape<Snapshot>({ calls: list(isView), ended: maybe(list(isView)) })),
    token_expires_in_ms: isCount,
    user: isId,
  }),
};

/** Reads what came from the socket. Never throws, whatever it is. */
export function readFrame(text: unknown): HeardFrame {
  const frame = parse(text);
  if (frame === null || !isText(frame["type"]) || !isRequestId(frame["id"])) return { type: "unreadable" };
  const { id, type } = frame;
  const unreadable = given({ type: "unreadable" as const, id });
  const body = frame["body"] ?? {};
  if (!isType(type) || !BODIES[type](body)) return unreadable;
  const isOfReply = type.startsWith("reply.");
  if (isOfReply ? id === undefined : type.startsWith("call.") && !hasPlace(frame)) return { type: "unreadable" };
  // The body has been found to be that of the type, and the envelope to be that of its family.
  return { ...frame, body } as unknown as ServerFrame;
}

function parse(text: unknown): Fields | null {
  if (!isText(text) || text.length > MAX_SERVER_FRAME_BYTES) return null;
  // What the reviver gives back as undefined is left out: null is the same as absent.
  const frame: unknown = tried(() => JSON.parse(text, (_, value: unknown) => value ?? undefined) as unknown);
  return isObject(frame) && !nestsDeeper(frame, MAX_DEPTH) ? frame : null;
}

function nestsDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => nestsDeeper(inner, depth - 1));
}

function hasPlace({ after = 0, offset }: Fields): boolean {
  return isCount(offset) && isCount(after) && after < offset;
}

function isType(type: string): type is ServerFrame["type"] {
  return Object.hasOwn(BODIES, type);
}

/** Nobody here looks into it, so it may be anything. */
function isUnread(_: unknown): _ is never {
  return true;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list<Item>(isItem: Check<Item>): Check<Item[]> {
  return (value): value is Item[] => Array.isArray(value) && value.every(isItem);
}

function maybe<Value>(check: Check<Value>): Check<Value | undefined> {
  return (value): value is Value | undefined => value === undefined || check(value);
}

/** Every field of the type must be named, so that a new one of the wire is not forgotten here. */
function shape<Body>(fields: { readonly [Name in keyof Required<Body>]: Check<Body[Name]> }): Check<Body> {
  const checks = Object.entries<Check<unknown>>(fields);
  return (value): value is Body => isObject(value) && checks.every(([name, check]) => check(value[name]));
}

type BodyOf<Type> = Extract<ServerFrame, { type: Type }> extends { body: infer Body } ? Body : undefined;
