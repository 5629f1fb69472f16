// What the others say: one element for each of their microphones and shared screens, wherever the call is shown.
import type { Room, RoomState } from "@offhook/client";
import { type ReactElement, useEffect, useRef } from "react";
import { useLocalMedia } from "../hooks/room.js";
import { useStore } from "../hooks/use_store.js";
import { Store } from "../store.js";

/** Whether the browser plays sound without being clicked. */
export class Autoplay extends Store<"blocked" | "free"> {
  readonly #waiting = new Set<HTMLAudioElement>();

  constructor() {
    super("free");
  }

  /** Plays; where the browser forbids it, waits for {@link Autoplay.unlock}. */
  play(element: HTMLAudioElement): void {
    element.play().then(
      () => this.forget(element),
      (error: unknown) => {
        if (!(error instanceof DOMException) || error.name !== "NotAllowedError") return;
        this.#waiting.add(element);
        this.set("blocked");
      },
    );
  }

  /** To be called from a click. */
  unlock(): void {
    for (const element of this.#waiting) this.play(element);
  }

  forget(element: HTMLAudioElement): void {
    this.#waiting.delete(element);
    if (this.#waiting.size === 0) this.set("free");
  }
}

/** Plays everybody else. It shows nothing. */
export function RemoteSound({ room, autoplay }: { room: Room; autoplay: Autoplay }): ReactElement {
  const state = useStore(room);
  const { state: media } = useLocalMedia();
  return (
    <>
      {sounds(state).map(({ key, media: stream }) => (
        <Voice key={key} stream={stream} speaker={media.chosen.speaker} autoplay={autoplay} />
      ))}
    </>
  );
}

function sounds(state: RoomState): readonly { key: string; media: MediaStream }[] {
  return state.participants
    .filter(({ isMe }) => !isMe)
    .flatMap(({ streams }) => streams)
    .flatMap(({ name, tracks }) => tracks.map((track) => ({ key: `${track.source} ${name}`, ...track })))
    .flatMap(({ key, source, media }) =>
      media && (source === "microphone" || source === "screen_audio") ? [{ key, media }] : [],
    );
}

function Voice({
  stream,
  speaker,
  autoplay,
}: {
  stream: MediaStream;
  speaker: string | undefined;
  autoplay: Autoplay;
}) {
  const ref = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    element.srcObject = stream;
    autoplay.play(element);
    return () => {
      autoplay.forget(element);
      element.srcObject = null;
    };
  }, [stream, autoplay]);
  useEffect(() => {
    const element = ref.current;
    // Not every browser lets a page choose. A speaker that is gone: the system's own goes on playing.
    if (element && "setSinkId" in element) element.setSinkId(speaker ?? "").catch(() => undefined);
  }, [speaker]);
  return <audio ref={ref} />;
}
