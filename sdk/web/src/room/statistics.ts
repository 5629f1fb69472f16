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

/** A report of `getStats`. Which fields there are is up to the browser. */
type Report = Readonly<Record<string, unknown>>;

/**
 * The digest of a report.
 * @param ownerOf by the section's `a=mid`; reports of sections without an owner are left out
 */
export function digest(
  reports: ReadonlyMap<string, Report>,
  ownerOf: (mid: string, direction: "received" | "sent") => SectionOwner | undefined,
  before: ByteCounts,
): { readonly statistics: RoomStatistics; readonly counts: ByteCounts } {
  const counts = new Map<string, { bytes: number; at: number }>();
  const tracks: TrackStatistics[] = [];
  for (const [id, report] of reports) {
    const direction = directionOf(report);
    const owner = direction && ownerOf(text(report, "mid"), direction);
    if (!owner) continue;
    const count = {
      bytes: number(report, direction === "sent" ? "bytesSent" : "bytesReceived"),
      at: number(report, "timestamp"),
    };
    counts.set(id, count);
    const { source, stream, user } = owner;
    const bitrate = rate(before.get(id), count);
    tracks.push(given({ source, stream, user, bitrate, ...track(report, reports, direction) }));
  }
  return { statistics: { tracks, ...path(reports) }, counts };
}

function track(report: Report, reports: ReadonlyMap<string, Report>, direction: "received" | "sent") {
  const isSent = direction === "sent";
  const other = reports.get(text(report, "remoteId"));
  const rid = text(report, "rid");
  const limit = text(report, "qualityLimitationReason");
  return {
    direction,
    codec: text(reports.get(text(report, "codecId")), "mimeType").split("/")[1] ?? "",
    packets: number(report, isSent ? "packetsSent" : "packetsReceived"),
    lost: number(isSent ? other : report, "packetsLost"),
    width: number(report, "frameWidth"),
    height: number(report, "frameHeight"),
    framesPerSecond: Math.round(number(report, "framesPerSecond")),
    frames: number(report, isSent ? "framesEncoded" : "framesDecoded"),
    rid: rid || undefined,
    limit: limit || undefined,
  };
}

function directionOf(report: Report): "received" | "sent" | undefined {
  if (report["type"] === "inbound-rtp") return "received";
  return report["type"] === "outbound-rtp" ? "sent" : undefined;
}

function rate(before: { bytes: number; at: number } | undefined, now: { bytes: number; at: number }): number {
  const ms = now.at - (before?.at ?? now.at);
  return before && ms > 0 ? Math.max(0, Math.round(((now.bytes - before.bytes) * 8_000) / ms)) : 0;
}

/** How the packets travel: the pair of candidates that was chosen. */
function path(reports: ReadonlyMap<string, Report>): { readonly path: string; readonly rttMs: number } {
  const all = [...reports.values()];
  const transport = all.find(
    (report) => report["type"] === "transport" && text(report, "selectedCandidatePairId") !== "",
  );
  // Firefox has no transport report; its pairs say themselves which is chosen.
  const pair =
    reports.get(text(transport, "selectedCandidatePairId")) ?? all.find((report) => report["selected"] === true);
  const local = reports.get(text(pair, "localCandidateId"));
  if (!local) return { path: "", rttMs: 0 };
  const isRelayed = text(local, "candidateType") === "relay";
  return {
    path: isRelayed ? `relay over ${text(local, "relayProtocol")}` : text(local, "protocol"),
    rttMs: Math.round(number(pair, "currentRoundTripTime") * 1_000),
  };
}

function number(report: Report | undefined, field: string): number {
  const value = report?.[field];
  return typeof value === "number" ? value : 0;
}

function text(report: Report | undefined, field: string): string {
  const value = report?.[field];
  return typeof value === "string" ? value : "";
}
