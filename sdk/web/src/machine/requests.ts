// Requests that wait for their reply, over the end of a connection if need be.
import type { CallId, Request, RequestFrame, RequestId } from "../generated/frames.js";
import type { Handle, RequestError } from "./port.js";
import type { Purpose, Requests, Turn, Waiting } from "./state.js";

/** How many requests of the app may wait. More lets an app that does not wait for replies hold more memory. */
const MAX_WAITING = 64;

export const NO_REQUESTS: Requests = { last: 0, waiting: new Map() };

/** Takes a request. It is written at once if the client is online, else after the next welcome. */
export function ask(turn: Turn, { purpose, request }: Pick<Waiting, "purpose" | "request">): void {
  const { config, phase, requests } = turn.state;
  if (purpose.is === "app" && requests.waiting.size >= MAX_WAITING) {
    fail(turn, purpose.handle, { type: "too_many_requests" });
    return;
  }
  const id = requests.last + 1;
  const sent = phase.is === "online";
  if (sent) turn.send(framed(id, request));
  const waiting = { purpose, request, sent, until: turn.now + config.requestTimeoutMs };
  turn.set({ requests: { last: id, waiting: new Map(requests.waiting).set(id, waiting) } });
}

/** Takes out the request that a reply belongs to. */
export function answered(turn: Turn, id: RequestId): { purpose: Purpose; request: Request } | undefined {
  const { requests } = turn.state;
  const found = requests.waiting.get(id);
  if (found) keepOnly(turn, (waiting) => waiting !== found);
  return found;
}

/** The connection is gone: what cannot be repeated fails. */
export function connectionLost(turn: Turn): void {
  failUnless(
    turn,
    ({ request, sent }) => !sent || mayRepeat(request),
    () => ({ type: "disconnected", maybe_applied: true }),
  );
}

/** Whether the server is to take a token. */
export function isRenewing({ waiting }: Requests): boolean {
  return [...waiting.values()].some(({ request }) => request.type === "session.renew_token");
}

/** Nobody will connect: everything fails. */
export function failAll(turn: Turn): void {
  failUnless(
    turn,
    () => false,
    ({ sent }) => ({ type: "disconnected", maybe_applied: sent }),
  );
}

export function timeOut(turn: Turn): void {
  failUnless(
    turn,
    ({ until }) => turn.now < until,
    ({ sent }) => ({ type: "timed_out", maybe_applied: sent }),
  );
}

/** Drops the acknowledgments of calls that ring no more. */
export function forgetAcknowledgments(turn: Turn, rings: (call: CallId) => boolean): void {
  keepOnly(
    turn,
    ({ purpose, request }) =>
      purpose.is !== "acknowledge" || request.type !== "call.acknowledge" || rings(request.body.call),
  );
}

/** Writes what waits, on a new connection. */
export function sendAll(turn: Turn): void {
  const { last, waiting } = turn.state.requests;
  for (const [id, { request }] of waiting) turn.send(framed(id, request));
  const sent = [...waiting].map(([id, request]) => [id, { ...request, sent: true }] as const);
  turn.set({ requests: { last, waiting: new Map(sent) } });
}

/** When the first of them fails for want of a reply; `Infinity` if none does. */
export function nextTimeout({ waiting }: Requests): number {
  return Math.min(...[...waiting.values()].map(({ until }) => until));
}

/** Whether a reply will tell of a call; of one that is not known yet, an invite may. */
export function willBring({ waiting }: Requests, call: CallId, isKnown: boolean): boolean {
  return [...waiting.values()].some(({ request }) => {
    switch (request.type) {
      case "call.invite":
        return !isKnown;
      case "call.accept":
      case "call.join":
      case "call.read":
        return request.body.call === call;
      default:
        return false;
    }
  });
}

export function fail(turn: Turn, handle: Handle, error: RequestError): void {
  turn.push({ kind: "resolve", handle, result: { error } });
}

function failUnless(turn: Turn, stays: (waiting: Waiting) => boolean, why: (waiting: Waiting) => RequestError): void {
  for (const waiting of turn.state.requests.waiting.values()) {
    if (!stays(waiting) && waiting.purpose.is === "app") fail(turn, waiting.purpose.handle, why(waiting));
  }
  keepOnly(turn, stays);
}

function keepOnly(turn: Turn, stays: (waiting: Waiting) => boolean): void {
  const { last, waiting } = turn.state.requests;
  turn.set({ requests: { last, waiting: new Map([...waiting].filter(([, request]) => stays(request))) } });
}

function framed(id: RequestId, request: Request): RequestFrame {
  return { ...request, id };
}

/**
 * Whether a request may be sent again although the server may have carried it out. Most depend on the call's state alone,
 * so the second time changes nothing. Not so an invite without key, which would ring twice, nor an `add`, which would ring
 * again for whoever has declined meanwhile, nor a renewal, which belongs to its session. In rooms, a message would be heard
 * twice, and a negotiation begins anew after the room has been read.
 */
function mayRepeat(request: Request): boolean {
  switch (request.type) {
    case "call.invite":
      return request.body.key !== undefined;
    case "call.add":
    case "room.answer":
    case "room.candidate":
    case "room.offer":
    case "room.send":
    case "session.renew_token":
      return false;
    default:
      return isRepeatable(request.type);
  }
}

/** A new kind of request must be named, here or above: types alone say so, at no cost to the page. */
function isRepeatable(
  _:
    | "call.accept"
    | "call.acknowledge"
    | "call.cancel"
    | "call.end"
    | "call.ignore"
    | "call.join"
    | "call.list"
    | "call.quit"
    | "call.read"
    | "call.reject"
    | "device.push_key"
    | "device.register"
    | "device.unregister"
    | "room.join"
    | "room.leave"
    | "room.read"
    | "room.remove"
    | "room.subscribe"
    | "room.token"
    | "room.update_stream"
    | "session.logout"
    | "user.query"
    | "user.update",
): true {
  return true;
}
