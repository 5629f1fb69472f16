// How a call came out, from this user's point of view. Pure; the words are elsewhere.
import type { CallState, Leg, UserId } from "@offhook/client";
import { isInVain, isWaiting, type Part } from "./state.js";

/** What is told of a call that is over for this user. `who` is the one it is about. */
export interface Outcome {
  readonly kind: OutcomeKind;
  readonly who?: UserId;
  /** How long they talked, in milliseconds; absent if they did not. */
  readonly talkedMs?: number;
}

export type OutcomeKind =
  /** Somebody calls, or called, and nobody talks yet: still ringing, here or elsewhere. */
  | "ringing"
  | "ongoing"
  | "answered_elsewhere"
  | "busy"
  /** The user took it back. */
  | "canceled"
  | "connection_lost"
  /** The session ended while this page was in the call; what became of the call is not known. */
  | "cut_off"
  /** The user turned it down. */
  | "declined"
  | "ended"
  /** Everyone else has gone. */
  | "everyone_left"
  | "hung_up"
  /** The user left, the others talk on. */
  | "left"
  /** The only other one, `who`, has left or was lost. */
  | "left_by"
  /** `who` ended it. */
  | "ended_by"
  /** This page was away for so long that the server put the user out. */
  | "lost"
  | "missed"
  | "missed_canceled"
  | "moved"
  | "nobody_answered"
  | "rejected"
  | "removed"
  | "taken_over"
  | "too_long"
  | "unanswered";

/** @param me the user; absent before the first connection */
export function outcomeOf(call: CallState, me: UserId | undefined, part?: Part): Outcome {
  const outcome = kindOf(call, me, part);
  const talkedMs = talked(call, me);
  return talkedMs === undefined ? outcome : { ...outcome, talkedMs };
}

/** Whether the user did not answer somebody who wanted to talk. */
export function isMissed(kind: OutcomeKind): boolean {
  return kind === "missed" || kind === "missed_canceled";
}

function kindOf(call: CallState, me: UserId | undefined, part?: Part): Outcome {
  if (part?.putOut === "kicked") return { kind: "removed" };
  if (part?.putOut === "taken_over" && call.end === undefined) return { kind: "taken_over" };
  if (call.phase === "elsewhere") return { kind: part ? "moved" : "answered_elsewhere" };
  const mine = call.legs.find((leg) => leg.user === me);
  if (part?.step === "leaving") return leaving(call, me, mine);
  if (part?.wasAway && mine?.status === "quit") return { kind: "lost" };
  if (part?.step === "in" && call.phase === "over" && !call.end && mine?.status === "accepted")
    return { kind: "cut_off" };
  if (isInVain(call)) return inVain(call, me, mine);
  if (call.phase !== "over") return { kind: isRung(call, mine) ? "ringing" : "ongoing" };
  if (!mine) return { kind: "ended" };
  return call.caller === me ? placed(call, mine, me) : received(call, mine, me);
}

/** The end that this page asks for has not come yet, and was not the user's doing. */
function inVain(call: CallState, me: UserId | undefined, mine: Leg | undefined): Outcome {
  const [other, ...more] = call.legs.filter((leg) => leg.user !== me);
  const wasThere = other && (other.acceptedAt !== undefined || other.user === call.caller);
  if (wasThere && more.length === 0) return { kind: "left_by", who: other.user };
  return mine ? placed(call, mine, me) : { kind: "nobody_answered" };
}

function isRung(call: CallState, mine: Leg | undefined): boolean {
  return call.phase === "calling" || (mine !== undefined && isWaiting(mine.status));
}

/** The user's own hanging up needs no answer of the server to be told. */
function leaving(call: CallState, me: UserId | undefined, mine: Leg | undefined): Outcome {
  const others = call.legs.filter((leg) => leg.user !== me);
  if (!others.some((leg) => wasIn(leg, call))) return { kind: call.caller === me ? "canceled" : "hung_up" };
  if (call.end) return { kind: "hung_up" };
  const goesOn = others.filter((leg) => leg.status === "accepted" || isWaiting(leg.status)).length > 1;
  return { kind: goesOn || mine?.status === "quit" ? "left" : "hung_up" };
}

function wasIn(leg: Leg, call: CallState): boolean {
  return leg.acceptedAt !== undefined || leg.status === "accepted" || leg.user === call.caller;
}

function placed(call: CallState, mine: Leg, me: UserId | undefined): Outcome {
  if (call.end?.cause === "caller_lost") return { kind: "connection_lost" };
  if (mine.status === "canceled") return { kind: "canceled" };
  const invited = call.legs.filter((leg) => leg.user !== me);
  if (invited.some((leg) => leg.acceptedAt !== undefined || leg.status === "accepted")) return ended(call, mine, me);
  const [only] = invited;
  if (invited.length !== 1 || !only) return { kind: "nobody_answered" };
  if (only.status === "rejected") return { kind: only.reason === "busy" ? "busy" : "rejected", who: only.user };
  return only.status === "timed_out" ? { kind: "unanswered", who: only.user } : { kind: "canceled" };
}

function received(call: CallState, mine: Leg, me: UserId | undefined): Outcome {
  switch (mine.status) {
    case "rejected":
      return { kind: "declined" };
    case "be_canceled":
      return { kind: "missed_canceled", who: call.end?.by ?? call.inviter };
    case "timed_out":
      return { kind: "missed", who: call.inviter };
    default:
      if (isWaiting(mine.status) || call.isMissed) return { kind: "missed_canceled", who: call.inviter };
      return call.ringStopped === "answered_elsewhere" ? { kind: "answered_elsewhere" } : ended(call, mine, me);
  }
}

function ended(call: CallState, mine: Leg, me: UserId | undefined): Outcome {
  const [other, ...more] = call.legs.filter((leg) => leg.user !== me);
  // Then this page has ended what was in vain.
  if (other?.status === "quit" && more.length === 0) return { kind: "left_by", who: other.user };
  if (mine.status === "quit") return { kind: call.end ? "hung_up" : "left" };
  switch (call.end?.cause) {
    case "ended":
      if (call.end.by === me) return { kind: "hung_up" };
      return call.end.by === undefined ? { kind: "ended" } : { kind: "ended_by", who: call.end.by };
    case "all_left":
    case "last_one_left":
      return { kind: "everyone_left" };
    case "caller_left":
      return { kind: "ended_by", who: call.caller };
    case "max_age":
      return { kind: "too_long" };
    default:
      return { kind: "ended" };
  }
}

/** Between points of the server's clock alone. */
function talked(call: CallState, me: UserId | undefined): number | undefined {
  const mine = call.legs.find((leg) => leg.user === me);
  const began = call.legs
    .filter((leg) => leg.acceptedAt !== undefined && (call.caller === me || leg.user === me))
    .map((leg) => leg.acceptedAt ?? 0);
  const until = mine?.leftAt ?? call.end?.at;
  return began.length > 0 && until !== undefined ? Math.max(0, until - Math.min(...began)) : undefined;
}
