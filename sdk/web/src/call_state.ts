// What the machine knows of a call, as the app sees it: one immutable state, with the phase that follows from it.
import type { CallPhase, CallState, Leg, RingStopReason } from "./api/call.js";
import type { CallId, CallView, DeviceId, LegStatus, LegView, UserId } from "./generated/frames.js";
import { given } from "./given.js";
import { isEnded, legOf, standing } from "./machine/call.js";

/** A call as the client keeps it. */
export interface Entry {
  readonly view: CallView;
  /** When `view.age_ms` was true. */
  readonly heardAt: number;
  /** Until when this device rings. */
  readonly ringUntil?: number | undefined;
  readonly ringStopped?: RingStopReason | undefined;
  readonly activeSince?: number | undefined;
  /** A call of the general mode that is over for the server, because it was answered, and goes on here. */
  readonly isHeld: boolean;
  /** Over here although the last view does not say so: left, where the mode knows no leaving, or void. */
  readonly closed: "left" | "void" | null;
}

/** Who looks at a call; nobody before the first welcome. */
export interface Self {
  readonly device: DeviceId;
  readonly user: UserId | undefined;
}

/** A call of which nothing is known but its id. */
export function unknownEntry(call: CallId): Entry {
  // The alias is the first half of the id.
  const [half = "0"] = /^[\da-f]{16}/i.exec(call.replaceAll("-", "")) ?? [];
  const view: CallView = {
    age_ms: 0,
    alias: String(BigInt(`0x${half}`)),
    call,
    caller: "",
    created_at: 0,
    inviter: "",
    legs: [],
    media: "video",
    mode: "advanced",
    remaining_ms: 0,
    seq: 0,
    status: "started",
    timeout_ms: 0,
  };
  return { view, heardAt: 0, isHeld: false, closed: null };
}

/** What a call is to this device. */
export function phaseOf({ closed, isHeld, ringUntil, view }: Entry, { device, user }: Self): CallPhase {
  const mine = user === undefined ? undefined : legOf(view, user);
  if (!mine || closed !== null || (isEnded(view) && !isHeld)) return "over";
  const stands = standing(mine.status);
  if (stands === "out") return "over";
  if (stands === "invited") return ringUntil === undefined ? "silenced" : "ringing";
  if (view.main_device !== undefined && view.main_device !== device) return "elsewhere";
  const others = view.legs.filter((leg) => leg !== mine);
  if (isHeld || others.some(({ status }) => status === "accepted")) return "active";
  return others.some(({ status }) => isRinging(status)) ? "calling" : "alone";
}

/** Whether a party has been invited and has not answered. */
export function isRinging(status: LegStatus): boolean {
  return standing(status) === "invited";
}

/**
 * Whether a call that the server holds to be over goes on here: of the general mode, answered, and this device is the one
 * that is in it.
 */
export function goesOn({ end, legs, main_device, mode }: CallView, { device, user }: Self): boolean {
  const isMine = legs.some((leg) => leg.user === user && leg.status === "accepted");
  const isHere = main_device === undefined || main_device === device;
  return mode === "general" && end?.cause === "answered" && isMine && isHere;
}

/**
 * Since when the user has been talking, on this device's clock. The points in time are the server's, so only their
 * distance to each other means something here; it is counted from when the call was created.
 */
export function talkingSince({ heardAt, view }: Entry, user: UserId | undefined, now: number): number {
  const concerned = view.caller === user ? view.legs : view.legs.filter((leg) => leg.user === user);
  const accepted = concerned.flatMap(({ accepted_at }) => accepted_at ?? []);
  if (accepted.length === 0) return now;
  return Math.min(now, heardAt - view.age_ms + Math.max(0, Math.min(...accepted) - view.created_at));
}

export function stateOf(entry: Entry, self: Self): CallState {
  const { activeSince, ringStopped, ringUntil, view } = entry;
  const phase = phaseOf(entry, self);
  return given({
    id: view.call,
    alias: view.alias,
    seq: view.seq,
    mode: view.mode,
    media: view.media,
    caller: view.caller,
    inviter: view.inviter,
    extendedData: view.extended_data ?? "",
    legs: view.legs.map(legState),
    phase,
    timeoutMs: view.timeout_ms,
    isWaiting: view.waiting === true,
    isMissed: view.missed === true || isUnanswered(view, self),
    createdAt: view.created_at,
    mainDevice: view.main_device,
    ringUntil: phase === "ringing" ? ringUntil : undefined,
    activeSince,
    ringStopped,
    end: view.end,
  });
}

/** Events do not say that a call was missed; the leg does, in all cases but that the call ended before anybody took it back. */
function isUnanswered(view: CallView, { user = "" }: Self): boolean {
  const status = legOf(view, user)?.status;
  return status === "be_canceled" || status === "timed_out";
}

export function legState({ accepted_at, data = "", delivery, left_at, reason, status, user }: LegView): Leg {
  return given({ user, status, data, reason, delivery, acceptedAt: accepted_at, leftAt: left_at });
}
