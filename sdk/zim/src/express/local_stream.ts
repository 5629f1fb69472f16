// What this device records: a stream of tracks that the app makes, shows and publishes.
import type { TrackSource } from "@offhook/client";
import { given } from "../shared/given.js";
import { captureFailure } from "./failure.js";
import { PlayingElement } from "./element.js";
import type {
  AnyLocalStream,
  ZegoAudioCapture,
  ZegoCameraCapture,
  ZegoStreamSource,
  ZegoVideoCapture,
  ZegoViewOption,
} from "./types.js";

const LINES = { 1: 240, 2: 480, 3: 720, 4: 480 } as const;

const made = new WeakMap<MediaStream, ZegoLocalStream>();

/** A local stream. */
export class ZegoLocalStream {
  readonly #video = new PlayingElement("video");
  readonly #audio = new PlayingElement("audio");

  constructor(
    readonly stream: MediaStream,
    /** What it records, as rooms call it. */
    readonly picture: "camera" | "screen",
  ) {
    made.set(stream, this);
  }

  /** The local stream that a stream of the older form belongs to; makes one of any other. */
  static of(stream: AnyLocalStream): ZegoLocalStream {
    return stream instanceof ZegoLocalStream ? stream : (made.get(stream) ?? new ZegoLocalStream(stream, "camera"));
  }

  getTracks(): MediaStreamTrack[] {
    return this.stream.getTracks();
  }
  getAudioTracks(): MediaStreamTrack[] {
    return this.stream.getAudioTracks();
  }
  getVideoTracks(): MediaStreamTrack[] {
    return this.stream.getVideoTracks();
  }

  /** Shows the picture in an element, or in the one of that id. */
  playVideo(view: HTMLElement | string, options: ZegoViewOption = {}): void {
    this.#video.play(view, this.stream, { ...options, muted: true });
  }
  stopPlayVideo(): void {
    this.#video.stop();
  }
  /** Lets the user hear themself. */
  playAudio(): void {
    this.#audio.play(document.body, this.stream, {});
  }
  stopPlayAudio(): void {
    this.#audio.stop();
  }

  /** What rooms call a track of this stream. */
  sourceOf(track: MediaStreamTrack): TrackSource {
    if (track.kind === "video") return this.picture;
    return this.picture === "screen" ? "screen_audio" : "microphone";
  }

  /** Records with another track of the same kind; the former one is stopped. */
  put(track: MediaStreamTrack): void {
    this.drop(track.kind as "audio" | "video");
    this.stream.addTrack(track);
  }

  /** Records no more of a kind. */
  drop(kind: "audio" | "video"): void {
    for (const former of this.stream.getTracks().filter((other) => other.kind === kind)) {
      this.stream.removeTrack(former);
      former.stop();
    }
  }

  /** Stops everything. */
  destroy(): void {
    this.stopPlayVideo();
    this.stopPlayAudio();
    for (const track of this.stream.getTracks()) track.stop();
  }
}

/** Records what a local stream is to be made of. */
export async function capture({ camera = {}, custom, screen }: ZegoStreamSource): Promise<ZegoLocalStream> {
  if (custom) {
    const sources = [custom.source, custom.video?.source, custom.audio?.source].filter(
      (source) => source !== undefined,
    );
    const tracks = sources.flatMap((source) => ("getTracks" in source ? source.getTracks() : [source]));
    return new ZegoLocalStream(new MediaStream(tracks), "camera");
  }
  try {
    if (screen === undefined || screen === false) {
      return new ZegoLocalStream(await navigator.mediaDevices.getUserMedia(constraintsOf(camera)), "camera");
    }
    const { audio = false, video = true } = screen === true ? {} : screen;
    const wanted = { audio: Boolean(audio), video: videoConstraints(video === true ? {} : video || {}) };
    return new ZegoLocalStream(await navigator.mediaDevices.getDisplayMedia(wanted), "screen");
  } catch (error) {
    throw captureFailure(error);
  }
}

/** Records another track of a kind. */
export async function captureTrack(constraints: MediaStreamConstraints): Promise<MediaStreamTrack> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia(constraints);
    return stream.getTracks()[0] as MediaStreamTrack;
  } catch (error) {
    throw captureFailure(error);
  }
}

function constraintsOf({ video = true, audio = true, ...older }: ZegoCameraCapture): MediaStreamConstraints {
  const { videoInput, videoQuality, audioInput } = older;
  const picture: ZegoVideoCapture = { ...older, ...given({ input: videoInput, quality: videoQuality }) };
  const sound: ZegoAudioCapture = { ...older, ...given({ input: audioInput }) };
  return {
    video: video === false ? false : videoConstraints(video === true ? picture : video),
    audio: audio === false ? false : audioConstraints(audio === true ? sound : audio),
  };
}

function videoConstraints({ input, quality = 2, ...wanted }: ZegoVideoCapture): MediaTrackConstraints {
  const { facingMode, frameRate, height = { ideal: LINES[quality] }, width } = wanted;
  const which = input === undefined ? { facingMode } : { deviceId: { exact: input } };
  return given({ height, width, frameRate, ...which });
}

function audioConstraints({ input, AEC = true, AGC = true, ANS = true }: ZegoAudioCapture): MediaTrackConstraints {
  const deviceId = input === undefined ? undefined : { exact: input };
  return given({ echoCancellation: AEC, autoGainControl: AGC, noiseSuppression: ANS, deviceId });
}
