// The rules of negotiating, without a connection: whose turn it is, what is offered, and how descriptions are narrowed
// for tests.

/** A camera's three encodings. The smallest must come through a narrow connection; the largest is worth a full screen. */
const CAMERA = [
  { rid: "q", scaleResolutionDownBy: 4 },
  { rid: "h", scaleResolutionDownBy: 2 },
  { rid: "f", scaleResolutionDownBy: 1 },
];
/** What a picture of up to so many lines is given, in bits a second. */
const RATES = [
  [100, 100_000],
  [200, 200_000],
  [400, 600_000],
  [Infinity, 1_700_000],
];
/** Below this height browsers send two encodings at most, and would leave out the largest of three. */
const SMALL_CAMERA = 540;
/** A screen is read, not watched: one encoding, sharp. */
const SCREEN = [{ maxBitrate: 2_500_000 }];
/** Without these, repaired packets and redundancy would be lost together with the codecs that are not wanted. */
const BESIDE = new Set(["video/rtx", "video/red", "video/ulpfec"]);

/**
 * Whose turn it is. A client's offer voids an offer of the server that is under way; the server makes that one again. So
 * the client passes over a server's offer that came while its own was unanswered, or that was overtaken while it waited. One
 * that is void may also come after the answer, which therefore names the last one that is.
 */
export class Turns {
  #made = 0;
  #isOpen = false;
  #voided = 0;

  /** The client's own offer is about to be sent. */
  open() {
    this.#made += 1;
    this.#isOpen = true;
  }

  /** The reply to it is here. @param {{voids?: number}} [answer] none if it was refused */
  close(answer) {
    this.#isOpen = false;
    if (answer) this.#voided = answer.voids ?? 0;
  }

  /** A server's offer came: a ticket for it, or null if it is to be passed over. @param {number} negotiation @returns {number | null} */
  arrive(negotiation) {
    return this.#isOpen || negotiation <= this.#voided ? null : this.#made;
  }

  /** Whether the offer with this ticket still counts. @param {number} ticket */
  counts(ticket) {
    return ticket === this.#made;
  }
}

/**
 * @param {import("./roster.js").Source} source
 * @param {{codec: string | null, isSimulcast: boolean}} options
 * @param {number} height of the picture, in pixels
 * @returns {RTCRtpEncodingParameters[] | undefined} undefined for sound
 */
export function encodings(source, { codec, isSimulcast }, height) {
  if (source === "microphone" || source === "screen_audio") return undefined;
  if (source === "screen") return SCREEN;
  if (!isSimulcast) return [{ maxBitrate: rate(height) }];
  // VP9 and AV1 would make one scalable stream of the three unless each is told to be a plain one.
  const isScalable = codec === "vp9" || codec === "av1";
  return (height < SMALL_CAMERA ? CAMERA.slice(1) : CAMERA).map((encoding) => ({
    ...encoding,
    maxBitrate: rate(height / encoding.scaleResolutionDownBy),
    ...(isScalable ? { scalabilityMode: "L1T1" } : {}),
  }));
}

function rate(height) {
  return RATES.find(([lines]) => height <= lines)[1];
}

/**
 * The codecs to offer if only one is wanted.
 * @template {{mimeType: string}} Codec
 * @param {Codec[]} all
 * @param {string} wanted like `vp8`
 * @returns {Codec[]}
 */
export function onlyCodec(all, wanted) {
  const kind = `video/${wanted}`;
  const chosen = all.filter((codec) => codec.mimeType.toLowerCase() === kind);
  return [...chosen, ...all.filter((codec) => BESIDE.has(codec.mimeType.toLowerCase()))];
}

/** Whether an `a=candidate` line, with or without its beginning, is reached over TCP. @param {string} line */
export function isTcp(line) {
  return line.split(" ")[2]?.toLowerCase() === "tcp" || line.split(" ")[2]?.toLowerCase() === "ssltcp";
}

/** A description in which every candidate that is not TCP is left out. @param {string} sdp */
export function onlyTcp(sdp) {
  const lines = sdp.split("\r\n");
  return lines.filter((line) => !line.startsWith("a=candidate:") || isTcp(line)).join("\r\n");
}

/**
 * What an offer names: every stream that is published, by the media sections that carry its tracks.
 * @param {{stream: string, source: import("./roster.js").Source, mid: string | null, muted: boolean}[]} sent
 */
export function offered(sent) {
  const streams = new Map();
  for (const { stream, source, mid, muted } of sent.filter((each) => each.mid !== null)) {
    if (!streams.has(stream)) streams.set(stream, { stream, extra_info: "", tracks: [] });
    streams.get(stream).tracks.push({ mid, source, muted });
  }
  return [...streams.values()];
}

/**
 * What to ask for when tiles were resized: a wish for each track whose size really changed.
 * @param {Map<string, {width: number, height: number}>} asked by `trackKey`; what was asked before
 * @param {{key: string, stream: string, source: import("./roster.js").Source, width: number, height: number}[]} shown
 */
export function wishes(asked, shown) {
  const isNew = ({ key, width, height }) => {
    const before = asked.get(key);
    if (!before) return true;
    const far = (one, other) => Math.abs(one - other) > Math.max(8, 0.05 * Math.max(one, other));
    return far(before.width, width) || far(before.height, height);
  };
  return shown
    .filter(isNew)
    .map(({ stream, source, width, height }) => ({ stream, source, width, height, wanted: width > 0 && height > 0 }));
}
