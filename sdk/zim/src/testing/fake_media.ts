// Streams, tracks and devices for tests: jsdom has none.
import { vi } from "vitest";

/** A track that a test makes. */
export class FakeTrack extends EventTarget {
  enabled = true;
  isStopped = false;
  readonly applied: unknown[] = [];
  constructor(
    readonly kind: "audio" | "video",
    readonly made: unknown = {},
  ) {
    super();
  }
  stop(): void {
    this.isStopped = true;
  }
  applyConstraints(constraints: unknown): Promise<void> {
    this.applied.push(constraints);
    return Promise.resolve();
  }
}

/** A stream of such tracks. */
export class FakeStream {
  #tracks: FakeTrack[];
  constructor(tracks: FakeTrack[] = []) {
    this.#tracks = [...tracks];
  }
  getTracks = () => [...this.#tracks];
  getAudioTracks = () => this.#tracks.filter(({ kind }) => kind === "audio");
  getVideoTracks = () => this.#tracks.filter(({ kind }) => kind === "video");
  addTrack = (track: FakeTrack) => void this.#tracks.push(track);
  removeTrack = (track: FakeTrack) => void (this.#tracks = this.#tracks.filter((other) => other !== track));
}

/** As the browser's types have it. */
export function track(kind: "audio" | "video"): MediaStreamTrack & FakeTrack {
  return new FakeTrack(kind) as unknown as MediaStreamTrack & FakeTrack;
}
export function stream(...tracks: MediaStreamTrack[]): MediaStream {
  return new FakeStream(tracks as unknown as FakeTrack[]) as unknown as MediaStream;
}

/** Devices that are asked for, and what was asked. */
export function putDevices(): { asked: unknown[]; refuse: (name: string) => void } {
  const asked: unknown[] = [];
  let refusal: string | undefined;
  const record = (wanted: MediaStreamConstraints) => {
    asked.push(wanted);
    if (refusal !== undefined) return Promise.reject(Object.assign(new Error("no"), { name: refusal }));
    const kinds = (["audio", "video"] as const).filter((kind) => Boolean(wanted[kind]));
    return Promise.resolve(new FakeStream(kinds.map((kind) => new FakeTrack(kind, wanted[kind]))));
  };
  const mediaDevices = {
    getUserMedia: record,
    getDisplayMedia: record,
    enumerateDevices: () =>
      Promise.resolve([
        { kind: "videoinput", deviceId: "cam-1", label: "Camera" },
        { kind: "audioinput", deviceId: "mic-1", label: "Microphone" },
        { kind: "audiooutput", deviceId: "out-1", label: "Speaker" },
      ]),
  };
  vi.stubGlobal("MediaStream", FakeStream);
  vi.stubGlobal("navigator", { mediaDevices });
  return { asked, refuse: (name) => (refusal = name) };
}
