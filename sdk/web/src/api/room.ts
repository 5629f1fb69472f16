// A media room: who is in it, what they send, and what this device sends.
import type { Layer, LeaveCause, MessageKind, Presence, RoomRole, TrackSource, UserId } from "../generated/frames.js";
import type { OffhookError } from "./error.js";
import type { LocalMedia } from "./local_media.js";

/** A track of somebody's stream. */
export interface RemoteTrack {
  readonly source: TrackSource;
  readonly isMuted: boolean;
  /** What this device receives of it: `off` if it is muted, not wanted, or the connection is too narrow. Of sound always absent. */
  readonly layer?: Layer;
  /** To be played; absent until the server has offered it. The same object as long as the track is the same. */
  readonly media?: MediaStream;
}

/** A stream that somebody publishes. */
export interface RemoteStream {
  /** Unique in the room. */
  readonly name: string;
  readonly user: UserId;
  /** Text of another user: never to become HTML. */
  readonly extraInfo: string;
  readonly tracks: readonly RemoteTrack[];
}

/** Somebody in the room. */
export interface Participant {
  readonly user: UserId;
  /** `""` if none. Text of another user: never to become HTML. */
  readonly name: string;
  readonly isMe: boolean;
  readonly presence: Presence;
  /** What they publish, as the server sees it; of this user too, then without `media`. */
  readonly streams: readonly RemoteStream[];
  /** How loud they are, 0–100. */
  readonly level: number;
  /** 5 excellent, 4 good, 3 fair, 2 poor, 1 bad, 0 unknown. */
  readonly uplink: number;
  readonly downlink: number;
}

/** Where this device stands with the room. */
export type Stay =
  | { readonly phase: "entering" }
  /** In. `isConnected` is whether media can flow at the moment. */
  | { readonly phase: "in"; readonly isConnected: boolean }
  /** Not in: never entered, left, put out (`cause`), or refused (`error`). */
  | { readonly phase: "out"; readonly cause?: LeaveCause; readonly error?: OffhookError };

/** A room at one moment. It never changes; a newer one takes its place. */
export interface RoomState {
  readonly id: string;
  readonly stay: Stay;
  /** Absent while out. */
  readonly role?: RoomRole;
  /** In the order in which they came; this user included. */
  readonly participants: readonly Participant[];
  /** Who speaks most; absent if nobody does. */
  readonly activeSpeaker?: UserId;
  /** What the server believes that it can send to this device, bits a second, and the round trip; 0 until known. */
  readonly downlinkBps: number;
  readonly rttMs: number;
}

/** A track to publish. */
export interface TrackToPublish {
  source: TrackSource;
  track: MediaStreamTrack;
  /** Default: whether the track is disabled. */
  isMuted?: boolean;
}

/** A stream to publish, or to publish anew under the same name with other tracks. */
export interface StreamToPublish {
  /** 1–256 letters, digits, `-` and `_`, unique in the room. Default: made from the user and the sources. */
  name?: string;
  /** At most 1 KiB. */
  extraInfo?: string;
  tracks: readonly TrackToPublish[];
}

/** How this device negotiates. For everyday use the defaults are right. */
export interface EnterOptions {
  /** A room token. Default: the one that came with the call, else a new one is asked for. */
  token?: string;
  /** Receive every stream unasked. Default true. */
  subscribeAll?: boolean;
  /** How many may be in the room; what the first one says counts. Default: the server's limit. */
  maxMembers?: number;
  /** `vp8`, `vp9`, `h264` or `av1`. Default: the browser's choice. */
  codec?: string;
  /** Send a camera in three sizes. Default true. */
  simulcast?: boolean;
  /** `relay` reaches the server through TURN alone. Default `all`. */
  transport?: "all" | "relay";
}

/** At what size a track is shown, in pixels of the screen; `null` for not at all. Audio has no size: `wanted`. */
export interface Wish {
  stream: string;
  source: TrackSource;
  wanted?: boolean;
  width?: number;
  height?: number;
}

/** A message of a participant. */
export interface RoomMessage {
  readonly from: UserId;
  readonly kind: MessageKind;
  /** At most 4 KiB. Text of another user: never to become HTML. */
  readonly data: string;
}

/** What the browser counts about one track. */
export interface TrackStatistics {
  readonly direction: "received" | "sent";
  readonly user: UserId;
  readonly stream: string;
  readonly source: TrackSource;
  /** Of one encoding, if several are sent. */
  readonly rid?: string;
  readonly codec: string;
  /** Bits a second since the statistics before; 0 the first time. */
  readonly bitrate: number;
  readonly packets: number;
  readonly lost: number;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  /** Decoded or encoded, since the track began. */
  readonly frames: number;
  /** Why the browser sends less than it could; `none` if it does not. */
  readonly limit?: string;
}

/** What the browser counts about the connection. */
export interface RoomStatistics {
  readonly tracks: readonly TrackStatistics[];
  /** How packets travel: `udp`, `tcp`, `relay over udp`, …; `""` until they do. */
  readonly path: string;
  readonly rttMs: number;
}

/** What a room tells beside its state. */
export interface RoomEvents {
  message: RoomMessage;
  /** Something that the room did by itself failed; what was asked for rejects instead. */
  problem: OffhookError;
}

/** A media room. */
export interface Room {
  readonly id: string;
  readonly state: RoomState;
  /** Tells of every new state. @returns how to stop that */
  subscribe(listener: (state: RoomState) => void): () => void;
  /** @returns how to stop that */
  on<Kind extends keyof RoomEvents>(kind: Kind, listener: (event: RoomEvents[Kind]) => void): () => void;

  /** Enters, and publishes what was published or used before. Entering again while in renews name and role. */
  enter(options?: EnterOptions): Promise<void>;
  /** Leaves. Harmless if out. What was published is forgotten; the tracks go on, they are the app's. */
  leave(): Promise<void>;

  /**
   * Publishes what this device records, and follows it: mutes, devices, screen. A camera or microphone that is about to start,
   * as while the user is asked, is published muted. @returns how to stop following, which unpublishes
   */
  use(media: LocalMedia): () => void;
  /** Publishes a stream, or what changed about it. */
  publish(stream: StreamToPublish): Promise<string>;
  /** Publishes the stream no more. Harmless if it is not. */
  unpublish(name: string): Promise<void>;
  /** Sends another track, of another device, say, in place of the present one; `null` for none for now. No negotiation. */
  replaceTrack(name: string, source: TrackSource, track: MediaStreamTrack | null): Promise<void>;
  /** Falls silent, or speaks again; the others are told. */
  mute(name: string, source: TrackSource, isMuted: boolean): Promise<void>;
  setExtraInfo(name: string, extraInfo: string): Promise<void>;

  /** Says what is wanted, and at what size. What is not named stays. */
  wish(wishes: readonly Wish[]): Promise<void>;
  /**
   * Plays a picture in an element and keeps the server told of the size at which it is visible: nothing is sent for what
   * nobody sees. @returns how to stop that
   */
  attach(element: HTMLVideoElement, stream: string, source: TrackSource): () => void;

  /** Sends to everyone else, or to some. Default kind: `broadcast`. */
  send(data: string, options?: { kind?: MessageKind; to?: readonly UserId[] }): Promise<void>;
  /** Puts a user out, and keeps them out; hosts only. */
  remove(user: UserId): Promise<void>;
  /** What the browser counts; empty while out. */
  statistics(): Promise<RoomStatistics>;
}
