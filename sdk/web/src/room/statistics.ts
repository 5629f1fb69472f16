// What the browser counts about a connection, in the few numbers that are shown. Pure: reports go in.
import type { TrackSource, UserId } from "../generated/frames.js";
import type { RoomStatistics, TrackStatistics } from "../api/room.js";
import { given } from "../given.js";

/** Whose a media section is. */
export interface SectionOwner {
  readonly user: UserId;
  readonly stream: string;
  readonly source: TrackSource;
}

/** Counts of bytes, from which the next digest makes rates. */
export type ByteCounts = ReadonlyMap<string, { readonly bytes: number; readonly at: number }>;

/** What is read of the reports of `getStats`. Which of it there is is up to the browser. */
interface Report {
  readonly type?: string;
  readonly timestamp?: number;
  readonly mid?: string;
  readonly rid?: string;
  readonly codecId?: string;
  readonly mimeType?: string;
  readonly remoteId?: string;
  readonly bytesReceived?: number;
  readonly bytesSent?: number;
  readonly packetsLost?: number;
  readonly packetsReceived?: number;
  readonly packetsSent?: number;
  readonly frameHeight?: number;
  readonly frameWidth?: number;
  readonly framesDecoded?: number;
  readonly framesEncoded?: number;
  readonly framesPerSecond?: number;
  readonly qualityLimitationReason?: string;
  readonly selectedCandidatePairId?: string;
  readonly selected?: boolean;
  readonly localCandidateId?: string;
  readonly candidateType?: string;
  readonly protocol?: string;
  readonly relayProtocol?: string;
  readonly currentRoundTripTime?: number;
}

type Reports = ReadonlyMap<string, Report>;

/**
 * The digest of a report.
 * @param ownerOf by the section's `a=mid`; reports of sections without an owner are left out
 */
export function digest(
  reports: ReadonlyMap<string, object>,
  ownerOf: (mid: string, direction: "received" | "sent") => SectionOwner | undefined,
  before: ByteCounts,
): { readonly statistics: RoomStatistics; readonly counts: ByteCounts } {
  const counts = new Map<string, { bytes: number; at: number }>();
  const tracks: TrackStatistics[] = [];
  for (const [id, report] of reports as Reports) {
    const { bytesReceived, bytesSent, mid, timestamp, type } = report;
    const direction: "received" | "sent" | undefined =
      type === "inbound-rtp" ? "received" : type === "outbound-rtp" ? "sent" : undefined;
    const owner = direction && ownerOf(mid ?? "", direction);
    if (!owner) continue;
    const count = { bytes: (direction === "sent" ? bytesSent : bytesReceived) ?? 0, at: timestamp ?? 0 };
    counts.set(id, count);
    const { source, stream, user } = owner;
    const bitrate = rate(before.get(id), count);
    tracks.push(given({ source, stream, user, direction, bitrate, ...track(report, reports, direction === "sent") }));
  }
  return { statistics: { tracks, ...path(reports) }, counts };
}

function track(report: Report, reports: Reports, isSent: boolean) {
  const { codecId = "", frameHeight = 0, frameWidth = 0, framesPerSecond = 0, remoteId = "" } = report;
  // How much was lost on its way the other side says.
  const { packetsLost = 0 } = isSent ? (reports.get(remoteId) ?? {}) : report;
  return {
    codec: reports.get(codecId)?.mimeType?.split("/")[1] ?? "",
    packets: (isSent ? report.packetsSent : report.packetsReceived) ?? 0,
    lost: packetsLost,
    width: frameWidth,
    height: frameHeight,
    framesPerSecond: Math.round(framesPerSecond),
    frames: (isSent ? report.framesEncoded : report.framesDecoded) ?? 0,
    rid: report.rid,
    limit: report.qualityLimitationReason,
  };
}

function rate(before: { bytes: number; at: number } | undefined, now: { bytes: number; at: number }): number {
  const ms = now.at - (before?.at ?? now.at);
  return before && ms > 0 ? Math.max(0, Math.round(((now.bytes - before.bytes) * 8_000) / ms)) : 0;
}

/** How the packets travel: the pair of candidates that was chosen. */
function path(reports: Reports): { readonly path: string; readonly rttMs: number } {
  const all = [...reports.values()];
  const { selectedCandidatePairId = "" } = all.find((report) => report.selectedCandidatePairId) ?? {};
  // Firefox has no transport report; its pairs say themselves which is chosen.
  const pair = reports.get(selectedCandidatePairId) ?? all.find(({ selected }) => selected);
  const local = reports.get(pair?.localCandidateId ?? "");
  if (!local) return { path: "", rttMs: 0 };
  const { candidateType, protocol = "", relayProtocol = "" } = local;
  return {
    path: candidateType === "relay" ? `relay over ${relayProtocol}` : protocol,
    rttMs: Math.round((pair?.currentRoundTripTime ?? 0) * 1_000),
  };
}
