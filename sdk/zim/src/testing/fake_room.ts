// A room without a server: a test says who is in it and what they send.
import type {
  EnterOptions,
  MessageKind,
  Participant,
  RemoteStream,
  Room,
  RoomEvents,
  RoomMessage,
  RoomState,
  RoomStatistics,
  StreamToPublish,
} from "@offhook/client";
import type { Asked } from "./fake_client.js";

/** A room that a test moves. */
export class FakeRoom implements Room {
  state: RoomState;
  readonly asked: Asked[] = [];
  /** What becomes of a request; what is not named here succeeds. */
  readonly answers = new Map<string, (...rest: unknown[]) => unknown>();
  /** Who is there when this user enters. */
  others: Participant[] = [];
  counted: RoomStatistics = { tracks: [], path: "", rttMs: 0 };
  readonly #states = new Set<(state: RoomState) => void>();
  readonly #messages = new Set<(message: RoomMessage) => void>();

  constructor(
    readonly id: string,
    private readonly me: string,
  ) {
    this.state = { id, stay: { phase: "out" }, participants: [], downlinkBps: 0, rttMs: 0 };
  }

  /** Makes it another state. */
  become(change: Partial<RoomState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of [...this.#states]) listener(this.state);
  }

  /** Puts others into the room, as they now are. */
  people(...others: Participant[]): void {
    this.become({ participants: [someone(this.me, { isMe: true }), ...others] });
  }

  /** A message comes. */
  receive(from: string, data: string, kind: MessageKind = "command"): void {
    for (const listener of [...this.#messages]) listener({ from, kind, data });
  }

  subscribe(listener: (state: RoomState) => void): () => void {
    this.#states.add(listener);
    return () => this.#states.delete(listener);
  }
  on<Kind extends keyof RoomEvents>(kind: Kind, listener: (event: RoomEvents[Kind]) => void): () => void {
    const hear = listener as (message: RoomMessage) => void;
    if (kind === "message") this.#messages.add(hear);
    return () => this.#messages.delete(hear);
  }
  async enter(options?: EnterOptions): Promise<void> {
    this.become({ stay: { phase: "entering" } });
    try {
      await this.#ask("enter", options);
    } catch (error) {
      this.become({ stay: { phase: "out" } });
      throw error;
    }
    const participants = [someone(this.me, { isMe: true }), ...this.others];
    this.become({ stay: { phase: "in", isConnected: true }, role: "member", participants });
  }
  async leave(): Promise<void> {
    await this.#ask("leave");
    this.become({ stay: { phase: "out", cause: "left" }, participants: [] });
  }
  use(): () => void {
    return () => undefined;
  }
  async publish(stream: StreamToPublish): Promise<string> {
    await this.#ask("publish", stream);
    return stream.name ?? "";
  }
  unpublish = (name: string) => this.#ask("unpublish", name);
  replaceTrack = (...rest: unknown[]) => this.#ask("replaceTrack", ...rest);
  mute = (...rest: unknown[]) => this.#ask("mute", ...rest);
  setExtraInfo = (...rest: unknown[]) => this.#ask("setExtraInfo", ...rest);
  wish = (wishes: unknown) => this.#ask("wish", wishes);
  attach(element: HTMLVideoElement, stream: string, source: string): () => void {
    this.asked.push(["attach", element, stream, source]);
    return () => this.asked.push(["detach", stream, source]);
  }
  send = (...rest: unknown[]) => this.#ask("send", ...rest);
  remove = (user: string) => this.#ask("remove", user);
  statistics = () => Promise.resolve(this.counted);

  async #ask(method: string, ...rest: unknown[]): Promise<void> {
    this.asked.push([method, ...rest]);
    await this.answers.get(method)?.(...rest);
  }
}

/** Somebody in a room. */
export function someone(user: string, more: Partial<Participant> = {}): Participant {
  return {
    user,
    name: user.toUpperCase(),
    isMe: false,
    presence: "connected",
    streams: [],
    level: 0,
    uplink: 0,
    downlink: 0,
    ...more,
  };
}

/** A stream of somebody. */
export function streamOf(user: string, name: string, more: Partial<RemoteStream> = {}): RemoteStream {
  const tracks = (["microphone", "camera"] as const).map((source) => ({ source, isMuted: false }));
  return { name, user, extraInfo: "", tracks, ...more };
}
