// Opens camera and microphone, and gives back what could be had.
import type { LocalMediaOptions, LocalTrouble } from "../api/local_media.js";
import { given } from "../given.js";
import { troubleOf } from "./trouble.js";

/** What is recorded with `getUserMedia`. */
export type Device = "camera" | "microphone";

/** What was had of one device: a track, or why not. */
export type Recording = { readonly track: MediaStreamTrack } | { readonly trouble: LocalTrouble };

/** What to open: which device of the kind, if one was chosen. */
export interface Wanted {
  readonly id?: string | undefined;
  readonly facing?: "environment" | "user" | undefined;
}

export class Recorder {
  readonly #devices: MediaDevices | undefined;
  readonly #options: LocalMediaOptions;

  constructor(devices: MediaDevices | undefined, options: LocalMediaOptions) {
    this.#devices = devices;
    this.#options = options;
  }

  /** Both with one question if both are wanted; if that fails, each alone: a call without a picture is better than none. */
  async open(wanted: ReadonlyMap<Device, Wanted>): Promise<Map<Device, Recording>> {
    if (this.#devices && wanted.size > 1) {
      try {
        return await this.#record(wanted);
      } catch {
        // One of the two may be there.
      }
    }
    const all = new Map<Device, Recording>();
    // One after the other, since each may ask the user.
    for (const [device, which] of wanted) all.set(device, await this.#alone(device, which));
    return all;
  }

  async #alone(device: Device, which: Wanted): Promise<Recording> {
    if (!this.#devices) return { trouble: "insecure" };
    try {
      const recorded = await this.#record(new Map([[device, which]]));
      return recorded.get(device) ?? { trouble: "failed" };
    } catch (error) {
      const trouble = troubleOf(error);
      // The chosen one is not there: another is better than none.
      return trouble === "missing" && which.id !== undefined ? this.#alone(device, {}) : { trouble };
    }
  }

  async #record(wanted: ReadonlyMap<Device, Wanted>): Promise<Map<Device, Recording>> {
    const [camera, microphone] = [wanted.get("camera"), wanted.get("microphone")];
    const constraints = given({
      video: camera && this.#video(camera),
      audio: microphone && this.#audio(microphone),
    });
    const tracks = (await this.#devices?.getUserMedia(constraints))?.getTracks() ?? [];
    return new Map(tracks.map((track) => [track.kind === "video" ? "camera" : "microphone", { track }]));
  }

  #video({ facing, id }: Wanted): MediaTrackConstraints {
    const { frameRate = 30, height = 720 } = this.#options;
    return given({
      height: { ideal: height },
      width: { ideal: Math.round((height * 16) / 9) },
      frameRate: { ideal: frameRate },
      deviceId: exactly(id),
      facingMode: facing && { ideal: facing },
    });
  }

  #audio({ id }: Wanted): MediaTrackConstraints {
    const usual = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    return given({ ...(this.#options.audio ?? usual), deviceId: exactly(id) });
  }
}

function exactly(id: string | undefined): ConstrainDOMString | undefined {
  return id === undefined ? undefined : { exact: id };
}
