// The bridge from the client's world to React's.
import { useCallback, useSyncExternalStore } from "react";
import type { Readable } from "../store.js";

const NOTHING = () => undefined;

/** The present state of something that can be watched; `undefined` where there is nothing to watch. */
export function useStore<Value>(store: Readable<Value>): Value;
export function useStore<Value>(store: Readable<Value> | undefined): Value | undefined;
export function useStore<Value>(store: Readable<Value> | undefined): Value | undefined {
  const subscribe = useCallback((listener: () => void) => store?.subscribe(listener) ?? NOTHING, [store]);
  const snapshot = () => store?.state;
  return useSyncExternalStore(subscribe, snapshot, snapshot);
}
