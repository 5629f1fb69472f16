// How long to wait before coming back: full jitter, so that clients that lost their server together do not come back
// together. Each pause is drawn from zero to a bound that doubles.
import type { Turn } from "./state.js";

/** Draws the next pause, in whole milliseconds. */
export function nextPause(turn: Turn): number {
  const { attempts, config } = turn.state;
  const bound = Math.min(config.backoffBaseMs * 2 ** attempts, config.backoffCapMs);
  turn.set({ attempts: attempts + 1 });
  return Math.floor(bound * turn.random);
}

/**
 * Begins anew if the session that is over was a long one. A server that welcomes and drops at once keeps being approached
 * with growing pauses.
 */
export function sessionOver(turn: Turn, since: number): void {
  if (turn.now - since >= turn.state.config.backoffCapMs) turn.set({ attempts: 0 });
}
