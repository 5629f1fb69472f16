// A world for tests of the client: its clock stands still until told, its sockets lead to whoever writes the test.
import type { ClientEvent } from "../api/events.js";
import type { ClientOptions, SocketLike } from "../api/client.js";
import { OffhookClient } from "../client.js";
import type { Room, RoomState } from "../api/room.js";
import type { CallView, LegView, RoomEvent } from "../generated/frames.js";
import type { DrivenRoom, RoomPort } from "../room/port.js";
import type { Surroundings } from "../surroundings.js";

export type Frame = Readonly<Record<string, unknown>> & { readonly type: string };

/** A socket whose other end is the test. */
export class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: ((close: { code?: number }) => void) | null = null;
  onerror: (() => void) | null = null;
  /** What the client has written and the test has not looked at yet. */
  #written: Frame[] = [];
  isClosed = false;

  constructor(readonly url: string) {}

  send(text: string): void {
    this.#written.push(JSON.parse(text) as Frame);
  }

  close(): void {
    this.isClosed = true;
  }

  /** What the client has written since the last time. */
  written(): Frame[] {
    return this.#written.splice(0);
  }

  /** The types of what the client has written since the last time. */
  types(): string[] {
    return this.written().map(({ type }) => type);
  }

  receive(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** Ends as a network does. */
  drop(code?: number): void {
    this.onclose?.(code === undefined ? {} : { code });
  }
}

/** A room that only remembers what it was told. */
export class FakeRoom {
  readonly heard: RoomEvent[] = [];
  isOver = false;
  hasLeft = false;
  #listener: ((state: RoomState) => void) | null = null;
  state = { stay: { phase: "out" } } as unknown as RoomState;

  constructor(readonly port: RoomPort) {}

  get id(): string {
    return this.port.id;
  }

  hear(event: RoomEvent): void {
    this.heard.push(event);
  }

  sessionOver(): void {
    this.isOver = true;
  }

  subscribe(listener: (state: RoomState) => void): () => void {
    this.#listener = listener;
    return () => (this.#listener = null);
  }

  leave(): Promise<void> {
    this.hasLeft = true;
    return Promise.resolve();
  }

  /** Goes in or out. */
  be(phase: "in" | "out"): void {
    this.state = { stay: phase === "in" ? { phase, isConnected: true } : { phase } } as unknown as RoomState;
    this.#listener?.(this.state);
  }
}

/** Time, sockets and chance, in the hands of a test. */
export class FakeWorld {
  now = 1_000;
  readonly sockets: FakeSocket[] = [];
  readonly rooms: FakeRoom[] = [];
  /** What a page does when its user comes back to it. */
  awake: () => void = () => undefined;
  #ids = 0;
  #timers: { at: number; act: () => void }[] = [];

  readonly surroundings: Partial<Surroundings> = {
    now: () => this.now,
    after: (ms, act) => {
      const timer = { at: this.now + ms, act };
      this.#timers.push(timer);
      return () => (this.#timers = this.#timers.filter((other) => other !== timer));
    },
    random: () => 0.5,
    newId: () => `id-${++this.#ids}`,
    openSocket: (url) => {
      const socket = new FakeSocket(url);
      this.sockets.push(socket);
      return socket;
    },
    device: { id: "laptop-1", claim: () => Promise.resolve("laptop-1"), release: () => undefined },
    onAwake: (act) => {
      this.awake = act;
      return () => (this.awake = () => undefined);
    },
    createRoom: (port) => {
      const room = new FakeRoom(port);
      this.rooms.push(room);
      return room as unknown as DrivenRoom & Room;
    },
  };

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("no socket has been opened");
    return socket;
  }

  /** Lets time pass; what is due happens at its time. */
  async advance(ms: number): Promise<void> {
    const until = this.now + ms;
    await settled();
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= until).sort((one, other) => one.at - other.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.now = Math.max(this.now, next.at);
      next.act();
      await settled();
    }
    this.now = until;
  }

  /** Jumps, as a clock that goes on while the device sleeps: what was due is late. */
  async sleep(ms: number): Promise<void> {
    this.now += ms;
    await this.advance(0);
  }
}

