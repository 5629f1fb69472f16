// The streams of others that are played here.
import type { RemoteStream, Room, RoomState, TrackSource } from "@offhook/client";
import { platform } from "../shared/platform.js";
import { ZegoFailure } from "./failure.js";
import { NO_STREAM } from "./numbers.js";
import type { PlayerState, ZegoPlayOption } from "./types.js";
import type { Emit } from "./emit.js";

/** How long a stream that nobody publishes yet is waited for, in milliseconds. */
const WAIT_MS = 10_000;

/** How long the rest of a stream is waited for after its first track has come, in milliseconds: apps look at the tracks at once. */
const REST_MS = 1000;

/** A stream that is played. */
interface Played {
  readonly stream: MediaStream;
  readonly wants: { video: boolean; audio: boolean };
  state: PlayerState;
  /** What was wished of its tracks, so that it is wished once. */
  readonly wished: Map<TrackSource, boolean>;
  readonly settle: (failure?: ZegoFailure) => void;
  /** Something of it came; the rest is waited for. */
  hasBegun: boolean;
}

/** Plays streams. */
export class Playing {
  readonly #played = new Map<string, Played>();

  constructor(
    private readonly room: Room,
    private readonly emit: Emit,
  ) {}

  /** Plays a stream; resolves as soon as it comes, or a second after a part of it came. */
  start(name: string, { video = true, audio = true }: ZegoPlayOption): Promise<MediaStream> {
    const known = this.#played.get(name);
    if (known) return Promise.resolve(known.stream);
    const stream = new MediaStream();
    return new Promise((resolve, reject) => {
      const cancel = platform().later(
        () => this.#stop(name, new ZegoFailure(NO_STREAM, "nobody publishes this stream")),
        WAIT_MS,
      );
      const settle = (failure?: ZegoFailure) => {
        cancel();
        if (failure) reject(failure);
        else resolve(stream);
      };
      const played: Played = {
        stream,
        wants: { video, audio },
        state: "NO_PLAY",
        wished: new Map(),
        settle,
        hasBegun: false,
      };
      this.#played.set(name, played);
      this.#become(name, played, "PLAY_REQUESTING");
      this.take(this.room.state);
    });
  }

  /** Plays a stream no more. */
  stop(name: string): void {
    this.#stop(name, new ZegoFailure(NO_STREAM, "it was stopped"), 0);
  }

  /** Plays a part of a stream, or not. */
  want(name: string, change: Partial<Played["wants"]>): boolean {
    const played = this.#played.get(name);
    if (!played) return false;
    Object.assign(played.wants, change);
    this.take(this.room.state);
    return true;
  }

  /** The name of the stream that is played as this. */
  nameOf(stream: MediaStream): string | undefined {
    for (const [name, played] of this.#played) if (played.stream === stream) return name;
    return undefined;
  }

  /** The stream as it is published. */
  remote(name: string): RemoteStream | undefined {
    return this.room.state.participants.flatMap(({ streams }) => streams).find((stream) => stream.name === name);
  }

  /** Takes the next state of the room. */
  take(state: RoomState): void {
    const remotes = new Map(
      state.participants.flatMap(({ streams }) => streams.map((stream) => [stream.name, stream])),
    );
    for (const [name, played] of [...this.#played]) {
      const remote = remotes.get(name);
      if (remote) this.#follow(name, played, remote);
      else if (played.state === "PLAYING") this.#stop(name, new ZegoFailure(NO_STREAM, "it is published no more"), 0);
    }
  }

  /** Stops everything. */
  close(): void {
    for (const name of [...this.#played.keys()]) this.stop(name);
  }

  #follow(name: string, played: Played, { tracks }: RemoteStream): void {
    const media = tracks
      .filter(({ source }) => isWanted(source, played))
      .flatMap((track) => track.media?.getTracks() ?? []);
    for (const gone of played.stream.getTracks().filter((track) => !media.includes(track)))
      played.stream.removeTrack(gone);
    for (const track of media) if (!played.stream.getTracks().includes(track)) played.stream.addTrack(track);
    // A wish for a track that went is void; should it come back, it is a new one.
    for (const source of played.wished.keys()) {
      if (!tracks.some((track) => track.source === source)) played.wished.delete(source);
    }
    const news = tracks.filter(({ source }) => played.wished.get(source) !== isWanted(source, played));
    if (news.length > 0) {
      const wishes = news.map(({ source }) => ({ stream: name, source, wanted: isWanted(source, played) }));
      for (const { source, wanted } of wishes) played.wished.set(source, wanted);
      // What the server cannot do yet is wished for again with the next change.
      this.room.wish(wishes).catch(() => played.wished.clear());
    }
    if (media.length === 0 || played.state === "PLAYING") return;
    if (tracks.every((track) => track.media || !isWanted(track.source, played))) return this.#begun(name, played);
    if (!played.hasBegun) platform().later(() => this.#begun(name, played), REST_MS);
    played.hasBegun = true;
  }

  #begun(name: string, played: Played): void {
    if (this.#played.get(name) !== played || played.state === "PLAYING") return;
    this.#become(name, played, "PLAYING");
    played.settle();
  }

  #stop(name: string, failure: ZegoFailure, errorCode = failure.code): void {
    const played = this.#played.get(name);
    if (!played) return;
    this.#played.delete(name);
    const wishes = [...played.wished]
      .filter(([, wanted]) => wanted)
      .map(([source]) => ({ stream: name, source, wanted: false }));
    if (wishes.length > 0 && this.remote(name)) this.room.wish(wishes).catch(() => undefined);
    this.#become(name, played, "NO_PLAY", errorCode);
    played.settle(failure);
  }

  #become(streamID: string, played: Played, state: PlayerState, errorCode = 0): void {
    played.state = state;
    this.emit("playerStateUpdate", { streamID, state, errorCode, extendedData: "" });
  }
}

function isWanted(source: TrackSource, { wants }: Played): boolean {
  return source === "camera" || source === "screen" ? wants.video : wants.audio;
}
