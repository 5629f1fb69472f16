// What this device records: microphone, camera, screen; shown to its user before and during a call.

/** What can be recorded. */
export type LocalSource = "camera" | "microphone" | "screen";

/** Why something cannot be recorded. Each is a state that the user can be told, with a way on. */
export type LocalTrouble =
  /** The user, or the system, said no. */
  | "denied"
  /** The page is not served over https, so browsers give no devices. */
  | "insecure"
  /** There is none. */
  | "missing"
  /** Another program has it. */
  | "taken"
  /** It stopped by itself: unplugged, or ended by the system. */
  | "lost"
  /** Anything else. */
  | "failed";

/** One source. */
export interface LocalTrack {
  readonly source: LocalSource;
  /**
   * `off`: not recorded. `starting`: the user may be asked at this moment. `on`: recorded and sent. `muted`: the microphone
   * is open and silent.
   */
  readonly status: "muted" | "off" | "on" | "starting";
  /** Why it is off although it was wanted; absent otherwise. */
  readonly trouble?: LocalTrouble;
  /** To be shown or measured; absent while off. */
  readonly track?: MediaStreamTrack;
  /** The sound that comes with a shared screen. */
  readonly audioTrack?: MediaStreamTrack;
}

/** A device to choose. */
export interface LocalDevice {
  readonly id: string;
  readonly kind: "camera" | "microphone" | "speaker";
  /** As the system calls it; `""` before the user has permitted recording. */
  readonly label: string;
}

/** What this device records, at one moment. */
export interface LocalMediaState {
  readonly camera: LocalTrack;
  readonly microphone: LocalTrack;
  readonly screen: LocalTrack;
  readonly devices: readonly LocalDevice[];
  /** The chosen ones; absent for the system's choice. */
  readonly chosen: { readonly camera?: string; readonly microphone?: string; readonly speaker?: string };
  /** How loud the own microphone is, 0–100; 0 unless `meter` is on. */
  readonly level: number;
}

/** How a camera is opened. */
export interface LocalMediaOptions {
  /** Lines of the picture that are asked for. Default 720. */
  height?: number;
  /** Frames a second. Default 30. */
  frameRate?: number;
  /** Default: echo cancellation, noise suppression and gain control on. */
  audio?: MediaTrackConstraints;
  chosen?: { camera?: string; microphone?: string; speaker?: string };
}

/** What this device records. One object serves preview, call and settings; nothing is recorded until asked for. */
export interface LocalMedia {
  readonly state: LocalMediaState;
  /** Tells of every new state. @returns how to stop that */
  subscribe(listener: (state: LocalMediaState) => void): () => void;
  /** Turns sources on, both with one question to the user. Never rejects: what is in the way stands in `trouble`. */
  start(wanted: { camera?: boolean; microphone?: boolean }): Promise<void>;
  /** Turns the camera on or off. Off, its light is off. */
  setCamera(on: boolean): Promise<void>;
  /** Speaks or is silent. Opens the microphone if it is off. */
  setMicrophone(on: boolean): Promise<void>;
  /** Shares a screen or window that the user chooses. Resolves to false if the user thought better of it. */
  shareScreen(): Promise<boolean>;
  stopScreen(): void;
  /** Records with, or plays through, another device, at once and later. */
  choose(kind: LocalDevice["kind"], id: string | undefined): Promise<void>;
  /** From the camera that faces the user to the other, and back. */
  flipCamera(): Promise<void>;
  /** Looks which devices there are; asks nothing. */
  refreshDevices(): Promise<void>;
  /** Measures the own level while somebody wants to see it. @returns how to stop that */
  meter(): () => void;
  /** Turns everything off. */
  stop(): void;
}
