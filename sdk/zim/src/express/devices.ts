// What this browser can record and play through.
import type { ZegoDevice } from "./types.js";

/** The devices of a kind. */
export async function devices(kind: MediaDeviceKind): Promise<ZegoDevice[]> {
  const all = await navigator.mediaDevices.enumerateDevices();
  return all.filter((device) => device.kind === kind).map(deviceOf);
}

function deviceOf({ deviceId, label }: MediaDeviceInfo): ZegoDevice {
  return { deviceID: deviceId, deviceName: label };
}

/** What the browser can do. `type` names one of it: then `result` is whether it can. */
export async function requirements(type?: string) {
  const { mediaDevices } = navigator as Partial<Navigator>;
  const webRTC = typeof RTCPeerConnection === "function";
  const codecs = webRTC ? (RTCRtpSender.getCapabilities("video")?.codecs ?? []) : [];
  const can = (codec: string) =>
    codecs.some(({ mimeType }) => mimeType.toLowerCase() === `video/${codec.toLowerCase()}`);
  const videoCodec = { H264: can("H264"), H265: false, VP8: can("VP8"), VP9: can("VP9") };
  const found = await mediaDevices?.enumerateDevices().catch(() => []);
  const has = (kind: MediaDeviceKind) => found?.some((device) => device.kind === kind) === true;
  const all = {
    webRTC,
    customCapture: typeof HTMLCanvasElement === "function",
    camera: has("videoinput"),
    microphone: has("audioinput"),
    videoCodec,
    screenSharing: typeof mediaDevices?.getDisplayMedia === "function",
  };
  const flags: Readonly<Record<string, unknown>> = { ...all, ...videoCodec };
  return { ...all, result: type === undefined ? webRTC : (flags[type] ?? false), errInfo: {} };
}
