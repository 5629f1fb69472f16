// What the server says, and what follows from it.
import type {
  CallView,
  Closing,
  EventFrame,
  Problem,
  ReplyFrame,
  Request,
  RequestId,
  Snapshot,
  UserId,
  Welcome,
} from "../generated/frames.js";
import { legOf } from "./call.js";
import { ignore, learn, rejecting, reset, rings, silence, takeEvent } from "./calls.js";
import { lost, retry, stop } from "./connection.js";
import type { HeardFrame } from "./frames.js";
import { readMissed, wasRead } from "./missed.js";
import { beginSession, heardAt, isResumingVain, moved, newest } from "./online.js";
import type { Result } from "./port.js";
import { answered, ask, forgetAcknowledgments, sendAll } from "./requests.js";
import { roomAnswered, roomHeard, roomsReset } from "./rooms.js";
import { NO_CALLS } from "./state.js";
import type { Turn } from "./state.js";
import { askSource } from "./token.js";

/** What an own wish changes at once, before any reply. */
export function note(turn: Turn, request: Request): void {
  if (request.type === "call.ignore") ignore(turn, request.body.call);
  if (request.type === "call.reject") rejecting(turn, request.body.call);
}

/** A frame that should be the welcome. */
export function greeted(turn: Turn, frame: HeardFrame): void {
  if (frame.type === "welcome") welcome(turn, frame.body);
  else if (frame.type === "closing") closing(turn, frame.body);
  else if (frame.type === "problem") refused(turn, frame.body);
  // Nothing else has a meaning yet; a welcome that cannot be read ends by the clock.
}

/** A frame of an open session. */
export function hear(turn: Turn, frame: HeardFrame): void {
  const { phase, position } = turn.state;
  if (phase.is !== "online") return;
  const session = heardAt(phase.session, turn.now);
  turn.setSession(session);
  switch (frame.type) {
    case "closing":
      closing(turn, frame.body);
      break;
    case "heartbeat":
      if (position) turn.setSession(newest(session, turn.now, position.offset, frame.body.offset));
      break;
    case "problem":
      if (frame.id === undefined) refused(turn, frame.body);
      else replied(turn, frame.id, { error: { type: "problem", problem: frame.body } });
      break;
    case "token_will_expire":
      askSource(turn);
      break;
    case "unreadable":
      unreadable(turn, frame.id);
      break;
    case "welcome":
      // A session is welcomed once.
      break;
    default:
      if (isEvent(frame)) event(turn, frame);
      else if (isReply(frame)) replied(turn, frame.id, { reply: frame });
      else roomHeard(turn, frame);
  }
  readMissed(turn);
}

function isEvent(frame: HeardFrame): frame is EventFrame {
  return frame.type.startsWith("call.");
}

function isReply(frame: HeardFrame): frame is ReplyFrame {
  return frame.type.startsWith("reply.");
}

export function heartbeat(turn: Turn): void {
  const { position } = turn.state;
  if (position) turn.send({ type: "heartbeat", body: { offset: position.offset } });
}

/** An event is missing: what comes next is not to be trusted, so the session is left and resumed. */
export function missing(turn: Turn): void {
  const { phase, position } = turn.state;
  if (phase.is === "online" && position && isResumingVain(phase.session, position.offset)) {
    turn.set({ position: null });
  }
  turn.push({ kind: "close_socket" });
  retry(turn, 0);
}

function welcome(turn: Turn, body: Welcome): void {
  const { epoch, offset, snapshot, token_expires_in_ms, user } = body;
  const { calls, position } = turn.state;
  const isContinued = position !== null && position.epoch === epoch && position.offset === offset;
  const resumed = snapshot === undefined && calls.me.user === user && isContinued;
  if (!snapshot && !resumed && position) {
    // The server goes on from elsewhere than where this client stopped: only a snapshot helps.
    turn.set({ position: null });
    turn.push({ kind: "close_socket" });
    retry(turn, 0);
    return;
  }
  turn.setToken({ askAgain: null, refused: false, expires: turn.now + token_expires_in_ms });
  turn.set({ position: { epoch, offset } });
  turn.setSession(beginSession(turn.now, body));
  turn.tell({ kind: "connection", connection: { state: "online", resumed, user } });
  const told = turn.out.length;
  if (!resumed) beginAnew(turn, user, snapshot ?? { calls: [] });
  const known = turn.state.calls;
  forgetAcknowledgments(turn, (call) => rings(known, call));
  roomsReset(turn);
  sendAll(turn);
  readMissed(turn);
  acknowledge(turn, told);
}

