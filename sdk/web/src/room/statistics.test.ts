// The digest of what a browser counts.
import { beforeEach, expect, test, vi } from "vitest";
import { FakeStream, FakeWorld, streamOf } from "../testing/fake_media.js";
import { digest } from "./statistics.js";

beforeEach(() => {
  vi.stubGlobal("MediaStream", FakeStream);
});

function reports(...all: Record<string, unknown>[]): Map<string, Record<string, unknown>> {
  return new Map(all.map((report) => [String(report["id"]), report]));
}

const owner = { user: "bob", stream: "bob-main", source: "camera" as const };

function inbound(bytesReceived: number, timestamp: number) {
  const counts = { packetsReceived: 10, packetsLost: 1, framesDecoded: 25, frameWidth: 640, frameHeight: 360 };
  const codec = { codecId: "C", framesPerSecond: 24.6 };
  return { id: "I", type: "inbound-rtp", mid: "s0", bytesReceived, timestamp, ...counts, ...codec };
}

test("a track's rate is what came since the digest before", () => {
  const codec = { id: "C", type: "codec", mimeType: "video/VP8" };
  const first = digest(reports(inbound(1_000, 1_000), codec), () => owner, new Map());
  expect(first.statistics.tracks).toEqual([
    {
      ...owner,
      direction: "received",
      codec: "VP8",
      bitrate: 0,
      packets: 10,
      lost: 1,
      width: 640,
      height: 360,
      framesPerSecond: 25,
      frames: 25,
    },
  ]);
  const second = digest(reports(inbound(126_000, 2_000), codec), () => owner, first.counts);
  expect(second.statistics.tracks[0]?.bitrate).toBe(1_000_000);
  const anew = digest(reports(inbound(0, 3_000), codec), () => owner, second.counts);
  expect(anew.statistics.tracks[0]?.bitrate).toBe(0);
});

test("of what is sent, the loss is what the server reports, and each encoding stands for itself", () => {
  const sent = { type: "outbound-rtp", mid: "0", packetsSent: 7, framesEncoded: 3, remoteId: "R" };
  const { statistics } = digest(
    reports(
      { id: "A", ...sent, rid: "q", qualityLimitationReason: "bandwidth" },
      { id: "B", ...sent, rid: "f" },
      { id: "R", type: "remote-inbound-rtp", packetsLost: 2 },
    ),
    () => ({ ...owner, user: "alice" }),
    new Map(),
  );
  expect(statistics.tracks.map(({ limit, lost, packets, rid }) => [rid, packets, lost, limit])).toEqual([
    ["q", 7, 2, "bandwidth"],
    ["f", 7, 2, undefined],
  ]);
});

test("the path is that of the chosen pair, in the ways that browsers say it", () => {
  const pair = { id: "P", type: "candidate-pair", localCandidateId: "L", currentRoundTripTime: 0.0314 };
  const local = { id: "L", candidateType: "relay", relayProtocol: "tcp", protocol: "udp" };
  const transport = { id: "T", type: "transport", selectedCandidatePairId: "P" };
  const nobody = () => undefined;
  expect(digest(reports(pair, local, transport), nobody, new Map()).statistics).toEqual({
    tracks: [],
    path: "relay over tcp",
    rttMs: 31,
  });
  const host = { ...local, candidateType: "host" };
  expect(digest(reports({ ...pair, selected: true }, host), nobody, new Map()).statistics.path).toBe("udp");
  expect(digest(reports(pair, local), nobody, new Map()).statistics).toEqual({ tracks: [], path: "", rttMs: 0 });
});

test("a room's statistics are of its streams, and of no sections that nobody owns", async () => {
  const world = await FakeWorld.entered(["camera"]);
  world.hear("room.streams", { added: [streamOf("bob", "camera")] });
  await world.offer(1, [{ mid: "v1", stream: "bob-main", source: "camera" }]);
  await world.clock.pass(100);
  world.peer.reports = reports(
    { ...inbound(1, 1), mid: "v1" },
    { ...inbound(1, 1), id: "X", mid: "nowhere" },
    { id: "O", type: "outbound-rtp", mid: "own0" },
  );
  const { tracks } = await world.room.statistics();
  expect(tracks.map(({ direction, source, stream, user }) => [direction, user, stream, source])).toEqual([
    ["received", "bob", "bob-main", "camera"],
    ["sent", "alice", "mine", "camera"],
  ]);
  await world.room.leave();
  expect(await world.room.statistics()).toEqual({ tracks: [], path: "", rttMs: 0 });
});