/** Lets everything that was promised be kept. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await Promise.resolve();
}

/** A client of bob's in a fake world, and what it tells. */
export class Stage {
  readonly world = new FakeWorld();
  readonly client: OffhookClient;
  readonly events: ClientEvent[] = [];

  constructor(options: Partial<ClientOptions> = {}, around: Partial<Surroundings> = {}) {
    this.client = new OffhookClient(
      { url: "https://calls.example", getToken: () => Promise.resolve("token-1"), ...options },
      { ...this.world.surroundings, ...around },
    );
    this.client.on("event", (event) => this.events.push(event));
  }

  /** The kinds of what was told since the last time. */
  told(): string[] {
    return this.events.splice(0).map((event) => {
      if (event.kind === "connection") return event.connection.state;
      return event.kind === "ring_stopped" ? `${event.kind} ${event.reason}` : event.kind;
    });
  }

  /** Connects, and is welcomed with these calls. */
  async online(calls: readonly CallView[] = []): Promise<FakeSocket> {
    this.client.connect();
    await settled();
    return this.welcome({ snapshot: { calls } });
  }

  /** Opens the present socket, and is welcomed. */
  async welcome(more: object = { snapshot: { calls: [] } }): Promise<FakeSocket> {
    const { socket } = this.world;
    socket.onopen?.();
    socket.receive(welcome(more));
    await settled();
    socket.written();
    this.told();
    return socket;
  }

  /** Is welcomed on a socket that opens whenever there is one, and keeps what the client writes after that. */
  async welcomeAgain(): Promise<void> {
    while (this.client.state.connection.state === "backoff") await this.world.advance(1_000);
    const { socket } = this.world;
    socket.onopen?.();
    socket.written();
    await this.hear(welcome());
  }

  /** Takes a frame of the server, and lets everything follow. */
  async hear(frame: object): Promise<void> {
    this.world.socket.receive(frame);
    await settled();
  }
}

export function welcome(more: object = {}): object {
  const limits = { frame_bytes: 65_536, request_burst: 40, requests_per_s: 20 };
  const body = { epoch: 1, heartbeat_ms: 10_000, limits, lost_after_ms: 30_000, offset: 0 };
  return { type: "welcome", body: { ...body, token_expires_in_ms: 3_600_000, user: "bob", ...more } };
}

export const CALL = "019aa2f4-7c00-7a3b-9c4d-1e2f3a4b5c6d";
export const CALL_2 = "019aa2f4-8c00-7a3b-9c4d-1e2f3a4b5c6e";

/** A call as the server shows it: from alice to bob, ringing. */
export function view(more: Partial<CallView> = {}): CallView {
  return {
    age_ms: 0,
    alias: "1846023554563377723",
    call: CALL,
    caller: "alice",
    created_at: 1_763_700_000_000,
    inviter: "alice",
    legs: legs("alice accepted", "bob inviting"),
    media: "video",
    mode: "advanced",
    remaining_ms: 30_000,
    seq: 1,
    status: "started",
    timeout_ms: 30_000,
    ...more,
  };
}

/** Legs, each written as "user status". */
export function legs(...written: string[]): LegView[] {
  return written.map((leg) => {
    const [user = "", status = ""] = leg.split(" ");
    return { user, status };
  });
}

/** An event of the log. */
export function event(type: string, offset: number, body: object): object {
  return { type, offset, body };
}

/** A call that bob places. */
export const placed = (more: Partial<CallView> = {}) =>
  view({ caller: "bob", inviter: "bob", legs: legs("bob accepted", "alice inviting"), ...more });

export const problem = (id: number, code: string, call?: CallView) => ({
  type: "problem",
  id,
  body: { code, message: "no", retryable: false, zim_code: 1, ...(call !== undefined && { call }) },
});

export const replyCall = (id: number, call?: CallView, more: object = {}) => ({
  type: "reply.call",
  id,
  body: { call, ...more },
});

/** Bob has placed a call, which is known by its event and its reply. */
export async function calling(stage: Stage, more: Partial<CallView> = {}) {
  await stage.online();
  const invited = stage.client.invite(["alice"], { mode: more.mode ?? "advanced" });
  await stage.hear(event("call.created", 1, placed(more)));
  await stage.hear({ type: "reply.invited", id: 1, body: { call: placed(more) } });
  const { call } = await invited;
  stage.world.socket.written();
  stage.told();
  return call;
}
