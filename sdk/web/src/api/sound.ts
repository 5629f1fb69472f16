// The voices of a room, played.
import type { LocalMedia } from "./local_media.js";

/** How sound is played. */
export interface SoundOptions {
  /** Plays through the speaker that is chosen there, and follows the choice. Default: the system's choice. */
  media?: LocalMedia;
}

/** What is heard. */
export interface SoundState {
  /** The browser keeps the page silent until its user clicks: show a button that calls `resume`. */
  readonly isBlocked: boolean;
}

/** Plays everything that is heard in a room. */
export interface SoundPlayer {
  readonly state: SoundState;
  /** Tells of every new state. @returns how to stop that */
  subscribe(listener: (state: SoundState) => void): () => void;
  /** Plays what was blocked; to be called from a click. */
  resume(): Promise<void>;
  /** How loud, 0–1. Default 1. */
  setVolume(volume: number): void;
  /** Falls silent for good. */
  stop(): void;
}
