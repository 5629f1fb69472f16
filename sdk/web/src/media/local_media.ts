// Microphone, camera and screen of this device. Wishes are remembered, and a single loop brings what is recorded in step
// with the latest of them, however quickly they change.
import type {
  LocalDevice,
  LocalMedia,
  LocalMediaOptions,
  LocalMediaState,
  LocalTrack,
  LocalTrouble,
} from "../api/local_media.js";
import { given } from "../given.js";
import { Listeners } from "../listeners.js";
import { systemClock, type Clock } from "../room/clock.js";
import { keep } from "../room/roster.js";
import { measure } from "./level.js";
import { Recorder, type Device, type Wanted } from "./recorder.js";
import { askForScreen, stopScreen, type Screen } from "./screen.js";

/** What local media needs of the place where it runs. */
export interface LocalMediaSurroundings {
  /** Absent where there are none, as on an insecure page. */
  readonly mediaDevices?: MediaDevices | undefined;
  readonly clock?: Clock;
  readonly openAudioContext?: () => AudioContext;
}

/** Records nothing until asked to. */
export function createLocalMedia(
  options: LocalMediaOptions = {},
  surroundings: LocalMediaSurroundings = { mediaDevices: systemDevices() },
): LocalMedia {
  return new RecordedMedia(options, surroundings);
}

function systemDevices(): MediaDevices | undefined {
  return (globalThis as { navigator?: Partial<Navigator> }).navigator?.mediaDevices;
}

/** A camera or microphone. */
interface Slot {
  isWanted: boolean;
  isMuted: boolean;
  /** What to open: another object for each choice. */
  which: Wanted;
  /** What `track` was opened as. */
  opened?: Wanted;
  track?: MediaStreamTrack;
  trouble?: LocalTrouble;
}

class RecordedMedia implements LocalMedia {
  readonly #devices: MediaDevices | undefined;
  readonly #recorder: Recorder;
  readonly #clock: Clock;
  readonly #openAudioContext: () => AudioContext;
  readonly #changes = new Listeners<LocalMediaState>();
  readonly #slots: Readonly<Record<Device, Slot>>;
  #chosen: LocalMediaState["chosen"];
  #known: readonly LocalDevice[] = [];
  #screen: Screen | undefined;
  #screenTrouble: LocalTrouble | undefined;
  /** The question to the user that counts; another one takes its place. */
  #question: object | undefined;
  #work: Promise<void> | undefined;
  #meters = 0;
  #level = 0;
  #measured: { readonly track: MediaStreamTrack; readonly stop: () => void } | undefined;
  #state: LocalMediaState;

  constructor(options: LocalMediaOptions, { clock, mediaDevices, openAudioContext }: LocalMediaSurroundings) {
    this.#devices = mediaDevices;
    this.#recorder = new Recorder(mediaDevices, options);
    this.#clock = clock ?? systemClock;
    this.#openAudioContext = openAudioContext ?? (() => new AudioContext());
    this.#chosen = { ...options.chosen };
    this.#slots = { camera: slot(this.#chosen.camera), microphone: slot(this.#chosen.microphone) };
    this.#state = this.#now(undefined);
    mediaDevices?.addEventListener("devicechange", () => void this.refreshDevices());
    void this.refreshDevices();
  }

  get state(): LocalMediaState {
    return this.#state;
  }

  subscribe(listener: (state: LocalMediaState) => void): () => void {
    return this.#changes.add(listener);
  }

  start({ camera = false, microphone = false }: { camera?: boolean; microphone?: boolean }): Promise<void> {
    if (camera) this.#want("camera");
    if (microphone) this.#want("microphone");
    return this.#settle();
  }

  async setCamera(on: boolean): Promise<void> {
    if (on) return this.start({ camera: true });
    this.#release(this.#slots.camera);
    this.#changed();
  }

  async setMicrophone(on: boolean): Promise<void> {
    if (on) return this.start({ microphone: true });
    const { microphone } = this.#slots;
    microphone.isMuted = true;
    if (microphone.track) microphone.track.enabled = false;
    this.#changed();
  }

  async shareScreen(): Promise<boolean> {
    const question = {};
    this.#question = question;
    this.#screenTrouble = undefined;
    this.#changed();
    const { screen, trouble } = await askForScreen(this.#devices);
    if (question !== this.#question) {
      if (screen) stopScreen(screen);
      return false;
    }
    this.#question = undefined;
    this.#screenTrouble = trouble;
    if (screen) this.#show(screen);
    this.#changed();
    return screen !== undefined;
  }

  stopScreen(): void {
    this.#question = undefined;
    this.#screenTrouble = undefined;
    this.#hideScreen();
    this.#changed();
  }

  choose(kind: LocalDevice["kind"], id: string | undefined): Promise<void> {
    const { [kind]: _, ...rest } = this.#chosen;
    this.#chosen = id === undefined ? rest : { ...rest, [kind]: id };
    if (kind !== "speaker") this.#slots[kind].which = { id };
    return this.#settle();
  }

  async flipCamera(): Promise<void> {
    const { camera } = this.#slots;
    const { deviceId, facingMode } = camera.track?.getSettings() ?? {};
    const ids = this.#known.filter(({ kind }) => kind === "camera").map(({ id }) => id);
    if (ids.length < 2) return;
    const at = ids.indexOf(deviceId ?? this.#chosen.camera ?? "");
    // A phone may have several cameras on one side: the system knows which is meant.
    if (facingMode === "user") camera.which = { facing: "environment" };
    else if (facingMode === "environment") camera.which = { facing: "user" };
    else return this.choose("camera", ids[(at + 1) % ids.length]);
    await this.#settle();
    const flipped = camera.track?.getSettings().deviceId;
    if (flipped === undefined) return;
    this.#chosen = { ...this.#chosen, camera: flipped };
    this.#changed();
  }

  async refreshDevices(): Promise<void> {
    try {
      this.#known = ((await this.#devices?.enumerateDevices()) ?? []).flatMap(localDevice);
    } catch {
      this.#known = [];
    }
    this.#changed();
  }

  meter(): () => void {
    this.#meters += 1;
    this.#changed();
    let isOn = true;
    return () => {
      if (!isOn) return;
      isOn = false;
      this.#meters -= 1;
      this.#changed();
    };
  }

  stop(): void {
    this.#release(this.#slots.camera);
    this.#release(this.#slots.microphone);
    this.stopScreen();
  }

  #want(device: Device): void {
    const slot = this.#slots[device];
    slot.isWanted = true;
    slot.isMuted = false;
    delete slot.trouble;
    if (slot.track) slot.track.enabled = true;
  }

  #release(slot: Slot): void {
    slot.isWanted = false;
    delete slot.trouble;
    slot.track?.stop();
    delete slot.track;
  }

