// The streams that this device publishes.
import type { Room } from "@offhook/client";
import { failureOf } from "./failure.js";
import { PUBLISHING_FAILED, STREAM_TAKEN } from "./numbers.js";
import { ZegoLocalStream } from "./local_stream.js";
import type { AnyLocalStream, PublisherState } from "./types.js";
import type { Emit } from "./emit.js";

const NAME = /^[\w-]{1,256}$/;

/** Publishes streams. */
export class Publishing {
  readonly #published = new Map<string, ZegoLocalStream>();

  constructor(
    private readonly room: Room,
    private readonly emit: Emit,
  ) {}

  /** Publishes a stream; what becomes of it is told. @returns false if its name is taken or none */
  start(name: string, stream: AnyLocalStream, extraInfo: string, isSilent: boolean): boolean {
    if (!NAME.test(name) || this.#published.has(name)) {
      this.#tell(name, "NO_PUBLISH", this.#published.has(name) ? STREAM_TAKEN : PUBLISHING_FAILED);
      return false;
    }
    const local = ZegoLocalStream.of(stream);
    this.#published.set(name, local);
    this.#tell(name, "PUBLISH_REQUESTING");
    const tracks = local.getTracks().map((track) => {
      const source = local.sourceOf(track);
      if (isSilent && source === "microphone") track.enabled = false;
      return { source, track, isMuted: !track.enabled };
    });
    this.room.publish({ name, extraInfo, tracks }).then(
      () => {
        if (this.#published.get(name) === local) this.#tell(name, "PUBLISHING");
      },
      (error: unknown) => {
        if (this.#published.get(name) !== local) return;
        this.#published.delete(name);
        this.#tell(name, "NO_PUBLISH", failureOf(error, PUBLISHING_FAILED).code);
      },
    );
    return true;
  }

  /** @returns false if it is not published */
  stop(name: string): boolean {
    if (!this.#published.delete(name)) return false;
    this.room.unpublish(name).catch(() => undefined);
    this.#tell(name, "NO_PUBLISH");
    return true;
  }

  /** Mutes the tracks of a kind, of one local stream or of all. */
  mute(kind: "audio" | "video", isMuted: boolean, stream?: ZegoLocalStream): void {
    for (const [name, local] of this.#published) {
      if (stream && local !== stream) continue;
      for (const track of local.getTracks().filter((each) => each.kind === kind)) {
        if (!stream && local.sourceOf(track) !== "microphone") continue;
        track.enabled = !isMuted;
        this.room.mute(name, local.sourceOf(track), isMuted).catch(() => undefined);
      }
    }
  }

  /** Sends another track of a kind in place of the present one, or none for now, wherever the local stream is published. */
  async replace(stream: ZegoLocalStream, kind: "audio" | "video", track: MediaStreamTrack | null): Promise<void> {
    const source = stream.sourceOf(track ?? ({ kind } as MediaStreamTrack));
    for (const [name, local] of this.#published) {
      if (local === stream) await this.room.replaceTrack(name, source, track);
    }
  }

  /** The session or the room is over. */
  close(): void {
    for (const name of [...this.#published.keys()]) {
      this.#published.delete(name);
      this.#tell(name, "NO_PUBLISH");
    }
  }

  #tell(streamID: string, state: PublisherState, errorCode = 0): void {
    this.emit("publisherStateUpdate", { streamID, state, errorCode, extendedData: "" });
  }
}
