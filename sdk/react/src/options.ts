// What an app may say about the kit.
import type { CallMode, LocalMedia, LocalMediaOptions, UserId } from "@offhook/client";
import type { Clock } from "./clock.js";
import type { ResolveUser } from "./desk/directory.js";
import type { Keep } from "./desk/settings.js";
import type { Language, Words } from "./words/index.js";

/** Makes what records; called once, records nothing by itself. */
export type CreateMedia = (options: LocalMediaOptions) => LocalMedia;

/** Everything has a default. What the user chooses in the settings goes before what is said here. */
export interface KitOptions {
  /** Who people are. Default: what the server knows of them. */
  resolveUser?: ResolveUser | undefined;
  /** Whom the user may add to a call with one click. Default: nobody; ids can be typed. */
  contacts?: readonly UserId[] | undefined;
  /** The call's page is gone, and the app's own has the stage again. */
  onBack?: (() => void) | undefined;
  /** The session is over, and the user wants to sign in again. Without it the kit reconnects. */
  onSignIn?: (() => void) | undefined;
  /** A second call during a call: `ask` (default), or `reject` it as busy. */
  busy?: "ask" | "reject" | undefined;
  /** Nothing rings on this device. Default false. */
  doNotDisturb?: boolean | undefined;
  /** Ring, ringback and the like. Default true. */
  sounds?: boolean | undefined;
  /** Ask before hanging up. Default false. */
  confirmHangUp?: boolean | undefined;
  /** Of calls that are placed. Default: `advanced`, which can be added to. */
  mode?: CallMode | undefined;
  /** How long invitees ring, 1–600 s. Default 60. */
  timeoutS?: number | undefined;
  /** Sent along with an invite; at most 2 KiB. Default: nothing. */
  extendedData?: string | undefined;
  /** Enter the room while a call of two still rings: quicker to the first picture, at the cost of media nobody sees. Default false. */
  enterEarly?: boolean | undefined;
  /** Default: that of the browser; English where there is none of it. */
  language?: Language | "auto" | undefined;
  /** Sentences in place of the kit's own, or all of them for another language. */
  words?: Partial<Words> | undefined;
  /** Default: that of the page. */
  direction?: "auto" | "ltr" | "rtl" | undefined;
  /** Default `auto`: as the system has it. */
  theme?: "auto" | "dark" | "light" | undefined;
  /** Default: `createLocalMedia` of @offhook/client. */
  createMedia?: CreateMedia | undefined;
  /** Default: the clock of the browser; must be that of `ClientOptions.now`. */
  clock?: Clock | undefined;
  /** Where choices are kept. Default `localStorage`; `null` for nowhere. */
  storage?: Keep | null | undefined;
  /** Where this tab remembers the call it is in. Default `sessionStorage`; `null` for nowhere. */
  session?: Keep | null | undefined;
}

/** Of `KitOptions.timeoutS`: long enough to find a phone, short enough to wait. */
export const RING_S = 60;
