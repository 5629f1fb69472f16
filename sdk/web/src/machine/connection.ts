// The way to a session and out of it: connecting, greeting, losing, stopping.
import type { CloseCode, Hello } from "../generated/frames.js";
import type { StopReason } from "../api/client.js";
import { nextPause, sessionOver } from "./backoff.js";
import { silence } from "./calls.js";
import { given } from "../given.js";
import { connectionLost, failAll } from "./requests.js";
import { NO_CALLS } from "./state.js";
import type { Phase, Turn } from "./state.js";

/** The closes after which a client does not come back with the same token, if at all. Any other is a loss of the network. */
export const CLOSES: Readonly<Record<number, CloseCode>> = {
  4400: "bad_frame",
  4401: "unauthenticated",
  4403: "token_expired",
  4409: "kicked_out",
  4410: "replaced",
  4412: "logged_out",
};

export function connect(turn: Turn): void {
  if (turn.state.phase.is === "stopped") {
    turn.setToken({ refused: false });
    turn.set({ attempts: 0 });
  }
  const { config, token } = turn.state;
  if (token.expires !== null && token.expires <= turn.now) turn.setToken({ current: null });
  turn.tell({ kind: "connection", connection: { state: "connecting" } });
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
  const { app, device, name, platform, user } = config;
  const body: Hello = given({
    app,
    device,
    name: name || undefined,
    platform,
    resume: position ?? undefined,
    token: token.current ?? "",
    user,
  });
  turn.send({ type: "hello", body });
  turn.set({ phase: { is: "greeting", until: turn.now + config.connectTimeoutMs } });
}

export function disconnect(turn: Turn): void {
  leave(turn);
  turn.set({ phase: { is: "disconnected" } });
  failAll(turn);
  turn.tell({ kind: "connection", connection: { state: "disconnected" } });
}

/** Closes the socket, if there is one. */
export function leave(turn: Turn): void {
  if (hasSocket(turn.state.phase)) turn.push({ kind: "close_socket" });
}

/** Whether there is a socket, or one is being opened. */
export function hasSocket({ is }: Phase): boolean {
  return is === "greeting" || is === "online" || is === "opening";
}

/** The meaning of a number, if it is one of those after which something else is done than to come back. */
export function closeCodeOf(number: number | null): CloseCode | null {
  return CLOSES[number ?? 0] ?? null;
}

/** The connection is over; whether the client comes back, and not before `namedMs`, depends on the reason. */
export function lost(turn: Turn, code: CloseCode | null, namedMs = 0): void {
  switch (code) {
    case "bad_frame":
    case "kicked_out":
    case "logged_out":
    case "replaced":
      stop(turn, code as StopReason);
      return;
    case "token_expired":
    case "unauthenticated": {
      const { refused } = turn.state.token;
      turn.setToken({ current: null, refused: true });
      if (refused) stop(turn, "unauthenticated");
      else retry(turn, 0);
      return;
    }
    case "going_away":
    case "lost":
    case "rate_limited":
    case "slow_reader":
    case null:
    default:
      retry(turn, namedMs);
  }
}

/** Comes back after a drawn pause, on top of the one that the server named, in milliseconds. */
export function retry(turn: Turn, namedMs: number): void {
  const { phase } = turn.state;
  if (phase.is === "online") sessionOver(turn, phase.session.since);
  connectionLost(turn);
  const retry_in_ms = namedMs + nextPause(turn);
  turn.set({ phase: { is: "backoff", until: turn.now + retry_in_ms } });
  turn.tell({ kind: "connection", connection: { state: "backoff", retry_in_ms } });
}

/** Ends it for good. The next connection begins anew. */
export function stop(turn: Turn, reason: StopReason): void {
  turn.set({ phase: { is: "stopped", reason } });
  silence(turn);
  turn.set({ calls: NO_CALLS, position: null, rooms: [] });
  failAll(turn);
  turn.tell({ kind: "connection", connection: { state: "stopped", reason } });
}
