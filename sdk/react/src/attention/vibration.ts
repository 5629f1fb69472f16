// A phone that shakes while it rings.
import type { Clock } from "../clock.js";

const PATTERN = [400, 200, 400];
const PERIOD_MS = 2_000;

/** @returns how to stop that */
export function vibrate(clock: Clock): () => void {
  // Not every browser has it, whatever the types say.
  const shaker = navigator as {
    vibrate?: (pattern: number | number[]) => boolean;
    userActivation?: { hasBeenActive: boolean };
  };
  // Before the user has touched the page it is forbidden, and browsers complain loudly.
  if (!shaker.vibrate || shaker.userActivation?.hasBeenActive === false) return () => undefined;
  const shake = () => void shaker.vibrate?.(PATTERN);
  shake();
  const stop = clock.every(PERIOD_MS, shake);
  return () => {
    stop();
    shaker.vibrate?.(0);
  };
}
