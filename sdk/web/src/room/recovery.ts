// What is done when the media connection breaks: first new addresses for it, then a new one.
import type { Clock } from "./clock.js";

/** A short break mends itself; less restarts for nothing, more is silence. */
const PATIENCE_MS = 3_000;
/** How long an attempt may take to bring media back, once the server has answered it. */
const ATTEMPT_MS = 10_000;
/** After so long the addresses of the connection mean nothing any more, and perhaps the server has given it up. */
const TOO_LONG_MS = 45_000;

/** What can be tried. Each resolves once the server has answered, and rejects if it did not like it. */
export interface Remedies {
  /** Other addresses for the same connection. */
  restart(): Promise<void>;
  /** Another connection. */
  renew(): Promise<void>;
}

/**
 * Watches one stay.
 *
 * ```text
 * connected ──disconnected, 3 s · failed · signaling is back──▶ restart ──10 s──▶ renew ──10 s──▶ renew …
 *     ▲                                                            │                │
 *     └──────────────────────── connected ─────────────────────────┴────────────────┘
 * ```
 */
export class Recovery {
  readonly #clock: Clock;
  readonly #remedies: Remedies;
  /** Since when media does not flow. */
  #brokenSince: number | undefined;
  #attempts = 0;
  #isTrying = false;
  #isOver = false;
  #cancel: () => void = () => undefined;

  constructor(clock: Clock, remedies: Remedies) {
    this.#clock = clock;
    this.#remedies = remedies;
  }

  /** The connection's state is another. */
  see(state: RTCPeerConnectionState): void {
    if (this.#isOver) return;
    switch (state) {
      case "connected":
        this.#cancel();
        this.#brokenSince = undefined;
        this.#attempts = 0;
        break;
      case "disconnected":
        this.#break();
        if (!this.#isTrying) this.#wait(PATIENCE_MS);
        break;
      case "failed":
        this.#break();
        this.now();
        break;
      case "closed":
      case "connecting":
      case "new":
        break;
    }
  }

  /** If media is broken, tries at once: signaling has come back, say. */
  now(): void {
    if (this.#isOver || this.#isTrying || this.#brokenSince === undefined) return;
    this.#cancel();
    this.#isTrying = true;
    this.#attempts += 1;
    const isLong = this.#clock.now() - this.#brokenSince > TOO_LONG_MS;
    const attempt = this.#attempts === 1 && !isLong ? this.#remedies.restart() : this.#remedies.renew();
    // Refused or not, the next attempt is another one.
    void attempt.catch(() => undefined).then(() => this.#tried());
  }

  stop(): void {
    this.#isOver = true;
    this.#cancel();
  }

  #tried(): void {
    this.#isTrying = false;
    if (!this.#isOver && this.#brokenSince !== undefined) this.#wait(ATTEMPT_MS);
  }

  #break(): void {
    this.#brokenSince ??= this.#clock.now();
  }

  #wait(ms: number): void {
    this.#cancel();
    this.#cancel = this.#clock.after(ms, () => this.now());
  }
}
