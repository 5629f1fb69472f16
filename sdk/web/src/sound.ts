// @offhook/client/sound: plays everybody's sound. Apart from the rest: an app with elements of its own does without.
export type * from "./api/sound.js";
export { playSound } from "./media/player.js";
export { playOn } from "./media/speaker.js";
