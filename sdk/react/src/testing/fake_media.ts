// What records nothing, and shows what the test says.
import type { LocalDevice, LocalMedia, LocalMediaState, LocalSource, LocalTrack } from "@offhook/client";
import { Store } from "../store.js";

const off = (source: LocalSource): LocalTrack => ({ source, status: "off" });

export const DEVICES: readonly LocalDevice[] = [
  { id: "cam-1", kind: "camera", label: "FaceTime HD Camera" },
  { id: "cam-2", kind: "camera", label: "Studio Camera" },
  { id: "mic-1", kind: "microphone", label: "Built-in Microphone" },
  { id: "mic-2", kind: "microphone", label: "Headset" },
  { id: "spk-1", kind: "speaker", label: "Built-in Speakers" },
  { id: "spk-2", kind: "speaker", label: "Headset" },
];

export class FakeMedia implements LocalMedia {
  readonly store = new Store<LocalMediaState>({
    camera: off("camera"),
    microphone: off("microphone"),
    screen: off("screen"),
    devices: DEVICES,
    chosen: {},
    level: 0,
  });
  /** What was asked for, in order. */
  readonly asked: string[] = [];
  /** What the camera gives. */
  readonly #track: (() => MediaStreamTrack) | undefined;

  constructor(track?: () => MediaStreamTrack) {
    this.#track = track;
  }

  get state(): LocalMediaState {
    return this.store.state;
  }

  subscribe(listener: (state: LocalMediaState) => void): () => void {
    return this.store.subscribe(() => listener(this.state));
  }

  change(changes: Partial<LocalMediaState>): void {
    this.store.set({ ...this.state, ...changes });
  }

  async start(wanted: { camera?: boolean; microphone?: boolean }): Promise<void> {
    this.asked.push(
      `start ${[wanted.camera && "camera", wanted.microphone && "microphone"].filter(Boolean).join(" ")}`,
    );
    if (wanted.camera && !this.state.camera.trouble) await this.setCamera(true);
    if (wanted.microphone && !this.state.microphone.trouble) await this.setMicrophone(true);
  }

  setCamera(on: boolean): Promise<void> {
    const track = on ? this.#track?.() : undefined;
    this.change({ camera: { source: "camera", status: on ? "on" : "off", ...(track ? { track } : {}) } });
    return Promise.resolve();
  }

  setMicrophone(on: boolean): Promise<void> {
    this.change({ microphone: { source: "microphone", status: on ? "on" : "muted" } });
    return Promise.resolve();
  }

  shareScreen(): Promise<boolean> {
    this.change({ screen: { source: "screen", status: "on" } });
    return Promise.resolve(true);
  }

  stopScreen(): void {
    this.change({ screen: off("screen") });
  }

  choose(kind: LocalDevice["kind"], id: string | undefined): Promise<void> {
    const { [kind]: _, ...rest } = this.state.chosen;
    this.change({ chosen: id === undefined ? rest : { ...rest, [kind]: id } });
    return Promise.resolve();
  }

  flipCamera(): Promise<void> {
    this.asked.push("flip");
    return Promise.resolve();
  }

  refreshDevices(): Promise<void> {
    return Promise.resolve();
  }

  meter(): () => void {
    return () => undefined;
  }

  stop(): void {
    this.asked.push("stop");
    this.change({ camera: off("camera"), microphone: off("microphone"), screen: off("screen") });
  }
}
