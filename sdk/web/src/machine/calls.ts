// The calls that this device knows, and what rings. Told by events, replies and snapshots; each change is passed on once.
import type { CallId, CallView, EventBody, Happening, Snapshot, UserId } from "../generated/frames.js";
import type { RingStopReason } from "../api/call.js";
import { isClosed, isEnded, legOf, mayRing, newCall, NO_CHANGE, replace, ringStops, ringUntil, take } from "./call.js";
import type { Change } from "./call.js";
import { given } from "../given.js";
import { byId, isPast, passOver } from "./missed.js";
import { assertNever } from "./state.js";
import type { Calls, KnownCall, Turn } from "./state.js";

/**
 * How many calls are kept that will not be heard of again. More costs memory, fewer lets a late reply of an old call look
 * like a new one.
 */
const MAX_CLOSED = 64;

/** The longest ring, in milliseconds: the longest that an invite may ask for. A slip of a server shall not ring longer. */
const MAX_RING_MS = 600_000;

/** After these the invitation still stands on the server, and must not ring again. */
const STILL_INVITED: ReadonlySet<RingStopReason> = new Set(["ignored", "session_over", "timed_out"]);

/** Who did something to a call, and what they sent along. */
interface Deed {
  readonly by?: UserId;
  readonly data: string;
}

const NOBODYS_DEED: Deed = { data: "" };

/** What an event, a reply or a snapshot does to a known call. */
interface News {
  readonly change: Change;
  readonly deed: Deed;
  readonly wasEnded: boolean;
}

export function rings(calls: Calls, call: CallId): boolean {
  const known = calls.known.get(call);
  return known !== undefined && ringUntil(known) !== null;
}

/** When the first ring ends; `Infinity` if none does. */
export function nextRingEnd({ known }: Calls): number {
  return Math.min(...[...known.values()].map((call) => ringUntil(call) ?? Infinity));
}

/** Takes the next event of the log. */
export function takeEvent(turn: Turn, event: EventBody): void {
  switch (event.type) {
    case "call.canceled":
    case "call.changed":
    case "call.ended":
    case "call.unanswered":
      happened(turn, event.body);
      break;
    case "call.created":
      cameUp(turn, event.body, "call_created");
      break;
    case "call.invited":
      invited(turn, event.body);
      break;
    case "call.merged":
      merged(turn, event.body);
      break;
    default:
      assertNever(event);
  }
  prune(turn);
}

/**
 * Takes the state that a reply or a problem bears. It makes no call ring: an event does. If `isNews`, the app is told of a
 * call that it does not know; otherwise the reply tells it.
 */
export function learn(turn: Turn, view: CallView, isNews: boolean): void {
  const { calls } = turn.state;
  const known = calls.known.get(view.call);
  if (known) {
    if (view.seq >= known.view.seq) replaceView(turn, known, view);
  } else {
    const call = { ...newCall(view, turn.now), hasGap: isPast(calls, view) };
    if (isIn(view, calls) && !isClosed(call, calls.me)) {
      if (isNews) turn.tell({ kind: "call_created", call: view.call });
      insert(turn, call);
    } else if (!call.hasGap) {
      turn.setCalls({ passedOver: without(calls.passedOver, view.call) });
    }
  }
  prune(turn);
}

/** Begins anew with the server's state; what differs from what was known is told. */
export function reset(turn: Turn, { calls: alive, ended = [] }: Snapshot): void {
  turn.setCalls({ passedOver: new Map() });
  const ids = new Set(alive.map((view) => view.call));
  for (const view of ended) {
    const known = turn.known(view.call);
    if (known && !ids.has(view.call)) replaceView(turn, known, view);
  }
  forgetAllBut(turn, ids);
  for (const view of alive) restore(turn, view);
  prune(turn);
}

/** Stops the rings whose time has passed. */
export function stopLateRings(turn: Turn): void {
  for (const call of ringing(turn)) {
    if ((ringUntil(call) ?? Infinity) <= turn.now) stopRing(turn, call, "timed_out", NOBODYS_DEED);
  }
}