function beginAnew(turn: Turn, user: UserId, snapshot: Snapshot): void {
  const { calls, config } = turn.state;
  if (calls.me.user !== user) {
    silence(turn);
    turn.set({ calls: { ...NO_CALLS, me: { device: config.device, user } }, rooms: [] });
  }
  reset(turn, snapshot);
}

function event(turn: Turn, frame: EventFrame): void {
  const { phase, position } = turn.state;
  if (phase.is !== "online" || !position) return;
  const { after = frame.offset - 1, offset } = frame;
  // It has been heard before.
  if (offset <= position.offset) return;
  if (after > position.offset) {
    missing(turn);
    return;
  }
  turn.setSession(moved(phase.session, offset));
  turn.set({ position: { epoch: position.epoch, offset } });
  const told = turn.out.length;
  takeEvent(turn, frame);
  acknowledge(turn, told);
}

/** Tells the server of the rings that began since `told` outputs. */
function acknowledge(turn: Turn, told: number): void {
  const { calls, config } = turn.state;
  if (!config.acknowledge) return;
  for (const output of turn.out.slice(told)) {
    if (output.kind !== "event" || output.event.kind !== "incoming") continue;
    const { call } = output.event;
    // After a reset the server may know already.
    const known = calls.known.get(call);
    if (known && legOf(known.view, calls.me.user)?.status === "received") continue;
    ask(turn, { purpose: { is: "acknowledge" }, request: { type: "call.acknowledge", body: { call } } });
  }
}

function replied(turn: Turn, id: RequestId, result: Result): void {
  const waiting = answered(turn, id);
  learnFrom(turn, result, waiting?.purpose.is !== "app");
  if (!waiting) return;
  const { purpose, request } = waiting;
  roomAnswered(turn, request, result);
  if (request.type === "session.renew_token" && "reply" in result && result.reply.type === "reply.token") {
    const expires = turn.now + result.reply.body.expires_in_ms;
    // It is the present one from this moment, whoever asked for it.
    turn.setToken({ askAgain: null, current: request.body.token, expires });
  }
  if (purpose.is === "read" && request.type === "call.read") wasRead(turn, request.body.call, result);
  if (purpose.is !== "app") return;
  turn.push({ kind: "resolve", handle: purpose.handle, result });
  if (request.type === "session.logout" && "reply" in result) {
    turn.push({ kind: "close_socket" });
    stop(turn, "logged_out");
  }
}

/** Takes in whatever a reply tells of calls; with `isNews`, the app is told of one that it does not know. */
function learnFrom(turn: Turn, result: Result, isNews: boolean): void {
  for (const view of callsIn(result)) if (view) learn(turn, view, isNews);
}

function callsIn(result: Result): readonly (CallView | undefined)[] {
  if ("error" in result) return result.error.type === "problem" ? [result.error.problem.call] : [];
  const { reply } = result;
  if (reply.type === "reply.calls") return reply.body.calls;
  return reply.type === "reply.call" || reply.type === "reply.invited" ? [reply.body.call] : [];
}

/** A text that this version cannot read. If it was an event, the next one shows a gap. */
function unreadable(turn: Turn, id: RequestId | undefined): void {
  const { phase, requests } = turn.state;
  if (id !== undefined && requests.waiting.has(id)) replied(turn, id, { error: { type: "unreadable" } });
  else if (phase.is === "online") turn.setSession({ ...phase.session, unreadable: true });
}

function closing(turn: Turn, { code, reconnect_in_ms }: Closing): void {
  turn.push({ kind: "close_socket" });
  lost(turn, code, reconnect_in_ms);
}

function refused(turn: Turn, problem: Problem): void {
  turn.tell({ kind: "refused", problem });
}
