// One room of an engine, from its login to its end.
import type { ClientEvent, Room, RoomMessage, RoomState } from "@offhook/client";
import { given } from "../shared/given.js";
import { platform } from "../shared/platform.js";
import { leave, sit } from "../shared/seat.js";
import type { Session } from "../shared/session.js";
import { RoomTable, type Entries } from "../shared/table.js";
import { failureOf } from "./failure.js";
import { DISCONNECTED, INTERRUPTED, KICKED, LOGIN_FAILED, TAKEN_OVER } from "./numbers.js";
import { Playing } from "./playing.js";
import { Publishing } from "./publishing.js";
import { RoomNews, userOf } from "./room_news.js";
import type { RoomChange, ZegoRoomConfig, ZegoUser } from "./types.js";
import type { Emit } from "./emit.js";

/** What begins the messages of the table of a room's extra info; other readers of the room pass over them. */
const TABLE = "express.room:";
/** How other façades' messages in a room begin. */
const OTHERS = "zim.";

/** How often the number of people in the room is told, in milliseconds. */
const COUNT_MS = 30_000;

/** One room. */
export class RoomLogin {
  readonly playing: Playing;
  readonly publishing: Publishing;
  readonly table: RoomTable;
  readonly #news: RoomNews;
  readonly #stops: (() => void)[];
  #stopCounting: (() => void) | undefined;
  #phase: "away" | "entering" | "in" | "out" = "out";
  #messages = 0;

  /** Not entered yet: the app may be told of a room's streams while it is, and wants to play them at once. */
  constructor(
    readonly id: string,
    readonly user: ZegoUser,
    private readonly session: Session,
    readonly room: Room,
    private readonly config: ZegoRoomConfig,
    private readonly emit: Emit,
    private readonly over: () => void,
  ) {
    this.playing = new Playing(room, emit);
    this.publishing = new Publishing(room, emit);
    this.#news = new RoomNews(emit, id, config.userUpdate === true);
    this.table = new RoomTable(room, TABLE, (entries) => this.#extraInfo(entries));
    this.#stops = [
      room.subscribe((state) => this.#take(state)),
      room.on("message", (message) => this.#hear(message)),
      session.client.on("event", (event) => this.#event(event)),
    ];
  }

  /** Enters. */
  async begin(): Promise<void> {
    this.#tell("CONNECTING", "LOGINING");
    try {
      await this.#sit();
    } catch (error) {
      const failure = failureOf(error, LOGIN_FAILED);
      this.#phase = "out";
      this.#close();
      this.#tell("DISCONNECTED", "LOGIN_FAILED", failure.code);
      throw failure;
    }
    // Another façade may have been in already.
    this.#take(this.room.state);
    this.table.ask().catch(() => undefined);
  }

  /** Takes another role, if the new token gives one. */
  async enterAgain(): Promise<void> {
    await this.room.enter(this.#options());
  }

  /** Leaves. */
  async leave(): Promise<void> {
    this.#phase = "out";
    this.#close();
    this.#tell("DISCONNECTED", "LOGOUT");
    await leave(this.room);
    this.session.release();
  }

  #sit(): Promise<void> {
    this.#phase = "entering";
    return sit(this.room, this.#options());
  }

  #options() {
    return given({ subscribeAll: false, maxMembers: this.config.maxMemberCount || undefined });
  }

  #take(state: RoomState): void {
    const { stay } = state;
    if (this.#phase === "out") return;
    if (stay.phase === "in") {
      if (this.#phase === "entering" || this.#phase === "away") this.#arrive(this.#phase);
      this.#news.take(state);
      this.playing.take(state);
    } else if (this.#phase === "in") {
      if (stay.phase === "entering") this.#interrupted();
      else this.#putOut(stay.cause);
    } else if (this.#phase === "away" && stay.phase === "out") {
      this.#end("RECONNECT_FAILED", DISCONNECTED);
    }
  }

  #arrive(from: "away" | "entering"): void {
    this.#phase = "in";
    this.#tell("CONNECTED", from === "away" ? "RECONNECTED" : "LOGINED");
    if (from === "entering") this.#count();
  }

  #interrupted(): void {
    this.#phase = "away";
    this.#tell("CONNECTING", "RECONNECTING", INTERRUPTED);
  }

  #putOut(cause: string | undefined): void {
    if (cause === "taken_over") return this.#end("KICKOUT", TAKEN_OVER);
    if (cause === "kicked") return this.#end("KICKOUT", KICKED);
    if (cause === "ended" || cause === "left") return this.#end("LOGOUT", 0);
    this.#end("RECONNECT_FAILED", DISCONNECTED);
  }

  #end(change: RoomChange, code: number): void {
    this.#phase = "out";
    this.#close();
    leave(this.room).catch(() => undefined);
    this.session.release();
    this.over();
    this.#tell("DISCONNECTED", change, code);
  }

  #close(): void {
    for (const stop of this.#stops) stop();
    this.#stopCounting?.();
    this.playing.close();
    this.publishing.close();
  }

  /** The room says nothing of the session: it stays, and is read anew once the session is back. */
  #event(event: ClientEvent): void {
    if (event.kind === "token_will_expire") this.emit("tokenWillExpire", this.id);
    if (event.kind !== "connection") return;
    const { state } = event.connection;
    if (this.#phase === "in" && (state === "backoff" || state === "connecting")) this.#interrupted();
    if (this.#phase === "away" && state === "online" && this.room.state.stay.phase === "in")
      this.#take(this.room.state);
  }

  #hear({ data, from, kind }: RoomMessage): void {
    if (this.table.hear(from, data) || data.startsWith(OTHERS)) return;
    const fromUser = this.#userOf(from);
    if (kind === "command") return this.emit("IMRecvCustomCommand", this.id, fromUser, data);
    this.#messages += 1;
    const message = { fromUser, message: data, sendTime: platform().wallClock(), messageID: this.#messages };
    this.emit("IMRecvBroadcastMessage", this.id, [message]);
  }

  #extraInfo(entries: Entries): void {
    const list = [...entries].map(([key, { at, by, value }]) => {
      return { key, value, updateUser: this.#userOf(by), updateTime: at };
    });
    this.emit("roomExtraInfoUpdate", this.id, list);
  }

  #userOf(user: string): ZegoUser {
    const found = this.room.state.participants.find((other) => other.user === user);
    return userOf(found ?? { user, name: "" });
  }

  #count(): void {
    this.emit("roomOnlineUserCountUpdate", this.id, this.room.state.participants.length);
    this.#stopCounting = platform().later(() => this.#count(), COUNT_MS);
  }

  #tell(state: "CONNECTED" | "CONNECTING" | "DISCONNECTED", change: RoomChange, code = 0): void {
    this.emit("roomStateUpdate", this.id, state, code, "");
    this.emit("roomStateChanged", this.id, change, code, "");
  }
}