/** Silences the ring on this device, whatever the server says later. */
export function ignore(turn: Turn, call: CallId): void {
  const known = turn.known(call);
  if (!known) return;
  const ignored = { ...known, view: { ...known.view, ignored: true } };
  if (ringUntil(ignored) === null) put(turn, ignored);
  else stopRing(turn, ignored, "ignored", NOBODYS_DEED);
}

/** The app rejects on this device. */
export function rejecting(turn: Turn, call: CallId): void {
  const known = turn.known(call);
  if (known) put(turn, { ...known, rejectedHere: true });
}

/** Stops every ring, because the session is over for good. */
export function silence(turn: Turn): void {
  for (const call of ringing(turn)) stopRing(turn, call, "session_over", NOBODYS_DEED);
}

function happened(turn: Turn, happening: Happening): void {
  const { calls } = turn.state;
  const known = calls.known.get(happening.call);
  if (!known) {
    turn.setCalls({ passedOver: passOver(calls, happening) });
    return;
  }
  const { call, change } = take(known, happening, calls.me);
  const { by, data = "" } = happening;
  tell(turn, call, { change, deed: given({ by, data }), wasEnded: isEnded(known.view) });
}

function replaceView(turn: Turn, known: KnownCall, view: CallView): void {
  const { call, change } = replace(known, view, turn.now);
  tell(turn, call, { change, deed: NOBODYS_DEED, wasEnded: isEnded(known.view) });
}

/** Keeps a call, and passes on what is new of it: first that the ring stopped, then the end or the change. */
function tell(turn: Turn, call: KnownCall, { change, deed, wasEnded }: News): void {
  const reason = ringStops(call, turn.state.calls.me);
  if (reason !== null && ringUntil(call) !== null) stopRing(turn, call, reason, deed);
  else if (reason === null || reason === "ignored") put(turn, call);
  // What was done about this invitation does not count for the next.
  else put(turn, { ...call, ring: { is: "silent" }, view: unsilenced(call.view) });
  if (wasEnded) return;
  const { call: id, end } = call.view;
  if (isEnded(call.view)) {
    turn.tell(given({ kind: "call_ended" as const, call: id, changed: change.legs, ...deed, end }));
  } else if (change.legs.length > 0 || change.mainDevice) {
    turn.tell({ kind: "call_changed", call: id, changed: change.legs });
  }
}

/** A call in which the user is without having asked on this device. */
function cameUp(turn: Turn, view: CallView, kind: "call_created" | "merged"): void {
  const known = turn.known(view.call);
  if (!known) {
    turn.tell({ kind, call: view.call });
    insert(turn, newCall(view, turn.now));
  } else if (view.seq >= known.view.seq && !isEnded(known.view)) {
    turn.tell({ kind, call: view.call });
    replaceView(turn, known, view);
  }
}

/**
 * An attempt of the user became a call that is accepted, and over if it is a general one. The end is told by itself,
 * whether the call was known or not.
 */
function merged(turn: Turn, view: CallView): void {
  const isKnown = turn.known(view.call) !== undefined;
  cameUp(turn, view, "merged");
  const call = turn.known(view.call);
  if (!isKnown && call) tell(turn, call, { change: NO_CHANGE, deed: NOBODYS_DEED, wasEnded: false });
}

function invited(turn: Turn, view: CallView): void {
  const known = turn.known(view.call);
  if (!known) {
    comeToKnow(turn, newCall(view, turn.now));
  } else if (!isEnded(known.view)) {
    // Another invitation to the same call is another ring: what was done about the last one is past.
    const fresh = { ...known, rejectedHere: false, view: unsilenced(known.view) };
    if (view.seq >= known.view.seq) replaceView(turn, fresh, view);
    else put(turn, fresh);
  }
  ring(turn, view);
}

/**
 * Takes an invitation to a call that is not known. One that is over is not told, neither at once nor later; one that came
 * too late to ring is told as a call.
 */
