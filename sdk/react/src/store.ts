// A value that can be watched: what hooks read and the kit's classes write.

/** Anything that has a state and tells of new ones; `Client`, `Call`, `Room` and `LocalMedia` are such. */
export interface Readable<Value> {
  readonly state: Value;
  /** @returns how to stop that */
  subscribe(listener: () => void): () => void;
}

/** A {@link Readable} that can be set. Setting the value that it has already tells nobody. */
export class Store<Value> implements Readable<Value> {
  #state: Value;
  readonly #listeners = new Set<() => void>();

  constructor(state: Value) {
    this.#state = state;
  }

  get state(): Value {
    return this.#state;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  set(state: Value): void {
    if (Object.is(state, this.#state)) return;
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}
