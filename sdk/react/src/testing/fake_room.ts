// A room that is as the test says.
import type {
  EnterOptions,
  LocalMedia,
  OffhookError,
  Participant,
  RemoteTrack,
  Room,
  RoomEvents,
  RoomState,
  TrackSource,
  UserId,
} from "@offhook/client";
import { Store } from "../store.js";

/** Somebody in a room, with as little as a test says of them. */
export function participant(
  user: UserId,
  { camera = false, microphone = "on", screen = false, ...rest }: Sends & Partial<Participant> = {},
): Participant {
  const track = (source: TrackSource, isMuted = false): RemoteTrack => ({ source, isMuted, layer: "high" });
  const main = [
    ...(microphone === "absent" ? [] : [track("microphone", microphone === "muted")]),
    ...(camera ? [track("camera")] : []),
  ];
  const stream = (name: string, tracks: RemoteTrack[]) => ({ name, user, extraInfo: "", tracks });
  return {
    user,
    name: "",
    isMe: false,
    presence: "flowing",
    streams: [
      ...(main.length > 0 ? [stream(`${user}_main`, main)] : []),
      ...(screen ? [stream(`${user}_screen`, [track("screen")])] : []),
    ],
    level: 0,
    uplink: 5,
    downlink: 5,
    ...rest,
  };
}

interface Sends {
  camera?: boolean;
  microphone?: "absent" | "muted" | "on";
  screen?: boolean;
}

export class FakeRoom implements Room {
  readonly id: string;
  readonly store: Store<RoomState>;
  /** What was asked for, in order. */
  readonly asked: string[] = [];
  /** Why entering fails; it succeeds without. */
  refusal: OffhookError | undefined;
  /** What an attached element shows. */
  paint: ((element: HTMLVideoElement, stream: string, source: TrackSource) => () => void) | undefined;
  readonly #problems = new Set<(problem: OffhookError) => void>();

  constructor(id: string) {
    this.id = id;
    this.store = new Store<RoomState>({ id, stay: { phase: "out" }, participants: [], downlinkBps: 0, rttMs: 0 });
  }

  get state(): RoomState {
    return this.store.state;
  }

  change(changes: Partial<RoomState>): void {
    this.store.set({ ...this.state, ...changes });
  }

  subscribe(listener: (state: RoomState) => void): () => void {
    return this.store.subscribe(() => listener(this.state));
  }

  on<Kind extends keyof RoomEvents>(kind: Kind, listener: (event: RoomEvents[Kind]) => void): () => void {
    if (kind !== "problem") return () => undefined;
    const own = listener as (problem: OffhookError) => void;
    this.#problems.add(own);
    return () => this.#problems.delete(own);
  }

  enter(_options?: EnterOptions): Promise<void> {
    this.asked.push("enter");
    if (this.refusal) return Promise.reject(this.refusal);
    this.change({ stay: { phase: "in", isConnected: true }, role: this.state.role ?? "member" });
    return Promise.resolve();
  }

  leave(): Promise<void> {
    this.asked.push("leave");
    this.change({ stay: { phase: "out", cause: "left" }, participants: [] });
    return Promise.resolve();
  }

  use(_media: LocalMedia): () => void {
    this.asked.push("use");
    return () => this.asked.push("unuse");
  }

  publish(): Promise<string> {
    return Promise.resolve("stream");
  }

  unpublish(): Promise<void> {
    return Promise.resolve();
  }

  replaceTrack(): Promise<void> {
    return Promise.resolve();
  }

  mute(): Promise<void> {
    return Promise.resolve();
  }

  setExtraInfo(): Promise<void> {
    return Promise.resolve();
  }

  wish(): Promise<void> {
    return Promise.resolve();
  }

  attach(element: HTMLVideoElement, stream: string, source: TrackSource): () => void {
    this.asked.push(`attach ${stream} ${source}`);
    const stop = this.paint?.(element, stream, source);
    return () => {
      this.asked.push(`detach ${stream} ${source}`);
      stop?.();
    };
  }

  send(): Promise<void> {
    return Promise.resolve();
  }

  remove(user: UserId): Promise<void> {
    this.asked.push(`remove ${user}`);
    return Promise.resolve();
  }

  statistics() {
    return Promise.resolve({ tracks: [], path: "", rttMs: 0 });
  }
}
