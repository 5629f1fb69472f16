// Ring, ringback and short signals, made of tones: nothing is loaded. Browsers permit sound only after a click or a key.
import type { Clock } from "../clock.js";
import { Store } from "../store.js";

/** What can be heard over and over. */
export type Ringing = "ring" | "ringback" | "waiting";
/** What can be heard once. */
export type Signal = "connected" | "ended" | "test";

/** Frequency in Hz, beginning and length in seconds. */
type Note = readonly [frequency: number, begin: number, length: number];

interface Tune {
  readonly notes: readonly Note[];
  /** 0–1. A ring should be heard across a room, a ringback should not be disturbing in headphones. */
  readonly loudness: number;
  readonly periodMs: number;
}

const TUNES: Record<Ringing | Signal, Tune> = {
  ring: {
    notes: [
      [587, 0, 0.3],
      [740, 0.16, 0.3],
      [880, 0.32, 0.5],
      [740, 0.8, 0.3],
      [880, 0.96, 0.7],
    ],
    loudness: 0.15,
    periodMs: 2_800,
  },
  ringback: {
    notes: [
      [440, 0, 0.9],
      [480, 0, 0.9],
    ],
    loudness: 0.028,
    periodMs: 4_000,
  },
  waiting: {
    notes: [
      [740, 0, 0.18],
      [740, 0.3, 0.18],
    ],
    loudness: 0.05,
    periodMs: 5_000,
  },
  connected: {
    notes: [
      [587, 0, 0.14],
      [880, 0.1, 0.3],
    ],
    loudness: 0.06,
    periodMs: 0,
  },
  ended: {
    notes: [
      [494, 0, 0.16],
      [370, 0.14, 0.32],
    ],
    loudness: 0.06,
    periodMs: 0,
  },
  test: {
    notes: [
      [587, 0, 0.3],
      [740, 0.16, 0.3],
      [880, 0.32, 0.6],
    ],
    loudness: 0.15,
    periodMs: 0,
  },
};
const ATTACK_S = 0.015;

/** What is known of the page's sound. */
export interface SoundState {
  /** Whether something could be heard at this moment. */
  readonly isUnlocked: boolean;
}

/** The sounds of one page. */
export class Sound extends Store<SoundState> {
  readonly #clock: Clock;
  #audio: AudioContext | undefined;
  #playing: Ringing | undefined;
  #stopTimer: (() => void) | undefined;
  #isOn = true;

  constructor(clock: Clock) {
    super({ isUnlocked: false });
    this.#clock = clock;
  }

  /** Unlocks with the user's first click or key. @returns how to stop that */
  watch(page: Pick<Window, "addEventListener" | "removeEventListener">): () => void {
    const gestures = ["pointerdown", "keydown"] as const;
    const listen = () => this.unlock();
    for (const gesture of gestures) page.addEventListener(gesture, listen, { capture: true });
    return () => {
      for (const gesture of gestures) page.removeEventListener(gesture, listen, { capture: true });
      this.play(undefined);
    };
  }

  /** To be called from a click. */
  unlock(): void {
    if (this.state.isUnlocked || typeof AudioContext === "undefined") return;
    this.#audio ??= new AudioContext();
    this.#audio.resume().then(
      () => {
        this.set({ isUnlocked: true });
        this.#restart();
      },
      () => undefined,
    );
  }

  /** Off, nothing is heard; what plays goes on silently. */
  setOn(isOn: boolean): void {
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    this.#restart();
  }

  /** Plays until something else is to be played; `undefined` is silence. */
  play(what: Ringing | undefined): void {
    if (what === this.#playing) return;
    this.#playing = what;
    this.#restart();
  }

  /** Plays once. */
  signal(what: Signal): void {
    if (this.#isOn && this.state.isUnlocked) this.#sing(TUNES[what]);
  }

  #restart(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (!this.#playing || !this.#isOn || !this.state.isUnlocked) return;
    const tune = TUNES[this.#playing];
    this.#sing(tune);
    this.#stopTimer = this.#clock.every(tune.periodMs, () => this.#sing(tune));
  }

  #sing({ notes, loudness }: Tune): void {
    const audio = this.#audio;
    if (!audio) return;
    for (const [frequency, begin, length] of notes) {
      const at = audio.currentTime + begin;
      const volume = new GainNode(audio, { gain: 0 });
      volume.gain.setValueAtTime(0, at);
      volume.gain.linearRampToValueAtTime(loudness, at + ATTACK_S);
      volume.gain.exponentialRampToValueAtTime(loudness / 50, at + length);
      for (const [type, share] of [
        ["triangle", 1],
        ["sine", 2],
      ] as const) {
        const tone = new OscillatorNode(audio, { type, frequency: frequency * share });
        const part = new GainNode(audio, { gain: share === 1 ? 1 : 0.25 });
        tone.connect(part).connect(volume);
        tone.start(at);
        tone.stop(at + length);
      }
      volume.connect(audio.destination);
    }
  }
}
