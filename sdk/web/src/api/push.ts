// Pushes: what a caller sends along for devices that must be woken, and what a service worker leaves for the page.
import type { CallId, CallView, DeviceId, HandleKind, RoomToken, UserId } from "../generated/frames.js";

/** What iOS shows of the caller. */
export interface VoipOptions {
  /** Names the caller for the system's list of calls; at most 256 bytes. */
  handle?: string;
  /** What the handle is. Default: `generic`. */
  handleKind?: HandleKind;
  /** Whether it is shown as a video call. Default: as the invite says. */
  hasVideo?: boolean;
}

/** For devices that must be woken, or whose ring ends. Texts that are absent are those of the resource. */
export interface PushOptions {
  /** The notification's first line; at most 256 bytes. */
  title?: string;
  /** The notification's second line; at most 1 KiB. */
  body?: string;
  /** For the app on the device, untouched; at most 2 KiB. */
  payload?: string;
  /** The app's push resource that says how it is sent. Default: `default`. */
  resource?: string;
  /** Groups notifications of one conversation; at most 64 bytes. */
  thread?: string;
  /** What the app's icon counts from now on, 0–99. Default: as it is. */
  badge?: number;
  voip?: VoipOptions;
}

/** What a request may send along for devices that were woken and are away again. */
export interface WithPush {
  /** Default: the texts of the resource that rang them. */
  push?: PushOptions;
}

/**
 * What the user did about an invitation while no page was open. `accepted`: the service worker has answered, and `room` is the
 * way into the call's room. `accepting`: the user accepts, and no answer of the server was there yet. `tapped`: the user
 * wants to see the call, and has not answered.
 */
export interface Answered {
  readonly kind: "accepted" | "accepting" | "tapped";
  readonly call: CallId;
  /** Who, and the device as which the service worker has answered: a client that goes on with it must be the same. */
  readonly user?: UserId;
  readonly device?: DeviceId;
  /** When, in milliseconds since the UNIX epoch, on this device's clock. */
  readonly at: number;
  readonly room?: RoomToken;
  /** The call as it was then. */
  readonly view?: CallView;
}
