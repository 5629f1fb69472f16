// What this device publishes in a room: changed here at once, and told to the server one thing after another.
import type { RoomRole, StreamView, TrackSource, UserId } from "../generated/frames.js";
import { OffhookError } from "../api/error.js";
import type { LocalMedia } from "../api/local_media.js";
import type { StreamToPublish } from "../api/room.js";
import { streamName } from "./negotiation.js";
import { isPassing, offhookError } from "./patience.js";
import type { RoomPort } from "./port.js";
import {
  hasSameTracks,
  reverted,
  streamNews,
  withExtraInfo,
  withLocalMedia,
  withNews,
  withoutLocalMedia,
  withoutStream,
  withStream,
  withTrack,
  type OwnTrack,
  type Publications,
} from "./publishing.js";
import type { Visit } from "./visit.js";

/** What the own streams need of their room. */
export interface OwnStreamsParts {
  readonly port: RoomPort;
  /** The present stay. */
  readonly visit: () => Visit | undefined;
  readonly role: () => RoomRole | undefined;
  /** The own streams as the server knows them. */
  readonly known: () => readonly StreamView[];
  /** The server knows them so. */
  readonly onTold: (streams: readonly StreamView[]) => void;
  readonly onProblem: (error: OffhookError) => void;
}

type Change = (own: Publications) => Publications;

export class OwnStreams {
  readonly #parts: OwnStreamsParts;
  #all: Publications = new Map();
  #used: LocalMedia | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: OwnStreamsParts) {
    this.#parts = parts;
  }

  /** What is to be published. A viewer may not publish; what they would is kept for another role. */
  get wanted(): Publications {
    return this.#parts.role() === "viewer" ? new Map() : this.#all;
  }

  /** @returns how to stop */
  use(media: LocalMedia): () => void {
    this.#used = media;
    const stop = media.subscribe(() => this.#follow());
    this.#follow();
    return () => {
      stop();
      if (this.#used !== media) return;
      this.#used = undefined;
      // Unless somebody uses it again by then.
      this.#unasked(this.#inTurn(() => this.#change((own) => (this.#used ? own : withoutLocalMedia(own, this.#me)))));
    };
  }

  /** Takes over what local media records, before the first offer. */
  followAtOnce(): void {
    if (this.#used && this.#me !== "") this.#all = withLocalMedia(this.#all, this.#me, this.#used.state);
  }

  publish(stream: StreamToPublish): Promise<string> {
    return this.#inTurn(async () => {
      const name = stream.name ?? this.#nameOf(stream);
      if (this.#parts.role() === "viewer") throw new OffhookError("role_forbids", "a viewer publishes nothing");
      for (const { isMuted, track } of stream.tracks) if (isMuted !== undefined) track.enabled = !isMuted;
      await this.#change((own) => withStream(own, { ...stream, name }));
      return name;
    });
  }

  unpublish(name: string): Promise<void> {
    return this.#inTurn(() => this.#change((own) => withoutStream(own, name)));
  }

  async replaceTrack(name: string, source: TrackSource, track: MediaStreamTrack | null): Promise<void> {
    const { isMuted } = this.#find(name, source) ?? (await this.#findInTurn(name, source));
    if (track) track.enabled = !isMuted;
    await this.#changeAtOnce((own) => withTrack(own, name, source, { track }));
  }

  async mute(name: string, source: TrackSource, isMuted: boolean): Promise<void> {
    const { track } = this.#find(name, source) ?? (await this.#findInTurn(name, source));
    if (track) track.enabled = !isMuted;
    await this.#changeAtOnce((own) => withTrack(own, name, source, { isMuted }));
  }

  async setExtraInfo(name: string, extraInfo: string): Promise<void> {
    if (!this.#all.has(name)) await this.#findInTurn(name);
    await this.#changeAtOnce((own) => withExtraInfo(own, name, extraInfo));
  }

  /** Tells the server whatever it does not know, as after it was out of reach. */
  reconcile(): void {
    this.#unasked(this.#inTurn(() => this.#tell()));
  }

  /** Publishes nothing any more, but for what local media goes on to record. */
  forget(): void {
    this.#all = new Map();
  }

  get #me(): UserId {
    return this.#parts.port.me() ?? "";
  }

  #nameOf({ tracks }: StreamToPublish): string {
    if (this.#me === "") {
      throw new OffhookError("not_connected", "name the stream: its user is not known yet");
    }
    return streamName(this.#me, tracks.map(({ source }) => source).join("-"));
  }

  /** Of no source in particular, any track will do. */
  #find(name: string, source?: TrackSource): OwnTrack | undefined {
    return this.#all.get(name)?.tracks.find((each) => source === undefined || each.source === source);
  }

  /** It may be about to be published. */
  #findInTurn(name: string, source?: TrackSource): Promise<OwnTrack> {
    return this.#inTurn(() => {
      const track = this.#find(name, source);
      if (!track) throw new OffhookError("stream_not_found", "it is not published");
      return track;
    });
  }

  /** Local media records something else, or nothing. */
  #follow(): void {
    const [media, me] = [this.#used, this.#me];
    if (!media || me === "") return;
    const next = withLocalMedia(this.#all, me, media.state);
    if (next === this.#all) return;
    const change: Change = (own) => (this.#used === media ? withLocalMedia(own, me, media.state) : own);
    if (hasSameTracks(this.#all.values(), next.values())) this.#unasked(this.#changeAtOnce(change));
    else this.#unasked(this.#inTurn(() => this.#change(change)));
  }

  /** What needs no offer takes effect here before the server hears of it. */
  async #changeAtOnce(change: Change): Promise<void> {
    const before = this.#all;
    const after = change(before);
    this.#all = after;
    await this.#parts.visit()?.carry(this.wanted);
    await this.#inTurn(() => this.#tellOrRevert(before, after));
  }

  async #change(change: Change): Promise<void> {
    const before = this.#all;
    const after = change(before);
    if (after === before) return;
    this.#all = after;
    await this.#tellOrRevert(before, after);
  }

  async #tellOrRevert(before: Publications, after: Publications): Promise<void> {
    try {
      await this.#tell();
    } catch (error) {
      this.#all = reverted(this.#all, before, after);
      const visit = this.#parts.visit();
      await visit?.carry(this.wanted);
      // The refused offer is still there; what the server took before replaces it.
      if (visit?.isJoined) await visit.offer().catch(() => visit.renew());
      throw error;
    }
  }

  async #tell(): Promise<void> {
    const { known, onTold, port, visit: present } = this.#parts;
    const visit = present();
    if (!visit) return; // Entering tells everything.
    try {
      await visit.carry(this.wanted);
      await visit.settled; // The first offer names everything that it finds.
      if (!hasSameTracks(this.wanted.values(), known())) await visit.offer();
      if (!visit.isJoined) return;
      for (const news of streamNews(this.wanted, known())) {
        await visit.patience.ask(() => port.ask({ type: "room.update_stream", body: { room: port.id, ...news } }));
        if (visit === present()) onTold(withNews(known(), news));
      }
    } catch (error) {
      if (visit !== present()) return;
      const { code } = offhookError(error);
      if (code !== "not_in_room") throw error;
      void visit.read(); // Finds out, and enters again, which tells everything.
    }
  }

  #inTurn<Done>(act: () => Done | Promise<Done>): Promise<Done> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => undefined); // Whoever asked is told; the next one may succeed.
    return done;
  }

  /** Nobody asked for it, so that nobody hears it fail. */
  #unasked(done: Promise<unknown>): void {
    done.catch((error: unknown) => isPassing(error) || this.#parts.onProblem(offhookError(error)));
  }
}
