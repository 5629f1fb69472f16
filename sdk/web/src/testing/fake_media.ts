// Media without devices and without a network: tracks, devices and connections that only keep the rules.
import type { LocalMedia, LocalMediaState } from "../api/local_media.js";
import { OffhookError } from "../api/error.js";
import type { Reply, Request, RoomEvent, RoomView, StreamView } from "../generated/frames.js";
import { given } from "../given.js";
import type { Clock } from "../room/clock.js";
import type { DrivenRoom, RoomPort } from "../room/port.js";
import { createRoom } from "../room/room.js";

/** Lets everything that is under way come to rest. */
export async function rest(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
}

/** A clock that stands still until told. */
export class FakeClock implements Clock {
  #now = 1_000;
  #timers: { at: number; act: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, act: () => void): () => void {
    const timer = { at: this.#now + ms, act };
    this.#timers.push(timer);
    return () => (this.#timers = this.#timers.filter((each) => each !== timer));
  }

  /** Lets time pass, timer by timer, and everything come to rest after each. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await rest();
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at);
      if (!next) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.#now = Math.max(this.#now, next.at);
      next.act();
      await rest();
    }
    this.#now = end;
    await rest();
  }

  /** Time passes while nothing runs. */
  sleep(ms: number): void {
    this.#now += ms;
  }

  get waiting(): number {
    return this.#timers.length;
  }
}

let lastId = 0;

export class FakeTrack extends EventTarget {
  readonly id = `track-${(lastId += 1)}`;
  enabled = true;
  readyState: "ended" | "live" = "live";
  contentHint = "";

  constructor(
    readonly kind: "audio" | "video",
    readonly settings: MediaTrackSettings = {},
  ) {
    super();
  }

  getSettings(): MediaTrackSettings {
    return this.settings;
  }

  stop(): void {
    this.readyState = "ended";
  }

  /** Ends by itself: unplugged, say. */
  end(): void {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }

  get asTrack(): MediaStreamTrack {
    return this as unknown as MediaStreamTrack;
  }
}

export function audioTrack(): FakeTrack {
  return new FakeTrack("audio");
}

export function cameraTrack(height = 720): FakeTrack {
  return new FakeTrack("video", { height, width: Math.round((height * 16) / 9) });
}

/** To be given to tests as the global `MediaStream`. */
export class FakeStream {
  constructor(private readonly tracks: FakeTrack[]) {}

  getTracks(): FakeTrack[] {
    return this.tracks;
  }

  getAudioTracks(): FakeTrack[] {
    return this.tracks.filter(({ kind }) => kind === "audio");
  }

  getVideoTracks(): FakeTrack[] {
    return this.tracks.filter(({ kind }) => kind === "video");
  }
}

interface FakeTransceiver {
  mid: string | null;
  direction: string;
  readonly sender: {
    track: FakeTrack | null;
    replaceTrack: (track: FakeTrack | null) => Promise<void>;
    getParameters: () => { encodings: RTCRtpEncodingParameters[] };
    setParameters: (parameters: { encodings: RTCRtpEncodingParameters[] }) => Promise<void>;
  };
  readonly receiver: { track: FakeTrack };
  readonly setCodecPreferences: () => void;
}

/** A connection that keeps the order of media sections, as browsers do. A server's description is `offer <mid> <mid> …`. */
export class FakePeer {
  connectionState: RTCPeerConnectionState = "new";
  signalingState: RTCSignalingState = "stable";
  localDescription: { type: string; sdp: string } | null = null;
  onconnectionstatechange: (() => void) | null = null;
  /** What was done, in order. */
  readonly steps: string[] = [];
  readonly transceivers: FakeTransceiver[] = [];
  readonly channels: string[] = [];
  reports = new Map<string, Record<string, unknown>>();
  #isAgreed = false;
  #isRestarting = false;
  #made = 0;

  constructor(public configuration: RTCConfiguration) {}

  getConfiguration(): RTCConfiguration {
    return this.configuration;
  }

  setConfiguration(configuration: RTCConfiguration): void {
    this.configuration = configuration;
  }

