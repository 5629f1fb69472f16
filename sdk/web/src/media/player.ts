// Plays the voices of a room, and the sound of shared screens, in elements that nobody sees.
import type { LocalMedia } from "../api/local_media.js";
import type { Room, RoomState } from "../api/room.js";
import type { SoundOptions, SoundPlayer, SoundState } from "../api/sound.js";
import { Listeners } from "../listeners.js";
import { isPicture } from "../room/roster.js";
import { playOn } from "./speaker.js";

/** Plays everything that is heard in a room, as it comes and goes. */
export function playSound(
  room: Room,
  { media }: SoundOptions = {},
  newElement: () => HTMLAudioElement = () => new Audio(),
): SoundPlayer {
  return new Player(room, media, newElement);
}

class Player implements SoundPlayer {
  readonly #newElement: () => HTMLAudioElement;
  readonly #media: SoundOptions["media"];
  readonly #changes = new Listeners<SoundState>();
  readonly #stops: (() => void)[];
  readonly #playing = new Map<MediaStream, HTMLAudioElement>();
  /** Elements that wait for a click, or for the page to record: some browsers hold a page that does so for clicked. */
  readonly #blocked = new Set<HTMLAudioElement>();
  #isRecording = false;
  #volume = 1;
  #state: SoundState = { isBlocked: false };

  constructor(room: Room, media: SoundOptions["media"], newElement: () => HTMLAudioElement) {
    this.#newElement = newElement;
    this.#media = media;
    this.#stops = [room.subscribe((state) => this.#follow(state))];
    if (media) this.#stops.push(media.subscribe(() => this.#heed(media)));
    this.#follow(room.state);
  }

  get state(): SoundState {
    return this.#state;
  }

  subscribe(listener: (state: SoundState) => void): () => void {
    return this.#changes.add(listener);
  }

  async resume(): Promise<void> {
    await Promise.all([...this.#blocked].map((element) => this.#play(element)));
  }

  setVolume(volume: number): void {
    this.#volume = Math.min(1, Math.max(0, volume));
    for (const element of this.#playing.values()) element.volume = this.#volume;
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#keep(new Set());
  }

  #follow({ participants }: RoomState): void {
    const others = participants.filter(({ isMe }) => !isMe);
    const tracks = others.flatMap(({ streams }) => streams.flatMap((each) => each.tracks));
    const heard = new Set(tracks.flatMap(({ media, source }) => (media && !isPicture(source) ? [media] : [])));
    this.#keep(heard);
    for (const media of heard) if (!this.#playing.has(media)) this.#begin(media);
  }

  #begin(media: MediaStream): void {
    const element = this.#newElement();
    element.srcObject = media;
    element.volume = this.#volume;
    this.#playing.set(media, element);
    this.#route();
    void this.#play(element);
  }

  #keep(heard: ReadonlySet<MediaStream>): void {
    for (const [media, element] of this.#playing) {
      if (heard.has(media)) continue;
      this.#playing.delete(media);
      this.#blocked.delete(element);
      element.srcObject = null;
    }
    this.#changed();
  }

  async #play(element: HTMLAudioElement): Promise<void> {
    try {
      await element.play();
      this.#blocked.delete(element);
    } catch (error) {
      // Anything else means that it was taken away before it began.
      if (element.srcObject && (error as { name?: unknown }).name === "NotAllowedError") this.#blocked.add(element);
    }
    this.#changed();
  }

  #heed({ state: { camera, microphone } }: LocalMedia): void {
    this.#route();
    const isRecording = camera.track !== undefined || microphone.track !== undefined;
    const hasBegun = isRecording && !this.#isRecording;
    this.#isRecording = isRecording;
    if (hasBegun) void this.resume();
  }

  #route(): void {
    if (!this.#media) return;
    const { speaker } = this.#media.state.chosen;
    for (const element of this.#playing.values()) void playOn(element, speaker);
  }

  #changed(): void {
    const isBlocked = this.#blocked.size > 0;
    if (isBlocked === this.#state.isBlocked) return;
    this.#state = { isBlocked };
    this.#changes.tell(this.#state);
  }
}
