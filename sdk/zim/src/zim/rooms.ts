// The few members about rooms, over Offhook's: messages go to who is in, attributes are kept by who is in.
import type { Client, Room, RoomMessage } from "@offhook/client";
import { parsed } from "../shared/parsed.js";
import { pause, platform } from "../shared/platform.js";
import { leave, roomOf, sit } from "../shared/seat.js";
import { RoomTable, type Entries } from "../shared/table.js";
import { badParameter, ZIMFailure } from "./failure.js";
import { COMMAND, NOT_IN_ROOM, NOT_SENT, ROOM, SET, TEXT } from "./numbers.js";
import type { ZIMCommandMessage, ZIMMessage, ZIMTextMessage } from "./types.js";
import type { Raise } from "./raise.js";

/** What begins a message of this façade and its table, so that no other reader of the room takes it for one of its own. */
const MESSAGE = "zim.message:";
const TABLE = "zim.attributes:";

/**
 * How long leaving takes at least. The reference's call kit forgets its call when `leaveRoom` resolves, and ends it only
 * after having asked for that: resolving at once would lose the end.
 */
const LEAVE_MS = 100;

interface Entered {
  readonly room: Room;
  readonly table: RoomTable;
  readonly stop: () => void;
}

/** The rooms of one login. */
export class ZimRooms {
  readonly #entered = new Map<string, Entered>();
  #messages = 0;

  constructor(
    private readonly client: Client,
    private readonly me: string,
    private readonly raise: Raise,
  ) {}

  async enter(id: string): Promise<void> {
    if (this.#entered.has(id)) return;
    const room = await roomOf(this.client, id);
    await sit(room, { subscribeAll: false });
    const table = new RoomTable(room, TABLE, (entries) => this.#attributes(id, entries));
    const stop = room.on("message", (message) => this.#hear(id, table, message));
    this.#entered.set(id, { room, table, stop });
    await table.ask();
  }

  async leave(id: string): Promise<void> {
    const pausing = pause(LEAVE_MS);
    const entered = this.#entered.get(id);
    if (entered) {
      this.#entered.delete(id);
      entered.stop();
      await leave(entered.room);
    }
    await pausing;
  }

  /** Forgets all rooms, because the session is over. */
  close(): void {
    for (const { room, stop } of this.#entered.values()) {
      stop();
      leave(room).catch(() => undefined);
    }
    this.#entered.clear();
  }

  async send(message: ZIMMessage, id: string): Promise<ZIMMessage> {
    const { room } = this.#in(id, NOT_SENT);
    const written = toWritten(message);
    if (written === undefined) throw badParameter("message");
    await room.send(MESSAGE + JSON.stringify(written), { kind: "command" });
    this.#messages += 1;
    return { ...message, ...this.#envelope(id, this.me, `${this.me}-${this.#messages}`, 0), sentStatus: 1 };
  }

  async setAttributes(attributes: Readonly<Record<string, string>>, id: string): Promise<void> {
    const { table } = this.#in(id, NOT_IN_ROOM);
    await table.set(attributes, this.me, platform().wallClock());
  }

  attributes(id: string): Record<string, string> {
    return valuesOf(this.#in(id, NOT_IN_ROOM).table.entries);
  }

  #in(id: string, code: typeof NOT_IN_ROOM | typeof NOT_SENT): Entered {
    const entered = this.#entered.get(id);
    if (entered) return entered;
    throw new ZIMFailure(code, "the user is not in the room");
  }

  #attributes(roomID: string, entries: Entries): void {
    this.raise("roomAttributesUpdated", { roomID, infos: [{ action: SET, roomAttributes: valuesOf(entries) }] });
  }

  #hear(id: string, table: RoomTable, { from, data }: RoomMessage): void {
    if (table.hear(from, data) || !data.startsWith(MESSAGE)) return;
    const message = read(data.slice(MESSAGE.length));
    if (!message) return;
    this.#messages += 1;
    const received = { ...message, ...this.#envelope(id, from, `${from}-${this.#messages}`, 1) };
    const told = { messageList: [received], fromConversationID: id };
    this.raise("receiveRoomMessage", told);
    this.raise("roomMessageReceived", { ...told, info: { isOfflineMessage: false } });
  }

  #envelope(conversationID: string, senderUserID: string, messageID: string, direction: 0 | 1) {
    const timestamp = platform().wallClock();
    return {
      conversationID,
      conversationType: ROOM,
      senderUserID,
      messageID,
      direction,
      timestamp,
      orderKey: timestamp,
    };
  }
}

function valuesOf(entries: Entries): Record<string, string> {
  return Object.fromEntries([...entries].map(([key, { value }]) => [key, value]));
}

/** A message as it travels: its type, its text or bytes, and what it bears beside. */
type Written = readonly [type: number, body: string | readonly number[], extendedData: string];

function toWritten(message: ZIMMessage): Written | undefined {
  const { type, message: body, extendedData = "" } = message as ZIMCommandMessage | ZIMTextMessage;
  if (type === TEXT) return typeof body === "string" && body !== "" ? [type, body, extendedData] : undefined;
  return (type as number) === COMMAND && body.length > 0 ? [type, [...body], extendedData] : undefined;
}

/** Reads what another wrote, who may have written anything. */
function read(text: string): ZIMCommandMessage | ZIMTextMessage | undefined {
  const written = parsed(text);
  if (!Array.isArray(written)) return undefined;
  const [type, body, extendedData] = written as unknown[];
  if (typeof extendedData !== "string") return undefined;
  if (type === TEXT && typeof body === "string") return { type, message: body, extendedData };
  if (type === COMMAND && Array.isArray(body)) {
    return { type, message: Uint8Array.from(body as number[]), extendedData };
  }
  return undefined;
}
