// What the client needs of the place where it runs, so that a test, Node or React Native can give something else.
import type { ClientOptions, SocketLike } from "./api/client.js";
import { deviceOf } from "./device.js";
import type { Device } from "./device.js";
import { systemClock } from "./room/clock.js";
import type { Clock } from "./room/clock.js";
import type { DrivenRoom, RoomPort } from "./room/port.js";
import { createRoom } from "./room/room.js";

export interface Surroundings extends Clock {
  /** From 0 to below 1. */
  readonly random: () => number;
  /** 128 random bits as text. */
  readonly newId: () => string;
  readonly openSocket: (url: string, subprotocol: string) => SocketLike;
  /** Who this installation is. */
  readonly device: Device;
  /** Tells when the network came back, or the page was looked at again. @returns how to stop that */
  readonly onAwake: (act: () => void) => () => void;
  readonly createRoom: (port: RoomPort) => DrivenRoom;
}

/** What the options say, and else what there is. */
export function surroundingsOf(options: ClientOptions, given: Partial<Surroundings>): Surroundings {
  const newId = given.newId ?? randomId;
  return {
    now: options.now ?? (() => performance.now()),
    after: systemClock.after,
    random: Math.random,
    newId,
    openSocket: options.openSocket ?? ((url, subprotocol) => new WebSocket(url, subprotocol) as SocketLike),
    device: given.device ?? deviceOf(options, newId),
    onAwake,
    createRoom,
    ...given,
  };
}

/** Neither insecure pages nor React Native have `randomUUID`; the last resort is good enough for a name. */
function randomId(): string {
  const { crypto } = globalThis as { crypto?: Crypto };
  const bytes =
    crypto?.getRandomValues(new Uint8Array(16)) ?? Uint8Array.from({ length: 16 }, () => Math.random() * 256);
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function onAwake(act: () => void): () => void {
  // React Native has a `window` without events, and no document.
  const { document, window } = globalThis as { document?: Document; window?: Partial<EventTarget> };
  const seen = () => {
    if (document?.visibilityState !== "hidden") act();
  };
  const over = new AbortController();
  const { signal } = over;
  window?.addEventListener?.("online", act, { signal });
  document?.addEventListener("visibilitychange", seen, { signal });
  return () => over.abort();
}
