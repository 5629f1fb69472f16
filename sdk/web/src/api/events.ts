// What a client tells, one event at a time. Each change is told once, whichever of event, reply and snapshot brings it first.
import type { Problem, RoomEvent, UserId } from "../generated/frames.js";
import type { Call, CallEnd, Leg, RingStopReason } from "./call.js";
import type { Connection, TraceLine } from "./client.js";

/** An event; the same kinds, in the same order, as `offhook_client_core::Event`. */
export type ClientEvent =
  /** Parties of a known call changed, or the user's main device did (then `changed` is empty). */
  | { readonly kind: "call_changed"; readonly call: Call; readonly changed: readonly Leg[] }
  /** A call came up that does not ring: placed by a back end, found after a reset, or too late to ring. */
  | { readonly kind: "call_created"; readonly call: Call }
  /** A known call is over. The last event of that call. `end` is absent if the server no longer knows how. */
  | {
      readonly kind: "call_ended";
      readonly call: Call;
      readonly changed: readonly Leg[];
      readonly by?: UserId;
      readonly data: string;
      readonly end?: CallEnd;
    }
  | { readonly kind: "connection"; readonly connection: Connection }
  /** Ring, for `remainingMs` from now at most; `ring_stopped` follows in any case. */
  | { readonly kind: "incoming"; readonly call: Call; readonly remainingMs: number }
  /** Two users called each other at once; this user's attempt became this accepted call. */
  | { readonly kind: "merged"; readonly call: Call }
  /** The server refused the session, or a frame that it could not match to a request. */
  | { readonly kind: "refused"; readonly problem: Problem }
  | {
      readonly kind: "ring_stopped";
      readonly call: Call;
      readonly reason: RingStopReason;
      readonly by?: UserId;
      readonly data: string;
    }
  /** Something happened in a room. Rooms of this client have taken it already. */
  | { readonly kind: "room"; readonly event: RoomEvent }
  /** The source of tokens gave none: without a new one the session ends soon, or does not begin. */
  | { readonly kind: "token_needed" }
  /** The server has taken a new token, which lives for so many milliseconds. */
  | { readonly kind: "token_renewed"; readonly expiresInMs: number }
  /** The token ends in so many milliseconds; `getToken` has been asked. */
  | { readonly kind: "token_will_expire"; readonly remainingMs: number };

/** One kind of event. */
export type EventOf<Kind extends ClientEvent["kind"]> = Extract<ClientEvent, { kind: Kind }>;

/** What can be listened to. */
export type ClientEvents = { [Kind in ClientEvent["kind"]]: EventOf<Kind> } & {
  /** Every event, in order. */
  event: ClientEvent;
  /** Every frame, for a trace pane. */
  trace: TraceLine;
};
