// Asking again what failed for want of a connection, or because the server asked to wait.
import { OffhookError } from "../api/error.js";
import type { Clock } from "./clock.js";

const FIRST_PAUSE_MS = 500;
/** More spares a server that is gone for long; less is sooner back. */
const LONGEST_PAUSE_MS = 8_000;
/** The server was not reached, or did not answer in time. */
const UNREACHED: readonly string[] = ["disconnected", "not_connected", "timed_out", "too_many_requests"];

/** Any failure as an error of this package; what is none of its own is taken for one of the media. */
export function offhookError(error: unknown): OffhookError {
  if (error instanceof OffhookError) return error;
  return new OffhookError("media_failed", error instanceof Error ? error.message : String(error));
}

/** Whether the same may succeed later: the server was not reached, or says so. */
export function isPassing(error: unknown): boolean {
  return error instanceof OffhookError && (error.details.isRetryable ?? UNREACHED.includes(error.code));
}

/** Asks again, with growing pauses. */
export class Patience {
  readonly #clock: Clock;
  readonly #isOver: () => boolean;
  readonly #pauses = new Set<() => void>();

  /** @param isOver looked at before each attempt: nobody wants it any more */
  constructor(clock: Clock, isOver: () => boolean) {
    this.#clock = clock;
    this.#isOver = isOver;
  }

  /** Asks until it is answered, or refused for good. */
  async ask<Answer>(ask: () => Promise<Answer>, isWorthIt: (error: unknown) => boolean = isPassing): Promise<Answer> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
      try {
        return await ask();
      } catch (error) {
        if (this.#isOver() || !isWorthIt(error)) throw error;
        await this.#pause((error instanceof OffhookError ? error.details.retryAfterMs : undefined) ?? pause);
        if (this.#isOver()) throw error;
      }
    }
  }

  /** Cuts every pause short: there is reason to hope, or none any more. */
  wake(): void {
    for (const wake of [...this.#pauses]) wake();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        this.#pauses.delete(wake);
        resolve();
      };
      const cancel = this.#clock.after(ms, wake);
      this.#pauses.add(wake);
    });
  }
}
