// Time for tests: it passes when the test says so.

/** A clock and timers that a test moves. */
export class TestClock {
  #now = 0;
  #timers: { at: number; run: () => void }[] = [];

  readonly now = () => this.#now;
  readonly wallClock = () => 1_763_700_000_000 + this.#now;
  readonly later = (run: () => void, ms: number) => {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** Lets so many milliseconds pass, and everything happen that is due. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settled();
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= until).sort((one, other) => one.at - other.at);
      if (!next) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await settled();
    }
    this.#now = until;
  }
}

/** Waits until every promise that can settle has. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}
