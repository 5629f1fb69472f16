// What shows a remote stream in the page.
import { PlayingElement } from "./element.js";
import type { ZegoViewOption } from "./types.js";

/** What a view needs of the stream that it shows. */
export interface Shown {
  readonly stream: MediaStream;
  /** Plays the picture in an element, at the size at which it is visible. @returns how to stop that */
  readonly attach: ((element: HTMLVideoElement) => () => void) | undefined;
}

/** A remote stream in the page. */
export class ZegoRemoteView {
  readonly #video = new PlayingElement("video");
  readonly #audio = new PlayingElement("audio");
  #detach: (() => void) | undefined;
  #volume = 1;
  #speaker = "";

  constructor(private readonly shown: Shown) {}

  /** Plays picture and sound in an element, or in the one of that id. */
  play(view: HTMLElement | string, options: ZegoViewOption = {}): void {
    this.playVideo(view, options);
    this.playAudio({ ...options, view });
  }

  /** Plays the picture alone. */
  playVideo(view: HTMLElement | string, options: ZegoViewOption = {}): void {
    const { attach, stream } = this.shown;
    // The sound is the other element's, so that a page that may not yet sound shows its pictures all the same.
    this.#video.play(view, attach ? undefined : stream, { ...options, muted: true });
    this.#detach ??= attach?.(this.#video.element as HTMLVideoElement);
  }

  /** Plays the sound alone. */
  playAudio({ view = document.body, ...options }: ZegoViewOption & { view?: HTMLElement | string } = {}): void {
    this.#audio.play(view, this.shown.stream, options);
    this.setVolume(this.#volume * 100);
    if (this.#speaker !== "") void this.useAudioOutputDevice(this.#speaker);
  }

  /** Tries again after the user has touched the page. */
  resume(): void {
    this.#video.resume();
    this.#audio.resume();
  }

  stopVideo(): void {
    this.#detach?.();
    this.#detach = undefined;
    this.#video.stop();
  }
  stopAudio(): void {
    this.#audio.stop();
  }
  stop(): void {
    this.stopVideo();
    this.stopAudio();
  }
  destroy(): void {
    this.stop();
  }

  /** @param volume 0–100 */
  setVolume(volume: number): void {
    this.#volume = Math.min(Math.max(volume, 0), 100) / 100;
    if (this.#audio.element) this.#audio.element.volume = this.#volume;
  }

  /** Plays through a speaker. Resolves to false where the browser cannot choose. */
  async useAudioOutputDevice(deviceID: string): Promise<boolean> {
    this.#speaker = deviceID;
    return this.#audio.element ? await playThrough(this.#audio.element, deviceID) : true;
  }
}

/** Plays an element through a speaker. */
export async function playThrough(element: HTMLMediaElement, deviceID: string): Promise<boolean> {
  try {
    await element.setSinkId(deviceID === "default" ? "" : deviceID);
    return true;
  } catch {
    return false;
  }
}
