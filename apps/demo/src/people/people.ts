// Who is around, as the server's development endpoint tells, and the contacts that the user has added.
import { displayName } from "@offhook/react";
import { list, record, text } from "../trace/read.js";
import { Store } from "../store.js";

/** Where somebody is. */
export type Presence = "in_call" | "offline" | "online";

/** Somebody one may call. */
export interface Person {
  readonly user: string;
  /** Their id, if they have no name. Text of theirs, fit to be shown. */
  readonly name: string;
  readonly presence: Presence;
  /** The user has added them, and may remove them. */
  readonly isAdded: boolean;
}

/** Everybody else, at one moment. */
export interface PeopleState {
  /** Absent until the server has said it for the first time. */
  readonly people?: readonly Person[];
  /** The server could not be asked the last time. */
  readonly isStale: boolean;
}

/** What it needs; given from outside so that tests need no server and no waiting. */
export interface PeopleParts {
  readonly me: string;
  /** Asks the server. @returns what it answered, parsed @throws if it could not be asked */
  readonly ask: (also: readonly string[]) => Promise<unknown>;
  /** Does something again and again. @returns how to stop that */
  readonly every: (milliseconds: number, act: () => void) => () => void;
  readonly storage: Pick<Storage, "getItem" | "setItem"> | undefined;
}

/** Presence is for looking at: quicker costs the server a request a tab, slower shows old news. */
const ASK_EVERY_MS = 3_000;

/** The people around one user. */
export class People extends Store<PeopleState> {
  readonly #parts: PeopleParts;
  #added: readonly string[];
  #isAsking = false;
  #isDue = false;

  constructor(parts: PeopleParts) {
    super({ isStale: false });
    this.#parts = parts;
    this.#added = read(parts);
  }

  /** Asks at once and then regularly. @returns how to stop that */
  start(): () => void {
    this.refresh();
    return this.#parts.every(ASK_EVERY_MS, () => this.refresh());
  }

  /** Asks at once: something has happened that may have changed it. */
  refresh(): void {
    if (this.#isAsking) this.#isDue = true;
    else void this.#ask();
  }

  /** Adds a contact. */
  add(user: string): void {
    if (user !== this.#parts.me && !this.#added.includes(user)) this.#keep([...this.#added, user]);
  }

  /** Removes a contact that was added. */
  remove(user: string): void {
    this.#keep(this.#added.filter((added) => added !== user));
  }

  #keep(added: readonly string[]): void {
    this.#added = added;
    try {
      this.#parts.storage?.setItem(keyOf(this.#parts.me), JSON.stringify(added));
    } catch {
      // Full or forbidden: they are kept until the page is closed.
    }
    this.refresh();
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    const added = this.#added;
    try {
      const found = await this.#parts.ask(added);
      this.#take(peopleOf(found, added, this.#parts.me));
    } catch {
      this.set({ ...this.value, isStale: true });
    }
    this.#isAsking = false;
    if (!this.#isDue) return;
    this.#isDue = false;
    await this.#ask();
  }

  #take(people: readonly Person[]): void {
    const isSame = !this.value.isStale && JSON.stringify(people) === JSON.stringify(this.value.people);
    if (!isSame) this.set({ people, isStale: false });
  }
}

/** Everybody but the user, those who are here first. */
export function peopleOf(answer: unknown, added: readonly string[], me: string): readonly Person[] {
  const people = list(answer).flatMap((each): Person[] => {
    const { user, name, online, in_call: inCall } = record(each);
    const id = text(user);
    if (id === undefined || id === me) return [];
    const presence = inCall === true ? "in_call" : online === true ? "online" : "offline";
    return [{ user: id, name: displayName(text(name), id), presence, isAdded: added.includes(id) }];
  });
  const isHere = ({ presence }: Person) => Number(presence !== "offline");
  return people.sort((one, other) => isHere(other) - isHere(one) || one.name.localeCompare(other.name));
}

function keyOf(me: string): string {
  return `offhook.demo.contacts.${me}`;
}

function read({ me, storage }: PeopleParts): readonly string[] {
  try {
    const kept: unknown = JSON.parse(storage?.getItem(keyOf(me)) ?? "[]");
    return list(kept).filter((user) => typeof user === "string");
  } catch {
    return [];
  }
}
