// The screen or window that the user chooses to show.
import type { LocalTrouble } from "../api/local_media.js";
import { given } from "../given.js";
import { troubleOf } from "./trouble.js";

/** A screen is read, not watched. More frames cost what sharp letters need. */
const MOST_FRAMES_A_SECOND = 15;

/** A screen that is shown. */
export interface Screen {
  readonly track: MediaStreamTrack;
  /** Its sound, if the user lets it be heard. */
  readonly audioTrack?: MediaStreamTrack;
}

/** Asks the user. Without trouble and without a screen, they thought better of it. */
export async function askForScreen(
  devices: MediaDevices | undefined,
): Promise<{ readonly screen?: Screen; readonly trouble?: LocalTrouble }> {
  if (!devices) return { trouble: "insecure" };
  // Phones have none.
  if (!(devices as Partial<MediaDevices>).getDisplayMedia) return { trouble: "missing" };
  try {
    const stream = await devices.getDisplayMedia({ video: { frameRate: { max: MOST_FRAMES_A_SECOND } }, audio: true });
    const [track] = stream.getVideoTracks();
    const [audioTrack] = stream.getAudioTracks();
    if (!track) return { trouble: "failed" };
    track.contentHint = "detail";
    return { screen: given({ track, audioTrack }) };
  } catch (error) {
    const trouble = troubleOf(error);
    const isSystem = error instanceof Error && /system/i.test(error.message);
    return trouble === "denied" && !isSystem ? {} : { trouble };
  }
}

export function stopScreen({ audioTrack, track }: Screen): void {
  track.stop();
  audioTrack?.stop();
}
