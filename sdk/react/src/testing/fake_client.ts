// A client whose world is what the test says: calls ring, change and end by a method's call.
import type {
  Answered,
  Call,
  CallId,
  CallPage,
  CallState,
  Client,
  ClientEvent,
  ClientEvents,
  ClientState,
  Connection,
  DeviceAddress,
  InviteOptions,
  Invited,
  LeftOut,
  Leg,
  OffhookError,
  User,
  UserId,
} from "@offhook/client";
import { Store } from "../store.js";
import { FakeRoom } from "./fake_room.js";

export const ME = "alice";
/** When calls of tests were created, on the server's clock. */
export const CREATED_AT = Date.UTC(2026, 4, 13, 9, 29);

/** A party, with as little as a test says of it. */
export function leg(user: UserId, status: Leg["status"] = "inviting", rest: Partial<Leg> = {}): Leg {
  return { user, status, data: "", ...rest };
}

/** A call that this user has placed to bob and that rings there, unless the test says otherwise. */
export function callState(changes: Partial<CallState> = {}): CallState {
  return {
    id: "call-1",
    alias: "1",
    seq: 1,
    mode: "advanced",
    media: "video",
    caller: ME,
    inviter: changes.caller ?? ME,
    extendedData: "",
    legs: [leg(ME, "accepted"), leg("bob", "received")],
    phase: "calling",
    timeoutMs: 60_000,
    isWaiting: false,
    isMissed: false,
    createdAt: CREATED_AT,
    ...changes,
  };
}

/** A call that rings here. */
export function ringing(changes: Partial<CallState> = {}): CallState {
  const caller = changes.caller ?? "bob";
  return callState({
    caller,
    phase: "ringing",
    ringUntil: 60_000,
    legs: [leg(caller, "accepted"), leg(ME, "received")],
    ...changes,
  });
}

/** A call of two that goes on. */
export function active(changes: Partial<CallState> = {}): CallState {
  const legs = [leg(ME, "accepted"), leg("bob", "accepted", { acceptedAt: CREATED_AT })];
  return callState({ phase: "active", activeSince: 0, legs, ...changes });
}

export class FakeCall implements Call {
  readonly room_: FakeRoom;
  readonly #store: Store<CallState>;
  readonly #client: FakeClient;

  constructor(client: FakeClient, state: CallState) {
    this.#client = client;
    this.#store = new Store(state);
    this.room_ = new FakeRoom(state.id);
  }

  get id(): CallId {
    return this.state.id;
  }

  get state(): CallState {
    return this.#store.state;
  }

  put(state: CallState): void {
    this.#store.set(state);
  }

  subscribe(listener: (state: CallState) => void): () => void {
    return this.#store.subscribe(() => listener(this.state));
  }

  accept(): Promise<void> {
    return this.#ask("accept", { phase: "active", activeSince: this.#client.now(), ringStopped: "answered_here" });
  }

  reject(options?: { reason?: "busy" | "declined" }): Promise<void> {
    return this.#ask(`reject ${options?.reason ?? "declined"}`, { phase: "over", ringStopped: "declined_here" });
  }

  ignore(): Promise<void> {
    return this.#ask("ignore", { phase: "silenced", ringStopped: "ignored" });
  }

  acknowledge(): Promise<void> {
    return this.#ask("acknowledge");
  }

  async cancel(options?: { invitees?: readonly UserId[] }): Promise<readonly LeftOut[]> {
    const back = options?.invitees ?? [];
    await this.#ask(`cancel ${back.join(" ")}`.trim(), {
      legs: this.state.legs.map((each) => (back.includes(each.user) ? { ...each, status: "be_canceled" } : each)),
    });
    return [];
  }

  async add(invitees: readonly UserId[]): Promise<readonly LeftOut[]> {
    const rest = this.state.legs.filter((each) => !invitees.includes(each.user));
    await this.#ask(`add ${invitees.join(" ")}`, { legs: [...rest, ...invitees.map((user) => leg(user))] });
    return this.#client.leftOut;
  }

  join(): Promise<void> {
    return this.#ask("join", { phase: "active", activeSince: this.#client.now() });
  }

  quit(): Promise<void> {
    return this.#ask("quit", { phase: "over" });
  }

  end(): Promise<void> {
    return this.#ask("end", { phase: "over", end: { at: this.state.createdAt + 60_000, by: ME, cause: "ended" } });
  }

  hangUp(): Promise<void> {
    const cause = this.state.phase === "calling" ? "canceled" : "ended";
    return this.#ask("hangUp", { phase: "over", end: { at: this.state.createdAt + 60_000, by: ME, cause } });
  }

  async read(): Promise<CallState> {
    this.#client.read.push(this.id);
    const truth = this.#client.truth.get(this.id);
    if (truth) this.#client.change(this.id, truth);
    return Promise.resolve(this.state);
  }

  room(): FakeRoom {
    return this.room_;
  }

  #ask(what: string, changes: Partial<CallState> = {}): Promise<void> {
    this.#client.asked.push(`${this.id} ${what}`);
    if (this.#client.refusal) return Promise.reject(this.#client.refusal);
    this.#client.change(this.id, changes);
    return Promise.resolve();
  }
}