function comeToKnow(turn: Turn, call: KnownCall): void {
  const { me } = turn.state.calls;
  if (isClosed(call, me)) return;
  if (call.view.remaining_ms === 0 || !mayRing(call, me)) turn.tell({ kind: "call_created", call: call.view.call });
  insert(turn, call);
}

/** Takes one call of a snapshot, whatever was known of it. */
function restore(turn: Turn, view: CallView): void {
  const before = turn.known(view.call);
  if (before && !isEnded(before.view)) {
    replaceView(turn, before, view);
  } else if (isIn(view, turn.state.calls)) {
    turn.tell({ kind: "call_created", call: view.call });
    insert(turn, newCall(view, turn.now));
  } else {
    comeToKnow(turn, newCall(view, turn.now));
  }
  const known = turn.known(view.call);
  if (known?.ring.is === "silent") ring(turn, view);
  if (known?.ring.is !== "ringing") return;
  // The later a deadline is heard of, the later it seems.
  const until = Math.min(known.ring.until, ringEnd(turn, view));
  put(turn, { ...known, ring: { is: "ringing", until } });
}

/** Rings, if the call may and does not yet. */
function ring(turn: Turn, view: CallView): void {
  const known = turn.known(view.call);
  if (!known || view.remaining_ms === 0 || !mayRing(known, turn.state.calls.me)) return;
  put(turn, { ...known, ring: { is: "ringing", until: ringEnd(turn, view) } });
  if (ringUntil(known) !== null) return;
  const remainingMs = Math.min(view.remaining_ms, MAX_RING_MS);
  turn.tell({ kind: "incoming", call: view.call, remainingMs });
}

function ringEnd({ now }: Turn, { remaining_ms }: CallView): number {
  return now + Math.min(remaining_ms, MAX_RING_MS);
}

function isIn(view: CallView, { me }: Calls): boolean {
  return legOf(view, me.user)?.status === "accepted";
}

/** Calls that the server no longer speaks of have ended. */
function forgetAllBut(turn: Turn, alive: ReadonlySet<CallId>): void {
  for (const call of turn.state.calls.known.values()) {
    const id = call.view.call;
    if (isEnded(call.view) || alive.has(id)) continue;
    if (ringUntil(call) !== null) stopRing(turn, call, "ended", NOBODYS_DEED);
    turn.tell({ kind: "call_ended", call: id, changed: [], ...NOBODYS_DEED });
    forget(turn, id);
  }
}

/** Forgets the oldest of the calls that will not be heard of again. */
function prune(turn: Turn): void {
  const { calls } = turn.state;
  const closed = [...calls.known.values()].filter((call) => isClosed(call, calls.me));
  for (const call of closed.slice(0, Math.max(0, closed.length - MAX_CLOSED))) forget(turn, call.view.call);
}

function stopRing(turn: Turn, call: KnownCall, reason: RingStopReason, deed: Deed): void {
  put(turn, { ...call, ring: { is: STILL_INVITED.has(reason) ? "over" : "silent" } });
  turn.tell({ kind: "ring_stopped", call: call.view.call, reason, ...deed });
}

function ringing(turn: Turn): KnownCall[] {
  return [...turn.state.calls.known.values()].filter((call) => ringUntil(call) !== null);
}

function unsilenced({ ignored: _, ...view }: CallView): CallView {
  return view;
}

function insert(turn: Turn, call: KnownCall): void {
  turn.setCalls({ passedOver: without(turn.state.calls.passedOver, call.view.call) });
  put(turn, call);
}

/** Keeps a call in its place; a new one goes where its id belongs. */
function put(turn: Turn, call: KnownCall): void {
  const { calls } = turn.state;
  const isNew = !calls.known.has(call.view.call);
  const known = new Map(calls.known).set(call.view.call, call);
  turn.setCalls({ known: isNew ? new Map([...known].sort(byId)) : known });
}

function forget(turn: Turn, call: CallId): void {
  turn.setCalls({ known: without(turn.state.calls.known, call) });
}

function without<Value>(map: ReadonlyMap<CallId, Value>, key: CallId): ReadonlyMap<CallId, Value> {
  if (!map.has(key)) return map;
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}
