// One call as this device knows it: what a view, an event and the clock make of it.
import type { CallView, Happening, LegStatus, LegView, UserId } from "../generated/frames.js";
import type { RingStopReason } from "../api/call.js";
import { given } from "../given.js";
import type { KnownCall, Me } from "./state.js";

/** What is new to this device. */
export interface Change {
  readonly legs: readonly LegView[];
  readonly mainDevice: boolean;
}

export const NO_CHANGE: Change = { legs: [], mainDevice: false };

export function newCall(view: CallView, now: number): KnownCall {
  return { hasGap: false, heardAt: now, rejectedHere: false, ring: { is: "silent" }, view };
}

/** Until when this device rings; `null` if it does not. */
export function ringUntil({ ring }: KnownCall): number | null {
  return ring.is === "ringing" ? ring.until : null;
}

export function legOf(view: CallView, user: UserId): LegView | undefined {
  return view.legs.find((leg) => leg.user === user);
}

/** Whether the call is over for the server. */
export function isEnded(view: CallView): boolean {
  switch (view.status) {
    case "ended":
      return true;
    case "started":
      return false;
    default:
      return view.end !== undefined;
  }
}

/** Whether the call may still ring on this device, apart from time. */
export function mayRing(call: KnownCall, me: Me): boolean {
  return legOf(call.view, me.user) !== undefined && ringStops(call, me) === null;
}

/** Whether nothing more will be told to this device of the call, unless it joins. */
export function isClosed({ view }: KnownCall, me: Me): boolean {
  const leg = legOf(view, me.user);
  if (!leg || isEnded(view)) return true;
  const stands = standing(leg.status);
  if (stands === "in") return view.main_device !== undefined && view.main_device !== me.device;
  return stands === "out";
}

/** Where a party stands; a word of a newer server is taken for one who may yet answer. */
export function standing(status: LegStatus): "in" | "invited" | "out" {
  switch (status) {
    case "accepted":
      return "in";
    case "be_canceled":
    case "canceled":
    case "ended":
    case "quit":
    case "rejected":
    case "timed_out":
      return "out";
    case "inviting":
    case "not_yet_received":
    case "received":
    default:
      return "invited";
  }
}

/** Whether the call should be read: the user is in it on this device, which does not know all of it. */
export function isMissed({ hasGap, view }: KnownCall, me: Me): boolean {
  return hasGap && view.main_device === me.device;
}

/** Why the call must not ring on this device; `null` if it may. */
export function ringStops({ rejectedHere, view }: KnownCall, me: Me): RingStopReason | null {
  switch (legOf(view, me.user)?.status) {
    case undefined:
      return null;
    case "accepted":
      return view.main_device === me.device ? "answered_here" : "answered_elsewhere";
    case "be_canceled":
    case "canceled":
      return "canceled";
    case "ended":
    case "quit":
      return "ended";
    case "rejected":
      return rejectedHere ? "declined_here" : "declined_elsewhere";
    case "timed_out":
      return "unanswered";
    case "inviting":
    case "not_yet_received":
    case "received":
    default:
      if (isEnded(view)) return reasonOfEnd(view);
      return view.ignored === true ? "ignored" : null;
  }
}

function reasonOfEnd({ end }: CallView): RingStopReason {
  switch (end?.cause) {
    case "caller_lost":
    case "canceled":
      return "canceled";
    case "unanswered":
      return "unanswered";
    case "all_left":
    case "answered":
    case "caller_left":
    case "ended":
    case "last_one_left":
    case "max_age":
    case "rejected":
    case undefined:
    default:
      return "ended";
  }
}

/** Takes what happened into the view; gives the parties that changed. What is older than the view says nothing new. */
export function take(call: KnownCall, happening: Happening, me: Me): { call: KnownCall; change: Change } {
  const { view } = call;
  if (happening.seq < view.seq) return { call, change: NO_CHANGE };
  // Whom the call is told to hears every step that concerns them; who left it, or is in it elsewhere, does not. And the step
  // that put them out told them of themself alone: others may have been put out in it.
  const isAway = !isEnded(view) && isClosed(call, me);
  const hasGap = call.hasGap || (isAway && happening.seq > view.seq);
  const legs = [...view.legs];
  const news: LegView[] = [];
  for (const leg of happening.changed ?? []) {
    const at = legs.findIndex((known) => known.user === leg.user);
    const known = legs[at];
    if (!known || !standsAs(known, leg)) news.push(leg);
    if (!known) legs.push(leg);
    else legs[at] = leg;
  }
  const { end = view.end, main_device, seq } = happening;
  const status = happening.end ? "ended" : view.status;
  const taken: CallView = given({ ...view, end, legs, main_device, seq, status });
  return {
    call: { ...call, hasGap, view: taken },
    change: { legs: news, mainDevice: main_device !== view.main_device },
  };
}

/** Replaces the view by another; gives the parties that differ. */
export function replace(call: KnownCall, view: CallView, now: number): { call: KnownCall; change: Change } {
  const before = call.view;
  const legs = view.legs.filter((leg) => !before.legs.some((known) => standsAs(known, leg)));
  // A device that was silenced stays so, also if the server has not heard of it yet.
  const kept = before.ignored === true ? { ...view, ignored: true } : view;
  const change = { legs, mainDevice: before.main_device !== view.main_device };
  return { call: { ...call, hasGap: false, heardAt: now, view: kept }, change };
}

/**
 * Whether a party stands as before, as far as the app is told. The times of a leg are for display, and the caller's
 * acceptance is dated by the first callee's.
 */
function standsAs(known: LegView, leg: LegView): boolean {
  return (
    known.user === leg.user &&
    known.status === leg.status &&
    known.delivery === leg.delivery &&
    (known.data ?? "") === (leg.data ?? "") &&
    known.reason === leg.reason
  );
}
