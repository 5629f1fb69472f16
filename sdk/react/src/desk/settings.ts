// What the user has chosen, kept in this browser. What is read back may be anything, and is believed only where it fits.
import type { Settings } from "./state.js";

const KEY = "offhook.kit";

/** Where choices are kept; `localStorage`, or nothing. */
export type Keep = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** What holds until the app or the user says otherwise. */
export const DEFAULT_SETTINGS: Settings = {
  doNotDisturb: false,
  busy: "ask",
  sounds: true,
  notifications: true,
  devices: {},
};

/** @param given what the app has set: the beginning of what the user has not chosen */
export function readSettings(keep: Keep | undefined, given: Partial<Settings>): Settings {
  return { ...DEFAULT_SETTINGS, ...given, ...kept(keep) };
}

export function keepSettings(keep: Keep | undefined, settings: Settings): void {
  write(keep, KEY, settings);
}

const PART_KEY = "offhook.part";

/** What this tab was doing in a call, so that it can go on after a reload. */
export interface KeptPart {
  readonly call: string;
  readonly camera: boolean;
  readonly microphone: boolean;
}

export function keepPart(session: Keep | undefined, part: KeptPart | undefined): void {
  if (part) return write(session, PART_KEY, part);
  try {
    session?.removeItem(PART_KEY);
  } catch {
    // A browser that forbids storage has nothing to remove.
  }
}

export function readPart(session: Keep | undefined): KeptPart | undefined {
  const { call, camera, microphone } = read(session, PART_KEY);
  if (typeof call !== "string" || call === "") return undefined;
  return { call, camera: camera === true, microphone: microphone === true };
}

/** The browser's storage, where it lets us have one. */
export function browserStorage(kind: "localStorage" | "sessionStorage"): Keep | undefined {
  try {
    return globalThis[kind];
  } catch {
    return undefined;
  }
}

function kept(keep: Keep | undefined): Partial<Settings> {
  const { doNotDisturb, busy, sounds, notifications, devices } = read(keep, KEY);
  return {
    ...(typeof doNotDisturb === "boolean" ? { doNotDisturb } : {}),
    ...(busy === "ask" || busy === "reject" ? { busy } : {}),
    ...(typeof sounds === "boolean" ? { sounds } : {}),
    ...(typeof notifications === "boolean" ? { notifications } : {}),
    ...(isRecord(devices) ? { devices: readDevices(devices) } : {}),
  };
}

function readDevices({ camera, microphone, speaker }: Record<string, unknown>): Settings["devices"] {
  return {
    ...(typeof camera === "string" ? { camera } : {}),
    ...(typeof microphone === "string" ? { microphone } : {}),
    ...(typeof speaker === "string" ? { speaker } : {}),
  };
}

function read(keep: Keep | undefined, key: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(keep?.getItem(key) ?? "{}");
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function write(keep: Keep | undefined, key: string, value: unknown): void {
  try {
    keep?.setItem(key, JSON.stringify(value));
  } catch {
    // Full or forbidden: the choice holds until the page is closed.
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
