// The microphone, the camera and the screen of this device.
import { deviceWords } from "./words.js";

/**
 * What can be recorded. If both together fail, each is tried alone: a call without a picture is better than none.
 * @param {{audio: boolean, video: boolean, height: number}} wanted
 * @param {(sentence: string) => void} onMissing
 * @returns {Promise<MediaStreamTrack[]>}
 */
export async function record({ audio, video, height }, onMissing) {
  const picture = {
    height: { ideal: height },
    width: { ideal: Math.round((height * 16) / 9) },
    frameRate: { ideal: 30 },
  };
  const open = async (constraints) => (await navigator.mediaDevices.getUserMedia(constraints)).getTracks();
  if (!audio && !video) return [];
  if (audio && video) {
    try {
      return await open({ audio: true, video: picture });
    } catch {
      // One of the two may be there.
    }
  }
  const alone = async (what, constraints) => {
    try {
      return await open(constraints);
    } catch (error) {
      onMissing(deviceWords(what, error));
      return [];
    }
  };
  const voices = audio ? await alone("Microphone", { audio: true }) : [];
  return [...voices, ...(video ? await alone("Camera", { video: picture }) : [])];
}

/**
 * A screen or window that the user chooses.
 * @param {(sentence: string) => void} onMissing
 * @returns {Promise<MediaStream | null>} null if the user thought better of it
 */
export async function recordScreen(onMissing) {
  try {
    const screen = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: true });
    for (const track of screen.getVideoTracks()) track.contentHint = "detail";
    return screen;
  } catch (error) {
    if (error.name !== "NotAllowedError") onMissing(deviceWords("Screen", error));
    return null;
  }
}

/** @param {MediaStreamTrack[]} tracks */
export function release(tracks) {
  for (const track of tracks) track.stop();
}
