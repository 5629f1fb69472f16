// The rooms of a client: each has one object, hears what happens in it, and finds the token that came with its call.
import type { Room } from "./api/room.js";
import type { Ask } from "./asking.js";
import type { RoomEvent, RoomId, RoomToken, UserId } from "./generated/frames.js";
import { given } from "./given.js";
import type { DrivenRoom, RoomPort } from "./room/port.js";

/** What rooms need of the client. */
export interface RoomBookPort {
  readonly me: () => UserId | undefined;
  readonly ask: Ask;
  readonly now: () => number;
  readonly createRoom: (port: RoomPort) => DrivenRoom;
  readonly openConnection: RoomPort["openConnection"] | undefined;
  /** This device is out of a room in which it was. */
  readonly left: (room: RoomId) => void;
}

export class RoomBook {
  readonly #port: RoomBookPort;
  readonly #rooms = new Map<RoomId, DrivenRoom>();
  /** Tokens that came with calls, and until when one may enter with them. */
  readonly #tokens = new Map<RoomId, { readonly token: string; readonly until: number }>();

  constructor(port: RoomBookPort) {
    this.#port = port;
  }

  /** The room of this name; the same object each time. */
  room(id: RoomId): Room {
    const known = this.#rooms.get(id);
    if (known) return known;
    const { ask, createRoom, left, me, openConnection } = this.#port;
    const takeToken = () => this.#takeToken(id);
    const room = createRoom(given({ id, me, ask, takeToken, openConnection }));
    let wasIn = false;
    room.subscribe(({ stay }) => {
      if (wasIn && stay.phase === "out") left(id);
      wasIn = stay.phase === "in";
    });
    this.#rooms.set(id, room);
    return room;
  }

  keepToken(room: RoomId, { expires_in_ms, token }: RoomToken): void {
    this.#tokens.set(room, { token, until: this.#port.now() + expires_in_ms });
  }

  hear(event: RoomEvent): void {
    this.#rooms.get(event.body.room)?.hear(event);
  }

  async leave(id: RoomId): Promise<void> {
    try {
      await this.#rooms.get(id)?.leave();
    } catch {
      // Whoever leaves is out, whatever the server says; it finds out by itself.
    }
  }

  /** Forgets the room, unless somebody is in it. */
  forget(id: RoomId): void {
    this.#tokens.delete(id);
    if (this.#rooms.get(id)?.state.stay.phase === "out") this.#rooms.delete(id);
  }

  /** The session is over for good: nobody is in any room any more. */
  sessionOver(): void {
    this.#tokens.clear();
    for (const room of this.#rooms.values()) room.sessionOver();
  }

  #takeToken(id: RoomId): string | undefined {
    const kept = this.#tokens.get(id);
    this.#tokens.delete(id);
    return kept && this.#port.now() < kept.until ? kept.token : undefined;
  }
}
