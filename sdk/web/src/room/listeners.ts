// Those who want to be told of something.

/** Listeners of one kind. */
export class Listeners<Told> {
  readonly #all = new Set<{ hear: (told: Told) => void }>();

  /** @returns how to stop that */
  add(hear: (told: Told) => void): () => void {
    const listener = { hear };
    this.#all.add(listener);
    return () => void this.#all.delete(listener);
  }

  /** Tells everyone who listens now. */
  tell(told: Told): void {
    for (const { hear } of [...this.#all]) {
      try {
        hear(told);
      } catch (error) {
        // A listener's mistake is not the teller's: it is reported as the page's, and the others are told all the same.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
