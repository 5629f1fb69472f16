// What the others say, heard wherever the call is shown.
import type { LocalMedia, Room } from "@offhook/client";
import { playSound, type SoundPlayer } from "@offhook/client/sound";
import { useEffect } from "react";
import { useKit } from "../context.js";
import { Store } from "../store.js";

/** Whether the browser plays sound without being clicked. */
export class Autoplay extends Store<"blocked" | "free"> {
  readonly #players = new Set<SoundPlayer>();

  constructor() {
    super("free");
  }

  /**
   * Plays everybody else in a room, through the speaker that is chosen; what the browser forbids waits for {@link Autoplay.unlock}.
   * @returns how to stop that
   */
  play(room: Room, media: LocalMedia): () => void {
    const player = playSound(room, { media });
    this.#players.add(player);
    const unsubscribe = player.subscribe(() => this.#look());
    this.#look();
    return () => {
      unsubscribe();
      player.stop();
      this.#players.delete(player);
      this.#look();
    };
  }

  /** To be called from a click. */
  unlock(): void {
    for (const player of this.#players) void player.resume();
  }

  #look(): void {
    this.set([...this.#players].some(({ state }) => state.isBlocked) ? "blocked" : "free");
  }
}

/** Plays everybody else. It shows nothing. */
export function RemoteSound({ room, autoplay }: { room: Room; autoplay: Autoplay }): null {
  const { media } = useKit().desk;
  useEffect(() => autoplay.play(room, media), [room, media, autoplay]);
  return null;
}
