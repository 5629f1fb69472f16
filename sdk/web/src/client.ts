// The client: holds the driver, the calls and the rooms together, and tells what happens.
import type { Call } from "./api/call.js";
import type {
  CallPage,
  Client,
  ClientOptions,
  ClientState,
  Connection,
  Invited,
  InviteOptions,
  User,
} from "./api/client.js";
import type { ClientEvent, ClientEvents } from "./api/events.js";
import type { Answered } from "./api/push.js";
import type { Room } from "./api/room.js";
// The machine before everything else: a bundler puts side by side what is imported side by side, and that compresses better.
import { drive } from "./driver.js";
import type { Driver } from "./driver.js";
import { Asking, unreadable } from "./asking.js";
import { CallBook } from "./call_book.js";
import { OffhookCall } from "./call.js";
import type { CallPort } from "./call.js";
import { legState } from "./call_state.js";
import type { CallId, CallReply, CallView, DeviceAddress, RoomToken, UserId, UserView } from "./generated/frames.js";
import { given } from "./given.js";
import { invite } from "./invite.js";
import type { InvitePort } from "./invite.js";
import { Listeners } from "./listeners.js";
import type { ConnectionState, Input, MachineEvent, Output } from "./machine/port.js";
import { configOf } from "./machine/port.js";
import type { State } from "./machine/state.js";
import { keep } from "./room/roster.js";
import { RoomBook } from "./room_book.js";
import type { RoomBookPort } from "./room_book.js";
import { surroundingsOf } from "./surroundings.js";
import type { Surroundings } from "./surroundings.js";
import { withoutSecrets } from "./trace.js";

/**
 * One session of one device.
 *
 * ```ts
 * const client = new OffhookClient({ url: "https://calls.example", getToken: () => fetchToken() });
 * client.on("incoming", ({ call }) => showDialog(call));
 * client.connect();
 * ```
 */
export class OffhookClient implements Client {
  readonly #around: Surroundings;
  readonly #driver: Driver;
  readonly #asking: Asking;
  readonly #book: CallBook;
  readonly #rooms: RoomBook;
  readonly #port: CallPort & InvitePort & RoomBookPort;
  readonly #calls = new Map<CallId, OffhookCall>();
  readonly #subscribers = new Listeners<void>();
  readonly #listeners = new Map<keyof ClientEvents, Listeners<never>>();
  #state: ClientState;
  #stopWatching: (() => void) | null = null;

