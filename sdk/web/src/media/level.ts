// How loud a track is, measured as often as somebody looks.
import type { Clock } from "../room/clock.js";

const EVERY_MS = 100;

/** Measures a track until it is stopped. @param onLevel is told 0 for silence to 100, on the scale of the room's levels */
export function measure(
  track: MediaStreamTrack,
  clock: Clock,
  openContext: () => AudioContext,
  onLevel: (level: number) => void,
): () => void {
  const context = openContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  // Before the user has touched the page it may have to wait.
  context.resume().catch(() => undefined);
  const samples = new Float32Array(analyser.fftSize);
  let stop: () => void;
  const look = () => {
    analyser.getFloatTimeDomainData(samples);
    onLevel(track.enabled ? levelOf(samples) : 0);
    stop = clock.after(EVERY_MS, look);
  };
  stop = clock.after(EVERY_MS, look);
  return () => {
    stop();
    context.close().catch(() => undefined);
  };
}

/** From −60 dB, which is silence, to −10 dB, which is shouting. */
export function levelOf(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length);
  const decibels = 10 * Math.log10(power);
  return Math.round(Math.min(100, Math.max(0, (decibels + 60) * 2)));
}
