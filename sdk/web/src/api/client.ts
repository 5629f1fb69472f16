// The client: one session of one device, and what it knows of calls.
import type {
  AppId,
  CallId,
  CallMode,
  DeviceAddress,
  DeviceId,
  LeftOut,
  MediaKind,
  Platform,
  UserId,
} from "../generated/frames.js";
import type { Call, CallState } from "./call.js";
import type { ClientEvents } from "./events.js";
import type { Answered, WithPush } from "./push.js";
import type { Room } from "./room.js";

/** Where the connection stands. */
export type Connection =
  /** Not connected, because nobody asked for it. */
  | { readonly state: "disconnected" }
  /** Asking for a token, opening a socket, or greeting. */
  | { readonly state: "connecting" }
  /** Waiting before the next attempt, until `retryAt` on the clock of `ClientOptions.now`. */
  | { readonly state: "backoff"; readonly retryAt: number }
  /** Connected as `user`. */
  | { readonly state: "online"; readonly resumed: boolean; readonly user: UserId }
  /** Not connected, and not coming back by itself. Everything known is void; `connect` begins anew. */
  | { readonly state: "stopped"; readonly reason: StopReason };

/** Why the client does not come back by itself. */
export type StopReason = "bad_frame" | "kicked_out" | "logged_out" | "replaced" | "unauthenticated";

/** Everything the client knows, at one moment. */
export interface ClientState {
  readonly connection: Connection;
  /** Who this is; absent until the first connection, unless `ClientOptions.user` says it. */
  readonly user?: UserId;
  readonly device: DeviceId;
  /** Calls that this client knows and that concern this device, newest first; those that are over stay for a while. */
  readonly calls: readonly CallState[];
}

