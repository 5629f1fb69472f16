// Calls of which this device missed a part, and that are therefore read: an event came while the call was not known, or
// the device comes back into a call of which it was told nothing meanwhile.
import type { CallId, CallView, Happening } from "../generated/frames.js";
import { isMissed } from "./call.js";
import { mayRead, pauseReading } from "./online.js";
import type { RequestError, Result } from "./port.js";
import { ask, willBring } from "./requests.js";
import type { Calls, Newest, Turn } from "./state.js";

/** An event of a call that is not known is passed over; it matters if it says that the user is in the call on this device. */
export function passOver({ me, passedOver }: Calls, happening: Happening): ReadonlyMap<CallId, Newest> {
  const { call, end, main_device, seq } = happening;
  const before = passedOver.get(call);
  if (!before && main_device !== me.device) return passedOver;
  const isOver = before?.isOver === true || end !== undefined;
  return new Map(passedOver).set(call, { isOver, seq: Math.max(before?.seq ?? 0, seq) });
}

/** Whether something newer than the view was passed over. */
export function isPast({ passedOver }: Calls, view: CallView): boolean {
  const newest = passedOver.get(view.call);
  return newest !== undefined && newest.seq > view.seq;
}

/** Reads the calls of which a part was missed, unless a reply that is awaited will tell. */
export function readMissed(turn: Turn): void {
  const { calls, phase } = turn.state;
  if (phase.is !== "online" || !mayRead(phase.session, turn.now)) return;
  if (phase.session.readAgain !== null) {
    turn.setSession({ ...phase.session, readAgain: null });
  }
  for (const call of missed(turn, calls)) {
    ask(turn, { purpose: { is: "read" }, request: { type: "call.read", body: { call } } });
  }
}

/** A call was read, or not: what is missed still is read again after a pause, unless the server will not tell. */
export function wasRead(turn: Turn, call: CallId, result: Result): void {
  const { calls, phase } = turn.state;
  if (phase.is !== "online") return;
  if (!mayTellLater(result)) giveUp(turn, call, calls);
  else if (misses(call, calls)) turn.setSession(pauseReading(phase.session, turn.now));
}

/** Those that are over were never told to the app, and are dropped. */
function missed(turn: Turn, calls: Calls): CallId[] {
  const isAwaited = (call: CallId, isKnown: boolean) => willBring(turn.state.requests, call, isKnown);
  const kept = [...calls.passedOver].filter(([call, newest]) => !newest.isOver || isAwaited(call, false)).sort(byId);
  if (kept.length < calls.passedOver.size) turn.setCalls({ passedOver: new Map(kept) });
  const unknown = kept.map(([call]) => call).filter((call) => !isAwaited(call, false));
  const known = [...calls.known].filter(([id, call]) => isMissed(call, calls.me) && !isAwaited(id, true));
  return [...unknown, ...known.map(([id]) => id)];
}

function misses(call: CallId, calls: Calls): boolean {
  const known = calls.known.get(call);
  return calls.passedOver.has(call) || (known !== undefined && isMissed(known, calls.me));
}

/** The server will not tell what was missed of the call. */
function giveUp(turn: Turn, id: CallId, calls: Calls): void {
  const passedOver = new Map(calls.passedOver);
  passedOver.delete(id);
  const call = calls.known.get(id);
  const known = call ? new Map(calls.known).set(id, { ...call, hasGap: false }) : calls.known;
  turn.setCalls({ known, passedOver });
}

function mayTellLater(result: Result): boolean {
  if ("error" in result) return isRetryable(result.error);
  return result.reply.type === "reply.call" && result.reply.body.call !== undefined;
}

function isRetryable(error: RequestError): boolean {
  return error.type === "problem" && error.problem.retryable;
}

/** Ids are in the order of creation. */
export function byId([one]: readonly [CallId, unknown], [other]: readonly [CallId, unknown]): number {
  return one < other ? -1 : 1;
}
