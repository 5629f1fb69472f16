// Time, given from outside, so that tests need not sleep.

/** Where the kit takes its time from. */
export interface Clock {
  /** Milliseconds on the clock of `ClientOptions.now`. */
  now(): number;
  /** Milliseconds since 1970, for display alone. */
  wall(): number;
  /** Calls once, after so many milliseconds. @returns how to call that off */
  after(milliseconds: number, call: () => void): () => void;
  /** Calls every so many milliseconds. @returns how to stop that */
  every(milliseconds: number, call: () => void): () => void;
}

/** The clock of the browser. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after: (milliseconds, call) => {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  },
  every: (milliseconds, call) => {
    const timer = setInterval(call, milliseconds);
    return () => clearInterval(timer);
  },
};
