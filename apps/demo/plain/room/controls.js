// What one does in a room: speak or not, show oneself or not, show a screen.
import { round } from "../dom.js";
import { recordScreen } from "./devices.js";

/**
 * @param {import("./room.js").Room} room
 * @param {(sentence: string) => void} onMissing
 * @returns {HTMLElement[]}
 */
export function controls(room, onMissing) {
  const sent = (source) => room.sent.find((each) => each.source === source);
  const toggle = (source, name, words) => {
    const own = sent(source);
    const isOn = own !== undefined && !own.muted;
    return round({
      icon: isOn ? name : `${name}_off`,
      word: words.word,
      tone: isOn ? "quiet" : "off",
      key: source,
      label: own ? (isOn ? words.off : words.on) : words.missing,
      isDisabled: !own,
      onclick: () => room.mute(source, isOn),
    });
  };
  const isSharing = sent("screen") !== undefined;
  return [
    toggle("microphone", "microphone", {
      word: "Microphone",
      off: "Mute the microphone",
      on: "Unmute the microphone",
      missing: "No microphone",
    }),
    toggle("camera", "camera", {
      word: "Camera",
      off: "Turn the camera off",
      on: "Turn the camera on",
      missing: "No camera",
    }),
    round({
      icon: "screen",
      word: isSharing ? "Stop sharing" : "Share screen",
      tone: isSharing ? "accept" : "quiet",
      key: "screen",
      onclick: () => (isSharing ? room.unshare() : share(room, onMissing)),
    }),
  ];
}

async function share(room, onMissing) {
  const screen = await recordScreen(onMissing);
  if (!screen) return;
  // The choice takes as long as it takes; the room may be left by then.
  if (room.stay.phase === "in") await room.share(screen);
  else for (const track of screen.getTracks()) track.stop();
}

/** Changes when `controls` would look different. @param {import("./room.js").Room} room */
export function controlsKey(room) {
  return JSON.stringify(room.sent.map(({ source, muted }) => [source, muted]));
}
