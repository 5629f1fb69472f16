// What the façades need of their surroundings. Tests put others in place.
import { OffhookClient, type Client, type ClientOptions } from "@offhook/client";

/** Clients, clocks and timers. */
export interface Platform {
  readonly openClient: (options: ClientOptions) => Client;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
  /** The wall clock in milliseconds since the UNIX epoch; for display. */
  readonly wallClock: () => number;
  /** Runs something later. @returns how to call that off */
  readonly later: (run: () => void, ms: number) => () => void;
  /** Says that a listener of the app threw. */
  readonly report: (thrown: unknown) => void;
}

const browser: Platform = {
  openClient: (options) => new OffhookClient(options),
  now: () => performance.now(),
  wallClock: () => Date.now(),
  later: (run, ms) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  report: (thrown) =>
    queueMicrotask(() => {
      throw thrown;
    }),
};

let current = browser;

/** The surroundings in use. */
export function platform(): Platform {
  return current;
}

/** Puts other surroundings in place; for tests. @returns how to put back those of the browser */
export function replacePlatform(other: Platform): () => void {
  current = other;
  return () => {
    current = browser;
  };
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    current.later(resolve, ms);
  });
}

/** Calls a listener of the app; what it throws is the app's, and must not stop what the façade does next. */
export function callListener(call: () => void): void {
  try {
    call();
  } catch (thrown) {
    current.report(thrown);
  }
}
