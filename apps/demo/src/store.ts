// One immutable value that can be watched, and how React watches it.
import { useSyncExternalStore } from "react";

/** Anything that has a value and tells of new ones. */
export interface Readable<Value> {
  readonly value: Value;
  /** @returns how to stop that */
  readonly subscribe: (listener: () => void) => () => void;
}

/** A value that can be set. Setting the one that it has already tells nobody. */
export class Store<Value> implements Readable<Value> {
  #value: Value;
  readonly #listeners = new Set<() => void>();

  constructor(value: Value) {
    this.#value = value;
  }

  get value(): Value {
    return this.#value;
  }

  set(value: Value): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

/** The value at this moment; the component is drawn anew with each other one. */
export function useStore<Value>(store: Readable<Value>): Value {
  return useSyncExternalStore(store.subscribe, () => store.value);
}
