// What page and service worker keep on the shelf, and under which names.
import type { Answered } from "../api/push.js";
import type { CallId, DeviceId, UserId } from "../generated/frames.js";
import type { PushDocument } from "./document.js";
import type { Shelf } from "./shelf.js";

/** What the device knows of rings: `KnownRings`. */
export const RINGS = "rings";
/** Who is subscribed here: `KeptSubscription`. */
export const SUBSCRIPTION = "subscription";
/** What the worker has left for the page: `Answered`. */
const ANSWERED = "answered";

/** The field of a message from the worker that says what is new: `answered` or `subscription`. */
export const NUDGE = "offhook";

/** A page tells the worker, in the same field, that a ring is over. */
export const SETTLED = "settled";

export interface Settled {
  readonly [NUDGE]: typeof SETTLED;
  /** The ring, as if a stop told of it. */
  readonly document: PushDocument;
}

/** What was left is past after so many milliseconds: who opens the app tomorrow does not want to join yesterday's call. */
const FRESH_MS = 600_000;

/** Who gets pushes in this browser. */
export interface KeptSubscription {
  readonly user: UserId;
  readonly device: DeviceId;
  /** The key of the server, as text. */
  readonly key: string;
  readonly resource?: string;
}

export function keepAnswered(shelf: Shelf, answered: Answered): Promise<void> {
  return shelf.change(ANSWERED, () => [answered, undefined]);
}

/** What was left of a call that could not be entered. */
export function takeBack(shelf: Shelf, call: CallId): Promise<void> {
  return shelf.change(ANSWERED, (before) => [isOf(before, call) ? undefined : before, undefined]);
}

/** Takes what was left for this user and device, once; what is too old goes as well. @param now in milliseconds since the UNIX epoch */
export function takeKept(
  shelf: Shelf,
  { device, user }: { device: DeviceId; user?: UserId | undefined },
  now: number,
): Promise<Answered | undefined> {
  return shelf.change(ANSWERED, (before) => {
    const answered = before as Answered | undefined;
    if (!answered || now - answered.at > FRESH_MS) return [undefined, undefined];
    const isOthers = (answered.user ?? user) !== user || (answered.device ?? device) !== device;
    return isOthers ? [answered, undefined] : [undefined, answered];
  });
}

function isOf(answered: unknown, call: CallId): boolean {
  return (answered as Answered | undefined)?.call === call;
}
