// The way to a session and out of it: connecting, greeting, losing, stopping.
import { CLOSE_CODES } from "../generated/frames.js";
import type { CloseCode, Hello } from "../generated/frames.js";
import type { StopReason } from "../api/client.js";
import { nextPause, sessionOver } from "./backoff.js";
import { silence } from "./calls.js";
import { connectionLost, failAll } from "./requests.js";
import { assertNever } from "./state.js";
import type { Turn } from "./state.js";

export function connect(turn: Turn): void {
  if (turn.state.phase.is === "stopped") {
    turn.setToken({ refused: false });
    turn.set({ attempts: 0 });
  }
  const { config, token } = turn.state;
  if (token.expires !== null && token.expires <= turn.now) turn.setToken({ current: null });
  turn.tell({ type: "connection", connection: { state: "connecting" } });
  if (turn.state.token.current !== null) {
    openSocket(turn);
    return;
  }
  turn.set({ phase: { is: "asking_token", until: turn.now + config.tokenTimeoutMs } });
  turn.push({ kind: "need_token" });
}

export function openSocket(turn: Turn): void {
  turn.set({ phase: { is: "opening", until: turn.now + turn.state.config.connectTimeoutMs } });
  turn.push({ kind: "open_socket" });
}

export function greet(turn: Turn): void {
  const { config, position, token } = turn.state;
  // A socket is opened with a token at hand; an empty one would be refused.
  const body: Hello = {
    ...(config.app !== undefined && { app: config.app }),
    device: config.device,
    ...(config.name !== "" && { name: config.name }),
    platform: config.platform,
    ...(position !== null && { resume: position }),
    token: token.current ?? "",
    ...(config.user !== undefined && { user: config.user }),
  };
  turn.send({ type: "hello", body });
  turn.set({ phase: { is: "greeting", until: turn.now + config.connectTimeoutMs } });
}

export function disconnect(turn: Turn): void {
  leave(turn);
  turn.set({ phase: { is: "disconnected" } });
  failAll(turn);
  turn.tell({ type: "connection", connection: { state: "disconnected" } });
}

/** Closes the socket, if there is one. */
export function leave(turn: Turn): void {
  const { phase } = turn.state;
  switch (phase.is) {
    case "greeting":
    case "online":
    case "opening":
      turn.push({ kind: "close_socket" });
      return;
    case "asking_token":
    case "backoff":
    case "disconnected":
    case "stopped":
      return;
    default:
      assertNever(phase);
  }
}

/** The meaning of a number, if it is one of ours. */
export function closeCodeOf(code: number | null): CloseCode | null {
  return Object.entries(CLOSE_CODES).find(([, { number }]) => number === code)?.[0] ?? null;
}

/** Whether a client should come back by itself, with the same token. */
export function mayReconnect(code: CloseCode): boolean {
  return Object.entries(CLOSE_CODES).find(([word]) => word === code)?.[1].reconnect ?? true;
}

/** The connection is over; whether the client comes back depends on the reason. */
export function lost(code: CloseCode | null, turn: Turn): void {
  switch (code) {
    case "bad_frame":
    case "kicked_out":
    case "logged_out":
    case "replaced":
      stop(code as StopReason, turn);
      return;
    case "token_expired":
    case "unauthenticated": {
      const { refused } = turn.state.token;
      turn.setToken({ current: null, refused: true });
      if (refused) stop("unauthenticated", turn);
      else retry(0, turn);
      return;
    }
    case "going_away":
    case "lost":
    case "rate_limited":
    case "slow_reader":
    case null:
    default:
      retry(0, turn);
  }
}

/** Comes back after a drawn pause, on top of the one that the server named, in milliseconds. */
export function retry(namedMs: number, turn: Turn): void {
  const { phase } = turn.state;
  if (phase.is === "online") sessionOver(turn, phase.session.since);
  connectionLost(turn);
  turn.setToken({ askAgain: null });
  const retry_in_ms = namedMs + nextPause(turn);
  turn.set({ phase: { is: "backoff", until: turn.now + retry_in_ms } });
  turn.tell({ type: "connection", connection: { state: "backoff", retry_in_ms } });
}

/** Ends it for good. The next connection begins anew. */
export function stop(reason: StopReason, turn: Turn): void {
  turn.set({ phase: { is: "stopped", reason } });
  silence(turn);
  turn.set({ calls: null, position: null, rooms: [] });
  turn.setToken({ askAgain: null });
  failAll(turn);
  turn.tell({ type: "connection", connection: { state: "stopped", reason } });
}