export class FakeClient implements Client {
  /** What was asked of calls and of the client, in order. */
  readonly asked: string[] = [];
  /** Whom the client was asked about, request by request. */
  readonly askedAbout: string[] = [];
  /** Calls that were read, read by read. */
  readonly read: CallId[] = [];
  /** What the server knows of a call, for who reads it. */
  readonly truth = new Map<CallId, Partial<CallState>>();
  /** What everything that is asked fails with. */
  refusal: OffhookError | undefined;
  /** How the last invite was asked for. */
  invited: InviteOptions = {};
  /** Who cannot be invited. */
  leftOut: readonly LeftOut[] = [];
  /** What {@link Client.users} knows. */
  known: readonly User[] = [];
  past: readonly CallState[] = [];
  now: () => number = () => 0;
  /** Made before an invite resolves; a test sets it to hold the invite back. */
  beforeInvited: () => Promise<void> = () => Promise.resolve();
  readonly #store: Store<ClientState>;
  readonly #calls = new Map<CallId, FakeCall>();
  readonly #listeners = new Map<string, Set<(event: unknown) => void>>();
  /** Called with each new call's room. */
  onRoom: (room: FakeRoom) => void = () => undefined;

  constructor(user: UserId = ME) {
    this.#store = new Store<ClientState>({
      connection: { state: "online", resumed: false, user },
      user,
      device: "device-1",
      calls: [],
    });
  }

  get state(): ClientState {
    return this.#store.state;
  }

  subscribe(listener: () => void): () => void {
    return this.#store.subscribe(listener);
  }

  on<Kind extends keyof ClientEvents>(kind: Kind, listener: (event: ClientEvents[Kind]) => void): () => void {
    const all = this.#listeners.get(kind) ?? new Set();
    const own = listener as (event: unknown) => void;
    this.#listeners.set(kind, all.add(own));
    return () => all.delete(own);
  }

  tell(event: ClientEvent): void {
    for (const listener of this.#listeners.get(event.kind) ?? []) listener(event);
  }

  /** A call that the client now knows. */
  put(state: CallState): FakeCall {
    const call = this.#calls.get(state.id) ?? new FakeCall(this, state);
    if (!this.#calls.has(state.id)) this.onRoom(call.room_);
    this.#calls.set(state.id, call);
    call.put(state);
    this.#publish();
    return call;
  }

  change(id: CallId, changes: Partial<CallState>): void {
    const call = this.#calls.get(id);
    if (call) this.put({ ...call.state, seq: call.state.seq + 1, ...changes });
  }

  /** Parties change, and it is told. */
  changeLegs(id: CallId, ...changed: readonly Leg[]): void {
    const call = this.#calls.get(id);
    if (!call) return;
    const legs = call.state.legs.map((each) => changed.find(({ user }) => user === each.user) ?? each);
    this.change(id, { legs });
    this.tell({ kind: "call_changed", call, changed });
  }

  forget(id: CallId): void {
    this.#calls.delete(id);
    this.#publish();
  }

  connection(connection: Connection): void {
    this.#store.set({ ...this.state, connection });
  }

  connect(): void {
    this.asked.push("connect");
  }

  disconnect(): void {
    this.asked.push("disconnect");
  }

  logout(): Promise<void> {
    return Promise.resolve();
  }

  renewToken(): Promise<number> {
    return Promise.resolve(3_600_000);
  }

  registerDevice(addresses: readonly DeviceAddress[]): Promise<void> {
    this.asked.push(`registerDevice ${addresses.map(({ provider }) => provider).join(" ")}`);
    return Promise.resolve();
  }

  unregisterDevice(): Promise<void> {
    this.asked.push("unregisterDevice");
    return Promise.resolve();
  }

  pushKey(): Promise<string | undefined> {
    return Promise.resolve(undefined);
  }

  resumeAnswered({ call }: Answered): Promise<FakeCall> {
    return Promise.resolve(this.callById(call));
  }

  async invite(invitees: readonly UserId[], options: InviteOptions = {}): Promise<Invited> {
    this.asked.push(`invite ${invitees.join(" ")} ${options.media ?? "video"}`);
    this.invited = options;
    await this.beforeInvited();
    if (this.refusal) throw this.refusal;
    const legs = [leg(ME, "accepted"), ...invitees.map((user) => leg(user))];
    const id = `call-${this.#calls.size + 1}`;
    const call = this.put(
      callState({
        id,
        legs,
        media: options.media ?? "video",
        mode: options.mode ?? "advanced",
        timeoutMs: (options.timeoutS ?? 90) * 1_000,
      }),
    );
    return { call, leftOut: this.leftOut, merged: false };
  }

  call(id: CallId): FakeCall | undefined {
    return this.#calls.get(id);
  }

  callById(id: CallId): FakeCall {
    return this.#calls.get(id) ?? this.put(callState({ id, phase: "elsewhere" }));
  }

  history(): Promise<CallPage> {
    if (this.refusal) return Promise.reject(this.refusal);
    return Promise.resolve({ calls: this.past });
  }

  users(users: readonly UserId[]): Promise<{ users: readonly User[]; unknown: readonly UserId[] }> {
    this.askedAbout.push(users.join(" "));
    const found = this.known.filter(({ user }) => users.includes(user));
    return Promise.resolve({
      users: found,
      unknown: users.filter((user) => !found.some((each) => each.user === user)),
    });
  }

  updateUser(): Promise<User> {
    return Promise.resolve({ user: ME, name: "", avatarUrl: "", extendedData: "" });
  }

  room(id: string): FakeRoom {
    return new FakeRoom(id);
  }

  close(): void {
    this.asked.push("close");
  }

  #publish(): void {
    const calls = [...this.#calls.values()].map((call) => call.state).reverse();
    this.#store.set({ ...this.state, calls });
  }
}
