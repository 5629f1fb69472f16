// The rules of negotiating, without a connection: whose turn it is, how tracks are encoded, what streams are called, and
// which wishes are worth a request.
import type { MediaAnswer, TrackSource, TrackWish, UserId } from "../generated/frames.js";
import { isPicture, trackKey } from "./roster.js";

/** What becomes of an offer of the server. */
export interface Ticket {
  readonly negotiation: number;
  readonly made: number;
}

/**
 * Whose turn it is. A client's offer voids an offer of the server that is under way; the server makes that one again. So
 * the client passes over a server's offer that came while its own was unanswered, or that was overtaken while it waited.
 *
 * Replies and events take two ways: what the own offer has voided may also come after the answer to it, which therefore names
 * the last one that is void.
 */
export class Turns {
  #made = 0;
  #isOpen = false;
  #newest = 0;
  #voided = 0;

  /** The client's own offer is about to be sent. */
  open(): void {
    this.#made += 1;
    this.#isOpen = true;
  }

  /** It is answered. What was void before counts no longer: in a new stay the server numbers its offers anew. */
  close({ voids = 0 }: Pick<MediaAnswer, "voids">): void {
    this.#isOpen = false;
    this.#voided = voids;
  }

  /** A server's offer came: a ticket for it, or undefined if it is to be passed over. */
  arrive(negotiation: number): Ticket | undefined {
    if (this.#isOpen || negotiation <= this.#voided) return undefined;
    this.#newest = negotiation;
    return { negotiation, made: this.#made };
  }

  /** Whether the offer with this ticket still counts. */
  counts({ made, negotiation }: Ticket): boolean {
    return made === this.#made && negotiation === this.#newest && negotiation > this.#voided;
  }
}

/** A camera's encodings, from small to large. The smallest must come through a narrow connection. */
const RIDS = ["q", "h", "f"];
/** What a picture of up to so many lines is given, in bits a second. */
const RATES: readonly (readonly [number, number])[] = [
  [100, 100_000],
  [200, 200_000],
  [400, 600_000],
  [800, 1_700_000],
];
/** More, for cameras of 1080 lines and above. */
const MOST_BPS = 3_000_000;
/** Below this height browsers send two encodings at most, and would leave out the largest of three. */
const SMALL_CAMERA = 540;
/** A screen is read, not watched: one encoding, sharp. */
const SCREEN_BPS = 2_500_000;

/** How a track is encoded. */
export interface Coding {
  readonly codec?: string;
  readonly simulcast?: boolean;
}

/**
 * The encodings of a track.
 * @param lines of the picture
 * @param count of the encodings that were agreed on already, when another camera takes over
 * @returns none for sound
 */
export function encodings(
  source: TrackSource,
  { codec, simulcast = true }: Coding,
  lines: number,
  count?: number,
): RTCRtpEncodingParameters[] {
  if (!isPicture(source)) return [];
  const plain = { active: true, scaleResolutionDownBy: 1 };
  if (source === "screen") return [{ ...plain, maxBitrate: SCREEN_BPS }];
  if (!simulcast || count === 1) return [{ ...plain, maxBitrate: rate(lines) }];
  const wanted = lines < SMALL_CAMERA ? 2 : 3;
  const agreed = count ?? wanted;
  const used = Math.min(wanted, agreed);
  // VP9 and AV1 would make one scalable stream of the three unless each is told to be a plain one.
  const scalability = codec === "vp9" || codec === "av1" ? { scalabilityMode: "L1T1" } : {};
  return RIDS.slice(RIDS.length - agreed).map((rid, index) => {
    const scale = 2 ** Math.max(0, used - 1 - index);
    const maxBitrate = rate(lines / scale);
    return { rid, active: index < used, scaleResolutionDownBy: scale, maxBitrate, ...scalability };
  });
}

function rate(lines: number): number {
  return RATES.find(([most]) => lines <= most)?.[1] ?? MOST_BPS;
}

/** Without these, repaired packets and redundancy would be lost together with the codecs that are not wanted. */
const BESIDE = new Set(["video/rtx", "video/red", "video/ulpfec"]);

/** The codecs to offer if only one is wanted, like `vp8`; all if this browser does not have it. */
export function onlyCodec<Codec extends { mimeType: string }>(all: readonly Codec[], wanted: string): Codec[] {
  const is = (kind: string) => (codec: Codec) => codec.mimeType.toLowerCase() === kind;
  const chosen = all.filter(is(`video/${wanted}`));
  return chosen.length === 0
    ? [...all]
    : [...chosen, ...all.filter(({ mimeType }) => BESIDE.has(mimeType.toLowerCase()))];
}

/** Names of streams are unique in the room, so they bear the user's, in the letters that names of streams may have. */
export function streamName(user: UserId, what: string): string {
  const letters = Array.from(user, (letter) =>
    /[A-Za-z0-9]/.test(letter) ? letter : `_${letter.codePointAt(0) ?? 0}_`,
  );
  return `${letters.join("")}-${what}`;
}

/**
 * What is worth asking for: tracks whose size really changed. A step of less than a twentieth, or 8 pixels, is none.
 * @param asked what was asked for before, by `trackKey`
 */
export function newWishes(asked: ReadonlyMap<string, TrackWish>, wishes: readonly TrackWish[]): TrackWish[] {
  return wishes.filter((wish) => {
    const before = asked.get(trackKey(wish.stream, wish.source));
    if (!before || (before.wanted ?? true) !== (wish.wanted ?? true)) return true;
    if (wish.wanted === false) return false;
    return isFar(before.width, wish.width) || isFar(before.height, wish.height);
  });
}

function isFar(one = 0, other = 0): boolean {
  if ((one === 0) !== (other === 0)) return true;
  return Math.abs(one - other) > Math.max(8, 0.05 * Math.max(one, other));
}