  /** @param surroundings in place of what the browser has; for tests and other homes */
  constructor(options: ClientOptions, surroundings: Partial<Surroundings> = {}) {
    const around = surroundingsOf(options, surroundings);
    const { app, acknowledge, getToken, name, platform = "web", requestTimeoutMs, user } = options;
    const { device } = around;
    this.#around = around;
    this.#state = given({ connection: { state: "disconnected" }, user, device: device.id, calls: [] } as const);
    const asked = given({ app, user, acknowledge, name, requestTimeoutMs });
    const config = { ...configOf(device.id, platform), ...asked };
    this.#driver = drive({ config, getToken, url: socketUrl(options.url) }, around, {
      moved: (state, outputs) => this.#moved(state, outputs),
      event: (event) => this.#heard(event),
      resolved: (handle, result) => this.#asking.resolved(handle, result),
      done: (input) => this.#done(input),
      trace: (direction, text) => this.#trace(direction, text),
    });
    this.#asking = new Asking(
      (handle, request) => this.#driver.feed({ kind: "request", handle, request }),
      (view) => this.#learn(view),
    );
    this.#book = new CallBook({ device: device.id, user }, around.now, (call) => this.#forget(call));
    const port = {
      ...around,
      me: () => this.#state.user,
      ask: this.#asking.ask,
      book: this.#book,
      openConnection: options.openConnection,
      callOf: (call: CallId) => this.callById(call),
      learn: (view: CallView) => this.#learn(view),
      entered: (reply: CallReply) => this.#entered(reply),
      left: (call: CallId) => this.#left(call),
    };
    this.#rooms = new RoomBook(port);
    this.#port = { ...port, rooms: this.#rooms };
  }

  get state(): ClientState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    return this.#subscribers.add(listener);
  }

  on<Kind extends keyof ClientEvents>(kind: Kind, listener: (event: ClientEvents[Kind]) => void): () => void {
    return this.#listenersOf(kind).add(listener);
  }

  connect(): void {
    this.#stopWatching ??= this.#around.onAwake(() => this.#driver.feed({ kind: "awake" }));
    this.#driver.feed({ kind: "connect" });
  }

  disconnect(): void {
    this.#driver.feed({ kind: "disconnect" });
  }

  async logout(): Promise<void> {
    await this.#asking.ask({ type: "session.logout" });
  }

  async renewToken(token: string): Promise<number> {
    if (this.#state.connection.state !== "online") {
      this.#driver.feed({ kind: "token", token });
      // Whatever is asked waits for the session that the token opens.
      await this.history({ limit: 1 });
      return (this.#driver.state().token.expires ?? 0) - this.#around.now();
    }
    const { expires_in_ms } = await this.#asking.ask({ type: "session.renew_token", body: { token } });
    return expires_in_ms;
  }

  async registerDevice(addresses: readonly DeviceAddress[]): Promise<void> {
    await this.#asking.ask({ type: "device.register", body: { addresses: [...addresses] } });
  }

  async unregisterDevice(): Promise<void> {
    await this.#asking.ask({ type: "device.unregister" });
  }

  async pushKey(resource?: string): Promise<string | undefined> {
    return (await this.#asking.ask({ type: "device.push_key", body: given({ resource }) })).key;
  }

  async resumeAnswered({ at, call: id, kind, room, view }: Answered): Promise<Call> {
    const call = this.callById(id);
    if (kind === "accepting") await call.accept();
    else await call.read();
    if (kind !== "accepted") return call;
    // What the worker was told of the call is older than what has been read: it counts where nothing could be.
    this.#entered(given({ call: view, room: room && stillGood(room, Date.now() - at) }));
    return call;
  }

  async invite(invitees: readonly UserId[], options: InviteOptions = {}): Promise<Invited> {
    return invite(this.#port, options.key ?? this.#around.newId(), invitees, options);
  }

  call(id: CallId): Call | undefined {
    const call = this.#book.find(id);
    return call === undefined ? undefined : this.callById(call);
  }

  callById(id: CallId): Call {
    const known = this.#calls.get(id);
    if (known) return known;
    const call = new OffhookCall(id, this.#port);
    this.#calls.set(id, call);
    return call;
  }

  async history(page: { limit?: number; cursor?: string } = {}): Promise<CallPage> {
    const { calls, next } = await this.#asking.ask({ type: "call.list", body: { limit: 20, ...page } });
    return given({ calls: calls.map((view) => this.#book.look(view)), next });
  }

  async users(users: readonly UserId[]): Promise<{ users: readonly User[]; unknown: readonly UserId[] }> {
    const reply = await this.#asking.ask({ type: "user.query", body: { users: [...users] } });
    return { users: reply.users.map(userOf), unknown: reply.unknown ?? [] };
  }

  async updateUser(changes: { name?: string; avatarUrl?: string; extendedData?: string }): Promise<User> {
    const { avatarUrl, extendedData, name } = changes;
    const body = given({ avatar_url: avatarUrl, extended_data: extendedData, name });
    const { users } = await this.#asking.ask({ type: "user.update", body });
    const [user] = users;
    if (!user) throw unreadable();
    return userOf(user);
  }

  room(id: string): Room {
    return this.#rooms.room(id);
  }

  close(): void {
    this.#driver.close();
    this.#rooms.sessionOver();
    this.#stopWatching?.();
    this.#around.device.release();
  }

  /** The machine has taken an input: everything is brought up to date before anybody hears of anything. */
  #moved(state: State, outputs: readonly Output[]): void {
    let { connection, user } = this.#state;
    for (const output of outputs) {
      if (output.kind !== "event" || output.event.kind !== "connection") continue;
      connection = connectionOf(output.event.connection, this.#around.now());
      if (connection.state === "online") ({ user } = connection);
    }
    const { id: device } = this.#around.device;
    const isStranger = this.#state.user !== undefined && user !== this.#state.user;
    this.#book.sync({ device, user }, state.calls, outputs);
    if (isStranger) this.#rooms.sessionOver();
    this.#publish(given({ connection, device, user }));
  }

  /** Makes a new state, if anything of it is new, and tells those who follow calls or the client. */
  #publish(changes: Partial<ClientState> = {}): void {
    const tellOfCalls = this.#book.settle();
    const before = this.#state;
    this.#state = keep(before, { ...before, ...changes, calls: this.#book.list });
    const isNew = this.#state !== before;
    tellOfCalls?.();
    if (isNew) this.#subscribers.tell();
  }

  /** Tells the app in its own words: calls are objects, legs and times are named as everywhere. */
  #heard(event: MachineEvent): void {
    if (event.kind === "room") this.#rooms.hear(event.event);
    if (event.kind !== "connection") {
      const call = "call" in event ? { call: this.callById(event.call) } : {};
      const changed = "changed" in event ? { changed: event.changed.map(legState) } : {};
      // The kinds of the machine are those of the client, and differ in these two fields alone.
      this.#tell({ ...event, ...call, ...changed } as ClientEvent);
      return;
    }
    if (event.connection.state === "stopped") this.#rooms.sessionOver();
    this.#tell({ kind: event.kind, connection: this.#state.connection });
  }

  #done(input: Input): void {
    if (input.kind !== "frame" || this.#state.connection.state !== "online") return;
    const { frame } = input;
    if (frame.type === "token_will_expire")
      this.#tell({ kind: "token_will_expire", remainingMs: frame.body.remaining_ms });
    if (frame.type === "reply.token") this.#tell({ kind: "token_renewed", expiresInMs: frame.body.expires_in_ms });
  }

  #tell(event: ClientEvent): void {
    (this.#listenersOf(event.kind) as Listeners<ClientEvent>).tell(event);
    this.#listenersOf("event").tell(event);
  }

  #listenersOf<Kind extends keyof ClientEvents>(kind: Kind): Listeners<ClientEvents[Kind]> {
    const known = this.#listeners.get(kind) ?? new Listeners<never>();
    this.#listeners.set(kind, known);
    return known as unknown as Listeners<ClientEvents[Kind]>;
  }

  #trace(direction: "in" | "note" | "out", text: unknown): void {
    const listeners = this.#listenersOf("trace");
    if (listeners.isEmpty) return;
    listeners.tell({ direction, at: this.#around.now(), frame: withoutSecrets(text) });
  }

  #learn(view: CallView) {
    this.#book.learn(view);
    this.#publish();
    return this.#book.look(view);
  }

  #entered({ call, room }: Pick<CallReply, "call" | "room">): void {
    if (!call) return;
    if (room) this.#rooms.keepToken(call.call, room);
    this.#book.entered(call);
    this.#publish();
  }

  #left(call: CallId): void {
    this.#book.left(call);
    this.#publish();
  }

  #forget(call: CallId): void {
    this.#calls.delete(call);
    this.#rooms.forget(call);
  }
}

/** A room token after a while: it is on a page that was opened after the answer. */
function stillGood({ expires_in_ms, token }: RoomToken, since: number): RoomToken {
  return { token, expires_in_ms: Math.max(0, expires_in_ms - Math.max(0, since)) };
}

function connectionOf(connection: ConnectionState, now: number): Connection {
  return connection.state === "backoff" ? { state: "backoff", retryAt: now + connection.retry_in_ms } : connection;
}

function userOf({ avatar_url = "", extended_data = "", name = "", user }: UserView): User {
  return { user, name, avatarUrl: avatar_url, extendedData: extended_data };
}

/** React Native's URL cannot be changed, so the text is. */
function socketUrl(url: string): string {
  const base = url.replace(/^http/i, "ws").replace(/\/+$/, "");
  return base.endsWith("/v1/ws") ? base : `${base}/v1/ws`;
}
