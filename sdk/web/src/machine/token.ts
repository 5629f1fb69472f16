// The user's token: where it comes from, and what a new one is good for.
import { retry, openSocket, stop } from "./connection.js";
import { ask } from "./requests.js";
import type { Turn } from "./state.js";

/**
 * How long after the source of tokens failed it is asked again while the session lives, in milliseconds. Less bothers a
 * back end that is down, more may let the token run out.
 */
const ASK_AGAIN_AFTER_MS = 5_000;

export function takeToken(token: string, turn: Turn): void {
  turn.setToken({ current: token, expires: null });
  const { is } = turn.state.phase;
  if (is === "asking_token") openSocket(turn);
  if (is !== "online") return;
  turn.setToken({ askAgain: null });
  ask({ purpose: { is: "renew" }, request: { type: "session.renew_token", body: { token } } }, turn);
}

export function tokenFailed(turn: Turn): void {
  const { is } = turn.state.phase;
  if (is !== "asking_token" && is !== "online") return;
  turn.tell({ kind: "token_needed" });
  if (is === "online") turn.setToken({ askAgain: turn.now + ASK_AGAIN_AFTER_MS });
  else retry(0, turn);
}

export function tokenGone(turn: Turn): void {
  const { is } = turn.state.phase;
  if (is !== "asking_token" && is !== "online") return;
  turn.tell({ kind: "token_needed" });
  if (is === "asking_token") stop("unauthenticated", turn);
}

/** Asks the source again, if it is time. */
export function askAgainIfDue(turn: Turn): void {
  const { phase, token } = turn.state;
  if (phase.is !== "online" || token.askAgain === null || token.askAgain > turn.now) return;
  turn.setToken({ askAgain: null });
  turn.push({ kind: "need_token" });
}
