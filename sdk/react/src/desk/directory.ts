// Who people are: names and pictures, asked for once and kept.
import type { Client, UserId } from "@offhook/client";
import { Store } from "../store.js";

/** What is shown of a user. All of it is text of others. */
export interface Person {
  readonly name?: string;
  readonly avatarUrl?: string;
}

/** Where an app knows people from. `undefined` leaves it to the server. */
export type ResolveUser = (user: UserId) => Person | Promise<Person | undefined> | undefined;

/** As many as one request may ask for. */
const AT_ONCE = 10;

/** People, as far as they are known. */
export class Directory extends Store<ReadonlyMap<UserId, Person>> {
  readonly #client: Pick<Client, "users">;
  #resolve: ResolveUser | undefined;
  readonly #asked = new Set<UserId>();
  #toAsk: UserId[] = [];

  constructor(client: Pick<Client, "users">, resolve?: ResolveUser) {
    super(new Map());
    this.#client = client;
    this.#resolve = resolve;
  }

  setResolve(resolve: ResolveUser | undefined): void {
    this.#resolve = resolve;
  }

  /** Finds out about those who are not known yet. Safe to repeat. */
  want(users: readonly UserId[]): void {
    for (const user of users) {
      if (user === "" || this.#asked.has(user)) continue;
      this.#asked.add(user);
      void this.#find(user);
    }
  }

  /** Takes a name that came by another way; what is known already counts more. */
  learn(user: UserId, name: string): void {
    if (name !== "" && !this.state.get(user)?.name) this.#put(user, { ...this.state.get(user), name });
  }

  /** Asks again for those who were not found, after the connection was away. */
  forgetUnknown(): void {
    for (const user of this.#asked) if (!this.state.has(user)) this.#asked.delete(user);
  }

  async #find(user: UserId): Promise<void> {
    try {
      // Inside an async function a resolver of the app that throws becomes a rejection.
      const found = this.#resolve?.(user);
      const person = found instanceof Promise ? await found : found;
      if (person) return this.#put(user, person);
    } catch {
      // The app does not know; the server may.
    }
    this.#toAsk.push(user);
    if (this.#toAsk.length === 1) queueMicrotask(() => void this.#ask());
  }

  async #ask(): Promise<void> {
    const all = this.#toAsk;
    this.#toAsk = [];
    for (let from = 0; from < all.length; from += AT_ONCE) {
      const users = all.slice(from, from + AT_ONCE);
      try {
        const found = await this.#client.users(users);
        for (const { user, name, avatarUrl } of found.users) this.#put(user, { name, avatarUrl });
      } catch {
        for (const user of users) this.#asked.delete(user);
      }
    }
  }

  #put(user: UserId, person: Person): void {
    this.set(new Map(this.state).set(user, person));
  }
}
