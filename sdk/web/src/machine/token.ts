// The user's token: where it comes from, and what a new one is good for.
import { retry, openSocket, stop } from "./connection.js";
import { ask, isRenewing } from "./requests.js";
import type { Turn } from "./state.js";

/**
 * How long after the source of tokens failed it is asked again while the session lives, in milliseconds. Less bothers a
 * back end that is down, more may let the token run out.
 */
const ASK_AGAIN_AFTER_MS = 5_000;

export function takeToken(turn: Turn, token: string): void {
  turn.setToken({ current: token, expires: null });
  const { is } = turn.state.phase;
  if (is === "asking_token") openSocket(turn);
  if (is !== "online") return;
  turn.setToken({ askAgain: Infinity });
  ask(turn, { purpose: { is: "renew" }, request: { type: "session.renew_token", body: { token } } });
}

/** The source of tokens gave none; it may later, unless `isGone`. */
export function noToken(turn: Turn, isGone: boolean): void {
  const { is } = turn.state.phase;
  const isAsked = is === "asking_token";
  if (!isAsked && is !== "online") return;
  turn.tell({ kind: "token_needed" });
  if (isAsked && isGone) stop(turn, "unauthenticated");
  else if (isAsked) retry(turn, 0);
  else turn.setToken({ askAgain: isGone ? Infinity : turn.now + ASK_AGAIN_AFTER_MS });
}

export function askSource(turn: Turn): void {
  turn.setToken({ askAgain: null });
  turn.push({ kind: "need_token" });
}

/**
 * The app wants to be connected, and is: it does not wait for the clock if the session needs a token and none is on its
 * way.
 */
export function askSourceIfNeeded(turn: Turn): void {
  const { requests, token } = turn.state;
  if (token.askAgain !== null && !isRenewing(requests)) askSource(turn);
}

/** Asks the source again, if it is time. */
export function askSourceIfDue(turn: Turn): void {
  const { phase, token } = turn.state;
  if (phase.is === "online" && token.askAgain !== null && token.askAgain <= turn.now) askSource(turn);
}
