// The media sections over which this device sends. A section outlives its track: it falls inactive and carries another
// one later, since the server takes no stopped sections, and descriptions should not grow for ever.
import type { TrackSource } from "../generated/frames.js";
import { encodings, onlyCodec, type Coding } from "./negotiation.js";
import type { Publications } from "./publishing.js";
import { isPicture, trackKey } from "./roster.js";

/** What a section of another source was agreed on for; a camera without a track yet is taken for a usual one. */
const USUAL_LINES = 720;

interface Section {
  readonly source: TrackSource;
  readonly transceiver: RTCRtpTransceiver;
  /** What it carries, by `trackKey`; absent while it is idle. */
  key?: string;
  track: MediaStreamTrack | null;
  /** For how many lines it is encoded. */
  lines: number;
}

/** The sending sections of one connection. */
export class Senders {
  readonly #connection: RTCPeerConnection;
  readonly #coding: Coding;
  readonly #all: Section[] = [];

  constructor(connection: RTCPeerConnection, coding: Coding) {
    this.#connection = connection;
    this.#coding = coding;
  }

  /** Brings the sections in step with what is published. New tracks are sent once an offer has named them. */
  carry(publications: Publications): Promise<unknown> {
    const wanted = new Map(
      [...publications.values()].flatMap(({ stream, tracks }) =>
        tracks.map((each) => [trackKey(stream, each.source), each] as const),
      ),
    );
    const waits: Promise<void>[] = [];
    // First what is gone: its section may be used again at once.
    for (const section of this.#all) {
      if (section.key === undefined || wanted.has(section.key)) continue;
      delete section.key;
      section.transceiver.direction = "inactive";
      waits.push(this.#replace(section, null));
    }
    for (const [key, { source, track }] of wanted) {
      const section = this.#all.find((each) => each.key === key) ?? this.#reuse(key, source);
      if (section) waits.push(this.#replace(section, track));
      else this.#add(key, source, track);
    }
    return Promise.all(waits);
  }

  /** The `a=mid` of what carries a track. */
  midOf(key: string): string | undefined {
    return this.#all.find((each) => each.key === key)?.transceiver.mid ?? undefined;
  }

  /** What a section carries, by its `a=mid`. */
  keyOf(mid: string): string | undefined {
    return this.#all.find(({ transceiver }) => transceiver.mid === mid)?.key;
  }

  /** How many sections there are, idle ones too. */
  get size(): number {
    return this.#all.length;
  }

  #reuse(key: string, source: TrackSource): Section | undefined {
    const idle = this.#all.find((each) => each.key === undefined && each.source === source);
    if (!idle) return undefined;
    idle.key = key;
    idle.transceiver.direction = "sendonly";
    return idle;
  }

  #add(key: string, source: TrackSource, track: MediaStreamTrack | null): void {
    const kind = isPicture(source) ? "video" : "audio";
    const lines = linesOf(track);
    const transceiver = this.#connection.addTransceiver(track ?? kind, {
      direction: "sendonly",
      sendEncodings: encodings(source, this.#coding, lines),
    });
    const { codec } = this.#coding;
    if (codec !== undefined && kind === "video") {
      transceiver.setCodecPreferences(onlyCodec(RTCRtpSender.getCapabilities("video")?.codecs ?? [], codec));
    }
    this.#all.push({ source, transceiver, key, track, lines });
  }

  /** The first answer is there: what was refused before it can be set right. */
  async settle(): Promise<void> {
    await Promise.all(this.#all.map((section) => this.#fit(section)));
  }

  async #replace(section: Section, track: MediaStreamTrack | null): Promise<void> {
    if (section.track === track) return;
    section.track = track;
    await section.transceiver.sender.replaceTrack(track);
    await this.#fit(section);
  }

  /** What is worth sending in three sizes of one camera is worth two of another that has fewer lines. */
  async #fit(section: Section): Promise<void> {
    const { source, track, transceiver } = section;
    const lines = linesOf(track);
    if (source !== "camera" || !track || lines === section.lines) return;
    const before = section.lines;
    section.lines = lines;
    const { sender } = transceiver;
    const parameters = sender.getParameters();
    const wanted = encodings(source, this.#coding, lines, parameters.encodings.length);
    parameters.encodings.forEach((encoding, index) => Object.assign(encoding, wanted[index]));
    // Refused before the first offer was answered: what the transceiver was made with holds until then.
    await sender.setParameters(parameters).catch(() => (section.lines = before));
  }
}

function linesOf(track: MediaStreamTrack | null): number {
  const { height = USUAL_LINES, width = height } = track?.getSettings() ?? {};
  return Math.min(height, width) || USUAL_LINES;
}
