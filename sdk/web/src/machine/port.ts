// What goes into the machine and what comes out. Inside, everything is named as on the wire.
import type {
  AppId,
  CallId,
  ClientFrame,
  DeviceId,
  EndView,
  LegView,
  Platform,
  Problem,
  Reply,
  Request,
  RoomEvent,
  UserId,
} from "../generated/frames.js";
import type { RingStopReason } from "../api/call.js";
import type { StopReason } from "../api/client.js";
import type { HeardFrame } from "./frames.js";

/** Who the client is, and how long it waits. Durations are in milliseconds. */
export interface Config {
  /** Whether a ring is acknowledged without being asked, so that the caller sees `received`. */
  readonly acknowledge: boolean;
  /** The app, if the token does not say. */
  readonly app?: AppId;
  /** The first pause before reconnecting is drawn from zero to this; less hurts a server that restarts. */
  readonly backoffBaseMs: number;
  /** The longest pause; more leaves users unreachable, less floods a weak server. */
  readonly backoffCapMs: number;
  /** How long a socket may take to open, and the server to answer hello; less fails on slow networks. */
  readonly connectTimeoutMs: number;
  readonly device: DeviceId;
  /** The user's name to show; empty keeps the one that the server knows. */
  readonly name: string;
  readonly platform: Platform;
  /** How long a request may take, waiting for the connection included. */
  readonly requestTimeoutMs: number;
  /** How long the source of tokens may take. */
  readonly tokenTimeoutMs: number;
  /** Who the user is; needed, with `app`, for a token of the format token04. */
  readonly user?: UserId;
}

/** The defaults, for this device. */
export function configOf(device: DeviceId, platform: Platform): Config {
  return {
    acknowledge: true,
    backoffBaseMs: 500,
    backoffCapMs: 20_000,
    connectTimeoutMs: 10_000,
    device,
    name: "",
    platform,
    requestTimeoutMs: 10_000,
    tokenTimeoutMs: 30_000,
  };
}

/** Names a request of the app. */
export type Handle = number;

/** Something happened. */
export type Input =
  /** The device may have slept: come back at once, or look whether the connection is still there. */
  | { readonly kind: "awake" }
  /**
   * The app wants to be connected. During a pause it cuts the pause short; online it has a token that the session lacks
   * asked for at once.
   */
  | { readonly kind: "connect" }
  /** The app wants to be disconnected. What is known is kept, for the next connection to resume. */
  | { readonly kind: "disconnect" }
  /** A frame came, or a text that is none. */
  | { readonly kind: "frame"; readonly frame: HeardFrame }
  /** The driver does not read from the socket until `resumed`: silence says nothing about the server. */
  | { readonly kind: "paused" }
  /** The app asks; a `resolve` with the same handle follows. */
  | { readonly kind: "request"; readonly handle: Handle; readonly request: Request }
  | { readonly kind: "resumed" }
  /** The socket closed, with the close code if there was one. */
  | { readonly kind: "socket_closed"; readonly code: number | null }
  | { readonly kind: "socket_failed" }
  | { readonly kind: "socket_opened" }
  /** The time of `wakeAt` has come. */
  | { readonly kind: "timeout" }
  /** A token, asked for or not. */
  | { readonly kind: "token"; readonly token: string }
  /** The source of tokens failed; it may work later. */
  | { readonly kind: "token_failed" }
  /** The source of tokens has no other token. */
  | { readonly kind: "token_gone" };

/** Something is to be done. */
export type Output =
  /** Close the socket, or stop opening it, and say no more of it. */
  | { readonly kind: "close_socket" }
  | { readonly kind: "event"; readonly event: MachineEvent }
  | { readonly kind: "need_token" }
  | { readonly kind: "open_socket" }
  | { readonly kind: "resolve"; readonly handle: Handle; readonly result: Result }
  | { readonly kind: "send"; readonly frame: ClientFrame };

/** How a request went. */
export type Result = { readonly reply: Reply } | { readonly error: RequestError };

/** Why a request brought no reply. */
export type RequestError =
  | { readonly type: "disconnected"; readonly maybe_applied: boolean }
  | { readonly type: "not_connected" }
  | { readonly type: "problem"; readonly problem: Problem }
  | { readonly type: "timed_out"; readonly maybe_applied: boolean }
  | { readonly type: "too_many_requests" }
  | { readonly type: "unreadable" };

/** Where the connection stands. */
export type ConnectionState =
  | { readonly state: "backoff"; readonly retry_in_ms: number }
  | { readonly state: "connecting" }
  | { readonly state: "disconnected" }
  | { readonly state: "online"; readonly resumed: boolean; readonly user: UserId }
  | { readonly state: "stopped"; readonly reason: StopReason };

/** What the app is told. Each change is told once; after `call_ended` nothing more is told of a call. */
export type MachineEvent =
  | { readonly kind: "call_changed"; readonly call: CallId; readonly changed: readonly LegView[] }
  | { readonly kind: "call_created" | "merged"; readonly call: CallId }
  | {
      readonly kind: "call_ended";
      readonly call: CallId;
      readonly changed: readonly LegView[];
      readonly by?: UserId;
      readonly data: string;
      readonly end?: EndView;
    }
  | { readonly kind: "connection"; readonly connection: ConnectionState }
  | { readonly kind: "incoming"; readonly call: CallId; readonly remainingMs: number }
  | { readonly kind: "refused"; readonly problem: Problem }
  | {
      readonly kind: "ring_stopped";
      readonly call: CallId;
      readonly reason: RingStopReason;
      readonly by?: UserId;
      readonly data: string;
    }
  | { readonly kind: "room"; readonly event: RoomEvent }
  | { readonly kind: "token_needed" };
