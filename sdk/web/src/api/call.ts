// A call, as an app sees it.
import type {
  CallId,
  CallMode,
  Delivery,
  DeviceId,
  EndCause,
  LegStatus,
  LeftOut,
  MediaKind,
  RejectCause,
  UserId,
} from "../generated/frames.js";
import type { WithPush } from "./push.js";
import type { Room } from "./room.js";

/**
 * What a call is to this device.
 *
 * | phase | meaning |
 * |---|---|
 * | `ringing` | rings here: accept, reject or ignore |
 * | `silenced` | the user is invited, but this device does not ring: ignored here, or rung out by its own clock |
 * | `calling` | the user is in it on this device, others ring, and nobody else is in it yet |
 * | `active` | the user is in it on this device with somebody else |
 * | `alone` | the user is in it on this device, and nobody else is, nor rings |
 * | `elsewhere` | the user is in it on another device |
 * | `over` | the call has ended, or the user is out of it |
 *
 * A call of the general mode is over for the server once everyone has answered; it stays `active` here until its room is
 * left or {@link Call.hangUp} is asked for.
 */
export type CallPhase = "active" | "alone" | "calling" | "elsewhere" | "over" | "ringing" | "silenced";

/** Why a ring stopped on this device. */
export type RingStopReason =
  | "answered_elsewhere"
  | "answered_here"
  | "canceled"
  | "declined_elsewhere"
  | "declined_here"
  | "ended"
  | "ignored"
  | "session_over"
  | "timed_out"
  | "unanswered";

/** One party of a call. */
export interface Leg {
  readonly user: UserId;
  readonly status: LegStatus;
  /** Why they turned the invitation down; absent if they did not. */
  readonly reason?: RejectCause;
  /** What they sent with their last answer; `""` if nothing. Text of another user: never to become HTML. */
  readonly data: string;
  /**
   * How far the invitation has got, while it rings: `queued`, `push_accepted` (a vendor has taken a push), `delivered`,
   * `ringing`. Told to a caller who asks for it: `InviteOptions.deliveryUpdates`.
   */
  readonly delivery?: Delivery;
  /** When they accepted and left, on the server's clock in milliseconds; for display. */
  readonly acceptedAt?: number;
  readonly leftAt?: number;
}

/** How a call ended. */
export interface CallEnd {
  /** On the server's clock, in milliseconds; for display. */
  readonly at: number;
  /** Who ended or canceled it; absent for timers and policies. */
  readonly by?: UserId;
  readonly cause: EndCause;
}

/** A call at one moment. It never changes; a newer one takes its place. */
export interface CallState {
  readonly id: CallId;
  /** The name of at most 20 digits that ZIM-shaped clients know the call by. */
  readonly alias: string;
  /** The version of the call that this shows. */
  readonly seq: number;
  readonly mode: CallMode;
  /** What the caller wants to send. */
  readonly media: MediaKind;
  readonly caller: UserId;
  /** Who invited this user; the caller for the caller. */
  readonly inviter: UserId;
  /** What the caller sent along; `""` if nothing. Text of another user: it may be anything, and must never become HTML. */
  readonly extendedData: string;
  readonly legs: readonly Leg[];
  /** This user's device that is in the call; absent if none is. */
  readonly mainDevice?: DeviceId;
  readonly phase: CallPhase;
  /** Until when this device rings, on the clock of `ClientOptions.now`; absent unless `phase` is `ringing`. */
  readonly ringUntil?: number;
  /** Since when the user talks with somebody, on the clock of `ClientOptions.now`; absent until then. */
  readonly activeSince?: number;
  /** How long each invitee rings, in milliseconds. */
  readonly timeoutMs: number;
  /** Why the last ring on this device stopped; absent if it has not rung, or rings. */
  readonly ringStopped?: RingStopReason;
  /** The user rings although in another call. */
  readonly isWaiting: boolean;
  /** It rang for the user, and ended without an answer on any of their devices. */
  readonly isMissed: boolean;
  /** When it was created, on the server's clock in milliseconds; for display. */
  readonly createdAt: number;
  /** How it ended; absent while it lives on the server. */
  readonly end?: CallEnd;
}

/** What a request may send along: at most 2 KiB of UTF-8, shown to the others. */
export interface WithData {
  data?: string;
}

/**
 * One call. The same object stands for a call as long as the client knows it. Every method rejects with an
 * `OffhookError`; `already over` refusals carry the call as it now is, and the state has it before the rejection.
 */
export interface Call {
  readonly id: CallId;
  readonly state: CallState;
  /** Tells of every new state. @returns how to stop that */
  subscribe(listener: (state: CallState) => void): () => void;
  /** Answers; this device becomes the main device. */
  accept(options?: WithData): Promise<void>;
  /** Declines on all of the user's devices. Default reason: `declined`. */
  reject(options?: WithData & { reason?: "busy" | "declined" }): Promise<void>;
  /** Silences the ring on this device alone; nobody else learns of it. */
  ignore(): Promise<void>;
  /** Tells the caller that this device rings. Sent by itself unless `ClientOptions.acknowledge` is false. */
  acknowledge(): Promise<void>;
  /** Takes invitations back: those of `invitees`, or the whole call if there are none. @returns to whom it could not be applied */
  cancel(options?: WithData & WithPush & { invitees?: readonly UserId[] }): Promise<readonly LeftOut[]>;
  /** Invites more users; advanced mode. @returns who could not be invited */
  add(invitees: readonly UserId[], options?: WithPush): Promise<readonly LeftOut[]>;
  /** Enters uninvited, or moves the user's part to this device; advanced mode. */
  join(options?: WithData): Promise<void>;
  /** Leaves, the others stay; advanced mode. */
  quit(options?: WithData & WithPush): Promise<void>;
  /** Ends the call for all; advanced mode. */
  end(options?: WithData & WithPush): Promise<void>;
  /**
   * What a red button means in the call's present phase: rejects a ring, takes back a call that nobody has accepted, ends a
   * call of two, leaves a larger one; and leaves the room in any case.
   */
  hangUp(options?: WithData): Promise<void>;
  /** Reads the call anew from the server. */
  read(): Promise<CallState>;
  /** The call's media room; the same object each time. It is entered with `enter`. */
  room(): Room;
}
