// What this device knows about calls, as one pure function: `reduce(state, input)`.
// No clock, no socket, no document: the time comes in with the input, as milliseconds of one clock of this device.

const RINGING = new Set(["inviting", "not_yet_received", "received"]);

/**
 * @typedef {{user: string, status: string, reason?: string, accepted_at?: number, left_at?: number}} Leg
 * @typedef {"alone" | "calling" | "elsewhere" | "over" | "rang_out" | "ringing" | "silenced" | "talking"} Phase
 *
 * @typedef {object} Call
 * @property {string} id
 * @property {number} seq
 * @property {string} mode
 * @property {string} media
 * @property {string} caller
 * @property {string} inviter who invited this user
 * @property {string} status
 * @property {number} createdAt on the server's clock, for display
 * @property {Leg[]} legs
 * @property {{at: number, by?: string, cause: string} | null} end
 * @property {string | null} mainDevice
 * @property {boolean} ignored silenced on this device
 * @property {number} timeoutMs how long each invitee rings
 * @property {number} ringUntil on this device's clock; 0 if it does not ring
 * @property {number} ringSeq the version that brought the ring; tells one ring from the next
 * @property {boolean} rangOut the ring was over on this device before the server said so
 * @property {number} connectedAt on this device's clock; 0 if never connected
 * @property {boolean} isClosed left on this device, where the mode knows no leaving
 * @property {string | null} did what this device last did with it: a request's type
 *
 * @typedef {{key: string, invitees: string[], media: string, mode: string}} Dialing
 * @typedef {{dialing: Dialing, code: string, message: string}} Failure
 *
 * @typedef {object} State
 * @property {string} me
 * @property {string} device
 * @property {import("./session.js").Connection} connection
 * @property {Record<string, Call>} calls
 * @property {Dialing | null} dialing an invite whose reply has not come
 * @property {Failure | null} failure an invite that was refused
 * @property {string | null} stage the call that is shown large
 * @property {string | null} olderCalls the cursor of the next page of past calls
 * @property {string} notice a sentence about the last request that was refused
 */

/**
 * @param {string} me
 * @param {string} device
 * @param {Record<string, Call>} calls what an earlier life of this tab knew
 * @returns {State}
 */
export function begin(me, device, calls) {
  const state = {
    me,
    device,
    connection: { phase: "connecting" },
    calls,
    dialing: null,
    failure: null,
    stage: null,
    olderCalls: null,
    notice: "",
  };
  return { ...state, stage: callsIn(state, ["talking", "calling", "alone"])[0]?.id ?? null };
}

/**
 * @param {State} state
 * @param {{kind: string, now?: number, [field: string]: any}} input
 * @returns {State}
 */
export function reduce(state, input) {
  return choosesStage(state, step(state, input));
}

/**
 * What a call is to this device.
 * @param {Call} call
 * @param {{me: string, device: string}} self
 * @returns {Phase}
 */
export function phaseOf(call, { me, device }) {
  const mine = legOf(call, me);
  if (call.status === "ended" || call.isClosed || !mine) return "over";
  if (RINGING.has(mine.status)) {
    if (call.ignored) return "silenced";
    return call.rangOut ? "rang_out" : "ringing";
  }
  if (mine.status !== "accepted") return "over";
  if (call.mainDevice && call.mainDevice !== device) return "elsewhere";
  const others = call.legs.filter((leg) => leg.user !== me);
  if (others.some((leg) => leg.status === "accepted")) return "talking";
  return others.some(isRinging) ? "calling" : "alone";
}

/**
 * Whether there is something to join: a call of this user's that goes on elsewhere, or among others. A call of two is over
 * once one of them is out of it, so there it is called back.
 * @param {Call} call
 * @param {State} state
 */
export function mayJoin(call, state) {
  const phase = phaseOf(call, state);
  if (phase === "elsewhere") return true;
  const isLeft = phase === "over" && call.status === "started" && call.mode === "advanced" && call.legs.length > 2;
  return isLeft && call.legs.some((leg) => leg.user !== state.me && leg.status === "accepted");
}

/** @param {Leg} leg */
export function isRinging(leg) {
  return RINGING.has(leg.status);
}

/** @param {Leg} leg */
export function isLive(leg) {
  return leg.status === "accepted" || isRinging(leg);
}

/** @param {Call} call @param {string} user */
export function legOf(call, user) {
  return call.legs.find((leg) => leg.user === user);
}

/**
 * The calls in one of these phases, newest first.
 * @param {State} state
 * @param {Phase[]} phases
 * @returns {Call[]}
 */
export function callsIn(state, phases) {
  return newestFirst(state.calls).filter((call) => phases.includes(phaseOf(call, state)));
}

/** Ids are ordered by time, so no clock is asked. @param {Record<string, Call>} calls */
export function newestFirst(calls) {
  return Object.values(calls).sort((one, other) => (one.id < other.id ? 1 : -1));
}

