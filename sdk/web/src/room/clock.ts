// Time, given from outside so that tests need not sleep.

/** A clock and its timers. */
export interface Clock {
  /** Milliseconds since some point. It goes on while the device sleeps. */
  now(): number;
  /** Acts once, so many milliseconds from now. @returns how to stop that */
  after(ms: number, act: () => void): () => void;
}

/** The clock of the browser. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};