  addTransceiver(
    what: FakeTrack | "audio" | "video",
    { direction, sendEncodings = [] }: { direction: string; sendEncodings?: RTCRtpEncodingParameters[] },
  ): FakeTransceiver {
    const track = typeof what === "string" ? null : what;
    const kind = typeof what === "string" ? what : what.kind;
    let encodings = sendEncodings;
    const sender: FakeTransceiver["sender"] = {
      track,
      replaceTrack: (next) => {
        this.steps.push(`replace ${next ? next.id : "nothing"}`);
        sender.track = next;
        return Promise.resolve();
      },
      getParameters: () => ({ encodings: encodings.map((each) => ({ ...each })) }),
      setParameters: (parameters) => {
        if (!this.#isAgreed) return Promise.reject(new Error("nothing is agreed on yet"));
        encodings = parameters.encodings;
        return Promise.resolve();
      },
    };
    const receiver = { track: new FakeTrack(kind) };
    const transceiver = { mid: null, direction, sender, receiver, setCodecPreferences: () => undefined };
    this.transceivers.push(transceiver);
    return transceiver;
  }

  createDataChannel(label: string): void {
    this.channels.push(label);
  }

  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }

  createOffer(): Promise<{ type: string; sdp: string }> {
    this.#check();
    const sdp = `own ${(this.#made += 1)}${this.#isRestarting ? " restart" : ""}`;
    return Promise.resolve({ type: "offer", sdp });
  }

  createAnswer(): Promise<{ type: string; sdp: string }> {
    return Promise.resolve({ type: "answer", sdp: "own answer" });
  }

  setLocalDescription(description: { type: string; sdp: string }): Promise<void> {
    this.#check();
    this.steps.push(`local ${description.type}`);
    this.localDescription = description;
    this.signalingState = description.type === "offer" ? "have-local-offer" : "stable";
    for (const [index, each] of this.transceivers.entries()) each.mid ??= `own${index}`;
    return Promise.resolve();
  }

  setRemoteDescription({ sdp, type }: { type: string; sdp: string }): Promise<void> {
    this.#check();
    this.steps.push(`remote ${sdp}`);
    if (type === "offer") this.#receive(sdp.split(" ").slice(1));
    else [this.#isAgreed, this.#isRestarting] = [true, false];
    this.signalingState = type === "offer" ? "have-remote-offer" : "stable";
    return Promise.resolve();
  }

  restartIce(): void {
    this.steps.push("restart");
    this.#isRestarting = true;
  }

  close(): void {
    this.connectionState = "closed";
    this.signalingState = "closed";
  }

  getStats(): Promise<Map<string, Record<string, unknown>>> {
    return Promise.resolve(this.reports);
  }

  /** The network has its say. */
  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  #receive(mids: string[]): void {
    if (mids.includes("bad")) throw new Error("cannot be read");
    const known = this.transceivers.filter(({ direction }) => direction === "recvonly").map(({ mid }) => mid);
    if (known.some((mid, index) => mid !== mids[index])) throw new Error("the order of sections is another");
    for (const mid of mids.slice(known.length)) {
      this.addTransceiver(mid.startsWith("a") ? "audio" : "video", { direction: "recvonly" }).mid = mid;
    }
  }

  #check(): void {
    if (this.signalingState === "closed") throw new Error("the connection is closed");
  }
}

/** A refusal of the server. */
export function refusal(code: string): OffhookError {
  const problem = { code, message: code, retryable: false, zim_code: 0 };
  return new OffhookError(code, code, { isRetryable: false, problem });
}

/** The server was not reached. */
export function cut(): OffhookError {
  return new OffhookError("disconnected", "the connection ended");
}

type Answer = (body: never) => unknown;

export function roomView(parts: Partial<RoomView> = {}): RoomView {
  const members = [{ user: "alice", presence: "joined" as const }];
  return { room: "r", role: "member", members, streams: [], ...parts };
}

export function streamOf(user: string, ...sources: string[]): StreamView {
  return { stream: `${user}-main`, user, tracks: sources.map((source) => ({ source })) };
}

/** A room whose server answers as told, and whose connections are kept. */
export class FakeWorld {
  readonly clock = new FakeClock();
  readonly peers: FakePeer[] = [];
  readonly asked: Request[] = [];
  readonly problems: string[] = [];
  /** What is answered, by the request's type; an error is a refusal. */
  readonly answers: Partial<Record<Request["type"], Answer>> = {
    "room.join": () => roomView(),
    "room.offer": () => ({ sdp: "answer" }),
    "room.read": () => roomView(),
    "room.token": () => ({ token: "fresh", expires_in_ms: 120_000 }),
  };
  me: string | undefined = "alice";
  token: string | undefined;
  readonly room: DrivenRoom;

