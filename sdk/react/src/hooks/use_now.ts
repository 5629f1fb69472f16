// A clock that renders.
import { useCallback, useSyncExternalStore } from "react";
import { useKit } from "../context.js";

/** Milliseconds on the client's clock, in steps of `step`: for timers. 0 stands still. */
export function useNow(step = 1_000): number {
  const { clock } = useKit();
  const subscribe = useCallback(
    (tick: () => void) => (step > 0 ? clock.every(Math.max(50, step / 4), tick) : () => undefined),
    [clock, step],
  );
  const snapshot = () => (step > 0 ? Math.floor(clock.now() / step) * step : 0);
  return useSyncExternalStore(subscribe, snapshot, snapshot);
}
