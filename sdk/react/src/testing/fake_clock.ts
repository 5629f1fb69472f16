// A clock that stands still until told.
import type { Clock } from "../clock.js";

interface Timer {
  at: number;
  readonly period: number | undefined;
  readonly call: () => void;
}

export class FakeClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Timer>();
  readonly #start: number;

  /** @param start what the wall shows at the beginning */
  constructor(start = Date.UTC(2026, 4, 13, 9, 30)) {
    this.#start = start;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#start + this.#now;
  }

  after(milliseconds: number, call: () => void): () => void {
    return this.#add({ at: this.#now + milliseconds, period: undefined, call });
  }

  every(milliseconds: number, call: () => void): () => void {
    return this.#add({ at: this.#now + milliseconds, period: milliseconds, call });
  }

  /** Lets time pass, and what is due happen. */
  pass(milliseconds: number): void {
    const until = this.#now + milliseconds;
    for (;;) {
      const [next] = [...this.#timers].filter((timer) => timer.at <= until).sort((one, other) => one.at - other.at);
      if (!next) break;
      this.#now = next.at;
      if (next.period === undefined) this.#timers.delete(next);
      else next.at += next.period;
      next.call();
    }
    this.#now = until;
  }

  #add(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
}
