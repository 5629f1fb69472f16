// Those who want to be told of something.

/** Listeners of one kind. A listener that throws disturbs neither the teller nor the others. */
export class Listeners<Told> {
  readonly #all = new Set<{ readonly hear: (told: Told) => void }>();

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  /** @returns how to stop that */
  add(hear: (told: Told) => void): () => void {
    const listener = { hear };
    this.#all.add(listener);
    return () => void this.#all.delete(listener);
  }

  /** Tells everyone who listens at this moment, and has not stopped meanwhile. */
  tell(told: Told): void {
    for (const listener of [...this.#all]) {
      if (!this.#all.has(listener)) continue;
      try {
        listener.hear(told);
      } catch (error) {
        report(error);
      }
    }
  }
}

/** Hands a listener's mistake to whoever watches for mistakes of the page, as `dispatchEvent` would. */
function report(error: unknown): void {
  const { reportError } = globalThis as { reportError?: (error: unknown) => void };
  if (reportError !== undefined) {
    reportError(error);
    return;
  }
  queueMicrotask(() => {
    throw error;
  });
}
