// Keeps this page in a call's room: enters, publishes what is recorded, comes back after a loss.
import { type Call, type LeaveCause, type LocalMedia, OffhookError, type Room, type RoomState } from "@offhook/client";
import type { Clock } from "../clock.js";

/** Attempts to come back by itself, with pauses that double: about half a minute in all. Then the user is asked. */
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 1_000;

/** What a stay tells. */
export interface StayEvents {
  /** Put out for good: `kicked`, `taken_over`, or `ended`. */
  onPutOut(cause: LeaveCause): void;
  /** Cannot be entered, for now; `undefined` once it was. */
  onRefusal(problem: OffhookError | undefined): void;
  /** Something that the room did by itself failed. */
  onProblem(problem: OffhookError): void;
}

/** One stay in one room. */
export class Stay {
  readonly room: Room;
  readonly #clock: Clock;
  readonly #events: StayEvents;
  readonly #stops: (() => void)[];
  #attempts = 0;
  #callOff: (() => void) | undefined;
  #isEntering = false;
  #isOver = false;

  constructor(call: Call, media: LocalMedia, clock: Clock, events: StayEvents) {
    this.room = call.room();
    this.#clock = clock;
    this.#events = events;
    this.#stops = [
      this.room.subscribe((state) => this.#look(state)),
      this.room.on("problem", (problem) => events.onProblem(problem)),
      this.room.use(media),
    ];
    void this.#enter();
  }

  /** Tries again, because the user says so. */
  retry(): void {
    this.#attempts = 0;
    this.#callOff?.();
    void this.#enter();
  }

  /** Leaves. */
  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#callOff?.();
    for (const stop of this.#stops) stop();
    // The server notices by itself if this does not arrive.
    this.room.leave().catch(() => undefined);
  }

  async #enter(): Promise<void> {
    if (this.#isEntering || this.#isOver) return;
    this.#isEntering = true;
    try {
      await this.room.enter();
      this.#attempts = 0;
      if (!this.#isDone()) this.#events.onRefusal(undefined);
    } catch (error) {
      if (!this.#isDone()) this.#refused(asOffhookError(error));
    } finally {
      this.#isEntering = false;
    }
  }

  #isDone(): boolean {
    return this.#isOver;
  }

  #refused(problem: OffhookError): void {
    if (problem.code === "kicked") return this.#events.onPutOut("kicked");
    this.#events.onRefusal(problem);
    if (problem.details.isRetryable === true || isPassing(problem)) this.#retryLater(problem.details.retryAfterMs);
  }

  #look(state: RoomState): void {
    if (this.#isOver || this.#isEntering || state.stay.phase !== "out") return;
    const { cause } = state.stay;
    if (cause === undefined || cause === "left") return;
    if (cause === "lost" || cause === "shutdown") this.#retryLater();
    else this.#events.onPutOut(cause);
  }

  #retryLater(pauseMs = 0): void {
    if (this.#attempts >= ATTEMPTS) return;
    const pause = Math.max(pauseMs, FIRST_PAUSE_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    this.#callOff?.();
    this.#callOff = this.#clock.after(pause, () => void this.#enter());
  }
}

/** Errors of this side that another attempt may mend. */
function isPassing(problem: OffhookError): boolean {
  return problem.code === "disconnected" || problem.code === "timed_out" || problem.code === "media_failed";
}

/** What a rejected promise brought, as the one class of errors. */
export function asOffhookError(error: unknown): OffhookError {
  return error instanceof OffhookError ? error : new OffhookError("internal", String(error));
}
