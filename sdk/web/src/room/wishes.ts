// What this device wants to receive, and what of it the server knows.
import type { TrackWish } from "../generated/frames.js";
import { newWishes } from "./negotiation.js";
import { trackKey } from "./roster.js";

/** As many as one request may hold. */
const MOST_AT_ONCE = 256;

/** The wishes for the tracks of one room. */
export class Wishes {
  readonly #ask: (wishes: TrackWish[]) => Promise<unknown>;
  /** By `trackKey`. */
  readonly #wanted = new Map<string, TrackWish>();
  readonly #asked = new Map<string, TrackWish>();
  /** The tracks that others publish. */
  #there: ReadonlySet<string> = new Set();

  /** @param ask tells the server; refused whole if it names a track that is not there */
  constructor(ask: (wishes: TrackWish[]) => Promise<unknown>) {
    this.#ask = ask;
  }

  /** Wants this from now on. Those for tracks that are not there yet wait for them. */
  async want(wishes: readonly TrackWish[]): Promise<void> {
    for (const wish of wishes) this.#wanted.set(trackKey(wish.stream, wish.source), wish);
    await this.tell();
  }

  /** These tracks are there. Wishes for those that are gone are void, here as there. */
  see(there: ReadonlySet<string>): void {
    for (const key of this.#there) {
      if (there.has(key)) continue;
      this.#wanted.delete(key);
      this.#asked.delete(key);
    }
    this.#there = there;
  }

  /** The server knows nothing of them: the stay is a new one. */
  beginAnew(): void {
    this.#asked.clear();
  }

  /** Tells the server what it does not know. What it refuses is told again the next time. */
  async tell(): Promise<void> {
    const there = [...this.#wanted].filter(([key]) => this.#there.has(key)).map(([, wish]) => wish);
    const news = newWishes(this.#asked, there);
    for (const wish of news) this.#asked.set(trackKey(wish.stream, wish.source), wish);
    for (let first = 0; first < news.length; first += MOST_AT_ONCE) {
      const some = news.slice(first, first + MOST_AT_ONCE);
      try {
        await this.#ask(some);
      } catch (error) {
        for (const wish of news.slice(first)) this.#asked.delete(trackKey(wish.stream, wish.source));
        throw error;
      }
    }
  }
}
