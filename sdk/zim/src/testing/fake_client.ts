// A client without a server: a test says what it tells and what becomes of requests.
import type {
  Answered,
  Call,
  CallState,
  Client,
  ClientEvent,
  ClientEvents,
  ClientOptions,
  ClientState,
  Connection,
  DeviceAddress,
  Invited,
  Leg,
  LegStatus,
  Room,
  User,
} from "@offhook/client";
import { FakeRoom } from "./fake_room.js";

/** What was asked of a fake, in order. */
export type Asked = readonly [method: string, ...rest: unknown[]];

/** A call that a test moves. */
export class FakeCall implements Call {
  readonly id: string;
  state: CallState;

  constructor(
    private readonly client: FakeClient,
    state: Partial<CallState> & Pick<CallState, "alias" | "legs">,
  ) {
    this.state = {
      id: `id-of-${state.alias}`,
      seq: 1,
      mode: "general",
      media: "video",
      caller: "alice",
      inviter: "alice",
      extendedData: "",
      phase: "calling",
      timeoutMs: 90_000,
      isWaiting: false,
      isMissed: false,
      createdAt: 1000,
      ...state,
    };
    this.id = this.state.id;
  }

  subscribe(): () => void {
    return () => undefined;
  }
  accept = (options?: object) => this.#ask("accept", options);
  reject = (options?: object) => this.#ask("reject", options);
  ignore = () => this.#ask("ignore");
  acknowledge = () => this.#ask("acknowledge");
  cancel = (options?: object) => this.client.ask("cancel", [], this.state.alias, options);
  add = (invitees: readonly string[], options?: object) =>
    this.client.ask("add", [], this.state.alias, invitees, options);
  join = (options?: object) => this.#ask("join", options);
  quit = (options?: object) => this.#ask("quit", options);
  end = (options?: object) => this.#ask("end", options);
  hangUp = () => this.#ask("hangUp");
  read = () => Promise.resolve(this.state);
  room = (): Room => this.client.room(this.id);

  /** Changes legs; gives them as an event tells them. */
  set(...changed: (readonly [user: string, status: LegStatus, more?: Partial<Leg>])[]): Leg[] {
    const legs = changed.map(([user, status, more]): Leg => ({ user, status, data: "", ...more }));
    const others = this.state.legs.filter((leg) => !legs.some(({ user }) => user === leg.user));
    this.state = { ...this.state, seq: this.state.seq + 1, legs: [...others, ...legs] };
    return legs;
  }

  #ask(method: string, ...rest: unknown[]): Promise<void> {
    return this.client.ask(method, undefined, this.state.alias, ...rest);
  }
}

/** Legs: the first is in the call, the others ring. */
export function legs(caller: string, ...others: readonly string[]): Leg[] {
  return [
    { user: caller, status: "accepted", data: "" },
    ...others.map((user): Leg => ({ user, status: "inviting", data: "" })),
  ];
}

/** A client that a test moves. */
export class FakeClient implements Client {
  state: ClientState;
  readonly asked: Asked[] = [];
  readonly known: FakeCall[] = [];
  readonly past: FakeCall[] = [];
  readonly rooms = new Map<string, FakeRoom>();
  /** What becomes of a request; what is not named here succeeds. */
  readonly answers = new Map<string, (...rest: unknown[]) => unknown>();
  isClosed = false;
  readonly #listeners = new Set<(event: ClientEvent) => void>();

  constructor(readonly options: ClientOptions) {
    this.state = { connection: { state: "disconnected" }, device: "device-1", calls: [] };
  }

  /** Tells an event, as the machine would. */
  tell(event: ClientEvent): void {
    if (event.kind === "connection") this.state = { ...this.state, connection: event.connection };
    for (const listener of [...this.#listeners]) listener(event);
  }

  /** Tells where the connection stands. */
  connection(connection: Connection): void {
    this.tell({ kind: "connection", connection });
  }

  /** Comes online, with everything new. */
  online(resumed = false): void {
    this.connection({ state: "online", resumed, user: this.options.user ?? "" });
  }

  /** Knows a call. */
  add(state: ConstructorParameters<typeof FakeCall>[1]): FakeCall {
    const call = new FakeCall(this, state);
    this.known.push(call);
    return call;
  }

  async ask<Result>(method: string, usual: Result, ...rest: unknown[]): Promise<Result> {
    this.asked.push([method, ...rest]);
    const answer = this.answers.get(method);
    return (answer ? await answer(...rest) : usual) as Result;
  }

  subscribe(): () => void {
    return () => undefined;
  }
  on<Kind extends keyof ClientEvents>(kind: Kind, listener: (event: ClientEvents[Kind]) => void): () => void {
    const hear = (event: ClientEvent) => {
      if (kind === "event" || kind === event.kind) listener(event as ClientEvents[Kind]);
    };
    this.#listeners.add(hear);
    return () => this.#listeners.delete(hear);
  }
  connect(): void {
    this.asked.push(["connect"]);
  }
  disconnect(): void {
    this.asked.push(["disconnect"]);
  }
  logout = () => this.ask("logout", undefined);
  renewToken = (token: string) => this.ask("renewToken", 3_600_000, token);
  registerDevice = (addresses: readonly DeviceAddress[]) => this.ask("registerDevice", undefined, addresses);
  unregisterDevice = () => this.ask("unregisterDevice", undefined);
  pushKey = (resource?: string): Promise<string | undefined> => this.ask("pushKey", undefined, resource);
  resumeAnswered = ({ call }: Answered) => Promise.resolve(this.callById(call));
  invite = (invitees: readonly string[], options?: object) =>
    this.ask("invite", undefined as unknown as Invited, invitees, options);
  call(id: string): Call | undefined {
    return this.known.find((call) => call.id === id || call.state.alias === id);
  }
  callById(id: string): Call {
    const call = [...this.known, ...this.past].find((known) => known.id === id);
    if (!call) throw new Error(`no call ${id}`);
    return call;
  }
  history = (page?: object) => this.ask("history", { calls: this.past.map(({ state }) => state) }, page);
  users = (users: readonly string[]) =>
    this.ask("users", { users: users.map((user) => profile(user)), unknown: [] as string[] }, users);
  updateUser = (changes: object): Promise<User> =>
    this.ask("updateUser", { ...profile(this.options.user ?? ""), ...changes }, changes);
  room(id: string): FakeRoom {
    const room = this.rooms.get(id) ?? new FakeRoom(id, this.options.user ?? "");
    this.rooms.set(id, room);
    return room;
  }
  close(): void {
    this.isClosed = true;
  }
}

function profile(user: string): User {
  return { user, name: user.toUpperCase(), avatarUrl: "", extendedData: "" };
}