/** The few parts of a WebSocket that the client uses; browsers', Node's (22 and newer) and React Native's have them. */
export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: ((close: { code?: number }) => void) | null;
  onerror: (() => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

/** How a client is made. Only `url` and `getToken` are needed. */
export interface ClientOptions {
  /** The server: `https://calls.example`, or the whole `wss://calls.example/v1/ws`. */
  url: string;
  /**
   * The source of tokens, asked before the first connection, before a token ends, and after one was refused. Resolve with
   * `null` if there is none and never will be; reject if it may work later.
   */
  getToken: () => Promise<string | null>;
  /** This installation of the app, stable over restarts. Default: kept in `storage`. */
  device?: DeviceId;
  /** Default: `web`. */
  platform?: Platform;
  /** The app, if the token does not say. */
  app?: AppId;
  /** Who the user is, needed with `app` for a token of the format token04. */
  user?: UserId;
  /** The user's name to show; `""` (default) keeps the one the server knows. */
  name?: string;
  /** Whether a ring is acknowledged by itself, so that the caller sees `received`. Default true. */
  acknowledge?: boolean;
  /** How long a request may take, the wait for a connection included, in milliseconds. Default 10,000. */
  requestTimeoutMs?: number;
  /** Where the device's id lives. Default: `localStorage` where there is one, else memory. */
  storage?: Pick<Storage, "getItem" | "setItem">;
  /** A monotonic clock in milliseconds. Default: `performance.now`. */
  now?: () => number;
  /** Opens a socket with the subprotocol. Default: the global `WebSocket`. */
  openSocket?: (url: string, subprotocol: string) => SocketLike;
  /** Makes media connections. Default: the global `RTCPeerConnection`. */
  openConnection?: (configuration: RTCConfiguration) => RTCPeerConnection;
}

/** How an invite is made. */
export interface InviteOptions extends WithPush {
  /** Default: `advanced`, which lives until it is hung up. `general` is over once everyone has answered. */
  mode?: CallMode;
  /** What the caller wants to send. Default: `video`. */
  media?: MediaKind;
  /** How long it rings, 1–600 s. Default: 90. */
  timeoutS?: number;
  /** Passed to every invitee; at most 2 KiB. */
  extendedData?: string;
  /** Idempotency key. Default: a random one, which makes the invite safe to repeat. */
  key?: string;
  /** Show `not_yet_received` of invitees on whose devices nothing rang within 5 s. Default false. */
  notReceivedCheck?: boolean;
  /** Show how far the invitation has got with each invitee, as `delivery` of their leg. Default false. */
  deliveryUpdates?: boolean;
  /** Hangs up before there is a call: the invite is taken back by its key, whether or not it has arrived. */
  signal?: AbortSignal;
}

/** What became of an invite. */
export interface Invited {
  readonly call: Call;
  /** Named users who could not be invited; the others ring. */
  readonly leftOut: readonly LeftOut[];
  /** The callee was calling this user at the same time: this is their call, accepted. */
  readonly merged: boolean;
}

/** What is known of a user. All of it is the user's own text: never to become HTML. */
export interface User {
  readonly user: UserId;
  /** `""` if none. */
  readonly name: string;
  readonly avatarUrl: string;
  readonly extendedData: string;
}

/** A page of past and present calls, newest first. */
export interface CallPage {
  readonly calls: readonly CallState[];
  /** Where the next page begins; absent at the end. */
  readonly next?: string;
}

/** A text that the client wrote or read, for a trace. Tokens and session descriptions are left out of it. */
export interface TraceLine {
  readonly direction: "in" | "out" | "note";
  /** On the clock of `ClientOptions.now`. */
  readonly at: number;
  readonly frame: { readonly type: string; readonly [field: string]: unknown };
}

/** One session of one device. */
export interface Client {
  readonly state: ClientState;
  /** Tells whenever `state` is another. @returns how to stop that */
  subscribe(listener: () => void): () => void;
  /** Tells of one kind of event, or of `event`: all of them, in order. @returns how to stop that */
  on<Kind extends keyof ClientEvents>(kind: Kind, listener: (event: ClientEvents[Kind]) => void): () => void;

  /**
   * Connects and stays connected. During a pause it cuts the pause short. While online it asks `getToken` at once if the
   * session needs a token, and does nothing else. Safe to repeat.
   */
  connect(): void;
  /** Disconnects; what is known is kept for the next connection to resume. */
  disconnect(): void;
  /** Ends the session: this device gets no pushes any more, and is stopped with `logged_out`. */
  logout(): Promise<void>;
  /** Takes a new token, asked for or not. Resolves when the server has taken it. @returns how long it lives, in milliseconds */
  renewToken(token: string): Promise<number>;

  /**
   * Registers where this device is reached when its app does not run, 1–4 addresses, no two of one provider, in place of all
   * that it registered before. To be done after every login. For browsers, `subscribeToPushes` of `@offhook/client/push` does it.
   */
  registerDevice(addresses: readonly DeviceAddress[]): Promise<void>;
  /** Forgets where this device is reached. Harmless if nothing is registered. */
  unregisterDevice(): Promise<void>;
  /** With which key a browser subscribes to pushes. @returns undefined if the app sends none to browsers */
  pushKey(resource?: string): Promise<string | undefined>;
  /**
   * Goes on with a call that was answered while no page was open; the client must be the same device. Enters it as `accept`
   * does, without asking for it again if the service worker has the server's answer. Of one that was only tapped it learns.
   */
  resumeAnswered(answered: Answered): Promise<Call>;

  /** Calls users. */
  invite(invitees: readonly UserId[], options?: InviteOptions): Promise<Invited>;
  /** A call that is known, by id or alias. */
  call(id: CallId): Call | undefined;
  /** Enters the life of a call by its id: for `join` of a call that this device does not know yet. */
  callById(id: CallId): Call;
  /** Lists calls, 1–100 (default 20) a page. */
  history(page?: { limit?: number; cursor?: string }): Promise<CallPage>;

  /** Asks about 1–10 users. */
  users(users: readonly UserId[]): Promise<{ users: readonly User[]; unknown: readonly UserId[] }>;
  /** Changes the user's own profile; what is absent stays. */
  updateUser(changes: { name?: string; avatarUrl?: string; extendedData?: string }): Promise<User>;

  /** A room without a call, named by the app; the same object as long as it is entered. */
  room(id: string): Room;
  /** Lets go of sockets, timers and rooms, without leaving calls: as if the app were killed. */
  close(): void;
}