  constructor() {
    const port = {
      id: "r",
      me: () => this.me,
      ask: async (request: Request): Promise<Reply> => {
        this.asked.push(request);
        const answer = await this.answers[request.type]?.(("body" in request ? request.body : undefined) as never);
        if (answer instanceof Error) throw answer;
        return answer as Reply;
      },
      takeToken: () => this.token,
      openConnection: (configuration: RTCConfiguration) => {
        const peer = new FakePeer(configuration);
        this.peers.push(peer);
        return peer as unknown as RTCPeerConnection;
      },
    };
    this.room = createRoom(port as unknown as RoomPort, this.clock);
    this.room.on("problem", ({ code }) => this.problems.push(code));
  }

  /** A room that is in, with a connection that stands. */
  static async entered(publish: readonly ("camera" | "microphone")[] = []): Promise<FakeWorld> {
    const world = new FakeWorld();
    if (publish.length > 0) {
      const tracks = publish.map((source) => ({
        source,
        track: (source === "camera" ? cameraTrack() : audioTrack()).asTrack,
      }));
      await world.room.publish({ name: "mine", tracks });
    }
    await world.room.enter();
    world.peer.become("connected");
    world.asked.splice(0);
    return world;
  }

  /** The present connection. */
  get peer(): FakePeer {
    const peer = this.peers.at(-1);
    if (!peer) throw new Error("there is no connection");
    return peer;
  }

  hear(type: RoomEvent["type"], body: object = {}): void {
    this.room.hear({ type, body: { room: "r", ...body } } as RoomEvent);
  }

  /** The server offers; everything comes to rest. */
  async offer(negotiation: number, tracks: readonly { mid: string; stream: string; source: string }[]): Promise<void> {
    const sdp = ["offer", ...tracks.map(({ mid }) => mid)].join(" ");
    this.hear("room.offer", { negotiation, sdp, tracks: tracks.map((each) => ({ ...each, user: "bob" })) });
    await rest();
  }

  types(): string[] {
    return this.asked.map(({ type }) => type);
  }

  /** The bodies of the requests of a type. */
  bodies<Body>(type: Request["type"]): Body[] {
    return this.asked.flatMap((request) => (request.type === type && "body" in request ? [request.body as Body] : []));
  }

  /** The streams of the last offer, as `stream/source@mid`, `!` if muted. */
  published(): string[] {
    interface Offer {
      streams: { stream: string; tracks: { source: string; mid: string; muted: boolean }[] }[];
    }
    const streams = this.bodies<Offer>("room.offer").at(-1)?.streams ?? [];
    return streams.flatMap(({ stream, tracks }) =>
      tracks.map(({ mid, muted, source }) => `${stream}/${source}@${mid}${muted ? "!" : ""}`),
    );
  }

  track(user: string, source: string) {
    const streams = this.room.state.participants.find((each) => each.user === user)?.streams ?? [];
    return streams.flatMap(({ tracks }) => tracks).find((each) => each.source === source);
  }
}

/** Local media that says what a test wants it to. */
export class FakeLocalMedia {
  #listeners = new Set<(state: LocalMediaState) => void>();
  state: LocalMediaState = {
    camera: { source: "camera", status: "off" },
    microphone: { source: "microphone", status: "off" },
    screen: { source: "screen", status: "off" },
    devices: [],
    chosen: {},
    level: 0,
  };

  subscribe(listener: (state: LocalMediaState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  record(
    source: "camera" | "microphone" | "screen",
    track?: FakeTrack,
    status?: "muted" | "starting",
    audio?: FakeTrack,
  ): void {
    const recorded = given({
      source,
      status: status ?? (track ? "on" : "off"),
      track: track?.asTrack,
      audioTrack: audio?.asTrack,
    } as const);
    this.say({ [source]: recorded });
  }

  say(news: Partial<LocalMediaState>): void {
    this.state = { ...this.state, ...news };
    for (const listener of this.#listeners) listener(this.state);
  }

  get asMedia(): LocalMedia {
    return this as unknown as LocalMedia;
  }
}
