// One WebRTC connection to the server: offers and answers, one after another, and what is received over it.
import type { MediaAnswer, OfferedStream, SentTrack, ServerOffer, UserId } from "../generated/frames.js";
import { OffhookError } from "../api/error.js";
import type { Coding, Turns } from "./negotiation.js";
import { trackKey } from "./roster.js";
import { Senders } from "./senders.js";
import type { SectionOwner } from "./statistics.js";

/** What a connection needs of its room. */
export interface ConnectionParts {
  readonly peer: RTCPeerConnection;
  /** Of the whole stay, as the server numbers its offers over all connections. */
  readonly turns: Turns;
  readonly coding: Coding;
  /** Sends an offer, again and again if need be. */
  readonly offer: (sdp: string, streams: OfferedStream[]) => Promise<MediaAnswer>;
  readonly answer: (negotiation: number, sdp: string) => Promise<void>;
  /** What is published now, by the sections that carry it. */
  readonly streams: (senders: Senders) => OfferedStream[];
  /** The server has taken an offer with these streams. */
  readonly onOffered: (streams: OfferedStream[]) => void;
  readonly onMedia: (media: ReadonlyMap<string, MediaStream>) => void;
  readonly onState: (state: RTCPeerConnectionState) => void;
  /** The server refused, or the browser could not use what it sent. */
  readonly onRefusal: (error: unknown, whose: "own" | "server") => void;
}

interface Received {
  readonly key: string;
  readonly track: MediaStreamTrack;
  readonly media: MediaStream;
}

export class Connection {
  readonly peer: RTCPeerConnection;
  readonly senders: Senders;
  /** What the sections of the server's last offer carry, by `a=mid`. */
  sections: ReadonlyMap<string, SentTrack> = new Map();
  readonly #parts: ConnectionParts;
  /** By `a=mid`. */
  #received = new Map<string, Received>();
  #chain: Promise<unknown>;
  /** An offer that has not begun yet: whoever wants one joins in. */
  #next: Promise<void> | undefined;
  #start: () => void = () => undefined;
  #end: (error: OffhookError) => void = () => undefined;
  readonly #ended: Promise<never>;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.peer = parts.peer;
    this.senders = new Senders(parts.peer, parts.coding);
    this.#chain = new Promise<void>((resolve) => (this.#start = resolve));
    this.#ended = new Promise<never>((_, reject) => (this.#end = reject));
    this.#ended.catch(() => undefined); // Whoever waits for something else is told as well.
    parts.peer.onconnectionstatechange = () => parts.onState(parts.peer.connectionState);
  }

  get isConnected(): boolean {
    return this.peer.connectionState === "connected";
  }

  get isClosed(): boolean {
    return this.peer.signalingState === "closed";
  }

  /** Whose a media section is. */
  ownerOf(mid: string, direction: "received" | "sent", me: UserId): SectionOwner | undefined {
    if (direction === "received") return this.sections.get(mid);
    const key = this.senders.keyOf(mid);
    if (key === undefined) return undefined;
    const end = key.lastIndexOf("/");
    return { user: me, stream: key.slice(0, end), source: key.slice(end + 1) };
  }

  /** The first offer takes a browser as long as joining takes the server; made anew later, it is quick. */
  warmUp(): void {
    // A description needs something to describe, also of someone who only watches.
    if (this.senders.size === 0) this.peer.createDataChannel("room");
    this.peer.createOffer().catch(() => undefined);
  }

  /** The room is entered: offers may go out from now on. */
  start(iceServers: RTCIceServer[] | undefined): void {
    if (iceServers) this.peer.setConfiguration({ ...this.peer.getConfiguration(), iceServers });
    this.#start();
  }

  /** Offers what is published now. Rejects with what the server refused; whoever asked offers what it will take then. */
  offer(): Promise<void> {
    this.#next ??= this.inTurn(async () => {
      this.#next = undefined;
      await this.#offer();
    });
    return this.#next;
  }

  /** Takes an offer of the server. Never rejects. */
  async hear(offer: ServerOffer): Promise<void> {
    const { turns } = this.#parts;
    const ticket = turns.arrive(offer.negotiation);
    if (!ticket) return;
    try {
      await this.inTurn(async () => {
        if (turns.counts(ticket)) await this.#answer(offer);
      });
    } catch (error) {
      if (!this.isClosed) this.#parts.onRefusal(error, "server");
    }
  }

  /** Acts once everything that was begun before is done. Rejects if the connection is closed by then, or meanwhile. */
  inTurn<Done>(act: () => Promise<Done>): Promise<Done> {
    const done = this.#chain.then(act);
    this.#chain = done.catch(() => undefined); // Whoever asked is told; the next one may succeed.
    return Promise.race([done, this.#ended]);
  }

  /** Goes on over other addresses with the next offer. */
  restart(): Promise<void> {
    this.peer.restartIce();
    return this.offer();
  }

  close(): void {
    if (this.isClosed) return;
    this.peer.onconnectionstatechange = null;
    this.peer.close();
    this.#end(new OffhookError("aborted", "the media connection was closed"));
    this.#start();
  }

  /**
   * An offer that is refused is not rolled back: browsers lose their sections over that. It stays until the next offer takes
   * its place, which whoever made it owes; until then offers of the server are passed over, and made again after it.
   */
  async #offer(): Promise<void> {
    const { offer, onOffered, onRefusal, streams, turns } = this.#parts;
    const { peer } = this;
    await peer.setLocalDescription(await peer.createOffer());
    const offered = streams(this.senders);
    turns.open();
    try {
      const answer = await offer(descriptionOf(peer), offered);
      // What the server offers once it has answered counts, even while its answer is still being applied.
      turns.close(answer);
      await peer.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    } catch (error) {
      if (!this.isClosed) onRefusal(error, "own");
      throw error;
    }
    onOffered(offered);
    await this.senders.settle();
  }

  async #answer({ negotiation, sdp, tracks }: ServerOffer): Promise<void> {
    const { peer } = this;
    await peer.setRemoteDescription({ type: "offer", sdp });
    this.#take(tracks);
    await peer.setLocalDescription(await peer.createAnswer());
    await this.#parts.answer(negotiation, descriptionOf(peer));
  }

  /** A section that carries something else now bears the same receiving track: only its stream is a new one. */
  #take(tracks: readonly SentTrack[]): void {
    this.sections = new Map(tracks.map((each) => [each.mid, each]));
    const received = new Map<string, Received>();
    for (const { mid, receiver } of this.peer.getTransceivers()) {
      const section = mid === null ? undefined : this.sections.get(mid);
      if (mid === null || !section) continue;
      const [key, track] = [trackKey(section.stream, section.source), receiver.track];
      const was = this.#received.get(mid);
      const isSame = was?.key === key && was.track === track;
      received.set(mid, isSame ? was : { key, track, media: new MediaStream([track]) });
    }
    this.#received = received;
    this.#parts.onMedia(new Map([...received.values()].map(({ key, media }) => [key, media])));
  }
}

function descriptionOf({ localDescription }: RTCPeerConnection): string {
  return localDescription?.sdp ?? "";
}
