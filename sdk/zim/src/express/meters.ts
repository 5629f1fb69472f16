// What is told from time to time: how loud everybody is, and what the browser counts.
import type { Room, TrackStatistics } from "@offhook/client";
import { platform } from "../shared/platform.js";
import type { ZegoStreamQuality } from "./types.js";
import type { Emit } from "./emit.js";

/** How often what the browser counts is told, in milliseconds. */
const STATISTICS_MS = 3000;

/** Does something now and then. @returns how to stop that */
export function every(ms: number, act: () => void): () => void {
  const tick = () => {
    act();
    cancel = platform().later(tick, ms);
  };
  let cancel = platform().later(tick, ms);
  return () => cancel();
}

/** Tells how loud everybody is, by their streams. */
export function tellLevels(room: Room, emit: Emit): void {
  const levels = room.state.participants.flatMap(({ isMe, level, streams }) =>
    streams
      .filter(({ tracks }) => tracks.some(({ source }) => source === "microphone"))
      .map(({ name }) => ({ streamID: name, soundLevel: level, type: isMe ? ("push" as const) : ("pull" as const) })),
  );
  if (levels.length > 0) emit("soundLevelUpdate", levels);
  emit("capturedSoundLevelUpdate", room.state.participants.find(({ isMe }) => isMe)?.level ?? 0);
}

/** Tells what the browser counts, while it is wished for. @returns how to stop that */
export function tellStatistics(room: Room, emit: Emit, isWished: () => boolean): () => void {
  return every(STATISTICS_MS, () => {
    if (isWished()) void tellOnce(room, emit).catch(() => undefined);
  });
}

async function tellOnce(room: Room, emit: Emit): Promise<void> {
  const { rttMs, tracks } = await room.statistics();
  for (const streamID of new Set(tracks.map(({ stream }) => stream))) {
    const own = tracks.filter(({ stream }) => stream === streamID);
    const quality = qualityOf(streamID, own, rttMs);
    emit(own[0]?.direction === "sent" ? "publishQualityUpdate" : "playQualityUpdate", streamID, quality);
  }
}

function qualityOf(streamID: string, tracks: readonly TrackStatistics[], rttMs: number): ZegoStreamQuality {
  const video = tracks.filter(({ source }) => source === "camera" || source === "screen");
  const audio = tracks.filter((track) => !video.includes(track));
  // Of several sizes that are sent the largest is what the app knows.
  const [largest] = [...video].sort((one, other) => other.height - one.height);
  return {
    streamID,
    video: {
      videoBitrate: kilobits(video),
      videoFPS: largest?.framesPerSecond ?? 0,
      frameWidth: largest?.width ?? 0,
      frameHeight: largest?.height ?? 0,
      videoPacketsLostRate: lossOf(video),
    },
    audio: { audioBitrate: kilobits(audio), audioPacketsLostRate: lossOf(audio) },
    currentRoundTripTime: rttMs,
  };
}

function kilobits(tracks: readonly TrackStatistics[]): number {
  return tracks.reduce((total, { bitrate }) => total + bitrate, 0) / 1000;
}

function lossOf(tracks: readonly TrackStatistics[]): number {
  const [lost, all] = tracks.reduce(
    ([some, total], { lost, packets }) => [some + lost, total + lost + packets],
    [0, 0],
  );
  return lost / (all || 1);
}
