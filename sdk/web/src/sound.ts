// @offhook/client/sound: plays everybody's sound. Apart from the rest, because UI kits bring elements of their own.
export type * from "./api/sound.js";
export { playSound } from "./media/player.js";
export { playOn } from "./media/speaker.js";
