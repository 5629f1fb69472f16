// The client's side of a session as one pure function: connect, greet, resume; the calls it knows, what rings on this device
// and until when. It knows no socket, clock or randomness. It mirrors crates/client-core; testing/conformance holds the two
// together.
//
// The contract of a driver: each input is handed to `step` with the present time, which never goes back, and a fresh random
// number; the outputs are carried out in their order; `timeout` comes at `wakeAt`, or later. After `open_socket` come
// `socket_opened` or `socket_failed`, then frames, then `socket_closed`; after `close_socket` nothing more is said of that
// socket. After `need_token` comes `token`, `token_failed` or `token_gone`; a second question voids the first.
import { nextRingEnd, stopLateRings } from "./calls.js";
import { closeCodeOf, connect, disconnect, greet, hasSocket, leave, lost, retry } from "./connection.js";
import { greeted, hear, heartbeat, missing, note } from "./hear.js";
import { readMissed } from "./missed.js";
import { asking, lostAt, missingAt, nextDeadline, pause, probe, resume } from "./online.js";
import type { Online } from "./online.js";
import type { Config, Handle, Input, Output } from "./port.js";
import { ask, fail, nextTimeout, NO_REQUESTS, timeOut } from "./requests.js";
import { assertNever, NO_CALLS, Turn } from "./state.js";
import type { Phase, State, TokenState } from "./state.js";
import { askSourceIfDue, askSourceIfNeeded, noToken, takeToken } from "./token.js";
import type { Request } from "../generated/frames.js";

/** When an input came, and the dice it came with. */
export interface Moment {
  /** In milliseconds on the driver's clock. */
  readonly now: number;
  /** From 0 to below 1; draws pauses. */
  readonly random: number;
}

/** A client that is not connected. */
export function begin(config: Config): State {
  return {
    attempts: 0,
    calls: NO_CALLS,
    config,
    phase: { is: "disconnected" },
    position: null,
    requests: NO_REQUESTS,
    rooms: [],
    token: { askAgain: null, current: null, expires: null, refused: false },
  };
}

/** Takes note of what happened and says what is to be done. */
export function step(state: State, input: Input, moment: Moment): { state: State; outputs: readonly Output[] } {
  const turn = new Turn(state, moment.now, moment.random);
  transition(turn, input);
  return { state: turn.state, outputs: turn.out };
}

/** When `timeout` is due, in milliseconds on the driver's clock; `null` if never. */
export function wakeAt({ calls, phase, requests, token }: State): number | null {
  const at = Math.min(phaseEnd(phase, token), nextRingEnd(calls), nextTimeout(requests));
  return at === Infinity ? null : at;
}

function phaseEnd(phase: Phase, { askAgain }: TokenState): number {
  if (phase.is === "online") return Math.min(nextDeadline(phase.session), askAgain ?? Infinity);
  return phase.is === "disconnected" || phase.is === "stopped" ? Infinity : phase.until;
}

/** The whole transition table. What is not named finds nothing to do: wishes that are fulfilled, words of old sockets. */
function transition(turn: Turn, input: Input): void {
  const { phase } = turn.state;
  const isOff = phase.is === "disconnected" || phase.is === "stopped";
  switch (input.kind) {
    case "awake":
      if (phase.is === "backoff") connect(turn);
      // Who is lost already is left by the next timeout.
      if (phase.is === "online" && turn.now < lostAt(phase.session)) probing(turn, phase.session);
      return;
    case "connect":
      if (isOff || phase.is === "backoff") connect(turn);
      if (phase.is === "online") askSourceIfNeeded(turn);
      return;
    case "disconnect":
      if (phase.is !== "disconnected") disconnect(turn);
      return;
    case "frame":
      if (phase.is === "greeting") greeted(turn, input.frame);
      if (phase.is === "online") hear(turn, input.frame);
      return;
    case "paused":
      if (phase.is === "online") turn.setSession(pause(phase.session));
      return;
    case "resumed":
      if (phase.is === "online") turn.setSession(resume(phase.session, turn.now));
      return;
    case "request":
      if (isOff) fail(turn, input.handle, { type: "not_connected" });
      else wish(turn, input.handle, input.request);
      return;
    case "socket_closed":
      if (hasSocket(phase)) lost(turn, closeCodeOf(input.code));
      return;
    case "socket_failed":
      if (phase.is === "opening") retry(turn, 0);
      return;
    case "socket_opened":
      if (phase.is === "opening") greet(turn);
      return;
    case "timeout":
      timeout(turn);
      return;
    case "token":
      takeToken(turn, input.token);
      return;
    case "token_failed":
    case "token_gone":
      noToken(turn, input.kind === "token_gone");
      return;
    default:
      assertNever(input);
  }
}

function wish(turn: Turn, handle: Handle, request: Request): void {
  note(turn, request);
  ask(turn, { purpose: { is: "app", handle }, request });
}

function probing(turn: Turn, session: Online): void {
  turn.setSession(probe(session, turn.now));
  heartbeat(turn);
}

function timeout(turn: Turn): void {
  timeOut(turn);
  stopLateRings(turn);
  const { phase } = turn.state;
  switch (phase.is) {
    case "asking_token":
    case "greeting":
    case "opening":
      if (phase.until > turn.now) break;
      leave(turn);
      retry(turn, 0);
      break;
    case "backoff":
      if (phase.until <= turn.now) connect(turn);
      break;
    case "online":
      serve(turn, phase.session);
      break;
    case "disconnected":
    case "stopped":
      break;
    default:
      assertNever(phase);
  }
  askSourceIfDue(turn);
  readMissed(turn);
}

function serve(turn: Turn, session: Online): void {
  const { now } = turn;
  if (lostAt(session) <= now) {
    turn.push({ kind: "close_socket" });
    retry(turn, 0);
  } else if (missingAt(session) <= now) {
    missing(turn);
  } else if (session.nextHeartbeat <= now) {
    turn.setSession(asking(session, now));
    heartbeat(turn);
  }
}
