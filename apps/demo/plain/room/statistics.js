// What the browser counts about a connection, in the few numbers that are shown. Pure: reports go in.

/**
 * @typedef {object} Inbound
 * @property {string} track the receiving track's id
 * @property {"audio" | "video"} kind
 * @property {string} codec like `VP8`
 * @property {number} packets
 * @property {number} lost
 * @property {number} frames decoded
 * @property {number} width
 * @property {number} height
 * @property {number} framesPerSecond
 * @property {number} bitrate in bits a second since the last digest
 *
 * @typedef {{kind: string, source: string, rid: string, width: number, height: number, framesPerSecond: number, bitrate: number, limit: string, codec: string}} Outbound
 * @typedef {{inbound: Inbound[], outbound: Outbound[], path: string, rttMs: number, at: number, bytes: Map<string, number>}} Digest
 */

/**
 * @param {Iterable<any>} reports of `getStats`
 * @param {Digest | null} before the last digest, for rates
 * @returns {Digest}
 */
export function digest(reports, before) {
  const byId = new Map([...reports].map((report) => [report.id, report]));
  const all = [...byId.values()];
  const at = Math.max(0, ...all.map((report) => report.timestamp ?? 0));
  const bytes = new Map();
  const rate = (report, count) => {
    bytes.set(report.id, count);
    const was = before?.bytes.get(report.id);
    const ms = at - (before?.at ?? at);
    return was === undefined || ms <= 0 ? 0 : Math.max(0, Math.round(((count - was) * 8_000) / ms));
  };
  const codec = (report) => byId.get(report.codecId)?.mimeType?.split("/")[1] ?? "";
  const inbound = all
    .filter((report) => report.type === "inbound-rtp")
    .map((report) => ({
      track: report.trackIdentifier ?? "",
      kind: report.kind,
      codec: codec(report),
      packets: report.packetsReceived ?? 0,
      lost: report.packetsLost ?? 0,
      frames: report.framesDecoded ?? 0,
      width: report.frameWidth ?? 0,
      height: report.frameHeight ?? 0,
      framesPerSecond: Math.round(report.framesPerSecond ?? 0),
      bitrate: rate(report, report.bytesReceived ?? 0),
    }));
  const outbound = all
    .filter((report) => report.type === "outbound-rtp")
    .map((report) => ({
      kind: report.kind,
      source: byId.get(report.mediaSourceId)?.trackIdentifier ?? "",
      rid: report.rid ?? "",
      codec: codec(report),
      width: report.frameWidth ?? 0,
      height: report.frameHeight ?? 0,
      framesPerSecond: Math.round(report.framesPerSecond ?? 0),
      limit: report.qualityLimitationReason ?? "none",
      bitrate: rate(report, report.bytesSent ?? 0),
    }));
  return { inbound, outbound, ...path(all, byId), at, bytes };
}

/** How the packets travel: the pair of candidates that was chosen. */
function path(all, byId) {
  const transport = all.find((report) => report.type === "transport" && report.selectedCandidatePairId);
  const pair = byId.get(transport?.selectedCandidatePairId);
  const local = byId.get(pair?.localCandidateId);
  if (!local) return { path: "", rttMs: 0 };
  const how = local.candidateType === "relay" ? `relay over ${local.relayProtocol}` : local.protocol;
  return { path: how, rttMs: Math.round((pair.currentRoundTripTime ?? 0) * 1_000) };
}
