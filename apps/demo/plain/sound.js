// The ring and the ringback, made of tones. Browsers permit sound only after a click or a key in the page.

/** Notes of one ring: frequency in Hz, beginning and length in seconds. */
const RING = [
  [659, 0, 0.16],
  [831, 0.18, 0.16],
  [988, 0.36, 0.34],
  [831, 0.76, 0.16],
  [988, 0.94, 0.34],
];
const RINGBACK = [[425, 0, 1]];
const LOUDNESS = { ring: 0.16, ringback: 0.05 };
const PERIOD_MS = { ring: 2_400, ringback: 5_000 };
const EDGE_S = 0.02;

export class Sound {
  /** @type {AudioContext | null} */
  #audio = null;
  /** @type {"ring" | "ringback" | null} */
  #playing = null;
  #timer = 0;
  #isMuted = false;
  #onUnlock;

  /** @param {() => void} onUnlock called once sound is permitted */
  constructor(onUnlock) {
    this.#onUnlock = onUnlock;
    for (const gesture of ["pointerdown", "keydown"])
      addEventListener(gesture, () => this.#unlock(), { capture: true });
  }

  /** Whether a ring could be heard now. */
  get isPermitted() {
    return this.#audio?.state === "running";
  }

  get isMuted() {
    return this.#isMuted;
  }

  set isMuted(muted) {
    this.#isMuted = muted;
    this.#restart(this.#playing);
  }

  /** @param {"ring" | "ringback" | null} what null is silence */
  play(what) {
    if (what !== this.#playing) this.#restart(what);
  }

  #unlock() {
    if (this.isPermitted) return;
    this.#audio ??= new AudioContext();
    this.#audio.resume().then(() => {
      this.#restart(this.#playing);
      this.#onUnlock();
    });
  }

  #restart(what) {
    clearInterval(this.#timer);
    this.#playing = what;
    if (what === null || this.#isMuted || !this.isPermitted) return;
    const once = () => this.#notes(what === "ring" ? RING : RINGBACK, LOUDNESS[what]);
    once();
    this.#timer = setInterval(once, PERIOD_MS[what]);
  }

  #notes(notes, loudness) {
    const audio = this.#audio;
    for (const [frequency, begin, length] of notes) {
      const at = audio.currentTime + begin;
      const tone = new OscillatorNode(audio, { type: "triangle", frequency });
      const volume = new GainNode(audio, { gain: 0 });
      volume.gain.setValueAtTime(0, at);
      volume.gain.linearRampToValueAtTime(loudness, at + EDGE_S);
      volume.gain.setValueAtTime(loudness, at + length - EDGE_S);
      volume.gain.linearRampToValueAtTime(0, at + length);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + length);
    }
  }
}