  /** Opens what is wanted. There is one loop at a time; it ends when there is nothing left to do. */
  #settle(): Promise<void> {
    this.#work ??= this.#open();
    this.#changed();
    return this.#work;
  }

  async #open(): Promise<void> {
    // Everything that is wished for at this moment is opened together.
    await Promise.resolve();
    for (;;) {
      const missing = (["camera", "microphone"] as const).filter((device) => {
        const { isWanted, opened, track, which } = this.#slots[device];
        return isWanted && (!track || opened !== which);
      });
      if (missing.length === 0) {
        this.#work = undefined;
        return;
      }
      const wanted = new Map(missing.map((device) => [device, this.#slots[device].which]));
      const recorded = await this.#recorder.open(wanted);
      for (const [device, which] of wanted) {
        const recording = recorded.get(device) ?? { trouble: "failed" };
        if ("track" in recording) this.#took(this.#slots[device], which, recording.track);
        else this.#failed(this.#slots[device], which, recording.trouble);
      }
      this.#changed();
      // Only now are they called by their names.
      void this.refreshDevices();
    }
  }

  #took(slot: Slot, which: Wanted, track: MediaStreamTrack): void {
    // The wish is another by now.
    if (!slot.isWanted || slot.which !== which) {
      track.stop();
      return;
    }
    slot.track?.stop();
    slot.track = track;
    slot.opened = which;
    track.enabled = !slot.isMuted;
    track.addEventListener("ended", () => {
      if (slot.track !== track) return;
      this.#release(slot);
      slot.trouble = "lost";
      this.#changed();
    });
  }

  #failed(slot: Slot, which: Wanted, trouble: LocalTrouble): void {
    if (!slot.isWanted || slot.which !== which) return;
    if (slot.track) {
      // Phones open one camera at a time: once more, with nothing held.
      slot.track.stop();
      delete slot.track;
      return;
    }
    slot.isWanted = false;
    slot.trouble = trouble;
  }

  #show(screen: Screen): void {
    this.#hideScreen();
    this.#screen = screen;
    const { audioTrack, track } = screen;
    track.addEventListener("ended", () => {
      if (this.#screen?.track === track) this.stopScreen();
    });
    audioTrack?.addEventListener("ended", () => {
      if (this.#screen?.audioTrack !== audioTrack) return;
      this.#screen = { track };
      this.#changed();
    });
  }

  #hideScreen(): void {
    if (this.#screen) stopScreen(this.#screen);
    this.#screen = undefined;
  }

  #changed(): void {
    this.#measure();
    const next = this.#now(this.#state);
    if (next === this.#state) return;
    this.#state = next;
    this.#changes.tell(next);
  }

  #measure(): void {
    const track = this.#meters > 0 ? this.#slots.microphone.track : undefined;
    if (track === this.#measured?.track) return;
    this.#measured?.stop();
    this.#level = 0;
    const onLevel = (level: number) => {
      this.#level = level;
      this.#changed();
    };
    this.#measured = track && { track, stop: measure(track, this.#clock, this.#openAudioContext, onLevel) };
  }

  #now(before: LocalMediaState | undefined): LocalMediaState {
    const { camera, microphone } = this.#slots;
    const [screen, trouble] = [this.#screen, this.#screenTrouble];
    const status: LocalTrack["status"] = screen ? "on" : this.#question ? "starting" : "off";
    return keep(before, {
      camera: keep(before?.camera, localTrack("camera", camera)),
      microphone: keep(before?.microphone, localTrack("microphone", microphone)),
      screen: keep(before?.screen, given({ source: "screen" as const, status, trouble, ...screen })),
      devices: this.#known,
      chosen: this.#chosen,
      level: this.#level,
    });
  }
}

function slot(id: string | undefined): Slot {
  return { isWanted: false, isMuted: false, which: { id } };
}

function localTrack(source: Device, { isMuted, isWanted, track, trouble }: Slot): LocalTrack {
  const status: LocalTrack["status"] = track ? (isMuted ? "muted" : "on") : isWanted ? "starting" : "off";
  return given({ source, status, trouble, track });
}

const KINDS: Readonly<Partial<Record<string, LocalDevice["kind"]>>> = {
  audioinput: "microphone",
  audiooutput: "speaker",
  videoinput: "camera",
};

function localDevice({ deviceId, kind, label }: MediaDeviceInfo): LocalDevice[] {
  const known = KINDS[kind];
  return known ? [{ id: deviceId, kind: known, label }] : [];
}
