// A small table that those who are in a room keep together by messages: who sets a key tells the others, who comes later asks.
// Of two values for one key the one that was set later wins, at everyone alike.
import type { Participant, Room } from "@offhook/client";
import { given } from "./given.js";
import { parsed } from "./parsed.js";

/** A value, who set it, and when. */
export interface Entry {
  readonly value: string;
  readonly by: string;
  /** In milliseconds since the UNIX epoch, on the clock of who set it. */
  readonly at: number;
}

/** Values by their keys. */
export type Entries = ReadonlyMap<string, Entry>;

/** How many keys, and how long a key and a value may be. Keeps a stranger from filling the memory of others. */
const MAX_KEYS = 64;
const MAX_LENGTH = 2048;

/** The part of a room that belongs to one façade. */
export class RoomTable {
  #entries: Entries = new Map();

  constructor(
    private readonly room: Room,
    /** What begins the messages of this table; others in the room pass over them. */
    private readonly mark: string,
    private readonly changed: (entries: Entries) => void,
  ) {}

  /** What is known. */
  get entries(): Entries {
    return this.#entries;
  }

  /** Sets keys, at everyone who is in, and tells it here as well. */
  async set(values: Readonly<Record<string, string>>, by: string, at: number): Promise<void> {
    const entries = new Map<string, Entry>();
    for (const [key, value] of Object.entries(values)) {
      entries.set(key, { value, by, at: Math.max(at, (this.#entries.get(key)?.at ?? 0) + 1) });
    }
    await this.#send(entries);
    this.#take(entries);
  }

  /** Asks those who are in for what they know. */
  async ask(): Promise<void> {
    await this.room.send(`${this.mark}?`, { kind: "command" });
  }

  /** Takes a message of the room. @returns whether it was one of this table's */
  hear(from: Participant["user"], data: string): boolean {
    if (!data.startsWith(this.mark)) return false;
    const text = data.slice(this.mark.length);
    if (text === "?") {
      if (this.#entries.size > 0) this.#send(this.#entries, [from]).catch(ignore);
      return true;
    }
    const news = [...entriesIn(text)].filter(([key, entry]) => isNewer(entry, this.#entries.get(key)));
    if (news.length > 0 && this.#entries.size + news.length <= MAX_KEYS) this.#take(new Map(news));
    return true;
  }

  #take(news: Entries): void {
    this.#entries = new Map([...this.#entries, ...news]);
    this.changed(news);
  }

  async #send(entries: Entries, to?: readonly string[]): Promise<void> {
    const text = this.mark + JSON.stringify(Object.fromEntries(entries));
    await this.room.send(text, given({ kind: "command", to }));
  }
}

/** Who asked has left, or the room is gone: nobody waits for the answer. */
function ignore(): void {
  return;
}

function isNewer(entry: Entry, known: Entry | undefined): boolean {
  return !known || entry.at > known.at || (entry.at === known.at && entry.by > known.by);
}

/** Reads what another wrote, who may have written anything. */
function entriesIn(text: string): Map<string, Entry> {
  const entries = Object.entries(parsed(text) ?? {}) as [string, unknown][];
  return new Map(entries.filter((pair): pair is [string, Entry] => pair[0].length <= MAX_LENGTH && isEntry(pair[1])));
}

function isEntry(value: unknown): value is Entry {
  const entry = value as Partial<Record<keyof Entry, unknown>> | null;
  return (
    typeof entry === "object" &&
    typeof entry?.value === "string" &&
    entry.value.length <= MAX_LENGTH &&
    typeof entry.by === "string" &&
    typeof entry.at === "number" &&
    Number.isSafeInteger(entry.at)
  );
}