function step(state, input) {
  switch (input.kind) {
    case "connection":
      return { ...state, connection: input.connection };
    case "snapshot":
      return [...input.snapshot.calls, ...(input.snapshot.ended ?? [])].reduce(
        (known, view) => learn(known, view, input.now),
        { ...state, calls: keepOwnMarks(state.calls, input.snapshot), notice: lossOf(state, input.snapshot) },
      );
    case "view":
      return learn(state, input.view, input.now);
    case "past":
      return {
        ...input.calls.reduce((known, view) => learn(known, view, input.now), state),
        olderCalls: input.next ?? null,
      };
    case "happening":
      return happen(state, input.happening, input.now);
    case "dialing":
      return { ...state, dialing: input.dialing, failure: null, stage: null, notice: "" };
    case "invited":
      return { ...learn(state, input.view, input.now), dialing: null, stage: input.view.call };
    case "not_invited":
      return { ...state, dialing: null, failure: input.failure };
    case "did":
      return { ...state, notice: "", calls: change(state.calls, input.call, { did: input.act }) };
    case "closed":
      return { ...state, calls: change(state.calls, input.call, { isClosed: true }) };
    case "silenced":
      return { ...state, calls: change(state.calls, input.call, { ignored: true }) };
    case "notice":
      return { ...state, notice: input.text };
    case "shown":
      return { ...state, stage: input.call, failure: null, notice: "" };
    case "tick":
      return ringOut(state, input.now);
    default:
      throw new Error(`no such input: ${input.kind}`);
  }
}

/** A server that lost its store, or was away for too long, may not know a call that went on here. */
function lossOf(state, snapshot) {
  const named = new Set([...snapshot.calls, ...(snapshot.ended ?? [])].map((view) => view.call));
  const lost = callsIn(state, ["alone", "calling", "ringing", "talking"]).some((call) => !named.has(call.id));
  return lost ? "The call is gone: the server does not know it any more." : state.notice;
}

/** What was known is void; of the calls that the snapshot names, this device remembers what it did itself. */
function keepOwnMarks(calls, snapshot) {
  const named = new Set([...snapshot.calls, ...(snapshot.ended ?? [])].map((view) => view.call));
  const kept = Object.values(calls).filter((call) => named.has(call.id));
  return Object.fromEntries(kept.map((call) => [call.id, { ...call, seq: 0 }]));
}

/** Takes over a whole view of a call, unless a newer one is known. */
function learn(state, view, now) {
  const known = state.calls[view.call];
  if (known && known.seq > view.seq) return state;
  const mine = view.legs.find((leg) => leg.user === state.me);
  const rings = mine !== undefined && isRinging(mine) && view.status === "started";
  const sameRing = known !== undefined && known.ringUntil > 0 && isRinging(legOf(known, state.me) ?? { status: "" });
  const until = now + view.remaining_ms;
  const call = {
    id: view.call,
    seq: view.seq,
    mode: view.mode,
    media: view.media,
    caller: view.caller,
    inviter: view.inviter,
    status: view.status,
    createdAt: view.created_at,
    legs: view.legs,
    end: view.end ?? null,
    mainDevice: view.main_device ?? null,
    ignored: Boolean(view.ignored) || (sameRing && rings && known.ignored),
    timeoutMs: view.timeout_ms,
    ringUntil: rings ? (sameRing ? Math.min(known.ringUntil, until) : until) : 0,
    ringSeq: sameRing ? known.ringSeq : view.seq,
    rangOut: rings && view.remaining_ms === 0,
    connectedAt: known?.connectedAt || connectedAt(view, state.me, now),
    isClosed: (!rings || sameRing) && Boolean(known?.isClosed),
    did: rings && !sameRing ? null : (known?.did ?? null),
  };
  return { ...state, calls: { ...state.calls, [call.id]: call } };
}

/** Takes over what an event says has changed, unless it is known already. */
function happen(state, happening, now) {
  const known = state.calls[happening.call];
  if (!known || known.seq >= happening.seq) return state;
  const changed = happening.changed ?? [];
  const kept = known.legs.map((leg) => changed.find((news) => news.user === leg.user) ?? leg);
  const added = changed.filter((news) => !legOf(known, news.user));
  const call = {
    ...known,
    seq: happening.seq,
    legs: [...kept, ...added],
    end: happening.end ?? known.end,
    status: happening.end ? "ended" : known.status,
    mainDevice: happening.main_device ?? known.mainDevice,
  };
  if (!call.connectedAt && phaseOf({ ...call, status: "started" }, state) === "talking") call.connectedAt = now;
  return { ...state, calls: { ...state.calls, [call.id]: call } };
}

/** Both points are the server's, so their distance means something here; it is counted back from now. */
function connectedAt(view, me, now) {
  const accepted = view.legs.filter((leg) => leg.accepted_at && (view.caller === me || leg.user === me));
  if (accepted.length === 0) return 0;
  const since = Math.min(...accepted.map((leg) => leg.accepted_at));
  return now - Math.max(0, view.created_at + view.age_ms - since);
}

/** The ring stops on time even if nothing is heard. Whether it was answered in time is the server's to say. */
function ringOut(state, now) {
  const over = callsIn(state, ["ringing"]).filter((call) => now >= call.ringUntil);
  return over.reduce((known, call) => ({ ...known, calls: change(known.calls, call.id, { rangOut: true }) }), state);
}

function change(calls, id, fields) {
  return calls[id] ? { ...calls, [id]: { ...calls[id], ...fields } } : calls;
}

/** A call that begins here takes the stage; one that stops ringing says there why, if the stage is free. */
function choosesStage(before, after) {
  if (before.calls === after.calls) return after;
  let stage = after.stage !== null && after.calls[after.stage] ? after.stage : null;
  for (const call of newestFirst(after.calls)) {
    const was = before.calls[call.id] ? phaseOf(before.calls[call.id], before) : null;
    const is = phaseOf(call, after);
    if (was === is) continue;
    if (is === "talking" || is === "calling") stage = call.id;
    const stopped = was === "ringing" && (is === "over" || is === "elsewhere" || is === "rang_out");
    const isFree = stage === null || ["over", "elsewhere", "rang_out"].includes(phaseOf(after.calls[stage], after));
    if (stopped && isFree && call.did !== "call.reject") stage = call.id;
  }
  return { ...after, stage };
}
